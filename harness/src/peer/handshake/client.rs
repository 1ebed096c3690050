//! The client's half of the opening handshake over a stream.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::wire::handshake::{Head, HeadReader, HeadWriter, LineEnding};
use crate::wire::{FrameSpec, Opcode};

use super::super::faults::Fault;
use super::super::shutdown::{self, CloseOrder, STAY_OPEN};
use super::super::{PeerError, PeerKind};
use super::head_faults::stalls;
use super::response::{Response, ResponseError, check_response};
use super::url::WsUrl;
use super::{HEAD_TIMEOUT, MAX_HEAD, OpeningResult, deflate_client, max_head};

/// How many 1xx responses a client ignores before the final one.
const MAX_INTERIM: usize = 16;

/// Sends a request that offers these subprotocols, and checks the response. Returns the bytes that followed the
/// response head, and the negotiated parameters.
///
/// # Errors
/// A response that does not open the connection, after which this function has ended the stream, or a broken stream.
pub async fn open<S>(stream: &mut S, url: &WsUrl, offered: &[&str], kind: PeerKind) -> Result<OpeningResult, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let fault = kind.fault();
    let key = new_key(fault);
    let mut head = build_request(url, &key, offered, fault);
    if kind.supports_deflate() {
        head.add("Sec-WebSocket-Extensions", deflate_client::offer(fault));
    }
    let mut bytes = head.write();
    if fault == Some(Fault::SENDS_BEFORE_RESPONSE) {
        FrameSpec::new(Opcode::TEXT, "early").masked(rand::random()).write(&mut bytes);
    }
    stream.write_all(&bytes).await?;
    let result = tokio::time::timeout(HEAD_TIMEOUT, read_response(stream, &key, offered, kind)).await;
    let error = match result {
        Ok(Ok(opened)) => return Ok(opened),
        Ok(Err(error)) => error,
        Err(_) => PeerError::HeadTimeout(HEAD_TIMEOUT),
    };
    shutdown::end_stream(stream, CloseOrder::First).await;
    Err(error)
}

/// A new nonce: RFC 6455 section 4.1, item 7.
fn new_key(fault: Option<Fault>) -> String {
    let nonce: [u8; 16] = if fault == Some(Fault::KEY_CONSTANT) { *b"the sample nonce" } else { rand::random() };
    let bytes = if fault == Some(Fault::KEY_SHORT) { &nonce[1..] } else { &nonce[..] };
    STANDARD.encode(bytes)
}

/// The request for a URL: RFC 6455 section 4.1.
fn build_request(url: &WsUrl, key: &str, offered: &[&str], fault: Option<Fault>) -> HeadWriter {
    let has = |other: Fault| fault == Some(other);
    let method = if has(Fault::REQUEST_POST) { "POST" } else { "GET" };
    let version = if has(Fault::REQUEST_HTTP_1_0) { "HTTP/1.0" } else { "HTTP/1.1" };
    let target = if has(Fault::REQUEST_WITHOUT_QUERY) { url.path.clone() } else { url.resource() };
    let mut head = HeadWriter::new(format!("{method} {target} {version}"));
    if !has(Fault::HOST_MISSING) {
        let host = if has(Fault::HOST_WITHOUT_PORT) { url.bracketed_host() } else { url.authority() };
        head.add("Host", if has(Fault::HOST_WITHOUT_BRACKETS) { host.replace(['[', ']'], "") } else { host });
    }
    if !has(Fault::REQUEST_WITHOUT_UPGRADE) {
        head.add("Upgrade", "websocket");
    }
    if !has(Fault::REQUEST_WITHOUT_CONNECTION) {
        head.add("Connection", "Upgrade");
    }
    if !has(Fault::KEY_MISSING) {
        head.add("Sec-WebSocket-Key", key);
    }
    if has(Fault::KEY_TWICE) {
        head.add("Sec-WebSocket-Key", key);
    }
    if !has(Fault::VERSION_MISSING) {
        head.add("Sec-WebSocket-Version", if has(Fault::VERSION_8) { "8" } else { "13" });
    }
    if !offered.is_empty() {
        head.add("Sec-WebSocket-Protocol", offered.join(", "));
    }
    if has(Fault::OFFERS_SUBPROTOCOL_TWICE) {
        head.add("Sec-WebSocket-Protocol", "chat, chat");
    }
    if has(Fault::HOST_LAST) {
        head.remove("Host");
        head.add("Host", url.authority());
    }
    if has(Fault::REQUEST_BARE_LF) {
        head.line_ending = LineEnding::Lf;
    }
    head
}

async fn read_response<S>(
    stream: &mut S,
    key: &str,
    offered: &[&str],
    kind: PeerKind,
) -> Result<OpeningResult, PeerError>
where
    S: AsyncRead + Unpin,
{
    let fault = kind.fault();
    let mut rest = Vec::new();
    for _ in 0..=MAX_INTERIM {
        let (head, remaining) = read_head(stream, rest, fault).await?;
        rest = remaining;
        if fault == Some(Fault::FRAMES_IN_PLACE_OF_RESPONSE) && head.raw.first().is_some_and(|byte| *byte >= 0x80) {
            return Ok(OpeningResult { early: [&head.raw, &rest[..]].concat(), deflate: None });
        }
        let checked = check_response(&head, key, offered, kind);
        let unanswered = checked == Err(ResponseError::Malformed) && fault == Some(Fault::MALFORMED_HEAD_UNANSWERED);
        if unanswered || stalls(&head, fault) {
            tokio::time::sleep(STAY_OPEN).await;
        }
        if let Response::Open(deflate) = checked? {
            if fault == Some(Fault::FRAMES_WITH_RESPONSE_LOST) {
                rest.clear();
            }
            if fault == Some(Fault::BODY_OF_101_SKIPPED) {
                discard_body(stream, &head, &mut rest).await?;
            }
            return Ok(OpeningResult { early: rest, deflate });
        }
    }
    Err(ResponseError::Malformed.into())
}

/// Reads a head that begins with `start`, and returns it with the bytes that followed it.
async fn read_head<S>(stream: &mut S, start: Vec<u8>, fault: Option<Fault>) -> Result<(Head, Vec<u8>), PeerError>
where
    S: AsyncRead + Unpin,
{
    let mut reader = HeadReader::new(max_head(fault));
    let mut buffer = vec![0; MAX_HEAD];
    let mut bytes = start;
    let mut found_start = false;
    loop {
        if fault == Some(Fault::JUNK_BEFORE_RESPONSE_SKIPPED) && !found_start {
            let at = bytes.windows(5).position(|window| window == b"HTTP/");
            found_start = at.is_some();
            bytes.drain(..at.unwrap_or(bytes.len()));
        }
        match reader.push(&bytes) {
            Ok(Some((head, remaining))) => return Ok((head, remaining.to_vec())),
            Ok(None) => {}
            Err(_) => return Err(ResponseError::Malformed.into()),
        }
        if fault == Some(Fault::RESPONSE_IN_PIECES_REFUSED) && !bytes.is_empty() {
            return Err(ResponseError::RejectedByFault.into());
        }
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            if fault == Some(Fault::EARLY_END_IGNORED) {
                tokio::time::sleep(STAY_OPEN).await;
            }
            return Err(PeerError::Ended);
        }
        bytes = buffer.get(..read).unwrap_or_default().to_vec();
    }
}

/// Skips the bytes that a client treats as the body of a 101 if it expects one.
async fn discard_body<S>(stream: &mut S, head: &Head, rest: &mut Vec<u8>) -> Result<(), PeerError>
where
    S: AsyncRead + Unpin,
{
    let length: usize = head.first("Content-Length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let length = length.min(MAX_HEAD);
    while rest.len() < length {
        if stream.read_buf(rest).await? == 0 {
            return Err(PeerError::Ended);
        }
    }
    rest.drain(..length);
    Ok(())
}
