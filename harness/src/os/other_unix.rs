//! macOS and the BSDs: process groups by signals alone. What processes use and own is not read yet.

use std::net::SocketAddr;
use std::path::Path;

use rustix::process::test_kill_process_group;

use super::unix::{pid_of, signal_group};
use super::{Ownership, Usage};

pub(super) fn usage(_leader: u32) -> Option<Usage> {
    None
}

pub(super) fn most_resident(_leader: u32) -> Option<u64> {
    None
}

pub(super) fn is_alive(leader: u32) -> bool {
    pid_of(leader).is_some_and(|group| test_kill_process_group(group).is_ok())
}

pub(super) fn kill_group(leader: u32) {
    signal_group(leader);
}

/// Who listens at one of these addresses; the system does not tell.
pub fn port_owner(_addresses: &[SocketAddr], _leader: Option<u32>) -> Ownership {
    Ownership::Unknown
}

/// Who listens on a Unix socket with this path; the system does not tell.
pub fn file_owner(_path: &Path, _leader: Option<u32>) -> Ownership {
    Ownership::Unknown
}
