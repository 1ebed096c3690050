//! The way to a server: straight, to another address than its own, or through a proxy; then TLS.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;

use super::address::{Address, Endpoint};
use super::proxy::{Proxy, ProxyError};
use super::stream::Link;
use super::tls::{ClientTls, TlsError};
use crate::os::LocalStream;

/// How servers are reached.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// Connections go there, whatever the URL's host is; Host and the server name stay those of the URL.
    pub connect_to: Option<Address>,
    /// Connections go through this proxy.
    pub proxy: Option<Proxy>,
    /// TLS for `wss` URLs.
    pub tls: Option<ClientTls>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody listens, or the system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It took too long.
    #[error("no connection after {0:?}")]
    Time(Duration),
    /// The proxy makes no way.
    #[error("{0}")]
    Proxy(#[from] ProxyError),
    /// There is no TLS.
    #[error("{0}")]
    Tls(#[from] TlsError),
}

impl ConnectError {
    /// Whether another try may go better, as with a server that restarts.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Io(_) => true,
            Self::Tls(error) => error.may_pass(),
            Self::Time(_) | Self::Proxy(_) => false,
        }
    }
}

impl Route {
    /// The address that connections to this server are made to, in front of any proxy.
    pub fn address<'a>(&'a self, to: &'a Endpoint) -> &'a Address {
        self.connect_to.as_ref().unwrap_or(&to.address)
    }

    /// Opens a connection to a server, with TLS where its URL asks for it.
    ///
    /// # Errors
    /// Why there is none, within `timeout`.
    pub async fn connect(&self, to: &Endpoint, timeout: Duration) -> Result<Link, ConnectError> {
        let link = self.connect_below(to, timeout).await?;
        match (&self.tls, to.secure) {
            (Some(tls), true) => Ok(tls.connect(link, to.name(), timeout).await?),
            (None, true) => Err(TlsError::Other("there is no TLS in this run".into()).into()),
            (_, false) => Ok(link),
        }
    }

    /// Opens a connection without TLS, whatever the URL asks for.
    ///
    /// # Errors
    /// Why there is none, within `timeout`.
    pub async fn connect_below(&self, to: &Endpoint, timeout: Duration) -> Result<Link, ConnectError> {
        let address = self.address(to);
        let connecting = async {
            match &self.proxy {
                Some(proxy) => proxy.connect(address).await.map_err(ConnectError::from),
                None => Ok(connect(address).await?),
            }
        };
        tokio::time::timeout(timeout, connecting).await.map_err(|_| ConnectError::Time(timeout))?
    }
}

/// Connects to an address, without TLS.
///
/// # Errors
/// What the operating system says.
pub async fn connect(address: &Address) -> io::Result<Link> {
    match address {
        Address::Tcp(host, port) => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            Ok(Link::from(stream))
        }
        Address::Unix(path) => Ok(Link::from(LocalStream::connect(path).await?)),
    }
}
