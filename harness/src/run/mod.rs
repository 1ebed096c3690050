//! A run: targets are probed, cases are played against them at once, results are judged by a gate. It reports events and knows no
//! terminal.

mod baseline;
mod conclude;
mod coverage;
mod delivery;
pub(crate) mod dispatch;
mod engine;
mod event;
mod exit;
mod files;
mod fit;
mod gate;
mod header;
mod idle_connections;
mod in_flight;
mod isolate;
mod limits;
mod listen;
mod listen_calls;
mod looping_client;
mod measured;
mod plan;
mod probe;
mod record;
mod replay;
mod report_files;
mod results_writer;
mod run_checks;
mod weight;
mod wildcard;

pub use baseline::{Baseline, BaselineError, KnownFailure};
pub use coverage::coverage;
pub use delivery::Deliveries;
pub use dispatch::{InProcessClient, InProcessServer, LoopingClient, OnServing, Played, Target};
pub use event::{Event, Reader};
pub use exit::Exit;
pub use files::{WriteError, write as write_file};
pub use gate::{Gate, GateError, Limit};
pub use listen::{Exclusion, ListenError, Listener, Served};
pub use plan::{Options, Outcome, Plan};
pub use probe::{Capabilities, ProbeError};
pub use record::record;
pub use replay::{Replay, ReplayError};
pub use report_files::{ReportError, ReportFiles, write_autobahn, write_html, write_junit};
pub use results_writer::ResultsWriter;
pub use run_checks::{run_checks, well};
#[cfg(feature = "cli")]
pub(crate) use wildcard::wildcard;
