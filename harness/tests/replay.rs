//! `wsspec replay` gives the outcome of the run, from the results alone.
#![allow(missing_docs)]

mod common;

use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use common::{PeerServer, folder, output, results, text, wsspec};
use tokio_util::sync::CancellationToken;
use wsspec::run::{Replay, Target};
use wsspec::targets::{CommandPlaceholders, Server, Spawner};
use wsspec_reports::read::Results;
use wsspec_reports::results::{CaseResult, Outcome};

const BOUND: Duration = Duration::from_secs(180);

/// Faults of different areas, each with cases that see it.
const FAULTS: [(&str, &str); 16] = [
    ("no-pong", "ping-pong/*"),
    ("pong-wrong", "2.*"),
    ("close-ignored", "7.*"),
    ("no-close-reply", "7.1.*"),
    ("sends-1005", "7.*"),
    ("takes-rsv1", "3.*"),
    ("takes-any-rsv", "3.*"),
    ("skips-reserved-data-opcodes", "4.*"),
    ("long-control-taken", "2.*"),
    ("fragmented-control-taken", "5.*"),
    ("stray-continuation-taken", "5.*"),
    ("utf8-unchecked", "6.3.*"),
    ("text-cut-at-nul", "*utf8*"),
    ("sends-long-length-form", "1.*"),
    ("tcp-left-open", "7.1.*"),
    ("goes-on-after-failing", "framing/*"),
];

fn run(arguments: &[&str]) -> Output {
    let mut command = wsspec();
    command.args(arguments);
    output(command, BOUND)
}

fn failures(results: &Results) -> Vec<&CaseResult> {
    let broken = |case: &&CaseResult| case.outcome == Outcome::Fail && !case.is_of_whole_run();
    results.cases.iter().filter(broken).collect()
}

/// Replays all failures against the target that `open` makes, and compares the outcomes; how many there were.
async fn all_reproduce<R>(results: &Results, open: impl Fn(wsspec::play::Settings) -> R) -> usize
where
    R: Future<Output = Arc<dyn Target>>,
{
    let mut other = Vec::new();
    let failures = failures(results);
    for failure in &failures {
        let replay = Replay::find(results, &failure.case, None, || None).expect("the case is in the results");
        let target = open(replay.settings.clone()).await;
        let again = replay.play(target, &CancellationToken::new()).await.expect("it is played");
        if again.outcome != failure.outcome {
            other.push(format!("{}: {:?}, replay gives {:?}", failure.case, failure.findings, again.findings));
        }
    }
    assert!(other.is_empty(), "{other:#?}");
    failures.len()
}

#[tokio::test]
async fn every_failure_of_faulty_servers_is_reproduced() {
    let mut count = 0;
    for (fault, pattern) in FAULTS {
        let peer = PeerServer::start(Some(fault));
        let out = folder("server");
        let ran = run(&["run", &peer.url, pattern, "--timeout", "400ms", "--no-html", "--out", out.to_str().unwrap()]);
        assert!(matches!(ran.status.code(), Some(0 | 1)), "{fault}: {}", text(&ran.stderr));
        let results = results(&out);
        count += all_reproduce(&results, async |_| {
            let server = Server::new(&peer.url, None, Vec::new()).await.expect("a URL");
            Arc::new(server) as Arc<dyn Target>
        })
        .await;
    }
    assert!(count > 60, "{count} failures");
}

#[tokio::test]
async fn every_failure_of_faulty_clients_is_reproduced() {
    let mut count = 0;
    // A client does not close TCP first.
    for (fault, pattern) in FAULTS.into_iter().filter(|(fault, _)| *fault != "tcp-left-open") {
        let command = format!("'{}' peer client {{url}} --fault {fault}", env!("CARGO_BIN_EXE_wsspec"));
        let out = folder("client");
        let out_text = out.to_str().unwrap();
        let ran = run(&["run", "--client", &command, pattern, "--timeout", "600ms", "--no-html", "--out", out_text]);
        assert!(matches!(ran.status.code(), Some(0 | 1)), "{fault}: {}", text(&ran.stderr));
        let results = results(&out);
        count += all_reproduce(&results, async |_| {
            let spawner = Spawner::new(&command, CommandPlaceholders::default()).expect("a command");
            Arc::new(spawner) as Arc<dyn Target>
        })
        .await;
    }
    assert!(count > 60, "{count} failures");
}

/// The command reads everything from the results: the delivery, the working directory, the command and its port, the case.
#[test]
fn a_case_of_ones_own_is_replayed_from_the_result_alone() {
    let folder = folder("own");
    let script = "#!/bin/sh\nexec \"$WSSPEC\" peer server \"127.0.0.1:$1\" --fault no-pong\n";
    std::fs::write(folder.join("server.sh"), script).unwrap();
    let case = "group: Mine\nlevel: must\ncases:\n  - id: mine/ping\n    title: A ping with ${data}\n    matrix: {data: [a, b]}\n    steps:\n      - send: {ping: \"${data}\"}\n      - expect: {pong: same}\n";
    std::fs::write(folder.join("mine.yaml"), case).unwrap();
    let out = folder.join("out");
    let mut command = wsspec();
    command.current_dir(&folder).env("WSSPEC", env!("CARGO_BIN_EXE_wsspec"));
    command.args(["run", "--start", "sh ./server.sh {port}", "mine/*", "--cases", "mine.yaml", "--delivery", "bytes"]);
    command.args(["--timeout", "400ms", "--header", "X-Token: s3cr3t", "--header", "X-Name: n", "--out", "out"]);
    let ran = output(command, BOUND);
    assert_eq!(ran.status.code(), Some(1), "{}", text(&ran.stderr));
    let results = results(&out);
    assert_eq!(failures(&results).len(), 2);
    assert_eq!(results.run.setup.fields, [("X-Name".to_owned(), "n".to_owned())]);
    std::fs::remove_file(folder.join("mine.yaml")).unwrap();
    let file = out.join("results.jsonl");
    for failure in failures(&results) {
        assert_eq!(failure.delivery.as_deref(), Some("bytes"));
        let ran = replay(&file, &failure.case);
        assert_eq!(ran.status.code(), Some(1), "{}{}", text(&ran.stdout), text(&ran.stderr));
        assert!(text(&ran.stdout).contains(&failure.case), "{}", text(&ran.stdout));
        assert!(text(&ran.stderr).contains("X-Token"), "the missing secret is not named: {}", text(&ran.stderr));
        assert!(!text(&ran.stdout).contains("s3cr3t"));
        assert!(text(&ran.stdout).contains("X-Name: n"), "{}", text(&ran.stdout));
    }
    let ran = replay(&file, "mine/other");
    assert_eq!(ran.status.code(), Some(4), "{}", text(&ran.stderr));
}

fn replay(file: &Path, case: &str) -> Output {
    let mut command = wsspec();
    command.env("WSSPEC", env!("CARGO_BIN_EXE_wsspec"));
    command.args(["replay", file.to_str().unwrap(), case]);
    output(command, BOUND)
}
