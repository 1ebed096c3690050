//! tokio-websockets as an echo server, an echo client, and a client that walks through every case.

use futures_util::{SinkExt, StreamExt};
use interop::{Cases, Failure, Role};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_websockets::{ClientBuilder, ServerBuilder, WebSocketStream};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    match interop::role("tokio-websockets")? {
        Role::Server(port) => serve(port).await,
        Role::Client(url) => {
            if let Err(error) = echo_at(&url).await {
                eprintln!("{error}");
            }
            Ok(())
        }
        Role::Loop(cases) => walk(&cases).await,
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

async fn serve(port: u16) -> Result<(), Failure> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = accept(stream).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn accept(stream: TcpStream) -> Result<(), Failure> {
    let (_request, socket) = ServerBuilder::new().accept(stream).await?;
    echo(socket).await
}

async fn echo_at(url: &str) -> Result<(), Failure> {
    let uri: http::Uri = url.parse()?;
    let (socket, _) = ClientBuilder::from_uri(uri).connect().await?;
    echo(socket).await
}

async fn walk(cases: &Cases) -> Result<(), Failure> {
    let uri: http::Uri = cases.count().parse()?;
    let (mut socket, _) = ClientBuilder::from_uri(uri).connect().await?;
    let answer = socket.next().await.ok_or("no case count")??;
    let count: u32 = answer
        .as_text()
        .ok_or("the case count is no text")?
        .parse()?;
    socket.close().await?;

    for number in 1..=count {
        let url = cases.run(number);
        // A task of its own: a panic is one case's matter.
        match tokio::spawn(async move { echo_at(&url).await }).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("case {number}: {error}"),
            Err(panic) => eprintln!("case {number}: {panic}"),
        }
    }
    // The server closes once it has written the reports.
    echo_at(&cases.update_reports()).await
}
