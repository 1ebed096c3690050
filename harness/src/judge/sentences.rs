//! The sentences of findings: what was sent, what must happen, what happened.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use wsspec_reports::results;

use super::finding::{Finding, Subject};
use super::stimulus;
use crate::case::{
    Alternative, CloseExpect, Content, ExpectKind, Expectation, FieldMatch, HeadExpect, HeadExpectKind, PongContent,
    Series, Template,
};
use crate::play::{Actual, Expected, Message, Received};
use crate::vocabulary::{Outcome, Role, StreamEnd};
use crate::wire::close::CloseBody;

/// The most characters of a text that a target or a case wrote.
const SHOWN: usize = 80;

/// A finding in words, as results have it.
pub(super) fn worded(finding: &Finding<'_>) -> results::Finding {
    let (expected, actual, message) = match &finding.subject {
        Subject::Sentence(sentence) => (None, None, sentence.clone()),
        Subject::Breach(breach) => {
            let message = match &breach.expected {
                Some(expected) => format!("expected {expected}, got {}", breach.actual),
                None => breach.actual.clone(),
            };
            (breach.expected.clone(), Some(breach.actual.clone()), message)
        }
        Subject::Departure { role, sent, expected, actual } => {
            let (wanted, came) = (words_of_expected(expected, *role), words_of_actual(actual, expected, *role));
            let when = match actual {
                Actual::Silence(_) | Actual::NoCall(_) | Actual::OtherPong(..) | Actual::OtherMessage(..) => None,
                _ => finding.at.map(|at| format!(" after {}", time(at))),
            };
            let when = when.unwrap_or_default();
            let sentence = match (actual, wanted.is_empty()) {
                (Actual::Silence(_), _) => came.clone(),
                // Nothing in particular must happen where every alternative is only reported.
                (_, true) => format!("got {came}{when}"),
                (_, false) => format!("expected {wanted}, got {came}{when}"),
            };
            let message = match stimulus::sent(sent, *role) {
                Some(sent) => format!("after {sent}: {sentence}"),
                None => sentence,
            };
            (Some(wanted).filter(|wanted| !wanted.is_empty()), Some(came), message)
        }
    };
    let because = finding.ruling.because.clone().unwrap_or_default();
    results::Finding {
        by: finding.phase.clone(),
        outcome: finding.outcome(),
        requirement: finding.requirement.clone(),
        message,
        expected,
        actual,
        at_ms: finding.at.map(|at| (at.as_secs_f64() * 1e6).round() / 1e3),
        zone: because.zone,
        because: because.text,
        line: finding.line,
        event: finding.event,
        ending: finding.ending,
    }
}

/// A time with a unit, `0.4 ms` or `3.0 s`.
fn time(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 1000.0 { format!("{milliseconds:.1} ms") } else { format!("{:.1} s", milliseconds / 1000.0) }
}

/// A number and a noun: `1 byte`, `2 bytes`.
pub(super) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// So many bytes.
pub(super) fn bytes_of(number: u64) -> String {
    count(number, "byte")
}

/// What must happen; empty where every alternative is only reported.
fn words_of_expected(expected: &Expected, role: Role) -> String {
    match expected {
        Expected::Step(kind) => step(kind),
        Expected::Series(series) => match series.count {
            1 => format!("the {} to come back", message_of(series)),
            _ => format!("each {} to come back", message_of(series)),
        },
        Expected::Head(heads) if heads.is_empty() => "the opening handshake to succeed with 101".into(),
        Expected::Head(heads) => of_heads(heads),
        Expected::NoHead => "the client not to connect".into(),
        Expected::Deflate => "permessage-deflate to be agreed as the case needs it".into(),
        Expected::CleanClose => "the closing handshake to complete with 1000".into(),
        Expected::CleanFin => "the closing handshake to complete with 1000, and the stream to end with FIN".into(),
        Expected::StreamEnd => "the end of the stream at once after the closing handshake".into(),
        Expected::CloseNotify => "TLS's closure alert before the end of the stream".into(),
        Expected::HeldOpen => "the client to let the server end TCP after the closing handshake".into(),
        Expected::TlsRefusal => "the client to reject the certificate and to send no request".into(),
        Expected::ServerName => "a ClientHello that names the host of the URL (server_name)".into(),
        Expected::Refusal if role == Role::Server => "no frame after the refusal".into(),
        Expected::Refusal => "the client to fail the connection without a frame".into(),
    }
}

fn message_of(series: &Series) -> String {
    let kind = if series.text { "text" } else { "binary" };
    let unit = if series.text { "character" } else { "byte" };
    format!("{kind} message of {}", count(series.size as u64, unit))
}

/// The alternatives that pass; those that are merely lenient or info are not what must happen.
fn strict<T>(all: &[T], outcome: impl Fn(&T) -> Outcome) -> Vec<&T> {
    all.iter().filter(|one| outcome(one) == Outcome::Pass).collect()
}

fn strict_alternatives(alternatives: &[Alternative]) -> Vec<&Alternative> {
    strict(alternatives, |one| one.outcome)
}

fn of_heads(heads: &[HeadExpect]) -> String {
    let strict = strict(heads, |one| one.outcome);
    strict.into_iter().map(|one| head_kind(&one.kind)).collect::<Vec<_>>().join(", or ")
}

fn step(kind: &ExpectKind) -> String {
    match kind {
        ExpectKind::One(one) | ExpectKind::Optional(one) => expectation(one),
        ExpectKind::OneOf(alternatives) => {
            let worded = strict_alternatives(alternatives).into_iter().filter_map(|alternative| {
                let all: Vec<String> = alternative.sequence.iter().map(expectation).collect();
                // Ten pongs in a row are not listed one by one.
                match all.as_slice() {
                    [] => None,
                    [first, .., last] if all.len() > 3 => {
                        Some(format!("{first} and so on to {last} ({} in all)", all.len()))
                    }
                    _ => Some(all.join(" and then ")),
                }
            });
            worded.collect::<Vec<_>>().join(", or ")
        }
        ExpectKind::AllOf(all) => all.iter().map(expectation).collect::<Vec<_>>().join(" and "),
        ExpectKind::Nothing => "nothing but the pong to a barrier".into(),
    }
}

/// What did not come within the timeout: `pong`, `text message`.
fn missing(expected: &Expected, role: Role) -> String {
    match expected {
        Expected::Step(kind) => match &**kind {
            ExpectKind::One(one) | ExpectKind::Optional(one) => missing_one(one).into(),
            ExpectKind::OneOf(alternatives) => {
                let firsts = strict_alternatives(alternatives).into_iter().filter_map(|one| one.sequence.first());
                let mut names: Vec<&str> = firsts.map(missing_one).collect();
                names.dedup();
                if names.is_empty() { "reaction".into() } else { names.join(" or ") }
            }
            ExpectKind::AllOf(all) => {
                let mut names: Vec<&str> = all.iter().map(missing_one).collect();
                names.dedup();
                names.join(" and ")
            }
            ExpectKind::Nothing => "pong to a barrier".into(),
        },
        Expected::Series(series) => format!("echo of a {}", message_of(series)),
        Expected::Head(_) if role == Role::Server => "response".into(),
        Expected::Head(_) | Expected::NoHead => "request".into(),
        Expected::CleanClose | Expected::CleanFin | Expected::CloseNotify | Expected::HeldOpen => "Close frame".into(),
        Expected::Refusal | Expected::StreamEnd => "end of the stream".into(),
        Expected::TlsRefusal => "rejection of the certificate".into(),
        Expected::ServerName | Expected::Deflate => "answer".into(),
    }
}

const fn missing_one(one: &Expectation) -> &'static str {
    match one {
        Expectation::Message { text: Some(true), .. } => "text message",
        Expectation::Message { text: Some(false), .. } => "binary message",
        Expectation::Message { text: None, .. } => "message",
        Expectation::Ping(_) => "ping",
        Expectation::Pong(_) => "pong",
        Expectation::Close(_) => "Close frame",
        Expectation::Fail(_) => "Close frame or end of the stream",
        Expectation::Eof(_) => "end of the stream",
        Expectation::Http(_) => "HTTP response",
        Expectation::StillOpen { .. } => "pong to a barrier",
    }
}

fn expectation(one: &Expectation) -> String {
    match one {
        Expectation::Message { text, content } => {
            let kind = match text {
                Some(true) => "a text message",
                Some(false) => "a binary message",
                None => "a message",
            };
            format!("{kind}{}", holding(content))
        }
        Expectation::Ping(content) => format!("a ping{}", holding(content)),
        Expectation::Pong(PongContent::Same) => "a pong with the ping's data".into(),
        Expectation::Pong(PongContent::Content(content)) => format!("a pong{}", holding(content)),
        Expectation::Close(close) => match close {
            CloseExpect::Any => "a Close frame and the end of the stream".into(),
            CloseExpect::Empty => "an empty Close frame and the end of the stream".into(),
            CloseExpect::Same => "a Close frame with the code that was sent, and the end of the stream".into(),
            CloseExpect::Codes(codes) => format!("a Close frame with {}, and the end of the stream", list(codes)),
            CloseExpect::Exactly(codes) => {
                format!("a Close frame with exactly {}, and the end of the stream", list(codes))
            }
        },
        Expectation::Fail(codes) => format!("the connection to fail with {}", list(codes)),
        Expectation::Eof(kinds) => match kinds.as_slice() {
            [one] => format!("the stream to end with {}", end(*one)),
            _ => "the stream to end".into(),
        },
        Expectation::Http(kind) => head_kind(kind),
        Expectation::StillOpen { .. } => "the connection to continue".into(),
    }
}

fn list(codes: &[u16]) -> String {
    codes.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ")
}

fn holding(content: &Content) -> String {
    match content {
        Content::Any => String::new(),
        Content::Equals(bytes) => format!(" of {}", payload(bytes)),
        Content::Contains(bytes) => format!(" that contains {}", payload(bytes)),
        Content::Json(value) => format!(" with the JSON {}", short(&value.to_string())),
        Content::JsonContains(value) => format!(" with JSON that has {}", short(&value.to_string())),
    }
}

fn head_kind(kind: &HeadExpectKind) -> String {
    let HeadExpectKind::Head { status, accept, method, target, fields } = kind else {
        return "the end of the stream without a response".into();
    };
    let mut text = String::new();
    if status.is_empty() {
        text.push_str("a head");
    } else if status.as_slice() == [(400, 599)] {
        text.push_str("a refusal (4xx/5xx)");
    } else if status.as_slice() == [(100, 100), (102, 999)] {
        text.push_str("any status but 101");
    } else {
        let ranges: Vec<String> = status
            .iter()
            .map(|(low, high)| if low == high { low.to_string() } else { format!("{low}-{high}") })
            .collect();
        let _ = write!(text, "the status {}", ranges.join(" or "));
    }
    if *accept {
        text.push_str(" with the accept value for the key");
    }
    if let Some(method) = method {
        let _ = write!(text, " with the method {method}");
    }
    if let Some(target) = target {
        let target = match target {
            Template::Plain(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Template::Filled(text) => text.clone(),
        };
        let _ = write!(text, " with the request target `{}`", short(&target));
    }
    for (name, wanted) in fields {
        let wanted = match wanted {
            FieldMatch::Present => "present".to_owned(),
            FieldMatch::Absent => "absent".to_owned(),
            FieldMatch::First => "first of all fields".to_owned(),
            FieldMatch::Equals(Template::Plain(bytes)) => {
                format!("`{}`", short(&String::from_utf8_lossy(bytes)))
            }
            FieldMatch::Equals(Template::Filled(text)) | FieldMatch::Contains(text) | FieldMatch::Token(text) => {
                format!("with `{}`", short(text))
            }
            FieldMatch::OneOf(values) => format!("one of {}", values.join(", ")),
        };
        let _ = write!(text, ", {name} {wanted}");
    }
    text
}

/// What happened, without its time.
fn words_of_actual(actual: &Actual, expected: &Expected, role: Role) -> String {
    match actual {
        Actual::Received(received) => of_received(received),
        Actual::Head(text) | Actual::Tls(text) | Actual::Field(text) => text.clone(),
        Actual::LateEnd(after) => format!("the end of the stream {} after it", time(*after)),
        Actual::Silence(waited) => format!("no {} within {}", missing(expected, role), time(*waited)),
        Actual::OtherPong(data, waited) => {
            format!("a pong of {} and then nothing for {}", payload(data), time(*waited))
        }
        Actual::OtherMessage(message, waited) => {
            format!("another message of {} and then nothing for {}", content(message), time(*waited))
        }
        Actual::NoCall(why) => format!("no connection: {why}"),
        Actual::HeadTooLong(bound) => format!("a head of more than {}", bytes_of(*bound as u64)),
        Actual::SentUnread(sent) => format!("{} accepted while nothing of the echo was read", bytes_of(*sent)),
        Actual::NoHead(text) => format!("bytes that are not a head: `{}`", short(&visible(text.as_bytes()))),
    }
}

fn of_received(received: &Received) -> String {
    match received {
        Received::Message(message) if message.text => format!("a text message of {}", content(message)),
        Received::Message(message) => format!("a binary message of {}", content(message)),
        Received::Ping(data) => format!("a ping of {}", payload(data)),
        Received::Pong(data) => format!("a pong of {}", payload(data)),
        Received::BarrierAnswered => "a pong to a later ping (the connection continues)".into(),
        Received::Unknown(opcode) => format!("a frame with the reserved opcode {opcode}"),
        Received::Closed(None, Some(kind)) => format!("the end of the stream ({}) without a Close frame", end(*kind)),
        Received::Closed(None, None) => "the end of the connection".into(),
        Received::Closed(Some(body), Some(StreamEnd::Fin)) => format!("{} and the end of the stream", close(body)),
        Received::Closed(Some(body), Some(kind)) => {
            format!("{} and the end of the stream ({})", close(body), end(*kind))
        }
        Received::Closed(Some(body), None) => format!("{}, but the stream stays open", close(body)),
        Received::TooLarge(head) => format!("a frame that declares {}", bytes_of(head.length)),
        Received::InflatesTooFar(head) => {
            format!("a compressed frame of {} that inflates to more than is read", bytes_of(head.length))
        }
        Received::Http(line) => format!("HTTP in place of a frame: `{}`", short(&visible(line.as_bytes()))),
        Received::Flood => "more than any case allows".into(),
        Received::Echoed(number) => format!("message {number} as it was sent"),
        Received::Differs { number, how } => format!("something else for message {number}: {how}"),
    }
}

fn close(body: &CloseBody) -> String {
    match (body.code, body.reason.is_empty()) {
        (None, _) => "a Close frame without a code".into(),
        (Some(code), true) => format!("a Close frame with {code}"),
        (Some(code), false) => {
            format!("a Close frame with {code} and the reason \"{}\"", short(&visible(&body.reason)))
        }
    }
}

const fn end(kind: StreamEnd) -> &'static str {
    match kind {
        StreamEnd::Fin => "FIN",
        StreamEnd::TlsTruncated => "FIN without TLS's closure alert",
        StreamEnd::Reset => "RST",
    }
}

/// A message by its size, and its text where that is short.
fn content(message: &Message) -> String {
    sized(&message.data, message.length)
}

/// A payload by its size, and its text where that is short.
fn payload(bytes: &Bytes) -> String {
    sized(bytes, bytes.len() as u64)
}

fn sized(bytes: &Bytes, length: u64) -> String {
    let size = bytes_of(length);
    match length {
        0 => size,
        1..=40 => format!("{size} \"{}\"", visible(bytes)),
        _ => size,
    }
}

/// Bytes as text, what is not printable ASCII as `\xNN`.
fn visible(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// The first 80 characters.
fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
#[path = "sentences_tests.rs"]
mod tests;
