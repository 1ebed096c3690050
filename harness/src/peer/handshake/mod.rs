//! The opening handshake of the peers: strict on both sides unless a fault changes it.
//!
//! [`request`] checks a client's request, [`server_response`] writes a server's response to it, [`response`] checks a
//! server's response, and [`server`] and [`client`] run the two halves over a stream. [`deflate`] parses the parameters
//! of permessage-deflate for both sides, [`deflate_server`] is the server's side of its negotiation and
//! [`deflate_client`] the client's.

pub mod client;
pub mod decision;
pub mod deflate;
pub mod deflate_client;
pub mod deflate_server;
pub mod grammar;
mod head_faults;
pub mod request;
pub mod response;
pub mod server;
pub mod server_response;
pub mod tls;
pub mod url;

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::faults::Fault;
use deflate::NegotiatedParams;

/// The longest head that a peer reads, in bytes.
pub const MAX_HEAD: usize = 16 * 1024;

/// The longest request target that a server accepts, in bytes. RFC 9112 section 3 recommends support for request lines
/// of 8000 bytes.
pub const MAX_TARGET: usize = 8192;

/// How long a peer waits for a complete head.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// An open connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningResult {
    /// The bytes that followed the other end's head.
    pub early: Vec<u8>,
    /// The negotiated parameters of permessage-deflate, if both ends agreed on it.
    pub deflate: Option<NegotiatedParams>,
}

/// The longest head that a peer with this fault reads, in bytes.
fn max_head(fault: Option<Fault>) -> usize {
    if fault == Some(Fault::HEAD_UNBOUNDED) { 8 * 1024 * 1024 } else { MAX_HEAD }
}
