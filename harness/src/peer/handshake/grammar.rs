//! The grammar elements of the handshake's fields.

use std::net::Ipv6Addr;

/// Whether this is a token: RFC 9110 section 5.6.2.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// One element of Sec-WebSocket-Extensions: RFC 6455 section 9.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its name, a token.
    pub name: String,
    /// Its parameters in order.
    pub parameters: Vec<Parameter>,
}

/// A parameter of an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, a token.
    pub name: String,
    /// Its value, a token, without its quotes.
    pub value: Option<String>,
    /// Whether the value was quoted.
    pub quoted: bool,
}

/// Whether this is one valid element of Sec-WebSocket-Extensions.
pub fn is_extension(member: &str) -> bool {
    extension(member).is_some()
}

/// Parses one element of Sec-WebSocket-Extensions: a name and parameters whose values are tokens, plain or quoted (RFC
/// 6455 section 9.1). Returns `None` if it is malformed.
pub fn extension(member: &str) -> Option<Extension> {
    let mut parts = split_outside_quotes(member, ';').map(|part| part.trim_matches([' ', '\t']));
    let name = parts.next().filter(|name| is_token(name))?.to_owned();
    let parameters = parts.map(parameter).collect::<Option<_>>()?;
    Some(Extension { name, parameters })
}

fn parameter(text: &str) -> Option<Parameter> {
    // Whitespace may surround the sign: RFC 6455 section 4.3 adopts the implied whitespace of RFC 2616.
    let trim = |text: &str| text.trim_matches([' ', '\t']).to_owned();
    let (name, value) = match text.split_once('=') {
        None => (text.to_owned(), None),
        Some((name, value)) => (trim(name), Some(trim(value))),
    };
    let quoted = value.as_ref().is_some_and(|value| value.starts_with('"'));
    let value = match value {
        None => None,
        Some(value) => Some(unquoted(&value).filter(|value| is_token(value))?),
    };
    is_token(&name).then_some(Parameter { name, value, quoted })
}

/// Splits at a separator outside quoted strings.
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => return !quoted && c == separator,
        }
        false
    })
}

/// The token or the content of the quoted string; `None` for a malformed quoted string.
fn unquoted(value: &str) -> Option<String> {
    let Some(inner) = value.strip_prefix('"') else {
        return Some(value.to_owned());
    };
    let inner = inner.strip_suffix('"')?;
    let mut out = String::with_capacity(inner.len());
    let mut bytes = inner.chars();
    while let Some(c) = bytes.next() {
        match c {
            '\\' => out.push(bytes.next()?),
            '"' => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

/// Whether this is a host with an optional port, as Host requires it: RFC 9110 section 7.2, RFC 3986 section 3.2.
pub fn is_authority(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(literal) => match literal.split_once(']') {
            Some((address, "")) => return address.parse::<Ipv6Addr>().is_ok(),
            Some((address, rest)) if address.parse::<Ipv6Addr>().is_ok() => match rest.strip_prefix(':') {
                Some(port) => ("v6", port),
                None => return false,
            },
            _ => return false,
        },
        None => text.split_once(':').unwrap_or((text, "")),
    };
    !host.is_empty() && is_registered_name(host) && (port.is_empty() || is_port(port))
}

/// Whether this is a registered name or an IPv4 address: unreserved bytes, sub-delimiters and percent-encoded bytes.
pub fn is_registered_name(host: &str) -> bool {
    let mut bytes = host.bytes();
    while let Some(byte) = bytes.next() {
        let valid = match byte {
            b'%' => {
                let hex = |digit: Option<u8>| digit.is_some_and(|d| d.is_ascii_hexdigit());
                hex(bytes.next()) && hex(bytes.next())
            }
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => {
                true
            }
            other => other.is_ascii_alphanumeric(),
        };
        if !valid {
            return false;
        }
    }
    true
}

/// Whether this is a port number in decimal digits.
fn is_port(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        assert!(is_token("permessage-deflate") && is_token("!#$%&'*+-.^_`|~09azAZ"));
        for invalid in ["", "a b", "a,b", "a/b", "\"a\"", "a;b", "é", "a@b", "(a)", "a\x7f"] {
            assert!(!is_token(invalid), "{invalid:?}");
        }
    }

    #[test]
    fn extensions() {
        for valid in [
            "x",
            "x; a",
            "x; a = 1",
            "x;a=1",
            "x ; a=\"1\"; b",
            "x; a=\"\\1\"",
            "permessage-deflate; client_max_window_bits",
        ] {
            assert!(is_extension(valid), "{valid:?}");
        }
        for invalid in
            ["", ";", "x;", "x; =1", "x; a=", "x; a=\"\"", "x; a=\"b c\"", "x y", "x; a=\"1", "x; a=\"1\"2", "="]
        {
            assert!(!is_extension(invalid), "{invalid:?}");
        }
    }

    #[test]
    fn authorities() {
        for valid in ["localhost", "127.0.0.1:9001", "[::1]", "[::1]:80", "a.example:", "x%20y"] {
            assert!(is_authority(valid), "{valid:?}");
        }
        for invalid in
            ["", ":80", "a b", "a:x", "a:65536", "u@h", "a/b", "[::1", "[::1]x", "[zz]", "a, b", "x%2", "::1", "a:+1"]
        {
            assert!(!is_authority(invalid), "{invalid:?}");
        }
    }
}
