//! The report in Autobahn's shape.

use wsspec_reports::autobahn::{Behavior, Close, File, Part, files, stem};
use wsspec_reports::read::Results;
use wsspec_reports::results::{CaseResult, Ending, Finding, Outcome, Role, Run, TargetInfo};

use crate::sample;

fn case(id: &str, numbers: &[&str], outcome: Outcome) -> CaseResult {
    let autobahn = numbers.iter().map(|&number| number.into()).collect();
    CaseResult { case: id.into(), role: Role::Server, autobahn, outcome, ..CaseResult::default() }
}

fn with(outcome: Outcome, endings: &[(Outcome, Ending)]) -> CaseResult {
    let findings =
        endings.iter().map(|&(outcome, ending)| Finding { outcome, ending: Some(ending), ..Finding::default() });
    CaseResult { findings: findings.collect(), ..case("a", &["1.1.1"], outcome) }
}

fn results(role: &str, name: Option<&str>, cases: Vec<CaseResult>) -> Results {
    let target = TargetInfo { role: role.into(), name: name.map(Into::into), ..TargetInfo::default() };
    Results { run: Run { target, ..Run::default() }, cases, end: None, truncated: true }
}

fn written(results: &Results, agent: Option<&str>) -> Vec<File> {
    files(&[Part { agent, results }]).expect("files")
}

fn named<'a>(files: &'a [File], name: &str) -> &'a str {
    &files.iter().find(|file| file.name == name).unwrap_or_else(|| panic!("no {name}: {:?}", names(files))).text
}

fn names(files: &[File]) -> Vec<&str> {
    files.iter().map(|file| file.name.as_str()).collect()
}

fn index(files: &[File]) -> serde_json::Value {
    serde_json::from_str(named(files, "index.json")).expect("JSON")
}

#[test]
fn the_index_and_a_case_are_as_scripts_read_them() {
    let results = sample::results();
    let files = written(&results, Some("AutobahnPython/0.6.0"));
    insta::assert_snapshot!("autobahn_index", named(&files, "index.json"));
    let failed =
        files.iter().find(|file| file.text.contains("\"behavior\": \"FAILED\"") && file.name.contains("_case_"));
    insta::assert_snapshot!("autobahn_case", failed.expect("a failed case").text);
    insta::assert_snapshot!("autobahn_html", named(&files, "index.html"));
}

#[test]
fn one_number_of_several_cases_counts_the_worst_and_one_case_stands_under_each_number() {
    let cases = vec![
        case("a", &["2.10", "2.9"], Outcome::Pass),
        case("b", &["2.10"], Outcome::Fail),
        case("c", &["2.10"], Outcome::Lenient),
        case("d", &[], Outcome::Fail),
    ];
    let results = results("server", Some("X"), cases);
    let files = written(&results, None);
    assert_eq!(index(&files)["X"]["2.10"]["behavior"], "FAILED");
    assert_eq!(index(&files)["X"]["2.9"]["behavior"], "OK");
    assert_eq!(index(&files)["X"].as_object().expect("cases").len(), 2);
    // Numbers count as numbers: 2.9 is the first case.
    let detail: serde_json::Value = serde_json::from_str(named(&files, "x_case_2_9.json")).expect("JSON");
    assert_eq!((&detail["case"], &detail["id"]), (&1.into(), &"2.9".into()));
    let detail: serde_json::Value = serde_json::from_str(named(&files, "x_case_2_10.json")).expect("JSON");
    assert_eq!(detail["wsspec"].as_array().expect("cases").len(), 3);
}

#[test]
fn a_verdict_line_follows_the_line_of_its_number() {
    // As `grep -B1 '"behavior": "FAILED"'` wants it.
    let results = results("server", Some("X"), vec![case("b", &["7.1.1"], Outcome::Error)]);
    let files = written(&results, None);
    let text = named(&files, "index.json");
    assert!(text.contains("      \"7.1.1\": {\n         \"behavior\": \"FAILED\",\n"), "{text}");
}

#[test]
fn outcomes_and_endings_have_the_old_words() {
    let words = Outcome::ALL.map(|outcome| Behavior::of(outcome).word());
    assert_eq!(words, ["FAILED", "FAILED", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "OK"]);
    let fail = |ending| with(Outcome::Fail, &[(Outcome::Fail, ending)]);
    assert_eq!(Close::of(&fail(Ending::WrongCode)).word(), "WRONG CODE");
    assert_eq!(Close::of(&fail(Ending::Unclean)).word(), "UNCLEAN");
    assert_eq!(Close::of(&fail(Ending::WrongSide)).word(), "FAILED");
    let both = [(Outcome::Lenient, Ending::WrongCode), (Outcome::Fail, Ending::Unclean)];
    assert_eq!(Close::of(&with(Outcome::Fail, &both)).word(), "UNCLEAN");
    // What is only told is nothing wrong.
    assert_eq!(Close::of(&with(Outcome::Lenient, &[(Outcome::Info, Ending::WrongCode)])).word(), "OK");
    assert_eq!(Close::of(&case("a", &[], Outcome::Fail)).word(), "OK");
    assert_eq!(Close::of(&case("a", &[], Outcome::Unsupported)).word(), "UNIMPLEMENTED");
    assert_eq!(Close::of(&case("a", &[], Outcome::Info)).word(), "INFORMATIONAL");
}

#[test]
fn agents_are_told_apart() {
    let of = |agent: &str| CaseResult { agent: Some(agent.into()), ..case("a", &["1.1.1"], Outcome::Pass) };
    let results = results("client", None, vec![of("A/1"), of("A 1"), of("é")]);
    let files = written(&results, Some("unused"));
    assert_eq!(index(&files).as_object().expect("agents").len(), 3);
    for name in ["a_1_case_1_1_1.json", "a_1_2_case_1_1_1.json", "agent_case_1_1_1.json", "a_1_report.html"] {
        named(&files, name);
    }
    let both = self::results(
        "both",
        Some("X"),
        vec![
            case("a", &["1.1.1"], Outcome::Pass),
            CaseResult { role: Role::Client, ..case("a", &["1.1.1"], Outcome::Fail) },
        ],
    );
    let index = index(&written(&both, None));
    assert_eq!(index["X as server"]["1.1.1"]["behavior"], "OK");
    assert_eq!(index["X as client"]["1.1.1"]["behavior"], "FAILED");
}

#[test]
fn a_name_cannot_leave_the_folder() {
    assert_eq!(stem("AutobahnPython/0.6.0"), "autobahnpython_0_6_0");
    assert_eq!(stem("../../etc/passwd"), "etc_passwd");
    assert_eq!(stem("  "), "agent");
    assert!(stem(&"x".repeat(4000)).len() < 200);
    let hostile = results("server", Some("<script>"), vec![case("a", &["../1"], Outcome::Pass)]);
    let files = written(&hostile, None);
    assert!(files.iter().all(|file| !file.name.contains('/')), "{:?}", names(&files));
    assert!(!named(&files, "index.html").contains("<script>"));
}
