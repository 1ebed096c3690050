//! tokio-tungstenite as an echo server, an echo client, and a client that walks through every case.

use futures_util::{SinkExt, StreamExt};
use interop::{Cases, Failure, Role};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{WebSocketStream, accept_async, connect_async};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    match interop::role("tokio-tungstenite")? {
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
    echo(accept_async(stream).await?).await
}

async fn echo_at(url: &str) -> Result<(), Failure> {
    let (socket, _) = connect_async(url).await?;
    echo(socket).await
}

async fn walk(cases: &Cases) -> Result<(), Failure> {
    let (mut socket, _) = connect_async(cases.count()).await?;
    let answer = socket.next().await.ok_or("no case count")??;
    let count: u32 = answer.to_text()?.parse()?;
    socket.close(None).await?;

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
