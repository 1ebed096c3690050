//! Tests of the readers: that files become the cases that they say, key by key.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use super::super::language::TABLES;
use super::super::model::*;
use super::super::suite::read_str;
use crate::wire::{LengthForm, Opcode};

thread_local! {
    /// The keys that readers have asked for, by table.
    pub static TAKEN: RefCell<BTreeSet<(&'static str, &'static str)>> = const { RefCell::new(BTreeSet::new()) };
}

/// The files that show the whole language.
pub const FIXTURES: [(&str, &str); 5] = [
    ("chat.yaml", include_str!("../../../fixtures/case/chat.yaml")),
    ("fragmentation.yaml", include_str!("../../../fixtures/case/fragmentation.yaml")),
    ("framing-lengths.yaml", include_str!("../../../fixtures/case/framing-lengths.yaml")),
    ("handshake.yaml", include_str!("../../../fixtures/case/handshake.yaml")),
    ("every-key.yaml", include_str!("../../../fixtures/case/every-key.yaml")),
];

fn load(text: &str) -> Vec<Case> {
    read_str("t.yaml", text).unwrap_or_else(|mistakes| panic!("{mistakes}")).into_cases()
}

/// The cases of a fixture.
fn fixture(name: &str) -> Vec<Case> {
    let (_, text) = FIXTURES.iter().find(|(known, _)| *known == name).unwrap();
    load(text)
}

fn by_id(cases: Vec<Case>, id: &str) -> Case {
    cases.into_iter().find(|case| case.id == id).unwrap_or_else(|| panic!("no {id}"))
}

/// A case around steps, one a line.
fn steps(lines: &str) -> Vec<StepKind> {
    let lines: String = lines.lines().map(|line| format!("      - {line}\n")).collect();
    let case = load(&format!("group: G\nlevel: must\ncases:\n  - id: a/b\n    title: T\n    steps:\n{lines}")).remove(0);
    case.steps.into_iter().map(|step| step.kind).collect()
}

fn frames(line: &str) -> Vec<SendFrame> {
    match steps(&format!("send: {line}")).remove(0) {
        StepKind::Send(Send { kind: SendKind::Frames(frames), .. }) => frames,
        other => panic!("{other:?}"),
    }
}

fn expectation(line: &str) -> Expectation {
    match steps(&format!("expect: {line}")).remove(0) {
        StepKind::Expect(Expect { kind: ExpectKind::One(one), .. }) => one,
        other => panic!("{other:?}"),
    }
}

fn handshake(role: &str, text: &str) -> Handshake {
    load(&format!("group: G\nrole: {role}\nlevel: must\nhandshake: {text}\ncases: [{{id: a/b, title: T}}]\n")).remove(0).handshake
}

fn plain(text: &str) -> Template {
    Template::Plain(text.to_string().into())
}

#[test]
fn every_fixture_loads_and_every_key_of_the_language_is_read() {
    for (name, text) in FIXTURES {
        if let Err(mistakes) = read_str(name, text) {
            panic!("{mistakes}");
        }
    }
    let all: BTreeSet<_> = TABLES.iter().flat_map(|table| table.all().map(|key| (table.id, key.name))).collect();
    let missing: Vec<_> = TAKEN.with_borrow(|taken| all.difference(taken).copied().collect());
    // Forms of payloads that only an attachment or a neighbour table can show.
    let missing: Vec<_> = missing.into_iter().filter(|(_, key)| *key != "file").collect();
    assert_eq!(missing, [], "a key of the table that no reader asks for, or that the fixtures do not show");
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
fn a_row_brings_its_number_and_is_told() {
    let cases = fixture("framing-lengths.yaml");
    let case = by_id(cases, "framing/lengths/binary-of-65535-bytes");
    assert_eq!(case.autobahn, ["1.2.6"]);
    assert_eq!(case.title, "A binary message of 65535 bytes comes back unchanged");
    assert_eq!(case.source.row[1], ("bytes".to_string(), "65535".to_string()));
    assert_eq!(case.source.line, 7);
    assert!(case.source.yaml.starts_with("id: framing/lengths/${kind}-of-${bytes}-bytes\ntitle: "), "{}", case.source.yaml);
    assert!(case.source.yaml.ends_with("steps:\n  - echo: {\"${kind}\": {repeat: \"*\", bytes: \"${bytes}\"}}\n"));
    assert_eq!(case.steps[0].line, 16);
    let StepKind::Expect(Expect { kind: ExpectKind::One(Expectation::Message { text, content }), .. }) = &case.steps[1].kind else {
        panic!()
    };
    assert_eq!(*text, Some(false));
    assert!(matches!(content, Content::Equals(octets) if octets.len() == 65535));
}

#[test]
fn an_id_without_a_placeholder_gets_its_row() {
    let ids: Vec<_> = fixture("fragmentation.yaml").into_iter().map(|case| case.id).collect();
    assert_eq!(ids[1], "fragmentation/continuation-without-a-start-fails-fin-true");
    assert_eq!(ids[2], "fragmentation/continuation-without-a-start-fails-fin-false");
    let case = "group: G\nlevel: must\ncases: [{id: a/b, title: T, matrix: [{v: X Y/z, autobahn: \"1.1.1\"}, {v: \"\"}]}]\n";
    let mistakes = read_str("t.yaml", case).unwrap_err();
    assert!(mistakes.0[0].message.contains("`a/b-v-` cannot be an id"), "{mistakes}");
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
    assert_eq!(case.handshake.request.set, [("Origin".to_string(), plain("https://shop.example"))]);
    assert!(matches!(&case.handshake.expect[..], [HeadExpect { kind: HeadExpectKind::Head { status, .. }, .. }] if status == &[(401, 401)]));
    let case = by_id(fixture("chat.yaml"), "chat/server-speaks-first");
    assert_eq!(case.handshake.request.set.len(), 2);
    assert!(case.opens());
}

#[test]
fn payloads_have_many_forms() {
    let payload = |form: &str| frames(&format!("{{binary: {form}}}"))[0].payload.to_vec();
    assert_eq!(payload("Hello"), b"Hello");
    assert_eq!(payload("{text: any}"), b"any");
    assert_eq!(payload("{hex: \"ce ba\"}"), [0xce, 0xba]);
    assert_eq!(payload("{hex: 81}"), [0x81]);
    assert_eq!(payload("{base64: \"SGk=\"}"), b"Hi");
    assert_eq!(payload("{repeat: abc, bytes: 7}"), b"abcabca");
    assert_eq!(payload("{repeat: {hex: \"00\"}, times: 3}"), [0, 0, 0]);
    assert_eq!(payload("{repeat: \"\", bytes: 0}"), b"");
    assert_eq!(payload("{utf8: [U+0041, U+D800]}"), [0x41, 0xed, 0xa0, 0x80]);
    assert_eq!(payload("{json: {b: 1, a: [null, 1.5, x]}}"), br#"{"b":1,"a":[null,1.5,"x"]}"#);
    assert_eq!(payload("{concat: [a, {hex: ff}, b]}"), b"a\xffb");
    assert_eq!(payload("{random: 16, seed: 5}"), payload("{random: 16, seed: 5}"));
    assert_ne!(payload("{random: 16}"), payload("{random: 16, seed: 5}"));
    assert_eq!(payload("\"\\xff\""), "\u{ff}".as_bytes());
}

#[test]
fn frames_carry_every_bit() {
    let frame = frames("{text: Hel, fin: false, rsv: [1, 3], mask: \"01020304\", truncate: 4, length: {form: 16-bit, declared: 9}}").remove(0);
    assert_eq!((frame.fin, frame.rsv, frame.truncate), (false, 5, Some(4)));
    assert_eq!((frame.form, frame.declared), (Some(LengthForm::Bits16), Some(9)));
    assert_eq!(frame.mask, Masking::Key([1, 2, 3, 4]));
    assert_eq!(frames("{ping: x}")[0].mask, Masking::ByRole);
    assert_eq!(frames("{ping: x, mask: false}")[0].mask, Masking::Unmasked);
    assert_eq!(frames("{ping: x, mask: true}")[0].mask, Masking::Masked);
    let frame = frames("{frame: {opcode: 11, fin: false, length: {declared: 0x8000000000000005}}, rsv: 2}").remove(0);
    assert_eq!((frame.opcode, frame.fin, frame.rsv), (Opcode::new(11), false, 2));
    assert_eq!(frame.declared, Some(0x8000_0000_0000_0005));
    assert_eq!(frames("{frame: {opcode: ping}}")[0].opcode, Opcode::PING);
}

#[test]
fn close_frames_have_a_code_a_reason_or_any_body() {
    let body = |form: &str| frames(&format!("{{close: {form}}}"))[0].payload.to_vec();
    assert_eq!(body("1000"), [3, 232]);
    assert_eq!(body("0"), [0, 0]);
    assert_eq!(body("{code: 1001, reason: bye}"), b"\x03\xe9bye");
    assert_eq!(body("empty"), b"");
    assert_eq!(body("{hex: \"03\"}"), [3]);
    assert_eq!(body("{text: empty}"), b"empty");
}

#[test]
fn messages_are_cut_into_fragments() {
    let cut = |fragments: &str| {
        let frames = frames(&format!("{{message: {{text: Hello, fragments: {fragments}}}}}"));
        assert!(frames.iter().enumerate().all(|(place, frame)| frame.fin == (place + 1 == frames.len())));
        assert!(frames.iter().skip(1).all(|frame| frame.opcode == Opcode::CONTINUATION));
        frames.iter().map(|frame| frame.payload.len()).collect::<Vec<_>>()
    };
    assert_eq!(cut("2"), [2, 2, 1]);
    assert_eq!(cut("5"), [5]);
    assert_eq!(cut("99"), [5]);
    assert_eq!(cut("[1, 2]"), [1, 2, 2]);
    assert_eq!(cut("[0, 5, 0]"), [0, 5, 0]);
    assert_eq!(cut("{size: 5, empty-last: true}"), [5, 0]);
    assert_eq!(cut("{size: 2}"), [2, 2, 1]);
    let empty = frames("{message: {binary: \"\", fragments: {size: 1, empty-last: true}}}");
    assert_eq!(empty.iter().map(|frame| frame.opcode).collect::<Vec<_>>(), [Opcode::BINARY, Opcode::CONTINUATION]);
    assert_eq!(frames("{message: {binary: \"\"}}").len(), 1);
}

#[test]
fn words_stand_alone_and_writes_are_joined_and_cut() {
    let kinds = steps("send: fence\nsend: {pause: 1.5ms}\nsend: {together: [{text: a}, {octets: b}], chop: {size: 2, pause: 1ms}}\nsend: half-close\nsend: reset");
    let send = |place: usize| match &kinds[place] {
        StepKind::Send(send) => send.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(send(0).kind, SendKind::Fence);
    assert_eq!(send(1).kind, SendKind::Pause(Duration::from_micros(1500)));
    assert!(matches!(send(2).kind, SendKind::Together(parts) if parts.len() == 2));
    assert_eq!(send(2).chop, Some(Chop { size: 2, pause: Some(Duration::from_millis(1)) }));
    assert_eq!((send(3).kind, send(4).kind), (SendKind::HalfClose, SendKind::Reset));
}

#[test]
fn an_echo_is_a_send_and_its_expectation() {
    let kinds = steps("echo: {message: {binary: Hello, fragments: 2}, mask: true, within: 3s, chop: 1}");
    assert_eq!(kinds.len(), 2);
    let StepKind::Send(send) = &kinds[0] else { panic!() };
    assert!(matches!(&send.kind, SendKind::Frames(frames) if frames.len() == 3 && frames.iter().all(|f| f.mask == Masking::Masked)));
    let StepKind::Expect(expect) = &kinds[1] else { panic!() };
    assert_eq!(expect.within, Some(Duration::from_secs(3)));
    let content = Content::Equals("Hello".into());
    assert_eq!(expect.kind, ExpectKind::One(Expectation::Message { text: Some(false), content }));
    let case = load("group: G\nlevel: must\ncases: [{id: a/b, title: T, steps: [{echo: {text: x}}]}]\n").remove(0);
    assert_eq!(case.needs, [Need::Echo]);
}

#[test]
fn expectations_have_their_forms() {
    assert_eq!(expectation("{text: any}"), Expectation::Message { text: Some(true), content: Content::Any });
    let any = Content::Equals("any".into());
    assert_eq!(expectation("{message: {text: any}}"), Expectation::Message { text: None, content: any });
    assert_eq!(expectation("{ping: {contains: x}}"), Expectation::Ping(Content::Contains("x".into())));
    assert_eq!(expectation("{close: [1000, 1001]}"), Expectation::Close(CloseExpect::Codes(vec![1000, 1001])));
    assert_eq!(expectation("{close: {exactly: 1000}}"), Expectation::Close(CloseExpect::Exactly(vec![1000])));
    assert_eq!(expectation("{close: empty}"), Expectation::Close(CloseExpect::Empty));
    assert_eq!(expectation("{fail: [1002, 1007]}"), Expectation::Fail(vec![1002, 1007]));
    assert_eq!(expectation("{eof: any}"), Expectation::Eof(vec![]));
    assert_eq!(expectation("{eof: [fin, reset]}"), Expectation::Eof(vec![EndKind::Fin, EndKind::Reset]));
    let json = serde_json::json!({"a": [1]});
    assert_eq!(expectation("{text: {json: {a: [1]}}}"), Expectation::Message { text: Some(true), content: Content::Json(json) });
}

#[test]
fn alternatives_earn_what_they_say() {
    let kinds = steps("expect: {one-of: [{fail: 1002}, {sequence: [{text: a}, {eof: any}], outcome: lenient, because: Z28}]}");
    let StepKind::Expect(Expect { kind: ExpectKind::OneOf(alternatives), .. }) = &kinds[0] else { panic!() };
    assert_eq!((alternatives[0].outcome, alternatives[0].because.as_deref()), (Outcome::Pass, None));
    assert_eq!((alternatives[1].outcome, alternatives[1].because.as_deref()), (Outcome::Lenient, Some("Z28")));
    assert_eq!(alternatives[1].sequence.len(), 2);
}

#[test]
fn heads_are_patched_in_every_way() {
    let request = by_id(fixture("every-key.yaml"), "every/request").handshake.request;
    assert_eq!(request.set[0], ("Host".to_string(), Template::Filled("%{host}".into())));
    assert_eq!(request.set[1], ("X-Octets".to_string(), Template::Plain(b"\xff"[..].into())));
    assert_eq!(request.target, Some(Template::Filled("http://%{host}%{path}".into())));
    assert_eq!((request.method.as_deref(), request.version.as_deref()), (Some("POST"), Some("HTTP/1.0")));
}

#[test]
fn heads_take_lines_places_and_sends() {
    let patch = handshake("server", "{request: {add: {A: [1, 2], B: x}, body: {concat: [\"%{key}\", y]}, then: {text: hi}, line-ending: lf}}").request;
    let lines: Vec<_> = patch.add.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    assert_eq!(lines, [("A", plain("1")), ("A", plain("2")), ("B", plain("x"))]);
    assert_eq!(patch.body, Some(Template::Filled("%{key}y".into())));
    assert_eq!(patch.then.len(), 1);
    assert_eq!(patch.line_ending, crate::wire::handshake::LineEnding::Lf);
    let patch = handshake("client", "{response: {status: 200, reason: OK, accept-for: k, subprotocols: chat}}").response;
    assert_eq!((patch.status, patch.reason.as_deref(), patch.accept_for.as_deref()), (Some(200), Some("OK"), Some("k")));
    assert_eq!(patch.subprotocols, ["chat"]);
}

#[test]
fn two_words_say_that_a_handshake_must_not_succeed() {
    let earned = |word: &str, status: Option<u16>| {
        let expect = handshake("server", &format!("{{expect: {word}}}")).expect;
        expect.into_iter().find_map(|one| {
            let fits = match (&one.kind, status) {
                (HeadExpectKind::Head { status: ranges, .. }, Some(status)) => ranges.iter().any(|&(low, high)| low <= status && status <= high),
                (HeadExpectKind::End, None) => true,
                _ => false,
            };
            fits.then_some((one.outcome, one.because))
        })
    };
    let zone = |outcome, zone: &str| Some((outcome, Some(zone.to_string())));
    assert_eq!(earned("refused", Some(400)), Some((Outcome::Pass, None)));
    assert_eq!(earned("refused", Some(302)), zone(Outcome::Lenient, "Z29"));
    assert_eq!(earned("refused", Some(101)), None);
    assert_eq!(earned("refused", None), zone(Outcome::Lenient, "Z29"));
    assert_eq!(earned("not-upgraded", Some(200)), Some((Outcome::Pass, None)));
    assert_eq!(earned("not-upgraded", Some(101)), None);
    assert_eq!(earned("not-upgraded", None), zone(Outcome::Lenient, "Z31"));
}

#[test]
fn mistakes_of_a_matrix_are_told_once() {
    let text = "group: G\nlevel: must\ncases:\n  - id: a/${n}\n    title: T\n    matrix: {n: [1, 2, 3]}\n    steps:\n      - send: {txt: x}\n      - expect: {pong: same}\n";
    let mistakes = read_str("t.yaml", text).unwrap_err();
    assert_eq!(mistakes.0.len(), 1, "{mistakes}");
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
