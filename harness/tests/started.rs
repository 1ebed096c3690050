//! Servers that the harness starts: the server that is tested is the one that was started, and nothing of it is left over.
#![allow(missing_docs)]

mod common;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{PeerServer, ends_with, folder, output, text, wait, wsspec};

const BOUND: Duration = Duration::from_secs(60);
const PEER: &str = env!("CARGO_BIN_EXE_wsspec");

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn an_old_server_on_the_port_is_refused_by_name() {
    let old = PeerServer::start(None);
    let port = old.url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    // The command would fail by itself; one that does not, such as a wrapper, must not hide the old server.
    for start in [format!("'{PEER}' peer server 127.0.0.1:{port}"), "sleep 60".to_owned()] {
        let (said, out) = ends_with(&["run", &old.url, "--start", &start, "1.1.1"], 3);
        let expected = if cfg!(target_os = "linux") {
            format!("port {port} is already in use by wsspec (pid {}): stop it or choose another port", old.id())
        } else {
            format!("port {port} is already in use")
        };
        assert!(said.contains(&expected), "{said}");
        assert!(!said.contains("pass"), "{said}");
        drop(out);
    }
}

#[test]
fn an_old_server_on_the_unix_socket_is_refused() {
    let socket = folder("socket").join("s");
    let _old = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let said = ends_with(&["run", &format!("unix:{}", socket.display()), "--start", "sleep 60", "1.1.1"], 3).0;
    assert!(said.contains(&format!("{} is already in use", socket.display())), "{said}");
    if cfg!(target_os = "linux") {
        assert!(said.contains(&format!("(pid {})", std::process::id())), "{said}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_listener_that_is_not_of_the_started_group_is_refused() {
    let port = free_port();
    let started = folder("started").join("yes");
    let late = started.clone();
    std::thread::spawn(move || {
        while !late.exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        listener.incoming().for_each(drop);
    });
    let start = format!("touch '{}'; sleep 60", started.display());
    let said = ends_with(&["run", &format!("ws://127.0.0.1:{port}/"), "--start", &start, "1.1.1"], 3).0;
    assert!(said.contains(&format!("port {port} belongs to another process")), "{said}");
    assert!(said.contains(&format!("(pid {})", std::process::id())), "{said}");
}

#[test]
fn a_server_that_reports_that_its_port_is_in_use_is_not_tested() {
    let (said, _) = ends_with(&["run", "--start", "echo EADDRINUSE >&2; exit 1", "1.1.1"], 3);
    assert!(said.contains("EADDRINUSE") && said.contains("ended with exit code 1"), "{said}");
}

/// A shell command that starts a peer in the background and writes its process id to a file.
fn background(pid: &Path) -> String {
    format!("'{PEER}' peer server 127.0.0.1:{{port}} & echo $! > '{}'", pid.display())
}

/// Whether the process whose id this file has is gone, or will be soon. A zombie has ended.
fn is_gone(pid: &Path) -> bool {
    let pid = std::fs::read_to_string(pid).expect("the child was started");
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(5) {
        let state = Command::new("ps").args(["-o", "stat=", "-p", pid.trim()]).output().expect("ps runs");
        let state = text(&state.stdout);
        if state.trim().is_empty() || state.trim_start().starts_with('Z') {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn a_command_that_leaves_its_child_on_the_port_is_refused_and_the_child_is_killed() {
    let pid = folder("left").join("pid");
    let (said, _) = ends_with(&["run", "--start", &background(&pid), "1.1.1"], 3);
    assert!(said.contains("in the background: let it run in the foreground"), "{said}");
    assert!(is_gone(&pid), "the child still runs");
}

#[test]
fn an_unknown_placeholder_is_an_error_with_a_hint() {
    for arguments in [
        &["run", "--start", "serve {prot}", "1.1.1"][..],
        &["run", "--start", "serve {port}", "ws://127.0.0.1:{prot}/", "1.1.1"],
    ] {
        let said = ends_with(arguments, 2).0;
        assert!(said.contains("`{prot}`") && said.contains("did you mean `{port}`?"), "{said}");
    }
    let said = ends_with(&["run", "--client", "call {uri} {url}", "1.1.1"], 2).0;
    assert!(said.contains("`{uri}`") && said.contains("did you mean `{url}`?"), "{said}");
}

#[test]
fn the_children_of_a_wrapper_end_with_the_run() {
    let pid = folder("wrapper").join("pid");
    let start = format!("sh -c \"{}; wait\"", background(&pid).replace('$', "\\$"));
    ends_with(&["run", "--start", &start, "1.1.*"], 0);
    assert!(is_gone(&pid), "the grandchild still runs");
}

/// Sends signals to a run that is under way; its exit code, and whether the grandchild of its wrapper is gone.
fn signalled(name: &str, signals: &[&str]) -> (Option<i32>, bool) {
    let out = folder(name);
    let pid = out.join("pid");
    let mut command = wsspec();
    let start = format!("sh -c \"{}; wait\"", background(&pid).replace('$', "\\$"));
    command.args(["run", "--start", &start, "--jobs", "1", "--no-html", "--out"]).arg(&out);
    let run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The header is written after the probe.
    let header = || std::fs::metadata(out.join("results.jsonl")).is_ok_and(|file| file.len() > 0);
    while !header() {
        std::thread::sleep(Duration::from_millis(10));
    }
    for signal in signals {
        let mut kill = Command::new("kill");
        kill.args([*signal, &run.id().to_string()]);
        assert!(output(kill, BOUND).status.success());
    }
    let ran = wait(run, BOUND);
    (ran.status.code(), is_gone(&pid))
}

#[test]
fn the_children_of_a_wrapper_end_after_every_signal() {
    for (name, signals) in
        [("int", &["-INT"][..]), ("term", &["-TERM"]), ("hup", &["-HUP"]), ("twice", &["-INT", "-TERM"])]
    {
        assert_eq!(signalled(name, signals), (Some(130), true), "{name}");
    }
}
