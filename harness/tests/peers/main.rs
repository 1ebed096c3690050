//! The reference peers over TCP, connected to tungstenite, to each other and to raw streams.

mod client_loop;
mod faults;

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tungstenite::{Bytes, Message, Utf8Bytes};
use wsspec::peer::{End, Fault, PeerError, PeerKind, run_client, serve};
use wsspec::wire::handshake::accept_for;
use wsspec::wire::{FrameSpec, Opcode};

const REFERENCE: PeerKind = PeerKind::Reference(None);
const KINDS: [PeerKind; 2] = [REFERENCE, PeerKind::Tungstenite];
const TIMEOUT: Duration = Duration::from_secs(20);

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

struct Server {
    port: u16,
    running: JoinHandle<Result<(), PeerError>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

async fn server(kind: PeerKind) -> Server {
    let (listener, port) = listener().await;
    Server { port, running: tokio::spawn(serve(listener, kind)) }
}

async fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).await.expect("a connection")
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_frame_size(Some(64 << 20))
}

/// A masked frame.
fn masked(opcode: Opcode, payload: &'static [u8]) -> Vec<u8> {
    let mut out = Vec::new();
    FrameSpec::new(opcode, payload).masked([7, 0, 255, 1]).write(&mut out);
    out
}

/// Sends messages of all sizes, checks the echoes, and performs the closing handshake.
async fn exercise<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>) {
    for size in [0, 1, 125, 126, 127, 1000, 65535, 65536, 1 << 20, 20 << 20] {
        let bytes: Vec<u8> = (0..size).map(|n| b'a' + (n % 26) as u8).collect();
        let text = String::from_utf8(bytes.clone()).expect("ASCII");
        for message in [Message::text(text), Message::binary(bytes)] {
            socket.send(message.clone()).await.expect("sent");
            let echo = socket.next().await.expect("an echo").expect("a message");
            assert!(echo == message, "a message of {size} bytes");
        }
    }
    let fragment = |text, opcode, fin| Message::Frame(Frame::message(text, OpCode::Data(opcode), fin));
    let ping = Message::Ping(Bytes::from_static(b"now"));
    for message in [fragment("Hel", Data::Text, false), ping, fragment("", Data::Continue, false)] {
        socket.send(message).await.expect("sent");
    }
    let pong = socket.next().await.expect("a pong").expect("a message");
    assert_eq!(pong, Message::Pong(Bytes::from_static(b"now")));
    socket.send(fragment("lo", Data::Continue, true)).await.expect("sent");
    let echo = socket.next().await.expect("an echo").expect("a message");
    assert_eq!(echo, Message::text("Hello"));
    let frame = CloseFrame { code: CloseCode::from(3000), reason: Utf8Bytes::default() };
    socket.send(Message::Close(Some(frame.clone()))).await.expect("sent");
    let answer = socket.next().await.expect("an answer").expect("a message");
    assert_eq!(answer, Message::Close(Some(frame)));
    assert!(socket.next().await.is_none());
}

#[tokio::test]
async fn servers_echo_all_sizes() {
    for kind in KINDS {
        let server = server(kind).await;
        let url = format!("ws://127.0.0.1:{}/", server.port);
        let stream = connect(server.port).await;
        let opening = tokio_tungstenite::client_async_with_config(url, stream, Some(config()));
        let (socket, response) = opening.await.expect("an open connection");
        assert_eq!(response.status(), 101);
        timeout(TIMEOUT, exercise(socket)).await.expect("in time");
    }
}

#[tokio::test]
async fn clients_echo_all_sizes() {
    for kind in KINDS {
        let (listener, port) = listener().await;
        let client = tokio::spawn(async move { run_client(&format!("ws://127.0.0.1:{port}/"), kind).await });
        let (stream, _) = listener.accept().await.expect("a connection");
        let opening = tokio_tungstenite::accept_async_with_config(stream, Some(config()));
        timeout(TIMEOUT, exercise(opening.await.expect("a handshake"))).await.expect("in time");
        let result = timeout(TIMEOUT, client).await.expect("in time").expect("a task");
        let conversation = result.expect("a conversation");
        assert_eq!(conversation.end, End::Closed(Some(3000)));
        assert_eq!(conversation.messages, 21);
    }
}

/// Two echo peers wait for each other, or echo one message without an end if the server sends the first one.
#[tokio::test]
async fn every_client_connects_to_every_server() {
    for server_kind in [REFERENCE, PeerKind::Tungstenite, PeerKind::Reference(Some(Fault::GREETS))] {
        for kind in KINDS {
            let server = server(server_kind).await;
            let url = format!("ws://127.0.0.1:{}/", server.port);
            let running = timeout(Duration::from_millis(100), run_client(&url, kind)).await;
            assert!(running.is_err(), "{server_kind:?} {kind:?}: {running:?}");
        }
    }
    // A server without a fault fails the connection to a client that does not mask, and the client receives the Close.
    let greeting_server = server(PeerKind::Reference(Some(Fault::GREETS))).await;
    let url = format!("ws://127.0.0.1:{}/", greeting_server.port);
    let unmasked = PeerKind::Reference(Some(Fault::CLIENT_DOES_NOT_MASK));
    let failed = timeout(TIMEOUT, run_client(&url, unmasked)).await.expect("in time");
    assert_eq!(failed.expect("a conversation").end, End::Closed(Some(1002)));
}

/// Sends bytes after a valid request; returns the bytes after the 101 and whether the stream ended without a reset.
async fn exchange_bytes(kind: PeerKind, bytes: &[u8]) -> (Vec<u8>, bool) {
    let server = server(kind).await;
    let mut stream = connect(server.port).await;
    stream.write_all(&[REQUEST.as_bytes(), bytes].concat()).await.expect("sent");
    let mut received = Vec::new();
    let ended = timeout(Duration::from_secs(5), stream.read_to_end(&mut received)).await;
    let head = received.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| at + 4);
    (received.split_off(head), matches!(ended, Ok(Ok(_))))
}

#[tokio::test]
async fn servers_fail_with_a_code_and_without_a_reset() {
    let mut too_big = Vec::new();
    let big = FrameSpec { declared: Some(1 << 40), ..FrameSpec::new(Opcode::BINARY, "") };
    big.masked([7; 4]).write(&mut too_big);
    for kind in KINDS {
        for (frame, code) in [
            (b"\x81\x01x".to_vec(), 1002_u16),
            (masked(Opcode::new(3), b"x"), 1002),
            (masked(Opcode::CONTINUATION, b"x"), 1002),
            (b"\xc1\x80\0\0\0\0".to_vec(), 1002),
            (masked(Opcode::TEXT, b"\xff"), 1007),
            (masked(Opcode::CLOSE, b"\x03\xe8\xff"), 1007),
            (masked(Opcode::CLOSE, b"\x03"), 1002),
            (masked(Opcode::CLOSE, b"\x03\xed"), 1002),
            (too_big.clone(), 1009),
        ] {
            // Unread bytes must not cause a reset that destroys the Close.
            let bytes = [&frame[..], &[0; 200_000]].concat();
            let (received, ended) = exchange_bytes(kind, &bytes).await;
            let expected = [&[0x88, 2][..], &code.to_be_bytes()].concat();
            assert!(received.starts_with(&[0x88]), "{kind:?} {frame:x?} {received:x?}");
            assert_eq!(received.get(2..4), expected.get(2..4), "{kind:?} {frame:x?}");
            assert!(ended, "{kind:?} {frame:x?}");
        }
    }
}

#[tokio::test]
async fn servers_end_the_stream_after_the_closing_handshake() {
    let bytes = [masked(Opcode::CLOSE, b"\x03\xe8"), masked(Opcode::TEXT, b"late"), vec![0; 200_000]];
    for kind in KINDS {
        let received = exchange_bytes(kind, &bytes.concat()).await;
        assert_eq!(received, (vec![0x88, 2, 3, 0xe8], true), "{kind:?}");
    }
}

#[tokio::test]
async fn servers_reject_an_invalid_request() {
    for kind in KINDS {
        let server = server(kind).await;
        let mut stream = connect(server.port).await;
        let request = REQUEST.replace("Version: 13", "Version: 12");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        let ended = timeout(TIMEOUT, stream.read_to_string(&mut answer)).await.expect("in time");
        ended.expect("a clean end");
        assert!(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n"), "{answer}");
        assert!(answer.contains("Sec-WebSocket-Version: 13\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn clients_reject_an_invalid_response() {
    let response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    for kind in KINDS {
        let (listener, port) = listener().await;
        let client = tokio::spawn(async move { run_client(&format!("ws://127.0.0.1:{port}/"), kind).await });
        let (mut stream, _) = listener.accept().await.expect("a connection");
        stream.write_all(response.as_bytes()).await.expect("sent");
        let mut request = Vec::new();
        let ended = timeout(TIMEOUT, stream.read_to_end(&mut request)).await.expect("in time");
        ended.expect("a clean end");
        assert!(request.ends_with(b"\r\n\r\n"), "no frame follows");
        drop(stream);
        assert!(matches!(client.await.expect("a task"), Err(PeerError::Response(_))));
    }
}

#[tokio::test]
async fn a_fault_without_an_effect_in_the_role_is_rejected() {
    let (listener, _) = listener().await;
    let result = serve(listener, PeerKind::Reference(Some(Fault::KEY_CONSTANT))).await;
    assert!(matches!(result, Err(PeerError::UnsupportedRole(_))));
    let result = run_client("ws://127.0.0.1:1/", PeerKind::Reference(Some(Fault::SERVER_MASKS))).await;
    assert!(matches!(result, Err(PeerError::UnsupportedRole(_))));
}

/// The valid response to a request.
fn response_to(head: &str) -> String {
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        accept_for(key.unwrap_or_default().as_bytes())
    )
}
