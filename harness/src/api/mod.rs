//! The library as its users see it: a suite, a target, a report and a gate.

mod error;
mod gate;
mod report;
mod suite;
mod target;

pub use error::Error;
pub use gate::{Gate, GateFailure};
pub use report::Report;
pub use suite::Suite;
pub use target::Target;
