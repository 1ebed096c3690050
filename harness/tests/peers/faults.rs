//! Each faulty peer starts, accepts a connection, and affects no other connection.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;
use tokio::time::timeout;
use wsspec::peer::{Fault, PeerError, PeerKind, run_client};
use wsspec::vocabulary::Role;
use wsspec::wire::Opcode;

use super::{REQUEST, TIMEOUT, connect, listener, masked, response_to, server};

#[tokio::test]
async fn every_fault_of_a_server_starts() {
    let mut running = JoinSet::new();
    for fault in Fault::all().filter(|fault| fault.fits(Role::Server)) {
        running.spawn(async move {
            let server = server(PeerKind::Reference(Some(fault))).await;
            let mut stream = connect(server.port).await;
            stream.write_all(REQUEST.as_bytes()).await.expect("sent");
            let mut buffer = vec![0; 4096];
            let read = timeout(TIMEOUT, stream.read(&mut buffer)).await.expect("in time");
            assert!(read.expect("a stream") > 0, "{fault} sends nothing");
            let frames = [masked(Opcode::TEXT, b"Hello"), masked(Opcode::CLOSE, b"\x03\xe8")];
            // A server that rejects this request may have closed the stream already.
            let _ = stream.write_all(&frames.concat()).await;
            let _ = timeout(Duration::from_millis(500), stream.read_to_end(&mut buffer)).await;
            drop(stream);
            let mut second = connect(server.port).await;
            second.write_all(REQUEST.as_bytes()).await.expect("sent");
            let read = timeout(TIMEOUT, second.read(&mut buffer)).await.expect("in time");
            assert!(read.expect("a stream") > 0, "{fault} stopped its server");
        });
    }
    running.join_all().await;
}

#[tokio::test]
async fn every_fault_of_a_client_starts() {
    let mut running = JoinSet::new();
    for fault in Fault::all().filter(|fault| fault.fits(Role::Client)) {
        running.spawn(async move {
            let (listener, port) = listener().await;
            let kind = PeerKind::Reference(Some(fault));
            let url = format!("ws://127.0.0.1:{port}/");
            let client = tokio::spawn(async move { run_client(&url, kind).await });
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut buffer = vec![0; 4096];
            let read = timeout(TIMEOUT, stream.read(&mut buffer)).await.expect("in time");
            let read = read.expect("a stream");
            assert!(read > 0, "{fault} sends nothing");
            let request = String::from_utf8_lossy(&buffer[..read]).into_owned();
            let mut bytes = response_to(&request).into_bytes();
            bytes.extend_from_slice(b"\x81\x05Hello\x88\x02\x03\xe8");
            stream.write_all(&bytes).await.expect("sent");
            let _ = timeout(Duration::from_millis(500), stream.read_to_end(&mut buffer)).await;
            drop(stream);
            let result = timeout(TIMEOUT, client).await.expect("in time").expect("no panic");
            let did_not_connect = matches!(result, Err(PeerError::Connect { .. } | PeerError::Url(_)));
            assert!(!did_not_connect, "{fault}");
        });
    }
    running.join_all().await;
}
