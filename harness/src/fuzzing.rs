//! What the fuzz targets check: one function a target, the same under cargo-fuzz and under property tests.
//!
//! The input of each is what a peer could have written, and nothing else, so that a recorded stream is a seed as it stands. A
//! function panics only when an oracle is violated: another split of the same bytes reads differently, what was read does not
//! write back, or another implementation disagrees in a way that is not listed beside the comparison.

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

/// Every target by its name, which is also the name of its binary in `fuzz/`.
pub const TARGETS: &[(&str, Target)] = &[
    ("frames", frames),
    ("handshake_request", handshake_request),
    ("handshake_response", handshake_response),
    ("inflate", inflate),
    ("tungstenite_messages", tungstenite_messages),
    ("utf8", utf8),
];
