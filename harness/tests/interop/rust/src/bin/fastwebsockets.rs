//! fastwebsockets as an echo server, an echo client, and a client that loops through every case.

use std::future::Future;

use fastwebsockets::{FragmentCollector, Frame, OpCode, handshake, upgrade};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HOST, UPGRADE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use interop::{Failure, Library};
use tokio::net::TcpStream;

type Socket = FragmentCollector<TokioIo<Upgraded>>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    interop::run::<Fastwebsockets>().await
}

struct Fastwebsockets;

impl Library for Fastwebsockets {
    const NAME: &'static str = "fastwebsockets";

    async fn accept(stream: TcpStream) -> Result<(), Failure> {
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(upgraded)).with_upgrades();
        Ok(connection.await?)
    }

    async fn echo_at(url: String) -> Result<(), Failure> {
        echo(connect(&url).await?).await
    }

    async fn ask(url: String) -> Result<String, Failure> {
        let mut socket = connect(&url).await?;
        let answer = socket.read_frame().await?;
        let answer = std::str::from_utf8(&answer.payload)?.to_owned();
        socket.write_frame(Frame::close(1000, &[])).await?;
        Ok(answer)
    }
}

async fn echo(mut socket: Socket) -> Result<(), Failure> {
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Close => return Ok(()),
            OpCode::Text | OpCode::Binary => {
                let echo = Frame::new(true, frame.opcode, None, frame.payload);
                socket.write_frame(echo).await?;
            }
            _ => {}
        }
    }
}

async fn upgraded(mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Failure> {
    let (response, socket) = upgrade::upgrade(&mut request)?;
    tokio::spawn(async move {
        let echoed = match socket.await {
            Ok(socket) => echo(FragmentCollector::new(socket)).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = echoed {
            eprintln!("{error}");
        }
    });
    Ok(response)
}

struct Spawn;

impl<F> hyper::rt::Executor<F> for Spawn
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        tokio::spawn(future);
    }
}

async fn connect(url: &str) -> Result<Socket, Failure> {
    let (authority, target) = interop::split(url)?;
    let stream = TcpStream::connect(&authority).await?;
    let request = Request::builder()
        .uri(target)
        .header(HOST, authority)
        .header(UPGRADE, "websocket")
        .header(CONNECTION, "upgrade")
        .header("Sec-WebSocket-Key", handshake::generate_key())
        .header("Sec-WebSocket-Version", "13")
        .body(Empty::<Bytes>::new())?;
    let (socket, _) = handshake::client(&Spawn, request, stream).await?;
    Ok(FragmentCollector::new(socket))
}
