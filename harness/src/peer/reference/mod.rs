//! The reference implementation on the wire code of this crate: an endpoint that follows the RFC strictly, or has one named
//! fault.
//!
//! `endpoint` is the state machine without input and output: bytes in, bytes out. Its parts are `frame_header` (frame
//! headers), `messages` (fragments and text), `control`, `close`, `echo` and `frame_writer`. `compression`
//! connects messages with the codec of permessage-deflate in `deflate` and `inflate`. `driver` runs the endpoint
//! over a stream. The peer reads frames itself and does not use [`crate::wire::Decoder`]: it must be able to fail
//! inside a frame, and an error in the decoder that judges targets must not also affect the peer.

mod close;
mod compression;
mod control;
mod deflate;
mod driver;
mod echo;
mod endpoint;
mod frame_header;
mod frame_writer;
mod inflate;
mod lenient_utf8;
mod messages;

#[cfg(test)]
mod tests;

pub(super) use driver::converse;
