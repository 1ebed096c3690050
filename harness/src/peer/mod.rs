//! The reference peers that wsspec tests itself with: correct ones, and one that violates the protocol in a named way.
//!
//! There are two correct peers so that an error in one of them is not mistaken for the protocol: [`tungstenite`] uses
//! the frames of that library, [`mod@reference`] the wire code of this crate. The second one also supports
//! permessage-deflate, and can have a [`Fault`]. All of them echo every text and binary message unchanged.

mod client_loop;
pub mod faults;
pub mod handshake;
pub mod reference;
pub mod shutdown;
pub mod tungstenite;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use client_loop::{run_client_loop, run_client_loop_with};
pub use faults::{Area, Fault, FaultInfo, FaultRole, UnknownFault};
use handshake::OpeningResult;
use handshake::response::ResponseError;
use handshake::tls::PeerTlsStream;
use handshake::url::{UrlError, WsUrl};

use crate::link::tls::{ClientTls, ServerTls, TlsError, Trust};
use crate::link::{Address, Link, Listening};
use crate::vocabulary::Role;

/// The largest message that a peer accepts, in bytes.
pub const MAX_MESSAGE: usize = 64 * 1024 * 1024;

/// How many connections a server serves at once; further ones wait in the listener's queue.
const MAX_CONNECTIONS: usize = 16 * 1024;

/// How long the other end may leave pending data unread.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a server waits after it failed to accept a connection, which happens when it runs out of descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(20);

/// The kinds of reference peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerKind {
    /// Correct, with tungstenite's frames.
    Tungstenite,
    /// The reference implementation, with permessage-deflate: correct, or with one fault.
    Reference(Option<Fault>),
    /// The reference implementation, without permessage-deflate: correct, or with one fault.
    ReferenceWithoutDeflate(Option<Fault>),
}

impl PeerKind {
    /// The fault, if there is one.
    pub const fn fault(self) -> Option<Fault> {
        match self {
            Self::Tungstenite => None,
            Self::Reference(fault) | Self::ReferenceWithoutDeflate(fault) => fault,
        }
    }

    /// The same peer without its fault.
    pub const fn without_fault(self) -> Self {
        match self {
            Self::Tungstenite => Self::Tungstenite,
            Self::Reference(_) => Self::Reference(None),
            Self::ReferenceWithoutDeflate(_) => Self::ReferenceWithoutDeflate(None),
        }
    }

    /// Whether it supports permessage-deflate: RFC 7692.
    pub const fn supports_deflate(self) -> bool {
        matches!(self, Self::Reference(_))
    }

    /// Rejects a fault that has no effect in this role.
    fn check_role(self, role: Role) -> Result<(), PeerError> {
        match self.fault() {
            Some(fault) if !fault.fits(role) => Err(PeerError::UnsupportedRole(fault)),
            _ => Ok(()),
        }
    }
}

/// Why a peer failed.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The URL is invalid.
    #[error("the URL is invalid: {0}")]
    Url(#[from] UrlError),
    /// The connection failed.
    #[error("no connection to {address}: {cause}")]
    Connect {
        /// Host and port.
        address: String,
        /// The system's error.
        cause: io::Error,
    },
    /// TLS failed.
    #[error("{0}")]
    Tls(#[from] TlsError),
    /// The stream broke.
    #[error("the stream broke: {0}")]
    Io(#[from] io::Error),
    /// The stream ended inside the opening handshake.
    #[error("the stream ended inside the opening handshake")]
    Ended,
    /// The opening handshake took too long.
    #[error("no complete head arrived within {0:?}")]
    HeadTimeout(Duration),
    /// The other end did not read the data that was written to it.
    #[error("the other end read nothing for {0:?}")]
    Stalled(Duration),
    /// A server rejected a request.
    #[error("the request was rejected with status {0}")]
    Rejected(u16),
    /// A client rejected a response.
    #[error("{0}")]
    Response(#[from] ResponseError),
    /// The fault has no effect in this role.
    #[error("the fault {0} has no effect in this role")]
    UnsupportedRole(Fault),
    /// The answer to /getCaseCount is not a number.
    #[error("the case count {0:?} is not a number")]
    CaseCount(String),
}

/// The result of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    /// How many messages were received.
    pub messages: u64,
    /// The first message, which is kept only if it is needed.
    pub first: Option<Vec<u8>>,
    /// How it ended.
    pub end: End,
}

/// How a conversation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// The stream ended without the closing handshake.
    #[default]
    Lost,
    /// By the closing handshake, with the code that the other end sent.
    Closed(Option<u16>),
    /// The peer failed the connection with this code.
    Failed(u16),
}

/// What a peer does with messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Sends each one back.
    Echo,
    /// Keeps the first one and answers none.
    Listen,
}

/// Serves every incoming connection until the future is dropped; then the connections end, too.
///
/// # Errors
/// A fault without an effect in a server. A failed connection does not affect the others.
pub async fn serve(listener: TcpListener, kind: PeerKind) -> Result<(), PeerError> {
    serve_on(listener.try_into()?, kind, None).await
}

/// Serves every incoming connection on a port or a Unix socket, with TLS if there is a certificate, until the future is
/// dropped.
///
/// # Errors
/// A fault without an effect in a server. A failed connection does not affect the others.
pub async fn serve_on(listener: Listening, kind: PeerKind, tls: Option<ServerTls>) -> Result<(), PeerError> {
    kind.check_role(Role::Server)?;
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if running.len() < MAX_CONNECTIONS => match accepted {
                Ok(link) => {
                    let tls = tls.clone();
                    running.spawn(async move { serve_link(link, kind, tls.as_ref()).await });
                }
                Err(_) => tokio::time::sleep(ACCEPT_RETRY_DELAY).await,
            },
            Some(_) = running.join_next(), if !running.is_empty() => {}
        }
    }
}

/// Serves one connection, with TLS if there is a certificate.
///
/// # Errors
/// A failed TLS handshake, a rejected request or a broken stream.
pub async fn serve_link(link: Link, kind: PeerKind, tls: Option<&ServerTls>) -> Result<Conversation, PeerError> {
    match tls {
        None => serve_stream(link, kind).await,
        Some(tls) => serve_stream(handshake::tls::accept(link, tls, kind.fault()).await?, kind).await,
    }
}

/// Serves one connection over any stream, starting with the opening handshake.
///
/// # Errors
/// A rejected request or a broken stream.
pub async fn serve_stream<S>(mut stream: S, kind: PeerKind) -> Result<Conversation, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let opening = handshake::server::open(&mut stream, kind).await?;
    converse(stream, opening, Role::Server, kind, Task::Echo).await
}

/// Connects to a URL and echoes until the connection ends.
///
/// # Errors
/// An invalid URL, a fault without an effect in a client, a failed connection, a rejected response or a broken stream.
pub async fn run_client(url: &str, kind: PeerKind) -> Result<Conversation, PeerError> {
    run_client_with(url, kind, ConnectOptions::default()).await
}

/// Does the same with these options for the connection.
///
/// # Errors
/// As for [`run_client`], and a failed TLS handshake.
pub async fn run_client_with(url: &str, kind: PeerKind, options: ConnectOptions) -> Result<Conversation, PeerError> {
    kind.check_role(Role::Client)?;
    let url = WsUrl::parse_with_fault(url, kind.fault())?;
    let connector = options.into_connector(&url, kind)?;
    OpenConnection::new(&url, kind, &connector).await?.converse(kind, Task::Echo).await
}

/// How a client peer reaches its server.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    /// Whose certificates it accepts for a `wss` URL.
    pub trust: Trust,
    /// Where it connects instead of the URL's host and port.
    pub connect_to: Option<Address>,
}

/// The address and the TLS configuration of a client peer.
#[derive(Clone, Debug)]
struct Connector {
    address: Address,
    tls: Option<ClientTls>,
}

impl ConnectOptions {
    fn into_connector(self, url: &WsUrl, kind: PeerKind) -> Result<Connector, PeerError> {
        let tls = if url.secure { Some(handshake::tls::client_config(self.trust, kind.fault())?) } else { None };
        let address = self.connect_to.unwrap_or_else(|| Address::Tcp(url.host.clone(), url.port));
        Ok(Connector { address, tls })
    }
}

/// Acts as a client over any stream: sends the request for `url`, offers these subprotocols, and echoes until the
/// connection ends.
///
/// # Errors
/// A rejected response or a broken stream.
pub async fn call_stream<S>(
    mut stream: S,
    url: &WsUrl,
    offered: &[&str],
    kind: PeerKind,
) -> Result<Conversation, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let opening = handshake::client::open(&mut stream, url, offered, kind).await?;
    converse(stream, opening, Role::Client, kind, Task::Echo).await
}

/// Acts as a client over a plain link, with TLS if the URL requires it.
///
/// # Errors
/// A failed TLS handshake, a rejected response or a broken stream.
pub async fn call_link(
    link: Link,
    url: &WsUrl,
    offered: &[&str],
    kind: PeerKind,
    tls: Option<&ClientTls>,
) -> Result<Conversation, PeerError> {
    match tls {
        None => call_stream(link, url, offered, kind).await,
        Some(tls) => {
            call_stream(handshake::tls::connect(link, &url.host, tls, kind.fault()).await?, url, offered, kind).await
        }
    }
}

/// A client's connection whose opening handshake is complete.
struct OpenConnection {
    stream: OpenStream,
    opening: OpeningResult,
}

enum OpenStream {
    Plain(Link),
    Tls(Box<PeerTlsStream>),
}

impl OpenConnection {
    /// Connects and performs the opening handshake.
    async fn new(url: &WsUrl, kind: PeerKind, connector: &Connector) -> Result<Self, PeerError> {
        let mut link = crate::link::connect(&connector.address)
            .await
            .map_err(|cause| PeerError::Connect { address: connector.address.to_string(), cause })?;
        let Some(tls) = &connector.tls else {
            let opening = handshake::client::open(&mut link, url, &[], kind).await?;
            return Ok(Self { stream: OpenStream::Plain(link), opening });
        };
        let mut stream = handshake::tls::connect(link, &url.host, tls, kind.fault()).await?;
        let opening = handshake::client::open(&mut stream, url, &[], kind).await?;
        Ok(Self { stream: OpenStream::Tls(Box::new(stream)), opening })
    }

    async fn converse(self, kind: PeerKind, task: Task) -> Result<Conversation, PeerError> {
        match self.stream {
            OpenStream::Plain(link) => converse(link, self.opening, Role::Client, kind, task).await,
            OpenStream::Tls(stream) => converse(stream, self.opening, Role::Client, kind, task).await,
        }
    }
}

/// Everything after the opening handshake.
async fn converse<S>(
    stream: S,
    opening: OpeningResult,
    role: Role,
    kind: PeerKind,
    task: Task,
) -> Result<Conversation, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match kind {
        PeerKind::Tungstenite => tungstenite::converse(stream, opening.early, role, task).await,
        PeerKind::Reference(fault) | PeerKind::ReferenceWithoutDeflate(fault) => {
            reference::converse(stream, &opening, role, fault, task).await
        }
    }
}
