//! Windows: what is there so far. Process groups need job objects; Unix sockets are not offered.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::process::ExitStatus;
use std::task::{Context, Poll};

use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::process::Command;

use super::{Ownership, Usage};

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

pub(super) fn usage(_leader: u32) -> Option<Usage> {
    None
}

pub(super) fn most_resident(_leader: u32) -> Option<u64> {
    None
}

pub(super) fn is_alive(_leader: u32) -> bool {
    false
}

pub(super) fn kill_group(leader: u32) {
    // The tree of processes ends with the leader, as long as the leader is there.
    let _ = std::process::Command::new("taskkill").args(["/T", "/F", "/PID", &leader.to_string()]).output();
}

/// Who listens at one of these addresses; the system does not tell.
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
