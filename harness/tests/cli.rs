//! What a user meets: exit codes, messages, files, for good and for bad input.
#![allow(missing_docs)]

mod common;

use std::io::BufRead as _;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use common::{PeerServer, folder, output, results, text, wait, wsspec};
use wsspec_reports::results::Outcome;

const BOUND: Duration = Duration::from_secs(60);

fn run(arguments: &[&str]) -> Output {
    let mut command = wsspec();
    command.args(arguments);
    output(command, BOUND)
}

#[track_caller]
fn ends_with(out: &Output, code: i32, word: &str) {
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "{said}");
    assert!(said.contains(word), "`{word}` is not said: {said}");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_right_server_holds_the_gate_and_leaves_its_files() {
    let peer = PeerServer::start(None);
    let out = folder("right");
    let junit = out.join("junit.xml");
    let ran = run(&[
        "run",
        &peer.url,
        "control/*",
        "--out",
        out.to_str().unwrap(),
        "--junit",
        junit.to_str().unwrap(),
        "--gate",
        "must=100%",
        "--gate",
        "should=90%",
    ]);
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
    let results = results(&out);
    assert!(results.whole());
    assert_eq!(results.end.as_ref().unwrap().gate, "held");
    assert!(results.cases.len() > 10);
    let html = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(html.contains("control/"));
    assert!(std::fs::read_to_string(junit).unwrap().contains("<testsuite"));
}

#[test]
fn a_wrong_server_breaks_the_gate() {
    let peer = PeerServer::start(Some("no-pong"));
    let out = folder("wrong");
    let ran = run(&["run", &peer.url, "2.2", "--timeout", "300ms", "--out", out.to_str().unwrap()]);
    ends_with(&ran, 1, "gate");
    let results = results(&out);
    assert_eq!(results.cases[0].outcome, Outcome::Fail);
    assert_eq!(results.end.unwrap().exit, 1);
    let ran = run(&["run", &peer.url, "2.2", "--timeout", "300ms", "--no-gate", "--out", out.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(0));
}

#[test]
fn two_runs_say_the_same() {
    let peer = PeerServer::start(None);
    let verdicts = |name: &str| {
        let out = folder(name);
        let ran = run(&["run", &peer.url, "--no-html", "--no-gate", "--out", out.to_str().unwrap()]);
        assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
        results(&out).cases.iter().map(|case| (case.case.clone(), case.outcome)).collect::<Vec<_>>()
    };
    assert_eq!(verdicts("first"), verdicts("second"));
}

#[test]
fn an_unreachable_target_is_told() {
    let url = format!("ws://127.0.0.1:{}/", free_port());
    ends_with(&run(&["run", &url, "--out", folder("gone").to_str().unwrap()]), 3, "start the server");
}

#[test]
fn a_target_that_is_no_websocket_server_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut request = [0; 2048];
            let _ = stream.read(&mut request);
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        }
    });
    ends_with(&run(&["run", &url, "--out", folder("http").to_str().unwrap()]), 3, "200");
}

#[test]
fn a_server_that_sends_nothing_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let held = std::thread::spawn(move || listener.incoming().take(4).collect::<Vec<_>>());
    let ran = run(&["run", &url, "--timeout", "500ms", "--out", folder("mute").to_str().unwrap()]);
    ends_with(&ran, 3, "no response within");
    drop(held);
}

#[test]
fn a_server_that_is_started_is_stopped_again() {
    let out = folder("start");
    let command = format!("'{}' peer server 127.0.0.1:{{port}}", env!("CARGO_BIN_EXE_wsspec"));
    let ran = run(&["run", "--start", &command, "ws://127.0.0.1:{port}/", "1.1.1", "--out", out.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let url = results(&out).run.target.url.unwrap();
    let address = url.trim_start_matches("ws://").trim_end_matches('/').to_owned();
    assert!(std::net::TcpStream::connect(address).is_err(), "the server still runs");
}

#[test]
fn a_server_that_cannot_be_started_is_told() {
    let out = folder("nostart");
    let out = out.to_str().unwrap();
    ends_with(&run(&["run", "--start", "no-such-program {port}", "--out", out]), 3, "127");
}

#[test]
fn a_port_in_use_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    ends_with(&run(&["run", "--listen", &address, "--out", folder("port").to_str().unwrap()]), 3, "another address");
}

#[test]
fn a_client_that_cannot_run_or_never_connects_is_told() {
    let out = folder("client");
    let out = out.to_str().unwrap();
    ends_with(&run(&["run", "--client", "no-such-program {url}", "--out", out]), 3, "cannot be run");
    ends_with(&run(&["run", "--client", "true {url}", "--out", out]), 3, "never connected");
    ends_with(&run(&["run", "--client", "true", "--out", out]), 2, "{url}");
}

#[test]
fn a_right_client_holds_the_gate_when_spawned() {
    let out = folder("spawned");
    let command = format!("'{}' peer client {{url}}", env!("CARGO_BIN_EXE_wsspec"));
    let ran = run(&["run", "--client", &command, "2.*", "--out", out.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
    assert!(results(&out).cases.len() >= 9);
}

#[test]
fn a_looping_client_is_served() {
    let out = folder("looping");
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = wsspec();
    command.args(["run", "--listen", &address, "2.*", "--out", out.to_str().unwrap()]);
    let harness = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while std::net::TcpStream::connect(&address).is_err() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let client = run(&["peer", "client", "--loop", &format!("ws://{address}")]);
    assert_eq!(client.status.code(), Some(0), "{}", text(&client.stderr));
    let ran = wait(harness, BOUND);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let results = results(&out);
    assert!(results.whole());
    assert_eq!(results.run.target.role, "client");
}

#[test]
fn wrong_words_are_told() {
    let out = folder("words");
    let out = out.to_str().unwrap();
    ends_with(&run(&["run", "ws://127.0.0.1:1/", "no/such/*", "--out", out]), 4, "no/such");
    ends_with(&run(&["run", "--out", out]), 2, "nothing to test");
    ends_with(&run(&["run", "http://x/", "--out", out]), 2, "ws://");
    ends_with(&run(&["run", "ws://127.0.0.1:1/", "--gate", "most=1%", "--out", out]), 2, "level");
    ends_with(&run(&["run", "ws://127.0.0.1:1/", "--timeout", "soon", "--out", out]), 2, "unit");
    ends_with(&run(&["run", "ws://127.0.0.1:1/", "--seed", "x", "--out", out]), 2, "seed");
    ends_with(&run(&["run", "ws://127.0.0.1:1/", "--header", "x", "--out", out]), 2, "Name: value");
    ends_with(&run(&["peer", "server", "--fault", "no-pang"]), 2, "no-pong");
    ends_with(&run(&["explain", "ping-pong/nothing"]), 4, "there is no case");
    ends_with(&run(&["rum"]), 2, "rum");
}

#[test]
fn results_that_cannot_be_written_are_told() {
    let folder = folder("blocked");
    std::fs::write(folder.join("file"), "").unwrap();
    let under = folder.join("file/results");
    let ran = run(&["run", "ws://127.0.0.1:1/", "1.1.1", "--out", under.to_str().unwrap()]);
    ends_with(&ran, 5, "--out");
}

#[test]
fn a_full_disk_is_told_and_the_verdicts_are_still_shown() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let peer = PeerServer::start(None);
    let out = folder("full");
    std::os::unix::fs::symlink("/dev/full", out.join("results.jsonl")).unwrap();
    let ran = run(&["run", &peer.url, "1.1.*", "--no-html", "--out", out.to_str().unwrap()]);
    ends_with(&ran, 5, "cannot write");
    assert!(text(&ran.stdout).contains("8"), "the summary is there: {}", text(&ran.stdout));
}

#[test]
fn mistakes_in_case_files_are_shown_where_they_stand() {
    let folder = folder("mistakes");
    let file = folder.join("mine.yaml");
    let case = "group: Mine\ncases:\n  - id: mine/one\n    title: One\n    level: must\n    steps:\n      - send: {txt: Hello}\n      - expect: {text: Hello}\n  - id: mine/two\n    titel: Two\n    level: must\n";
    std::fs::write(&file, case).unwrap();
    let ran = run(&["check", file.to_str().unwrap()]);
    ends_with(&ran, 2, "mine.yaml:7:");
    ends_with(&ran, 2, "^");
    // Not only the first mistake is told.
    ends_with(&ran, 2, "titel");
    std::fs::write(&file, case.replace("txt", "text").replace("titel", "title")).unwrap();
    let ran = run(&["check", file.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let peer = PeerServer::start(None);
    let out = folder.join("out");
    let ran = run(&["run", &peer.url, "mine/*", "--cases", folder.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    assert_eq!(results(&out).cases.len(), 2);
}

#[test]
fn a_malformed_configuration_is_told() {
    let folder = folder("config");
    std::fs::write(folder.join("wsspec.yaml"), "url: ws://127.0.0.1:1/\ngates: [must=100%]\n").unwrap();
    let mut command = wsspec();
    command.current_dir(&folder).args(["run"]);
    ends_with(&output(command, BOUND), 2, "gates");
}

#[test]
fn a_configuration_says_what_would_be_repeated() {
    let peer = PeerServer::start(Some("no-pong"));
    let folder = folder("config");
    let config =
        format!("url: {}\nselect: ['2.*']\nexclude: [{{case: '*', reason: all of them}}]\ntimeout: 300ms\n", peer.url);
    std::fs::write(folder.join("wsspec.yaml"), config).unwrap();
    let mut command = wsspec();
    command.current_dir(&folder).args(["run"]);
    assert_eq!(output(command, BOUND).status.code(), Some(4));
}

#[test]
fn ctrl_c_keeps_what_was_played() {
    // Every case with a ping costs its timeout, so that there is time to interrupt.
    let peer = PeerServer::start(Some("no-pong"));
    let out = folder("ctrlc");
    let mut command = wsspec();
    command.args([
        "run",
        &peer.url,
        "1.*",
        "2.*",
        "5.*",
        "--timeout",
        "2s",
        "--jobs",
        "2",
        "--out",
        out.to_str().unwrap(),
    ]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(6));
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let ran = wait(child, Duration::from_secs(10));
    ends_with(&ran, 130, "interrupted");
    let results = results(&out);
    let end = results.end.clone().unwrap();
    assert!(!end.complete);
    assert_eq!(end.exit, 130);
    assert!(results.cases.len() < results.run.selected);
    assert!(out.join("report.html").exists());
}

#[test]
fn ctrl_c_twice_ends_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut command = wsspec();
    command.args(["run", "--listen", &address.to_string(), "1.1.1", "--out", folder("twice").to_str().unwrap()]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("waiting for a client")));
    for _ in 0..2 {
        let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        std::thread::sleep(Duration::from_millis(50));
    }
    let ended = (0..500).find_map(|_| {
        std::thread::sleep(Duration::from_millis(10));
        child.try_wait().unwrap()
    });
    let _ = child.kill();
    assert_eq!(ended.and_then(|status| status.code()), Some(130));
}

#[test]
fn a_report_can_be_made_again_and_a_case_replayed() {
    let peer = PeerServer::start(Some("no-pong"));
    let out = folder("again");
    let ran = run(&["run", &peer.url, "2.2", "1.1.2", "--timeout", "300ms", "--out", out.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(1));
    let jsonl = out.join("results.jsonl");
    let html = out.join("second.html");
    let ran = run(&["report", jsonl.to_str().unwrap(), "--html", html.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    assert!(html.exists());
    let ran = run(&["replay", jsonl.to_str().unwrap(), "2.2"]);
    assert_eq!(ran.status.code(), Some(1), "{}", text(&ran.stderr));
    assert!(text(&ran.stdout).contains("ping"), "{}", text(&ran.stdout));
    let ran = run(&["replay", jsonl.to_str().unwrap(), "1.1.2"]);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
}

#[test]
fn lists_and_explanations_are_printed() {
    for (arguments, word) in [
        (vec!["list", "2.*"], "2.10"),
        (vec!["list", "--requirements"], "rfc6455-5.5.3-pong-same-data"),
        (vec!["list", "--zones"], "Z49"),
        (vec!["list", "--faults"], "no-pong"),
        (vec!["list", "--json", "1.1.1"], "\"level\""),
        (vec!["explain", "7.1.5"], "rfc-editor.org"),
        (vec!["generate", "schema"], "\"$schema\""),
        (vec!["generate", "results-schema"], "\"$schema\""),
        (vec!["--help"], "Exit codes"),
        (vec!["check"], "no errors"),
    ] {
        let ran = run(&arguments);
        assert_eq!(ran.status.code(), Some(0), "{arguments:?}: {}", text(&ran.stderr));
        assert!(text(&ran.stdout).contains(word), "{arguments:?}: {}", text(&ran.stdout));
    }
}

#[test]
fn the_kill_matrix_tells_what_sees_a_fault() {
    let out = folder("kill");
    std::fs::create_dir_all(&out).unwrap();
    let (json, html) = (out.join("kill.json"), out.join("kill.html"));
    let (json, html) = (json.to_str().unwrap(), html.to_str().unwrap());
    let ran = run(&["kill-matrix", "--fault", "no-pong", "--json", json, "--html", html, "ping-pong/*"]);
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
    assert!(text(&ran.stdout).contains("1 faults in 2 roles"), "{}", text(&ran.stdout));
    let matrix: wsspec_reports::kill::Matrix = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    assert!(matrix.faults.iter().all(|fault| fault.fails().count() > 3));
    assert!(std::fs::read_to_string(html).unwrap().contains("no-pong"));
    ends_with(&run(&["kill-matrix", "--fault", "no-pongs"]), 2, "did you mean `no-pong`?");
}
