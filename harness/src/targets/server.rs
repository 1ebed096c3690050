//! A server under test: at a URL, or started by the harness and started again when it dies.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::listening::{check_listener, check_unused, free_port};
use super::placeholders::check_server;
use super::process::{Death, Process};
use super::server_error::ServerError;
use crate::link::tls::{ClientTls, Trust};
use crate::link::{ConnectError, Endpoint, Link, Route};
use crate::os::Usage;
use crate::play::Call;

/// How long a server that was started may take to listen.
const READY: Duration = Duration::from_secs(20);
/// The time between two attempts to connect to a server that starts.
const RETRY: Duration = Duration::from_millis(20);

/// A server under test. Clones share its process.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its URL as given, with the port filled in.
    pub url: String,
    /// The address, path and host of that URL.
    pub endpoint: Endpoint,
    /// The command that starts it, with the port filled in.
    pub command: Option<String>,
    /// Fields that are added to every request: names and values.
    pub headers: Vec<(String, String)>,
    route: Route,
    /// The process, where the harness started one. The lock is never held across an await.
    process: Arc<Mutex<Option<Process>>>,
}

impl Server {
    /// A server at `url`. `{port}` in the URL and in `start` is a free port. The process is not started yet.
    ///
    /// # Errors
    /// An invalid URL, an unknown placeholder, or no free port.
    pub async fn new(url: &str, start: Option<&str>, headers: Vec<(String, String)>) -> Result<Self, ServerError> {
        let mut url = url.to_owned();
        let mut command = start.map(str::to_owned);
        if let Some(command) = &command {
            check_server(command)?;
            check_server(&url)?;
        }
        if url.contains("{port}") || command.as_deref().is_some_and(|command| command.contains("{port}")) {
            let port = free_port().await.map_err(ServerError::NoPort)?.to_string();
            url = url.replace("{port}", &port);
            command = command.map(|command| command.replace("{port}", &port));
        }
        let endpoint = Endpoint::parse(&url)?;
        Self { url, endpoint, command, headers, route: Route::default(), process: Arc::default() }.by(Route::default())
    }

    /// The same server, reached by this route. A `wss` URL with a route without TLS trusts the CAs of the system.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn by(mut self, mut route: Route) -> Result<Self, ServerError> {
        if self.endpoint.secure && route.tls.is_none() {
            route.tls = Some(ClientTls::new(Trust::System, None)?);
        }
        self.route = route;
        Ok(self)
    }

    /// What a request to it contains.
    pub fn call(&self) -> Call {
        Call::of_server(self.endpoint.host.as_str(), self.endpoint.path.as_str(), self.headers.clone())
            .over_tls(self.endpoint.secure)
    }

    /// Starts the process, if there is a command, and waits until it listens; otherwise checks that the server listens. A process
    /// that runs already is stopped first. One connection, its TLS handshake included, may take as long as `timeout`.
    ///
    /// # Errors
    /// The server cannot be reached, the port is in use before the start, or another process listens after it.
    pub async fn start(&self, timeout: Duration) -> Result<(), ServerError> {
        let Some(command) = &self.command else {
            return match self.route.connect(&self.endpoint, timeout).await {
                Ok(link) => {
                    link.leave();
                    Ok(())
                }
                Err(error) => Err(self.unreachable(error)),
            };
        };
        self.stop().await;
        check_unused(&self.route, &self.endpoint, timeout).await?;
        let mut process = Process::start(command)?;
        match self.wait_until_ready(command, &mut process, timeout).await {
            Ok(()) => {
                *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
                Ok(())
            }
            Err(error) => {
                process.stop().await;
                Err(error)
            }
        }
    }

    async fn wait_until_ready(
        &self,
        command: &str,
        process: &mut Process,
        timeout: Duration,
    ) -> Result<(), ServerError> {
        let address = || self.endpoint.address.to_string();
        let deadline = Instant::now() + READY;
        loop {
            if let Some(death) = process.ended().await {
                let command = command.to_owned();
                return Err(match process.has_children() {
                    true => ServerError::InBackground { command, death },
                    false => ServerError::DiedEarly { command, death, address: address() },
                });
            }
            match self.route.connect(&self.endpoint, timeout).await {
                Ok(link) => {
                    link.leave();
                    return check_listener(&self.route, &self.endpoint, command, process).await;
                }
                Err(error) if error.may_pass() => {}
                Err(error) => return Err(self.unreachable(error)),
            }
            if Instant::now() >= deadline {
                let (command, seconds) = (command.to_owned(), READY.as_secs());
                return Err(ServerError::NotListening { command, address: address(), seconds });
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    fn unreachable(&self, source: ConnectError) -> ServerError {
        let address = self.route.address(&self.endpoint).to_string();
        match source {
            ConnectError::Io(source) => ServerError::Connect { address, source },
            source => ServerError::Unreachable { address, source },
        }
    }

    /// Connects, with TLS for a `wss` URL. A server that the harness did not start may restart: attempts are repeated until `timeout`
    /// is over.
    ///
    /// # Errors
    /// Why the last attempt failed.
    pub async fn connect(&self, timeout: Duration) -> Result<Link, ConnectError> {
        self.try_on(timeout, true).await
    }

    /// Connects without TLS, also for a `wss` URL.
    ///
    /// # Errors
    /// Why the last attempt failed.
    pub async fn connect_below(&self, timeout: Duration) -> Result<Link, ConnectError> {
        self.try_on(timeout, false).await
    }

    async fn try_on(&self, timeout: Duration, tls: bool) -> Result<Link, ConnectError> {
        let deadline = Instant::now() + timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let attempt = if tls {
                self.route.connect(&self.endpoint, left).await
            } else {
                self.route.connect_below(&self.endpoint, left).await
            };
            match attempt {
                Ok(link) => return Ok(link),
                Err(error) => {
                    if !error.may_pass() || Instant::now() >= deadline || self.command.is_some() {
                        return Err(error);
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How the process ended, if the harness started one and it has ended.
    pub async fn death(&self) -> Option<Death> {
        let status = self.with_process(Process::exit_status)??;
        Process::last_lines_arrive().await;
        self.with_process(|process| process.death(status))
    }

    /// What the process that the harness started has used so far, with its children.
    pub fn usage(&self) -> Option<Usage> {
        self.with_process(|process| process.usage())?
    }

    /// The most memory that this process and its children have had resident so far, in bytes.
    pub fn most_resident(&self) -> Option<u64> {
        self.with_process(|process| process.most_resident())?
    }

    /// Ends the process that the harness started, with its children.
    pub async fn stop(&self) {
        let running = self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(process) = running {
            process.stop().await;
        }
    }

    fn with_process<T>(&self, look: impl FnOnce(&mut Process) -> T) -> Option<T> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(look)
    }
}
