//! The opening handshake as the peers hold it: strict on both sides unless a fault says otherwise.
//!
//! [`request`] checks what a client asks, [`answer`] writes what a server says to it, [`response`] checks what a server said, and
//! [`server`] and [`client`] do both halves over a stream. [`deflate`] reads what both say of permessage-deflate, [`deflate_answer`]
//! is the server's word on it and [`deflate_offer`] the client's.

pub mod answer;
pub mod client;
pub mod deflate;
pub mod deflate_answer;
pub mod deflate_offer;
pub mod grammar;
pub mod request;
pub mod response;
mod seen;
pub mod server;
pub mod tls;
pub mod url;
pub mod verdict;

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::faults::Fault;
use deflate::NegotiatedParams;

/// The longest head that a peer reads, in bytes.
pub const MAX_HEAD: usize = 16 * 1024;

/// The longest request target that a server takes, in bytes. RFC 9112 section 3 wants request lines of 8000 bytes taken.
pub const MAX_TARGET: usize = 8192;

/// How long a peer waits for a whole head.
pub const HEAD_TIME: Duration = Duration::from_secs(30);

/// A connection that is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The bytes that came behind the other end's head.
    pub early: Vec<u8>,
    /// What both ends agreed to of permessage-deflate; nothing where they did not agree on it.
    pub deflate: Option<NegotiatedParams>,
}

/// The longest head that a peer with this fault reads, in bytes.
fn head_bound(fault: Option<Fault>) -> usize {
    if fault == Some(Fault::HEAD_UNBOUNDED) { 8 * 1024 * 1024 } else { MAX_HEAD }
}
