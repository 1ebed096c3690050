//! Clients that loop by themselves, in Autobahn's URL protocol.
//!
//! A client asks `/getCaseCount`, then `/runCase?case=N&agent=A` for each number from 1, and `/updateReports?agent=A` at the end.
//! Existing drivers work unchanged.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wsspec_reports::results::CaseResult;

use super::delivery::Deliveries;
use super::engine::Stopped;
use super::listen_calls::{Calls, ServerEvent, accept, excluded};
use crate::case::{Case, Certificate};
use crate::link::tls::{Authority, CertificateTrouble, ServerTls};
use crate::link::{Address, AddressError, Listening};
use crate::play::Settings;

/// How long a client may make no call before the run gives it up.
const IDLE: Duration = Duration::from_secs(60);
/// How many events may wait for the run. A connection that has another one waits.
const EVENTS: usize = 256;
/// How many agents may play more than were announced, such as a driver that is started again under another name.
const MORE_AGENTS: usize = 7;

/// Why the harness cannot listen for clients.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is invalid.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No certificate can be made.
    #[error(transparent)]
    Certificate(#[from] CertificateTrouble),
    /// The address is in use, or is not of this machine.
    #[error("cannot listen on {address}: {source}; choose another address, or stop what uses it")]
    Bind {
        /// The address as given.
        address: String,
        /// The operating system's error.
        source: std::io::Error,
    },
}

/// A harness that listens for clients that loop by themselves.
#[derive(Debug)]
pub struct Listener {
    listening: Listening,
    tls: Option<ServerTls>,
    /// Where it listens: `HOST:PORT`, or the path of a Unix socket.
    pub address: String,
    /// The cases that some clients do not get.
    pub exclusions: Vec<Exclusion>,
    /// How many clients, by their names, must request their reports before the run ends.
    pub clients: usize,
}

/// Cases that some clients do not get: their connection opens and is closed, and nothing is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusion {
    /// A pattern of whole names of agents; `*` matches anything.
    pub agents: String,
    /// The cases, by their place in the run, from 0.
    pub numbers: BTreeSet<usize>,
}

/// Who played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// The name of the first client.
    pub agent: Option<String>,
    /// How many cases the clients do not get.
    pub excluded: usize,
}

impl Listener {
    /// Listens at `HOST:PORT` or `unix:PATH`, with TLS if there is an authority.
    ///
    /// # Errors
    /// The address is invalid or in use, or no certificate can be made.
    pub async fn bind(address: &str, authority: Option<&Authority>) -> Result<Self, ListenError> {
        let error = |source| ListenError::Bind { address: address.to_owned(), source };
        let listening = Listening::bind(&address.parse()?).await.map_err(error)?;
        let tls = authority.map(|authority| authority.server(Certificate::Valid)).transpose()?;
        let address = listening.address().to_string();
        Ok(Self { listening, tls, address, exclusions: Vec::new(), clients: 1 })
    }

    /// The base of the URLs that clients call.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "wss" } else { "ws" };
        match self.listening.address() {
            Address::Tcp(..) => format!("{scheme}://{}/", self.address),
            Address::Unix(path) => format!("{scheme}+unix:{}", path.display()),
        }
    }

    /// Serves until all clients have requested their reports, or one requests that the harness stops; returns who they were.
    ///
    /// `each` gets the result of each case and its number, which goes on from client to client.
    ///
    /// # Errors
    /// The run was interrupted, or the client made no call for a minute.
    pub async fn serve(
        self,
        cases: &[Arc<Case>],
        settings: &Settings,
        deliveries: Deliveries,
        replay: &str,
        cancel: &CancellationToken,
        each: &mut (dyn FnMut(CaseResult) + Send),
    ) -> Result<Served, Stopped> {
        let (events, mut received) = mpsc::channel(EVENTS);
        let host = match self.listening.address() {
            Address::Tcp(..) => self.address.clone(),
            Address::Unix(_) => "localhost".to_owned(),
        };
        let calls = Arc::new(Calls {
            cases: cases.to_vec(),
            settings: settings.clone(),
            deliveries,
            host,
            tls: self.tls,
            replay: replay.to_owned(),
            exclusions: self.exclusions.clone(),
            max_agents: self.clients.saturating_add(MORE_AGENTS),
            agents: Mutex::default(),
            events,
            status: Mutex::default(),
            changed: Notify::new(),
        });
        // The drop of the set ends the task and all connections.
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(self.listening, calls));
        // The clients in the order in which they came.
        let mut agents: Vec<String> = Vec::new();
        let mut ready = BTreeSet::new();
        let mut last: Option<Instant> = None;
        let mut under_way = 0_usize;
        let mut tls_failure = None;
        let mut played = BTreeSet::new();
        // The last client's name once it has ended, and until when cases that are under way are waited for.
        let mut ending: Option<(Option<String>, Instant)> = None;
        let result = loop {
            if let Some((name, _)) = ending.as_ref().filter(|(_, until)| under_way == 0 || *until <= Instant::now()) {
                break Ok(name.clone());
            }
            let timeout = ending.as_ref().map(|(_, until)| *until).or(last.map(|last| last + IDLE));
            let next = tokio::select! {
                next = received.recv() => next,
                () = sleep_until(timeout) => {
                    if ending.is_some() {
                        continue;
                    }
                    let why = tls_failure.map_or_else(String::new, |why| format!("; the last TLS handshake failed: {why}"));
                    break Err(Stopped::Dead(format!("the client has not called for {} s{why}", IDLE.as_secs())));
                }
                () = cancel.cancelled() => break Err(Stopped::Interrupted),
            };
            last = Some(Instant::now());
            match next {
                Some(ServerEvent::CaseBegan) => under_way += 1,
                Some(ServerEvent::CaseEnded(number, result)) => {
                    under_way = under_way.saturating_sub(1);
                    let name = result.agent.clone().unwrap_or_default();
                    let place = agents.iter().position(|known| *known == name).unwrap_or_else(|| {
                        agents.push(name);
                        agents.len() - 1
                    });
                    // A client may call again by itself when its connection broke; the first play counts.
                    if played.insert((result.agent.clone(), number)) {
                        each(CaseResult { number: Some(place * cases.len() + number), ..*result });
                    }
                }
                Some(ServerEvent::Called) => {}
                Some(ServerEvent::TlsFailed(why)) => tls_failure = Some(why),
                Some(ServerEvent::ReportsRequested(name, stop)) => {
                    ready.insert(name.clone());
                    if stop || ready.len() >= self.clients {
                        ending = Some((Some(name), Instant::now() + settings.timeout * 2));
                    }
                }
                Some(ServerEvent::StopRequested) => ending = Some((None, Instant::now() + settings.timeout * 2)),
                None => break Ok(None),
            }
        };
        drop(accepting);
        result.map(|last| {
            let all: BTreeSet<&String> = agents.iter().chain(&ready).collect();
            let excluded = all.into_iter().map(|agent| excluded(&self.exclusions, agent).len()).sum();
            Served { agent: agents.into_iter().next().or(last), excluded }
        })
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dropped_token_is_not_an_interrupt_and_the_port_is_free_after_the_run() {
        let listener = Listener::bind("127.0.0.1:0", None).await.unwrap();
        let address = listener.address.clone();
        let cancel = CancellationToken::new();
        // Nothing can cancel the run any more; that is not an interrupt.
        drop(cancel.clone());
        drop(cancel.child_token());
        let settings = Settings { timeout: Duration::from_millis(200), ..Settings::default() };
        let deliveries: Deliveries = "whole".parse().unwrap();
        let mut each = |_| {};
        let serving = listener.serve(&[], &settings, deliveries, "", &cancel, &mut each);
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let url = format!("ws://{address}/stopServer");
            tokio_tungstenite::connect_async(url).await.map(drop)
        };
        let (served, stopped) = tokio::join!(serving, stopping);
        assert_eq!(served, Ok(Served::default()));
        assert!(stopped.is_ok(), "{stopped:?}");
        tokio::task::yield_now().await;
        assert!(tokio::net::TcpStream::connect(address).await.is_err(), "something still listens");
    }
}
