//! A conformance and fuzz suite for WebSocket servers and clients: RFC 6455 and permessage-deflate (RFC 7692), case by case.
//!
//! A test plays the suite against a server in the same process and holds the results against a gate:
//!
//! ```no_run
//! # mod my_server { pub async fn serve(io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite) {} }
//! # async fn conforms_to_rfc_6455() -> Result<(), Box<dyn std::error::Error>> {
//! let target = wsspec::Target::in_process(|io| my_server::serve(io));
//! let report = wsspec::Suite::builtin().select(["framing/*", "level:must"])?.run(target).await?;
//! report.assert_gate(wsspec::Gate::must(1.0).baseline("wsspec.yaml")?);
//! # Ok(())
//! # }
//! ```
//!
//! A run needs a tokio runtime with time enabled. The features `cli` (the command), `peer` (the reference peers) and `simulate` (the
//! kill matrix) are on by default; a test needs none of them.

#[doc(hidden)]
pub mod case;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod diagnostics;
#[cfg(feature = "peer")]
#[doc(hidden)]
pub mod fuzzing;
#[doc(hidden)]
pub mod judge;
#[doc(hidden)]
pub mod language;
#[doc(hidden)]
pub mod link;
#[cfg(feature = "simulate")]
#[doc(hidden)]
pub mod mutation;
#[cfg(feature = "peer")]
#[doc(hidden)]
pub mod peer;
#[doc(hidden)]
pub mod play;
#[doc(hidden)]
pub mod rules;
#[doc(hidden)]
pub mod run;
#[doc(hidden)]
pub mod spec;
#[doc(hidden)]
pub mod targets;
#[doc(hidden)]
pub mod wire;

mod api;
#[cfg_attr(not(feature = "cli"), allow(dead_code))]
mod secrets;
// Signals and temporary folders are for the command.
#[cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]
mod os;

pub use api::{Error, Gate, GateFailure, Report, Suite, Target};
pub use wsspec_reports::results::{CaseResult, Finding};
#[doc(hidden)]
pub use wsspec_vocabulary as vocabulary;
pub use wsspec_vocabulary::{Level, Outcome, Role};
