//! Bytes, frames and handshake heads of RFC 6455, for reading and writing, without any input or output.
//!
//! This module can write every malformed input and never panics on anything that it reads: each violation in the bytes
//! of a peer is recorded as a [`Deviation`] with its offset, and reading continues as long as the bytes can be parsed.

pub mod close;
pub mod decode;
pub mod deflate;
mod deviation;
mod display;
pub mod encode;
pub mod frame;
pub mod handshake;
pub mod mask;
pub mod message;
mod message_inflater;
pub mod utf8;

pub use decode::{Decoder, Deviation, DeviationKind, RxFrame};
pub use encode::FrameSpec;
pub use frame::{FrameHead, LengthForm, Opcode};
pub use message::{Assembler, Incoming};
