//! A server or a client in this process, at the other end of a pipe in memory.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::DuplexStream;
use tokio::task::{JoinError, JoinHandle};

use super::{Played, Target};
use crate::case::Case;
use crate::link::Link;
use crate::play::{
    Call, PlayResult, Settings, play_against_client, play_against_server, play_without_call, read_request, url_of,
};
use crate::run::idle_connections;
use crate::vocabulary::Role;

/// Bytes that the pipe holds before a writer waits.
const PIPE: usize = 64 << 10;
/// The host that both sides use; nothing listens there.
const HOST: &str = "127.0.0.1:9001";
/// How long a task may take to end after its connection, so that a late panic is attributed to its case.
const LINGER: Duration = Duration::from_millis(50);

/// Serves one connection.
type Serve = Arc<dyn Fn(DuplexStream) -> BoxFuture<'static, ()> + Send + Sync>;
/// Calls a URL over one connection.
type Connect = Arc<dyn Fn(DuplexStream, String) -> BoxFuture<'static, ()> + Send + Sync>;

/// A server in this process: a function that serves one connection.
#[derive(Clone)]
pub struct InProcessServer {
    serve: Serve,
}

/// A client in this process: a function that uses one connection as a client.
#[derive(Clone)]
pub struct InProcessClient {
    connect: Connect,
}

/// A task of the target; it is aborted when this is dropped.
#[derive(Debug)]
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Task {
    /// Waits a moment for its end; the panic it ended with, as a sentence.
    async fn crash(mut self, what: &str) -> Option<String> {
        let ended = tokio::time::timeout(LINGER, &mut self.0).await.ok()?;
        ended.err().and_then(panic_of).map(|message| format!("the {what} panicked: {message}"))
    }
}

/// The message of a panic.
fn panic_of(error: JoinError) -> Option<String> {
    Some(message_of(&*error.try_into_panic().ok()?))
}

/// The text of a panic's payload.
pub(in crate::run) fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

impl InProcessServer {
    /// A server that runs `serve` for each connection.
    pub fn new<F, R>(serve: F) -> Self
    where
        F: Fn(DuplexStream) -> R + Send + Sync + 'static,
        R: Future + Send + 'static,
    {
        let serve = move |io| -> BoxFuture<'static, ()> {
            let served = serve(io);
            Box::pin(async move { drop(served.await) })
        };
        Self { serve: Arc::new(serve) }
    }

    /// Opens a connection and starts to serve it.
    fn open(&self) -> (Link, Task) {
        let (near, far) = tokio::io::duplex(PIPE);
        (Link::from(near), Task(tokio::spawn((self.serve)(far))))
    }
}

impl fmt::Debug for InProcessServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcessServer").finish_non_exhaustive()
    }
}

impl Target for InProcessServer {
    fn role(&self) -> Role {
        Role::Server
    }

    fn play<'a>(&'a self, case: &'a Case, settings: &'a Settings) -> BoxFuture<'a, Played> {
        Box::pin(async move {
            let call = Call::of_server(HOST, "/", Vec::new());
            let tasks = std::sync::Mutex::new(Vec::new());
            let connect = || async {
                let (link, task) = self.open();
                tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(task);
                Some(link)
            };
            let held = idle_connections::open(connect, &call, case.idle_connections, settings).await;
            let (link, task) = self.open();
            let mut result = play_against_server(case, link, &call, settings).await;
            result.idle_connections = held.len();
            Played { result, call, crash: task.crash("server").await }
        })
    }
}

impl InProcessClient {
    /// A client that runs `connect` with each connection and the URL that it has to use.
    pub fn new<F, R>(connect: F) -> Self
    where
        F: Fn(DuplexStream, String) -> R + Send + Sync + 'static,
        R: Future + Send + 'static,
    {
        let connect = move |io, url| -> BoxFuture<'static, ()> {
            let connected = connect(io, url);
            Box::pin(async move { drop(connected.await) })
        };
        Self { connect: Arc::new(connect) }
    }
}

impl fmt::Debug for InProcessClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcessClient").finish_non_exhaustive()
    }
}

impl Target for InProcessClient {
    fn role(&self) -> Role {
        Role::Client
    }

    fn play<'a>(&'a self, case: &'a Case, settings: &'a Settings) -> BoxFuture<'a, Played> {
        Box::pin(async move {
            let call = Call::of_client(HOST, format!("/{}", case.id));
            let (url, call) = match url_of(case, &call) {
                Some(url) => (url, Call { own_url: true, ..call }),
                None => (format!("ws://{HOST}{}", call.path), call),
            };
            let (near, far) = tokio::io::duplex(PIPE);
            let task = Task(tokio::spawn((self.connect)(far, url)));
            let result = match read_request(Link::from(near), settings).await {
                Ok(request) => play_against_client(case, request, &call, settings).await,
                Err(sentence) if call.own_url => play_without_call(case, sentence, false),
                Err(sentence) => PlayResult::environment(sentence),
            };
            Played { result, call, crash: task.crash("client").await }
        })
    }
}
