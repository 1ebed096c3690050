//! What the end-to-end tests share.

#![allow(dead_code, missing_docs)]

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use wsspec_reports::read::{Results, read};

pub mod accept_handshake;

/// The `wsspec` command.
pub fn wsspec() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsspec"));
    command.env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// A program of `harness/examples`. `cargo test` builds them all; a single test does not.
pub fn example(name: &str) -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_BIN_EXE_wsspec"));
    path.pop();
    path.push("examples");
    path.push(name);
    if !path.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "-p", "wsspec", "--example", name]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        assert!(build.status().is_ok_and(|status| status.success()), "{name} cannot be built");
    }
    path
}

/// A fresh folder for one test. The next run takes it again, so that runs leave no more than one behind.
pub fn folder(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}-{number}", env!("CARGO_CRATE_NAME")));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder for the test");
    path
}

/// Runs `wsspec` with these arguments into a fresh folder, and looks at its exit code. What it said, and the folder.
#[track_caller]
pub fn ends_with(arguments: &[&str], code: i32) -> (String, PathBuf) {
    let out = folder("run");
    let mut command = wsspec();
    command.args(arguments).arg("--out").arg(&out);
    let ran = output(command, Duration::from_secs(120));
    let said = format!("{}{}", text(&ran.stdout), text(&ran.stderr));
    assert_eq!(ran.status.code(), Some(code), "{said}");
    (said, out)
}

/// Runs a command with a bound on its time.
pub fn output(mut command: Command, bound: Duration) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
    wait(child, bound)
}

/// Waits for a child with a bound on its time.
pub fn wait(mut child: Child, bound: Duration) -> Output {
    let started = Instant::now();
    // The pipes are read by threads, so that a chatty child never waits for us.
    let mut stdout = child.stdout.take().expect("piped");
    let mut stderr = child.stderr.take().expect("piped");
    let out = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = std::io::Read::read_to_end(&mut stdout, &mut text);
        text
    });
    let err = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = std::io::Read::read_to_end(&mut stderr, &mut text);
        text
    });
    loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            return Output { status, stdout: out.join().unwrap(), stderr: err.join().unwrap() };
        }
        if started.elapsed() > bound {
            let _ = child.kill();
            panic!("not over after {bound:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// What a run wrote.
pub fn results(out: &std::path::Path) -> Results {
    let file = std::fs::File::open(out.join("results.jsonl")).expect("results.jsonl is there");
    read(std::io::BufReader::new(file)).expect("results.jsonl can be read")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A peer server in a process of its own.
pub struct PeerServer {
    child: Child,
    pub url: String,
}

impl PeerServer {
    pub fn start(fault: Option<&str>) -> Self {
        let mut command = wsspec();
        command.args(["peer", "server", "127.0.0.1:0"]);
        if let Some(fault) = fault {
            command.args(["--fault", fault]);
        }
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the peer starts");
        let mut line = String::new();
        let stderr = child.stderr.take().expect("piped");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stderr), &mut line)
            .expect("the peer says where it is");
        let url = line.trim().rsplit(' ').next().expect("a URL").to_owned();
        assert!(url.starts_with("ws://"), "the peer says `{line}`");
        Self { child, url }
    }
}

impl PeerServer {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for PeerServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
