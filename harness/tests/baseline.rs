//! Known deviations, and two runs beside each other.
#![allow(missing_docs)]

mod common;

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use common::{PeerServer, folder, output, results, text, wsspec};
use wsspec_reports::results::Outcome;

fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = wsspec();
    command.current_dir(folder).args(arguments);
    output(command, Duration::from_secs(60))
}

#[track_caller]
fn ends_with(ran: &Output, code: i32, word: &str) {
    let said = text(&ran.stderr) + &text(&ran.stdout);
    assert_eq!(ran.status.code(), Some(code), "{said}");
    assert!(said.contains(word), "`{word}` is not said: {said}");
}

#[test]
fn a_baseline_lets_known_failures_pass_and_nothing_else() {
    let peer = PeerServer::start(Some("no-pong"));
    let folder = folder("baseline");
    let run = |baseline: &str, more: &[&str]| {
        std::fs::write(folder.join("known.yaml"), baseline).unwrap();
        let words = ["run", &peer.url, "--baseline", "known.yaml", "--timeout", "300ms", "--junit", "junit.xml"];
        run_in(&folder, &[&words[..], more].concat())
    };
    let known = "- {case: 2.2, reason: no pongs yet}\n- {case: ping-pong/ping-with-bytes, reason: no pongs yet, until: 2999-12-31}\n";
    ends_with(&run(known, &["2.2", "2.3", "1.1.1"]), 0, "known: no pongs yet");
    let played = results(&folder.join("wsspec-report"));
    let failed: Vec<_> = played.cases.iter().filter(|case| case.outcome == Outcome::Fail).collect();
    assert_eq!(failed.len(), 2);
    assert!(failed.iter().all(|case| case.known.as_deref() == Some("no pongs yet")));
    // The pass rate still counts them as failed.
    let rate = played.end.unwrap().rates["must"].unwrap();
    assert!((rate - 1.0 / 3.0).abs() < 1e-9, "{rate}");
    let junit = std::fs::read_to_string(folder.join("junit.xml")).unwrap();
    assert!(!junit.contains("<failure") && junit.contains("known: no pongs yet"), "{junit}");
    // A case beside them still fails the gate.
    ends_with(&run(known, &["2.2", "2.3", "2.4"]), 1, "gate: all: 0 of 1 pass");
    // Its day has gone by.
    ends_with(&run("- {case: '2.2', reason: x, until: 2020-01-01}\n", &["2.2"]), 1, "until 2020-01-01");
    // It passes now.
    ends_with(&run("- {case: '1.1.1', reason: x}\n", &["1.1.1"]), 1, "`1.1.1` passes now; remove the entry");
    // What was not selected says nothing of an entry.
    ends_with(&run("- {case: '2.2', reason: x}\n", &["1.1.1"]), 0, "held");
    ends_with(&run("", &["1.1.1"]), 0, "held");
    // Entries that cannot be meant.
    ends_with(&run("- {case: ping-pongs/*, reason: x}\n", &["1.1.1"]), 2, "did you mean `ping-pong/*`?");
    ends_with(&run("- {case: '2.2'}\n", &["1.1.1"]), 2, "reason");
    ends_with(&run("- {case: '2.2', reason: x, til: 2020-01-01}\n", &["1.1.1"]), 2, "known.yaml:1:");
    ends_with(&run("- {case: '2.2', reason: x, until: soon}\n", &["1.1.1"]), 2, "YEAR-MONTH-DAY");
}

#[test]
fn a_baseline_can_stand_in_the_configuration() {
    let peer = PeerServer::start(Some("no-pong"));
    let folder = folder("baseline");
    let config =
        format!("url: {}\ntimeout: 300ms\nselect: ['2.2']\nbaseline:\n  - {{case: '2.2', reason: known}}\n", peer.url);
    std::fs::write(folder.join("wsspec.yaml"), config).unwrap();
    ends_with(&run_in(&folder, &["run"]), 0, "known: known");
}

#[test]
fn a_diff_tells_what_got_worse() {
    let folder = folder("diff");
    let run = |fault: Option<&str>, out: &str| {
        let peer = PeerServer::start(fault);
        run_in(&folder, &["run", &peer.url, "2.2", "1.1.1", "--timeout", "300ms", "--no-html", "--out", out]);
        format!("{out}/results.jsonl")
    };
    let (right, wrong) = (run(None, "right"), run(Some("no-pong"), "wrong"));
    ends_with(
        &run_in(&folder, &["diff", &right, &wrong]),
        1,
        "worse: 1 case\n  pass -> fail          ping-pong/ping-with-text",
    );
    ends_with(&run_in(&folder, &["diff", &wrong, &right]), 0, "better: 1 case");
    ends_with(&run_in(&folder, &["diff", &right, &right]), 0, "unchanged: 2 cases");
    ends_with(&run_in(&folder, &["diff", &right, "none.jsonl"]), 2, "none.jsonl");
}
