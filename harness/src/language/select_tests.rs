//! Tests of the choice of cases.

use super::super::suite::read_str;
use super::*;

const SUITE: &str = r#"
group: Pings
needs: [echo]
proves: [rfc6455-5.5.3-pong-same-data]
cases:
  - {id: ping-pong/one, title: One, autobahn: "2.1"}
  - {id: ping-pong/deep/er/two, title: Two, autobahn: ["2.10", "7.1.6"]}
---
group: Heads
level: should
role: server
cases:
  - {id: handshake/request/three, title: Three, autobahn: "1.1.1"}
  - {id: ping-pong-like/four, title: Four}
---
group: Others
level: info
role: client
cases:
  - {id: handshake/response/five, title: Five, needs: [subprotocol]}
"#;

fn chosen(include: &[&str], exclude: &[&str]) -> Result<Vec<String>, SelectError> {
    let suite = read_str("s.yaml", SUITE).unwrap();
    let selection = Selection::parse(include, exclude)?;
    let cases = selection.choose(suite.cases())?;
    Ok(cases.iter().map(|case| case.id.rsplit('/').next().unwrap().to_string()).collect())
}

fn ok(include: &[&str], exclude: &[&str]) -> String {
    chosen(include, exclude).unwrap().join(" ")
}

#[test]
fn nothing_said_chooses_all() {
    assert_eq!(ok(&[], &[]), "one two three four five");
}

#[test]
fn globs_and_paths_reach_below() {
    assert_eq!(ok(&["ping-pong/*"], &[]), "one two");
    assert_eq!(ok(&["ping-pong"], &[]), "one two");
    assert_eq!(ok(&["ping-pong/"], &[]), "one two");
    assert_eq!(ok(&["ping-pong/one"], &[]), "one");
    assert_eq!(ok(&["handshake/re{quest,sponse}/*"], &[]), "three five");
    assert_eq!(ok(&["*"], &[]), "one two three four five");
}

#[test]
fn numbers_of_autobahn_fit_from_end_to_end() {
    assert_eq!(ok(&["2.*"], &[]), "one two");
    assert_eq!(ok(&["2.1"], &[]), "one");
    assert_eq!(ok(&["7.1.6"], &[]), "two");
    assert_eq!(ok(&["*.1.*"], &[]), "two three");
    assert!(matches!(chosen(&["1.1"], &[]), Err(SelectError::Nothing { .. })));
}

#[test]
fn words_choose_by_level_need_and_role() {
    assert_eq!(ok(&["level:must"], &[]), "one two");
    assert_eq!(ok(&["needs:subprotocol"], &[]), "five");
    assert_eq!(ok(&["role:client"], &[]), "one two five");
    assert_eq!(ok(&["rfc6455-5.5*"], &[]), "one two");
}

#[test]
fn several_patterns_unite_and_others_take_away() {
    assert_eq!(ok(&["ping-pong/one, handshake", "level:info"], &[]), "one three five");
    assert_eq!(ok(&["ping-pong/*,!2.10"], &[]), "one");
    assert_eq!(ok(&["!ping-pong"], &[]), "three four five");
    assert_eq!(ok(&[], &["ping-pong", "role:client"]), "three four");
    assert_eq!(chosen(&["2.1"], &["2.1"]), Err(SelectError::NoneLeft));
}

#[test]
fn what_fits_nothing_is_named_with_what_was_meant() {
    let message = |pattern| chosen(&[pattern], &[]).unwrap_err().to_string();
    assert_eq!(message("ping-pogn/*"), "no case matches `ping-pogn/*`: did you mean `ping-pong/*`?");
    assert_eq!(message("ping-pong/on"), "no case matches `ping-pong/on`: did you mean `ping-pong/one`?");
    assert_eq!(message("99.*"), "no case matches `99.*`");
    assert_eq!(message("level:most"), "the pattern `level:most` is not valid: `most` is unknown, did you mean `must`?");
    assert!(message("lvel:must").contains("did you mean `level`?"));
    assert!(message("a[").starts_with("the pattern `a[` is not valid"));
    assert_eq!(
        message("rfc6455-4.1-key-16-bytes"),
        "no case matches `rfc6455-4.1-key-16-bytes`: the requirement exists, but no case proves it"
    );
    assert!(chosen(&[], &["nobody"]).is_err());
}
