//! The page around the cases.

use std::collections::BTreeMap;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::facts::{Fact, facts};
use crate::html::case::{CaseView, encode};
use crate::read::Results;
use crate::results::{Level, Outcome, RequirementId, RequirementText, Run};
use crate::text::{count, duration};
use crate::totals::{Counts, Rate, Tally, Totals};

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");
/// The width of a bar, and the minimum width of an outcome in it.
const BAR: usize = 1000;
const BAR_LEAST: usize = 16;

/// All that the page's template needs.
#[derive(Template)]
#[template(path = "page.html")]
pub(crate) struct Page<'a> {
    run: &'a Run,
    style: &'static str,
    style_hash: String,
    script: &'static str,
    script_hash: String,
    /// The target's name, or where it is.
    name: &'a str,
    verdict: String,
    command: String,
    duration: Option<String>,
    gate: Option<&'a str>,
    warnings: Vec<String>,
    chips: Vec<(&'static str, usize)>,
    roles: Vec<&'a str>,
    agents: Vec<&'a str>,
    topics: Vec<&'a str>,
    levels: Vec<&'a str>,
    tables: Vec<Table<'a>>,
    total: usize,
    sections: Vec<Section<'a>>,
    /// The measurements.
    facts: Vec<Fact<'a>>,
    /// Every requirement that the run cites, and its result.
    requirements: Vec<RequirementRow<'a>>,
    /// The number of requirements that are not proven.
    unproven: usize,
    beyond: usize,
}

/// A requirement and its result in this run.
struct RequirementRow<'a> {
    id: &'a str,
    text: &'a RequirementText,
    /// The outcomes of the cases that prove it, in words.
    words: String,
    /// The class of the worst.
    class: &'static str,
    rules: String,
}

/// Pass rates by level or by topic.
struct Table<'a> {
    title: &'static str,
    /// The filter's key in the fragment.
    key: &'static str,
    rows: Vec<(&'a str, String, Vec<Option<Cell>>)>,
}

/// One pass rate.
struct Cell {
    rate: String,
    of: String,
    class: &'static str,
    words: String,
    bar: Vec<(&'static str, usize, usize)>,
}

/// The cases with one outcome.
struct Section<'a> {
    outcome: &'static str,
    cases: Vec<CaseView<'a>>,
}

impl<'a> Page<'a> {
    pub(crate) fn new(results: &'a Results) -> Self {
        let run = &results.run;
        let totals = Totals::of(&results.cases);
        let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
        let target = &run.target;
        let mut agents: Vec<&str> = results.cases.iter().filter_map(|case| case.agent.as_deref()).collect();
        agents.sort_unstable();
        agents.dedup();
        let roles = distinct(results.cases.iter().map(|case| case.role.name()), &["server", "client"]);
        let levels = distinct(results.cases.iter().map(|case| case.level.name()), &Level::ALL.map(Level::name));
        let mut topics: Vec<&str> = results.cases.iter().map(|case| crate::totals::topic(&case.case)).collect();
        topics.sort_unstable();
        topics.dedup();
        Self {
            run,
            style: STYLE,
            style_hash: hash(STYLE),
            script: SCRIPT,
            script_hash: hash(SCRIPT),
            name: [&target.name, &target.url, &target.command]
                .into_iter()
                .find_map(Option::as_deref)
                .unwrap_or("unnamed target"),
            verdict: verdict(&totals.required),
            command: run.command.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "),
            duration: results.end.as_ref().map(|end| duration(end.duration_ms)),
            gate: results.end.as_ref().map(|end| end.gate.as_str()).filter(|&gate| gate != "none"),
            warnings: warnings(results),
            chips: Outcome::ALL.into_iter().map(|outcome| (outcome.name(), totals.all.get(outcome))).collect(),
            tables: vec![
                table("By level", "level", &levels, &totals.levels, &roles),
                table("By topic", "topic", &topics, &totals.topics, &roles),
            ],
            roles,
            agents,
            topics,
            levels,
            total: results.cases.len(),
            sections: sections(results),
            facts: facts(&results.cases),
            unproven: run.requirements.values().filter(|text| text.unproven.is_some() && !text.beyond).count(),
            beyond: run.requirements.values().filter(|text| text.beyond).count(),
            requirements: requirements(results),
        }
    }
}

fn requirements(results: &Results) -> Vec<RequirementRow<'_>> {
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for case in &results.cases {
        for id in &case.requirements {
            counts.entry(id).or_default().add(case.outcome);
        }
    }
    let row = |(id, text): (&'_ RequirementId, &'_ RequirementText)| {
        let counts = counts.get(id.as_str());
        let worst = Outcome::ALL.into_iter().find(|&outcome| counts.is_some_and(|counts| counts.get(outcome) > 0));
        let words = counts.map_or_else(String::new, Counts::words);
        (words, worst.map_or("", Outcome::name), text.rules.join(", "))
    };
    let rows = results.run.requirements.iter().map(|(id, text)| {
        let (words, class, rules) = row((id, text));
        RequirementRow { id, text, words, class, rules }
    });
    rows.collect()
}

/// The names that occur, the known ones first and in their order.
fn distinct<'a>(names: impl Iterator<Item = &'a str>, known: &[&str]) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_by_key(|name| (known.iter().position(|other| other == name).unwrap_or(known.len()), *name));
    names.dedup();
    names
}

fn verdict(all: &Counts) -> String {
    let total = count(all.total(), "case");
    match (all.get(Outcome::Error), all.get(Outcome::Fail), all.total()) {
        (_, _, 0) => "No case was played".into(),
        (0, 0, _) => format!("{total}, no failure"),
        (0, 1, _) => format!("1 of {total} fails"),
        (0, fails, _) => format!("{fails} of {total} fail"),
        (errors, fails, _) => format!("{fails} of {total} fail, {}", count(errors, "error")),
    }
}

fn warnings(results: &Results) -> Vec<String> {
    let mut warnings = Vec::new();
    let played = format!("{} of {} selected cases are in this file", results.played(), results.expected());
    match &results.end {
        _ if results.truncated => {
            warnings.push(format!("The results end before the run did. {played}; all numbers refer to these."));
        }
        Some(end) if !end.complete => {
            let why = end.stopped.as_ref().map(|why| format!(": {}", why.trim_end_matches('.'))).unwrap_or_default();
            warnings.push(format!("The run stopped early{why}. {played}; all numbers refer to these."));
        }
        _ => {}
    }
    let errors = results.cases.iter().filter(|case| case.outcome == Outcome::Error).count();
    if errors > 0 {
        warnings.push(format!("{}: the pass rate of a group with an error is not valid.", count(errors, "error")));
    }
    warnings
}

fn table<'a>(
    title: &'static str,
    key: &'static str,
    names: &[&'a str],
    tallies: &[Tally],
    roles: &[&str],
) -> Table<'a> {
    let rows = names.iter().filter_map(|&name| {
        let tally = tallies.iter().find(|tally| tally.name == name)?;
        let cells = roles.iter().map(|&role| tally.roles.get(role).map(cell)).collect();
        Some((name, encode(name), cells))
    });
    Table { title, key, rows: rows.collect() }
}

fn cell(counts: &Counts) -> Cell {
    let rate = counts.rate(false);
    let (of, class) = match rate {
        Rate::Of { passed, judged } => (format!("{passed} of {judged}"), if passed == judged { "" } else { "short" }),
        Rate::Nothing => (count(counts.total(), "case"), "nothing"),
        Rate::Invalid { errors } => (count(errors, "error"), "invalid"),
    };
    Cell { rate: rate.to_string(), of, class, words: counts.words(), bar: bar(counts) }
}

/// The parts of the bar: class, start and width. A small part has a minimum width, which the widest part gives up.
fn bar(counts: &Counts) -> Vec<(&'static str, usize, usize)> {
    const ORDER: [Outcome; 6] =
        [Outcome::Pass, Outcome::Lenient, Outcome::Info, Outcome::Unsupported, Outcome::Fail, Outcome::Error];
    let total = counts.total().max(1);
    let mut widths = ORDER.map(|outcome| match counts.get(outcome) {
        0 => 0,
        number => (number * BAR / total).max(BAR_LEAST),
    });
    let sum: usize = widths.iter().sum();
    if let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > 0) {
        *widest = (*widest + BAR).saturating_sub(sum);
    }
    let mut at = 0;
    let mut parts = Vec::new();
    for (outcome, width) in ORDER.into_iter().zip(widths) {
        if width > 0 {
            parts.push((outcome.name(), at, width));
            at += width;
        }
    }
    parts
}

fn sections(results: &Results) -> Vec<Section<'_>> {
    let section = |outcome: Outcome| {
        let of_it = results.cases.iter().enumerate().filter(|(_, case)| case.outcome == outcome);
        Section {
            outcome: outcome.name(),
            cases: of_it.map(|(index, case)| CaseView::new(&results.run, index, case)).collect(),
        }
    };
    Outcome::ALL.into_iter().map(section).filter(|section| !section.cases.is_empty()).collect()
}

/// A word of a command line, quoted for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:=,@%+-".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_quoted() {
        let words = ["wsspec", "run", "--start", "node echo.js {port}", "it's", ""];
        assert_eq!(words.map(quoted).join(" "), r"wsspec run --start 'node echo.js {port}' 'it'\''s' ''");
    }

    #[test]
    fn a_bar_is_full_and_shows_what_is_rare() {
        let mut counts = Counts::default();
        for _ in 0..999 {
            counts.add(Outcome::Pass);
        }
        counts.add(Outcome::Fail);
        assert_eq!(bar(&counts), [("pass", 0, 984), ("fail", 984, 16)]);
        assert!(bar(&Counts::default()).is_empty());
    }
}
