//! The checks of the fuzz targets: one function per target, which is used both by cargo-fuzz and by property tests.
//!
//! The input of each function is exactly what a peer could have written, so that a recorded stream can be used directly
//! as a seed. A function panics only when an oracle is violated: a different split of the same bytes is read
//! differently, the result of reading does not write back to the same bytes, or another implementation disagrees in a
//! way that is not listed next to the comparison.

mod frames;
mod handshake;
mod inflate;
mod messages;
mod splits;
mod text;

pub use frames::frames;
pub use handshake::{handshake_request, handshake_response};
pub use inflate::inflate;
pub use messages::tungstenite_messages;
pub use text::utf8;

/// A check of one input. It panics when an oracle is violated.
pub type Target = fn(&[u8]);

/// Every target with its name, which is also the name of its binary in `fuzz/`.
pub const TARGETS: &[(&str, Target)] = &[
    ("frames", frames),
    ("handshake_request", handshake_request),
    ("handshake_response", handshake_response),
    ("inflate", inflate),
    ("tungstenite_messages", tungstenite_messages),
    ("utf8", utf8),
];
