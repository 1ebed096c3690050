//! The probe: a sanity check, and what the target supports, before the first case.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::dispatch::Target;
use super::limits;
use crate::case::{
    Case, Content, Ends, Expect, ExpectKind, Expectation, Handshake, HeadPatch, Need, PongContent, Send, SendFrame,
    SendKind, Source, Step, StepKind,
};
use crate::play::{Accepted, FactKind, PlayResult, Settings, What, deflate_offers};
use crate::vocabulary::{Direction, Level, Role};
use crate::wire::Opcode;

/// What a probe found.
#[derive(Clone, Debug, PartialEq)]
pub struct Capabilities {
    /// The features that it supports.
    pub has: Vec<Need>,
    /// Whether it completes the sanity check; otherwise an opening handshake alone shows that it is there.
    pub sane: bool,
    /// The time from a ping to its pong.
    pub round_trip: Duration,
    /// Whether it sent unsolicited messages.
    pub talks: bool,
    /// Whether it serves several connections at once.
    pub concurrent: bool,
    /// The target's Server or User-Agent field.
    pub name: Option<String>,
    /// The sizes of messages that it accepts.
    pub accepted: Accepted,
}

/// Why a target cannot be tested.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// No connection.
    #[error("{0}")]
    Environment(String),
    /// The opening handshake fails.
    #[error("the target does not accept a valid opening handshake: {0}")]
    Handshake(String),
}

/// A case of the harness's own.
pub(super) fn own(id: &str, handshake: Handshake, steps: Vec<StepKind>, ends: Ends) -> Arc<Case> {
    Arc::new(Case {
        id: format!("probe/{id}"),
        title: "What the target has is found out".into(),
        note: None,
        group: "Probe".into(),
        autobahn: Vec::new(),
        role: None,
        spec: Vec::new(),
        proves: Vec::new(),
        level: Level::Info,
        needs: Vec::new(),
        handshake,
        steps: steps.into_iter().map(|kind| Step { kind, line: 0 }).collect(),
        ends,
        stress: false,
        idle_connections: 0,
        measures: Vec::new(),
        source: Source { file: "probe".into(), line: 0, ..Source::default() },
    })
}

fn frame(opcode: Opcode, payload: &'static str) -> StepKind {
    let frame = SendFrame::plain(opcode, Bytes::from_static(payload.as_bytes()));
    StepKind::Send(Send { kind: SendKind::Frames(vec![frame]), split: None })
}

pub(super) fn expect(expectation: Expectation, within: Option<Duration>) -> StepKind {
    StepKind::Expect(Expect { kind: ExpectKind::One(expectation), within })
}

fn pong() -> StepKind {
    expect(Expectation::Pong(PongContent::Same), None)
}

/// A handshake and nothing more.
pub(super) fn call() -> Arc<Case> {
    own("call", Handshake::default(), Vec::new(), Ends::Dropped)
}

/// Handshake, ping, closing handshake.
pub(super) fn sanity() -> Arc<Case> {
    own("sanity", Handshake::default(), vec![frame(Opcode::PING, "wsspec"), pong()], Ends::Clean)
}

/// The offer that most clients make.
const DEFLATE: &str = "permessage-deflate; client_max_window_bits";
const WORD: &str = "wsspec asks for an echo";
const LATER: &str = "wsspec asks for another";

/// Whether a message is almost the one that was sent: a broken echo is an echo, and the cases show what is broken.
///
/// An application's own answer may contain the message, but is longer.
fn nearly_echoes(played: &PlayResult) -> bool {
    played.transcript.received_frames().any(|(_, frame)| {
        let payload = &frame.payload;
        let is_similar = |word: &str| {
            payload.length.abs_diff(word.len() as u64) <= 2
                && payload.head.iter().zip(word.bytes()).filter(|(a, b)| *a == b).count() >= 16
        };
        is_similar(WORD) || is_similar(LATER)
    })
}

/// Probes a target.
///
/// # Errors
/// When it cannot be reached or does not accept a valid opening handshake.
pub async fn probe(target: &dyn Target, settings: &Settings) -> Result<Capabilities, ProbeError> {
    let first = target.play(&sanity(), settings).await.result;
    let Some(round_trip) = opened(&first)? else {
        return Err(ProbeError::Handshake(why(&first)));
    };
    let sane = is_good(&first);
    let mut has = Vec::new();
    // An echo may come after the pong, since another part of the target makes it.
    let timeout = settings.timeout.min(Duration::from_millis(1500));
    let echo = Expectation::Message { text: Some(true), content: Content::Equals(Bytes::from_static(WORD.as_bytes())) };
    let later =
        Expectation::Message { text: Some(true), content: Content::Equals(Bytes::from_static(LATER.as_bytes())) };
    let steps = vec![
        StepKind::Send(Send { kind: SendKind::Barrier, split: None }),
        frame(Opcode::TEXT, WORD),
        frame(Opcode::TEXT, LATER),
        expect(echo, Some(timeout)),
        expect(later, Some(timeout)),
    ];
    let lenient = Settings { strict_messages: false, ..settings.clone() };
    let echoed = target.play(&own("echo", Handshake::default(), steps, Ends::Clean), &lenient).await.result;
    if is_good(&echoed) || nearly_echoes(&echoed) {
        has.push(Need::Echo);
    }
    let talks = speaks_first(&echoed);
    if target.role() == Role::Server {
        let offer = HeadPatch { subprotocols: vec!["chat".into(), "superchat".into()], ..HeadPatch::default() };
        let handshake = Handshake { request: offer, ..Handshake::default() };
        let played = target.play(&own("subprotocol", handshake, Vec::new(), Ends::Clean), settings).await.result;
        let chosen = played.transcript.response.and_then(|head| head.first("Sec-WebSocket-Protocol"));
        if chosen.is_some() {
            has.push(Need::Subprotocol);
        }
        let offer = HeadPatch { extensions: vec![DEFLATE.into()], ..HeadPatch::default() };
        let handshake = Handshake { request: offer, ..Handshake::default() };
        let played = target.play(&own("deflate", handshake, Vec::new(), Ends::Clean), settings).await.result;
        if played.transcript.deflate.is_some() {
            has.push(Need::Deflate);
        }
    } else {
        has.push(Need::Url);
        if !first.transcript.offered_subprotocols.is_empty() {
            has.push(Need::Subprotocol);
        }
        if !deflate_offers(&first.transcript.offered_extensions).is_empty() {
            has.push(Need::Deflate);
        }
    }
    if target.is_secure() {
        has.push(Need::Tls);
    }
    let head = first.transcript.response.as_ref().or(first.transcript.request.as_ref());
    let name = head.and_then(|head| head.first("Server").or_else(|| head.first("User-Agent")));
    let concurrent = target.serves_at_once(settings).await;
    let accepted = if has.contains(&Need::Echo) { limits::learn(target, settings).await } else { Accepted::default() };
    Ok(Capabilities { has, sane, round_trip, talks, concurrent, name, accepted })
}

/// The round trip, when the connection opened; `None` when it did not.
fn opened(played: &PlayResult) -> Result<Option<Duration>, ProbeError> {
    if let Some(FactKind::Environment(message)) = played.facts.last().map(|fact| &fact.kind) {
        return Err(ProbeError::Environment(message.clone()));
    }
    if !played.opened {
        return Ok(None);
    }
    let frames: Vec<_> =
        played.transcript.events().iter().filter(|event| matches!(event.what, What::Frame(_))).collect();
    let sent = frames.iter().find(|event| event.direction == Some(Direction::Out)).map(|event| event.at);
    let answered = frames.iter().find(|event| event.direction == Some(Direction::In)).map(|event| event.at);
    Ok(Some(match (sent, answered) {
        (Some(sent), Some(answered)) => answered.saturating_sub(sent),
        // A ping was not answered, which the cases report. This time is used instead.
        _ => Duration::from_millis(10),
    }))
}

pub(super) fn is_good(played: &PlayResult) -> bool {
    played.opened && played.facts.iter().all(|fact| fact.kind.is_variation())
}

/// Whether a message came before we sent one.
fn speaks_first(played: &PlayResult) -> bool {
    let is_message =
        |what: &What| matches!(what, What::Frame(frame) if matches!(frame.head.opcode, Opcode::TEXT | Opcode::BINARY));
    let first = played.transcript.events().iter().find(|event| is_message(&event.what));
    first.is_some_and(|event| event.direction == Some(Direction::In))
}

fn why(played: &PlayResult) -> String {
    let case = sanity();
    let call = crate::play::Call::of_server("", "", Vec::new());
    let verdict = crate::judge::judge(&case, played, &call);
    verdict
        .findings
        .iter()
        .find(|finding| !finding.by.is_rule())
        .map_or_else(|| "it ended the connection".to_owned(), |finding| finding.message.clone())
}
