//! tokio-websockets as an echo server, an echo client, and a client that loops through every case.

use futures_util::{SinkExt, StreamExt};
use interop::{Failure, Library};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_websockets::{ClientBuilder, ServerBuilder, WebSocketStream};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    interop::run::<TokioWebsockets>().await
}

struct TokioWebsockets;

impl Library for TokioWebsockets {
    const NAME: &'static str = "tokio-websockets";

    async fn accept(stream: TcpStream) -> Result<(), Failure> {
        let (_request, socket) = ServerBuilder::new().accept(stream).await?;
        echo(socket).await
    }

    async fn echo_at(url: String) -> Result<(), Failure> {
        let uri: http::Uri = url.parse()?;
        let (socket, _) = ClientBuilder::from_uri(uri).connect().await?;
        echo(socket).await
    }

    async fn ask(url: String) -> Result<String, Failure> {
        let uri: http::Uri = url.parse()?;
        let (mut socket, _) = ClientBuilder::from_uri(uri).connect().await?;
        let answer = socket.next().await.ok_or("no answer")??;
        socket.close().await?;
        Ok(answer.as_text().ok_or("the answer is no text")?.to_owned())
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
