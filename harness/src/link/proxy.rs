//! HTTP proxies, which open tunnels by CONNECT, RFC 9110 section 9.3.6.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use percent_encoding::percent_decode_str;

use super::address::Address;
use super::route::connect;
use super::stream::{Exchange, Link};
use crate::vocabulary::StreamEnd;
use crate::wire::handshake::{Head, HeadReader};

/// The longest response head that is read, in bytes.
const MAX_HEAD: usize = 16 << 10;

/// A proxy, from `http://[USER:PASSWORD@]HOST:PORT`.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    address: Address,
    /// The value of Proxy-Authorization.
    credentials: Option<String>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.address)
    }
}

/// Why a proxy opens no tunnel.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The URL is not that of a proxy.
    #[error("`{0}` is not the URL of a proxy; write http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT")]
    Url(String),
    /// The target is a Unix socket.
    #[error("a Unix socket cannot be reached through a proxy; leave out --proxy")]
    Unix,
    /// No connection to the proxy.
    #[error("cannot connect to the proxy at {0}: {1}")]
    Connect(Address, std::io::Error),
    /// It requires credentials.
    #[error("the proxy at {0} requires credentials (407); write --proxy http://USER:PASSWORD@HOST:PORT")]
    Credentials(Address),
    /// It rejects the credentials.
    #[error("the proxy at {0} rejects these credentials (407); check USER:PASSWORD in --proxy")]
    Refused(Address),
    /// It refuses the tunnel.
    #[error("the proxy at {0} refuses a tunnel to {1}: it responds {2}")]
    Status(Address, String, String),
    /// Its response is not one of HTTP.
    #[error("{0} is not an HTTP proxy: {1}")]
    NoHead(Address, String),
}

impl FromStr for Proxy {
    type Err = ProxyError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        // The message must not contain the password.
        let shown = || match url.rsplit_once('@') {
            Some((_, host)) => format!("http://...@{host}"),
            None => url.to_owned(),
        };
        let bad = || ProxyError::Url(shown());
        let rest = url.strip_prefix("http://").ok_or_else(bad)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, host) = rest.rsplit_once('@').map_or((None, rest), |(user, host)| (Some(user), host));
        let address: Address = host.parse().map_err(|_| bad())?;
        if !matches!(&address, Address::Tcp(_, port) if *port != 0) {
            return Err(bad());
        }
        let credentials =
            user.map(|user| format!("Basic {}", STANDARD.encode(percent_decode_str(user).collect::<Vec<u8>>())));
        Ok(Self { address, credentials })
    }
}

impl Proxy {
    /// Opens a tunnel to an address.
    ///
    /// # Errors
    /// Why no tunnel was opened.
    pub(super) async fn connect(&self, to: &Address) -> Result<Link, ProxyError> {
        if matches!(to, Address::Unix(_)) {
            return Err(ProxyError::Unix);
        }
        let own = || self.address.clone();
        let mut link = connect(&self.address).await.map_err(|error| ProxyError::Connect(own(), error))?;
        let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n");
        if let Some(credentials) = &self.credentials {
            request += &format!("Proxy-Authorization: {credentials}\r\n");
        }
        request += "\r\n";
        let mut rest = request.as_bytes();
        while !rest.is_empty() {
            match link.exchange(rest, &mut BytesMut::new(), false).await {
                Exchange::Wrote(count) => rest = rest.get(count..).unwrap_or_default(),
                _ => return Err(ProxyError::NoHead(own(), "it ended the connection".into())),
            }
        }
        let head = self.answer(&mut link).await?;
        match head.status() {
            Some(200..=299) => Ok(Link::fresh(link)),
            Some(407) if self.credentials.is_some() => Err(ProxyError::Refused(own())),
            Some(407) => Err(ProxyError::Credentials(own())),
            Some(status) => Err(ProxyError::Status(own(), to.to_string(), format!("with {status}"))),
            None => Err(ProxyError::NoHead(own(), "its response has no status line".into())),
        }
    }

    /// Reads the response head, byte by byte: the bytes after it belong to the tunnel.
    async fn answer(&self, link: &mut Link) -> Result<Head, ProxyError> {
        let no_head = |why: &str| ProxyError::NoHead(self.address.clone(), why.to_owned());
        let mut reader = HeadReader::new(MAX_HEAD);
        let mut byte = [0];
        loop {
            match link.read(&mut byte).await {
                Ok(_) => match reader.push(&byte) {
                    Ok(Some((head, _))) => return Ok(head),
                    Ok(None) => {}
                    Err(_) => return Err(no_head("its response is too long")),
                },
                Err(StreamEnd::Fin | StreamEnd::TlsTruncated | StreamEnd::Reset) => {
                    return Err(no_head("it ended the connection without a response"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_proxies_are_read() {
        let plain: Proxy = "http://127.0.0.1:3128".parse().unwrap();
        assert_eq!((plain.address, plain.credentials), (Address::Tcp("127.0.0.1".into(), 3128), None));
        let named: Proxy = "http://me:a%40b@[::1]:3128/".parse().unwrap();
        assert_eq!(named.address, Address::Tcp("::1".into(), 3128));
        assert_eq!(named.credentials, Some(format!("Basic {}", STANDARD.encode("me:a@b"))));
        for bad in ["127.0.0.1:3128", "https://a:1", "http://a", "http://me:secret@", "http://me:secret@a"] {
            let message = bad.parse::<Proxy>().unwrap_err().to_string();
            assert!(message.contains("http://HOST:PORT") && !message.contains("secret"), "{message}");
        }
    }
}
