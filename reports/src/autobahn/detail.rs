//! The JSON file of one case, with the keys of Autobahn. A value that the transcript does not have is `null`; information for which
//! Autobahn has no key is under `wsspec`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Entry;
use crate::bytes::from_hex;
use crate::results::{CaseResult, Direction, Event, FrameEvent, Role, Run, What};

/// How much of a payload is shown, in characters.
const PAYLOAD: usize = 64;

/// A case under one of its numbers. `cases` has the worst first, whose conversation is shown.
pub(super) fn of(
    run: &Run,
    agent: &str,
    at: usize,
    number: &str,
    cases: &[&CaseResult],
    entry: &Entry,
) -> Option<BTreeMap<&'static str, Value>> {
    let case = *cases.first()?;
    let duties = case.requirements.iter().filter_map(|id| run.requirements.get(id));
    let expectation: Vec<&str> = duties.map(|duty| duty.text.as_str()).collect();
    let is_server = case.role == Role::Client;
    let local = close_frame(case, Direction::Out);
    let remote = close_frame(case, Direction::In);
    let ended =
        case.transcript.iter().find(|event| matches!(event.what, What::End { .. })).and_then(|event| event.direction);
    let by_me = match (&local, &remote) {
        (Some((mine, _)), Some((theirs, _))) => mine < theirs,
        (mine, _) => mine.is_some(),
    };
    let clean = local.is_some() && remote.is_some() && ended == Some(Direction::In);
    let why_not = match (clean, &remote, ended) {
        (true, ..) => None,
        (_, None, _) => Some("the target sent no Close frame"),
        (_, _, Some(Direction::In)) => Some("the Close frame of the target was not answered"),
        _ => Some("the target left the stream open"),
    };
    let code = |close: &Option<(usize, &FrameEvent)>| close.as_ref().and_then(|(_, frame)| code_of(frame));
    let reason = |close: &Option<(usize, &FrameEvent)>| close.as_ref().and_then(|(_, frame)| reason_of(frame));
    let (request, response) = if is_server { (Direction::In, Direction::Out) } else { (Direction::Out, Direction::In) };
    let fields = [
        ("agent", json!(agent)),
        ("behavior", json!(entry.behavior)),
        ("behaviorClose", json!(entry.behavior_close)),
        ("case", json!(at)),
        ("closedByMe", json!(by_me)),
        ("createStats", json!(true)),
        ("createWirelog", json!(true)),
        ("description", json!(case.title)),
        ("droppedByMe", json!(ended == Some(Direction::Out))),
        ("duration", json!(entry.duration)),
        ("expectation", json!(expectation.join(" "))),
        ("expected", Value::Null),
        ("expectedClose", Value::Null),
        ("failedByMe", Value::Null),
        ("httpRequest", json!(head(case, request))),
        ("httpResponse", json!(head(case, response))),
        ("id", json!(number)),
        ("isServer", json!(is_server)),
        ("localCloseCode", json!(code(&local))),
        ("localCloseReason", json!(reason(&local))),
        ("received", json!(received(case))),
        ("remoteCloseCode", json!(code(&remote))),
        ("remoteCloseReason", json!(reason(&remote))),
        ("reportCompressionRatio", json!(false)),
        ("reportTime", Value::Null),
        ("result", json!(result(case))),
        ("resultClose", json!(entry.behavior_close.sentence())),
        ("rxFrameStats", json!(frame_stats(case, Direction::In))),
        ("rxOctetStats", Value::Null),
        ("started", Value::Null),
        ("trafficStats", Value::Null),
        ("txFrameStats", json!(frame_stats(case, Direction::Out))),
        ("txOctetStats", Value::Null),
        ("wasClean", json!(clean)),
        ("wasCloseHandshakeTimeout", Value::Null),
        ("wasNotCleanReason", json!(why_not)),
        ("wasOpenHandshakeTimeout", Value::Null),
        ("wasServerConnectionDropTimeout", Value::Null),
        ("wirelog", json!(wirelog(case))),
        ("wsspec", ours(cases)),
    ];
    Some(fields.into_iter().collect())
}

/// Information that the old format does not have.
fn ours(cases: &[&CaseResult]) -> Value {
    let details = |case: &&CaseResult| {
        json!({
            "case": case.case,
            "findings": case.findings.iter().map(|finding| &finding.message).collect::<Vec<_>>(),
            "outcome": case.outcome,
            "replay": case.replay,
        })
    };
    cases.iter().map(details).collect()
}

fn result(case: &CaseResult) -> String {
    if case.findings.is_empty() {
        return "The expected frames arrived.".into();
    }
    case.findings.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("; ")
}

fn frames(case: &CaseResult, dir: Direction) -> impl Iterator<Item = (usize, &FrameEvent)> {
    case.transcript.iter().enumerate().filter_map(move |(at, event)| match &event.what {
        What::Frame(frame) if event.direction == Some(dir) => Some((at, frame)),
        _ => None,
    })
}

/// The first Close frame of a side, with its event.
fn close_frame(case: &CaseResult, dir: Direction) -> Option<(usize, &FrameEvent)> {
    frames(case, dir).find(|(_, frame)| frame.opcode == 8)
}

fn code_of(frame: &FrameEvent) -> Option<u16> {
    let code = from_hex(frame.payload.get(..4)?);
    Some(u16::from_be_bytes([*code.first()?, *code.get(1)?]))
}

fn reason_of(frame: &FrameEvent) -> Option<String> {
    let bytes = from_hex(&frame.payload);
    bytes.get(2..).map(text)
}

/// The code of the target's first Close frame.
pub(super) fn remote_close_code(case: &CaseResult) -> Option<u16> {
    close_frame(case, Direction::In).and_then(|(_, frame)| code_of(frame))
}

fn head(case: &CaseResult, dir: Direction) -> Option<&str> {
    case.transcript.iter().find_map(|event| match &event.what {
        What::Head { text } if event.direction == Some(dir) => Some(text.as_str()),
        _ => None,
    })
}

/// How many frames of each opcode.
fn frame_stats(case: &CaseResult, dir: Direction) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for (_, frame) in frames(case, dir) {
        *counts.entry(frame.opcode.to_string()).or_default() += 1;
    }
    counts
}

/// Messages and pongs of the target, in order.
fn received(case: &CaseResult) -> Vec<Value> {
    let mut events = Vec::new();
    let mut open: Option<(bool, Vec<u8>)> = None;
    for (_, frame) in frames(case, Direction::In) {
        let bytes = from_hex(&frame.payload);
        match frame.opcode {
            1 | 2 => open = Some((frame.opcode == 2, bytes)),
            0 => {
                if let Some((_, payload)) = &mut open {
                    payload.extend(bytes);
                }
            }
            10 => events.push(json!(["pong", text(&bytes)])),
            _ => {}
        }
        if frame.fin
            && frame.opcode < 3
            && let Some((binary, payload)) = open.take()
        {
            events.push(json!(["message", text(&payload), binary]));
        }
    }
    events
}

/// A payload: text if it is UTF-8, otherwise hexadecimal; truncated.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.chars().take(PAYLOAD).collect(),
        Err(_) => format!("0x{}", crate::bytes::to_hex(bytes)).chars().take(PAYLOAD).collect(),
    }
}

fn wirelog(case: &CaseResult) -> Vec<Value> {
    case.transcript.iter().filter_map(row).collect()
}

fn row(event: &Event) -> Option<Value> {
    let way = match event.direction? {
        Direction::In => "R",
        Direction::Out => "T",
    };
    match &event.what {
        What::Head { text } => Some(json!([format!("{way}O"), [text.len(), text]])),
        What::Bytes { length, hex } => Some(json!([format!("{way}O"), [length, hex]])),
        What::Frame(frame) => {
            let payload = text(&from_hex(&frame.payload));
            let kind = format!("{way}F");
            Some(json!([
                kind,
                [frame.length, payload],
                frame.opcode,
                frame.fin,
                frame.rsv,
                frame.mask.is_some(),
                frame.mask
            ]))
        }
        What::End { .. } | What::Note { .. } => None,
    }
}
