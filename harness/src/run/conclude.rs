//! The end of a run: gate, totals and exit code.

use std::time::Duration;

use wsspec_reports::results::{CaseResult, End, Outcome};
use wsspec_reports::totals::Totals;

use super::engine::{Stopped, milliseconds};
use super::exit::Exit;
use super::plan::Plan;

/// How a run ended.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    /// Why it stopped early, where it did.
    pub stopped: Option<Stopped>,
    /// How many cases a complete run plays.
    pub selected: usize,
    /// The target's name, where it became known only during the run.
    pub agent: Option<String>,
}

/// The exit code, the last line of the results, and why the gate did not hold.
pub(super) fn end(plan: &Plan, cases: &[CaseResult], ending: Ending, took: Duration) -> (Exit, End, Vec<String>) {
    let strict = plan.strict();
    let mut broken = plan.gate.as_ref().map_or_else(Vec::new, |gate| gate.broken_by(cases));
    broken.extend(plan.baseline.stale(cases, strict));
    let why = why_incomplete(cases, &ending);
    if let Some(why) = &why {
        broken.push(format!("not all cases were played: {why}"));
    }
    let exit = match (&ending.stopped, plan.gate.is_some(), broken.is_empty()) {
        (Some(Stopped::Bug(_)), ..) => Exit::Bug,
        (Some(Stopped::Interrupted), ..) => Exit::Interrupted,
        (Some(Stopped::Dead(_)), ..) => Exit::Target,
        (None, true, false) => Exit::NotHeld,
        (None, ..) => Exit::Held,
    };
    let gate = match (plan.gate.is_some(), broken.is_empty()) {
        (false, _) => "none",
        (true, true) => "held",
        (true, false) => "failed",
    };
    let totals = Totals::of(cases);
    let count = |outcome: Outcome| (outcome.name().to_owned(), totals.all.get(outcome));
    let end = End {
        complete: why.is_none(),
        stopped: why,
        totals: Outcome::ALL.into_iter().map(count).collect(),
        rates: totals.levels.iter().map(|tally| (tally.name.clone(), tally.counts.rate(strict).value())).collect(),
        gate: gate.to_owned(),
        exit: exit.code(),
        duration_ms: milliseconds(took),
        agent: ending.agent,
    };
    (exit, end, broken)
}

/// Why not all cases were played, where they were not.
fn why_incomplete(cases: &[CaseResult], ending: &Ending) -> Option<String> {
    match &ending.stopped {
        Some(Stopped::Dead(sentence) | Stopped::Bug(sentence)) => Some(sentence.clone()),
        Some(Stopped::Interrupted) => Some("interrupted".to_owned()),
        None => {
            let played = cases.iter().filter(|case| !case.is_of_whole_run()).count();
            (played < ending.selected).then(|| format!("{played} of {} cases were requested", ending.selected))
        }
    }
}
