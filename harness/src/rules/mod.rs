//! What the RFCs require of whatever the target sends, checked on the transcript of every case.
//!
//! A case can pass its own expectation and still fail by a rule. A rule names the requirements that it checks.

mod deflate;
mod form;
mod frames;
mod keys;
mod request;
mod response;
mod tls;

use crate::play::{Call, Transcript};
use crate::vocabulary::{Phase, Role};

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The target's role.
    pub role: Role,
    /// How it was called.
    pub call: &'a Call,
    /// All that went over the wire.
    pub transcript: &'a Transcript,
}

/// A requirement that the target broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The requirement's id.
    pub requirement: &'static str,
    /// What kind of breach it is, where that makes a difference.
    pub kind: BreachKind,
    /// What must be, in words that follow `expected`; `None` where the requirement is to send nothing of this kind.
    pub expected: Option<String>,
    /// What came, in words that follow `got`.
    pub actual: String,
    /// The number of the transcript's event that shows it.
    pub event: Option<usize>,
}

/// The kinds of breaches that the policy distinguishes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BreachKind {
    /// Any other.
    #[default]
    Plain,
    /// A refusal lacks a field that HTTP requires with its status.
    RefusalField,
    /// A 101 of HTTP/1.0.
    Http10Upgrade,
    /// A status line without a space after the status.
    NoSpaceAfterStatus,
    /// A second Close frame.
    SecondClose,
    /// A compressed message without a single byte.
    EmptyCompressedMessage,
}

impl Breach {
    /// Something came that must not be sent.
    fn sent(requirement: &'static str, actual: impl Into<String>, event: Option<usize>) -> Self {
        Self { requirement, kind: BreachKind::Plain, expected: None, actual: actual.into(), event }
    }

    /// Something came in place of what must be sent.
    fn instead(
        requirement: &'static str,
        expected: impl Into<String>,
        actual: impl Into<String>,
        event: Option<usize>,
    ) -> Self {
        Self { expected: Some(expected.into()), ..Self::sent(requirement, actual, event) }
    }

    fn of_kind(self, kind: BreachKind) -> Self {
        Self { kind, ..self }
    }
}

/// One rule.
pub struct Rule {
    /// Its name, as findings cite it.
    pub name: &'static str,
    /// The requirements that it checks.
    pub requirements: &'static [&'static str],
    check: fn(&View<'_>) -> Vec<Breach>,
}

impl Rule {
    /// The phase that its findings belong to.
    pub const fn phase(&self) -> Phase {
        Phase::rule(self.name)
    }

    /// What the rule finds.
    pub fn check(&self, view: &View<'_>) -> Vec<Breach> {
        (self.check)(view)
    }
}

/// All rules, in the order in which findings list them.
pub const ALL: &[&Rule] = &[
    &response::ACCEPT,
    &response::FIELDS,
    &response::REFUSAL,
    &response::SYNTAX,
    &request::FIELDS,
    &request::KEY,
    &request::SYNTAX,
    &request::EARLY,
    &form::TARGET,
    &form::LISTS,
    &form::SINGLES,
    &form::ORIGIN,
    &form::VERSIONS,
    &frames::MASKING,
    &frames::RESERVED,
    &frames::LENGTH,
    &frames::CONTROL,
    &frames::FRAGMENTS,
    &frames::UTF8,
    &frames::CLOSE_BODY,
    &frames::AFTER_CLOSE,
    &deflate::ANSWER,
    &deflate::OFFER,
    &deflate::DATA,
    &keys::FRESH,
    &tls::SERVER_NAME,
];
