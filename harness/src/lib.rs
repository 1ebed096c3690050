//! wsspec: a WebSocket conformance and fuzz suite.
//!
//! The rooms, from the bottom up: [`wire`] (bytes and frames), [`case`] (the case language), [`link`] (byte streams), [`peer`]
//! (the reference peers), [`play`] (one case over one link), [`rules`] (what is checked in every case), [`judge`] (verdicts),
//! [`targets`] (what is under test), [`run`] (many cases) and [`cli`]. A room uses only rooms above it in this list;
//! [`fuzzing`] stands beside them and uses [`wire`] alone.

pub mod case;
pub mod cli;
pub mod fuzzing;
pub mod judge;
pub mod link;
mod os;
pub mod peer;
pub mod play;
pub mod rules;
pub mod run;
pub mod targets;
pub mod wire;

pub use wsspec_vocabulary as vocabulary;
