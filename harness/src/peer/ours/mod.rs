//! The peer on our own wire code: an endpoint that follows the RFC strictly, or has one named fault.
//!
//! [`endpoint`] is the state machine without input and output: bytes in, bytes out. Its parts are [`reading`] (frame
//! headers), [`messages`] (fragments and text), [`control`], [`closing`], [`echoing`] and [`writing`]. [`compressed`]
//! connects messages with the codec of permessage-deflate in [`deflate`] and [`inflate`]. [`driving`] runs the endpoint
//! over a stream. The peer reads frames itself and does not use [`crate::wire::Decoder`]: it must be able to fail
//! inside a frame, and an error in the decoder that judges targets must not also affect the peer.

mod closing;
mod compressed;
mod control;
mod deflate;
mod driving;
mod echoing;
mod endpoint;
mod inflate;
mod lenient;
mod messages;
mod reading;
mod writing;

#[cfg(test)]
mod tests;

pub(super) use driving::converse;
