//! A server's response to a request: RFC 6455 section 4.2.2.

use base64::Engine as _;

use crate::wire::handshake::{HeadWriter, LineEnding, accept_for};

use super::super::faults::Fault;
use super::decision::{AcceptedRequest, Rejection};
use super::request::BASE64;

/// The bytes of the response that accepts a request, preceded by a 100 where the request requires one. `extensions` is
/// the value that the server agrees to.
pub fn switching_protocols(accepted: &AcceptedRequest, extensions: Option<&str>, fault: Option<Fault>) -> Vec<u8> {
    let has = |other: Fault| fault == Some(other);
    let version = if has(Fault::RESPONSE_HTTP_1_0) { "HTTP/1.0" } else { "HTTP/1.1" };
    let status = if has(Fault::WRONG_STATUS) { "200 OK" } else { "101 Switching Protocols" };
    let mut head = HeadWriter::new(format!("{version} {status}"));
    if !has(Fault::NO_UPGRADE_IN_RESPONSE) {
        head.add("Upgrade", "websocket");
    }
    if !has(Fault::NO_CONNECTION_IN_RESPONSE) {
        head.add("Connection", "Upgrade");
    }
    let accept = accept_value(&accepted.key, fault);
    if has(Fault::ACCEPT_TWICE) {
        head.add("Sec-WebSocket-Accept", accept.as_str());
    }
    if !has(Fault::NO_ACCEPT) {
        head.add("Sec-WebSocket-Accept", accept);
    }
    if let (Some(line), true) = (&accepted.protocol_line, has(Fault::SUBPROTOCOL_SENT_BACK)) {
        head.add("Sec-WebSocket-Protocol", line.clone());
    } else if let Some(name) = subprotocol(accepted, fault) {
        head.add("Sec-WebSocket-Protocol", name);
    }
    if let (Some(line), true) = (&accepted.extensions_line, has(Fault::EXTENSIONS_SENT_BACK)) {
        head.add("Sec-WebSocket-Extensions", line.clone());
    } else if let Some(negotiated) = extensions {
        head.add("Sec-WebSocket-Extensions", negotiated);
    }
    if has(Fault::TRANSFER_ENCODING_IN_101) {
        head.add("Transfer-Encoding", "chunked");
    }
    if has(Fault::SENDS_UNOFFERED_EXTENSION) {
        head.add("Sec-WebSocket-Extensions", "x-unoffered");
    }
    if has(Fault::EMPTY_EXTENSIONS) {
        head.add("Sec-WebSocket-Extensions", "");
    }
    if has(Fault::RESPONSE_FOLDED) {
        head.add("X-Folded", "one\r\n two");
    }
    if has(Fault::RESPONSE_BARE_LF) {
        head.line_ending = LineEnding::Lf;
    }
    let mut out = Vec::new();
    if accepted.expects_continue {
        out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    if has(Fault::FRAME_BEFORE_RESPONSE) {
        out.extend_from_slice(&[0x81, 2, b'h', b'i']);
    }
    out.extend(head.write());
    if has(Fault::BODY_BEHIND_101) {
        out.extend_from_slice(b"Switching protocols.\n");
    }
    out
}

fn accept_value(key: &[u8], fault: Option<Fault>) -> String {
    let has = |other: Fault| fault == Some(other);
    if has(Fault::WRONG_ACCEPT) {
        return accept_for(b"another key");
    }
    if has(Fault::ACCEPT_OF_DECODED_KEY) {
        return accept_for(&BASE64.decode(key).unwrap_or_default());
    }
    if has(Fault::ACCEPT_OF_URL_SAFE_KEY) {
        let url_safe = |byte: &u8| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        };
        return accept_for(&key.iter().map(url_safe).collect::<Vec<u8>>());
    }
    let mut accept = accept_for(key);
    if has(Fault::ACCEPT_TRUNCATED) {
        accept.truncate(27);
    }
    accept
}

fn subprotocol(accepted: &AcceptedRequest, fault: Option<Fault>) -> Option<String> {
    let has = |other: Fault| fault == Some(other);
    if has(Fault::CHOOSES_UNOFFERED_SUBPROTOCOL) && accepted.subprotocol.is_none() {
        return Some("chat".to_owned());
    }
    if has(Fault::CHOOSES_UNKNOWN_SUBPROTOCOL) && !accepted.offered.is_empty() {
        return Some(accepted.offered.join(", "));
    }
    if has(Fault::PREFERS_OWN_SUBPROTOCOL) && accepted.subprotocol.is_none() && !accepted.offered.is_empty() {
        return Some("chat".to_owned());
    }
    if has(Fault::SUBPROTOCOL_IN_CAPITALS) {
        return accepted.offered.first().map(|name| name.to_ascii_uppercase());
    }
    if has(Fault::EMPTY_SUBPROTOCOL) && accepted.subprotocol.is_none() {
        return Some(String::new());
    }
    accepted.subprotocol.clone()
}

/// The bytes of the response that rejects a request and announces that the connection closes.
pub fn error_response(rejection: &Rejection) -> Vec<u8> {
    let mut head = HeadWriter::new(format!("HTTP/1.1 {} {}", rejection.status, reason_phrase(rejection.status)));
    if let Some(date) = date() {
        head.add("Date", date);
    }
    let upgrades = rejection.fields.iter().any(|(name, _)| *name == "Upgrade");
    head.add("Connection", if upgrades { "Upgrade, close" } else { "close" });
    for (name, value) in &rejection.fields {
        head.add(name, *value);
    }
    head.add("Content-Type", "text/plain; charset=utf-8");
    let body = format!("{}\n", rejection.reason);
    head.add("Content-Length", body.len().to_string());
    let mut out = head.write();
    if !rejection.head_only {
        out.extend_from_slice(body.as_bytes());
    }
    out
}

/// The current time in the format of RFC 9110 section 5.6.7.
fn date() -> Option<String> {
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&jiff::Timestamp::now()).ok()
}

fn reason_phrase(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}
