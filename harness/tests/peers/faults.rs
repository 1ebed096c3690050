//! Each faulty peer comes up, is spoken to, and takes nothing with it.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;
use tokio::time::timeout;
use wsspec::peer::{Fault, PeerError, PeerKind, run_client};
use wsspec::vocabulary::Role;
use wsspec::wire::Opcode;

use super::{REQUEST, TIME, connect, listener, masked, response_to, server};

#[tokio::test]
async fn every_fault_of_a_server_starts() {
    let mut running = JoinSet::new();
    for fault in Fault::all().filter(|fault| fault.fits(Role::Server)) {
        running.spawn(async move {
            let server = server(PeerKind::Reference(Some(fault))).await;
            let mut stream = connect(server.port).await;
            stream.write_all(REQUEST.as_bytes()).await.expect("sent");
            let mut buffer = vec![0; 4096];
            let read = timeout(TIME, stream.read(&mut buffer)).await.expect("in time");
            assert!(read.expect("a stream") > 0, "{fault} says nothing");
            let frames = [masked(Opcode::TEXT, b"Hello"), masked(Opcode::CLOSE, b"\x03\xe8")];
            // A server that refuses this request may be gone by now.
            let _ = stream.write_all(&frames.concat()).await;
            let _ = timeout(Duration::from_millis(500), stream.read_to_end(&mut buffer)).await;
            drop(stream);
            let mut again = connect(server.port).await;
            again.write_all(REQUEST.as_bytes()).await.expect("sent");
            let read = timeout(TIME, again.read(&mut buffer)).await.expect("in time");
            assert!(read.expect("a stream") > 0, "{fault} felled its server");
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
            let read = timeout(TIME, stream.read(&mut buffer)).await.expect("in time");
            let read = read.expect("a stream");
            assert!(read > 0, "{fault} says nothing");
            let request = String::from_utf8_lossy(&buffer[..read]).into_owned();
            let mut bytes = response_to(&request).into_bytes();
            bytes.extend_from_slice(b"\x81\x05Hello\x88\x02\x03\xe8");
            stream.write_all(&bytes).await.expect("sent");
            let _ = timeout(Duration::from_millis(500), stream.read_to_end(&mut buffer)).await;
            drop(stream);
            let result = timeout(TIME, client).await.expect("in time").expect("no panic");
            let lost = matches!(result, Err(PeerError::Connect { .. } | PeerError::Url(_)));
            assert!(!lost, "{fault}");
        });
    }
    running.join_all().await;
}
