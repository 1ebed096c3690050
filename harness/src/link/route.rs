//! The route to a server: direct, to another address than that of its URL, or through a proxy; then TLS.

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
    /// The address that connections are made to in place of the URL's. Host and the server name stay those of the URL.
    pub connect_to: Option<Address>,
    /// The proxy that connections go through.
    pub proxy: Option<Proxy>,
    /// TLS for `wss` URLs.
    pub tls: Option<ClientTls>,
}

/// Why no connection was made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing listens, or another error of the operating system.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The connection took too long.
    #[error("no connection after {0:?}")]
    Time(Duration),
    /// The proxy refuses, or is not one.
    #[error("{0}")]
    Proxy(#[from] ProxyError),
    /// The TLS handshake failed.
    #[error("{0}")]
    Tls(#[from] TlsError),
}

impl ConnectError {
    /// Whether another attempt may succeed, as with a server that restarts.
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

    /// Opens a connection to a server, with TLS for a `wss` URL.
    ///
    /// # Errors
    /// Why no connection was made within `timeout`.
    pub async fn connect(&self, to: &Endpoint, timeout: Duration) -> Result<Link, ConnectError> {
        let link = self.connect_below(to, timeout).await?;
        match (&self.tls, to.secure) {
            (Some(tls), true) => Ok(tls.connect(link, to.name(), timeout).await?),
            (None, true) => Err(TlsError::Other("this run has no TLS".into()).into()),
            (_, false) => Ok(link),
        }
    }

    /// Opens a connection without TLS, also for a `wss` URL.
    ///
    /// # Errors
    /// Why no connection was made within `timeout`.
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
/// The operating system's error.
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
