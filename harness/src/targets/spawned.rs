//! A client under test that is spawned with a URL of its own for each case.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::client_listener::ClientListener;
use super::placeholders::{CommandPlaceholders, UnknownPlaceholder, check_client};
use super::process::{Death, Process};
use super::refusing::connect_client_refusing;
use crate::case::{Certificate, TlsHandshake};
use crate::link::tls::{CertificateTrouble, ServerTls};
use crate::link::{Address, Listening};
use crate::play::{Call, PlayResult, RequestOf, Settings};

/// How long a client may take from its start to its request: an interpreter may have to be loaded on a busy machine.
const CONNECT: Duration = Duration::from_secs(30);
/// How long a request may take to arrive after the client's end.
const LATE_REQUEST: Duration = Duration::from_millis(200);

/// Spawns clients, each with a listener of its own.
#[derive(Clone, Debug)]
pub struct Spawner {
    /// The command, with `{url}` where the URL belongs.
    pub command: String,
    pub(super) placeholders: Arc<CommandPlaceholders>,
    /// TLS with the valid certificate, where clients are given `wss` URLs.
    pub(super) tls: Option<ServerTls>,
}

/// Why clients cannot be spawned.
#[derive(Debug, thiserror::Error)]
pub enum SpawnerError {
    /// The command does not contain the URL.
    #[error(
        "`{0}` does not contain `{{url}}`: write it where the client expects its URL, as in --client 'python3 client.py {{url}}'"
    )]
    NoUrl(String),
    /// The command contains the CA's file in a run without TLS.
    #[error("`{0}` contains `{{ca}}`, but there is TLS only with --tls")]
    NoTls(String),
    /// The command has an unknown placeholder.
    #[error(transparent)]
    Placeholder(#[from] UnknownPlaceholder),
    /// No certificate can be made.
    #[error(transparent)]
    Certificate(#[from] CertificateTrouble),
}

/// Why a spawned client has sent no request, with a sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpawnError {
    /// The client cannot be run, or the harness cannot listen.
    Environment(String),
    /// This machine or this run cannot offer what the case needs.
    Unsupported(String),
    /// The client ended before it had sent a request; how, where the system reveals it.
    NoRequest(String, Option<Death>),
    /// The client neither sent a request nor ended in time.
    TimedOut(String),
}

/// A client that has connected, and its process.
#[derive(Debug)]
pub struct SpawnedClient {
    /// What it has done so far.
    pub accepted: Accepted,
    /// The URL and the host that it was given.
    pub call: Call,
    /// The process.
    pub process: Process,
    /// Accepts further connections until the case has ended.
    pub(super) _listener: Option<ClientListener>,
}

/// What a client has done since it was spawned.
#[derive(Debug)]
pub enum Accepted {
    /// It sent a request.
    Request(Box<RequestOf>),
    /// It was shown a certificate that it must reject, with this result.
    InvalidCertificate(Box<PlayResult>),
}

impl Spawner {
    /// Spawns clients with this command.
    ///
    /// # Errors
    /// A command without `{url}` or with an unknown placeholder, or no certificate.
    pub fn new(command: &str, placeholders: CommandPlaceholders) -> Result<Self, SpawnerError> {
        check_client(command)?;
        let has = |placeholder: &str| command.contains(placeholder);
        if !(has("{url}") || has("{socket}") && has("{path}")) {
            return Err(SpawnerError::NoUrl(command.to_owned()));
        }
        if has("{ca}") && placeholders.authority.is_none() {
            return Err(SpawnerError::NoTls(command.to_owned()));
        }
        let authority = placeholders.authority.as_ref();
        let tls = authority.map(|authority| authority.server(Certificate::Valid)).transpose()?;
        Ok(Self { command: command.to_owned(), placeholders: Arc::new(placeholders), tls })
    }

    /// Whether clients are given `wss` URLs.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// The host of the URLs without the port, which differs from client to client.
    pub fn host(&self) -> &'static str {
        if self.placeholders.socket.is_some() { "localhost" } else { "127.0.0.1" }
    }

    /// The URLs without port and path.
    pub fn url(&self) -> String {
        format!("{}://{}/", self.scheme(), self.host())
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.is_secure() { "wss" } else { "ws" }
    }

    /// Spawns a client for `path` and waits for its request, or shows it the certificate that it must reject.
    ///
    /// # Errors
    /// Why the client sent no request.
    pub async fn connect_client(
        &self,
        path: &str,
        tls: TlsHandshake,
        settings: &Settings,
    ) -> Result<SpawnedClient, SpawnError> {
        if tls.certificate != Certificate::Valid || tls.refused() {
            return connect_client_refusing(self, path, tls.certificate, settings).await;
        }
        let listening = self.listen().await?;
        let address = listening.address().clone();
        let host = host_of(&address, tls.is_named());
        let url = format!("{}://{host}{path}", self.scheme());
        let (listener, receiver) =
            ClientListener::new(vec![listening], self.tls.clone(), Some(path.to_owned()), settings);
        match (self.spawn(&url, path, &address, receiver).await, listener.tls_failure()) {
            (Ok((request, process)), _) => Ok(SpawnedClient {
                accepted: Accepted::Request(Box::new(request)),
                call: Call::of_client(host, path).over_tls(self.is_secure()),
                process,
                _listener: Some(listener),
            }),
            (Err(SpawnError::NoRequest(..)), Some(failure)) => {
                Err(SpawnError::Environment(format!("`{}` sent no request: {failure}", self.command)))
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Listens for one client: at a free port of 127.0.0.1, or on a Unix socket of its own.
    pub(super) async fn listen(&self) -> Result<Listening, SpawnError> {
        let address = match &self.placeholders.socket {
            None => Address::Tcp("127.0.0.1".into(), 0),
            // Short, as the path of a socket must be.
            Some(file) => Address::Unix(format!("{}-{:08x}", file.display(), rand::random::<u32>()).into()),
        };
        let listening = Listening::bind(&address).await;
        listening.map_err(|error| SpawnError::Environment(format!("cannot listen on {address}: {error}")))
    }

    /// Spawns a client with this URL and waits for what arrives through `receiver`, or for the client's end.
    pub(super) async fn spawn<T>(
        &self,
        url: &str,
        path: &str,
        address: &Address,
        mut receiver: oneshot::Receiver<T>,
    ) -> Result<(T, Process), SpawnError> {
        let command = self.placeholders.fill(&self.command, url, path, address);
        let mut process = Process::start(&command).map_err(|error| SpawnError::Environment(error.to_string()))?;
        let arrived = tokio::select! {
            arrived = &mut receiver => arrived,
            death = process.wait() => {
                // It may have ended right after its request.
                match tokio::time::timeout(LATE_REQUEST, &mut receiver).await {
                    Ok(arrived) => arrived,
                    Err(_) => return Err(no_request(&command, death)),
                }
            }
            () = tokio::time::sleep(CONNECT) => {
                process.stop().await;
                let sentence = format!("`{command}` did not connect to {url} within {} s", CONNECT.as_secs());
                return Err(SpawnError::TimedOut(sentence));
            }
        };
        let arrived = arrived.map_err(|_| SpawnError::Environment("the harness stopped listening".to_owned()))?;
        Ok((arrived, process))
    }
}

fn no_request(command: &str, death: Option<Death>) -> SpawnError {
    match death {
        Some(death) if matches!(death.code, Some(126 | 127)) => {
            SpawnError::Environment(format!("`{command}` cannot be run: {death}"))
        }
        Some(death) => SpawnError::NoRequest(format!("`{command}` {death}, and never connected"), Some(death)),
        None => SpawnError::NoRequest(format!("`{command}` ended, and never connected"), None),
    }
}

/// The host of a URL for an address, with the port; `localhost` for a case that needs a name.
pub(super) fn host_of(address: &Address, named: bool) -> String {
    match address {
        Address::Tcp(_, port) if named => format!("localhost:{port}"),
        Address::Tcp(..) => address.to_string(),
        Address::Unix(_) => "localhost".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::tls::Authority;

    /// The client of `/tls` sends plain text to a TLS port and ends late. The other one ends early without a connection.
    const CLIENTS: &str = r#"bash -c 'port=${0##*:}; port=${port%%/*}
        case $0 in
            */tls) exec 3<>/dev/tcp/127.0.0.1/$port; echo plain >&3; sleep 0.6 ;;
            *) sleep 0.3 ;;
        esac' {url}"#;

    #[tokio::test]
    async fn the_tls_failure_of_one_client_is_not_that_of_another() {
        let authority = Some(Authority::new().unwrap());
        let placeholders = CommandPlaceholders { authority, ..CommandPlaceholders::default() };
        let spawner = Spawner::new(CLIENTS, placeholders).unwrap();
        let settings = Settings::default();
        let connect = |path| spawner.connect_client(path, TlsHandshake::default(), &settings);
        let (fails, ends) = tokio::join!(connect("/tls"), connect("/none"));
        let Err(SpawnError::Environment(sentence)) = fails else { panic!("{fails:?}") };
        assert!(sentence.contains("TLS handshake failed"), "{sentence}");
        let Err(SpawnError::NoRequest(sentence, _)) = ends else { panic!("{ends:?}") };
        assert!(!sentence.contains("TLS"), "{sentence}");
    }

    #[tokio::test]
    async fn a_listener_ends_with_its_client() {
        let spawner = Spawner::new("true {url}", CommandPlaceholders::default()).unwrap();
        let listening = spawner.listen().await.unwrap();
        let Address::Tcp(host, port) = listening.address().clone() else { panic!("TCP") };
        let (listener, _receiver) = ClientListener::new(vec![listening], None, None, &Settings::default());
        assert!(tokio::net::TcpStream::connect((host.as_str(), port)).await.is_ok());
        drop(listener);
        tokio::task::yield_now().await;
        assert!(tokio::net::TcpStream::connect((host.as_str(), port)).await.is_err(), "something still listens");
    }
}
