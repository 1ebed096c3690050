//! The opening handshake as the peers hold it: strict on both sides unless a fault says otherwise.
//!
//! [`request`] checks what a client asks, [`answer`] writes what a server says to it, [`response`] checks what a server said, and
//! [`server`] and [`client`] do both halves over a stream.

pub mod answer;
pub mod client;
pub mod grammar;
pub mod request;
pub mod response;
pub mod server;
pub mod url;
pub mod verdict;

#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::wire::handshake::Head;

use super::faults::Fault;

/// The longest head that a peer reads, in octets.
pub const MAX_HEAD: usize = 16 * 1024;

/// The longest request target that a server takes, in octets. RFC 9112 section 3 wants request lines of 8000 octets taken.
pub const MAX_TARGET: usize = 8192;

/// How long a peer waits for a whole head.
pub const HEAD_TIME: Duration = Duration::from_secs(30);

/// The fields that the handshake knows, in their usual letter case.
const KNOWN_FIELDS: [&str; 8] = [
    "Host",
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Accept",
];

/// The fields that may be spread over several lines.
const LIST_FIELDS: [&str; 4] = ["Upgrade", "Connection", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"];

/// The head as a peer with this fault sees it.
fn as_seen(head: &Head, fault: Option<Fault>) -> Head {
    let mut seen = head.clone();
    let case_matters =
        fault == Some(Fault::REQUEST_NAMES_CASE_SENSITIVE) || fault == Some(Fault::RESPONSE_NAMES_CASE_SENSITIVE);
    if case_matters {
        seen.fields.retain(|field| {
            !KNOWN_FIELDS.iter().any(|known| known.eq_ignore_ascii_case(&field.name) && *known != field.name)
        });
    }
    if fault == Some(Fault::REQUEST_FIRST_LINE_ONLY) {
        let mut before: Vec<&str> = Vec::new();
        seen.fields.retain(|field| {
            let list = LIST_FIELDS.iter().find(|known| known.eq_ignore_ascii_case(&field.name));
            let first = list.is_none_or(|name| !before.contains(name));
            before.extend(list);
            first
        });
    }
    seen
}
