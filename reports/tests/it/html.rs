//! The HTML report of the fixture.

use std::collections::HashSet;

use wsspec_reports::html::render;
use wsspec_reports::read::Results;
use wsspec_reports::results::CaseResult;

use crate::sample;

const SCRIPT: &str = include_str!("../../templates/report.js");
const STYLE: &str = include_str!("../../templates/report.css");

fn page(results: &Results) -> String {
    render(results).expect("the page can be rendered").replace(SCRIPT, "SCRIPT").replace(STYLE, "STYLE")
}

/// The page's part from the first `from` to the next `to`, without empty lines.
fn part(page: &str, from: &str, to: &str) -> String {
    let start = page.find(from).expect("the part begins");
    let length = page[start..].find(to).expect("the part ends") + to.len();
    page[start..start + length].lines().filter(|line| !line.trim().is_empty()).map(|line| format!("{line}\n")).collect()
}

#[test]
fn header_and_pass_rates() {
    insta::assert_snapshot!(part(&page(&sample::results()), "<header>", "</form>"));
}

#[test]
fn a_failing_case() {
    insta::assert_snapshot!(part(
        &page(&sample::results()),
        "<details class=\"case fail\" data-case=\"framing/text-is-echoed\"",
        "\n</details>"
    ));
}

#[test]
fn a_lenient_case() {
    insta::assert_snapshot!(part(&page(&sample::results()), "<details class=\"case lenient\"", "\n</details>"));
}

#[test]
fn the_page_needs_no_other_file() {
    let page = render(&sample::results()).expect("rendered");
    for loads in [" src=", "@import", "url(", "<link", "<iframe", "fetch(", "XMLHttpRequest", "import("] {
        assert!(!page.contains(loads), "{loads}");
    }
    assert!(page.contains("default-src 'none'"));
    assert!(SCRIPT.lines().count() < 200);
}

#[test]
fn each_case_has_its_link_and_ids_are_unique() {
    let results = sample::results();
    let page = page(&results);
    for case in &results.cases {
        assert!(page.contains(&format!("href=\"#case={}&amp;role={}\"", case.case, case.role)), "{}", case.case);
    }
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<HashSet<_>>().len());
}

#[test]
fn a_run_that_is_not_whole_says_so() {
    let mut results = sample::results();
    assert!(!page(&results).contains("selected cases are in this file"));
    results.run.selected = 449;
    if let Some(end) = &mut results.end {
        end.complete = false;
        end.stopped = Some("the target no longer answers after limits/huge-declared-length".into());
    }
    let told = "The run stopped early: the target no longer answers after limits/huge-declared-length. 16 of 449 selected cases are in this file";
    assert!(page(&results).contains(told));
    results.end = None;
    results.truncated = true;
    assert!(page(&results).contains("The results end before the run did. 16 of 449 selected cases are in this file"));
}

#[test]
fn a_run_without_a_case_is_a_page_too() {
    let results = Results { cases: Vec::new(), ..sample::results() };
    assert!(page(&results).contains("No case was played"));
}

#[test]
fn a_long_conversation_is_shown_in_part() {
    let mut results = sample::results();
    let case = &mut results.cases[0];
    let event = case.transcript[2].clone();
    case.transcript = vec![event; 100_000];
    let page = page(&results);
    assert!(page.contains("99940 events omitted here"));
    assert!(page.len() < 1_000_000);
}

/// A suite as large as the real one.
pub fn large(cases: usize) -> Results {
    let sample = sample::results();
    let passes: Vec<&CaseResult> = sample.cases.iter().filter(|case| case.findings.is_empty()).collect();
    let mut results = Results { cases: Vec::new(), ..sample.clone() };
    for number in 0..cases {
        // One in ten is not a pass.
        let case = if number % 10 == 0 {
            &sample.cases[number / 10 % sample.cases.len()]
        } else {
            passes[number % passes.len()]
        };
        results.cases.push(CaseResult { case: format!("{}-{number}", case.case), ..case.clone() });
    }
    results.run.selected = cases;
    results
}

#[test]
fn six_hundred_cases_are_a_reasonable_page() {
    let size = render(&large(600)).expect("rendered").len();
    assert!(size < 4_000_000, "{size} bytes");
}
