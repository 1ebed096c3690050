//! Windows: process groups are job objects. Unix sockets are not offered, and owners of ports are not read.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::process::ExitStatus;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::process::{Child, Command};
use win32job::{ExtendedLimitInfo, Job};

use super::usage::usage_of;
use super::{Ownership, Usage};

/// The job objects of the groups that are running. The system kills the members of a job when its last handle closes,
/// at any exit of the harness. A panic in another thread leaves the map as it was, which is valid.
static JOBS: Mutex<BTreeMap<u32, Job>> = Mutex::new(BTreeMap::new());

/// A shell that runs `line`.
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.arg("/C").raw_arg(line);
    command
}

/// The signal that ended a process; there are none.
pub fn signal_of(_status: ExitStatus) -> Option<String> {
    None
}

/// Whether there is a Unix socket at this path.
pub fn is_socket(_path: &Path) -> bool {
    false
}

/// A new temporary folder below that of this user.
///
/// # Errors
/// It cannot be made.
pub fn private_folder() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("wsspec-").tempdir()
}

/// What asks the harness to stop: Ctrl-C.
#[derive(Debug)]
pub struct StopSignals(tokio::signal::windows::CtrlC);

impl StopSignals {
    /// Receives Ctrl-C from now on; it no longer ends the process.
    ///
    /// # Errors
    /// The system allows no handler.
    pub fn new() -> io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        self.0.recv().await;
    }
}

/// Puts a process that was just started in a job object of its own. Processes that it starts from now on belong to it.
pub(super) fn form_group(leader: &Child, id: u32) -> io::Result<()> {
    // A process that has ended has no handle, and can no longer start others.
    let Some(handle) = leader.raw_handle() else { return Ok(()) };
    let mut limits = ExtendedLimitInfo::new();
    limits.limit_kill_on_job_close();
    let job = Job::create_with_limit_info(&limits).map_err(io::Error::other)?;
    job.assign_process(handle as isize).map_err(io::Error::other)?;
    jobs().insert(id, job);
    Ok(())
}

fn jobs() -> MutexGuard<'static, BTreeMap<u32, Job>> {
    JOBS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn members(leader: u32) -> Vec<u32> {
    let ids = jobs().get(&leader).and_then(|job| job.query_process_id_list().ok()).unwrap_or_default();
    ids.into_iter().filter_map(|id| u32::try_from(id).ok()).collect()
}

pub(super) fn usage(leader: u32) -> Option<Usage> {
    usage_of(&members(leader))
}

/// Not read: `sysinfo` has no peaks.
pub(super) fn most_resident(_leader: u32) -> Option<u64> {
    None
}

pub(super) fn is_alive(leader: u32) -> bool {
    !members(leader).is_empty()
}

/// Closes the only handle of the job object, which kills its members.
pub(super) fn kill_group(leader: u32) {
    drop(jobs().remove(&leader));
}

/// Who listens at one of these addresses; the system does not reveal it.
pub fn port_owner(_addresses: &[SocketAddr], _leader: Option<u32>) -> Ownership {
    Ownership::Unknown
}

/// Who listens on a Unix socket with this path; there are none.
pub fn file_owner(_path: &Path, _leader: Option<u32>) -> Ownership {
    Ownership::Unknown
}

/// A connection over a Unix socket, which cannot be made here.
#[derive(Debug)]
pub enum LocalStream {}

/// A listening Unix socket, which cannot be made here.
#[derive(Debug)]
pub enum LocalListener {}

fn unsupported<T>() -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "Unix sockets are not supported on this system"))
}

impl LocalStream {
    /// Connects.
    ///
    /// # Errors
    /// Always.
    pub async fn connect(_path: &Path) -> io::Result<Self> {
        unsupported()
    }
}

impl LocalListener {
    /// Listens.
    ///
    /// # Errors
    /// Always.
    pub fn bind(_path: &Path) -> io::Result<Self> {
        unsupported()
    }

    /// Waits for a connection.
    ///
    /// # Errors
    /// Never called: there is no listener.
    pub async fn accept(&self) -> io::Result<(LocalStream, ())> {
        match *self {}
    }
}

impl AsyncRead for LocalStream {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}

impl AsyncWrite for LocalStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match *self {}
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}
