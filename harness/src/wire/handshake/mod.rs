//! The two heads of the opening handshake: RFC 6455 section 4, RFC 9112 sections 2 to 5.

pub mod accept;
mod list;
mod parse;
pub mod read;
mod start_line;
pub mod write;

pub use accept::accept_for;
pub use read::{Field, Head, HeadDeviation, HeadDeviationKind, HeadError, HeadReader, Start};
pub use write::{HeadWriter, LineEnding};
