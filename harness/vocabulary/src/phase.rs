//! Which part of a run a finding belongs to.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which part of a run made a finding. In results it is a text, such as `step 2` or `rule masking`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Phase {
    /// The conversations before the first case.
    Probe,
    /// The connection itself.
    #[default]
    Connection,
    /// The opening handshake.
    Handshake,
    /// A step of the case, counted from 1.
    Step(usize),
    /// The closing handshake after the last step.
    Ending,
    /// A rule that checks every case, by its name.
    Rule(Cow<'static, str>),
    /// The target's process.
    Target,
    /// The time after the case, in which the target must stay well.
    Aftermath,
    /// The comparison of several deliveries of one case.
    Delivery,
    /// The harness.
    Harness,
    /// A part that this version does not know.
    Other(String),
}

impl Phase {
    /// A rule of this name.
    pub const fn rule(name: &'static str) -> Self {
        Self::Rule(Cow::Borrowed(name))
    }

    /// Whether a rule made the finding, rather than an expectation of the case.
    pub const fn is_rule(&self) -> bool {
        matches!(self, Self::Rule(_))
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Probe => f.write_str("probe"),
            Self::Connection => f.write_str("connection"),
            Self::Handshake => f.write_str("handshake"),
            Self::Step(number) => write!(f, "step {number}"),
            Self::Ending => f.write_str("ending"),
            Self::Rule(name) => write!(f, "rule {name}"),
            Self::Target => f.write_str("target"),
            Self::Aftermath => f.write_str("aftermath"),
            Self::Delivery => f.write_str("delivery"),
            Self::Harness => f.write_str("harness"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl From<String> for Phase {
    fn from(text: String) -> Self {
        match text.as_str() {
            "probe" => Self::Probe,
            "connection" => Self::Connection,
            "handshake" => Self::Handshake,
            "ending" => Self::Ending,
            "target" => Self::Target,
            "aftermath" => Self::Aftermath,
            "delivery" => Self::Delivery,
            "harness" => Self::Harness,
            other => match other.split_once(' ') {
                Some(("step", number)) if number.parse::<usize>().is_ok() => Self::Step(number.parse().unwrap_or(0)),
                Some(("rule", name)) => Self::Rule(Cow::Owned(name.to_owned())),
                _ => Self::Other(text),
            },
        }
    }
}

impl From<&str> for Phase {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Phase> for String {
    fn from(phase: Phase) -> Self {
        phase.to_string()
    }
}

impl JsonSchema for Phase {
    fn schema_name() -> Cow<'static, str> {
        "Phase".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::Phase;

    #[test]
    fn a_phase_is_the_same_after_it_was_written_and_read() {
        for text in ["probe", "connection", "handshake", "step 2", "ending", "rule masking", "target", "step by step"] {
            assert_eq!(Phase::from(text).to_string(), text);
        }
        assert_eq!(Phase::from("step 12"), Phase::Step(12));
        assert!(Phase::from("rule masking").is_rule());
    }
}
