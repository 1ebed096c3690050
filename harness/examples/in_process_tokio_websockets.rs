//! tokio-websockets as an echo server, tested in this process: `cargo run --example in_process_tokio_websockets`.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_websockets::{Error, ServerBuilder};
use wsspec::{Gate, Suite, Target};

/// The failures that are known.
const KNOWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/in_process_tokio_websockets.yaml");

/// Serves one connection.
async fn echo(io: impl AsyncRead + AsyncWrite + Unpin) -> Result<(), Error> {
    let (_request, mut socket) = ServerBuilder::new().accept(io).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}

/// The test that a project would write.
///
/// # Errors
/// A suite that cannot be run.
pub async fn conforms() -> Result<(), wsspec::Error> {
    let target = Target::in_process(echo);
    let report =
        Suite::builtin().select(["framing/*", "fragmentation/*", "ping-pong/*", "utf8/*"])?.run(target).await?;
    report.assert_gate(Gate::must(1.0).baseline(KNOWN)?);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), wsspec::Error> {
    conforms().await
}
