//! The client's half of the opening handshake over a stream.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::wire::handshake::{Head, HeadReader, HeadWriter, LineEnding};
use crate::wire::{FrameSpec, Opcode};

use super::super::ending::{self, LEFT_OPEN, Order};
use super::super::faults::Fault;
use super::super::{PeerError, PeerKind};
use super::response::{BadResponse, Response, check_response};
use super::seen::stalls;
use super::url::WsUrl;
use super::{HEAD_TIME, MAX_HEAD, Opened, deflate_offer, head_bound};

/// How many 1xx responses a client ignores before the final one.
const MAX_INTERIM: usize = 16;

/// Sends a request that offers these subprotocols, and checks the response. Returns the bytes that followed the
/// response head, and the negotiated parameters.
///
/// # Errors
/// A response that does not open the connection, after which this function has ended the stream, or a broken stream.
pub async fn open<S>(stream: &mut S, url: &WsUrl, offered: &[&str], kind: PeerKind) -> Result<Opened, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let fault = kind.fault();
    let key = new_key(fault);
    let mut head = request(url, &key, offered, fault);
    if kind.deflates() {
        head.add("Sec-WebSocket-Extensions", deflate_offer::offer(fault));
    }
    let mut bytes = head.write();
    if fault == Some(Fault::SENDS_BEFORE_RESPONSE) {
        FrameSpec::new(Opcode::TEXT, "early").masked(rand::random()).write(&mut bytes);
    }
    stream.write_all(&bytes).await?;
    let result = tokio::time::timeout(HEAD_TIME, read_response(stream, &key, offered, kind)).await;
    let error = match result {
        Ok(Ok(opened)) => return Ok(opened),
        Ok(Err(error)) => error,
        Err(_) => PeerError::HeadTime(HEAD_TIME),
    };
    ending::end(stream, Order::First).await;
    Err(error)
}

/// A new nonce: RFC 6455 section 4.1, item 7.
fn new_key(fault: Option<Fault>) -> String {
    let nonce: [u8; 16] = if fault == Some(Fault::KEY_CONSTANT) { *b"the sample nonce" } else { rand::random() };
    let bytes = if fault == Some(Fault::KEY_SHORT) { &nonce[1..] } else { &nonce[..] };
    STANDARD.encode(bytes)
}

/// The request for a URL: RFC 6455 section 4.1.
fn request(url: &WsUrl, key: &str, offered: &[&str], fault: Option<Fault>) -> HeadWriter {
    let is = |asked: Fault| fault == Some(asked);
    let method = if is(Fault::REQUEST_POST) { "POST" } else { "GET" };
    let version = if is(Fault::REQUEST_HTTP_1_0) { "HTTP/1.0" } else { "HTTP/1.1" };
    let target = if is(Fault::REQUEST_WITHOUT_QUERY) { url.path.clone() } else { url.resource() };
    let mut head = HeadWriter::new(format!("{method} {target} {version}"));
    if !is(Fault::HOST_MISSING) {
        let host = if is(Fault::HOST_WITHOUT_PORT) { url.bracketed_host() } else { url.authority() };
        head.add("Host", if is(Fault::HOST_WITHOUT_BRACKETS) { host.replace(['[', ']'], "") } else { host });
    }
    if !is(Fault::REQUEST_WITHOUT_UPGRADE) {
        head.add("Upgrade", "websocket");
    }
    if !is(Fault::REQUEST_WITHOUT_CONNECTION) {
        head.add("Connection", "Upgrade");
    }
    if !is(Fault::KEY_MISSING) {
        head.add("Sec-WebSocket-Key", key);
    }
    if is(Fault::KEY_TWICE) {
        head.add("Sec-WebSocket-Key", key);
    }
    if !is(Fault::VERSION_MISSING) {
        head.add("Sec-WebSocket-Version", if is(Fault::VERSION_8) { "8" } else { "13" });
    }
    if !offered.is_empty() {
        head.add("Sec-WebSocket-Protocol", offered.join(", "));
    }
    if is(Fault::OFFERS_SUBPROTOCOL_TWICE) {
        head.add("Sec-WebSocket-Protocol", "chat, chat");
    }
    if is(Fault::HOST_LAST) {
        head.remove("Host");
        head.add("Host", url.authority());
    }
    if is(Fault::REQUEST_BARE_LF) {
        head.line_ending = LineEnding::Lf;
    }
    head
}

async fn read_response<S>(stream: &mut S, key: &str, offered: &[&str], kind: PeerKind) -> Result<Opened, PeerError>
where
    S: AsyncRead + Unpin,
{
    let fault = kind.fault();
    let mut rest = Vec::new();
    for _ in 0..=MAX_INTERIM {
        let (head, behind) = read_head(stream, rest, fault).await?;
        rest = behind;
        if fault == Some(Fault::FRAMES_IN_PLACE_OF_RESPONSE) && head.raw.first().is_some_and(|byte| *byte >= 0x80) {
            return Ok(Opened { early: [&head.raw, &rest[..]].concat(), deflate: None });
        }
        let checked = check_response(&head, key, offered, kind);
        let unnoticed = checked == Err(BadResponse::Form) && fault == Some(Fault::MALFORMED_HEAD_UNANSWERED);
        if unnoticed || stalls(&head, fault) {
            tokio::time::sleep(LEFT_OPEN).await;
        }
        if let Response::Open(deflate) = checked? {
            if fault == Some(Fault::FRAMES_WITH_RESPONSE_LOST) {
                rest.clear();
            }
            if fault == Some(Fault::BODY_OF_101_SKIPPED) {
                skip_body(stream, &head, &mut rest).await?;
            }
            return Ok(Opened { early: rest, deflate });
        }
    }
    Err(BadResponse::Form.into())
}

/// Reads a head that begins with `start`, and returns it with the bytes that followed it.
async fn read_head<S>(stream: &mut S, start: Vec<u8>, fault: Option<Fault>) -> Result<(Head, Vec<u8>), PeerError>
where
    S: AsyncRead + Unpin,
{
    let mut reader = HeadReader::new(head_bound(fault));
    let mut buffer = vec![0; MAX_HEAD];
    let mut bytes = start;
    let mut begun = false;
    loop {
        if fault == Some(Fault::JUNK_BEFORE_RESPONSE_SKIPPED) && !begun {
            let at = bytes.windows(5).position(|window| window == b"HTTP/");
            begun = at.is_some();
            bytes.drain(..at.unwrap_or(bytes.len()));
        }
        match reader.push(&bytes) {
            Ok(Some((head, behind))) => return Ok((head, behind.to_vec())),
            Ok(None) => {}
            Err(_) => return Err(BadResponse::Form.into()),
        }
        if fault == Some(Fault::RESPONSE_IN_PIECES_REFUSED) && !bytes.is_empty() {
            return Err(BadResponse::Whim.into());
        }
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            if fault == Some(Fault::EARLY_END_IGNORED) {
                tokio::time::sleep(LEFT_OPEN).await;
            }
            return Err(PeerError::Ended);
        }
        bytes = buffer.get(..read).unwrap_or_default().to_vec();
    }
}

/// Skips the bytes that a client treats as the body of a 101 if it expects one.
async fn skip_body<S>(stream: &mut S, head: &Head, rest: &mut Vec<u8>) -> Result<(), PeerError>
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
