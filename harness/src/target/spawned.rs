//! A client under test that is spawned with a URL of its own for each case.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::process::{Death, Process};
use crate::case::model::Role;
use crate::link::Link;
use crate::play::{Call, RequestOf, Settings, read_request};
use crate::wire::handshake::Start;

/// Waits for the client that was spawned for each path.
type Waiting = Arc<Mutex<HashMap<String, oneshot::Sender<Result<RequestOf, String>>>>>;

/// How long a client may take from its start to its request: an interpreter may have to be loaded on a busy machine.
const CONNECT: Duration = Duration::from_secs(30);

/// Spawns clients and hands each the connection that is its own.
#[derive(Clone, Debug)]
pub struct Spawner {
    /// The command, with `{url}` where the URL belongs.
    pub command: String,
    /// Where the harness listens.
    pub address: String,
    waiting: Waiting,
}

/// Why clients cannot be spawned.
#[derive(Debug, thiserror::Error)]
pub enum SpawnerError {
    /// The command does not say where the URL goes.
    #[error(
        "`{0}` has no `{{url}}`: write it where the client takes its URL, as in --client 'python3 client.py {{url}}'"
    )]
    NoUrl(String),
    /// The harness cannot listen.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(std::io::Error),
}

/// A client's connection, and the process behind it.
#[derive(Debug)]
pub struct Visit {
    /// The request that it sent.
    pub request: RequestOf,
    /// How it was called.
    pub call: Call,
    /// The process.
    pub process: Process,
}

impl Spawner {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// A command without `{url}`, or no port.
    pub async fn new(command: &str, settings: &Settings) -> Result<Self, SpawnerError> {
        if !command.contains("{url}") {
            return Err(SpawnerError::NoUrl(command.to_owned()));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(SpawnerError::Listen)?;
        let address = listener.local_addr().map_err(SpawnerError::Listen)?.to_string();
        let waiting = Waiting::default();
        tokio::spawn(accept(listener, Arc::clone(&waiting), settings.clone()));
        Ok(Self { command: command.to_owned(), address, waiting })
    }

    /// Spawns a client for `path` and waits for its request.
    ///
    /// # Errors
    /// Why none came, in a sentence.
    pub async fn visit(&self, path: &str) -> Result<Visit, String> {
        let url = format!("ws://{}{path}", self.address);
        let (sender, mut receiver) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), sender);
        let command = self.command.replace("{url}", &url);
        let mut process = Process::start(&command).map_err(|error| error.to_string())?;
        let deadline = Instant::now() + CONNECT;
        let request = tokio::select! {
            request = &mut receiver => request,
            death = process.wait() => {
                // It may have ended behind its request.
                match tokio::time::timeout(Duration::from_millis(200), &mut receiver).await {
                    Ok(request) => request,
                    Err(_) => {
                        self.forget(path);
                        return Err(never_connected(&command, death));
                    }
                }
            }
            () = tokio::time::sleep_until(deadline) => {
                self.forget(path);
                process.stop().await;
                return Err(format!("`{command}` did not connect to {url} within {} s", CONNECT.as_secs()));
            }
        };
        let request = match request {
            Ok(Ok(request)) => request,
            Ok(Err(sentence)) => return Err(format!("the client {sentence}")),
            Err(_) => return Err("the harness stopped listening".to_owned()),
        };
        let call = Call { role: Role::Client, host: self.address.clone(), path: path.to_owned(), headers: Vec::new() };
        Ok(Visit { request, call, process })
    }

    fn forget(&self, path: &str) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
}

fn never_connected(command: &str, death: Option<Death>) -> String {
    match death {
        Some(death) if death.code == Some(127) => format!("`{command}` is no command that can be run: {death}"),
        Some(death) => format!("`{command}` {death}, and never connected"),
        None => format!("`{command}` ended, and never connected"),
    }
}

async fn accept(listener: TcpListener, waiting: Waiting, settings: Settings) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: give running cases time to end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (waiting, settings) = (Arc::clone(&waiting), settings.clone());
        tokio::spawn(async move {
            // A connection that asks for nothing we know, such as a retry after its case is over, is dropped.
            let Ok(request) = read_request(Link::from(stream), &settings).await else { return };
            let Start::Request { target, .. } = &request.head.start else { return };
            let path = target
                .strip_prefix("http://")
                .map_or(target.as_str(), |rest| rest.find('/').map_or("/", |at| &rest[at..]));
            let sender = waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
            if let Some(sender) = sender {
                let _ = sender.send(Ok(request));
            }
        });
    }
}
