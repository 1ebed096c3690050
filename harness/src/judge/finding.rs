//! A finding as data. Sentences are made of it in one place.

use std::time::Duration;

use wsspec_reports::results::Ending;

use super::policy::Ruling;
use crate::case::Send;
use crate::play::{Actual, Expected};
use crate::rules::Breach;
use crate::vocabulary::{Outcome, Phase, RequirementId, Role};

/// One reason for an outcome.
#[derive(Clone, Debug)]
pub(super) struct Finding<'a> {
    /// Which part of the run found it.
    pub phase: Phase,
    /// What it earns, and why it is not worse.
    pub ruling: Ruling,
    /// The requirement that is broken.
    pub requirement: Option<RequirementId>,
    /// What was found.
    pub subject: Subject<'a>,
    /// When, from the case's start.
    pub at: Option<Duration>,
    /// The line of the step in the case's file.
    pub line: Option<usize>,
    /// The number of the transcript's event that shows it.
    pub event: Option<usize>,
    /// What is wrong with the end of the connection.
    pub ending: Option<Ending>,
}

/// What was found.
#[derive(Clone, Debug)]
pub(super) enum Subject<'a> {
    /// Something other than what a case expects, or the same in another form.
    Departure {
        /// The target's role.
        role: Role,
        /// What the harness sent before it.
        sent: Vec<&'a Send>,
        /// What was expected.
        expected: &'a Expected,
        /// What happened.
        actual: &'a Actual,
    },
    /// A broken rule.
    Breach(Breach),
    /// A sentence of the environment.
    Sentence(String),
}

impl Finding<'_> {
    /// What it earns.
    pub fn outcome(&self) -> Outcome {
        self.ruling.outcome
    }
}
