//! Many cases: selection is done, here they are probed for, played side by side, judged, gated and written down.

pub mod simulation;
mod baseline;
mod idle_connections;
mod looping_client;
mod coverage;
mod delivery;
mod engine;
mod exit;
mod in_flight;
mod gate;
mod isolate;
pub mod kill;
mod listen;
mod measured;
mod run_checks;
mod probe;
mod record;
mod results_writer;
mod weight;

pub use baseline::{Baseline, BaselineError, KnownFailure};
pub use coverage::{Covered, Share, coverage, shares};
pub use delivery::Deliveries;
pub use engine::{Engine, Stopped, Target};
pub use exit::Exit;
pub use gate::{Gate, GateError, Limit};
pub use listen::{Exclusion, ListenError, Listener, Served};
pub use run_checks::{run_checks, well};
pub use probe::{Capabilities, ProbeError, probe};
pub use record::record;
pub use results_writer::{ResultsWriter, WriteError};
