//! The sentences of findings.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;

use crate::case::{
    CloseExpect, Content, ExpectKind, Expectation, FieldMatch, HeadExpect, HeadExpectKind, PongContent, Template,
};
use crate::play::{Actual, Expected, Message, Received};
use crate::vocabulary::StreamEnd;
use crate::wire::close::CloseBody;

/// A time with a unit, `0.4 ms` or `3.0 s`.
pub(super) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 1000.0 { format!("{milliseconds:.1} ms") } else { format!("{:.1} s", milliseconds / 1000.0) }
}

/// When it came, for what came at all.
pub(super) fn when(actual: &Actual, at: Duration) -> String {
    match actual {
        Actual::Silence(_) | Actual::OtherPong(..) | Actual::OtherMessage(..) | Actual::NoCall(_) => String::new(),
        _ => format!(" after {}", milliseconds(at)),
    }
}

/// What was expected.
pub(super) fn expected(expected: &Expected) -> String {
    match expected {
        Expected::Step(kind) => step(kind),
        Expected::Series(series) => {
            let kind = if series.text { "text" } else { "binary" };
            let size = match (series.size, series.text) {
                (1, true) => "1 character".to_owned(),
                (size, true) => format!("{size} characters"),
                (1, false) => "1 byte".to_owned(),
                (size, false) => format!("{size} bytes"),
            };
            match series.count {
                1 => format!("the {kind} message of {size} to come back"),
                _ => format!("each {kind} message of {size} to come back"),
            }
        }
        Expected::Head(heads) if heads.is_empty() => "the opening handshake to succeed with 101".into(),
        Expected::Head(heads) => heads.iter().map(head).collect::<Vec<_>>().join(", or "),
        Expected::CleanClose => "the closing handshake to complete with 1000".into(),
        Expected::CleanFin => "the closing handshake to complete with 1000, and the stream to end with FIN".into(),
        Expected::HeldOpen => "the client to leave it to the server to end TCP behind the closing handshake".into(),
        Expected::TlsRefusal => "the client to refuse the certificate, and to send no request".into(),
        Expected::ServerName => "a ClientHello that names the host of the URL (server_name)".into(),
        Expected::Refusal => "the connection to fail without a frame, and the stream to end".into(),
    }
}

fn step(kind: &ExpectKind) -> String {
    match kind {
        ExpectKind::One(one) | ExpectKind::Optional(one) => expectation(one),
        ExpectKind::OneOf(alternatives) => alternatives
            .iter()
            .filter_map(|alternative| {
                let all: Vec<String> = alternative.sequence.iter().map(expectation).collect();
                // Ten pongs in a row are not told one by one.
                match all.as_slice() {
                    [] => None,
                    [first, .., last] if all.len() > 3 => {
                        Some(format!("{first} and so on to {last} ({} in all)", all.len()))
                    }
                    _ => Some(all.join(" and then ")),
                }
            })
            .collect::<Vec<_>>()
            .join(", or "),
        ExpectKind::AllOf(all) => all.iter().map(expectation).collect::<Vec<_>>().join(" and "),
        ExpectKind::Nothing => "nothing but the pong to a barrier".into(),
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
        Expectation::StillOpen { .. } => "the connection to go on".into(),
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

fn head(expect: &HeadExpect) -> String {
    head_kind(&expect.kind)
}

fn head_kind(kind: &HeadExpectKind) -> String {
    let HeadExpectKind::Head { status, accept, method, target, fields } = kind else {
        return "the end without a head".into();
    };
    let mut text = String::new();
    if status.is_empty() {
        text.push_str("a head");
    } else {
        let ranges: Vec<String> = status
            .iter()
            .map(|(low, high)| if low == high { low.to_string() } else { format!("{low}-{high}") })
            .collect();
        let _ = write!(text, "the status {}", ranges.join(" or "));
    }
    if *accept {
        text.push_str(" with the right accept value");
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

/// What came.
pub(super) fn actual(actual: &Actual) -> String {
    match actual {
        Actual::Received(received) => heard_words(received),
        Actual::Head(text) => text.clone(),
        Actual::Tls(text) => text.clone(),
        Actual::Field(text) => format!("a head that does not fit: {text}"),
        Actual::Silence(time) => format!("nothing for {}", milliseconds(*time)),
        Actual::OtherPong(data, time) => {
            format!("a pong of {} and then nothing for {}", payload(data), milliseconds(*time))
        }
        Actual::OtherMessage(message, time) => {
            format!("another message, of {}, and then nothing for {}", message_payload(message), milliseconds(*time))
        }
        Actual::NoCall(why) => format!("no connection: {why}"),
        Actual::HeadTooLong(bound) => format!("a head of more than {bound} bytes"),
        Actual::Did(what) => format!("a target that {what}"),
        Actual::NoHead(text) => format!("bytes that are no head: `{}`", short(&visible(text.as_bytes()))),
    }
}

fn heard_words(received: &Received) -> String {
    match received {
        Received::Message(message) if message.text => format!("a text message of {}", message_payload(message)),
        Received::Message(message) => format!("a binary message of {}", message_payload(message)),
        Received::Ping(data) => format!("a ping of {}", payload(data)),
        Received::Pong(data) => format!("a pong of {}", payload(data)),
        Received::BarrierAnswered => "a pong to a ping sent behind it: the connection goes on".into(),
        Received::Unknown(opcode) => format!("a frame with the reserved opcode {opcode}"),
        Received::Closed(None, Some(kind)) => format!("the end of the stream ({}) without a Close frame", end(*kind)),
        Received::Closed(None, None) => "the end".into(),
        Received::Closed(Some(body), Some(_)) => format!("{}, and the end of the stream", close(body)),
        Received::Closed(Some(body), None) => format!("{}, but the stream stays open", close(body)),
        Received::TooLarge(head) => format!("a frame that declares {} bytes", head.length),
        Received::Flood => "a flood beyond all bounds".into(),
        Received::Echoed(number) => format!("message {number} as it was sent"),
        Received::Differs { number, how } => format!("something else for message {number}: {how}"),
    }
}

fn close(body: &CloseBody) -> String {
    match (body.code, body.reason.is_empty()) {
        (None, _) => "a Close frame without code".into(),
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
fn message_payload(message: &Message) -> String {
    sized(&message.data, message.length)
}

/// A payload by its size, and its text where that is short.
fn payload(bytes: &Bytes) -> String {
    sized(bytes, bytes.len() as u64)
}

fn sized(bytes: &Bytes, length: u64) -> String {
    let size = if length == 1 { "1 byte".to_owned() } else { format!("{length} bytes") };
    match length {
        0 => size,
        1..=40 => format!("{size} \"{}\"", visible(bytes)),
        _ => format!("{size} \"{}...\"", visible(bytes.get(..16).unwrap_or_default())),
    }
}

/// Bytes as text, what is not printable ASCII as `\xNN`.
fn visible(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// The first 80 characters.
fn short(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
