//! Tests of the YAML tree: places, scalars and bounds.

use std::time::{Duration, Instant};

use super::*;

fn parse(text: &str) -> (Vec<Node>, Vec<Diagnostic>) {
    read(&FileText::new("t.yaml", text))
}

fn one(text: &str) -> Node {
    let (mut documents, diagnostics) = parse(text);
    assert_eq!(diagnostics, []);
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

fn first_diagnostic(text: &str) -> Diagnostic {
    parse(text).1.into_iter().next().expect("an error")
}

fn scalar(text: &str) -> Scalar {
    match one(&format!("v: {text}\n")).get("v").map(|(_, node)| node.value.clone()) {
        Some(Value::Scalar(scalar, _)) => scalar,
        other => panic!("{other:?}"),
    }
}

#[test]
fn scalars_follow_the_core_schema_without_its_traps() {
    assert_eq!(scalar("5"), Scalar::Int(5));
    assert_eq!(scalar("-5"), Scalar::Int(-5));
    assert_eq!(scalar("0x8000000000000005"), Scalar::Int(0x8000_0000_0000_0005));
    assert_eq!(scalar("0o17"), Scalar::Int(15));
    assert_eq!(scalar("2.10"), Scalar::Float(2.1));
    assert_eq!(scalar("true"), Scalar::Bool(true));
    assert_eq!(scalar("null"), Scalar::Null);
    assert_eq!(scalar(""), Scalar::Null);
    for text in [
        "yes", "on", "n", "010", "1_000", "0x", "0xZZ", "7.1.6", "16-bit", "400-499", ".inf", "-x", "\"5\"", "!!str 5",
        "ce ba",
    ] {
        assert_eq!(scalar(text), Scalar::Str, "{text}");
    }
}

#[test]
fn every_node_and_key_has_its_place() {
    let text = "a: é\nlist:\n  - {k: 'v w'}\n  - two # tail\n";
    let node = one(text);
    let slice = |span: Span| &text[span.start..span.end];
    let (key, list) = node.get("list").unwrap();
    assert_eq!(slice(key.span), "list");
    let Value::Seq(items) = &list.value else { panic!() };
    assert_eq!(slice(items[0].span), "{k: 'v w'}");
    assert_eq!(slice(items[0].get("k").unwrap().1.span), "'v w'");
    assert_eq!(slice(items[1].span), "two");
    assert_eq!(slice(node.span), "a: é\nlist:\n  - {k: 'v w'}\n  - two");
    assert_eq!(slice(node.head()), "a");
}

#[test]
fn documents_are_apart_and_empty_ones_do_not_count() {
    let (documents, diagnostics) = parse("# only a comment\n---\na: 1\n---\n---\nb: 2\n...\n");
    assert_eq!((documents.len(), diagnostics.len()), (2, 0));
    assert_eq!(parse("").0.len(), 0);
}

#[test]
fn aliases_share_what_they_name() {
    let node = one("a: &x {k: 1}\nb: *x\n");
    assert!(node.get("b").unwrap().1.get("k").is_some());
    assert_eq!(node.weight(), 9);
}

#[test]
fn duplicate_and_strange_keys_are_errors() {
    let diagnostic = first_diagnostic("a: 1\nb: 2\na: 3\n");
    assert_eq!((diagnostic.line, diagnostic.message.as_str()), (3, "the key `a` occurs twice"));
    assert_eq!(first_diagnostic("? [a]\n: 1\n").message, "a key must be a word");
    assert_eq!(first_diagnostic("x: &x {a: 1}\ny: {<<: *x}\n").message, "merge keys (`<<`) are not supported");
    assert_eq!(first_diagnostic("x: !bytes abc\n").message, "the tag `!bytes` is not supported");
}

#[test]
fn a_bare_placeholder_in_a_flow_map_gets_a_hint() {
    let diagnostic = first_diagnostic("a: {bytes: ${size}}\n");
    assert!(diagnostic.hint.unwrap().starts_with("put `${...}` in quotes"));
}

#[test]
fn bombs_end_early() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let members = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{members}]\n"));
    }
    let deep = "[".repeat(100_000);
    let deep_block: String = (0..2_000).map(|level| format!("{}- \n", " ".repeat(level))).collect();
    let merged = "a: &a [".repeat(40) + "*a";
    for text in [bomb, deep, deep_block, merged] {
        let started = Instant::now();
        assert_ne!(parse(&text).1, []);
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
}

#[test]
fn a_file_over_the_bound_is_refused() {
    let diagnostic = first_diagnostic(&"#".repeat(MAX_FILE + 1));
    assert_eq!(diagnostic.message, "the file is larger than 4 MiB");
}

#[test]
fn an_alias_inside_its_own_anchor_is_an_error() {
    assert_eq!(first_diagnostic("a: &x [*x]\n").message, "the alias is inside the value that it refers to");
}

#[test]
fn a_comma_in_a_flow_map_ends_a_text_without_quotes() {
    let node = one("{because: refused, but without a list, outcome: info}\n");
    let keys: Vec<_> = node.as_map().unwrap().iter().map(|(key, _)| &*key.name).collect();
    assert_eq!(keys, ["because", "but without a list", "outcome"]);
}
