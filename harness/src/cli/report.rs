//! `wsspec report`: reports from any run, also an old one.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use wsspec_reports::autobahn::Part;
use wsspec_reports::read::{self, Results};

use super::arguments;
use super::failure::Failure;
use super::terminal;
use crate::run::{Exit, write_autobahn, write_html, write_junit};

/// Reads a results file.
pub(super) fn results(path: &Path) -> Result<Results, Failure> {
    let file = File::open(path).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    read::read(BufReader::new(file)).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// Reports.
pub fn report(options: &arguments::Report) -> Result<Exit, Failure> {
    let results = results(&options.results)?;
    if let Some(path) = &options.html {
        write_html(&results, path)?;
    }
    if let Some(path) = &options.junit {
        write_junit(&results, path)?;
    }
    if let Some(folder) = &options.autobahn_report {
        write_autobahn(&[Part { agent: options.agent.as_deref(), results: &results }], folder)?;
    }
    let html = options.html.as_ref().map(|path| path.display().to_string());
    terminal::summary(&results, options.strict, html)?;
    Ok(Exit::Held)
}
