//! The URL that a client peer connects to: RFC 6455 section 3.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use super::super::faults::Fault;
use super::grammar::is_registered_name;

/// The parts of a ws or wss URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WsUrl {
    /// The host without the brackets of an IPv6 address.
    pub host: String,
    /// The port, or the default port of the scheme (80, 443) if the URL has none.
    pub port: u16,
    /// Whether the connection uses TLS: the scheme is wss.
    pub secure: bool,
    /// The user information with its `@`, which only a faulty peer keeps.
    pub user: String,
    /// The path, which is at least a slash.
    pub path: String,
    /// The query without its question mark, if it is not empty.
    pub query: Option<String>,
}

/// Why a URL cannot be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// A scheme other than ws and wss.
    #[error("the scheme is not ws or wss")]
    Scheme,
    /// A fragment, which section 3 forbids.
    #[error("a ws URL must not have a fragment")]
    Fragment,
    /// A user or password, which the grammar does not allow.
    #[error("a ws URL must not have a user name")]
    UserInfo,
    /// An invalid host.
    #[error("the host is invalid")]
    Host,
    /// A port that is not a number from 0 to 65535.
    #[error("the port is invalid")]
    Port,
    /// A valid URL that a faulty peer rejects.
    #[error("the URL is rejected without a reason")]
    RejectedByFault,
}

impl WsUrl {
    /// The URL as a peer with this fault parses it. Characters that a URI does not allow are percent-encoded in the
    /// path and the query (RFC 6455 section 11.1.1); a host that is not ASCII is rejected.
    ///
    /// # Errors
    /// Why the URL cannot be used for a connection.
    pub fn parse_with_fault(text: &str, fault: Option<Fault>) -> Result<Self, UrlError> {
        let has = |other: Fault| fault == Some(other);
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "ws" => false,
            "wss" => true,
            _ => return Err(UrlError::Scheme),
        };
        if !matches!(scheme, "ws" | "wss") && has(Fault::SCHEME_CASE_SENSITIVE) {
            return Err(UrlError::RejectedByFault);
        }
        if rest.contains('#') && !has(Fault::FRAGMENT_SENT) {
            return Err(UrlError::Fragment);
        }
        let (authority, resource) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (user, authority) = match authority.rfind('@') {
            Some(at) if has(Fault::USER_IN_HOST) => authority.split_at(at + 1),
            Some(_) => return Err(UrlError::UserInfo),
            None => ("", authority),
        };
        let (host, port) = host_and_port(authority, secure, fault)?;
        let rejected = (authority.starts_with('[') && has(Fault::REFUSES_IPV6_LITERAL))
            || (host.bytes().any(|c| c.is_ascii_uppercase()) && has(Fault::HOST_CASE_SENSITIVE))
            || (resource.ends_with('?') && has(Fault::REFUSES_EMPTY_QUERY));
        if rejected {
            return Err(UrlError::RejectedByFault);
        }
        let encoded =
            if has(Fault::TARGET_NOT_ENCODED) { resource.to_owned() } else { encode_invalid_characters(resource) };
        let encoded = if has(Fault::HASH_DECODED) { encoded.replace("%23", "#") } else { encoded };
        let (path, query) = match encoded.split_once('?') {
            Some((path, query)) => {
                let kept = !query.is_empty() || has(Fault::EMPTY_QUERY_SENT);
                (path, Some(query.to_owned()).filter(|_| kept))
            }
            None => (encoded.as_str(), None),
        };
        let path = if path.is_empty() && !has(Fault::EMPTY_PATH_SENT) { "/" } else { path };
        Ok(Self { host: host.to_owned(), port, secure, user: user.to_owned(), path: path.to_owned(), query })
    }

    /// The resource name of section 3: path and query.
    pub fn resource(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// The host as it appears in a URL, with an IPv6 address in brackets.
    pub fn bracketed_host(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }

    /// The value of Host, with the port unless it is the default.
    pub fn authority(&self) -> String {
        let host = format!("{}{}", self.user, self.bracketed_host());
        match self.port {
            port if port == default_port(self.secure) => host,
            port => format!("{host}:{port}"),
        }
    }

    /// The URL of another resource on the same server.
    pub fn with_resource(&self, path: &str, query: Option<String>) -> Self {
        let base = self.path.trim_end_matches('/');
        Self { path: format!("{base}{path}"), query, ..self.clone() }
    }
}

impl fmt::Display for WsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "wss" } else { "ws" };
        write!(f, "{scheme}://{}{}", self.authority(), self.resource())
    }
}

impl FromStr for WsUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse_with_fault(text, None)
    }
}

/// The parts of an authority without user information.
fn host_and_port(authority: &str, secure: bool, fault: Option<Fault>) -> Result<(&str, u16), UrlError> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(literal) => {
            let (address, port) = literal.split_once(']').ok_or(UrlError::Host)?;
            address.parse::<Ipv6Addr>().map_err(|_| UrlError::Host)?;
            (address, port)
        }
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let non_ascii_allowed = fault == Some(Fault::HOST_NOT_ASCII) && !host.is_ascii();
    if host.is_empty() || !(is_registered_name(host) || authority.starts_with('[') || non_ascii_allowed) {
        return Err(UrlError::Host);
    }
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => default_port(secure),
        None => return Err(UrlError::Host),
        Some("") => default_port(secure),
        Some(digits) if digits.bytes().all(|c| c.is_ascii_digit()) => digits.parse().map_err(|_| UrlError::Port)?,
        Some(_) => return Err(UrlError::Port),
    };
    Ok((host, port))
}

/// Percent-encodes the bytes that a URI does not allow (RFC 3986 section 2), and leaves all others unchanged.
fn encode_invalid_characters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !br#"<>"\^`{|}"#.contains(&byte) {
            out.push(byte.into());
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}

/// The default port of a scheme: section 3.
const fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// Percent-encodes a query value: everything except unreserved characters.
pub fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(byte.into());
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_into_parts() {
        let url: WsUrl = "WS://[::1]:9001/a/b%20c?x=1&y".parse().expect("a URL");
        assert_eq!((url.host.as_str(), url.port), ("::1", 9001));
        assert_eq!(url.resource(), "/a/b%20c?x=1&y");
        assert_eq!(url.authority(), "[::1]:9001");
        let bare: WsUrl = "ws://localhost?".parse().expect("a URL");
        assert_eq!((bare.resource().as_str(), bare.authority().as_str()), ("/", "localhost"));
        let secure: WsUrl = "wss://localhost/".parse().expect("a URL");
        assert_eq!((secure.port, secure.authority().as_str()), (443, "localhost"));
        assert_eq!(secure.to_string(), "wss://localhost/");
        let other: WsUrl = "ws://a/ b/\u{fc}?<\u{1f600}>".parse().expect("a URL");
        assert_eq!(other.resource(), "/%20b/%C3%BC?%3C%F0%9F%98%80%3E");
        let count = url.with_resource("/getCaseCount", None);
        assert_eq!(count.to_string(), "ws://[::1]:9001/a/b%20c/getCaseCount");
    }

    #[test]
    fn invalid_urls() {
        for (text, error) in [
            ("http://a/", UrlError::Scheme),
            ("ws://a/#f", UrlError::Fragment),
            ("ws://u:p@a/", UrlError::UserInfo),
            ("ws:///x", UrlError::Host),
            ("ws://[::1/", UrlError::Host),
            ("ws://a:65536/", UrlError::Port),
            ("ws://a:+1/", UrlError::Port),
        ] {
            assert_eq!(text.parse::<WsUrl>(), Err(error), "{text}");
        }
    }

    #[test]
    fn query_values_are_percent_encoded() {
        assert_eq!(percent_encoded("our peer/0.1"), "our%20peer%2F0.1");
    }
}
