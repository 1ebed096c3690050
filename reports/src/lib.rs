//! Reads `results.jsonl` and writes what people and machines read: HTML, JUnit, a terminal summary. It knows no socket.
//!
//! Everything here is a function of [`read::Results`]. What a target wrote is hostile text until it is escaped: each writer shows
//! control characters as escapes and leaves the rest to its format's own escaping.

pub mod autobahn;
mod bytes;
mod describe;
pub mod diff;
pub mod facts;
pub mod html;
pub mod junit;
pub mod kill;
pub mod matrix;
pub mod read;
pub mod results;
pub mod schema;
pub mod summary;
mod text;
pub mod totals;
