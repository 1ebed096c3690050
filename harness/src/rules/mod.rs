//! What the RFCs say of whatever the target sends, checked on the transcript of every case.
//!
//! A case can pass its own expectation and still fail by a rule. A rule names the requirements that it stands for.

mod deflate;
mod form;
mod frames;
mod keys;
mod request;
mod response;
mod tls;

use crate::play::{Call, Transcript};
use crate::vocabulary::{Outcome, Phase, Role};

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
    /// What it earns, mostly `Fail`.
    pub outcome: Outcome,
    /// What came, in a sentence.
    pub message: String,
    /// The transcript's event that shows it.
    pub event: Option<usize>,
}

impl Breach {
    fn fail(requirement: &'static str, message: impl Into<String>, event: Option<usize>) -> Self {
        Self { requirement, outcome: Outcome::Fail, message: message.into(), event }
    }
}

/// One rule.
pub struct Rule {
    /// Its name, as findings cite it.
    pub name: &'static str,
    /// The requirements that it stands for.
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
