//! Tests of the readers of payloads, sends, expectations and heads, one part of a case at a time.

use crate::vocabulary::{Because, Outcome, StreamEnd, Zone};
use std::time::Duration;

use super::tests::{by_id, fixture, load};
use crate::case::*;
use crate::language::read_str;
use crate::wire::{LengthForm, Opcode};

/// A case around steps, one a line.
fn steps(lines: &str) -> Vec<StepKind> {
    let lines: String = lines.lines().map(|line| format!("      - {line}\n")).collect();
    let case =
        load(&format!("group: G\nlevel: must\ncases:\n  - id: a/b\n    title: T\n    steps:\n{lines}")).remove(0);
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
    load(&format!("group: G\nrole: {role}\nlevel: must\nhandshake: {text}\ncases: [{{id: a/b, title: T}}]\n"))
        .remove(0)
        .handshake
}

fn plain(text: &str) -> Template {
    Template::Plain(text.to_string().into())
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
fn a_case_with_a_url_needs_a_client_that_can_be_given_one() {
    let case = load(
        "group: G\nrole: client\nlevel: must\nends: server-closes-tcp\ncases: [{id: a/b, title: T, handshake: {url: \"ws://[::1]:%{port}/\", expect: {header: {Host: first}}}}]\n",
    )
    .remove(0);
    assert_eq!((case.needs, case.ends), (vec![Need::Url], Ends::ServerClosesTcp));
    assert_eq!(case.handshake.url, Some(Template::Filled("ws://[::1]:%{port}/".into())));
    assert!(
        matches!(&case.handshake.expect[..], [HeadExpect { kind: HeadExpectKind::Head { fields, .. }, .. }] if fields[0].1 == FieldMatch::First)
    );
}

#[test]
fn frames_carry_every_bit() {
    let frame = frames(
        "{text: Hel, fin: false, rsv: [1, 3], mask: \"01020304\", truncate: 4, length: {form: 16-bit, declared: 9}}",
    )
    .remove(0);
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
fn messages_are_split_into_fragments() {
    let fragments_of = |fragments: &str| {
        let frames = frames(&format!("{{message: {{text: Hello, fragments: {fragments}}}}}"));
        assert!(frames.iter().enumerate().all(|(place, frame)| frame.fin == (place + 1 == frames.len())));
        assert!(frames.iter().skip(1).all(|frame| frame.opcode == Opcode::CONTINUATION));
        frames.iter().map(|frame| frame.payload.len()).collect::<Vec<_>>()
    };
    assert_eq!(fragments_of("2"), [2, 2, 1]);
    assert_eq!(fragments_of("5"), [5]);
    assert_eq!(fragments_of("99"), [5]);
    assert_eq!(fragments_of("[1, 2]"), [1, 2, 2]);
    assert_eq!(fragments_of("[0, 5, 0]"), [0, 5, 0]);
    assert_eq!(fragments_of("{size: 5, empty-last: true}"), [5, 0]);
    assert_eq!(fragments_of("{size: 2}"), [2, 2, 1]);
    let empty = frames("{message: {binary: \"\", fragments: {size: 1, empty-last: true}}}");
    assert_eq!(empty.iter().map(|frame| frame.opcode).collect::<Vec<_>>(), [Opcode::BINARY, Opcode::CONTINUATION]);
    assert_eq!(frames("{message: {binary: \"\"}}").len(), 1);
}

#[test]
fn words_need_no_value_and_writes_are_joined_and_split() {
    let kinds = steps(
        "send: barrier\nsend: {pause: 1.5ms}\nsend: {together: [{text: a}, {raw: b}], split: {size: 2, pause: 1ms}}\nsend: half-close\nsend: reset",
    );
    let send = |place: usize| match &kinds[place] {
        StepKind::Send(send) => send.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(send(0).kind, SendKind::Barrier);
    assert_eq!(send(1).kind, SendKind::Pause(Duration::from_micros(1500)));
    assert!(matches!(send(2).kind, SendKind::Together(parts) if parts.len() == 2));
    assert_eq!(send(2).split, Some(WriteSplit { size: 2, pause: Some(Duration::from_millis(1)) }));
    assert_eq!((send(3).kind, send(4).kind), (SendKind::HalfClose, SendKind::Reset));
}

#[test]
fn an_echo_is_a_send_and_its_expectation() {
    let kinds = steps("echo: {message: {binary: Hello, fragments: 2}, mask: true, within: 3s, split: 1}");
    assert_eq!(kinds.len(), 2);
    let StepKind::Send(send) = &kinds[0] else { panic!() };
    assert!(
        matches!(&send.kind, SendKind::Frames(frames) if frames.len() == 3 && frames.iter().all(|f| f.mask == Masking::Masked))
    );
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
    assert_eq!(expectation("{eof: [fin, reset]}"), Expectation::Eof(vec![StreamEnd::Fin, StreamEnd::Reset]));
    let json = serde_json::json!({"a": [1]});
    assert_eq!(
        expectation("{text: {json: {a: [1]}}}"),
        Expectation::Message { text: Some(true), content: Content::Json(json) }
    );
}

#[test]
fn alternatives_earn_what_they_say() {
    let kinds =
        steps("expect: {one-of: [{fail: 1002}, {sequence: [{text: a}, {eof: any}], outcome: lenient, because: Z28}]}");
    let StepKind::Expect(Expect { kind: ExpectKind::OneOf(alternatives), .. }) = &kinds[0] else { panic!() };
    assert_eq!((alternatives[0].outcome, alternatives[0].because.clone()), (Outcome::Pass, None));
    assert_eq!((alternatives[1].outcome, alternatives[1].because.clone()), (Outcome::Lenient, Some(Zone(28).into())));
    assert_eq!(alternatives[1].sequence.len(), 2);
}

#[test]
fn heads_are_patched_in_every_way() {
    let request = by_id(fixture("every-key.yaml"), "every/request").handshake.request;
    assert_eq!(request.set[0], ("Host".to_string(), Template::Filled("%{host}".into())));
    assert_eq!(request.set[1], ("X-Bytes".to_string(), Template::Plain(b"\xff"[..].into())));
    assert_eq!(request.target, Some(Template::Filled("http://%{host}%{path}".into())));
    assert_eq!((request.method.as_deref(), request.version.as_deref()), (Some("POST"), Some("HTTP/1.0")));
}

#[test]
fn heads_take_lines_places_and_sends() {
    let patch = handshake(
        "server",
        "{request: {add: {A: [1, 2], B: x}, body: {concat: [\"%{key}\", y]}, then: {text: hi}, line-ending: lf}}",
    )
    .request;
    let lines: Vec<_> = patch.add.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    assert_eq!(lines, [("A", plain("1")), ("A", plain("2")), ("B", plain("x"))]);
    assert_eq!(patch.body, Some(Template::Filled("%{key}y".into())));
    assert_eq!(patch.then.len(), 1);
    assert_eq!(patch.line_ending, crate::wire::handshake::LineEnding::Lf);
    let patch =
        handshake("client", "{response: {status: 200, reason: OK, accept-for: k, subprotocols: chat}}").response;
    assert_eq!(
        (patch.status, patch.reason.as_deref(), patch.accept_for.as_deref()),
        (Some(200), Some("OK"), Some("k"))
    );
    assert_eq!(patch.subprotocols, ["chat"]);
}

#[test]
fn two_words_say_that_a_handshake_must_not_succeed() {
    let earned = |word: &str, status: Option<u16>| {
        let expect = handshake("server", &format!("{{expect: {word}}}")).expect;
        expect.into_iter().find_map(|one| {
            let fits = match (&one.kind, status) {
                (HeadExpectKind::Head { status: ranges, .. }, Some(status)) => {
                    ranges.iter().any(|&(low, high)| low <= status && status <= high)
                }
                (HeadExpectKind::End, None) => true,
                _ => false,
            };
            fits.then_some((one.outcome, one.because))
        })
    };
    let zone = |outcome, zone: u8| Some((outcome, Some(Because::from(Zone(zone)))));
    assert_eq!(earned("refused", Some(400)), Some((Outcome::Pass, None)));
    assert_eq!(earned("refused", Some(302)), zone(Outcome::Lenient, 29));
    assert_eq!(earned("refused", Some(101)), None);
    assert_eq!(earned("refused", None), zone(Outcome::Lenient, 29));
    assert_eq!(earned("not-upgraded", Some(200)), Some((Outcome::Pass, None)));
    assert_eq!(earned("not-upgraded", Some(101)), None);
    assert_eq!(earned("not-upgraded", None), zone(Outcome::Lenient, 31));
}

#[test]
fn words_of_tls_need_tls_and_their_role() {
    let case = |rest: &str| format!("group: G\ncases:\n  - {{id: a, title: T, {rest}}}\n");
    let needs = |rest: &str| load(&case(rest)).remove(0).needs;
    assert_eq!(needs("steps: [{send: truncate-tls}]"), [Need::Tls]);
    assert_eq!(needs("role: client, handshake: {tls: {expect: server-name}}"), [Need::Tls]);
    assert_eq!(needs("role: server, handshake: {request: {then: [close-notify]}}"), [Need::Tls]);
    let refused = load(&case("role: client, handshake: {tls: {certificate: expired, expect: refused}}")).remove(0);
    assert!(!refused.opens());
    for (rest, word) in [
        ("handshake: {tls: {certificate: expired}}", "role: client"),
        ("role: client, handshake: {tls: {plain: true}}", "role: server"),
        (
            "role: client, handshake: {tls: {certificate: expired, expect: refused}}, steps: [{send: truncate-tls}]",
            "never",
        ),
        ("steps: [{send: close-notify}, {send: {text: a}}]", "after `close-notify`"),
        ("steps: [{send: truncate-tls}, {send: {text: a}}]", "after `half-close` or `truncate-tls`"),
        ("steps: [{send: truncate-tls}, {echo: {series: {text: a, size: 1}}}]", "`close-notify` or `truncate-tls`"),
        ("role: client, handshake: {url: \"%{ws}://%{host}/\", tls: {expect: server-name}}", "combined with `url`"),
    ] {
        let diagnostics =
            read_str("t.yaml", &case(rest)).err().map(|diagnostics| diagnostics.to_string()).unwrap_or_default();
        assert!(diagnostics.contains(word), "{rest}: {diagnostics}");
    }
}
