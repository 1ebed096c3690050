//! The peer on our own wire: an endpoint that is strictly right, or wrong in one named way.
//!
//! [`endpoint`] is the machine, without input and output: bytes in, bytes out. Its parts are [`reading`] (heads of frames),
//! [`messages`] (fragments and text), [`control`], [`closing`], [`echoing`] and [`writing`]. [`compressed`]
//! stands between messages and the codec of permessage-deflate in [`deflate`] and [`inflate`]. [`driving`] runs it over a stream.
//! It reads frames by itself and not with [`crate::wire::Decoder`]: it must fail inside a frame, and a mistake of the decoder
//! that judges others must not be the peer's own.

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
