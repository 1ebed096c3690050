//! `results.jsonl`: each line is on its way to the disk as soon as its case is over.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use wsspec_reports::results::Line;

use super::event::Event;
use super::files::WriteError;

/// A reader of events that writes the results file.
#[derive(Debug)]
pub struct ResultsWriter {
    path: PathBuf,
    file: Option<File>,
    error: Option<WriteError>,
}

impl ResultsWriter {
    /// Creates the file and its folders.
    ///
    /// # Errors
    /// What cannot be created.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        let failed = |source| WriteError { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::create(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file: Some(file), error: None })
    }

    /// Writes the line of an event, where it has one.
    pub fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Started(run) => self.line(&Line::Run(Box::new(run.clone()))),
            Event::CaseFinished(result) => self.line(&Line::Case(Box::new(result.clone()))),
            Event::Finished(end) => self.line(&Line::End(Box::new(end.clone()))),
            Event::Probed(_) | Event::Note(_) => {}
        }
    }

    /// Closes the file.
    ///
    /// # Errors
    /// The first error of all writes.
    pub fn close(self) -> Result<(), WriteError> {
        self.error.map_or(Ok(()), Err)
    }

    /// Writes a line in one piece, so that a kill leaves whole lines. After an error nothing more is written: what is there stays readable.
    fn line(&mut self, line: &Line) {
        let Some(file) = &mut self.file else { return };
        let written = serde_json::to_vec(line).map_err(std::io::Error::from).and_then(|mut bytes| {
            bytes.push(b'\n');
            file.write_all(&bytes)
        });
        if let Err(source) = written {
            self.file = None;
            self.error.get_or_insert(WriteError { path: self.path.clone(), source });
        }
    }
}
