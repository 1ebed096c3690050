//! wsspec: a WebSocket conformance and fuzz suite.
//!
//! The rooms, from the bottom up: [`wire`] (bytes and frames), [`case`] (the model of a case), [`spec`] (requirements and zones),
//! [`diagnostics`] (errors with their places), [`language`] (YAML files to cases), [`link`] (byte streams), [`peer`] (the reference
//! peers), [`play`] (one case over one link), [`rules`] (checks of every case), [`judge`] (verdicts), [`targets`] (what is under
//! test), [`run`] (many cases) and [`cli`]. A room uses only rooms that come before it in this list; [`fuzzing`] uses [`wire`] only.

pub mod case;
pub mod cli;
pub mod diagnostics;
pub mod fuzzing;
pub mod judge;
pub mod language;
pub mod link;
pub mod mutation;
mod os;
pub mod peer;
pub mod play;
pub mod rules;
pub mod run;
mod secrets;
pub mod spec;
pub mod targets;
pub mod wire;

pub use wsspec_vocabulary as vocabulary;
