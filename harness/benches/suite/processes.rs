//! Processes and what they cost.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn wsspec(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsspec"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A program's command from the interop list, when it is installed.
pub fn program(name: &str, role: &str) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(root().join("harness/tests/interop/programs.json")).ok()?;
    let programs: serde_json::Value = serde_json::from_str(&text).ok()?;
    let entry = programs.as_array()?.iter().find(|program| program["name"] == name)?;
    if !root().join(".interop").exists() {
        println!("{name} is not installed: `harness/tests/interop/setup.sh {name}`");
        return None;
    }
    Some(entry[role].as_array()?.iter().filter_map(|word| Some(word.as_str()?.to_owned())).collect())
}

/// Starts a command with `from` replaced.
pub fn spawn(command: &[String], from: &str, to: &str) -> Child {
    let words: Vec<String> = command.iter().map(|word| word.replace(from, to).replace("{agent}", "bench")).collect();
    let (first, rest) = words.split_first().expect("a command");
    Command::new(first)
        .args(rest)
        .env("INTEROP_DEFLATE", "1")
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts")
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// Waits until something listens.
pub fn listening(address: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(address).is_err() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// User and system time of a process so far, in milliseconds.
pub fn cpu(pid: u32) -> f64 {
    ticks(&format!("/proc/{pid}/stat"), 13)
}

/// The same of all children that have ended.
pub fn children() -> f64 {
    ticks("/proc/self/stat", 15)
}

fn ticks(path: &str, first: usize) -> f64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let behind = text.rsplit(')').next().unwrap_or_default();
    let words: Vec<&str> = behind.split_whitespace().collect();
    let ticks = |at: usize| words.get(at - 2).and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(first) + ticks(first + 1)) * 10.0
}

/// The most memory that a process held so far, in mebibytes.
pub fn peak(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// Watches a process until it has ended; the most memory that it held.
pub fn watch_peak(pid: u32) -> std::thread::JoinHandle<f64> {
    std::thread::spawn(move || {
        let mut most = 0.0_f64;
        loop {
            // One that has ended shows none.
            match peak(pid) {
                0.0 => return most,
                now => most = most.max(now),
            }
            std::thread::sleep(Duration::from_millis(3));
        }
    })
}
