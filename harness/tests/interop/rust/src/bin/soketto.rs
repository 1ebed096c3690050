//! soketto as an echo server, an echo client, and a client that walks through every case.

use futures_util::io::{BufReader, BufWriter};
use interop::{Cases, Failure, Role};
use soketto::connection::Error;
use soketto::extension::deflate::Deflate;
use soketto::handshake::{Client, Server, ServerResponse, server};
use soketto::{Data, Mode, Receiver, Sender};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

type Stream = BufReader<BufWriter<Compat<TcpStream>>>;
type Socket = (Sender<Stream>, Receiver<Stream>);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    match interop::role("soketto")? {
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

fn buffered(stream: TcpStream) -> Stream {
    BufReader::new(BufWriter::new(stream.compat()))
}

fn deflate() -> bool {
    std::env::var_os("INTEROP_DEFLATE").is_some_and(|value| value == "1")
}

async fn echo((mut sender, mut receiver): Socket) -> Result<(), Failure> {
    let mut message = Vec::new();
    loop {
        message.clear();
        match receiver.receive_data(&mut message).await {
            Ok(Data::Text(_)) => sender.send_text(std::str::from_utf8(&message)?).await?,
            Ok(Data::Binary(_)) => sender.send_binary(&message).await?,
            Err(Error::Closed) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        sender.flush().await?;
    }
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
    let mut handshake = Server::new(buffered(stream));
    if deflate() {
        handshake.add_extension(Box::new(Deflate::new(Mode::Server)));
    }
    let key = handshake.receive_request().await?.key();
    let answer = server::Response::Accept {
        key,
        protocol: None,
    };
    handshake.send_response(&answer).await?;
    echo(handshake.into_builder().finish()).await
}

async fn connect(url: &str) -> Result<Socket, Failure> {
    let (authority, target) = interop::split(url)?;
    let stream = TcpStream::connect(&authority).await?;
    let mut handshake = Client::new(buffered(stream), &authority, &target);
    if deflate() {
        handshake.add_extension(Box::new(Deflate::new(Mode::Client)));
    }
    match handshake.handshake().await? {
        ServerResponse::Accepted { .. } => Ok(handshake.into_builder().finish()),
        other => Err(format!("handshake answered with {other:?}").into()),
    }
}

async fn echo_at(url: &str) -> Result<(), Failure> {
    echo(connect(url).await?).await
}

async fn walk(cases: &Cases) -> Result<(), Failure> {
    let (mut sender, mut receiver) = connect(&cases.count()).await?;
    let mut answer = Vec::new();
    receiver.receive_data(&mut answer).await?;
    let count: u32 = std::str::from_utf8(&answer)?.parse()?;
    sender.close().await?;

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
