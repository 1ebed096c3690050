//! Tests of the suite: what is built in, what lies on disk, and files that join.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::case::{SendKind, Source, Step, StepKind};

/// A folder with these files, removed when it is dropped.
fn scratch(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn group(id: &str, title: &str) -> String {
    format!("group: G\nlevel: must\ncases:\n  - id: {id}\n    title: {title}\n")
}

#[test]
fn the_embedded_suite_has_no_errors() {
    let suite = load_embedded().unwrap_or_else(|error| panic!("{error}"));
    for case in suite.cases() {
        let has_level = case.source.yaml.contains("level:");
        let group =
            wsspec_cases::CASES.iter().find(|(name, _)| *name == &*case.source.file).map_or("", |(_, text)| text);
        let inherited = group.lines().any(|line| line.starts_with("level:"));
        assert!(!case.proves.is_empty() || has_level || inherited, "{} has neither `proves` nor `level`", case.id);
    }
}

#[test]
fn files_come_by_path_and_cases_in_their_order() {
    let files = [("b.yaml", group("b/one", "B")), ("a/z.yml", group("a/z", "Z")), ("a/c.yaml", group("a/c", "C"))];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let scratch = scratch(&files);
    let suite = load_dir(scratch.path()).unwrap();
    let ids: Vec<_> = suite.cases().iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, ["a/c", "a/z", "b/one"]);
    assert_eq!(&*suite.get("a/c").unwrap().source.file, "a/c.yaml");
}

#[test]
fn other_files_take_the_place_of_known_ids() {
    let mut suite = read_str("one.yaml", &group("a/b", "Old")).unwrap();
    suite.merge(read_str("two.yaml", &(group("a/b", "New") + "  - id: a/c\n    title: More\n")).unwrap());
    let titles: Vec<_> = suite.cases().iter().map(|case| case.title.as_str()).collect();
    assert_eq!(titles, ["New", "More"]);
}

#[test]
fn an_id_of_two_files_is_an_error_that_names_both() {
    let scratch = scratch(&[("a.yaml", &group("x/y", "A")), ("b.yaml", &group("x/y", "B"))]);
    let Err(LoadError::Diagnostics(diagnostics)) = load_dir(scratch.path()) else { panic!() };
    assert_eq!(diagnostics.0.len(), 1);
    assert!(diagnostics.0[0].file.ends_with("b.yaml"));
    assert!(diagnostics.0[0].hint.as_deref().unwrap().contains("a.yaml:4"));
}

#[test]
fn all_errors_of_all_files_are_reported() {
    let scratch = scratch(&[("a.yaml", "grup: 1\n"), ("b.yaml", "group: 1\ncases: []\n")]);
    let Err(LoadError::Diagnostics(diagnostics)) = load_dir(scratch.path()) else { panic!() };
    assert!(diagnostics.0.iter().any(|diagnostic| diagnostic.file.ends_with("a.yaml")));
    assert!(diagnostics.0.iter().any(|diagnostic| diagnostic.file.ends_with("b.yaml")));
}

#[test]
fn a_payload_comes_from_a_file_next_to_the_case_and_from_nowhere_else() {
    let text =
        |path: &str| group("f/f", "F") + &format!("    steps:\n      - send: {{binary: {{file: \"{path}\"}}}}\n");
    let scratch = scratch(&[("cases/a.yaml", &text("data/x.bin")), ("cases/data/x.bin", "bytes"), ("secret", "s")]);
    let file = scratch.path().join("cases/a.yaml");
    let suite = load_dir(&file).unwrap();
    let StepKind::Send(send) = &suite.cases()[0].steps[0].kind else { panic!() };
    assert!(matches!(&send.kind, SendKind::Frames(frames) if frames[0].payload == "bytes"));
    for path in ["../secret", "/etc/hostname", "data/../../secret", "data", "nothing", "./a.yaml", "a\\b"] {
        fs::write(&file, text(path)).unwrap();
        assert!(load_dir(&file).is_err(), "{path}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(scratch.path().join("secret"), scratch.path().join("cases/link")).unwrap();
        fs::write(&file, text("link")).unwrap();
        assert!(load_dir(&file).unwrap_err().to_string().contains("outside the folder"));
    }
}

#[test]
fn what_cannot_be_read_is_reported_by_its_path() {
    let scratch = scratch(&[("empty/readme.md", "")]);
    assert!(matches!(load_dir(scratch.path().join("empty")), Err(LoadError::Empty(_))));
    assert!(matches!(load_dir(scratch.path().join("missing")), Err(LoadError::Read { .. })));
}

#[test]
fn bytes_that_are_no_text_are_shown_by_line() {
    let diagnostics = read_bytes("t.yaml", b"group: G\ncases: \xff\n").unwrap_err();
    assert_eq!((diagnostics.0[0].line, diagnostics.0[0].column), (2, 8));
}

#[test]
fn a_large_suite_is_read_quickly() {
    // A figure for a person, and a bound that only a blunder would miss: `cargo test --release -- --nocapture large_suite`.
    let mut files = Vec::new();
    let mut count = 0;
    for place in 0..32 {
        let mut text = String::from("group: Many\nlevel: must\nneeds: [echo]\ncases:\n");
        while text.len() < 1 << 15 {
            text.push_str(&format!(
                "  - id: many/case-{count}-${{size}}\n    title: Number {count} echoes ${{size}} bytes\n    matrix: {{size: [1, 125]}}\n    \
                 spec: rfc6455#section-5.5.2\n    proves: [rfc6455-5.5.3-pong-same-data]\n    steps:\n      \
                 - send: {{ping: {{repeat: \"*\", bytes: \"${{size}}\"}}}}\n      - expect: {{pong: same}}\n      \
                 - send: {{frame: {{opcode: text, payload: Hello, rsv: [1]}}}}\n      \
                 - expect: {{one-of: [{{fail: 1002}}, {{eof: any, outcome: lenient, because: Z1}}]}}\n"
            ));
            count += 1;
        }
        files.push((format!("{place:02}.yaml"), text));
    }
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    let scratch = scratch(&files);
    let started = std::time::Instant::now();
    let suite = load_dir(scratch.path()).unwrap();
    let elapsed = started.elapsed();
    println!("{} cases of {bytes} bytes in {elapsed:?}", suite.cases().len());
    assert_eq!(suite.cases().len(), count * 2);
    assert!(suite.cases().is_sorted_by_key(|case| &case.source.file));
    assert!(elapsed < std::time::Duration::from_secs(10));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read_bytes("t.yaml", &bytes);
    }

    #[test]
    fn no_near_miss_makes_the_reader_panic(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("group: G\n"), Just("cases:\n"), Just("  - id: a/b\n"), Just("    title: T\n"), Just("    level: must\n"),
                Just("    steps:\n"), Just("      - send: {text: "), Just("{repeat: x, bytes: "), Just("65536"), Just("-1"), Just("}"),
                Just("}\n"), Just("      - expect: {close: "), Just("{one-of: ["), Just("]"), Just("[1000, "), Just("${x}"), Just("\"${x}\""),
                Just("    matrix: {x: [1, {a: b}, null]}\n"), Just("    handshake: {request: {set: "), Just("expect: "), Just("refused"),
                Just("{message: {text: héllo, fragments: "), Just("{utf8: [U+0000..U+7FFFFFFF]}"), Just("{hex: "), Just("null"), Just("&a "),
                Just("*a"), Just("---\n"), Just("{json: "), Just(" # c\n"), Just("\t"), Just("'"), Just("|\n"), Just("1e400"), Just("\u{2028}"),
            ],
            0..24,
        )
    ) {
        let text = parts.concat();
        if let Err(diagnostics) = read_str("t.yaml", &text) {
            prop_assert!(!diagnostics.0.is_empty());
            let _ = diagnostics.to_string();
        }
    }
}

/// Every case of the suite reads from its definition as the same case, but for the place where it was written.
#[test]
fn every_case_reads_from_its_definition_as_the_same_case() {
    let mut all = load_embedded().unwrap().into_cases();
    let own = "group: G ${x}\ncases:\n  - id: a/b\n    title: \"A $${x} and \\x85 ${n}\"\n    level: must\n    matrix: [{n: 1.50, autobahn: 1.1.1}]\n    steps:\n      - send: {text: \"$${n} $$${n} ${n} \\\\ \\\"\"}\n      - expect: {text: 'yes'}\n";
    all.extend(read_str("own.yaml", own).unwrap().into_cases());
    let placeless = |case: &Case| {
        let steps = case.steps.iter().map(|step| Step { line: 0, ..step.clone() }).collect();
        Case { source: Source::default(), steps, ..case.clone() }
    };
    for case in &all {
        let again = read_definition(&case.source.definition, BTreeMap::new())
            .unwrap_or_else(|error| panic!("{}: {error}\n{}", case.id, case.source.definition));
        assert_eq!(format!("{:?}", placeless(&again)), format!("{:?}", placeless(case)), "{}", case.id);
    }
}
