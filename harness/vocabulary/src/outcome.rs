//! The outcome of a case, and the invalid ends of a connection.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The outcome of a case. It has no order of its own; [`Outcome::severity`] says which of several is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, strum::EnumString)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Outcome {
    /// The strict way.
    #[default]
    Pass,
    /// Allowed or harmless, not the strict way.
    Lenient,
    /// The RFC leaves it open; the observation is reported.
    Info,
    /// A requirement is broken.
    Fail,
    /// The target declined a feature that the case needs.
    Unsupported,
    /// The harness or the environment broke; the pass rate is invalid.
    Error,
}

impl Outcome {
    /// All outcomes, in the order in which reports show them.
    pub const ALL: [Self; 6] = [Self::Error, Self::Fail, Self::Lenient, Self::Info, Self::Unsupported, Self::Pass];

    /// How serious it is: of several outcomes, the one with the highest severity counts.
    pub const fn severity(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Info => 1,
            Self::Lenient => 2,
            Self::Unsupported => 3,
            Self::Fail => 4,
            Self::Error => 5,
        }
    }

    /// Whether it is more serious than another.
    pub const fn is_worse_than(self, other: Self) -> bool {
        self.severity() > other.severity()
    }

    /// Whether something broke: a requirement, or the harness or its environment.
    pub const fn is_broken(self) -> bool {
        matches!(self, Self::Fail | Self::Error)
    }

    /// The word used in case files and results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Lenient => "lenient",
            Self::Info => "info",
            Self::Fail => "fail",
            Self::Unsupported => "unsupported",
            Self::Error => "error",
        }
    }
}

/// An invalid end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, strum::EnumString)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Ending {
    /// A Close frame with another code.
    WrongCode,
    /// No Close frame, or a stream that was left open after it.
    Unclean,
    /// The target ended a connection that had to continue, or continued one that it had to end; or the connection never opened.
    WrongSide,
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn a_failure_counts_more_than_an_unsupported_feature() {
        assert!(Outcome::Fail.is_worse_than(Outcome::Unsupported));
        assert!(Outcome::Error.is_worse_than(Outcome::Fail));
        assert!(Outcome::Lenient.is_worse_than(Outcome::Info));
        let mut all = Outcome::ALL;
        all.sort_by_key(|outcome| outcome.severity());
        assert_eq!(all.first(), Some(&Outcome::Pass));
    }
}
