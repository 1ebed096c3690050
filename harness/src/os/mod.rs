//! The parts that depend on the operating system: process groups and what they use, who listens on a port, signals, Unix sockets.
//!
//! Every other room is portable. A new system is a matter of filling one file with the items that the others export.

mod groups;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(all(unix, any(test, not(target_os = "linux"))))]
mod members;
#[cfg(all(unix, not(target_os = "linux")))]
mod other_unix;
#[cfg(unix)]
mod unix;
#[cfg(any(test, not(target_os = "linux")))]
mod usage;
#[cfg(windows)]
mod windows;

use std::fmt;
use std::time::Duration;

pub use groups::{ProcessGroup, kill_all_groups};
#[cfg(unix)]
use unix::form_group;
#[cfg(unix)]
pub use unix::{LocalListener, LocalStream, StopSignals, is_socket, private_folder, shell, signal_of};
#[cfg(windows)]
use windows::form_group;
#[cfg(windows)]
pub use windows::{LocalListener, LocalStream, StopSignals, is_socket, private_folder, shell, signal_of};

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(all(unix, not(target_os = "linux")))]
use other_unix as system;
#[cfg(windows)]
use windows as system;

pub use system::{file_owner, port_owner};

/// What a group of processes has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Its CPU time. On Linux, that of children that have ended is included.
    pub cpu: Duration,
    /// Its resident memory, in bytes.
    pub resident: u64,
}

/// A process that owns a listening socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its process id.
    pub pid: u32,
    /// The name of its program.
    pub name: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (pid {})", self.name, self.pid)
    }
}

/// Who owns a listening socket, as far as the system reveals it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux reveals the owner"))]
pub enum Ownership {
    /// A process of the group in question.
    Group,
    /// Another process.
    Other(Owner),
    /// The system does not reveal it, or nobody listens here.
    Unknown,
}
