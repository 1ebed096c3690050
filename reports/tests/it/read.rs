//! Reading results files, whole, cut off and broken.

use std::error::Error as _;
use std::io::{self, BufRead, Read};

use wsspec_reports::read::{MAX_LINE, ReadError, read};

use crate::sample;

fn text() -> String {
    sample::jsonl(&sample::results())
}

fn error(text: &str) -> String {
    read(text.as_bytes()).expect_err("it is no results file").to_string()
}

#[test]
fn a_whole_file_is_read_as_written() {
    let results = read(text().as_bytes()).expect("the fixture is readable");
    assert!(results == sample::results());
    assert!(results.whole());
}

#[test]
fn windows_newlines_and_empty_lines_do_no_harm() {
    let text = text().replace('\n', "\r\n\r\n");
    assert!(read(text.as_bytes()).expect("readable") == sample::results());
}

#[test]
fn a_last_line_without_newline_is_whole() {
    let text = text();
    assert!(read(text.trim_end().as_bytes()).expect("readable").whole());
}

/// Wherever a write was interrupted, what came before it is read, and it is said that something is missing.
#[test]
fn a_file_cut_at_any_byte_says_so() {
    let text = text();
    let first = text.find('\n').unwrap_or_default();
    let step = if cfg!(debug_assertions) { 97 } else { 1 };
    for at in (first..text.len() - 1).step_by(step) {
        let results = read(&text.as_bytes()[..at]).expect("a cut file is readable");
        assert!(results.truncated, "cut at {at}");
        assert!(!results.whole());
        let lines = text[..at].matches('\n').count();
        assert!(results.cases.len() + 1 >= lines, "cut at {at}");
    }
}

#[test]
fn a_cut_inside_a_character_is_a_cut() {
    let text = text();
    let at = text.find('κ').expect("the fixture has Greek letters") + 1;
    assert!(read(&text.as_bytes()[..at]).expect("readable").truncated);
}

#[test]
fn errors_name_the_line() {
    let run = r#"{"kind":"run","schema":1,"tool":"w","command":[],"seed":"0","target":{"role":"server"},"started":"","selected":0}"#;
    let end = r#"{"kind":"end","complete":true,"totals":{},"rates":{},"gate":"none","exit":0,"duration_ms":1}"#;
    assert_eq!(error(""), "the file is empty");
    assert_eq!(error("\n\n"), "the file is empty");
    assert_eq!(error("<html>\n"), "line 1: not JSON");
    assert_eq!(error("[1]\n"), "line 1: not a line of results");
    assert_eq!(error(&format!("{end}\n")), "line 1: the first line must be a `run` line");
    assert_eq!(
        error(&format!("{}\n", run.replace("\"schema\":1", "\"schema\":2"))),
        "line 1: schema version 2, but this wsspec reads version 1"
    );
    assert_eq!(error(&format!("{run}\n{{oops\n{end}\n")), "line 2: not JSON");
    assert_eq!(error(&format!("{run}\n\n{{\"kind\":\"what\"}}\n")), "line 3: not a line of results");
    assert_eq!(error(&format!("{run}\n{run}\n")), "line 2: a second `run` line; a file holds one run");
    assert_eq!(error(&format!("{run}\n{end}\n{end}\n")), "line 3: a line after the `end` line");
    let deep = format!("{run}\n{{\"kind\":\"case\",\"later\":{}\n", "[".repeat(100_000));
    assert_eq!(error(&deep), "line 2: not JSON");
}

#[test]
fn keys_that_are_not_known_are_passed_over() {
    let text = text().replacen("{\"kind\":\"run\"", "{\"kind\":\"run\",\"later\":{\"a\":[1]}", 1);
    assert!(read(text.as_bytes()).is_ok());
}

#[test]
fn a_line_without_end_is_refused_before_it_fills_memory() {
    let endless = io::repeat(b'{').take(MAX_LINE * 1000);
    let error = read(io::BufReader::with_capacity(1 << 20, endless)).expect_err("too long");
    assert!(matches!(error, ReadError::TooLong { line: 1 }), "{error}");
}

#[test]
fn a_reader_that_fails_is_told() {
    struct Failed;
    impl Read for Failed {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    impl BufRead for Failed {
        fn fill_buf(&mut self) -> io::Result<&[u8]> {
            Err(io::Error::other("gone"))
        }
        fn consume(&mut self, _: usize) {}
    }
    let error = read(Failed).expect_err("it fails");
    assert_eq!(error.to_string(), "line 1: cannot be read");
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("gone"));
}
