//! A program that we start, watch and stop.

use std::collections::VecDeque;
use std::fmt;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How many of its last lines are kept.
const LINES: usize = 20;
/// How much of one line is kept, in bytes.
const LINE_BYTES: usize = 400;

/// A running program, with the last lines of what it wrote.
#[derive(Debug)]
pub struct Process {
    child: Child,
    lines: Arc<Mutex<VecDeque<String>>>,
}

/// What a process has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Its CPU time.
    pub cpu: Duration,
    /// Its resident memory, in bytes.
    pub resident: u64,
}

impl Usage {
    #[cfg(target_os = "linux")]
    fn of(pid: u32) -> Option<Self> {
        let stat = procfs::process::Process::new(i32::try_from(pid).ok()?).ok()?.stat().ok()?;
        let ticks = stat.utime + stat.stime;
        let cpu = Duration::from_millis(ticks * 1000 / procfs::ticks_per_second().max(1));
        Some(Self { cpu, resident: stat.rss * procfs::page_size() })
    }

    #[cfg(not(target_os = "linux"))]
    fn of(_pid: u32) -> Option<Self> {
        None
    }

    /// The most memory that a process has had resident, in bytes.
    #[cfg(target_os = "linux")]
    fn most_resident(pid: u32) -> Option<u64> {
        let status = procfs::process::Process::new(i32::try_from(pid).ok()?).ok()?.status().ok()?;
        status.vmhwm.map(|kibibytes| kibibytes << 10)
    }

    #[cfg(not(target_os = "linux"))]
    fn most_resident(_pid: u32) -> Option<u64> {
        None
    }
}

/// Why a program cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The shell is not there, or the system has no room.
    #[error("cannot start `{command}`: {source}")]
    Start {
        /// The command.
        command: String,
        /// What the system says.
        source: std::io::Error,
    },
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// The signal that killed it, or its exit code, in words.
    pub how: String,
    /// Its exit code, where it had one.
    pub code: Option<i32>,
    /// The last lines that it wrote.
    pub last_lines: Vec<String>,
    /// Whether it crashed: a signal killed it, or it says that it panicked.
    pub crashed: bool,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.how)?;
        match self.last_lines.last() {
            Some(_) => write!(f, "; its last words: {}", self.last_lines.join(" | ")),
            None => Ok(()),
        }
    }
}

impl Process {
    /// Starts a shell command in a process group of its own.
    ///
    /// # Errors
    /// When the shell cannot be started. A command that is not there ends at once with exit code 127.
    pub fn start(command: &str) -> Result<Self, ProcessError> {
        let line = in_the_shells_place(command);
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(&line)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| ProcessError::Start { command: command.to_owned(), source })?;
        let lines = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(pipe) = child.stderr.take() {
            tokio::spawn(keep_lines(pipe, Arc::clone(&lines)));
        }
        if let Some(pipe) = child.stdout.take() {
            tokio::spawn(keep_lines(pipe, Arc::clone(&lines)));
        }
        Ok(Self { child, lines })
    }

    /// What it has used so far, where the system tells.
    pub fn usage(&self) -> Option<Usage> {
        Usage::of(self.child.id()?)
    }

    /// The most memory that it has had resident so far, in bytes, where the system tells.
    pub fn most_resident(&self) -> Option<u64> {
        Usage::most_resident(self.child.id()?)
    }

    /// How it ended, when it has.
    pub async fn ended(&mut self) -> Option<Death> {
        let status = self.child.try_wait().ok().flatten()?;
        // The pipes' last lines may still be under way.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some(self.death(status))
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> Option<Death> {
        let status = self.child.wait().await.ok()?;
        Some(self.death(status))
    }

    /// Ends it and all that it started.
    pub async fn stop(mut self) {
        self.kill();
        let _ = tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await;
    }

    fn kill(&mut self) {
        let group = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.start_kill();
    }

    fn death(&self, status: ExitStatus) -> Death {
        use std::os::unix::process::ExitStatusExt as _;
        let how = match (status.signal(), status.code()) {
            (Some(signal), _) => format!("killed by signal {signal}{}", name_of(signal)),
            (None, Some(code)) => format!("ended with exit code {code}"),
            (None, None) => "ended".to_owned(),
        };
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let says = |word: &str| lines.iter().any(|line| line.contains(word));
        // The exit codes of a panic in Rust and in Go. An exception of an interpreter is not told from an error that is shown.
        let panicked = match status.code() {
            Some(101) => says("panicked at"),
            Some(2) => says("goroutine "),
            _ => false,
        };
        Death {
            how,
            crashed: status.signal().is_some() || panicked,
            code: status.code(),
            last_lines: last_words(&lines),
        }
    }
}

/// A plain command takes the shell's place, so that signals and exit codes are its own.
fn in_the_shells_place(command: &str) -> String {
    if command.contains([';', '&', '|', '(', '{', '\n']) {
        return command.to_owned();
    }
    // Variables are set in front of it: `LEVEL=debug exec node server.js`.
    let mut at = command.len() - command.trim_start().len();
    while let Some(word) = command.get(at..).and_then(|rest| rest.split_whitespace().next()) {
        let Some((name, value)) = word.split_once('=') else { break };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            break;
        }
        if value.contains(['"', '\'', '\\', '`']) {
            return command.to_owned();
        }
        let behind = at + word.len();
        at = command.get(behind..).map_or(behind, |rest| behind + rest.len() - rest.trim_start().len());
    }
    let (variables, program) = command.split_at(at.min(command.len()));
    format!("{variables}exec {program}")
}

/// The last five lines; of a panic those that say what it was, which a backtrace may follow.
fn last_words(lines: &VecDeque<String>) -> Vec<String> {
    let from = lines.iter().position(|line| line.contains("panicked at") || line.starts_with("panic: "));
    let from = from.unwrap_or(lines.len().saturating_sub(5));
    lines.iter().skip(from).take(5).cloned().collect()
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

const fn name_of(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL)",
        6 => " (SIGABRT)",
        7 => " (SIGBUS)",
        8 => " (SIGFPE)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        _ => "",
    }
}

/// Reads a pipe to its end, so that the program never waits for us, and keeps the last lines.
async fn keep_lines(pipe: impl tokio::io::AsyncRead + Unpin, lines: Arc<Mutex<VecDeque<String>>>) {
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without end is taken in pieces.
        let mut limited = tokio::io::AsyncReadExt::take(&mut reader, 16 << 10);
        match limited.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(line.get(..line.len().min(LINE_BYTES)).unwrap_or_default());
        let text = text.trim_end().to_owned();
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_command_takes_the_shells_place_behind_its_variables() {
        for (command, line) in [
            ("node server.js 9001", "exec node server.js 9001"),
            ("A=1 B_2= node server.js", "A=1 B_2= exec node server.js"),
            ("./serve --port=9001", "exec ./serve --port=9001"),
            ("--a=b", "exec --a=b"),
            ("A='x y' node server.js", "A='x y' node server.js"),
            ("cd x && node server.js", "cd x && node server.js"),
        ] {
            assert_eq!(in_the_shells_place(command), line);
        }
    }

    #[tokio::test]
    async fn variables_reach_the_program() {
        let mut process = Process::start("A=7 sh -c 'exit $A'").unwrap();
        assert_eq!(process.wait().await.unwrap().code, Some(7));
    }
}
