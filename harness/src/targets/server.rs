//! A server under test: at a URL, or started by us and started again when it dies.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::process::{Death, Process, ProcessError, Usage};
use crate::link::tls::{ClientTls, TlsError, Trust};
use crate::link::{AddressError, ConnectError, Endpoint, Link, Route};
use crate::play::Call;

/// How long a server that was started may take to listen.
const READY: Duration = Duration::from_secs(20);

/// A server under test.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its URL as given, with the port filled in.
    pub url: String,
    /// Where it is.
    pub endpoint: Endpoint,
    /// The command that starts it, with the port filled in.
    pub command: Option<String>,
    /// Further fields for every request.
    pub headers: Vec<(String, String)>,
    route: Route,
    process: Arc<Mutex<Option<Process>>>,
}

/// Why a server cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The URL is wrong.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// TLS cannot be had.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No free port could be found for `{port}`.
    #[error("cannot find a free port on 127.0.0.1: {0}")]
    NoPort(std::io::Error),
    /// It could not be started.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// It was started, and ended before it listened.
    #[error("`{command}` {death} before anything listened at {address}")]
    DiedEarly {
        /// The command.
        command: String,
        /// How it ended.
        death: Death,
        /// Where it should listen.
        address: String,
    },
    /// It was started, and does not listen.
    #[error(
        "`{command}` runs, but nothing listens at {address} after {seconds} s; is `{{port}}` where it takes its port from?"
    )]
    NotListening {
        /// The command.
        command: String,
        /// Where it should listen.
        address: String,
        /// How long was waited.
        seconds: u64,
    },
    /// Nobody answers.
    #[error("cannot connect to {address}: {source}; start the server, or let `--start` do it")]
    Connect {
        /// Where.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Something answers, and there is no way to the server.
    #[error("cannot connect to {address}: {source}")]
    NoWay {
        /// Where.
        address: String,
        /// Why.
        source: ConnectError,
    },
}

impl Server {
    /// A server at `url`. With `start`, `{port}` in both is a free port; the process is not started yet.
    ///
    /// # Errors
    /// A wrong URL, or no free port.
    pub async fn new(url: &str, start: Option<&str>, headers: Vec<(String, String)>) -> Result<Self, Unreachable> {
        let mut url = url.to_owned();
        let mut command = start.map(str::to_owned);
        if url.contains("{port}") || command.as_deref().is_some_and(|command| command.contains("{port}")) {
            let port = free_port().await.map_err(Unreachable::NoPort)?.to_string();
            url = url.replace("{port}", &port);
            command = command.map(|command| command.replace("{port}", &port));
        }
        let endpoint = Endpoint::parse(&url)?;
        let process = Arc::new(Mutex::new(None));
        Self { url, endpoint, command, headers, route: Route::default(), process }.by(Route::default())
    }

    /// The same server, reached in this way. TLS that the way does not say trusts what the system does.
    ///
    /// # Errors
    /// When there is no TLS to be had.
    pub fn by(mut self, mut route: Route) -> Result<Self, Unreachable> {
        if self.endpoint.secure && route.tls.is_none() {
            route.tls = Some(ClientTls::new(Trust::System, None)?);
        }
        self.route = route;
        Ok(self)
    }

    fn no_way(&self, source: ConnectError) -> Unreachable {
        let address = self.route.connect_to.as_ref().unwrap_or(&self.endpoint.address).to_string();
        match source {
            ConnectError::Io(source) => Unreachable::Connect { address, source },
            source => Unreachable::NoWay { address, source },
        }
    }

    /// How it is called.
    pub fn call(&self) -> Call {
        Call::of_server(self.endpoint.host.as_str(), self.endpoint.path.as_str(), self.headers.clone())
            .over_tls(self.endpoint.secure)
    }

    /// Starts the process where there is a command, and waits until it listens; else looks whether somebody does. A connection may
    /// take as long as `timeout`, its TLS handshake included.
    ///
    /// # Errors
    /// Why it cannot be reached.
    pub async fn start(&self, timeout: Duration) -> Result<(), Unreachable> {
        let address = self.endpoint.address.to_string();
        let Some(command) = &self.command else {
            return match self.route.connect(&self.endpoint, timeout).await {
                Ok(link) => {
                    link.leave();
                    Ok(())
                }
                Err(error) => Err(self.no_way(error)),
            };
        };
        let mut slot = self.process.lock().await;
        if let Some(old) = slot.take() {
            old.stop().await;
        }
        let mut process = Process::start(command)?;
        let deadline = Instant::now() + READY;
        loop {
            if let Some(death) = process.ended().await {
                return Err(Unreachable::DiedEarly { command: command.clone(), death, address });
            }
            match self.route.connect(&self.endpoint, timeout).await {
                Ok(link) => {
                    link.leave();
                    *slot = Some(process);
                    return Ok(());
                }
                Err(error) if error.may_pass() => {}
                Err(error) => {
                    process.stop().await;
                    return Err(self.no_way(error));
                }
            }
            if Instant::now() >= deadline {
                process.stop().await;
                return Err(Unreachable::NotListening { command: command.clone(), address, seconds: READY.as_secs() });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Connects, with TLS where the URL asks for it. A refusal is tried again until `timeout` is over, for a server that
    /// restarts.
    ///
    /// # Errors
    /// Why the last try failed.
    pub async fn connect(&self, timeout: Duration) -> Result<Link, ConnectError> {
        self.try_on(timeout, true).await
    }

    /// Connects without TLS, whatever the URL asks for.
    ///
    /// # Errors
    /// Why the last try failed.
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

    /// How the process ended, when we started one and it has.
    pub async fn death(&self) -> Option<Death> {
        match self.process.lock().await.as_mut() {
            Some(process) => process.ended().await,
            None => None,
        }
    }

    /// What the process that we started has used so far.
    pub async fn usage(&self) -> Option<Usage> {
        self.process.lock().await.as_ref().and_then(Process::usage)
    }

    /// The most memory that the process that we started has had resident so far, in bytes.
    pub async fn most_resident(&self) -> Option<u64> {
        self.process.lock().await.as_ref().and_then(Process::most_resident)
    }

    /// Ends the process that we started.
    pub async fn stop(&self) {
        if let Some(process) = self.process.lock().await.take() {
            process.stop().await;
        }
    }
}

async fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}
