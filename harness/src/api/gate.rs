//! What a target must reach.

use std::fmt;
use std::path::Path;

use super::Error;
use crate::run::{self, KnownFailure, Limit};

/// The pass rates that a target must reach, and the failures that are known.
///
/// A pass rate is (pass + lenient) / (pass + lenient + fail). A run with an error, or one that did not play all cases, reaches none.
///
/// ```
/// let gate = wsspec::Gate::must(1.0).should(0.9);
/// ```
#[derive(Clone, Debug)]
pub struct Gate {
    pub(super) gate: run::Gate,
    pub(super) known: Vec<KnownFailure>,
}

impl Gate {
    /// The cases of level `must` reach this pass rate, 0 to 1; other levels do not count.
    #[must_use]
    pub fn must(rate: f64) -> Self {
        Self::of("must", rate)
    }

    /// All cases together reach this pass rate, 0 to 1.
    #[must_use]
    pub fn all(rate: f64) -> Self {
        Self::of("all", rate)
    }

    fn of(level: &str, rate: f64) -> Self {
        let gate = run::Gate { limits: Vec::new(), strict: false };
        Self { gate, known: Vec::new() }.and(level, rate)
    }

    fn and(mut self, level: &str, rate: f64) -> Self {
        self.gate.limits.push(Limit { level: level.to_owned(), least: rate.clamp(0.0, 1.0) });
        self
    }

    /// The cases of level `should` reach this pass rate as well.
    #[must_use]
    pub fn should(self, rate: f64) -> Self {
        self.and("should", rate)
    }

    /// Lenient counts as failed.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.gate.strict = true;
        self
    }

    /// Adds the known failures of a YAML file: a list of `{case, reason, until}`, or the `baseline` of a `wsspec.yaml`. They do not
    /// break the gate, but an entry whose cases pass now does.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn baseline(mut self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |reason: String| Error::Baseline { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        self.known.extend(KnownFailure::read(&text).map_err(failed)?);
        Ok(self)
    }
}

/// Why a gate does not hold, in lines for people: for each failed case its finding, the requirement and how to explain it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct GateFailure {
    pub(super) lines: Vec<String>,
}

impl fmt::Display for GateFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}
