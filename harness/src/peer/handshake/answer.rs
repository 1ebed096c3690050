//! A server's response to a request: RFC 6455 section 4.2.2.

use base64::Engine as _;

use crate::wire::handshake::{HeadWriter, LineEnding, accept_for};

use super::super::faults::Fault;
use super::request::BASE64;
use super::verdict::{Accepted, Refusal};

/// The bytes of the response that accepts a request, preceded by a 100 where the request requires one. `extensions` is
/// the value that the server agrees to.
pub fn acceptance(accepted: &Accepted, extensions: Option<&str>, fault: Option<Fault>) -> Vec<u8> {
    let is = |asked: Fault| fault == Some(asked);
    let version = if is(Fault::RESPONSE_HTTP_1_0) { "HTTP/1.0" } else { "HTTP/1.1" };
    let status = if is(Fault::WRONG_STATUS) { "200 OK" } else { "101 Switching Protocols" };
    let mut head = HeadWriter::new(format!("{version} {status}"));
    if !is(Fault::NO_UPGRADE_IN_RESPONSE) {
        head.add("Upgrade", "websocket");
    }
    if !is(Fault::NO_CONNECTION_IN_RESPONSE) {
        head.add("Connection", "Upgrade");
    }
    let accept = accept_value(&accepted.key, fault);
    if is(Fault::ACCEPT_TWICE) {
        head.add("Sec-WebSocket-Accept", accept.as_str());
    }
    if !is(Fault::NO_ACCEPT) {
        head.add("Sec-WebSocket-Accept", accept);
    }
    if let (Some(line), true) = (&accepted.protocol_line, is(Fault::SUBPROTOCOL_SENT_BACK)) {
        head.add("Sec-WebSocket-Protocol", line.clone());
    } else if let Some(name) = subprotocol(accepted, fault) {
        head.add("Sec-WebSocket-Protocol", name);
    }
    if let (Some(line), true) = (&accepted.extensions_line, is(Fault::EXTENSIONS_SENT_BACK)) {
        head.add("Sec-WebSocket-Extensions", line.clone());
    } else if let Some(agreed) = extensions {
        head.add("Sec-WebSocket-Extensions", agreed);
    }
    if is(Fault::TRANSFER_ENCODING_IN_101) {
        head.add("Transfer-Encoding", "chunked");
    }
    if is(Fault::SENDS_UNOFFERED_EXTENSION) {
        head.add("Sec-WebSocket-Extensions", "x-unoffered");
    }
    if is(Fault::EMPTY_EXTENSIONS) {
        head.add("Sec-WebSocket-Extensions", "");
    }
    if is(Fault::RESPONSE_FOLDED) {
        head.add("X-Folded", "one\r\n two");
    }
    if is(Fault::RESPONSE_BARE_LF) {
        head.line_ending = LineEnding::Lf;
    }
    let mut out = Vec::new();
    if accepted.continues {
        out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    if is(Fault::FRAME_BEFORE_RESPONSE) {
        out.extend_from_slice(&[0x81, 2, b'h', b'i']);
    }
    out.extend(head.write());
    if is(Fault::BODY_BEHIND_101) {
        out.extend_from_slice(b"Switching protocols.\n");
    }
    out
}

fn accept_value(key: &[u8], fault: Option<Fault>) -> String {
    let is = |asked: Fault| fault == Some(asked);
    if is(Fault::WRONG_ACCEPT) {
        return accept_for(b"another key");
    }
    if is(Fault::ACCEPT_OF_DECODED_KEY) {
        return accept_for(&BASE64.decode(key).unwrap_or_default());
    }
    if is(Fault::ACCEPT_OF_URL_SAFE_KEY) {
        let safe = |byte: &u8| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        };
        return accept_for(&key.iter().map(safe).collect::<Vec<u8>>());
    }
    let mut accept = accept_for(key);
    if is(Fault::ACCEPT_TRUNCATED) {
        accept.truncate(27);
    }
    accept
}

fn subprotocol(accepted: &Accepted, fault: Option<Fault>) -> Option<String> {
    let is = |asked: Fault| fault == Some(asked);
    if is(Fault::CHOOSES_UNOFFERED_SUBPROTOCOL) && accepted.subprotocol.is_none() {
        return Some("chat".to_owned());
    }
    if is(Fault::CHOOSES_UNKNOWN_SUBPROTOCOL) && !accepted.offered.is_empty() {
        return Some(accepted.offered.join(", "));
    }
    if is(Fault::PREFERS_OWN_SUBPROTOCOL) && accepted.subprotocol.is_none() && !accepted.offered.is_empty() {
        return Some("chat".to_owned());
    }
    if is(Fault::SUBPROTOCOL_IN_CAPITALS) {
        return accepted.offered.first().map(|name| name.to_ascii_uppercase());
    }
    if is(Fault::EMPTY_SUBPROTOCOL) && accepted.subprotocol.is_none() {
        return Some(String::new());
    }
    accepted.subprotocol.clone()
}

/// The bytes of the response that rejects a request and announces that the connection closes.
pub fn refusal(refusal: &Refusal) -> Vec<u8> {
    let mut head = HeadWriter::new(format!("HTTP/1.1 {} {}", refusal.status, reason(refusal.status)));
    if let Some(date) = date() {
        head.add("Date", date);
    }
    let upgrades = refusal.fields.iter().any(|(name, _)| *name == "Upgrade");
    head.add("Connection", if upgrades { "Upgrade, close" } else { "close" });
    for (name, value) in &refusal.fields {
        head.add(name, *value);
    }
    head.add("Content-Type", "text/plain; charset=utf-8");
    let body = format!("{}\n", refusal.why);
    head.add("Content-Length", body.len().to_string());
    let mut out = head.write();
    if !refusal.head_only {
        out.extend_from_slice(body.as_bytes());
    }
    out
}

/// The current time in the format of RFC 9110 section 5.6.7.
fn date() -> Option<String> {
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&jiff::Timestamp::now()).ok()
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}
