//! The lines of `results.jsonl`, the one truth that every report is made from.
//!
//! The file is JSON lines: one `run` line, one `case` line for each case in the order in which they ended, one `end` line. A file
//! without an `end` line was truncated; it is still readable. Keys are only ever added within a schema version.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod target;

pub use target::{Probe, ProbedLimits, Setup, TargetInfo};
pub use wsspec_vocabulary::{
    Direction, Ending, Layer, Level, MaskingKey, Outcome, PathEnd, Phase, RequirementId, Role, StreamEnd, Zone,
};

/// The version of the schema written by this crate.
pub const SCHEMA: u32 = 1;

/// One line of `results.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Line {
    /// The first line.
    Run(Box<Run>),
    /// One case against one target.
    Case(Box<CaseResult>),
    /// The last line.
    End(Box<End>),
}

/// What was run, against what, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The version of this schema.
    pub schema: u32,
    /// Name and version of the tool, `wsspec 0.1.0`.
    pub tool: String,
    /// The command line.
    pub command: Vec<String>,
    /// The seed that every random choice was drawn from, in hexadecimal.
    pub seed: String,
    /// What was under test.
    pub target: TargetInfo,
    /// What the probes found out before the first case, one for each role that was played.
    #[serde(default)]
    pub probe: Vec<Probe>,
    /// How the cases were played and the target was reached, so that any of them can be replayed.
    #[serde(default)]
    pub setup: Setup,
    /// When the run began, RFC 3339.
    pub started: String,
    /// How many cases were selected.
    pub selected: usize,
    /// How much of long series was played: `budget` or `full`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scale: String,
    /// The requirements that the selected cases cite, and those of the rules, by id.
    #[serde(default)]
    pub requirements: BTreeMap<RequirementId, RequirementText>,
    /// The zones that verdicts cite, by name (`Z1`), each in a sentence.
    #[serde(default)]
    pub zones: BTreeMap<String, String>,
}

/// A requirement as reports show it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequirementText {
    /// `must`, `must-not`, `should`, `should-not` or `may`.
    pub level: String,
    /// The duty in a sentence.
    pub text: String,
    /// Its place, for people: `RFC 6455 section 5.5.2`.
    pub place: String,
    /// Its place, as a link.
    pub url: String,
    /// Who is bound: `server`, `client`, `both` or `intermediary`.
    #[serde(default)]
    pub role: String,
    /// The rules that check it in every case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Why no case and no rule of the suite proves it, where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unproven: Option<String>,
    /// Whether no run can prove it: it needs an application's policy, a privileged port or the like.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beyond: bool,
}

/// One case against one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseResult {
    /// The case's place in the order of selection, from 0. Lines are written as cases end, and sorted by it when they are read.
    /// Absent for results of the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// The case's id.
    pub case: String,
    /// The target's role in it.
    pub role: Role,
    /// The agent, where several clients were tested in one run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Its level.
    pub level: Level,
    /// What was seen.
    pub outcome: Outcome,
    /// The stimulus in a sentence.
    pub title: String,
    /// The title of its group.
    pub group: String,
    /// Autobahn's numbers.
    pub autobahn: Vec<String>,
    /// The ids of the requirements that it proves.
    pub requirements: Vec<RequirementId>,
    /// Where the RFC speaks of it, `rfc6455#section-5.5.2`.
    #[serde(default)]
    pub spec: Vec<String>,
    /// Why this failure is known, where a baseline has it: it counts as failed, and the gate lets it pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// Why it is not a plain pass, most serious first. Empty for a pass.
    pub findings: Vec<Finding>,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// How often it was played: 2 when a time-out was played again.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub plays: u32,
    /// In which pieces frames were written: `bytes`, `splits` or `joined`; absent when as the case has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
    /// How long the target could take to react, in milliseconds, where it differs from the probe's `timeout_ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<f64>,
    /// What it measured: amounts that the target took, or refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<Measured>,
    /// The Sec-WebSocket-Key of a client's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake_key: Option<String>,
    /// What went over the wire, in order.
    pub transcript: Vec<Event>,
    /// Whether events were left out of the transcript, to bound its size. A note is in their place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub transcript_cut: bool,
    /// The file that contains the case.
    #[serde(default)]
    pub file: String,
    /// The case's line in that file.
    #[serde(default)]
    pub line: usize,
    /// The case's YAML as written.
    #[serde(default)]
    pub yaml: String,
    /// The matrix row that this case is, `name=value` each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub row: Vec<(String, String)>,
    /// The whole case as it was played: a case file of its own, with the matrix row filled and the group's keys included.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub definition: String,
    /// The files that the definition sends, by path, in base64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attachments: BTreeMap<String, String>,
    /// The command that plays it again.
    #[serde(default)]
    pub replay: String,
}

impl CaseResult {
    /// Whether it is a result of the whole run, `whole-run/...`, and not of one case.
    pub fn is_of_whole_run(&self) -> bool {
        self.case.starts_with("whole-run/")
    }
}

fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_one(plays: &u32) -> bool {
    *plays == 1
}

/// An amount that the target took, or refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// What is measured, by the words that case files use in `measures`: `largest-message`, `most-fragments`.
    pub measure: String,
    /// How much of it there was: bytes, milliseconds for `longest-idle`, else a number.
    pub amount: u64,
    /// How the target refused it: `close 1009`, `status 431`; absent when it took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// One reason for an outcome.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Who found it: `step 2`, `ending`, `handshake`, `rule masking`, `target`, `harness`.
    pub by: Phase,
    /// What this finding alone would earn.
    pub outcome: Outcome,
    /// The requirement that is broken, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<RequirementId>,
    /// What was sent, what was expected, what happened and when, in a sentence.
    pub message: String,
    /// What was expected, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What happened, in words, without its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// When, in milliseconds from the case's start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<f64>,
    /// The zone that allows it: why the outcome is not worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// Why the outcome is not worse, in a sentence, in addition to the zone or without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The line in the case's file that was being played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The transcript's event that shows it, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<usize>,
    /// How the connection ended in an invalid way, where that is what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
}

impl Finding {
    /// Why the outcome is not worse: the zone, the sentence, or both (`Z22: the message met no limit`).
    pub fn reason(&self) -> Option<String> {
        match (self.zone, &self.because) {
            (None, None) => None,
            (Some(zone), None) => Some(zone.to_string()),
            (None, Some(because)) => Some(because.clone()),
            (Some(zone), Some(because)) => Some(format!("{zone}: {because}")),
        }
    }
}

/// One event of a transcript.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// When, in milliseconds from the case's start.
    pub at_ms: f64,
    /// The protocol that it belongs to: `tcp`, `tls`, `http1`, `websocket`, or `harness` for notes.
    #[serde(default)]
    pub layer: Layer,
    /// The connection that it belongs to; absent for the only one of a case.
    #[serde(default, skip_serializing_if = "PathEnd::is_target")]
    pub end: PathEnd,
    /// Which way: `out` to the target, `in` from it; absent for what goes neither way, such as a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// What.
    pub what: What,
}

/// What an event is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum What {
    /// A handshake head.
    Head {
        /// The head's bytes as text, other bytes than printable ASCII, CR LF and tab as `\xNN`; at most 8 KiB of it.
        text: String,
    },
    /// A frame.
    Frame(FrameEvent),
    /// Bytes that are not a whole frame.
    Bytes {
        /// How many.
        length: u64,
        /// The first of them in hexadecimal.
        hex: String,
    },
    /// The stream ended, in the event's direction.
    End {
        /// How.
        how: StreamEnd,
    },
    /// Something worth knowing, such as a step's beginning or a time-out.
    Note {
        /// The note.
        text: String,
    },
}

impl Default for What {
    fn default() -> Self {
        Self::Note { text: String::new() }
    }
}

/// A frame in a transcript.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrameEvent {
    /// The FIN bit.
    pub fin: bool,
    /// The reserved bits, 0 to 7: 4 is RSV1.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rsv: u8,
    /// The opcode, 0 to 15.
    pub opcode: u8,
    /// The masking key in hexadecimal, where the frame is masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<MaskingKey>,
    /// The length form: 7, 16 or 64.
    pub form: u8,
    /// The declared length.
    pub length: u64,
    /// The head's bytes in hexadecimal.
    pub head: String,
    /// The unmasked payload in hexadecimal, where it has at most 80 bytes; of a longer one the first 64.
    pub payload: String,
    /// The last 16 bytes of a longer one, where they were recorded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tail: String,
    /// A digest of a payload that is not here whole: the first 16 hexadecimal digits of its SHA-1. It is absent for messages of a
    /// series over 16 KiB, which are compared as they arrive, and for payloads over 1 MiB that the harness sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What the payload of a compressed message inflates to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inflated: Option<Inflated>,
    /// How it violates the protocol, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrong: Vec<String>,
}

/// Inflated bytes of a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inflated {
    /// How many there are.
    pub length: u64,
    /// The first of them in hexadecimal, at most 64.
    pub hex: String,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(value: &u8) -> bool {
    *value == 0
}

/// The last line: what it came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// Whether every selected case was played.
    pub complete: bool,
    /// Why not, where not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// How many cases have each outcome, by its word; all six are there.
    pub totals: BTreeMap<String, usize>,
    /// Passed / (passed + failed) by level, `null` where nothing counts; lenient counts as passed.
    pub rates: BTreeMap<String, Option<f64>>,
    /// `held`, `failed`, or `none` where none was requested.
    pub gate: String,
    /// The exit code.
    pub exit: u8,
    /// How long the run took, in milliseconds.
    pub duration_ms: f64,
    /// The target's name, where it became known only during the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}
