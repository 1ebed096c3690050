//! The words of the Autobahn test suite for results.

use serde::{Serialize, Serializer};

use crate::results::{CaseResult, Ending, Outcome};

/// The word of `behavior`. It is the whole verdict: a case that fails only by its ending is `FAILED` here as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Behavior {
    /// The strict way.
    Ok,
    /// Allowed, not the strict way.
    NonStrict,
    /// The RFC leaves it open.
    Informational,
    /// The target lacks a feature that the case needs.
    Unimplemented,
    /// A requirement is broken, or the case could not be played.
    Failed,
}

impl Behavior {
    /// The word for an outcome.
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Ok,
            Outcome::Lenient => Self::NonStrict,
            Outcome::Info => Self::Informational,
            Outcome::Unsupported => Self::Unimplemented,
            Outcome::Fail | Outcome::Error => Self::Failed,
        }
    }

    /// The word in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::NonStrict => "NON-STRICT",
            Self::Informational => "INFORMATIONAL",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Failed => "FAILED",
        }
    }
}

impl Serialize for Behavior {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// The word of `behaviorClose`: how the connection ended. The worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Close {
    /// The connection ended as expected.
    Ok,
    /// The RFC leaves the whole case open.
    Informational,
    /// The target lacks a feature that the case needs.
    Unimplemented,
    /// The target's Close frame has another code.
    WrongCode,
    /// No Close frame of the target, or a stream that stays open.
    Unclean,
    /// The unexpected side ended the connection, or it never opened.
    Failed,
}

impl Close {
    /// The word for a case.
    pub fn of(case: &CaseResult) -> Self {
        let found =
            case.findings.iter().filter(|finding| matters(finding.outcome)).filter_map(|finding| finding.ending);
        let worst = found.max().map_or(Self::Ok, |ending| match ending {
            Ending::WrongCode => Self::WrongCode,
            Ending::Unclean => Self::Unclean,
            Ending::WrongSide => Self::Failed,
        });
        match case.outcome {
            Outcome::Error => Self::Failed,
            Outcome::Unsupported => Self::Unimplemented,
            Outcome::Info => Self::Informational,
            Outcome::Pass | Outcome::Lenient | Outcome::Fail => worst,
        }
    }

    /// The worst word of several cases.
    pub fn of_all(cases: &[&CaseResult]) -> Self {
        cases.iter().map(|case| Self::of(case)).max().unwrap_or(Self::Ok)
    }

    /// The word in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Informational => "INFORMATIONAL",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::WrongCode => "WRONG CODE",
            Self::Unclean => "UNCLEAN",
            Self::Failed => "FAILED",
        }
    }

    /// The word in a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Ok => "The connection ended as expected.",
            Self::Informational => "The RFC does not specify how the connection ends here.",
            Self::Unimplemented => "The target lacks a feature that the case needs.",
            Self::WrongCode => "The target closed with another code.",
            Self::Unclean => "The target sent no Close frame, or left the stream open.",
            Self::Failed => "The unexpected side ended the connection, or it never opened.",
        }
    }
}

impl Serialize for Close {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// Whether a finding of this outcome counts against the ending.
const fn matters(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Fail | Outcome::Lenient)
}
