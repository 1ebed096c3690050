//! tokio-tungstenite as an echo server, an echo client, and a client that loops through every case.

use futures_util::{SinkExt, StreamExt};
use interop::{Failure, Library};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, accept_async, connect_async};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    interop::run::<TokioTungstenite>().await
}

struct TokioTungstenite;

impl Library for TokioTungstenite {
    const NAME: &'static str = "tokio-tungstenite";

    async fn accept(stream: TcpStream) -> Result<(), Failure> {
        echo(accept_async(stream).await?).await
    }

    async fn echo_at(url: String) -> Result<(), Failure> {
        let (socket, _) = connect_async(url).await?;
        echo(socket).await
    }

    async fn ask(url: String) -> Result<String, Failure> {
        let (mut socket, _) = connect_async(url).await?;
        let answer = socket.next().await.ok_or("no answer")??;
        socket.close(None).await?;
        Ok(answer.to_text()?.to_owned())
    }
}

async fn echo<S>(mut socket: WebSocketStream<S>) -> Result<(), Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
