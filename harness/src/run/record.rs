//! From a play and its verdict to a line of `results.jsonl`.

use bytes::Bytes;
use sha1::{Digest, Sha1};
use wsspec_reports::results::{self, CaseResult, Finding, FrameEvent};

use super::measured::measured;
use crate::case::Case;
use crate::judge::Verdict;
use crate::play::{Event, PlayResult, What};
use crate::vocabulary::{Direction, Role};
use crate::wire::{DeviationKind, FrameHead, LengthForm};

/// Events of a transcript that are kept at its head and at its tail; those between are left out.
const HEAD_EVENTS: usize = 160;
const TAIL_EVENTS: usize = 40;
/// Bytes of a payload that are kept at its head and at its tail.
const PAYLOAD_HEAD: usize = 64;
const PAYLOAD_TAIL: usize = 16;
/// Bytes of a handshake head that are kept.
const HEAD_BYTES: usize = 8 << 10;

/// The line for a case that was played; `played` is absent for one that could not be, or was not needed to be.
pub fn record(case: &Case, role: Role, verdict: &Verdict, played: Option<&PlayResult>, replay: String) -> CaseResult {
    let mut result = CaseResult {
        case: case.id.clone(),
        role,
        agent: None,
        known: None,
        level: case.level,
        outcome: verdict.outcome,
        title: case.title.clone(),
        group: case.group.clone(),
        autobahn: case.autobahn.clone(),
        requirements: case.proves.clone(),
        spec: case.spec.clone(),
        findings: verdict.findings.clone(),
        duration_ms: 0.0,
        plays: 1,
        delivery: None,
        measured: played.map_or_else(Vec::new, |played| measured(case, played, verdict)),
        transcript: Vec::new(),
        transcript_cut: false,
        file: case.source.file.to_string(),
        line: case.source.line,
        yaml: case.source.yaml.to_string(),
        row: case.source.row.clone(),
        replay,
    };
    if let Some(played) = played {
        let events = &played.transcript.events;
        let mut digests = Digests::default();
        result.duration_ms = events.last().map_or(0.0, |event| milliseconds(event.at));
        if events.len() > HEAD_EVENTS + TAIL_EVENTS {
            result.transcript_cut = true;
            let left_out = events.len() - HEAD_EVENTS - TAIL_EVENTS;
            result.transcript.extend(events.iter().take(HEAD_EVENTS).map(|one| event(one, &mut digests)));
            let at_ms = result.transcript.last().map_or(0.0, |event| event.at_ms);
            let text = format!("{left_out} events are left out here");
            result.transcript.push(results::Event { at_ms, dir: Direction::Note, what: results::What::Note { text } });
            result.transcript.extend(events.iter().skip(HEAD_EVENTS + left_out).map(|one| event(one, &mut digests)));
            // Findings point at events as they stand in the shortened transcript.
            for finding in &mut result.findings {
                finding.event = finding.event.and_then(|at| match at {
                    at if at < HEAD_EVENTS => Some(at),
                    at if at < HEAD_EVENTS + left_out => None,
                    at => Some(at - left_out + 1),
                });
            }
        } else {
            result.transcript = events.iter().map(|one| event(one, &mut digests)).collect();
        }
    }
    result
}

/// Adds a finding that came when the result was written down already; the one that weighs most stands first.
pub(super) fn add(result: &mut CaseResult, late: &Finding) {
    let late = late.clone();
    let place = result.findings.partition_point(|other| other.outcome.severity() >= late.outcome.severity());
    if late.outcome.severity() > result.outcome.severity() {
        result.outcome = late.outcome;
        // What a target could not bear is not what it took.
        result.measured.retain(|measured| measured.refused.is_some());
    }
    result.findings.insert(place, late);
}

/// Milliseconds with three decimals, so that the file stays short.
fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn event(event: &Event, digests: &mut Digests) -> results::Event {
    let what = match &event.what {
        What::Head(bytes) => results::What::Head { text: head_text(bytes) },
        What::Frame { head, payload, deviations, inflated } => {
            let wrong = deviations.iter().map(|deviation| &deviation.kind);
            results::What::Frame(frame(head, payload, inflated.as_ref(), wrong, digests))
        }
        What::More { sent, sent_bytes, received, received_bytes } => {
            let text = format!(
                "{sent} frames with {sent_bytes} bytes go out here and {received} with {received_bytes} come in, not shown one by one"
            );
            results::What::Note { text }
        }
        What::Bytes(bytes) => results::What::Bytes {
            length: bytes.len() as u64,
            hex: hex(bytes.get(..bytes.len().min(PAYLOAD_HEAD)).unwrap_or_default()),
        },
        What::End(how) => results::What::End { how: *how },
        What::Note(text) => results::What::Note { text: text.clone() },
    };
    results::Event { at_ms: milliseconds(event.at), dir: event.dir, what }
}

fn frame<'a>(
    head: &FrameHead,
    payload: &Bytes,
    inflated: Option<&Bytes>,
    wrong: impl Iterator<Item = &'a DeviationKind>,
    digests: &mut Digests,
) -> FrameEvent {
    let mut bytes = Vec::with_capacity(FrameHead::MAX_BYTES);
    head.write(&mut bytes);
    let short = payload.len() <= PAYLOAD_HEAD + PAYLOAD_TAIL;
    let (first, tail) = if short {
        (payload.as_ref(), &[][..])
    } else {
        (
            payload.get(..PAYLOAD_HEAD).unwrap_or_default(),
            payload.get(payload.len() - PAYLOAD_TAIL..).unwrap_or_default(),
        )
    };
    FrameEvent {
        fin: head.fin,
        rsv: head.rsv,
        opcode: head.opcode.value(),
        mask: head.mask.map(|key| hex(&key)),
        form: match head.form {
            LengthForm::Bits7 => 7,
            LengthForm::Bits16 => 16,
            LengthForm::Bits64 => 64,
        },
        length: head.length,
        head: hex(&bytes),
        payload: hex(first),
        tail: hex(tail),
        // Of a frame that was told in pieces, the digest would be that of one of them.
        digest: (!short && payload.len() as u64 == head.length).then(|| digests.of(payload)),
        inflated: inflated.map(|bytes| results::Inflated {
            length: bytes.len() as u64,
            hex: hex(bytes.get(..bytes.len().min(PAYLOAD_HEAD)).unwrap_or_default()),
        }),
        wrong: wrong.map(ToString::to_string).collect(),
    }
}

/// The digest of the last long payload: an echo has that of what was sent.
#[derive(Default)]
struct Digests(Option<(Bytes, String)>);

impl Digests {
    fn of(&mut self, payload: &Bytes) -> String {
        if let Some((_, digest)) = self.0.as_ref().filter(|(last, _)| last == payload) {
            return digest.clone();
        }
        let digest = hex(Sha1::digest(payload).get(..8).unwrap_or_default());
        self.0 = Some((payload.clone(), digest.clone()));
        digest
    }
}

fn head_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().min(HEAD_BYTES));
    for &byte in bytes.iter().take(HEAD_BYTES) {
        match byte {
            b'\r' | b'\n' | b'\t' | b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    if bytes.len() > HEAD_BYTES {
        text.push_str(&format!("\n[{} bytes more]", bytes.len() - HEAD_BYTES));
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
