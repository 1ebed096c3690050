//! A program that the harness starts, watches and stops, together with all processes that it starts.

use std::collections::VecDeque;
use std::fmt;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;
use tokio::task::JoinSet;

use crate::os::{ProcessGroup, Usage, shell, signal_of};

/// How many of its last lines are kept.
const LINES: usize = 20;
/// How much of one line is kept, in bytes.
const LINE_BYTES: usize = 400;
/// How long lines that a program has written may take to arrive after its end.
const LAST_LINES: Duration = Duration::from_millis(20);
/// How long a killed program may take to end.
const KILLED: Duration = Duration::from_secs(5);

/// A running program and the processes that it started, with the last lines of its output. The drop kills them all.
#[derive(Debug)]
pub struct Process {
    child: Child,
    group: ProcessGroup,
    lines: Lines,
    /// The tasks that read its output; they end with this.
    _readers: JoinSet<()>,
}

/// The last lines of a program's output. A panic in a reader leaves them valid.
type Lines = Arc<Mutex<VecDeque<String>>>;

/// Why a program cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// There is no shell, or the system lacks resources.
    #[error("cannot start `{command}`: {source}")]
    Start {
        /// The command.
        command: String,
        /// What the operating system reports.
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
    /// Whether it crashed: a signal killed it, or it reports a panic.
    pub crashed: bool,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.how)?;
        if self.last_lines.is_empty() {
            return Ok(());
        }
        write!(f, "; its last output: {}", self.last_lines.join(" | "))
    }
}

impl Process {
    /// Starts a shell command in a process group of its own.
    ///
    /// # Errors
    /// The shell cannot be started. A command that does not exist ends at once with exit code 127.
    pub fn start(command: &str) -> Result<Self, ProcessError> {
        let failed = |source| ProcessError::Start { command: command.to_owned(), source };
        let mut child = shell(command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let group = ProcessGroup::new(&child).map_err(failed)?;
        let lines = Lines::default();
        let mut readers = JoinSet::new();
        if let Some(pipe) = child.stderr.take() {
            readers.spawn(keep_lines(pipe, Arc::clone(&lines)));
        }
        if let Some(pipe) = child.stdout.take() {
            readers.spawn(keep_lines(pipe, Arc::clone(&lines)));
        }
        Ok(Self { child, group, lines, _readers: readers })
    }

    /// The id of its process group.
    pub fn group(&self) -> u32 {
        self.group.id()
    }

    /// What it and its children have used so far, where the system reveals it.
    pub fn usage(&self) -> Option<Usage> {
        self.group.usage()
    }

    /// The most memory that it and its children have had resident so far, in bytes, where the system reveals it.
    pub fn most_resident(&self) -> Option<u64> {
        self.group.most_resident()
    }

    /// Whether a line of its output contains one of these words, in any letter case.
    pub fn has_written(&self, words: &[&str]) -> bool {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().any(|line| words.iter().any(|word| line.to_ascii_lowercase().contains(word)))
    }

    /// Its exit status, if it has ended. Its children may still run.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// How it ended, if it has.
    pub async fn ended(&mut self) -> Option<Death> {
        let status = self.exit_status()?;
        Self::last_lines_arrive().await;
        Some(self.death(status))
    }

    /// Waits a moment, so that the last lines of a process that has ended are read.
    pub async fn last_lines_arrive() {
        tokio::time::sleep(LAST_LINES).await;
    }

    /// Whether processes of its group run that it started itself, after its own end.
    pub fn has_children(&self) -> bool {
        self.group.is_alive()
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> Option<Death> {
        let status = self.child.wait().await.ok()?;
        Some(self.death(status))
    }

    /// Kills it and its children, and waits until they have ended.
    pub async fn stop(mut self) {
        self.group.kill();
        let _ = self.child.start_kill();
        let _ = tokio::time::timeout(KILLED, self.child.wait()).await;
        self.group.ended().await;
    }

    /// How it ended, from its exit status.
    pub fn death(&self, status: ExitStatus) -> Death {
        death(status, &self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn death(status: ExitStatus, lines: &VecDeque<String>) -> Death {
    let signal = signal_of(status);
    let how = match (&signal, status.code()) {
        (Some(signal), _) => format!("killed by {signal}"),
        (None, Some(code)) => format!("ended with exit code {code}"),
        (None, None) => "ended".to_owned(),
    };
    let has = |word: &str| lines.iter().any(|line| line.contains(word));
    // The exit codes of a panic in Rust and in Go. An interpreter's exception looks like an error that is reported.
    let panicked = match status.code() {
        Some(101) => has("panicked at"),
        Some(2) => has("goroutine "),
        _ => false,
    };
    Death { how, crashed: signal.is_some() || panicked, code: status.code(), last_lines: last_words(lines) }
}

/// The last five lines; after a panic the lines from its message on, which a backtrace may follow.
fn last_words(lines: &VecDeque<String>) -> Vec<String> {
    let from = lines.iter().position(|line| line.contains("panicked at") || line.starts_with("panic: "));
    let from = from.unwrap_or(lines.len().saturating_sub(5));
    lines.iter().skip(from).take(5).cloned().collect()
}

/// Reads a pipe to its end, so that the program never blocks on it, and keeps the last lines.
async fn keep_lines(pipe: impl tokio::io::AsyncRead + Unpin, lines: Lines) {
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without an end is read in pieces.
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

    #[tokio::test]
    async fn variables_reach_the_program() {
        let mut process = Process::start("A=7 sh -c 'exit $A'").unwrap();
        assert_eq!(process.wait().await.unwrap().code, Some(7));
    }

    /// Waits until a condition holds, for at most five seconds.
    async fn holds(mut condition: impl FnMut() -> bool) -> bool {
        for _ in 0..500 {
            if condition() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    #[tokio::test]
    async fn a_child_ends_with_its_group_when_the_leader_has_ended() {
        let mut process = Process::start("sleep 100 & echo started").unwrap();
        assert_eq!(process.wait().await.unwrap().code, Some(0));
        assert!(process.has_children());
        let group = ProcessGroup::led_by(process.group());
        drop(process);
        assert!(holds(|| !group.is_alive()).await, "the child still runs");
    }

    #[tokio::test]
    async fn a_panic_ends_a_process_and_its_children() {
        let process = Process::start("sh -c 'sleep 100 & wait' & wait").unwrap();
        let group = ProcessGroup::led_by(process.group());
        assert!(group.is_alive());
        let panics = tokio::spawn(async move {
            let _process = process;
            panic!("a bug of the harness");
        });
        assert!(panics.await.unwrap_err().is_panic());
        assert!(holds(|| !group.is_alive()).await, "the children still run");
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn memory_and_cpu_are_those_of_the_whole_group() {
        // The wrapper needs next to nothing; its grandchildren keep 60 MB and compute.
        let line = "sh -c '(head -c 60000000 /dev/zero; sleep 100) | tail > /dev/null & while :; do :; done' & wait";
        let process = Process::start(line).unwrap();
        let used = || process.usage().unwrap_or_default();
        assert!(holds(|| used().resident > 60_000_000).await, "{:?}", used());
        assert!(holds(|| used().cpu > Duration::from_millis(100)).await, "{:?}", used());
        assert!(process.most_resident().unwrap() > 60_000_000);
        process.stop().await;
    }
}
