//! A client under test that is spawned with a URL of its own for each case.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::placeholders::{CommandPlaceholders, UnknownPlaceholder, check_client};
use super::process::{Death, Process};
use crate::case::{Certificate, TlsHandshake};
use crate::link::tls::{CertificateTrouble, ServerTls, TlsError};
use crate::link::{Address, Link, Listening};
use crate::play::{Call, PlayResult, RequestOf, Settings, read_request};
use crate::wire::handshake::Start;

/// How long a client may take from its start to its request: an interpreter may have to be loaded on a busy machine.
const CONNECT: Duration = Duration::from_secs(30);

/// Spawns clients and hands each the connection that is its own.
#[derive(Clone, Debug)]
pub struct Spawner {
    /// The command, with `{url}` where the URL belongs.
    pub command: String,
    /// Where the harness listens.
    pub address: Address,
    pub(super) shared: Arc<Shared>,
}

/// What the listener and all visits share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) by: CommandPlaceholders,
    /// The right certificate.
    pub(super) tls: Option<ServerTls>,
    /// What the clients that were spawned wait for, by path.
    waiting: Mutex<HashMap<String, oneshot::Sender<RequestOf>>>,
    /// Why the last TLS handshake failed.
    trouble: Mutex<Option<String>>,
}

/// Why clients cannot be spawned.
#[derive(Debug, thiserror::Error)]
pub enum SpawnerError {
    /// The command does not say where the URL goes.
    #[error(
        "`{0}` has no `{{url}}`: write it where the client takes its URL, as in --client 'python3 client.py {{url}}'"
    )]
    NoUrl(String),
    /// The command asks for the authority of a run without TLS.
    #[error("`{0}` has `{{ca}}`, and there is TLS only with --tls")]
    NoTls(String),
    /// The command has an unknown placeholder.
    #[error(transparent)]
    Placeholder(#[from] UnknownPlaceholder),
    /// The harness cannot listen.
    #[error("cannot listen on {0}: {1}")]
    Listen(Address, std::io::Error),
    /// No certificate can be made.
    #[error(transparent)]
    Certificate(#[from] CertificateTrouble),
}

/// Why a client that was spawned has sent no request, in a sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpawnError {
    /// The client cannot be run, or the harness has no room.
    Environment(String),
    /// This machine or this run cannot offer what the case asks for.
    Unsupported(String),
    /// The client ended before it had sent a request; how, where the system tells.
    NoCall(String, Option<Death>),
    /// It neither sent a request nor ended.
    TooSlow(String),
}

/// A client's connection, and the process behind it.
#[derive(Debug)]
pub struct SpawnedClient {
    /// What it has done so far.
    pub arrival: Accepted,
    /// How it was called.
    pub call: Call,
    /// The process.
    pub process: Process,
}

/// What a client has done since it was spawned.
#[derive(Debug)]
pub enum Accepted {
    /// It sent a request.
    Request(Box<RequestOf>),
    /// It was shown a certificate that it must refuse, and this came of it.
    Refusing(Box<PlayResult>),
}

impl Spawner {
    /// Listens.
    ///
    /// # Errors
    /// A command without `{url}`, or nowhere to listen.
    pub async fn new(command: &str, by: CommandPlaceholders, settings: &Settings) -> Result<Self, SpawnerError> {
        check_client(command)?;
        let asks = |place: &str| command.contains(place);
        let has_url = asks("{url}") || (asks("{socket}") && asks("{path}"));
        if !has_url {
            return Err(SpawnerError::NoUrl(command.to_owned()));
        }
        if asks("{ca}") && by.authority.is_none() {
            return Err(SpawnerError::NoTls(command.to_owned()));
        }
        let address = match &by.socket {
            Some(path) => Address::Unix(path.clone()),
            None => Address::Tcp("127.0.0.1".into(), 0),
        };
        let listening = Listening::bind(&address).await.map_err(|error| SpawnerError::Listen(address, error))?;
        let address = listening.address().clone();
        let tls = by.authority.as_ref().map(|authority| authority.server(Certificate::Valid)).transpose()?;
        let shared = Arc::new(Shared { by, tls, waiting: Mutex::default(), trouble: Mutex::default() });
        tokio::spawn(accept(listening, Arc::clone(&shared), settings.clone()));
        Ok(Self { command: command.to_owned(), address, shared })
    }

    /// Whether TLS stands between.
    pub fn is_secure(&self) -> bool {
        self.shared.tls.is_some()
    }

    /// What a client's Host field should say.
    pub fn host(&self) -> String {
        host_of(&self.address, false)
    }

    /// The URL of a path here.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme(), self.host())
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.is_secure() { "wss" } else { "ws" }
    }

    /// Spawns a client for `path` and waits for its request, or shows it the certificate that it must refuse.
    ///
    /// # Errors
    /// Why none came.
    pub async fn connect_client(
        &self,
        path: &str,
        tls: TlsHandshake,
        settings: &Settings,
    ) -> Result<SpawnedClient, SpawnError> {
        if tls.certificate != Certificate::Valid || tls.refused() {
            return self.connect_client_refusing(path, tls.certificate, settings).await;
        }
        let (sender, receiver) = oneshot::channel();
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), sender);
        let host = host_of(&self.address, tls.is_named());
        let url = format!("{}://{host}{path}", self.scheme());
        let arrived = self.spawn(&url, path, &self.address, receiver).await;
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
        let (request, process) = arrived.map_err(|missed| match missed {
            SpawnError::NoCall(why, death) => {
                let trouble = self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
                trouble.map_or(SpawnError::NoCall(why, death), |trouble| {
                    SpawnError::Environment(format!("`{}` sent no request: {trouble}", self.command))
                })
            }
            other => other,
        })?;
        let call = Call::of_client(host, path).over_tls(self.is_secure());
        Ok(SpawnedClient { arrival: Accepted::Request(Box::new(request)), call, process })
    }

    /// Spawns a client with this URL and waits for what comes of it through `receiver`, or the client's end.
    pub(super) async fn spawn<T>(
        &self,
        url: &str,
        path: &str,
        address: &Address,
        mut receiver: oneshot::Receiver<T>,
    ) -> Result<(T, Process), SpawnError> {
        let command = self.shared.by.fill(&self.command, url, path, address);
        let mut process = Process::start(&command).map_err(|error| SpawnError::Environment(error.to_string()))?;
        let arrived = tokio::select! {
            arrived = &mut receiver => arrived,
            death = process.wait() => {
                // It may have ended behind its request.
                match tokio::time::timeout(Duration::from_millis(200), &mut receiver).await {
                    Ok(arrived) => arrived,
                    Err(_) => return Err(never_connected(&command, death)),
                }
            }
            () = tokio::time::sleep(CONNECT) => {
                process.stop().await;
                let sentence = format!("`{command}` did not connect to {url} within {} s", CONNECT.as_secs());
                return Err(SpawnError::TooSlow(sentence));
            }
        };
        let arrived = arrived.map_err(|_| SpawnError::Environment("the harness stopped listening".to_owned()))?;
        Ok((arrived, process))
    }
}

fn never_connected(command: &str, death: Option<Death>) -> SpawnError {
    match death {
        Some(death) if matches!(death.code, Some(126 | 127)) => {
            SpawnError::Environment(format!("`{command}` is no command that can be run: {death}"))
        }
        Some(death) => SpawnError::NoCall(format!("`{command}` {death}, and never connected"), Some(death)),
        None => SpawnError::NoCall(format!("`{command}` ended, and never connected"), None),
    }
}

/// The host of a URL for an address, with the port; a name where the case is about the name.
pub(super) fn host_of(address: &Address, named: bool) -> String {
    match address {
        Address::Tcp(_, port) if named => format!("localhost:{port}"),
        Address::Tcp(..) => address.to_string(),
        Address::Unix(_) => "localhost".to_owned(),
    }
}

async fn accept(listening: Listening, shared: Arc<Shared>, settings: Settings) {
    loop {
        let Ok(link) = listening.accept().await else {
            // Out of file descriptors, most likely: give running cases time to end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        tokio::spawn(receive(link, Arc::clone(&shared), settings.clone()));
    }
}

/// What is said of a client with which there is no TLS.
pub(super) fn untrusted(error: &TlsError) -> String {
    let advice = "let the client trust the CA whose file is {ca} in the command (or --ca-out FILE)";
    format!("the TLS handshake with it failed: {error}; {advice}")
}

/// Reads a request and hands it to whom it is for. A connection that asks for nothing we know, such as a retry after its case is
/// over, is dropped.
async fn receive(link: Link, shared: Arc<Shared>, settings: Settings) -> Option<()> {
    let link = match &shared.tls {
        None => link,
        Some(tls) => match tls.accept(link, settings.timeout).await {
            Ok(link) => link,
            Err(error) => {
                let trouble = untrusted(&error);
                shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).replace(trouble);
                return None;
            }
        },
    };
    let request = read_request(link, &settings).await.ok()?;
    let Start::Request { target, .. } = &request.head.start else { return None };
    let absolute = ["http://", "https://"].into_iter().find_map(|scheme| target.strip_prefix(scheme));
    let path = absolute.map_or(target.as_str(), |rest| rest.find('/').map_or("/", |at| &rest[at..]));
    let sender = shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(path)?;
    sender.send(request).ok()
}
