//! The opening handshake of servers that are wrong later. `examples/fragile.rs` uses it too.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Reads a head, up to the empty line.
pub fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

/// Answers a request with a valid 101.
pub fn accept_handshake(mut stream: TcpStream) -> Option<TcpStream> {
    let head = read_head(&mut stream)?;
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))?;
    let accept = wsspec::wire::handshake::accept_for(key.trim().as_bytes());
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(response.as_bytes()).ok()?;
    Some(stream)
}
