//! What a client that calls by itself says in its call.

use crate::case::model::{Case, Certificate, Need, Outcome, TlsExpect};
use crate::judge::Finding;
use crate::play::RequestOf;

/// What a case needs and this client has not. Nobody was probed, but the request says what it asks for.
pub(super) fn lacks(case: &Case, request: &RequestOf) -> Option<Finding> {
    let plain = request.link.tls().is_none();
    let lacking = case.needs.iter().find(|need| match need {
        Need::Subprotocol => request.head.list("Sec-WebSocket-Protocol").is_empty(),
        Need::Tls => plain,
        Need::Echo => false,
    });
    if let Some(need) = lacking {
        return Some(Finding::lacking(need.name()));
    }
    let tls = case.handshake.tls;
    let message = if tls.certificate != Certificate::Right || tls.refused() {
        "a client that calls by itself has seen the certificate before it asks for a case; spawn it with --client"
    } else if tls.expect == TlsExpect::ServerName && is_address(&request.head.first("Host").unwrap_or_default()) {
        "the URL that the client was given has an address for its host, which TLS does not name; give it localhost"
    } else {
        return None;
    };
    Some(Finding::plain("probe", Outcome::Unsupported, message.to_owned()))
}

/// Whether the host of a Host field is an IP address.
fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.split(':').next().is_some_and(|host| host.parse::<std::net::Ipv4Addr>().is_ok())
}

/// Percent-decoding of a query's value; `+` is a space.
pub(super) fn decode(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        match octet {
            b'+' => octets.push(b' '),
            b'%' => {
                let digits = [rest.next().unwrap_or(0), rest.next().unwrap_or(0)];
                let value = std::str::from_utf8(&digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                octets.push(value.unwrap_or(b'?'));
            }
            other => octets.push(other),
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}
