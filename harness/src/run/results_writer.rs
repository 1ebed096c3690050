//! `results.jsonl`: written line by line as cases end, in the order in which they were selected.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use wsspec_reports::results::{CaseResult, Line, Run};

use crate::secrets::Secrets;

/// A results file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    pub source: std::io::Error,
}

/// Takes results in any order and writes them in the order of their numbers.
#[derive(Debug)]
pub struct ResultsWriter {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    error: Option<WriteError>,
    /// What no line contains.
    secrets: Secrets,
    waiting: BTreeMap<usize, CaseResult>,
    next: usize,
    /// What has been written, in order.
    pub done: Vec<CaseResult>,
}

impl ResultsWriter {
    /// Creates the file, and its folders.
    ///
    /// # Errors
    /// What cannot be created.
    pub fn create(path: &Path, secrets: Secrets) -> Result<Self, WriteError> {
        let error = |source| WriteError { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(error)?;
        }
        let file = File::create(path).map_err(error)?;
        Ok(Self {
            path: path.to_owned(),
            file: Some(BufWriter::new(file)),
            error: None,
            secrets,
            waiting: BTreeMap::new(),
            next: 0,
            done: Vec::new(),
        })
    }

    /// Writes the first line; returns it as it is written, without secrets.
    pub fn begin(&mut self, run: Run) -> Run {
        let run = self.secrets.run(run);
        self.line(&Line::Run(Box::new(run.clone())));
        self.flush();
        run
    }

    /// Takes the result of case number `number`, and writes all that are next.
    pub fn take(&mut self, number: usize, result: CaseResult) {
        self.waiting.insert(number, result);
        while let Some(result) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.write(result);
        }
    }

    /// Writes what is waiting behind gaps: the run is over, and the gaps will not be filled.
    pub fn drain(&mut self) {
        for result in std::mem::take(&mut self.waiting).into_values() {
            self.write(result);
        }
    }

    /// Writes a result that belongs to no case of the selection, such as one of the whole run.
    pub fn write(&mut self, result: CaseResult) {
        let line = Line::Case(Box::new(self.secrets.case(result)));
        self.line(&line);
        if let Line::Case(result) = line {
            self.done.push(*result);
        }
    }

    /// Writes the last line and closes the file.
    ///
    /// # Errors
    /// The first error of all writes.
    pub fn end(mut self, end: wsspec_reports::results::End) -> Result<Vec<CaseResult>, (WriteError, Vec<CaseResult>)> {
        self.line(&Line::End(Box::new(end)));
        self.flush();
        match self.error {
            Some(error) => Err((error, self.done)),
            None => Ok(self.done),
        }
    }

    fn line(&mut self, line: &Line) {
        let Some(file) = &mut self.file else { return };
        let written = serde_json::to_writer(&mut *file, line).map_err(std::io::Error::from);
        if let Err(source) = written.and_then(|()| file.write_all(b"\n")) {
            self.fail(source);
        }
    }

    fn flush(&mut self) {
        if let Some(Err(source)) = self.file.as_mut().map(Write::flush) {
            self.fail(source);
        }
    }

    /// After an error nothing more is written: what is there stays readable.
    fn fail(&mut self, source: std::io::Error) {
        self.file = None;
        self.error.get_or_insert(WriteError { path: self.path.clone(), source });
    }
}
