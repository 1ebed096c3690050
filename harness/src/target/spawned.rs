//! A client under test that is spawned with a URL of its own for each case.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::process::{Death, Process, ProcessError};
use crate::case::model::{Certificate, Role, TlsPart};
use crate::link::tls::{Authority, CertificateTrouble, ServerTls};
use crate::link::{Address, Link, Listening};
use crate::play::{Call, Played, RequestOf, Settings, play_tls_refusal, read_request};
use crate::wire::handshake::Start;

/// How long a client may take from its start to its request: an interpreter may have to be loaded on a busy machine.
const CONNECT: Duration = Duration::from_secs(30);

/// How spawned clients are called.
#[derive(Debug, Default)]
pub struct CalledBy {
    /// Who signs the certificates: with it URLs are `wss`.
    pub authority: Option<Authority>,
    /// The file of that authority's certificate, for `{ca}`.
    pub ca_file: Option<PathBuf>,
    /// The file of a Unix socket, for `{socket}`; without it a free port of 127.0.0.1.
    pub socket: Option<PathBuf>,
}

/// Spawns clients and hands each the connection that is its own.
#[derive(Clone, Debug)]
pub struct Spawner {
    /// The command, with `{url}` where the URL belongs.
    pub command: String,
    /// Where the harness listens.
    pub address: Address,
    shared: Arc<Shared>,
}

/// What the listener and all visits share.
#[derive(Debug)]
struct Shared {
    by: CalledBy,
    /// The right certificate.
    tls: Option<ServerTls>,
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
    /// The harness cannot listen.
    #[error("cannot listen on {0}: {1}")]
    Listen(Address, std::io::Error),
    /// No certificate can be made.
    #[error(transparent)]
    Certificate(#[from] CertificateTrouble),
}

/// A client's connection, and the process behind it.
#[derive(Debug)]
pub struct Visit {
    /// What it has done so far.
    pub arrival: Arrival,
    /// How it was called.
    pub call: Call,
    /// The process.
    pub process: Process,
}

/// What a client has done since it was spawned.
#[derive(Debug)]
pub enum Arrival {
    /// It sent a request.
    Request(RequestOf),
    /// It was shown a certificate that it must refuse, and this came of it.
    Refusing(Played),
}

impl Spawner {
    /// Listens.
    ///
    /// # Errors
    /// A command without `{url}`, or nowhere to listen.
    pub async fn new(command: &str, by: CalledBy, settings: &Settings) -> Result<Self, SpawnerError> {
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
        let tls = by.authority.as_ref().map(|authority| authority.server(Certificate::Right)).transpose()?;
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

    fn scheme(&self) -> &'static str {
        if self.is_secure() { "wss" } else { "ws" }
    }

    /// Spawns a client for `path` and waits for its request, or shows it the certificate that it must refuse.
    ///
    /// # Errors
    /// Why none came, in a sentence.
    pub async fn visit(&self, path: &str, tls: TlsPart, settings: &Settings) -> Result<Visit, String> {
        if tls.certificate != Certificate::Right || tls.refused() {
            return self.visit_refusing(path, tls.certificate, settings).await;
        }
        let (sender, receiver) = oneshot::channel();
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), sender);
        let host = host_of(&self.address, tls.is_named());
        let arrived = self.spawn(&host, path, &self.address, receiver).await;
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
        let (request, process) = arrived?;
        let call = Call { role: Role::Client, host, path: path.to_owned(), headers: Vec::new() };
        Ok(Visit { arrival: Arrival::Request(request), call, process })
    }

    /// The certificate stands before the request that says whose connection it is, so that this client gets a port of its own.
    async fn visit_refusing(&self, path: &str, shown: Certificate, settings: &Settings) -> Result<Visit, String> {
        let authority = self.shared.by.authority.as_ref().ok_or("there is no TLS in this run")?;
        let tls = authority.server(shown).map_err(|error| error.to_string())?;
        let address = match &self.address {
            Address::Tcp(host, _) => Address::Tcp(host.clone(), 0),
            // Short, as the path of a socket must be.
            Address::Unix(file) => Address::Unix(format!("{}-{:08x}", file.display(), rand::random::<u32>()).into()),
        };
        let listening = Listening::bind(&address).await.map_err(|error| format!("cannot listen: {error}"))?;
        let address = listening.address().clone();
        let (sender, receiver) = oneshot::channel();
        let accepting = tokio::spawn(async move {
            if let Ok(link) = listening.accept().await {
                let _ = sender.send(link);
            }
            // Whoever comes after the first is not answered.
            std::future::pending::<()>().await;
        });
        let host = host_of(&address, true);
        let arrived = self.spawn(&host, path, &address, receiver).await;
        let visit = match arrived {
            Ok((link, process)) => {
                let played = play_tls_refusal(link, &tls, settings).await;
                let call = Call { role: Role::Client, host, path: path.to_owned(), headers: Vec::new() };
                Ok(Visit { arrival: Arrival::Refusing(played), call, process })
            }
            Err(sentence) => Err(sentence),
        };
        accepting.abort();
        visit
    }

    /// Spawns the client and waits for what it brings about.
    async fn spawn<T>(
        &self,
        host: &str,
        path: &str,
        address: &Address,
        mut receiver: oneshot::Receiver<T>,
    ) -> Result<(T, Process), String> {
        let url = format!("{}://{host}{path}", self.scheme());
        let mut command = self.command.replace("{url}", &url).replace("{path}", path);
        if let Address::Unix(socket) = address {
            command = command.replace("{socket}", &socket.display().to_string());
        }
        if let Some(file) = &self.shared.by.ca_file {
            command = command.replace("{ca}", &file.display().to_string());
        }
        let mut process = Process::start(&command).map_err(|error: ProcessError| error.to_string())?;
        let deadline = Instant::now() + CONNECT;
        let arrived = tokio::select! {
            arrived = &mut receiver => arrived,
            death = process.wait() => {
                // It may have ended behind its request.
                match tokio::time::timeout(Duration::from_millis(200), &mut receiver).await {
                    Ok(arrived) => arrived,
                    Err(_) => return Err(self.never_connected(&command, death)),
                }
            }
            () = tokio::time::sleep_until(deadline) => {
                process.stop().await;
                return Err(format!("`{command}` did not connect to {url} within {} s", CONNECT.as_secs()));
            }
        };
        match arrived {
            Ok(arrived) => Ok((arrived, process)),
            Err(_) => Err("the harness stopped listening".to_owned()),
        }
    }

    fn never_connected(&self, command: &str, death: Option<Death>) -> String {
        let trouble = self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (death, trouble) {
            (Some(death), None) if death.code == Some(127) => {
                format!("`{command}` is no command that can be run: {death}")
            }
            (Some(death), None) => format!("`{command}` {death}, and never connected"),
            (None, None) => format!("`{command}` ended, and never connected"),
            (_, Some(trouble)) => format!("`{command}` sent no request: {trouble}"),
        }
    }
}

/// The host of a URL for an address, with the port; a name where the case is about the name.
fn host_of(address: &Address, named: bool) -> String {
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

/// Reads a request and hands it to whom it is for. A connection that asks for nothing we know, such as a retry after its case is
/// over, is dropped.
async fn receive(link: Link, shared: Arc<Shared>, settings: Settings) -> Option<()> {
    let link = match &shared.tls {
        None => link,
        Some(tls) => match tls.accept(link, settings.patience).await {
            Ok(link) => link,
            Err(error) => {
                let advice = "let the client trust the CA whose file is {ca} in the command (or --ca-out FILE)";
                let trouble = format!("the TLS handshake with it failed: {error}; {advice}");
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
