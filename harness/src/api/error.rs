//! Why a run did not happen.

use std::path::PathBuf;

/// Why a suite could not be run, or a gate could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Case files cannot be read, or have errors.
    #[error("case files: {0}")]
    Cases(String),
    /// A pattern cannot be read, or fits no case.
    #[error("{0}")]
    Pattern(String),
    /// None of the selected cases is for the target's role.
    #[error("none of the selected cases is for a {0}")]
    NothingSelected(String),
    /// The target cannot be reached, or does not complete an opening handshake.
    #[error("{0}")]
    Target(String),
    /// A baseline cannot be read.
    #[error("{}: {reason}", path.display())]
    Baseline {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A report cannot be written.
    #[error("{0}")]
    Report(String),
    /// A bug in wsspec.
    #[error("{0}")]
    Bug(String),
}
