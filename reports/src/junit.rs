//! JUnit XML: a suite for each group and role, a test case for each case.
//!
//! A fail becomes `failure`, an error becomes `error`, and an unsupported case or a known failure becomes `skipped`. Lenient and info
//! pass, with the reason in `system-out`. An incomplete run has an additional suite with an error, so that no reader takes it for
//! complete.

use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::describe::event_text;
use crate::read::Results;
use crate::results::{CaseResult, Finding, Outcome, Run};
use crate::text::one_line;
use crate::totals::topic;

/// The number of last events of a failing case that are shown.
const EVENTS: usize = 40;

/// Writes the run as JUnit XML.
///
/// # Errors
/// The error of the XML writer.
pub fn render(results: &Results) -> Result<String, SerializeError> {
    let mut report = Report::new("wsspec");
    if let Some(end) = &results.end {
        report.set_time(milliseconds(end.duration_ms));
    }
    let mut suites: Vec<(String, TestSuite)> = Vec::new();
    for case in &results.cases {
        let name = suite_name(case);
        let at = suites.iter().position(|(other, _)| *other == name).unwrap_or_else(|| {
            suites.push((name.clone(), TestSuite::new(one_line(&name))));
            suites.len() - 1
        });
        suites[at].1.add_test_case(test_case(&results.run, case));
    }
    report.add_test_suites(suites.into_iter().map(|(_, suite)| suite));
    if !results.whole() {
        report.add_test_suite(incomplete(results));
    }
    report.to_string()
}

fn suite_name(case: &CaseResult) -> String {
    match &case.agent {
        Some(agent) => format!("{} ({}, {agent})", case.group, case.role),
        None => format!("{} ({})", case.group, case.role),
    }
}

fn incomplete(results: &Results) -> TestSuite {
    let why = match &results.end {
        _ if results.truncated => "the results end before the run did",
        Some(end) => end.stopped.as_deref().unwrap_or("the run stopped early"),
        None => "the run has no end",
    };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("incomplete").set_message(one_line(why));
    status.set_description(format!("{} of {} selected cases were played.", results.played(), results.expected()));
    let mut case = TestCase::new("every selected case was played", status);
    case.set_classname("wsspec");
    let mut suite = TestSuite::new("wsspec run");
    suite.add_test_case(case);
    suite
}

fn test_case(run: &Run, case: &CaseResult) -> TestCase {
    let first = case.findings.first();
    let message = first
        .map_or_else(|| format!("{}: no further information", case.outcome.name()), |finding| finding.message.clone());
    let kind = |kind: NonSuccessKind| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(one_line(
            first.and_then(|finding| finding.requirement.as_deref()).unwrap_or(case.outcome.name()),
        ));
        status.set_message(one_line(&message)).set_description(description(run, case));
        status
    };
    let status = match case.outcome {
        Outcome::Pass | Outcome::Lenient | Outcome::Info => TestCaseStatus::success(),
        Outcome::Fail if case.known.is_some() => {
            let mut status = TestCaseStatus::skipped();
            let known = case.known.as_deref().unwrap_or_default();
            status.set_message(one_line(&format!("known: {known}; {message}")));
            status
        }
        Outcome::Fail => kind(NonSuccessKind::Failure),
        Outcome::Error => kind(NonSuccessKind::Error),
        Outcome::Unsupported => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(one_line(&message));
            status
        }
    };
    let mut test = TestCase::new(one_line(&case.case), status);
    test.set_classname(one_line(topic(&case.case)));
    test.set_time(milliseconds(case.duration_ms));
    if matches!(case.outcome, Outcome::Lenient | Outcome::Info) {
        test.set_system_out(format!("{}\n{}", case.outcome.name(), findings(run, case)));
    }
    if !case.file.is_empty() {
        test.extra.insert("file".into(), one_line(&case.file).as_ref().into());
        test.extra.insert("line".into(), case.line.to_string().into());
    }
    test
}

/// The text of a failing case: the title, every finding, the end of the conversation, and the replay command.
fn description(run: &Run, case: &CaseResult) -> String {
    let mut text = format!("{}\n\n{}", one_line(&case.title), findings(run, case));
    let left_out = case.transcript.len().saturating_sub(EVENTS);
    if !case.transcript.is_empty() {
        text.push_str("\nConversation (-> to the target, <- from the target):\n");
    }
    if left_out > 0 {
        let _ = writeln!(text, "  {left_out} earlier events are in the results file");
    }
    for event in &case.transcript[left_out..] {
        let _ = writeln!(text, "{}", event_text(event));
    }
    if !case.replay.is_empty() {
        let _ = write!(text, "\nReplay: {}\n", one_line(&case.replay));
    }
    text
}

fn findings(run: &Run, case: &CaseResult) -> String {
    let mut text = String::new();
    for finding in &case.findings {
        let _ = writeln!(
            text,
            "{} by {}: {}",
            finding.outcome.name(),
            one_line(&finding.by.to_string()),
            one_line(&finding.message)
        );
        if let Some(because) = reason(run, finding) {
            let _ = writeln!(text, "  because: {}", one_line(&because));
        }
        if let Some(place) = requirement(run, finding) {
            let _ = writeln!(text, "  {}", one_line(&place));
        }
    }
    text
}

fn requirement(run: &Run, finding: &Finding) -> Option<String> {
    let id = finding.requirement.as_ref()?;
    Some(match run.requirements.get(id) {
        Some(known) => format!("{}, {}: {} ({})", known.place, known.level, known.text, known.url),
        None => id.to_string(),
    })
}

fn reason(run: &Run, finding: &Finding) -> Option<String> {
    let because = finding.reason()?;
    Some(match finding.zone.and_then(|zone| run.zones.get(&zone.to_string())) {
        Some(text) => format!("{because}, {text}"),
        None => because,
    })
}

/// The duration, or zero if the number from the file is not a valid duration.
fn milliseconds(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default()
}
