//! permessage-deflate (RFC 7692): its parameters, reading it with an account of the sender's choices, and writing valid
//! and invalid data.

mod compress;
mod huffman;
mod inflate;
mod craft;
mod params;
mod tables;

pub use compress::Compressor;
pub use inflate::{Blocks, InflateError, Inflater, TAIL};
pub use craft::{BlockKind, DeflateSpec, deflate};
pub use params::{NegotiatedParams, Flaw, NAME, Params, ParamsError, Place};
