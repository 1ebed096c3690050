//! The client that runs all cases of a server.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tungstenite::Message;
use wsspec::peer::{Fault, PeerKind, run_client_loop};

use super::{REFERENCE, TIMEOUT, listener, response_to};

/// A server with the URLs of the Autobahn testsuite and three cases of one text each. Returns the requested targets.
async fn testsuite(listener: TcpListener) -> Vec<String> {
    let mut running = JoinSet::new();
    for _ in 0..5 {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        running.spawn(async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.expect("a head"));
            }
            let head = String::from_utf8(head).expect("a head of text");
            stream.write_all(response_to(&head).as_bytes()).await.expect("sent");
            let role = tungstenite::protocol::Role::Server;
            let mut socket = WebSocketStream::from_raw_socket(stream, role, None).await;
            let target = head.split(' ').nth(1).expect("a target").to_owned();
            let text = Message::text(if target == "/getCaseCount" { "3" } else { "case" });
            if !target.starts_with("/updateReports") {
                socket.send(text.clone()).await.expect("sent");
            }
            if target.starts_with("/runCase") {
                assert_eq!(socket.next().await.expect("an echo").expect("a message"), text);
            }
            socket.close(None).await.expect("sent");
            while let Some(Ok(message)) = socket.next().await {
                assert!(message.is_close(), "{message}");
            }
            target
        });
    }
    let mut targets = running.join_all().await;
    targets.sort();
    targets
}

#[tokio::test]
async fn the_loop_runs_every_case() {
    for kind in [REFERENCE, PeerKind::Tungstenite, PeerKind::Reference(Some(Fault::NO_PONG))] {
        let (listener, port) = listener().await;
        let suite = tokio::spawn(testsuite(listener));
        let url = format!("ws://127.0.0.1:{port}");
        let running_loop = timeout(TIMEOUT, run_client_loop(&url, kind, "test agent", 2)).await;
        assert_eq!(running_loop.expect("in time").expect("a run"), 3);
        let expected = [
            "/getCaseCount",
            "/runCase?case=1&agent=test%20agent",
            "/runCase?case=2&agent=test%20agent",
            "/runCase?case=3&agent=test%20agent",
            "/updateReports?agent=test%20agent",
        ];
        assert_eq!(suite.await.expect("the suite"), expected);
    }
}
