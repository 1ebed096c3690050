//! The address of a target: `ws://` and `wss://` URLs, and Unix sockets.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

/// The address that a connection is made to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A host name or IP address (without brackets) and a port.
    Tcp(String, u16),
    /// A Unix socket.
    Unix(PathBuf),
}

impl Address {
    /// Whether it certainly belongs to this machine: a name other than `localhost` may lead anywhere.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Unix(_) => true,
            Self::Tcp(host, _) => {
                host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            }
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A server under test, read from its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Where to connect.
    pub address: Address,
    /// The request target: path and query, `/` when the URL has none.
    pub path: String,
    /// The value of the Host field: with the port, except for the default port of the scheme, 80 or 443.
    pub host: String,
    /// Whether connections use TLS: a `wss` URL.
    pub secure: bool,
}

/// Why a URL cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The scheme is neither `ws` nor `wss`.
    #[error(
        "`{0}` is not a WebSocket URL; write ws://HOST:PORT/PATH or wss://HOST:PORT/PATH, or unix:PATH for a Unix socket"
    )]
    Scheme(String),
    /// Neither `HOST:PORT` nor `unix:PATH`.
    #[error("`{0}` is not an address; write HOST:PORT, or unix:PATH for a Unix socket")]
    Address(String),
    /// The host is missing.
    #[error("`{0}` has no host; write ws://HOST:PORT/PATH")]
    Host(String),
    /// The port is not a number from 1 to 65535.
    #[error("`{0}` has no valid port; a port is a number from 1 to 65535")]
    Port(String),
    /// User information, a fragment, or characters that a request target cannot contain.
    #[error("`{0}` has {1}, which a WebSocket URL must not contain")]
    Part(String, &'static str),
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    /// Reads `HOST:PORT` or `unix:PATH`. Port 0 lets the system choose one.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || AddressError::Address(text.to_owned());
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.is_empty() { Err(bad()) } else { Ok(Self::Unix(path.into())) };
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(bad)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let port = port.parse().map_err(|_| bad())?;
        if host.is_empty() || host.contains(['/', '[', ']']) {
            Err(bad())
        } else {
            Ok(Self::Tcp(host.to_owned(), port))
        }
    }
}

impl Endpoint {
    /// Reads `ws://HOST[:PORT][/PATH][?QUERY]`, the same with `wss`, or `unix:PATH[:REQUEST-TARGET]`.
    ///
    /// # Errors
    /// What is invalid, with what to write instead.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let bad = || without_user_info(url);
        if let Some(path) = url.strip_prefix("unix:") {
            let (file, target) = path.split_once(":/").map_or((path, "/".to_owned()), |(f, t)| (f, format!("/{t}")));
            if file.is_empty() {
                return Err(AddressError::Host(bad()));
            }
            return Ok(Self {
                address: Address::Unix(file.into()),
                path: target,
                host: "localhost".into(),
                secure: false,
            });
        }
        let (scheme, rest) = url.split_once("://").ok_or_else(|| AddressError::Scheme(bad()))?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "ws" => false,
            "wss" => true,
            _ => return Err(AddressError::Scheme(bad())),
        };
        let own_port = if secure { "443" } else { "80" };
        let split = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(split);
        if tail.contains('#') {
            return Err(AddressError::Part(bad(), "a fragment"));
        }
        if authority.contains('@') {
            return Err(AddressError::Part(bad(), "user information"));
        }
        if tail.bytes().any(|b| b <= b' ' || b == 0x7f) {
            return Err(AddressError::Part(bad(), "a space or control character"));
        }
        let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
            let (host, after) = bracketed.split_once(']').ok_or_else(|| AddressError::Host(bad()))?;
            (host, after.strip_prefix(':').or(if after.is_empty() { Some(own_port) } else { None }))
        } else {
            authority.split_once(':').map_or((authority, Some(own_port)), |(host, port)| (host, Some(port)))
        };
        if host.is_empty() {
            return Err(AddressError::Host(bad()));
        }
        let port: u16 =
            port.and_then(|p| p.parse().ok()).filter(|&p| p != 0).ok_or_else(|| AddressError::Port(bad()))?;
        let path = match tail.chars().next() {
            None => "/".to_owned(),
            Some('?') => format!("/{tail}"),
            Some(_) => tail.to_owned(),
        };
        let bracketed = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let host_field = if port.to_string() == own_port { bracketed } else { format!("{bracketed}:{port}") };
        Ok(Self { address: Address::Tcp(host.to_owned(), port), path, host: host_field, secure })
    }

    /// The host's name or address, without brackets and port, for which a certificate must be valid.
    pub fn name(&self) -> &str {
        match &self.address {
            Address::Tcp(host, _) => host,
            Address::Unix(_) => "localhost",
        }
    }
}

/// A URL for a message: user information may be a secret.
fn without_user_info(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://...@{host}{tail}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine() {
        let local = |url: &str| Endpoint::parse(url).unwrap().address.is_local();
        for url in ["ws://127.0.0.1:1/", "ws://127.8.8.8/", "ws://[::1]:9/", "ws://LocalHost/", "unix:/tmp/s"] {
            assert!(local(url), "{url}");
        }
        for url in ["ws://192.168.0.1/", "ws://example.org/", "ws://localhost.example/", "ws://[::]/", "ws://0.0.0.0/"]
        {
            assert!(!local(url), "{url}");
        }
    }

    #[test]
    fn urls_are_read() {
        let plain = Endpoint::parse("ws://127.0.0.1:9001/").unwrap();
        assert_eq!(plain.address, Address::Tcp("127.0.0.1".into(), 9001));
        assert_eq!((plain.path.as_str(), plain.host.as_str()), ("/", "127.0.0.1:9001"));
        let default = Endpoint::parse("WS://Example.org").unwrap();
        assert_eq!((default.path.as_str(), default.host.as_str()), ("/", "Example.org"));
        let six = Endpoint::parse("ws://[::1]:9001?x=1").unwrap();
        assert_eq!(six.address, Address::Tcp("::1".into(), 9001));
        assert_eq!((six.path.as_str(), six.host.as_str()), ("/?x=1", "[::1]:9001"));
        let secure = Endpoint::parse("wss://example.org").unwrap();
        assert_eq!(secure.address, Address::Tcp("example.org".into(), 443));
        assert_eq!((secure.host.as_str(), secure.secure, plain.secure), ("example.org", true, false));
        assert_eq!(Endpoint::parse("wss://x:80/").unwrap().host, "x:80");
        let unix = Endpoint::parse("unix:/tmp/a.sock:/chat").unwrap();
        assert_eq!((unix.address, unix.path.as_str()), (Address::Unix("/tmp/a.sock".into()), "/chat"));
    }

    #[test]
    fn addresses_are_read() {
        assert_eq!("[::1]:0".parse(), Ok(Address::Tcp("::1".into(), 0)));
        assert_eq!("localhost:9001".parse(), Ok(Address::Tcp("localhost".into(), 9001)));
        assert_eq!("unix:/tmp/s".parse(), Ok(Address::Unix("/tmp/s".into())));
        for text in ["9001", ":9001", "unix:", "a:b", "a/b:1"] {
            assert!(text.parse::<Address>().unwrap_err().to_string().contains("HOST:PORT"), "{text}");
        }
    }

    #[test]
    fn errors_say_what_to_write() {
        for (url, word) in [
            ("http://x/", "ws://HOST"),
            ("localhost:9001", "ws://HOST"),
            ("ws:///x", "no host"),
            ("ws://x:0/", "port"),
            ("ws://x:99999/", "port"),
            ("ws://[::1", "no host"),
            ("ws://[::1]x", "port"),
            ("ws://u@x/", "user information"),
            ("http://u:pass@x/", "`http://...@x/`"),
            ("ws://x/#f", "fragment"),
            ("ws://x/a b", "space"),
            ("unix:", "no host"),
        ] {
            let error = Endpoint::parse(url).unwrap_err().to_string();
            assert!(error.contains(word), "{url}: {error}");
        }
    }
}
