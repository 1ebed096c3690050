//! Runs that end early: what is on disk then, and which processes are left.
#![allow(missing_docs)]
#![cfg(unix)]

mod common;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{PeerServer, folder, output, results, text, wait, wsspec};

const BOUND: Duration = Duration::from_secs(60);

fn start(arguments: &[&str], out: &Path) -> Child {
    let mut command = wsspec();
    command.args(arguments).arg("--out").arg(out);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Waits until the results have so many lines.
fn wait_for_lines(out: &Path, lines: usize) {
    wait_until(|| std::fs::read_to_string(out.join("results.jsonl")).is_ok_and(|text| text.lines().count() >= lines));
}

fn wait_until(done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < BOUND, "not after {BOUND:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The run ended as one that was interrupted, with complete files.
#[track_caller]
fn is_interrupted(child: Child, out: &Path) -> wsspec_reports::read::Results {
    let ran = wait(child, Duration::from_secs(15));
    assert_eq!(ran.status.code(), Some(130), "{}", text(&ran.stderr));
    let results = results(out);
    let end = results.end.clone().expect("an end line");
    assert!(!end.complete && !results.truncated);
    assert_eq!((end.exit, end.stopped.as_deref()), (130, Some("interrupted")));
    let html = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(html.contains("interrupted"), "the report does not say that the run was interrupted");
    results
}

#[test]
fn after_kill_9_the_results_of_finished_cases_are_there() {
    // The first case with a ping runs into its timeout while the others finish.
    let peer = PeerServer::start(Some("no-pong"));
    let out = folder("kill9");
    let run = ["run", &peer.url, "2.2", "1.1.*", "--timeout", "20s", "--jobs", "2", "--delivery", "whole"];
    let mut child = start(&run, &out);
    wait_for_lines(&out, 7);
    signal(&child, "-KILL");
    let _ = child.wait();
    let results = results(&out);
    assert!(results.truncated && results.cases.len() >= 6, "{} cases", results.cases.len());
    assert!(results.cases.iter().all(|case| case.number.is_some()));
    let numbers: Vec<_> = results.cases.iter().map(|case| case.number).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
}

#[test]
fn sigterm_in_the_probe_leaves_complete_files() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let out = folder("probe");
    let child = start(&["run", &url, "1.1.*", "--timeout", "30s"], &out);
    // The probe waits for an answer.
    let _held = listener.accept().unwrap();
    signal(&child, "-TERM");
    assert!(is_interrupted(child, &out).cases.is_empty());
}

#[test]
fn sigterm_while_the_server_starts_leaves_no_process() {
    let out = folder("starting");
    let file = out.join("pid");
    let command = format!("sh -c 'echo $$ > {}; exec sleep 300' {{port}}", file.display());
    let child = start(&["run", "--start", &command, "1.1.*"], &out);
    wait_until(|| std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')));
    signal(&child, "-TERM");
    is_interrupted(child, &out);
    let pid = std::fs::read_to_string(&file).unwrap();
    wait_until(|| !Path::new(&format!("/proc/{}", pid.trim())).exists());
}

#[test]
fn sighup_in_the_middle_of_a_run_leaves_complete_files() {
    let peer = PeerServer::start(Some("no-pong"));
    let out = folder("hangup");
    let run = ["run", &peer.url, "1.*", "2.*", "5.*", "--timeout", "5s", "--jobs", "2"];
    let child = start(&run, &out);
    wait_for_lines(&out, 3);
    signal(&child, "-HUP");
    let results = is_interrupted(child, &out);
    assert!(!results.cases.is_empty() && results.cases.len() < results.run.selected);
}

#[test]
fn a_run_whose_target_is_gone_replaces_the_older_report() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let out = folder("gone");
    let (html, junit) = (out.join("report.html"), out.join("junit.xml"));
    std::fs::write(&html, "an older report").unwrap();
    let mut command = wsspec();
    let url = format!("ws://127.0.0.1:{port}/");
    command.args(["run", &url, "1.1.*", "--junit", junit.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let ran = output(command, BOUND);
    assert_eq!(ran.status.code(), Some(3), "{}", text(&ran.stderr));
    let page = std::fs::read_to_string(&html).unwrap();
    assert!(!page.contains("an older report") && page.contains("cannot connect"));
    assert!(std::fs::read_to_string(&junit).unwrap().contains("cannot connect"));
    let results = results(&out);
    assert_eq!(results.end.map(|end| (end.exit, end.complete)), Some((3, false)));
    // Without a page of its own, a run leaves none of another.
    std::fs::write(&html, "an older report").unwrap();
    let mut command = wsspec();
    command.args(["run", &url, "1.1.*", "--no-html", "--out", out.to_str().unwrap()]);
    assert_eq!(output(command, BOUND).status.code(), Some(3));
    assert!(!html.exists());
}
