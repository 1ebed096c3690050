//! A target that answers and suffers afterwards: the case that did it is named, and the run goes on against a fresh process.
#![allow(missing_docs)]

mod common;

use std::time::Duration;

use common::{folder, output, results, text, wsspec};
use wsspec_reports::read::Results;
use wsspec_reports::results::Outcome;

/// Plays section 2 against the fragile server; the case of the oversized ping is `2.5`.
fn play(how: &str) -> Results {
    let fragile = common::example("fragile");
    let out = folder(how);
    let start = format!("'{}' {how} 127.0.0.1:{{port}}", fragile.display());
    let mut command = wsspec();
    command.args(["run", "--start", &start, "ws://127.0.0.1:{port}/", "2.*", "7.1.*", "1.1.*", "--no-gate", "--out"]);
    let ran = output(
        {
            command.arg(&out);
            command
        },
        Duration::from_secs(120),
    );
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let results = results(&out);
    assert!(results.whole(), "all is played, in spite of all");
    results
}

#[track_caller]
fn killed(results: &Results, word: &str) {
    let case =
        results.cases.iter().find(|case| case.autobahn.iter().any(|number| number == "2.5")).expect("2.5 was played");
    assert_eq!(case.outcome, Outcome::Fail, "{:?}", case.findings);
    assert!(
        case.findings.iter().any(|finding| finding.message.contains(word)),
        "`{word}` is not said: {:?}",
        case.findings
    );
    assert_eq!(case.plays, 2, "it was played again alone");
    let innocent = results.cases.iter().filter(|case| case.autobahn.iter().any(|number| number.starts_with("1.1.")));
    for case in innocent {
        assert_eq!(case.outcome, Outcome::Pass, "{}: {:?}", case.case, case.findings);
    }
}

#[test]
fn a_server_that_dies_of_a_frame_is_started_again() {
    killed(&play("dies"), "SIGABRT");
}

#[test]
fn a_server_that_dies_behind_a_right_answer_is_found_out() {
    killed(&play("dies-later"), "SIGABRT");
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_keeps_memory_is_found_out() {
    killed(&play("swells"), "grew by");
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_goes_on_burning_cpu_is_found_out() {
    killed(&play("spins"), "busy");
}

#[test]
fn what_a_started_server_takes_and_needs_is_measured() {
    let out = folder("measured");
    let mut command = wsspec();
    let start = format!("'{}' peer server 127.0.0.1:{{port}}", env!("CARGO_BIN_EXE_wsspec"));
    command.args(["run", "--start", &start, "ws://127.0.0.1:{port}/", "9.1.*", "--no-html", "--out"]).arg(&out);
    let ran = output(command, Duration::from_secs(120));
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let results = results(&out);
    let facts = wsspec_reports::facts::facts(&results.cases);
    let taken = |measure| facts.iter().find(|fact| fact.measure == measure).and_then(|fact| fact.taken);
    assert_eq!(taken("largest-message").map(|taken| taken.amount), Some(16 << 20));
    if cfg!(target_os = "linux") {
        let most = taken("most-memory").expect("the process was watched").amount;
        assert!((16 << 20..1 << 30).contains(&most), "{most}");
        assert!(text(&ran.stdout).contains("peak memory of the process"), "{}", text(&ran.stdout));
    }
}
