//! The cases of a command.

use std::path::PathBuf;
use std::sync::Arc;

use super::arguments::SuiteArgs;
use super::failure::Failure;
use crate::case::Case;
use crate::diagnostics::{self, Style};
use crate::diagnostics::{Diagnostic, suggest};
use crate::language::Selection;
use crate::language::suite::{self, LoadError, Suite};
use crate::run::Exit;

/// The built-in suite with what `--cases` adds.
pub fn load(choice: &SuiteArgs) -> Result<Suite, Failure> {
    let mut cases = suite::load_embedded().map_err(|error| failure(&error))?;
    if !choice.cases.is_empty() {
        cases.merge(read(&choice.cases)?);
    }
    Ok(cases)
}

/// The cases of files and folders.
pub fn read(paths: &[PathBuf]) -> Result<Suite, Failure> {
    suite::load_paths(paths).map_err(|error| failure(&error))
}

fn failure(error: &LoadError) -> Failure {
    let LoadError::Diagnostics(diagnostics) = error else { return Failure::usage(error) };
    self::diagnostics(&diagnostics.0, "case files")
}

/// Errors with their places; `place` names the kind of file.
pub fn diagnostics(diagnostics: &[Diagnostic], place: &str) -> Failure {
    let plain = anstream::AutoStream::choice(&std::io::stderr()) == anstream::ColorChoice::Never;
    let shown = diagnostics::render(diagnostics, if plain { Style::Plain } else { Style::Ansi });
    let count = match diagnostics.len() {
        1 => "1 error".to_owned(),
        count => format!("{count} errors"),
    };
    Failure::usage(format!("{count} in {place}\n\n{shown}"))
}

/// The cases that patterns choose.
pub fn select(choice: &SuiteArgs, patterns: &[String]) -> Result<Vec<Arc<Case>>, Failure> {
    let nothing = |error: crate::language::SelectError| {
        Failure::new(Exit::NothingSelected, format!("{error}; `wsspec list` shows all cases"))
    };
    let selection = Selection::parse(patterns, &choice.exclude).map_err(nothing)?;
    // Only the files that may hold a chosen case are read, unless nothing is found: a hint needs all of them.
    let mut suite = match &choice.cases[..] {
        [] => suite::load_embedded_for(&selection).map_err(|error| failure(&error))?,
        _ => load(choice)?,
    };
    if selection.choose(suite.cases()).is_err() {
        suite = load(choice)?;
    }
    selection.choose(suite.cases()).map_err(nothing)?;
    Ok(suite.into_cases().into_iter().filter(|case| selection.fits(case)).map(Arc::new).collect())
}

/// The case with this id or Autobahn number.
pub fn one(suite: &Suite, word: &str) -> Result<Arc<Case>, Failure> {
    let found = suite.cases().iter().find(|case| case.id == word || case.autobahn.iter().any(|number| number == word));
    found.cloned().map(Arc::new).ok_or_else(|| {
        let hint = suggest::nearest(word, suite.cases().iter().map(|case| case.id.as_str()))
            .map_or_else(|| "`wsspec list` shows all cases".to_owned(), |near| format!("did you mean `{near}`?"));
        Failure::new(Exit::NothingSelected, format!("there is no case `{word}`; {hint}"))
    })
}
