//! soketto as an echo server, an echo client, and a client that loops through every case.

use futures_util::io::{BufReader, BufWriter};
use interop::{Failure, Library};
use soketto::connection::Error;
use soketto::extension::deflate::Deflate;
use soketto::handshake::{Client, Server, ServerResponse, server};
use soketto::{Data, Mode, Receiver, Sender};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

type Stream = BufReader<BufWriter<Compat<TcpStream>>>;
type Socket = (Sender<Stream>, Receiver<Stream>);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    interop::run::<Soketto>().await
}

struct Soketto;

impl Library for Soketto {
    const NAME: &'static str = "soketto";

    async fn accept(stream: TcpStream) -> Result<(), Failure> {
        let mut handshake = Server::new(buffered(stream));
        if deflate() {
            handshake.add_extension(Box::new(Deflate::new(Mode::Server)));
        }
        let key = handshake.receive_request().await?.key();
        let answer = server::Response::Accept { key, protocol: None };
        handshake.send_response(&answer).await?;
        echo(handshake.into_builder().finish()).await
    }

    async fn echo_at(url: String) -> Result<(), Failure> {
        echo(connect(&url).await?).await
    }

    async fn ask(url: String) -> Result<String, Failure> {
        let (mut sender, mut receiver) = connect(&url).await?;
        let mut answer = Vec::new();
        receiver.receive_data(&mut answer).await?;
        sender.close().await?;
        Ok(String::from_utf8(answer)?)
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
