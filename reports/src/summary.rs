//! The summary that a terminal shows when a run is over.
//!
//! It is styled with ANSI escapes; the caller strips them where they are not wanted. All text that a target may have written is shown
//! with its control characters escaped.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::describe::event_text;
use crate::read::Results;
use crate::results::{CaseResult, Outcome, RequirementId, RequirementText, What};
use crate::text::{count, duration, one_line, shorten, wrap};
use crate::totals::{Counts, Rate, Tally, Totals};

/// How a summary is written.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether lenient does not count as passed.
    pub strict: bool,
    /// The maximum number of failing cases to show.
    pub failures: usize,
    /// The path of the report, which is shown at the end.
    pub report: Option<String>,
    /// How many columns there are.
    pub columns: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { strict: false, failures: 20, report: None, columns: 80 }
    }
}

/// The width of a bar in columns.
const BAR: usize = 20;

/// The style of an outcome's word.
pub const fn style(outcome: Outcome) -> Style {
    let colour = match outcome {
        Outcome::Pass => AnsiColor::Green,
        Outcome::Lenient => AnsiColor::Yellow,
        Outcome::Info => AnsiColor::Blue,
        Outcome::Fail => AnsiColor::Red,
        Outcome::Unsupported => AnsiColor::BrightBlack,
        Outcome::Error => AnsiColor::Magenta,
    };
    let style = colour.on_default();
    if matches!(outcome, Outcome::Fail | Outcome::Error) { style.bold() } else { style }
}

/// Writes the summary.
///
/// # Errors
/// The error of the writer.
pub fn write(out: &mut impl Write, results: &Results, options: &Options) -> io::Result<()> {
    let totals = Totals::of(&results.cases);
    let bold = Style::new().bold();
    writeln!(out, "{bold}{}{bold:#}", one_line(&headline(results)))?;
    writeln!(out)?;
    counts(out, results, &totals)?;
    writeln!(out)?;
    rates(out, &totals, options)?;
    failures(out, results, options)?;
    facts(out, results, options)?;
    ending(out, results, options)
}

fn headline(results: &Results) -> String {
    let target = &results.run.target;
    let role = if target.role == "both" { "server and client" } else { &target.role };
    let place = target.url.as_deref().or(target.command.as_deref());
    let mut line = format!("{}: ", results.run.tool);
    match (&target.name, place) {
        (Some(name), Some(place)) => line.push_str(&format!("{name} at {place}")),
        (Some(name), None) => line.push_str(name),
        (None, place) => line.push_str(place.unwrap_or("unnamed target")),
    }
    line.push_str(&format!(" ({role})"));
    line
}

fn counts(out: &mut impl Write, results: &Results, totals: &Totals) -> io::Result<()> {
    let mut line = Vec::new();
    for outcome in Outcome::ALL {
        let number = totals.all.get(outcome);
        if number > 0 {
            let style = style(outcome);
            line.push(format!("{style}{number} {}{style:#}", outcome.name()));
        }
    }
    if line.is_empty() {
        line.push("no case was played".into());
    }
    writeln!(out, "  {}", line.join("   "))?;
    let took = results.end.as_ref().map(|end| format!(" in {}", duration(end.duration_ms))).unwrap_or_default();
    let selected = results.expected();
    let played = results.played();
    let of = if selected == played { String::new() } else { format!(" of {selected}") };
    let dim = Style::new().dimmed();
    writeln!(out, "  {dim}{}{of} played{took}{dim:#}", count(played, "case"))
}

fn rates(out: &mut impl Write, totals: &Totals, options: &Options) -> io::Result<()> {
    for level in &totals.levels {
        rate(out, level, &level.name, &level.counts, options)?;
        let roles = totals.roles.iter().filter(|_| level.roles.len() > 1);
        for (role, counts) in roles.filter_map(|role| Some((&role.name, level.roles.get(&role.name)?))) {
            rate(out, level, &format!("  {role}"), counts, options)?;
        }
    }
    Ok(())
}

fn rate(out: &mut impl Write, level: &Tally, name: &str, counts: &Counts, options: &Options) -> io::Result<()> {
    let rate = counts.rate(options.strict);
    let counts = match rate {
        Rate::Of { passed, judged } => format!("{passed} of {judged} passed"),
        Rate::Nothing => "no verdict".into(),
        Rate::Invalid { errors } => count(errors, "error"),
    };
    let style = match rate {
        Rate::Of { passed, judged } if passed == judged => style(Outcome::Pass),
        Rate::Of { .. } if level.name == "must" => style(Outcome::Fail),
        Rate::Of { .. } => style(Outcome::Lenient),
        Rate::Nothing => style(Outcome::Unsupported),
        Rate::Invalid { .. } => style(Outcome::Error),
    };
    let filled = match rate {
        Rate::Of { passed, judged } => passed * BAR / judged,
        _ => 0,
    };
    let (full, empty) = ("━".repeat(filled), "┄".repeat(BAR - filled));
    let dim = Style::new().dimmed();
    let name = one_line(name);
    writeln!(out, "  {name:<9} {style}{rate:>7}{style:#}  {style}{full}{style:#}{dim}{empty}{dim:#}  {counts}")
}

fn failures(out: &mut impl Write, results: &Results, options: &Options) -> io::Result<()> {
    let failing: Vec<&CaseResult> = [Outcome::Error, Outcome::Fail]
        .into_iter()
        .flat_map(|outcome| results.cases.iter().filter(move |case| case.outcome == outcome))
        .collect();
    if failing.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let several = results.cases.iter().any(|case| case.role != failing[0].role || case.agent != failing[0].agent);
    let shown = &failing[..failing.len().min(options.failures)];
    let mut shown_groups = HashSet::new();
    let bold = Style::new().bold();
    let dim = Style::new().dimmed();
    for case in shown {
        // A group is shown at its first failing case, with all its failing cases below.
        if !shown_groups.insert(&case.group) {
            continue;
        }
        writeln!(out, "  {bold}{}{bold:#}", one_line(&case.group))?;
        for case in shown.iter().filter(|other| other.group == case.group) {
            let style = style(case.outcome);
            let who = match &case.agent {
                Some(agent) if several => format!(" {dim}({}, {}){dim:#}", case.role, one_line(agent)),
                _ if several => format!(" {dim}({}){dim:#}", case.role),
                _ => String::new(),
            };
            writeln!(out, "    {style}{}{style:#}  {}{who}", case.outcome.name(), one_line(&case.case))?;
            if let Some(known) = &case.known {
                writeln!(out, "          {dim}known: {}{dim:#}", shorten(&one_line(known), 400))?;
            }
            if let Some(finding) = case.findings.first() {
                let message = one_line(&finding.message);
                let text = format!("{}: {}", one_line(&finding.by.to_string()), shorten(&message, 400));
                for line in wrap(&text, options.columns.saturating_sub(10).max(20)) {
                    writeln!(out, "          {line}")?;
                }
            }
        }
    }
    if failing.len() > shown.len() {
        writeln!(out, "  and {} more", failing.len() - shown.len())?;
    }
    Ok(())
}

fn facts(out: &mut impl Write, results: &Results, options: &Options) -> io::Result<()> {
    let facts = crate::facts::facts(&results.cases);
    if facts.is_empty() {
        return Ok(());
    }
    let several = facts.iter().any(|fact| fact.role != facts[0].role);
    let dim = Style::new().dimmed();
    let name_of = |fact: &crate::facts::Fact<'_>| {
        let who = if several { format!(", {}", one_line(fact.role)) } else { String::new() };
        format!("{}{who}", one_line(fact.name()).to_lowercase())
    };
    let names: Vec<String> = facts.iter().map(name_of).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    writeln!(out)?;
    for (fact, name) in facts.iter().zip(names) {
        let refused = match &fact.refused {
            Some(_) => format!("  refused {}", one_line(&fact.refusal())),
            None => String::new(),
        };
        let refused = shorten(&refused, options.columns.saturating_sub(width + 13).max(20));
        writeln!(out, "  {dim}{name:<width$}{dim:#} {:>9}{refused}", fact.took())?;
    }
    Ok(())
}

fn ending(out: &mut impl Write, results: &Results, options: &Options) -> io::Result<()> {
    let (red, green) = (style(Outcome::Fail), style(Outcome::Pass));
    writeln!(out)?;
    if results.truncated {
        writeln!(
            out,
            "  {red}incomplete{red:#}: the results end before the run did; the rates refer to the cases so far"
        )?;
    } else if let Some(end) = results.end.as_ref().filter(|end| !end.complete) {
        let why = end.stopped.as_deref().unwrap_or("no reason is recorded");
        let text = format!("stopped early: {}", one_line(why));
        for (at, line) in wrap(&text, options.columns.saturating_sub(4).max(20)).iter().enumerate() {
            match line.strip_prefix("stopped early").filter(|_| at == 0) {
                Some(rest) => writeln!(out, "  {red}stopped early{red:#}{rest}")?,
                None => writeln!(out, "  {line}")?,
            }
        }
    }
    match results.end.as_ref().map(|end| end.gate.as_str()) {
        Some("held") => writeln!(out, "  gate    {green}held{green:#}")?,
        Some("failed") => writeln!(out, "  gate    {red}failed{red:#}")?,
        _ => {}
    }
    if let Some(report) = &options.report {
        writeln!(out, "  report  {}", one_line(report))?;
    }
    Ok(())
}

/// Writes one case: its verdict, its findings with the requirements that they violate, and the conversation.
///
/// # Errors
/// The error of the writer.
pub fn write_case(
    out: &mut impl Write,
    case: &CaseResult,
    requirements: &BTreeMap<RequirementId, RequirementText>,
) -> io::Result<()> {
    let (style, bold, dim) = (style(case.outcome), Style::new().bold(), Style::new().dimmed());
    writeln!(out, "{style}{}{style:#}  {bold}{}{bold:#} ({})", case.outcome.name(), one_line(&case.case), case.role)?;
    writeln!(out, "      {}", one_line(&case.title))?;
    for finding in &case.findings {
        writeln!(out, "\n  {}: {}", one_line(&finding.by.to_string()), one_line(&finding.message))?;
        if let Some(because) = &finding.reason() {
            writeln!(out, "    {dim}because {}{dim:#}", one_line(because))?;
        }
        if let Some((id, text)) = finding.requirement.as_ref().and_then(|id| Some((id, requirements.get(id)?))) {
            writeln!(out, "    {dim}{}: {} ({}, {}){dim:#}", text.place, text.text, text.level, one_line(id))?;
        }
    }
    writeln!(out)?;
    for event in &case.transcript {
        writeln!(out, "{}", event_text(event))?;
        if let What::Head { text } = &event.what {
            for line in text.lines() {
                writeln!(out, "                   {dim}{}{dim:#}", one_line(line))?;
            }
        }
    }
    Ok(())
}
