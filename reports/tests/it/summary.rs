//! The terminal summary of the fixture.

use wsspec_reports::read::Results;
use wsspec_reports::summary::{Options, write};

use crate::sample;

/// The summary without its colours.
pub fn plain(results: &Results, options: &Options) -> String {
    let mut out = Vec::new();
    write(&mut out, results, options).expect("a Vec takes everything");
    let text = String::from_utf8(out).expect("UTF-8");
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').expect("only colours are escapes").1)
}

#[test]
fn the_whole_summary() {
    let options = Options { report: Some("wsspec-report/report.html".into()), ..Options::default() };
    let text = plain(&sample::results(), &options);
    assert!(text.lines().all(|line| line.chars().count() <= 80));
    insta::assert_snapshot!(text);
}

#[test]
fn only_some_failures_are_told() {
    let text = plain(&sample::results(), &Options { failures: 1, ..Options::default() });
    assert!(text.contains("  and 4 more\n"), "{text}");
}

#[test]
fn lenient_does_not_pass_when_strict() {
    let text = plain(&sample::results(), &Options { strict: true, ..Options::default() });
    assert!(text.contains("0 of 1 passed"), "{text}");
}

#[test]
fn a_good_run_is_told_in_few_lines() {
    let mut results = sample::results();
    results.cases.retain(|case| case.findings.is_empty());
    results.run.selected = results.cases.len();
    if let Some(end) = &mut results.end {
        end.gate = "held".into();
    }
    insta::assert_snapshot!(plain(&results, &Options::default()));
}

#[test]
fn a_run_that_is_not_whole_says_so() {
    let mut results = sample::results();
    results.cases.truncate(3);
    if let Some(end) = &mut results.end {
        end.complete = false;
        end.gate = "none".into();
        end.stopped = Some("the sanity conversation failed after limits/huge-declared-length: the target no longer accepts connections".into());
    }
    insta::assert_snapshot!(plain(&results, &Options::default()));
    results.end = None;
    results.truncated = true;
    assert!(plain(&results, &Options::default()).contains("incomplete: "));
}
