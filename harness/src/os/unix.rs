//! What all systems of the Unix family have in common: the shell, process groups, signals and Unix sockets.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal as SignalStream, SignalKind, signal};

pub use tokio::net::{UnixListener as LocalListener, UnixStream as LocalStream};

/// A shell that runs `line` as the leader of a process group of its own. A plain command takes its place.
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(with_exec(line)).process_group(0);
    command
}

/// A plain command replaces the shell (`exec`), so that the signals and exit codes are its own.
fn with_exec(command: &str) -> String {
    if command.contains([';', '&', '|', '(', '{', '\n']) {
        return command.to_owned();
    }
    // Variables come first: `LEVEL=debug exec node server.js`.
    let mut at = command.len() - command.trim_start().len();
    while let Some(word) = command.get(at..).and_then(|rest| rest.split_whitespace().next()) {
        let Some((name, value)) = word.split_once('=') else { break };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            break;
        }
        if value.contains(['"', '\'', '\\', '`']) {
            return command.to_owned();
        }
        let end = at + word.len();
        at = command.get(end..).map_or(end, |rest| end + rest.len() - rest.trim_start().len());
    }
    let (variables, program) = command.split_at(at.min(command.len()));
    format!("{variables}exec {program}")
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

/// The group was formed when the process was started.
pub(super) fn form_group(_leader: &Child, _id: u32) -> io::Result<()> {
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_command_replaces_the_shell_after_its_variables() {
        for (command, line) in [
            ("node server.js 9001", "exec node server.js 9001"),
            ("A=1 B_2= node server.js", "A=1 B_2= exec node server.js"),
            ("./serve --port=9001", "exec ./serve --port=9001"),
            ("--a=b", "exec --a=b"),
            ("A='x y' node server.js", "A='x y' node server.js"),
            ("cd x && node server.js", "cd x && node server.js"),
        ] {
            assert_eq!(with_exec(command), line);
        }
    }
}
