//! What all systems of the Unix family have in common: the shell, process groups, signals and Unix sockets.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::signal::unix::{Signal as SignalStream, SignalKind, signal};

pub use tokio::net::{UnixListener as LocalListener, UnixStream as LocalStream};

/// A shell that runs `line` as the leader of a process group of its own.
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line).process_group(0);
    command
}

/// The signals that programs are killed by, with their usual names. The numbers differ between systems.
const NAMES: [(Signal, &str); 14] = [
    (Signal::HUP, "SIGHUP"),
    (Signal::INT, "SIGINT"),
    (Signal::QUIT, "SIGQUIT"),
    (Signal::ILL, "SIGILL"),
    (Signal::TRAP, "SIGTRAP"),
    (Signal::ABORT, "SIGABRT"),
    (Signal::BUS, "SIGBUS"),
    (Signal::FPE, "SIGFPE"),
    (Signal::KILL, "SIGKILL"),
    (Signal::SEGV, "SIGSEGV"),
    (Signal::PIPE, "SIGPIPE"),
    (Signal::ALARM, "SIGALRM"),
    (Signal::TERM, "SIGTERM"),
    (Signal::SYS, "SIGSYS"),
];

/// The signal that ended a process, such as `signal 6 (SIGABRT)`.
pub fn signal_of(status: ExitStatus) -> Option<String> {
    let number = status.signal()?;
    Some(match NAMES.iter().find(|(signal, _)| signal.as_raw() == number) {
        Some((_, name)) => format!("signal {number} ({name})"),
        None => format!("signal {number}"),
    })
}

/// Whether there is a Unix socket at this path.
pub fn is_socket(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket())
}

/// A new temporary folder that only this user may enter.
///
/// # Errors
/// It cannot be made.
pub fn private_folder() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("wsspec-").permissions(Permissions::from_mode(0o700)).tempdir()
}

/// The signals that ask the harness to stop: SIGINT (Ctrl-C), SIGTERM and SIGHUP.
#[derive(Debug)]
pub struct StopSignals {
    interrupt: SignalStream,
    terminate: SignalStream,
    hang_up: SignalStream,
}

impl StopSignals {
    /// Receives the signals from now on; they no longer end the process.
    ///
    /// # Errors
    /// The system allows no handler.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next of them.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

pub(super) fn pid_of(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}

/// Sends SIGKILL to a process group.
pub(super) fn signal_group(leader: u32) {
    if let Some(group) = pid_of(leader) {
        // Its members may have ended by themselves.
        let _ = kill_process_group(group, Signal::KILL);
    }
}
