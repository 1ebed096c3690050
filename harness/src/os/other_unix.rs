//! macOS and the BSDs: process groups by signals, and what `sysinfo` reads of processes. Owners of sockets are not read.

use std::net::SocketAddr;
use std::path::Path;

use rustix::process::{Signal, kill_process, test_kill_process_group};

use super::members::members;
use super::unix::{pid_of, signal_group};
use super::usage::usage_of;
use super::{Ownership, Usage};

pub(super) fn usage(leader: u32) -> Option<Usage> {
    usage_of(&members(leader))
}

/// Not read: `sysinfo` has no peaks.
pub(super) fn most_resident(_leader: u32) -> Option<u64> {
    None
}

pub(super) fn is_alive(leader: u32) -> bool {
    pid_of(leader).is_some_and(|group| test_kill_process_group(group).is_ok())
}

pub(super) fn kill_group(leader: u32) {
    // Descendants that made a group of their own are not reached by the signal to the group.
    let descendants = members(leader);
    signal_group(leader);
    for pid in descendants.into_iter().filter_map(pid_of) {
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Who listens at one of these addresses; the system does not reveal it.
pub fn port_owner(_addresses: &[SocketAddr], _leader: Option<u32>) -> Ownership {
    Ownership::Unknown
}

/// Who listens on a Unix socket with this path; the system does not reveal it.
pub fn file_owner(_path: &Path, _leader: Option<u32>) -> Ownership {
    Ownership::Unknown
}
