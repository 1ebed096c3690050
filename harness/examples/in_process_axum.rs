//! A router of axum, tested in this process: `cargo run --example in_process_axum`.

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::any;
use axum::serve::Listener;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use wsspec::{Gate, Suite, Target};

async fn upgrade(request: WebSocketUpgrade) -> Response {
    request.on_upgrade(echo)
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let is_data = matches!(message, Message::Text(_) | Message::Binary(_));
        if is_data && socket.send(message).await.is_err() {
            return;
        }
    }
}

/// A listener of axum whose connections come from the suite.
struct Connections(mpsc::Receiver<DuplexStream>);

impl Listener for Connections {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.recv().await {
            Some(io) => (io, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The test that a project would write.
///
/// # Errors
/// A suite that cannot be run.
pub async fn conforms() -> Result<(), wsspec::Error> {
    let (sender, connections) = mpsc::channel(16);
    let router = Router::new().route("/", any(upgrade));
    let server = tokio::spawn(async move { axum::serve(Connections(connections), router).await });
    let target = Target::in_process(move |io| {
        let sender = sender.clone();
        async move { sender.send(io).await }
    });
    let report =
        Suite::builtin().select(["framing/*", "fragmentation/*", "ping-pong/*", "utf8/*"])?.run(target).await?;
    server.abort();
    report.assert_gate(Gate::must(1.0));
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), wsspec::Error> {
    conforms().await
}
