//! The kill matrix: which case detects which fault of the reference peer, as JSON and as one HTML file.
//!
//! Every fault must be detected by a case, every case must detect a fault, and the valid peers must pass.

use std::collections::BTreeMap;

use askama::Template as _;
use serde::{Deserialize, Serialize};

use crate::html::RenderError;
use crate::results::Outcome;

mod page;

/// The version of the JSON form.
pub const SCHEMA: u32 = 1;

/// All faults against all cases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// The version of this form.
    pub schema: u32,
    /// Name and version of the tool.
    pub tool: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// How many cases were played, over all faults.
    pub plays: u64,
    /// Each case in each role that it suits.
    pub cases: Vec<CaseRow>,
    /// Each fault in each role in which it shows.
    pub faults: Vec<FaultRow>,
}

/// A case in one role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseRow {
    /// Its id.
    pub case: String,
    /// The target's role.
    pub role: String,
    /// `must`, `should`, `may` or `info`.
    pub level: String,
    /// What it proves, as a sentence.
    pub title: String,
    /// The outcomes of the valid peers, by their names.
    pub valid_peers: BTreeMap<String, Outcome>,
    /// How many faults it fails on.
    pub fails: usize,
    /// How many faults change its outcome in any way.
    pub detects: usize,
    /// How many specific faults it kills.
    pub specific: usize,
    /// Whether it kills a fault at all: by failing, or by another outcome where its level allows no fail.
    pub kills: bool,
}

/// A fault in one role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FaultRow {
    /// Its name.
    pub fault: String,
    /// The role that the peer had.
    pub role: String,
    /// The part of the protocol that it violates.
    pub area: String,
    /// What the peer does, as a sentence.
    pub sentence: String,
    /// The requirements that it breaks.
    pub requirements: Vec<String>,
    /// Why no case fails on it although it breaks a requirement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerated: Option<String>,
    /// Whether it breaks a MUST and is not tolerated, so that a case of level must has to fail on it.
    pub must: bool,
    /// Whether more than a quarter of the cases fail on it, so that it proves little about each.
    pub non_specific: bool,
    /// How many cases were played.
    pub played: usize,
    /// The cases whose outcome it changes.
    pub detections: Vec<Detection>,
}

/// A case that detects a fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// The case's id.
    pub case: String,
    /// Its level.
    pub level: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// What detects the fault: `handshake`, `step 2`, `ending`, `rule masking`.
    pub by: String,
}

impl Detection {
    /// Whether the case kills the fault: it fails, or its level allows no fail and the outcome is another.
    pub fn kills(&self) -> bool {
        self.outcome == Outcome::Fail || matches!(self.level.as_str(), "should" | "quality" | "info")
    }

    /// Whether a rule that always runs detects it, and not the case's own expectation.
    pub fn by_rule(&self) -> bool {
        self.by.starts_with("rule ")
    }
}

impl FaultRow {
    /// The cases that kill it.
    pub fn killed_by(&self) -> impl Iterator<Item = &Detection> {
        self.detections.iter().filter(|one| one.kills())
    }

    /// The cases that fail.
    pub fn fails(&self) -> impl Iterator<Item = &Detection> {
        self.detections.iter().filter(|detection| detection.outcome == Outcome::Fail)
    }

    /// Whether the cases detect it as they must.
    pub fn is_detected(&self) -> bool {
        let must = self.fails().any(|detection| detection.level == "must");
        must || (!self.must && !self.detections.is_empty())
    }
}

impl CaseRow {
    /// Whether the valid peers have no fail and no error.
    pub fn is_clean(&self) -> bool {
        !self.valid_peers.values().any(|outcome| matches!(outcome, Outcome::Fail | Outcome::Error))
    }
}

impl Matrix {
    /// The faults that no case detects, or that break a MUST and that no case of level must fails on.
    pub fn survived(&self) -> Vec<&FaultRow> {
        self.faults.iter().filter(|fault| !fault.is_detected()).collect()
    }

    /// The cases that kill no fault.
    pub fn never_kill(&self) -> Vec<&CaseRow> {
        self.cases.iter().filter(|case| !case.kills).collect()
    }

    /// The cases that kill only non-specific faults.
    pub fn only_non_specific(&self) -> Vec<&CaseRow> {
        self.cases.iter().filter(|case| case.kills && case.specific == 0).collect()
    }

    /// The cases in which a valid peer fails, or that cannot be played.
    pub fn unclean(&self) -> Vec<&CaseRow> {
        self.cases.iter().filter(|case| !case.is_clean()).collect()
    }

    /// How many different faults there are, whatever their roles.
    pub fn fault_count(&self) -> usize {
        let mut names: Vec<&str> = self.faults.iter().map(|fault| fault.fault.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    }
}

/// The matrix as one HTML file.
///
/// # Errors
/// The error of the template engine.
pub fn render(matrix: &Matrix) -> Result<String, RenderError> {
    Ok(page::Page::new(matrix).render()?)
}
