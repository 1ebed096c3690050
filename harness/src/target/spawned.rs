//! A client under test that is spawned with a URL of its own for each case.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::process::{Death, Process};
use crate::link::Link;
use crate::play::{Call, RequestOf, Settings, read_request};
use crate::wire::handshake::Start;

/// Waits for the client that was spawned for each path.
type Waiting = Arc<Mutex<HashMap<String, oneshot::Sender<RequestOf>>>>;

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

/// Why a client that was spawned has sent no request, in a sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// The client cannot be run, or the harness has no room.
    Environment(String),
    /// This machine cannot offer what the URL names.
    Lacking(String),
    /// The client ended before it had sent a request; how, where the system tells.
    NoCall(String, Option<Death>),
    /// It neither sent a request nor ended.
    TooSlow(String),
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
    /// Why none came.
    pub async fn visit(&self, path: &str) -> Result<Visit, Missed> {
        let url = format!("ws://{}{path}", self.address);
        let (sender, receiver) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), sender);
        let visited = self.spawn(&url, receiver).await;
        if visited.is_err() {
            self.forget(path);
        }
        let (request, process) = visited?;
        Ok(Visit { request, call: Call::of_client(self.address.as_str(), path), process })
    }

    /// Spawns a client with this URL and waits for the request that comes through `receiver`, or the client's end.
    pub(super) async fn spawn(
        &self,
        url: &str,
        mut receiver: oneshot::Receiver<RequestOf>,
    ) -> Result<(RequestOf, Process), Missed> {
        let command = with_url(&self.command, url);
        let mut process = Process::start(&command).map_err(|error| Missed::Environment(error.to_string()))?;
        let request = tokio::select! {
            request = &mut receiver => request,
            death = process.wait() => {
                // It may have ended behind its request.
                match tokio::time::timeout(Duration::from_millis(200), &mut receiver).await {
                    Ok(request) => request,
                    Err(_) => return Err(never_connected(&command, death)),
                }
            }
            () = tokio::time::sleep(CONNECT) => {
                process.stop().await;
                let sentence = format!("`{command}` did not connect to {url} within {} s", CONNECT.as_secs());
                return Err(Missed::TooSlow(sentence));
            }
        };
        let request = request.map_err(|_| Missed::Environment("the harness stopped listening".to_owned()))?;
        Ok((request, process))
    }

    fn forget(&self, path: &str) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
}

fn never_connected(command: &str, death: Option<Death>) -> Missed {
    match death {
        Some(death) if matches!(death.code, Some(126 | 127)) => {
            Missed::Environment(format!("`{command}` is no command that can be run: {death}"))
        }
        Some(death) => Missed::NoCall(format!("`{command}` {death}, and never connected"), Some(death)),
        None => Missed::NoCall(format!("`{command}` ended, and never connected"), None),
    }
}

/// The command with the URL in it, in quotes where a shell would read its characters in its own way.
fn with_url(command: &str, url: &str) -> String {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~:/%+=@,".contains(&octet);
    if url.bytes().all(plain) {
        return command.replace("{url}", url);
    }
    let quoted = format!("'{}'", url.replace('\'', r"'\''"));
    command.replace("'{url}'", &quoted).replace("\"{url}\"", &quoted).replace("{url}", &quoted)
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
                let _ = sender.send(request);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_no_character_of_a_url() {
        let url = "ws://[::1]:1/a b?x=1&y='2'#f";
        for command in ["echo {url}", "echo '{url}'", "echo \"{url}\""] {
            let output = std::process::Command::new("sh").arg("-c").arg(with_url(command, url)).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), url, "{command}");
        }
        assert_eq!(with_url("c '{url}'", "ws://127.0.0.1:1/a/b"), "c 'ws://127.0.0.1:1/a/b'");
    }
}
