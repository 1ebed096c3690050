//! `wsspec matrix`: the results of many targets in one table.

use std::io::Write as _;

use wsspec_reports::matrix::Matrix;

use super::arguments;
use super::failure::Failure;
use super::report;
use crate::run::{Exit, write_file};

/// Prints and writes the table.
pub fn matrix(options: &arguments::Matrix) -> Result<Exit, Failure> {
    let mut runs = Vec::new();
    for path in &options.results {
        let results = report::results(path)?;
        // The folder tells runs apart where the targets do not name themselves.
        let folder =
            path.parent().and_then(|folder| folder.file_name()).map(|name| name.to_string_lossy().into_owned());
        let name = folder.filter(|name| !name.is_empty()).or(results.run.target.name.clone()).unwrap_or_default();
        runs.push((name, results));
    }
    let matrix = Matrix::of(&runs);
    if let Some(path) = &options.html {
        let html = matrix.html().map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
        write_file(path, &html)?;
    }
    // Whoever reads our output may have seen enough.
    let _ = anstream::stdout().write_all(matrix.text().as_bytes());
    Ok(Exit::Held)
}
