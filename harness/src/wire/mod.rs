//! Bytes, frames and handshake heads of RFC 6455, both ways, without any input or output.
//!
//! This room can write every malformed thing and never panics on anything that it reads: what is wrong in the bytes of a
//! peer is recorded as a [`Deviation`] with its offset, and reading goes on as long as the bytes can be followed.

pub mod close;
pub mod decode;
pub mod deflate;
mod deviation;
pub mod encode;
pub mod frame;
pub mod handshake;
mod inflating;
pub mod mask;
pub mod message;
mod sentences;
pub mod utf8;

pub use decode::{Decoder, Deviation, DeviationKind, RxFrame};
pub use encode::FrameSpec;
pub use frame::{FrameHead, LengthForm, Opcode};
pub use message::{Assembler, Incoming};
