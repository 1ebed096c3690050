//! From a play and its verdict to a line of `results.jsonl`.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wsspec_reports::results::{self, CaseResult, Finding, FrameEvent};

use super::measured::measured;
use crate::case::Case;
use crate::judge::Verdict;
use crate::play::{Event, Payload, PlayResult, Transcript, TranscriptFrame, What};
use crate::vocabulary::{MaskingKey, Role};
use crate::wire::{FrameHead, LengthForm};

/// Bytes of a handshake head that are kept.
const HEAD_BYTES: usize = 8 << 10;
/// About so many bytes of events are kept of a case, half of them at its beginning.
const CASE_BYTES: u64 = 64 << 10;
/// When the events of all cases come to so many bytes, fewer are kept of each further case.
const RUN_BYTES: u64 = 48 << 20;
const LATE_CASE_BYTES: u64 = 6 << 10;
/// What an event costs in addition to its texts.
const EVENT: usize = 200;

/// Bytes of events that were recorded so far by this process.
static RECORDED: AtomicU64 = AtomicU64::new(0);

/// The line for a case that was played; `played` is absent for one that could not be, or was not needed to be.
pub fn record(case: &Case, role: Role, verdict: &Verdict, played: Option<&PlayResult>, replay: String) -> CaseResult {
    let mut result = CaseResult {
        number: None,
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
        timeout_ms: None,
        measured: played.map_or_else(Vec::new, |played| measured(case, played, verdict)),
        handshake_key: None,
        transcript: Vec::new(),
        transcript_cut: false,
        file: case.source.file.to_string(),
        line: case.source.line,
        yaml: case.source.yaml.to_string(),
        row: case.source.row.clone(),
        definition: case.source.definition.to_string(),
        attachments: case
            .source
            .attachments
            .iter()
            .map(|(path, bytes)| (path.clone(), STANDARD.encode(bytes)))
            .collect(),
        replay,
    };
    if let Some(played) = played {
        result.handshake_key = played.transcript.request.as_ref().and_then(|head| head.first("Sec-WebSocket-Key"));
        result.duration_ms = played.transcript.events().last().map_or(0.0, |event| milliseconds(event.at));
        add_events(&mut result, &played.transcript);
    }
    result
}

/// Adds the events, and notes where some are left out. Findings point at events by their places in the result.
fn add_events(result: &mut CaseResult, transcript: &Transcript) {
    let shown: Vec<results::Event> = transcript.events().iter().map(event).collect();
    let size: u64 = shown.iter().map(size).sum();
    let room = if RECORDED.load(Ordering::Relaxed) > RUN_BYTES { LATE_CASE_BYTES } else { CASE_BYTES };
    let gap = if size > room { gap(&shown, room) } else { shown.len()..shown.len() };
    let mut places: Vec<(usize, usize)> = Vec::with_capacity(shown.len());
    let mut next = 0;
    for (at, (event, shown)) in transcript.events().iter().zip(shown).enumerate() {
        if gap.contains(&at) {
            continue;
        }
        if event.number > next {
            result.transcript_cut = true;
            let at_ms = result.transcript.last().map_or(0.0, |event| event.at_ms);
            let count = event.number - next;
            let text = if count == 1 {
                "1 event is left out here".into()
            } else {
                format!("{count} events are left out here")
            };
            let what = results::What::Note { text };
            result.transcript.push(results::Event { at_ms, what, ..results::Event::default() });
        }
        next = event.number + 1;
        places.push((event.number, result.transcript.len()));
        result.transcript.push(shown);
    }
    RECORDED.fetch_add(size.min(room), Ordering::Relaxed);
    for finding in &mut result.findings {
        let place = |number| places.binary_search_by_key(&number, |(number, _)| *number).ok();
        finding.event = finding.event.and_then(place).and_then(|at| places.get(at)).map(|(_, place)| *place);
    }
}

/// The events that are left out, so that those before and those after them come to half of `room` each.
fn gap(shown: &[results::Event], room: u64) -> std::ops::Range<usize> {
    let fitting = |events: &mut dyn Iterator<Item = &results::Event>| {
        let mut sum = 0;
        events
            .take_while(|event| {
                sum += size(event);
                sum <= room / 2
            })
            .count()
    };
    let first = fitting(&mut shown.iter()).max(1);
    let last = fitting(&mut shown.iter().rev());
    first..shown.len().saturating_sub(last).max(first)
}

/// About how many bytes an event takes in memory and in the file.
fn size(event: &results::Event) -> u64 {
    let texts = match &event.what {
        results::What::Head { text } | results::What::Note { text } => text.len(),
        results::What::Frame(frame) => {
            frame.head.len()
                + frame.payload.len()
                + frame.tail.len()
                + frame.inflated.as_ref().map_or(0, |inflated| inflated.hex.len())
                + frame.wrong.iter().map(|text| text.len() + 24).sum::<usize>()
        }
        results::What::Bytes { hex, .. } => hex.len(),
        results::What::End { .. } => 0,
    };
    (texts + EVENT) as u64
}

/// Adds a finding that came when the result was written down already; the most serious one comes first.
pub(super) fn add(result: &mut CaseResult, late: &Finding) {
    let late = late.clone();
    let place = result.findings.partition_point(|other| other.outcome.severity() >= late.outcome.severity());
    if late.outcome.severity() > result.outcome.severity() {
        result.outcome = late.outcome;
        // An amount that brought the target into trouble is not one that it accepted.
        result.measured.retain(|measured| measured.refused.is_some());
    }
    result.findings.insert(place, late);
}

/// Milliseconds with three decimals, so that the file stays short.
fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn event(event: &Event) -> results::Event {
    let what = match &event.what {
        What::Head(head) => results::What::Head { text: head_text(&head.raw) },
        What::Frame(shown) => results::What::Frame(frame(shown)),
        What::More { sent, sent_bytes, received, received_bytes } => {
            let text = format!(
                "not shown one by one: {sent} frames with {sent_bytes} bytes are sent and {received} with {received_bytes} are received"
            );
            results::What::Note { text }
        }
        What::Bytes(bytes) => results::What::Bytes { length: bytes.length, hex: hex(first(bytes)) },
        What::End(how) => results::What::End { how: *how },
        What::Note(text) => results::What::Note { text: text.clone() },
    };
    results::Event {
        at_ms: milliseconds(event.at),
        layer: event.layer,
        end: event.end,
        direction: event.direction,
        what,
    }
}

fn frame(frame: &TranscriptFrame) -> FrameEvent {
    let TranscriptFrame { head, payload, deviations, inflated } = frame;
    let mut bytes = Vec::with_capacity(FrameHead::MAX_BYTES);
    head.write(&mut bytes);
    FrameEvent {
        fin: head.fin,
        rsv: head.rsv,
        opcode: head.opcode.value(),
        mask: head.mask.map(MaskingKey),
        form: match head.form {
            LengthForm::Bits7 => 7,
            LengthForm::Bits16 => 16,
            LengthForm::Bits64 => 64,
        },
        length: head.length,
        head: hex(&bytes),
        payload: hex(&payload.head),
        tail: hex(&payload.tail),
        digest: payload.digest.map(|digest| hex(&digest)),
        inflated: inflated.as_ref().map(|bytes| results::Inflated { length: bytes.length, hex: hex(first(bytes)) }),
        wrong: deviations.iter().map(|deviation| deviation.kind.to_string()).collect(),
    }
}

/// The first 64 bytes.
fn first(payload: &Payload) -> &[u8] {
    payload.head.get(..payload.head.len().min(64)).unwrap_or_default()
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
