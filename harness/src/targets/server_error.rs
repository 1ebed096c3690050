//! Why a server cannot be tested.

use super::placeholders::UnknownPlaceholder;
use super::process::{Death, ProcessError};
use crate::link::tls::TlsError;
use crate::link::{AddressError, ConnectError};
use crate::os::Owner;

/// Why a server cannot be reached or started.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The URL is invalid.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The command or the URL has an unknown placeholder.
    #[error(transparent)]
    Placeholder(#[from] UnknownPlaceholder),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No free port was found for `{port}`.
    #[error("cannot find a free port on 127.0.0.1: {0}")]
    NoPort(std::io::Error),
    /// Something listens before the server is started.
    #[error("{place} is already in use{}: stop it or choose another port", by(.owner.as_ref()))]
    InUse {
        /// `port 9001`, or the path of a Unix socket.
        place: String,
        /// Who listens there, where the system reveals it.
        owner: Option<Owner>,
    },
    /// The process could not be started.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The process ended before it listened.
    #[error("`{command}` {death} before it listened at {address}")]
    DiedEarly {
        /// The command.
        command: String,
        /// How it ended.
        death: Death,
        /// Where it should listen.
        address: String,
    },
    /// The process ended, and its children run.
    #[error("`{command}` {death} and left its children in the background: let it run in the foreground")]
    InBackground {
        /// The command.
        command: String,
        /// How it ended.
        death: Death,
    },
    /// The process runs and does not listen.
    #[error(
        "`{command}` runs, but nothing listens at {address} after {seconds} s; does the command take its port from `{{port}}`?"
    )]
    NotListening {
        /// The command.
        command: String,
        /// Where it should listen.
        address: String,
        /// How long the harness waited.
        seconds: u64,
    },
    /// Another process listens where the started one should.
    #[error("`{command}` runs, but {place} belongs to another process{}: stop that or choose another port", of(.owner.as_ref()))]
    OtherListener {
        /// The command.
        command: String,
        /// `port 9001`, or the path of a Unix socket.
        place: String,
        /// Who listens there, where the system reveals it.
        owner: Option<Owner>,
    },
    /// Nothing listens.
    #[error("cannot connect to {address} ({source}): start the server, or let --start do it")]
    Connect {
        /// The address.
        address: String,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// Something listens, and no connection to the server can be made.
    #[error("cannot connect to {address}: {source}")]
    Unreachable {
        /// The address.
        address: String,
        /// The reason.
        source: ConnectError,
    },
}

fn by(owner: Option<&Owner>) -> String {
    owner.map_or_else(String::new, |owner| format!(" by {owner}"))
}

fn of(owner: Option<&Owner>) -> String {
    owner.map_or_else(String::new, |owner| format!(", {owner}"))
}
