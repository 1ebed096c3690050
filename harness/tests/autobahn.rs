//! Configurations of Autobahn|Testsuite, and what scripts make of the report in its shape.
#![allow(missing_docs)]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use common::{PeerServer, folder, output, results, text, wait, wsspec};
use serde_json::Value;

const BOUND: Duration = Duration::from_secs(60);

fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = wsspec();
    command.current_dir(folder).args(arguments);
    output(command, BOUND)
}

/// A report of some cases of a peer, right or faulty, through a configuration.
fn report(fault: &str, cases: &str) -> (PathBuf, Output) {
    let peer = PeerServer::start(Some(fault));
    let folder = folder("autobahn");
    let config = format!(
        "{{\"outdir\": \"./old\", \"servers\": [{{\"agent\": \"Peer/1\", \"url\": \"{}\"}}], \"cases\": [{cases}]}}",
        peer.url
    );
    std::fs::write(folder.join("fuzzingclient.json"), config).unwrap();
    let ran = run_in(&folder, &["run", "--autobahn", "fuzzingclient.json", "--timeout", "500ms"]);
    (folder.join("old/index.json"), ran)
}

fn index(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What a script ends with.
fn script(name: &str, arguments: &[&str]) -> Option<i32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/autobahn").join(name);
    let mut command = Command::new(if name.ends_with(".py") { "python3" } else { "sh" });
    command.arg(path).args(arguments);
    let ran = output(command, BOUND);
    ran.status.code()
}

#[test]
fn scripts_of_every_kind_decide_as_they_did() {
    if !Command::new("python3").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("python3 is not installed: the scripts are not tried");
        return;
    }
    let all = "\"1.*\", \"2.*\", \"6.4.*\", \"7.*\", \"10.*\", \"13.1.1\"";
    let (first, ran) = report("none", all);
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
    let (second, _) = report("none", all);
    let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());
    assert_eq!(script("both_verdicts.py", &[first]), Some(0));
    assert_eq!(script("behavior.py", &[first]), Some(0));
    assert_eq!(script("same.py", &[second, first]), Some(0));
    assert_eq!(script("behavior.py", &[first, "UNIMPLEMENTED"]), Some(0));
    assert_eq!(script("failed_lines.sh", &[first]), Some(0));

    let (wrong, ran) = report("no-pong", "\"1.*\", \"2.*\"");
    assert_eq!(ran.status.code(), Some(1), "{}", text(&ran.stderr));
    let wrong = wrong.to_str().unwrap();
    assert_eq!(script("both_verdicts.py", &[wrong]), Some(1));
    assert_eq!(script("behavior.py", &[wrong]), Some(1));
    assert_eq!(script("same.py", &[wrong, first]), Some(64));
    assert_eq!(script("behavior.py", &[wrong, "UNIMPLEMENTED"]), Some(1));
    assert_eq!(script("failed_lines.sh", &[wrong]), Some(1));

    // With what fails left out, as one does there, the same peer passes.
    let (left, ran) = report("no-pong", "\"1.*\"");
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    assert_eq!(script("behavior.py", &[left.to_str().unwrap(), "UNIMPLEMENTED"]), Some(0));
}

#[test]
fn an_ending_that_fails_is_told_in_both_verdicts() {
    for (fault, number, close) in ENDINGS {
        // The case is there, and a right peer passes it: see the scripts above.
        let (path, _) = report(fault, &format!("\"{number}\""));
        let case = &index(&path)["Peer/1"][number];
        let words = (case["behavior"].as_str().unwrap(), case["behaviorClose"].as_str().unwrap());
        assert_eq!(words, ("FAILED", *close), "{fault}");
    }
    // What fails by its messages alone ends as it should.
    let (path, _) = report("no-pong", "\"2.2\"");
    let case = &index(&path)["Peer/1"]["2.2"];
    assert_eq!((case["behavior"].as_str(), case["behaviorClose"].as_str()), (Some("FAILED"), Some("OK")));
}

/// A fault, a case that fails by it, and what is wrong with the ending.
const ENDINGS: &[(&str, &str, &str)] = &[
    ("no-close-reply", "1.1.2", "UNCLEAN"),
    ("tcp-left-open", "7.1.1", "UNCLEAN"),
    ("fails-with-1006", "3.2", "WRONG CODE"),
    ("going-away-refused", "7.7.2", "WRONG CODE"),
    ("takes-any-rsv", "3.2", "FAILED"),
    ("refuses-pong", "2.7", "FAILED"),
];

#[test]
fn several_servers_are_played_each_into_its_own_folder_and_all_into_one_report() {
    let (right, wrong) = (PeerServer::start(None), PeerServer::start(Some("no-pong")));
    let folder = folder("several");
    let config = format!(
        "{{\n  // three, and the last is not there\n  \"servers\": [\n    {{\"agent\": \"Right/1.0\", \"url\": \"{}\", \"options\": {{\"version\": 18}}}},\n    \
         {{\"agent\": \"Wrong\", \"url\": \"{}\"}},\n    {{\"agent\": \"Gone\", \"url\": \"ws://127.0.0.1:1\"}},\n  ],\n  \"webport\": 8080,\n  \
         \"cases\": [\"2.*\", \"11.*\"],\n  \"exclude-cases\": [\"2.1*\"],\n  \"exclude-agent-cases\": {{\"Wr*\": [\"2.2\"]}},\n}}\n",
        right.url, wrong.url
    );
    std::fs::write(folder.join("f.json"), config).unwrap();
    let junit = ["--junit", "junit.xml", "--timeout", "300ms"];
    let ran = run_in(&folder, &[&["run", "--autobahn", "f.json", "--autobahn-report", "old"], &junit[..]].concat());
    let said = text(&ran.stderr);
    assert_eq!(ran.status.code(), Some(3), "the one that is not there is the worst: {said}");
    assert!(said.contains("f.json:8:3: `webport`"), "{said}");
    let index = index(&folder.join("old/index.json"));
    let numbers = |agent: &str| index[agent].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(numbers("Right/1.0"), ["2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9"]);
    assert_eq!(numbers("Wrong"), ["2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9"]);
    assert!(index.get("Gone").is_none());
    assert_eq!(index["Right/1.0"]["2.3"]["behavior"], "OK");
    assert_eq!(index["Wrong"]["2.3"]["behavior"], "FAILED");
    for name in ["old/right_1_0_case_2_2.json", "old/wrong_report.html", "old/index.html", "junit-wrong.xml"] {
        assert!(folder.join(name).exists(), "{name}");
    }
    let wrong = results(&folder.join("wsspec-report/wrong"));
    assert_eq!((wrong.cases.len(), wrong.run.target.name.as_deref()), (7, Some("Wrong")));
    // The report can be made again, under another name.
    let jsonl = "wsspec-report/wrong/results.jsonl";
    let ran = run_in(&folder, &["report", jsonl, "--autobahn-report", "again", "--agent", "Other"]);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    assert_eq!(self::index(&folder.join("again/index.json"))["Other"]["2.3"]["behavior"], "FAILED");
}

#[test]
fn a_report_of_an_earlier_run_does_not_stay() {
    let folder = folder("stale");
    std::fs::write(folder.join("index.json"), "{\"X\": {\"1.1.1\": {\"behavior\": \"OK\"}}}").unwrap();
    let ran = run_in(&folder, &["run", "ws://127.0.0.1:1/", "1.1.1", "--autobahn-report", "."]);
    assert_eq!(ran.status.code(), Some(3), "{}", text(&ran.stderr));
    assert_eq!(index(&folder.join("index.json")), serde_json::json!({}));
}

#[test]
fn a_client_that_loops_is_tested_by_a_fuzzingserver_configuration() {
    let folder = folder("clients");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!(
        "{{\"url\": \"ws://127.0.0.1:{port}\", \"outdir\": \"./reports/clients\", \"cases\": [\"2.*\", \"1.1.1\"], \"exclude-cases\": [],\n \
         \"exclude-agent-cases\": {{\"wsspec*\": [\"2.10\"]}}}}"
    );
    std::fs::write(folder.join("fuzzingserver.json"), config).unwrap();
    let mut command = wsspec();
    command.current_dir(&folder).args(["run", "--autobahn", "fuzzingserver.json"]);
    let harness = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let client = run_in(&folder, &["peer", "client", "--loop", &format!("ws://127.0.0.1:{port}")]);
    assert_eq!(client.status.code(), Some(0), "{}", text(&client.stderr));
    let ran = wait(harness, BOUND);
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
    let index = index(&folder.join("reports/clients/index.json"));
    let cases = index["wsspec-peer"].as_object().unwrap();
    assert_eq!(cases.len(), 11, "2.1 to 2.11 and 1.1.1, without 2.10: {:?}", cases.keys());
    assert!(!cases.contains_key("2.10"));
    assert!(cases.values().all(|case| case["behavior"] == "OK" && case["behaviorClose"] == "OK"), "{index}");
    let results = results(&folder.join("wsspec-report"));
    assert!(results.whole());
    // In the order of the numbers.
    assert_eq!(results.cases.first().unwrap().autobahn, ["1.1.1"]);
}

#[test]
fn wrong_configurations_are_told() {
    let folder = folder("wrong");
    let said = |config: &str, arguments: &[&str]| {
        std::fs::write(folder.join("f.json"), config).unwrap();
        let ran = run_in(&folder, &[&["run", "--autobahn", "f.json"], arguments].concat());
        (ran.status.code().unwrap(), text(&ran.stderr))
    };
    let one = r#"{"servers": [{"agent": "A", "url": "ws://127.0.0.1:1"}], "cases": ["2.*"]}"#;
    for (config, arguments, code, word) in [
        ("{\"servers\":\n  [{\"url\": \"http://x\"}]}", &[][..], 2, "f.json:2:12"),
        ("{\"servers\": [,]}", &[], 2, "f.json:1:14"),
        ("{\"url\": \"ws://127.0.0.1:1\", \"cases\": [\"12.99.*\"]}", &[], 4, "no case here fits `12.99.*`"),
        (one, &["ws://x/"], 2, "names its own"),
        (one, &["--listen", "127.0.0.1:1"], 2, "--listen"),
        (one, &["no/such"], 4, "no/such"),
        (one, &["1.1.1"], 4, "chooses no case"),
        (one, &[], 3, "start the server"),
        (r#"{"url": "ws://127.0.0.1:1", "cases": ["2.*"]}"#, &["--start", "x {port}"], 2, "tests clients"),
    ] {
        let (exit, text) = said(config, arguments);
        assert_eq!(exit, code, "{config}: {text}");
        assert!(text.contains(word), "{config}: {text}");
    }
    let ran = run_in(&folder, &["run", "--autobahn", "no.json"]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(text(&ran.stderr).contains("no.json"));
}
