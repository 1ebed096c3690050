//! Many cases: selection is done, here they are probed for, played side by side, judged, gated and written down.

pub mod arena;
mod baseline;
mod beside;
mod called;
mod coverage;
mod delivery;
mod engine;
mod exit;
mod flight;
mod gate;
mod inquiry;
pub mod kill;
mod listen;
mod measured;
mod overall;
mod probe;
mod record;
mod sink;
mod weight;

pub use baseline::{Baseline, BaselineError, Known};
pub use coverage::{Covered, Share, coverage, shares};
pub use delivery::Deliveries;
pub use engine::{Engine, Stopped, Under};
pub use exit::Exit;
pub use gate::{Gate, GateError, Limit};
pub use listen::{Exclusion, ListenError, Listener, Served};
pub use overall::{overall, well};
pub use probe::{Found, ProbeError, probe};
pub use record::record;
pub use sink::{Sink, WriteError};
