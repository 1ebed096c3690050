//! `wsspec check`: mistakes in case files, where they stand.

use super::arguments;
use super::{Failure, suite};
use crate::case;
use crate::run::Exit;

/// Checks.
pub fn check(options: &arguments::Check) -> Result<Exit, Failure> {
    let mut cases = 0;
    if options.files.is_empty() {
        cases = suite::load(&arguments::Choice::default())?.len();
    } else {
        let mut all = case::Mistakes::default();
        for path in &options.files {
            match case::suite::load_path(path) {
                Ok(suite) => cases += suite.cases.len(),
                Err(mistakes) => all.0.extend(mistakes.0),
            }
        }
        if !all.0.is_empty() {
            return Err(suite::mistakes(all));
        }
    }
    anstream::println!("{cases} cases, no mistake");
    Ok(Exit::Held)
}
