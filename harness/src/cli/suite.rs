//! The cases that a command works on.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use wsspec_reports::read::Results;

use super::Failure;
use super::arguments::Choice;
use crate::case::model::Case;
use crate::case::{self, diagnose};
use crate::run::Exit;

/// The built-in suite with what `--cases` adds.
pub fn load(choice: &Choice) -> Result<Vec<Arc<Case>>, Failure> {
    let mut suite = case::suite::load_embedded().map_err(mistakes)?;
    for path in &choice.cases {
        let added = read(path)?;
        suite.merge(added);
    }
    Ok(suite.cases)
}

/// The cases of one file or folder.
pub fn read(path: &PathBuf) -> Result<case::suite::Suite, Failure> {
    case::suite::load_path(path).map_err(mistakes)
}

pub fn mistakes(mistakes: case::Mistakes) -> Failure {
    let styled = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let shown: Vec<String> = mistakes.0.iter().map(|mistake| diagnose::render(mistake, styled)).collect();
    let count = mistakes.0.len();
    let files = if count == 1 { "1 mistake".to_owned() } else { format!("{count} mistakes") };
    Failure::new(Exit::Usage, format!("{files} in case files\n\n{}", shown.join("\n\n")))
}

/// The cases that patterns choose.
pub fn select(cases: Vec<Arc<Case>>, patterns: &[String], exclude: &[String]) -> Result<Vec<Arc<Case>>, Failure> {
    case::select::select(cases, patterns, exclude).map_err(|error| Failure::new(Exit::NothingSelected, error.to_string()))
}

/// The one case that a word means: an id, or an Autobahn number.
pub fn one(cases: &[Arc<Case>], word: &str) -> Result<Arc<Case>, Failure> {
    let found = cases.iter().find(|case| case.id == word || case.autobahn.iter().any(|number| number == word));
    found.cloned().ok_or_else(|| {
        let known: HashSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        let hint = case::suggest::nearest(word, known.into_iter()).map_or_else(
            || "`wsspec list` shows what there is".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Failure::new(Exit::NothingSelected, format!("there is no case `{word}`; {hint}"))
    })
}

/// Prints the summary of a run.
pub fn summary(results: &Results, strict: bool, report: Option<String>) -> Result<(), Failure> {
    let options = wsspec_reports::summary::Options { strict, report, ..Default::default() };
    let mut out = anstream::stdout();
    match wsspec_reports::summary::write(&mut out, results, &options) {
        // Whoever reads our output may have seen enough.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::NotWritten, format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
