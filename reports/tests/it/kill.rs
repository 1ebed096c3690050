//! The kill matrix: its lists, its JSON form and its page.

use std::collections::BTreeMap;

use wsspec_reports::kill::{CaseRow, Detection, FaultRow, Matrix, SCHEMA, render};
use wsspec_reports::results::Outcome;

fn seen(case: &str, level: &str, outcome: Outcome, by: &str) -> Detection {
    Detection { case: case.into(), level: level.into(), outcome, by: by.into() }
}

fn fault(name: &str, must: bool, seen: Vec<Detection>) -> FaultRow {
    FaultRow {
        fault: name.into(),
        role: "server".into(),
        area: "control".into(),
        must,
        played: 4,
        detections: seen,
        ..FaultRow::default()
    }
}

fn case(id: &str, kills: bool, specific: usize, valid: Outcome) -> CaseRow {
    let valid_peers = BTreeMap::from([("ours".to_owned(), valid)]);
    CaseRow {
        case: id.into(),
        role: "server".into(),
        level: "must".into(),
        valid_peers,
        kills,
        specific,
        ..CaseRow::default()
    }
}

fn matrix() -> Matrix {
    Matrix {
        schema: SCHEMA,
        tool: "wsspec 0.1.0".into(),
        seconds: 1.5,
        plays: 20,
        cases: vec![
            case("ping-pong/a", true, 2, Outcome::Pass),
            case("ping-pong/<b>", true, 0, Outcome::Lenient),
            case("utf8/c", false, 0, Outcome::Fail),
        ],
        faults: vec![
            fault("no-pong", true, vec![seen("ping-pong/a", "must", Outcome::Fail, "step 2")]),
            fault("by-a-rule", true, vec![seen("ping-pong/<b>", "must", Outcome::Fail, "rule masking")]),
            fault("only-lenient", true, vec![seen("ping-pong/a", "must", Outcome::Lenient, "step 2")]),
            fault("only-told", false, vec![seen("ping-pong/a", "info", Outcome::Info, "step 2")]),
            fault("a'<script>\u{202e}", false, vec![]),
        ],
    }
}

#[test]
fn the_lists_name_what_is_missing() {
    let matrix = matrix();
    let faults: Vec<&str> = matrix.survived().iter().map(|fault| fault.fault.as_str()).collect();
    assert_eq!(faults, ["only-lenient", "a'<script>\u{202e}"]);
    let ids = |cases: Vec<&CaseRow>| cases.iter().map(|case| case.case.clone()).collect::<Vec<_>>();
    assert_eq!(ids(matrix.only_non_specific()), ["ping-pong/<b>"]);
    assert_eq!(ids(matrix.never_kill()), ["utf8/c"]);
    assert_eq!(ids(matrix.unclean()), ["utf8/c"]);
    assert_eq!(matrix.fault_count(), 5);
}

#[test]
fn json_is_read_as_it_was_written() {
    let json = serde_json::to_string(&matrix()).expect("JSON");
    assert_eq!(serde_json::from_str::<Matrix>(&json).expect("a matrix"), matrix());
}

#[test]
fn the_page_is_whole_and_escaped() {
    let page = render(&matrix()).expect("a page");
    let errors: Vec<_> = html5gum::Tokenizer::new(page.as_str())
        .flatten()
        .filter_map(|token| match token {
            html5gum::Token::Error(error) => Some(error),
            _ => None,
        })
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!page.contains("<script") && !page.contains("<b>c") && !page.contains('\u{202e}'));
    assert!(page.contains("a&#39;&lt;script&gt;\\u{202e}"), "{page}");
    assert!(page.contains("<b>2</b> Faults that no case of the required level detects"), "{page}");
    assert!(!page.contains("http://") && !page.contains("src="));
}
