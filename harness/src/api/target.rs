//! What is tested.

use std::sync::Arc;

use tokio::io::DuplexStream;

use super::Error;
use crate::run::{self, InProcessClient, InProcessServer};
use crate::secrets::{Marked, Secrets, is_secret_field};
use crate::targets::{CommandPlaceholders, Server, Spawner};

/// The URL of a server that the run starts.
const LOCAL: &str = "ws://127.0.0.1:{port}/";

/// A server or client to test.
///
/// ```no_run
/// # mod my_server { pub async fn serve(io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite) {} }
/// let in_this_process = wsspec::Target::in_process(|io| my_server::serve(io));
/// let running = wsspec::Target::url("ws://127.0.0.1:9001/");
/// let started = wsspec::Target::start("node echo.js {port}");
/// ```
#[derive(Debug)]
pub struct Target {
    kind: Kind,
    headers: Vec<(String, String)>,
}

#[derive(Debug)]
enum Kind {
    InProcess(Arc<dyn run::Target>),
    Server { url: String, command: Option<String> },
    Client { command: String },
}

impl Target {
    /// A server in this process: `serve` is called with each connection, which is `AsyncRead` and `AsyncWrite`, and serves it to its end.
    /// Its result is ignored; a panic fails the case. No port is opened.
    pub fn in_process<F, R>(serve: F) -> Self
    where
        F: Fn(DuplexStream) -> R + Send + Sync + 'static,
        R: Future + Send + 'static,
    {
        Self::of(Kind::InProcess(Arc::new(InProcessServer::new(serve))))
    }

    /// A client in this process: `connect` is called with a connection and the `ws` URL to request over it, and uses it to its end. It
    /// echoes messages.
    pub fn client_in_process<F, R>(connect: F) -> Self
    where
        F: Fn(DuplexStream, String) -> R + Send + Sync + 'static,
        R: Future + Send + 'static,
    {
        Self::of(Kind::InProcess(Arc::new(InProcessClient::new(connect))))
    }

    /// A server at a URL: `ws://HOST:PORT/PATH`, `wss://HOST:PORT/PATH` or `unix:FILE`.
    pub fn url(url: impl Into<String>) -> Self {
        Self::of(Kind::Server { url: url.into(), command: None })
    }

    /// A server that the run starts with this shell command, watches, and starts again when it dies. `{port}` is the port on 127.0.0.1
    /// that it has to listen on.
    pub fn start(command: impl Into<String>) -> Self {
        Self::of(Kind::Server { url: LOCAL.to_owned(), command: Some(command.into()) })
    }

    /// A client that the run spawns for each case with this shell command. `{url}` is the URL that it has to request.
    pub fn client(command: impl Into<String>) -> Self {
        Self::of(Kind::Client { command: command.into() })
    }

    /// Adds a field to every request to a server at a URL or one that the run starts. The values of fields such as Authorization and
    /// Cookie do not appear in reports.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    fn of(kind: Kind) -> Self {
        Self { kind, headers: Vec::new() }
    }

    /// The values that must not appear in a report.
    pub(super) fn secrets(&self) -> Result<Secrets, Error> {
        let mut marked = Marked::default();
        for (name, value) in self.headers.iter().filter(|(name, _)| is_secret_field(name)) {
            marked.field(name, value);
        }
        if let Kind::Server { url, .. } = &self.kind {
            marked.url(url);
        }
        Secrets::new(&marked).map_err(|error| Error::Target(error.to_string()))
    }

    /// The target of a run.
    pub(super) async fn open(self) -> Result<Arc<dyn run::Target>, Error> {
        let failed = |error: &dyn std::fmt::Display| Error::Target(error.to_string());
        match self.kind {
            Kind::InProcess(target) => Ok(target),
            Kind::Server { url, command } => {
                let server = Server::new(&url, command.as_deref(), self.headers).await;
                Ok(Arc::new(server.map_err(|error| failed(&error))?))
            }
            Kind::Client { command } => {
                let spawner = Spawner::new(&command, CommandPlaceholders::default());
                Ok(Arc::new(spawner.map_err(|error| failed(&error))?))
            }
        }
    }
}
