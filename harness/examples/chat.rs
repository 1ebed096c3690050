//! A small chat server, the target of `docs/examples/chat/chat.yaml`: `cargo run --example chat -- 127.0.0.1:8080`.
//!
//! A visitor needs a session cookie, is greeted, says lines in JSON and hears everybody's lines. With `--nameless` behind the
//! address the lines come without the speaker's name, so that there is something for the cases to find.

use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::{Sender, channel, error::RecvError};
use tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response};
use tungstenite::http::{HeaderMap, HeaderValue, StatusCode};
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message};

/// The one session that is open.
const SESSION: &str = "session=4Qd0hV2";
/// The visitor whose session it is.
const USER: &str = "guest";
/// The pages that may connect from a browser.
const ORIGIN: &str = "https://shop.example";

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let nameless = arguments.next().is_some_and(|word| word == "--nameless");
    let listener = TcpListener::bind(&address).await?;
    println!("chat at ws://{}/chat", listener.local_addr()?);
    serve(listener, nameless).await
}

/// Serves visitors until the listener breaks. With `nameless` lines lack the speaker's name.
///
/// # Errors
/// What the listener says.
pub async fn serve(listener: TcpListener, nameless: bool) -> std::io::Result<()> {
    let (room, _) = channel(64);
    loop {
        let (stream, _) = listener.accept().await?;
        let room = room.clone();
        tokio::spawn(async move {
            // A visitor who goes without a word is nothing to tell.
            let _ = talk(stream, room, nameless).await;
        });
    }
}

/// Who may come in.
struct Door;

impl Callback for Door {
    fn on_request(self, request: &Request, response: Response) -> Result<Response, ErrorResponse> {
        let status = match (has(request.headers(), "Cookie", SESSION), request.headers().get("Origin")) {
            (false, _) => StatusCode::UNAUTHORIZED,
            (true, Some(origin)) if origin != ORIGIN => StatusCode::FORBIDDEN,
            (true, _) => return Ok(response),
        };
        let mut refusal = ErrorResponse::new(None);
        *refusal.status_mut() = status;
        let fields = refusal.headers_mut();
        fields.insert("Content-Length", HeaderValue::from_static("0"));
        fields.insert("Connection", HeaderValue::from_static("close"));
        if status == StatusCode::UNAUTHORIZED {
            // Which a 401 must say (RFC 9110 section 15.5.2).
            fields.insert("WWW-Authenticate", HeaderValue::from_static("Cookie realm=\"chat\""));
        }
        Err(refusal)
    }
}

/// Whether a field is a list with this member, as Cookie is with `; ` between its pairs.
fn has(fields: &HeaderMap, name: &str, member: &str) -> bool {
    let values = fields.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(';')).any(|one| one.trim() == member)
}

/// One visitor's stay.
async fn talk(stream: TcpStream, room: Sender<Value>, nameless: bool) -> Result<(), Error> {
    let mut socket = tokio_tungstenite::accept_hdr_async(stream, Door).await?;
    let mut lines = room.subscribe();
    socket.send(text(&json!({"kind": "welcome", "user": USER}))).await?;
    loop {
        tokio::select! {
            line = lines.recv() => match line {
                // A visitor who has just closed takes no line, and is still to be answered with the next read.
                Ok(line) => drop(socket.send(text(&line)).await),
                // A visitor who reads too slowly misses lines.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            },
            message = socket.next() => match message {
                Some(Ok(Message::Text(said))) => match line_of(&said, nameless) {
                    // Everybody hears it, the speaker too.
                    Some(line) => drop(room.send(line)),
                    None => {
                        let error = json!({"kind": "error", "reason": "a line is an object with content"});
                        socket.send(text(&error)).await?;
                    }
                },
                Some(Ok(Message::Binary(_))) => {
                    let frame = CloseFrame { code: CloseCode::Unsupported, reason: "lines are text".into() };
                    socket.close(Some(frame)).await?;
                }
                // Pings are answered, and a Close too, with the next read.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            },
        }
    }
}

/// What everybody hears when a visitor says this.
fn line_of(said: &str, nameless: bool) -> Option<Value> {
    let said: Value = serde_json::from_str(said).ok()?;
    let content = said.get("content")?.as_str()?;
    let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    Some(if nameless {
        json!({"kind": "line", "content": content, "at": at})
    } else {
        json!({"kind": "line", "user": USER, "content": content, "at": at})
    })
}

fn text(value: &Value) -> Message {
    Message::text(value.to_string())
}
