//! The report in the format of Autobahn|Testsuite: `index.json`, a JSON file for each case, and an `index.html` with links to the
//! reports of wsspec.
//!
//! Scripts that read `behavior` and `behaviorClose` continue to work. The layout is part of the format, because some scripts use
//! `grep`: sorted keys, an indent of three spaces, one key in each line.

mod detail;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

pub use words::{Behavior, Close};

use crate::html::{self, RenderError};
use crate::read::Results;
use crate::results::{CaseResult, Run};

/// One run that goes into the report.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The name of the target, if neither its cases nor the run have one.
    pub agent: Option<&'a str>,
    /// The run.
    pub results: &'a Results,
}

/// A file of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name in the report's folder.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// The entry of a case in `index.json`. The order is that of the keys in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    behavior: Behavior,
    behavior_close: Close,
    duration: u64,
    remote_close_code: Option<u16>,
    #[serde(rename = "reportfile")]
    report_file: String,
}

/// The cases of one agent under one number, the worst first.
type Numbered<'a> = BTreeMap<Number, Vec<&'a CaseResult>>;

/// An Autobahn number, in numeric order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Number(Vec<u64>, String);

impl Number {
    fn of(text: &str) -> Self {
        Self(text.split('.').map(|part| part.parse().unwrap_or(u64::MAX)).collect(), text.to_owned())
    }
}

/// One agent's part of the report.
struct Agent<'a> {
    name: String,
    /// Its name in file names.
    stem: String,
    run: &'a Run,
    report: String,
    cases: Numbered<'a>,
}

/// The files of a report over these runs. Cases without a number do not appear; a case with several appears under each.
///
/// # Errors
/// The error of the template engine.
pub fn files(parts: &[Part<'_>]) -> Result<Vec<File>, RenderError> {
    let mut agents: Vec<Agent<'_>> = Vec::new();
    let mut files = Vec::new();
    let mut stems = BTreeSet::new();
    for part in parts {
        let mut report = None;
        for (name, cases) in by_agent(part) {
            // Two names can fold to one; none may overwrite the other.
            let folded = stem(&name);
            let stem = (1..)
                .map(|number| if number == 1 { folded.clone() } else { format!("{folded}_{number}") })
                .find(|stem| stems.insert(stem.clone()))
                .unwrap_or_default();
            let report: &String = report.get_or_insert_with(|| format!("{stem}_report.html"));
            agents.push(Agent { name, stem, run: &part.results.run, report: report.clone(), cases });
        }
        if let Some(name) = report {
            files.push(File { name, text: html::render(part.results)? });
        }
    }
    let mut index: BTreeMap<&str, BTreeMap<&str, Entry>> = BTreeMap::new();
    let mut rows = Vec::new();
    for agent in &agents {
        let entries = index.entry(&agent.name).or_default();
        let mut counts: BTreeMap<Behavior, usize> = BTreeMap::new();
        for (at, (number, cases)) in agent.cases.iter().enumerate() {
            let Some(&worst) = cases.first() else { continue };
            let name = format!("{}_case_{}.json", agent.stem, stem(&number.1));
            let entry = Entry {
                behavior: Behavior::of(worst.outcome),
                behavior_close: Close::of_all(cases),
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                duration: worst.duration_ms.max(0.0).round() as u64,
                remote_close_code: detail::remote_close_code(worst),
                report_file: name.clone(),
            };
            *counts.entry(entry.behavior).or_default() += 1;
            let detail = detail::of(agent.run, &agent.name, at + 1, &number.1, cases, &entry);
            files.push(File { name, text: json(&detail) });
            entries.insert(&number.1, entry);
        }
        let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {}", word.word())).collect();
        rows.push(Row { agent: &agent.name, report: &agent.report, counts: counts.join(", ") });
    }
    files.push(File { name: "index.json".into(), text: json(&index) });
    files.push(File { name: "index.html".into(), text: Page { rows }.render()? });
    Ok(files)
}

/// The cases of each agent of a run.
fn by_agent<'a>(part: &Part<'a>) -> Vec<(String, Numbered<'a>)> {
    let run = &part.results.run;
    let named = part.agent.or(run.target.name.as_deref()).or(run.target.url.as_deref());
    let named = named.or(run.target.command.as_deref()).filter(|name| !name.is_empty()).unwrap_or("target");
    let mut agents: Vec<(String, Numbered<'a>)> = Vec::new();
    for case in part.results.cases.iter().filter(|case| !case.autobahn.is_empty()) {
        let name = match &case.agent {
            Some(agent) => agent.clone(),
            None if run.target.role == "both" => format!("{named} as {}", case.role),
            None => named.to_owned(),
        };
        let at = agents.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            agents.push((name, Numbered::new()));
            agents.len() - 1
        });
        let Some((_, numbered)) = agents.get_mut(at) else { continue };
        for number in &case.autobahn {
            numbered.entry(Number::of(number)).or_default().push(case);
        }
    }
    for (_, numbered) in &mut agents {
        for cases in numbered.values_mut() {
            cases.sort_by_key(|case| std::cmp::Reverse(case.outcome.severity()));
        }
    }
    agents
}

/// A name as file names have it: lower case, all but letters and digits become `_`, none at its ends.
pub fn stem(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let folded: String = name.to_lowercase().chars().map(|c| if plain(c) { c } else { '_' }).collect();
    match folded.trim_matches('_') {
        "" => "agent".into(),
        // File systems end at 255 bytes.
        trimmed => trimmed.chars().take(120).collect(),
    }
}

/// JSON in the old layout.
fn json(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(b"   "));
    // Maps with text keys, numbers and texts can always be serialized.
    let _ = value.serialize(&mut serializer);
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_default()
}

/// An agent's line in `index.html`.
struct Row<'a> {
    agent: &'a str,
    report: &'a str,
    counts: String,
}

#[derive(Template)]
#[template(path = "autobahn.html")]
struct Page<'a> {
    rows: Vec<Row<'a>>,
}
