//! permessage-deflate (RFC 7692): its parameters, reading it with an account of the sender's choices, and writing valid
//! and invalid data.

mod account;
mod bits;
mod compress;
mod craft;
mod huffman;
mod inflate;
mod params;
mod tables;

pub use account::{Blocks, InflateError};
pub use compress::Compressor;
pub use craft::{BlockKind, DeflateSpec, deflate};
pub use inflate::{Inflater, TAIL};
pub use params::{AnswerError, NAME, NegotiatedParams, Params, ParamsError, Place};
