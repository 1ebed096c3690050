//! The reports of a run on disk.

use std::path::{Path, PathBuf};

use wsspec_reports::autobahn::{Part, files};
use wsspec_reports::read::Results;

use super::files::{WriteError, write};

/// Where the reports of a run go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportFiles {
    /// The HTML page.
    pub html: Option<PathBuf>,
    /// The JUnit file.
    pub junit: Option<PathBuf>,
    /// The folder of a report in the shape of Autobahn|Testsuite.
    pub autobahn: Option<PathBuf>,
}

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The report cannot be made: a bug in wsspec.
    #[error("cannot make {what}: {why}; please report this")]
    Render {
        /// Which report.
        what: &'static str,
        /// Why not.
        why: String,
    },
}

impl ReportError {
    fn render(what: &'static str) -> impl Fn(&dyn std::fmt::Display) -> Self {
        move |why| Self::Render { what, why: why.to_string() }
    }
}

impl ReportFiles {
    /// Writes all reports, also those after one that failed.
    ///
    /// # Errors
    /// The first error.
    pub fn write(&self, results: &Results) -> Result<(), ReportError> {
        let junit = self.junit.as_ref().map_or(Ok(()), |path| write_junit(results, path));
        let html = self.html.as_ref().map_or(Ok(()), |path| write_html(results, path));
        let part = [Part { agent: None, results }];
        // A run that came to nothing has no agent to show.
        let parts = if results.cases.is_empty() { &[][..] } else { &part[..] };
        let autobahn = self.autobahn.as_ref().map_or(Ok(()), |folder| write_autobahn(parts, folder));
        junit.and(html).and(autobahn)
    }
}

/// Writes the HTML report.
///
/// # Errors
/// A file that cannot be written.
pub fn write_html(results: &Results, path: &Path) -> Result<(), ReportError> {
    let html = wsspec_reports::html::render(results).map_err(|why| ReportError::render("the HTML report")(&why))?;
    Ok(write(path, &html)?)
}

/// Writes the JUnit report.
///
/// # Errors
/// A file that cannot be written.
pub fn write_junit(results: &Results, path: &Path) -> Result<(), ReportError> {
    let xml = wsspec_reports::junit::render(results).map_err(|why| ReportError::render("the JUnit report")(&why))?;
    Ok(write(path, &xml)?)
}

/// Writes a report in the shape of Autobahn|Testsuite into a folder.
///
/// # Errors
/// A file that cannot be written.
pub fn write_autobahn(parts: &[Part<'_>], folder: &Path) -> Result<(), ReportError> {
    let files = files(parts).map_err(|why| ReportError::render("the Autobahn report")(&why))?;
    std::fs::create_dir_all(folder).map_err(|source| WriteError { path: folder.to_owned(), source })?;
    files.iter().try_for_each(|file| write(&folder.join(&file.name), &file.text))?;
    Ok(())
}
