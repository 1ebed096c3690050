//! Tests of the readers: files become the cases that they describe, key by key.

use crate::vocabulary::{Level, Role};
use std::cell::RefCell;
use std::collections::BTreeSet;

use super::super::suite::read_str;
use super::super::tables::TABLES;
use crate::case::*;

thread_local! {
    /// The keys that readers have requested, by table.
    pub static TAKEN: RefCell<BTreeSet<(&'static str, &'static str)>> = const { RefCell::new(BTreeSet::new()) };
}

/// The files that show the whole language.
pub const FIXTURES: [(&str, &str); 6] = [
    ("compressed.yaml", include_str!("../../../fixtures/case/compressed.yaml")),
    ("chat.yaml", include_str!("../../../fixtures/case/chat.yaml")),
    ("fragmentation.yaml", include_str!("../../../fixtures/case/fragmentation.yaml")),
    ("framing-lengths.yaml", include_str!("../../../fixtures/case/framing-lengths.yaml")),
    ("handshake.yaml", include_str!("../../../fixtures/case/handshake.yaml")),
    ("every-key.yaml", include_str!("../../../fixtures/case/every-key.yaml")),
];

/// The cases of a text without errors.
pub fn load(text: &str) -> Vec<Case> {
    read_str("t.yaml", text).unwrap_or_else(|diagnostics| panic!("{diagnostics}")).into_cases()
}

/// The cases of a fixture.
pub fn fixture(name: &str) -> Vec<Case> {
    let (_, text) = FIXTURES.iter().find(|(known, _)| *known == name).unwrap();
    load(text)
}

/// The case of an id.
pub fn by_id(cases: Vec<Case>, id: &str) -> Case {
    cases.into_iter().find(|case| case.id == id).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn every_fixture_loads_and_every_key_of_the_language_is_read() {
    for (name, text) in FIXTURES {
        if let Err(diagnostics) = read_str(name, text) {
            panic!("{diagnostics}");
        }
    }
    let all: BTreeSet<_> = TABLES.iter().flat_map(|table| table.all().map(|key| (table.id, key.name))).collect();
    let missing: Vec<_> = TAKEN.with_borrow(|taken| all.difference(taken).copied().collect());
    // Forms of payloads that only an attachment or a neighbour table can show.
    let missing: Vec<_> = missing.into_iter().filter(|(_, key)| *key != "file").collect();
    assert_eq!(missing, [], "a key of the table that no reader requests, or that the fixtures do not show");
}

#[test]
fn a_file_says_what_its_cases_do_not() {
    let cases = fixture("every-key.yaml");
    let own = by_id(cases.clone(), "every/send");
    assert_eq!((own.level, own.ends), (Level::Must, Ends::Dropped));
    assert_eq!(own.autobahn, ["1.1.1", "2.10"]);
    assert_eq!(own.spec, ["rfc6455#section-5.1", "rfc7692#appendix-A"]);
    let other = by_id(cases, "every/words");
    assert_eq!((other.level, other.ends, other.role), (Level::Should, Ends::Clean, Some(Role::Server)));
    assert_eq!(other.spec, ["rfc6455#section-5.2"]);
    assert_eq!(other.needs, [Need::Echo]);
}

#[test]
fn the_level_is_said_or_the_strongest_that_is_proved() {
    let level = |keys: &str| load(&format!("group: G\ncases: [{{id: a/b, title: T, {keys}}}]\n")).remove(0).level;
    assert_eq!(level("level: info"), Level::Info);
    assert_eq!(level("proves: [rfc6455-4.1-protocol-optional]"), Level::May);
    assert_eq!(level("proves: [rfc6455-4.1-protocol-optional, rfc6455-5.5.3-pong-same-data]"), Level::Must);
    assert_eq!(level("note: An application's own case"), Level::Must);
}

#[test]
fn a_row_has_its_number_and_is_reported() {
    let cases = fixture("framing-lengths.yaml");
    let case = by_id(cases, "framing/lengths/binary-of-65535-bytes");
    assert_eq!(case.autobahn, ["1.2.6"]);
    assert_eq!(case.title, "A binary message of 65535 bytes comes back unchanged");
    assert_eq!(case.source.row[1], ("bytes".to_string(), "65535".to_string()));
    assert_eq!(case.source.line, 7);
    assert!(
        case.source.yaml.starts_with("id: framing/lengths/${kind}-of-${bytes}-bytes\ntitle: "),
        "{}",
        case.source.yaml
    );
    assert!(case.source.yaml.ends_with("steps:\n  - echo: {\"${kind}\": {repeat: \"*\", bytes: \"${bytes}\"}}\n"));
    assert_eq!(case.steps[0].line, 16);
    let StepKind::Expect(Expect { kind: ExpectKind::One(Expectation::Message { text, content }), .. }) =
        &case.steps[1].kind
    else {
        panic!()
    };
    assert_eq!(*text, Some(false));
    assert!(matches!(content, Content::Equals(bytes) if bytes.len() == 65535));
}

#[test]
fn an_id_without_a_placeholder_gets_its_row() {
    let ids: Vec<_> = fixture("fragmentation.yaml").into_iter().map(|case| case.id).collect();
    assert_eq!(ids[1], "fragmentation/continuation-without-a-start-fails-fin-true");
    assert_eq!(ids[2], "fragmentation/continuation-without-a-start-fails-fin-false");
    let case =
        "group: G\nlevel: must\ncases: [{id: a/b, title: T, matrix: [{v: X Y/z, autobahn: \"1.1.1\"}, {v: \"\"}]}]\n";
    let diagnostics = read_str("t.yaml", case).unwrap_err();
    assert!(diagnostics.0[0].message.contains("`a/b-v-` is not a valid id"), "{diagnostics}");
    assert_eq!(load(&case.replace("{v: \"\"}", "{v: 2}"))[0].id, "a/b-v-x-y-z");
}

#[test]
fn a_row_can_carry_a_whole_patch() {
    let case = by_id(fixture("handshake.yaml"), "handshake/response/no-accept-is-refused");
    assert_eq!(case.handshake.response.remove, ["Sec-WebSocket-Accept"]);
    assert_eq!((case.role, case.ends), (Some(Role::Client), Ends::Refused));
    assert_eq!(case.group, "A client checks the response");
}

#[test]
fn the_handshake_of_the_file_holds_where_the_case_does_not_say_its_own() {
    let case = by_id(fixture("chat.yaml"), "chat/without-a-session-nobody-gets-in");
    assert_eq!(case.handshake.request.remove, ["Cookie"]);
    assert_eq!(case.handshake.request.set, [("Origin".to_string(), Template::Plain("https://shop.example".into()))]);
    assert!(
        matches!(&case.handshake.expect[..], [HeadExpect { kind: HeadExpectKind::Head { status, .. }, .. }] if status == &[(401, 401)])
    );
    let case = by_id(fixture("chat.yaml"), "chat/server-speaks-first");
    assert_eq!(case.handshake.request.set.len(), 2);
    assert!(case.opens());
}

#[test]
fn errors_of_a_matrix_are_reported_once() {
    let text = "group: G\nlevel: must\ncases:\n  - id: a/${n}\n    title: T\n    matrix: {n: [1, 2, 3]}\n    steps:\n      - send: {txt: x}\n      - expect: {pong: same}\n";
    let diagnostics = read_str("t.yaml", text).unwrap_err();
    assert_eq!(diagnostics.0.len(), 1, "{diagnostics}");
}

#[test]
fn long_messages_are_shared_between_cases() {
    let text = "group: G\nlevel: must\ncases:\n  - id: a/${n}\n    title: T\n    matrix: {n: [16777216, 8388608, 16777215]}\n    steps:\n      - send: {text: {repeat: \"*\", bytes: \"${n}\"}}\n";
    let cases = load(text);
    let start = |case: &Case| match &case.steps[0].kind {
        StepKind::Send(Send { kind: SendKind::Frames(frames), .. }) => frames[0].payload.as_ptr(),
        _ => std::ptr::null(),
    };
    assert!(cases.iter().all(|case| start(case) == start(&cases[0])));
}
