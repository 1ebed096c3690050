//! Both halves of the opening handshake over an in-memory stream: the heads that are accepted and rejected. The kill
//! matrix proves that each fault has an effect.

mod client;

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::task::yield_now;

use super::super::faults::Fault;
use super::super::{PeerKind, serve_stream};

/// How long a stream that does not end is watched.
const TIMEOUT: Duration = Duration::from_millis(300);

const LINES: [&str; 6] = [
    "GET /chat?x=1 HTTP/1.1",
    "Host: localhost:9001",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
];

/// A masked Close frame with code 1000, after a masked text "a".
const FRAMES: &[u8] = b"\x81\x81\0\0\0\0a\x88\x82\0\0\0\0\x03\xe8";

/// The valid request with changed lines: a line replaces the one with the same name, or is added.
fn request(changes: &[&str]) -> Vec<u8> {
    let name = |line: &str| line.split([':', ' ']).next().map(str::to_ascii_lowercase);
    let mut lines: Vec<String> = LINES.iter().map(|line| (*line).to_owned()).collect();
    for change in changes {
        if let Some(removed) = change.strip_prefix('-') {
            lines.retain(|line| !line.starts_with(removed));
        } else if let Some(added) = change.strip_prefix('+') {
            lines.push(added.to_owned());
        } else if change.contains(" HTTP/") || change.ends_with("HTTP/1.1") {
            lines[0] = (*change).to_owned();
        } else {
            let position = lines.iter().position(|line| name(line) == name(change)).expect("a line to change");
            lines[position] = (*change).to_owned();
        }
    }
    (lines.join("\r\n") + "\r\n\r\n").into_bytes()
}

/// The response to a request: all bytes, and whether the stream ended.
async fn exchange(fault: Option<Fault>, pieces: &[&[u8]]) -> (String, bool) {
    exchange_with(PeerKind::Reference(fault), pieces).await
}

async fn exchange_with(kind: PeerKind, pieces: &[&[u8]]) -> (String, bool) {
    let (mut client_end, server_end) = duplex(1 << 20);
    let server = tokio::spawn(serve_stream(server_end, kind));
    let mut received = Vec::new();
    for piece in pieces {
        client_end.write_all(piece).await.expect("room in the pipe");
        for _ in 0..8 {
            yield_now().await;
        }
        // Bytes that arrive before the request is complete are kept apart from the rest.
        if let Ok(Ok(_)) = tokio::time::timeout(Duration::ZERO, client_end.read_buf(&mut received)).await {
            received.push(b'|');
        }
    }
    let reading = tokio::time::timeout(TIMEOUT, client_end.read_to_end(&mut received)).await;
    server.abort();
    let text = String::from_utf8_lossy(&received).into_owned();
    let lines = text.split_inclusive('\n').filter(|line| !line.starts_with("Date:"));
    (lines.collect(), reading.is_ok())
}

/// The status of the response of a server without a fault.
async fn status(bytes: &[u8]) -> u16 {
    let (response, ended) = exchange(None, &[bytes, FRAMES]).await;
    assert!(ended, "{response}");
    let status = response.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("no status in {response:?}"))
}

#[tokio::test]
async fn valid_requests_are_accepted() {
    let long = format!("GET /{} HTTP/1.1", "x".repeat(8000));
    for changes in [
        &[][..],
        &["GET http://other.example/chat HTTP/1.1"],
        &["GET / HTTP/1.2"],
        &[&long],
        &["Upgrade: WebSocket", "Connection: keep-alive, uPGRADE"],
        &["Upgrade: h2c", "+upgrade: websocket"],
        &["Connection: ,keep-alive,,", "+Connection: Upgrade"],
        &["+Sec-WebSocket-Extensions: x-foo; a=\"b\", permessage-deflate", "+Sec-WebSocket-Extensions: y"],
        &["+X-Foo: \u{e9}", "+Origin: null", "+Content-Length: 0"],
        &["Host: [::1]:80", "Sec-WebSocket-Key:dGhlIHNhbXBsZSBub25jZQ==\t "],
        &["Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC=="],
    ] {
        assert_eq!(status(&request(changes)).await, 101, "{changes:?}");
    }
    assert_eq!(status(&[b"\r\n", &request(&[])[..]].concat()).await, 101);
    let byte_by_byte: Vec<Vec<u8>> = request(&[]).iter().map(|byte| vec![*byte]).collect();
    let pieces: Vec<&[u8]> = byte_by_byte.iter().map(Vec::as_slice).chain([FRAMES]).collect();
    let (response, ended) = exchange(None, &pieces).await;
    assert!(ended && response.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{response}");
}

#[tokio::test]
async fn invalid_requests_are_rejected() {
    let long = format!("GET /{} HTTP/1.1", "x".repeat(9000));
    let too_long = format!("GET /{} HTTP/1.1", "x".repeat(20_000));
    let field = format!("+X-Long: {}", "x".repeat(20_000));
    for (changes, expected) in [
        (&["POST / HTTP/1.1"][..], 405),
        (&["get / HTTP/1.1"], 501),
        (&["GET / HTTP/1.0"], 400),
        (&["GET / HTTP/2.0"], 505),
        (&["GET / http/1.1"], 400),
        (&["GET  / HTTP/1.1"], 400),
        (&["GET chat HTTP/1.1"], 400),
        (&["GET /#x HTTP/1.1"], 400),
        (&["GET ftp://a/ HTTP/1.1"], 400),
        (&[&long], 414),
        (&[&too_long], 414),
        (&[&field], 431),
        (&["-Host"], 400),
        (&["+Host: localhost"], 400),
        (&["Host: a b"], 400),
        (&["Host:"], 400),
        (&["-Upgrade"], 426),
        (&["Upgrade: h2c"], 426),
        (&["Upgrade: websoc\u{212a}et"], 426),
        (&["-Connection"], 400),
        (&["Connection: xUpgrade"], 400),
        (&["-Sec-WebSocket-Key"], 400),
        (&["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j"], 400),
        (&["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j-Q=="], 400),
        (&["+Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="], 400),
        (&["-Sec-WebSocket-Version"], 400),
        (&["Sec-WebSocket-Version: 8"], 426),
        (&["Sec-WebSocket-Version: 013"], 400),
        (&["Sec-WebSocket-Version: 256"], 400),
        (&["Sec-WebSocket-Version:"], 400),
        (&["+Sec-WebSocket-Version: 13"], 400),
        (&["+Sec-WebSocket-Protocol: a b"], 400),
        (&["+Sec-WebSocket-Protocol: ,"], 400),
        (&["+Sec-WebSocket-Extensions: x;;"], 400),
        (&["+Sec-WebSocket-Extensions:"], 400),
        (&["+Content-Length: 5"], 400),
        (&["+Transfer-Encoding: chunked"], 400),
        (&["+Expect: magic"], 417),
        (&["+X : a"], 400),
        (&["+X: a\rb"], 400),
        (&["+X: a\0b"], 400),
        (&["+X: a\r\n b"], 400),
        (&["+no colon"], 400),
    ] {
        assert_eq!(status(&request(changes)).await, expected, "{changes:?}");
    }
    let (response, _) = exchange(None, &[&request(&["Sec-WebSocket-Version: 25"])]).await;
    for line in ["Sec-WebSocket-Version: 13\r\n", "Upgrade: websocket\r\n", "Connection: Upgrade, close\r\n"] {
        assert!(response.contains(line), "{response}");
    }
    let (response, _) = exchange(None, &[&request(&["POST / HTTP/1.1"])]).await;
    assert!(response.contains("Allow: GET\r\n"), "{response}");
}

#[tokio::test]
async fn supported_subprotocols_and_extensions_are_accepted() {
    let offer = request(&["+Sec-WebSocket-Protocol: soap", "+Sec-WebSocket-Protocol: superchat, chat"]);
    let (response, _) = exchange(None, &[&offer]).await;
    assert!(response.contains("Sec-WebSocket-Protocol: superchat\r\n"), "{response}");
    let (response, _) =
        exchange(None, &[&request(&["+Sec-WebSocket-Protocol: soap", "+Sec-WebSocket-Extensions: x"])]).await;
    assert!(
        response.contains(" 101 ") && !response.contains("Protocol:") && !response.contains("Extensions:"),
        "{response}"
    );
    let offer = "+Sec-WebSocket-Extensions: x, permessage-deflate; foo, permessage-deflate; server_max_window_bits=10";
    let (response, _) = exchange(None, &[&request(&[offer])]).await;
    let field = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n";
    assert!(response.contains(field), "{response}");
    for kind in [PeerKind::ReferenceWithoutDeflate(None), PeerKind::Tungstenite] {
        let (response, _) = exchange_with(kind, &[&request(&[offer])]).await;
        assert!(response.contains(" 101 ") && !response.contains("Extensions:"), "{response}");
    }
    let (response, _) = exchange(Some(Fault::BAD_DEFLATE_OFFER_REFUSED), &[&request(&[offer])]).await;
    assert!(response.contains(" 400 "), "{response}");
    let (response, _) = exchange(None, &[&request(&["+Expect: 100-Continue"])]).await;
    assert!(response.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 "), "{response}");
}
