//! A server under test: at a URL, or started by us and started again when it dies.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::process::{Death, Process, ProcessError, Usage};
use crate::link::{AddressError, Endpoint, Link};
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
    process: Arc<Mutex<Option<Process>>>,
}

/// Why a server cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum NotReached {
    /// The URL is wrong.
    #[error(transparent)]
    Address(#[from] AddressError),
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
}

impl Server {
    /// A server at `url`. With `start`, `{port}` in both is a free port; the process is not started yet.
    ///
    /// # Errors
    /// A wrong URL, or no free port.
    pub async fn new(url: &str, start: Option<&str>, headers: Vec<(String, String)>) -> Result<Self, NotReached> {
        let mut url = url.to_owned();
        let mut command = start.map(str::to_owned);
        if url.contains("{port}") || command.as_deref().is_some_and(|command| command.contains("{port}")) {
            let port = free_port().await.map_err(NotReached::NoPort)?.to_string();
            url = url.replace("{port}", &port);
            command = command.map(|command| command.replace("{port}", &port));
        }
        let endpoint = Endpoint::parse(&url)?;
        Ok(Self { url, endpoint, command, headers, process: Arc::new(Mutex::new(None)) })
    }

    /// How it is called.
    pub fn call(&self) -> Call {
        Call::of_server(self.endpoint.host.as_str(), self.endpoint.path.as_str(), self.headers.clone())
    }

    /// Starts the process where there is a command, and waits until it listens; else looks whether somebody does.
    ///
    /// # Errors
    /// Why it cannot be reached.
    pub async fn start(&self) -> Result<(), NotReached> {
        let address = self.endpoint.address.to_string();
        let Some(command) = &self.command else {
            return match self.endpoint.connect().await {
                Ok(_) => Ok(()),
                Err(source) => Err(NotReached::Connect { address, source }),
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
                return Err(NotReached::DiedEarly { command: command.clone(), death, address });
            }
            if self.endpoint.connect().await.is_ok() {
                *slot = Some(process);
                return Ok(());
            }
            if Instant::now() >= deadline {
                process.stop().await;
                return Err(NotReached::NotListening { command: command.clone(), address, seconds: READY.as_secs() });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Connects. A refusal is tried again until `patience` is over, for a server that restarts.
    ///
    /// # Errors
    /// What the system says of the last try.
    pub async fn connect(&self, patience: Duration) -> std::io::Result<Link> {
        let deadline = Instant::now() + patience;
        loop {
            let attempt = tokio::time::timeout_at(deadline, self.endpoint.connect()).await;
            match attempt {
                Ok(Ok(link)) => return Ok(link),
                Err(_) => return Err(std::io::ErrorKind::TimedOut.into()),
                Ok(Err(error)) => {
                    if Instant::now() >= deadline || self.command.is_some() {
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
