//! A run of sixteen cases with every outcome, as `tests/fixtures/results.jsonl` has it.

use std::collections::BTreeMap;

use wsspec_reports::read::Results;
use wsspec_reports::results::{End, Line, Outcome, Probe, RequirementText, Run, Setup, TargetInfo};
use wsspec_reports::totals::Totals;

use crate::cases::cases;

pub fn results() -> Results {
    let cases = cases();
    let totals = Totals::of(&cases);
    let end = End {
        complete: true,
        stopped: None,
        totals: Outcome::ALL.into_iter().map(|outcome| (outcome.name().into(), totals.all.get(outcome))).collect(),
        rates: totals.levels.iter().map(|level| (level.name.clone(), level.counts.rate(false).value())).collect(),
        gate: "failed".into(),
        exit: 1,
        duration_ms: 3214.5,
        ..End::default()
    };
    Results { run: run(cases.len()), cases, end: Some(end), truncated: false }
}

/// The results as the file has them.
pub fn jsonl(results: &Results) -> String {
    let mut lines = vec![Line::Run(Box::new(results.run.clone()))];
    lines.extend(results.cases.iter().map(|case| Line::Case(Box::new(case.clone()))));
    lines.extend(results.end.iter().map(|end| Line::End(Box::new(end.clone()))));
    lines.iter().map(|line| serde_json::to_string(line).expect("results are JSON") + "\n").collect()
}

fn run(selected: usize) -> Run {
    let requirement = |id: &str, level: &str, section: &str, text: &str| {
        let known = RequirementText {
            role: "both".into(),
            rules: vec!["masking".into()],
            unproven: None,
            beyond: false,
            level: level.into(),
            text: text.into(),
            place: format!("RFC 6455 section {section}"),
            url: format!("https://www.rfc-editor.org/rfc/rfc6455#section-{section}"),
        };
        (id.to_owned().into(), known)
    };
    Run {
        schema: 1,
        tool: "wsspec 0.1.0".into(),
        command: ["wsspec", "run", "--start", "node echo.js {port}", "ws://127.0.0.1:{port}/", "--gate", "must=100%"]
            .map(Into::into)
            .into(),
        seed: "0x5eed".into(),
        target: TargetInfo {
            role: "both".into(),
            url: Some("ws://127.0.0.1:9001/".into()),
            command: Some("node echo.js 9001".into()),
            name: Some("echo-server 2.3".into()),
        },
        probe: [("server", 0.21), ("client", 0.34)]
            .map(|(role, round_trip_ms)| Probe {
                role: role.parse().unwrap(),
                has: vec!["echo".into(), "subprotocol".into()],
                round_trip_ms,
                timeout_ms: 250,
                jobs: 8,
                concurrent: true,
                strict_messages: true,
                barrier_after_ms: 250.0,
                quiet_ms: 100.0,
                accepted: None,
            })
            .into(),
        started: "2026-11-24T07:12:09Z".into(),
        setup: Setup::default(),
        selected,
        scale: "budget".into(),
        requirements: BTreeMap::from([
            requirement(
                "rfc6455-5.5-control-over-125-fails",
                "must",
                "5.5",
                "A control frame over 125 bytes breaks the rule and is not processed.",
            ),
            requirement(
                "rfc6455-5.5.3-pong-same-data",
                "must",
                "5.5.3",
                "A pong carries the same data as the ping that it answers.",
            ),
            requirement(
                "rfc6455-5.2-rsv-zero-when-sending",
                "must",
                "5.2",
                "RSV1-3 are 0 unless a negotiated extension gives them meaning.",
            ),
            requirement(
                "rfc6455-5.2-length-16-bit",
                "must",
                "5.2",
                "126 means that two bytes in network order hold the length.",
            ),
            requirement(
                "rfc6455-8.1-invalid-utf8-fails",
                "must",
                "8.1",
                "A text message that is not UTF-8 fails the connection.",
            ),
            requirement(
                "rfc6455-5.5.1-close-code-echoed",
                "may",
                "5.5.1",
                "The Close sent in answer typically echoes the code received.",
            ),
            requirement("rfc6455-5.1-client-masks-all", "must", "5.1", "A client masks every frame it sends."),
            requirement(
                "rfc6455-4.4-version-unsupported",
                "must",
                "4.4",
                "A version that is not supported is refused, with the versions that are.",
            ),
            requirement(
                "rfc6455-7.1.1-server-closes-first",
                "should",
                "7.1.1",
                "The server should be the first to close the TCP connection.",
            ),
        ]),
        zones: BTreeMap::from([
            ("Z2".into(), "Which code a failed connection gets is left open; a normal code hides the error.".into()),
            ("Z6".into(), "An answer to a Close typically has its code; 1000 or none is allowed.".into()),
            ("Z29".into(), "A refused handshake gets any fitting status; an end without a response is allowed.".into()),
        ]),
    }
}
