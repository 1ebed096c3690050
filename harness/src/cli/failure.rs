//! A command that fails: a message and an exit code.

use crate::run::{BaselineError, Exit, ReplayError, ReportError, WriteError};

/// A message for the user, and the exit code that goes with it.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    pub fn usage(message: impl ToString) -> Self {
        Self::new(Exit::Usage, message.to_string())
    }
}

impl From<BaselineError> for Failure {
    fn from(error: BaselineError) -> Self {
        Self::usage(error)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::new(Exit::NotWritten, error.to_string())
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        let exit = match error {
            ReportError::Write(_) => Exit::NotWritten,
            ReportError::Render { .. } => Exit::Bug,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        let exit = match error {
            ReplayError::NotPlayed(_) => Exit::NothingSelected,
            ReplayError::BothRoles(_) | ReplayError::WholeRun(_) | ReplayError::NoCase(..) | ReplayError::Seed(_) => {
                Exit::Usage
            }
            ReplayError::Target(_) => Exit::Target,
            ReplayError::Interrupted => Exit::Interrupted,
            ReplayError::Bug(_) => Exit::Bug,
        };
        Self::new(exit, error.to_string())
    }
}
