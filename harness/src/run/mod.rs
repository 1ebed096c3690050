//! Many cases: selection is done, here they are probed for, played side by side, judged, gated and written down.

mod baseline;
mod coverage;
mod delivery;
mod engine;
mod exit;
mod gate;
mod idle_connections;
mod in_flight;
mod isolate;
pub mod kill;
mod listen;
mod looping_client;
mod measured;
mod probe;
mod record;
mod results_writer;
mod run_checks;
pub mod simulation;
mod weight;

pub use baseline::{Baseline, BaselineError, KnownFailure};
pub use coverage::coverage;
pub use delivery::Deliveries;
pub use engine::{Engine, Stopped, Target};
pub use exit::Exit;
pub use gate::{Gate, GateError, Limit};
pub use listen::{Exclusion, ListenError, Listener, Served};
pub use probe::{Capabilities, ProbeError, probe};
pub use record::record;
pub use results_writer::{ResultsWriter, WriteError};
pub use run_checks::{run_checks, well};
