//! Reads `results.jsonl`, complete or incomplete.

use std::io::{self, BufRead, Read};

use serde::Deserialize;
use serde_json::error::Category;

use crate::results::{CaseResult, End, Line, Run, SCHEMA};

/// The longest line that is read, in bytes.
pub const MAX_LINE: u64 = 64 * 1024 * 1024;

/// A run, read from its file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// The header of the run.
    pub run: Run,
    /// The cases, in the order of selection; results of the whole run come last.
    pub cases: Vec<CaseResult>,
    /// The end of the run. `None` if the file is incomplete.
    pub end: Option<End>,
    /// Whether the file is incomplete: it has no `end` line, or its last line is truncated.
    pub truncated: bool,
}

impl Results {
    /// How many results there are: one for each case that was played, and those of the whole run (`whole-run/...`). It is the sum of
    /// all outcomes.
    pub fn played(&self) -> usize {
        self.cases.len()
    }

    /// How many results a complete run has: the selected cases, and the results of the whole run that are here.
    pub fn expected(&self) -> usize {
        self.run.selected + self.cases.iter().filter(|case| case.is_of_whole_run()).count()
    }

    /// Puts the cases into the order of selection; results of the whole run come last.
    pub fn sort(&mut self) {
        self.cases.sort_by_key(|case| case.number.unwrap_or(usize::MAX));
    }

    /// Whether every selected case is in the file and the run was complete.
    pub fn whole(&self) -> bool {
        !self.truncated && self.end.as_ref().is_some_and(|end| end.complete)
    }
}

/// The reason why a results file is not readable. Lines count from 1.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The reader failed.
    #[error("line {line}: cannot be read")]
    Io {
        /// The line.
        line: usize,
        /// Why.
        source: io::Error,
    },
    /// A line is longer than [`MAX_LINE`].
    #[error("line {line}: longer than {MAX_LINE} bytes")]
    TooLong {
        /// The line.
        line: usize,
    },
    /// A line is not JSON.
    #[error("line {line}: not JSON")]
    NotJson {
        /// The line.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// A line is JSON, but no line of results.
    #[error("line {line}: not a line of results")]
    NotALine {
        /// The line.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// The file is of another schema version.
    #[error("line {line}: schema version {found}, but this wsspec reads version {SCHEMA}")]
    Schema {
        /// The line.
        line: usize,
        /// The version found.
        found: u64,
    },
    /// The first line is not a `run` line.
    #[error("line {line}: the first line must be a `run` line")]
    NoRun {
        /// The line.
        line: usize,
    },
    /// A second `run` line: two files were joined.
    #[error("line {line}: a second `run` line; a file holds one run")]
    SecondRun {
        /// The line.
        line: usize,
    },
    /// A line after the `end` line.
    #[error("line {line}: a line after the `end` line")]
    AfterEnd {
        /// The line.
        line: usize,
    },
    /// The file has no line.
    #[error("the file is empty")]
    Empty,
}

/// Reads a run.
///
/// # Errors
/// A file that is empty, does not start with a `run` line of schema [`SCHEMA`], or has a line that is not a line of results. A
/// file without an `end` line, or with a truncated last line, is not an error: [`Results::truncated`] reports it.
pub fn read(mut reader: impl BufRead) -> Result<Results, ReadError> {
    let mut results: Option<Results> = None;
    let mut buffer = Vec::new();
    let mut number = 0;
    let mut torn = false;
    loop {
        number += 1;
        buffer.clear();
        let count = (&mut reader)
            .take(MAX_LINE + 1)
            .read_until(b'\n', &mut buffer)
            .map_err(|source| ReadError::Io { line: number, source })?;
        if count == 0 {
            break;
        }
        let terminated = buffer.ends_with(b"\n");
        if !terminated && count as u64 > MAX_LINE {
            return Err(ReadError::TooLong { line: number });
        }
        let bytes = buffer.trim_ascii();
        if bytes.is_empty() {
            continue;
        }
        let Some(results) = results.as_mut() else {
            results = Some(Results { run: first(bytes, number)?, ..Results::default() });
            continue;
        };
        if results.end.is_some() {
            return Err(ReadError::AfterEnd { line: number });
        }
        match parse::<Line>(bytes, number) {
            Ok(Line::Case(case)) => results.cases.push(*case),
            Ok(Line::End(end)) => results.end = Some(*end),
            Ok(Line::Run(_)) => return Err(ReadError::SecondRun { line: number }),
            // Only the last line can lack its newline: invalid JSON there is an interrupted write.
            Err(ReadError::NotJson { .. }) if !terminated => torn = true,
            Err(error) => return Err(error),
        }
    }
    let mut results = results.ok_or(ReadError::Empty)?;
    results.truncated = torn || results.end.is_none();
    if let Some(agent) = results.end.as_ref().and_then(|end| end.agent.clone()) {
        results.run.target.name = Some(agent);
    }
    results.sort();
    Ok(results)
}

/// The first line: its schema version is looked at before its shape, which another version may have changed.
fn first(bytes: &[u8], line: usize) -> Result<Run, ReadError> {
    #[derive(Deserialize)]
    struct Start {
        #[serde(default)]
        kind: String,
        schema: Option<u64>,
    }
    let start: Start = parse(bytes, line)?;
    if start.kind != "run" {
        return Err(ReadError::NoRun { line });
    }
    match start.schema {
        Some(found) if found != u64::from(SCHEMA) => return Err(ReadError::Schema { line, found }),
        _ => {}
    }
    match parse(bytes, line)? {
        Line::Run(run) => Ok(*run),
        Line::Case(_) | Line::End(_) => Err(ReadError::NoRun { line }),
    }
}

fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8], line: usize) -> Result<T, ReadError> {
    serde_json::from_slice(bytes).map_err(|source| match source.classify() {
        Category::Data => ReadError::NotALine { line, source },
        _ => ReadError::NotJson { line, source },
    })
}
