//! Snapshots of rendered errors, one test for each kind of error.

use super::suite::read_str;
use crate::diagnostics::{Style, render};

fn shown(text: &str) -> String {
    read_str("cases/x.yaml", text).expect_err("an error").to_string()
}

/// A case with these keys below its title.
fn case(keys: &str) -> String {
    let keys: String = keys.lines().map(|line| format!("    {line}\n")).collect();
    format!("group: G\nlevel: must\ncases:\n  - id: a/b\n    title: T\n{keys}")
}

/// A case with these steps.
fn steps(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("  - {line}\n")).collect();
    case(&format!("steps:\n{lines}"))
}

macro_rules! snapshots {
    ($($name:ident: $text:expr,)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(stringify!($name), shown(&$text));
            }
        )*
    };
}

snapshots! {
    unknown_key: steps("send: {frame: {opcode: ping, paylod: Hello}}"),
    key_in_the_wrong_place: steps("expect: {fail: 1002, outcome: lenient}"),
    two_kinds_in_a_step: steps("send: {text: a, ping: b}\n{send: barrier, expect: nothing}"),
    no_kind: steps("send: {fin: false}\nexpect: {within: 1s}"),
    bad_yaml: "group: G\ncases: [{id: a/b, title: a: b}]\n",
    bare_placeholder: steps("send: {ping: {repeat: x, bytes: ${size}}}"),
    comma_in_a_text: steps("expect: {one-of: [{fail: 1002}, {eof: any, outcome: lenient, because: one thing, and another thing}]}"),
    comma_in_a_word: steps("expect: {one-of: [{fail: 1002}, {eof: any, outcome: lenient, because: slow, late}]}"),
    bare_key_in_json: steps("send: {text: {json: {a: one, two}}}"),
    unknown_placeholder: case("matrix: {size: [1, 2]}\nnote: \"It has ${sise} bytes\""),
    number_in_place_of_text: case("autobahn: 2.10"),
    unknown_requirement: case("proves: [rfc6455-5.5.3-pong-same-date]"),
    unknown_word: case("role: sever\nneeds: [ehco]\nends: never"),
    unknown_zone: steps("expect: {one-of: [{fail: 1002}, {eof: any, outcome: lenient, because: Z99}]}"),
    lenient_without_reason: steps("expect: {one-of: [{fail: 1002}, {eof: any, outcome: lenient}]}"),
    bad_id: "group: G\nlevel: must\ncases:\n  - {id: A/b_c, title: T}\n",
    missing_keys: "group: G\ncases:\n  - note: nothing else\n",
    id_twice: "group: G\ncases:\n  - {id: a/b, title: T}\n  - {id: a/b, title: T}\n",
    key_twice: "group: G\ngroup: H\ncases: [{id: a/b, title: T}]\n",
    role_conflict: case("role: client\nhandshake: {request: {method: POST}, expect: refused}"),
    url_for_a_server: case("role: server\nhandshake: {url: \"ws://%{host}/\"}"),
    client_that_has_called: case("role: client\nhandshake: {expect: {end: true}}"),
    handshake_for_one_role_only: case("handshake: {request: {remove: [Host]}, expect: {status: 400}}"),
    step_behind_the_end: steps("send: {ping: x}\nexpect: {fail: 1002}\nexpect: {pong: x}"),
    answers_to_nothing: steps("expect: {pong: same}\nexpect: {close: same}"),
    nothing_kept_back: steps("send: {text: a, hold: 1}\nsend: {ping: x}\nsend: rest\nsend: rest"),
    steps_behind_a_refusal: case("role: server\nhandshake: {expect: refused}\nsteps: [{send: {text: x}}]"),
    bad_payloads: steps("send: {text: {hex: \"0g\"}}\nsend: {text: {repeat: x}}\nsend: {text: {repeat: x, bytes: 99999999}}\nsend: {text: {utf8: [0x80]}}\nsend: {text: {file: ../secret}}"),
    bad_fragments: steps("send: {message: {text: Hello, fragments: [3, 3]}}"),
    bad_place_in_a_head: case("role: server\nhandshake: {request: {set: {Host: \"%{hots}\"}}}"),
    bad_spec: case("spec: RFC 6455 5.5"),
    bad_time: steps("send: {pause: 20}"),
    deep_nesting: format!("group: {}\n", "[".repeat(200)),
    wide_characters_before_the_caret: steps("send: {text: \"日本語\", fim: false}"),
}

#[test]
fn colours_are_only_in_the_ansi_style() {
    let diagnostics = read_str("x.yaml", "group: 5\ncases: [{id: a/b, title: T}]\n").unwrap_err();
    assert!(!render(&diagnostics.0, Style::Plain).contains('\u{1b}'));
    assert!(render(&diagnostics.0, Style::Ansi).contains('\u{1b}'));
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let text = shown("group: G\ncases: [{id: \"a\\e]0;x\\a\", title: T}]\n");
    assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
}

#[test]
fn a_line_as_long_as_a_file_is_not_shown() {
    let text = shown(&format!("group: G\ncases: [{{id: a/b, title: T, note: \"{}\", nope: 1}}]\n", "x".repeat(5000)));
    assert!(text.len() < 500, "{text}");
    assert!(text.contains("cases/x.yaml:2:"));
}
