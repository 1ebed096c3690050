//! The client's half.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::yield_now;

use crate::wire::handshake::{Head, HeadReader, accept_for};

use super::super::super::faults::Fault;
use super::super::super::{PeerError, PeerKind};
use super::super::client;

/// A valid response for a key, with an additional line, or with a word replaced.
fn response(key: &str, change: &str) -> Vec<u8> {
    let accept = accept_for(key.as_bytes());
    let valid = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"
    );
    let changed = match change.split_once(" => ") {
        Some((word, other)) => valid.replace(word, other),
        None if change.is_empty() => valid,
        None if change == "LOWER" => valid.replace(&accept, &accept.to_ascii_lowercase()),
        None => format!("{valid}{change}\r\n"),
    };
    (changed + "\r\n").into_bytes()
}

/// How a client treats a response: its request, and the bytes after the head or the error.
async fn open(
    fault: Option<Fault>,
    change: &str,
    after_head: &[u8],
    split_at: usize,
) -> (String, Result<Vec<u8>, String>) {
    open_with(PeerKind::Reference(fault), change, after_head, split_at).await
}

async fn open_with(
    kind: PeerKind,
    change: &str,
    after_head: &[u8],
    split_at: usize,
) -> (String, Result<Vec<u8>, String>) {
    let (mut server_end, mut client_end) = duplex(1 << 20);
    let url = "ws://localhost:9001/chat?x=1".parse().expect("a URL");
    let calling = async move {
        let result = client::open(&mut client_end, &url, &[], kind).await;
        (result.map(|opened| opened.early).map_err(|error: PeerError| error.to_string()), client_end)
    };
    let responding = async {
        let (head, early) = read_head(&mut server_end).await;
        let key = head.first("Sec-WebSocket-Key").unwrap_or_default();
        let bytes = [&response(&key, change), after_head].concat();
        let (first, second) = bytes.split_at(split_at.min(bytes.len()));
        server_end.write_all(first).await.expect("room in the pipe");
        for _ in 0..8 {
            yield_now().await;
        }
        // The client may have given up after the first part.
        let _ = server_end.write_all(second).await;
        let is_constant = key == "dGhlIHNhbXBsZSBub25jZQ==";
        let mut request = String::from_utf8_lossy(&head.raw).into_owned();
        if !key.is_empty() && !is_constant {
            request = request.replace(&key, "KEY");
        }
        let _ = server_end.shutdown().await;
        (format!("{request}{}{}", early.len(), key.len()), server_end)
    };
    let ((result, client_end), (request, server_end)) = tokio::join!(calling, responding);
    drop((server_end, client_end));
    (request, result)
}

async fn read_head(stream: &mut DuplexStream) -> (Head, Vec<u8>) {
    let mut reader = HeadReader::new(1 << 16);
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.expect("a pipe");
        assert!(read > 0, "no request came");
        if let Some((head, rest)) = reader.push(&buffer[..read]).expect("a short head") {
            return (head, rest.to_vec());
        }
    }
}

#[tokio::test]
async fn only_valid_responses_are_accepted() {
    for change in [
        "",
        "websocket => WebSocket",
        "Connection: Upgrade => connection: keep-alive, uPGRADE",
        "Switching Protocols => OK",
        "101 Switching Protocols => 101",
        "X-Foo: a\r\n b",
        "Content-Length: 2",
        "HTTP/1.1 => HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1",
        "Upgrade: websocket => Upgrade: \t websocket \t",
        "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover",
    ] {
        let (_, result) = open(None, change, b"\x81\0", usize::MAX).await;
        assert_eq!(result.as_deref(), Ok(&b"\x81\0"[..]), "{change}");
    }
    for change in [
        "101 => 200",
        "101 => 404",
        "HTTP/1.1 => HTTP/1.0",
        "HTTP/1.1 => HTTP/2.0",
        "Upgrade: websocket\r\n => ",
        "websocket => h2c",
        "Connection: Upgrade\r\n => ",
        "Connection: Upgrade => Connection: Upgraded",
        "Accept: => Other:",
        "Accept: => Accept: x",
        "=\r\n => =\r\nSec-WebSocket-Accept: x\r\n",
        "Sec-WebSocket-Protocol: chat",
        "Sec-WebSocket-Protocol:",
        "Sec-WebSocket-Extensions: permessage-deflate; foo",
        "Sec-WebSocket-Extensions: permessage-deflate, x",
        "Sec-WebSocket-Extensions:",
        "X: a\0b",
    ] {
        let (_, result) = open(None, change, b"", usize::MAX).await;
        assert!(result.is_err(), "{change}");
    }
}

#[tokio::test]
async fn the_client_offers_deflate_if_it_supports_it() {
    let field = "Sec-WebSocket-Extensions: permessage-deflate";
    let (request, result) = open(None, field, b"", usize::MAX).await;
    assert!(request.contains("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"), "{request}");
    assert!(result.is_ok());
    for kind in [PeerKind::ReferenceWithoutDeflate(None), PeerKind::Tungstenite] {
        let (request, result) = open_with(kind, field, b"", usize::MAX).await;
        assert!(!request.contains("Extensions"), "{request}");
        assert!(result.is_err());
    }
    let ignores_invalid_response = Some(Fault::BAD_DEFLATE_ANSWER_PASSED_OVER);
    let (_, result) =
        open(ignores_invalid_response, "Sec-WebSocket-Extensions: permessage-deflate; foo", b"", usize::MAX).await;
    assert!(result.is_ok());
}
