//! `wsspec diff`: what changed between two runs.

use std::io::Write as _;

use wsspec_reports::diff::Diff;

use super::arguments;
use super::failure::Failure;
use super::report;
use crate::run::Exit;

/// Compares; nothing may have got worse.
pub fn diff(options: &arguments::Diff) -> Result<Exit, Failure> {
    let diff = Diff::of(&report::results(&options.old)?, &report::results(&options.new)?);
    // Whoever reads our output may have seen enough.
    let _ = anstream::stdout().write_all(diff.text().as_bytes());
    Ok(if diff.is_worse() { Exit::NotHeld } else { Exit::Held })
}
