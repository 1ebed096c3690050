//! Two runs compared: the cases that are worse, better, new and missing.

use std::collections::BTreeMap;

use crate::read::Results;
use crate::results::{CaseResult, Outcome};
use crate::text::{count, one_line};

/// A case whose outcome is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The case, with role and agent if these are needed to identify it.
    pub case: String,
    /// The old outcome. `None` for a case that is new.
    pub old: Option<Outcome>,
    /// The new outcome. `None` for a case that is missing.
    pub new: Option<Outcome>,
    /// The first finding of the new run.
    pub message: String,
}

/// The differences between two runs, each list in the order of the names of cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Cases with a worse outcome.
    pub worse: Vec<Change>,
    /// Cases with a better one.
    pub better: Vec<Change>,
    /// Cases with another outcome that is neither better nor worse: pass and info.
    pub other: Vec<Change>,
    /// Cases that only the new run has.
    pub appeared: Vec<Change>,
    /// Cases that only the old run has.
    pub vanished: Vec<Change>,
    /// How many have the same outcome.
    pub same: usize,
    /// Whether the new run is incomplete, so that missing cases may have failed.
    pub incomplete: bool,
}

impl Diff {
    /// Compares two runs. A case that occurs several times in a run counts with its worst outcome.
    pub fn of(old: &Results, new: &Results) -> Self {
        let (before, after) = (by_name(old), by_name(new));
        let mut diff = Self { incomplete: !new.whole(), ..Self::default() };
        let change = |name: &str, old: Option<&&CaseResult>, new: Option<&&CaseResult>| Change {
            case: name.to_owned(),
            old: old.map(|case| case.outcome),
            new: new.map(|case| case.outcome),
            message: new.and_then(|case| case.findings.first()).map_or_else(String::new, |found| found.message.clone()),
        };
        for (name, case) in &after {
            let Some(was) = before.get(name) else {
                diff.appeared.push(change(name, None, Some(case)));
                continue;
            };
            if was.outcome == case.outcome {
                diff.same += 1;
                continue;
            }
            let list = match rank(case.outcome).cmp(&rank(was.outcome)) {
                std::cmp::Ordering::Greater => &mut diff.worse,
                std::cmp::Ordering::Less => &mut diff.better,
                std::cmp::Ordering::Equal => &mut diff.other,
            };
            list.push(change(name, Some(was), Some(case)));
        }
        let missing = before.iter().filter(|(name, _)| !after.contains_key(*name));
        diff.vanished = missing.map(|(name, case)| change(name, Some(case), None)).collect();
        diff
    }

    /// Whether something is worse: a case is, a new case fails, or cases are missing from an incomplete run.
    pub fn is_worse(&self) -> bool {
        let failing = |change: &Change| matches!(change.new, Some(Outcome::Fail | Outcome::Error));
        !self.worse.is_empty() || self.appeared.iter().any(failing) || (self.incomplete && !self.vanished.is_empty())
    }

    /// The lists as text, for a terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let lists = [
            ("worse", &self.worse),
            ("better", &self.better),
            ("changed", &self.other),
            ("new", &self.appeared),
            ("missing", &self.vanished),
        ];
        for (title, changes) in lists.into_iter().filter(|(_, changes)| !changes.is_empty()) {
            text.push_str(&format!("{title}: {}\n", count(changes.len(), "case")));
            for change in changes {
                let word = |outcome: Option<Outcome>| outcome.map_or("-", Outcome::name);
                let outcomes = format!("{} -> {}", word(change.old), word(change.new));
                text.push_str(&format!("  {outcomes:<20}  {}\n", one_line(&change.case)));
                if matches!(change.new, Some(Outcome::Fail | Outcome::Error)) {
                    text.push_str(&format!("                        {}\n", one_line(&change.message)));
                }
            }
        }
        text.push_str(&format!("unchanged: {}\n", count(self.same, "case")));
        if self.incomplete {
            text.push_str("the new run is incomplete: cases that are missing may have failed\n");
        }
        text
    }
}

/// The order of outcomes in a comparison.
const fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Pass | Outcome::Info => 0,
        Outcome::Lenient => 1,
        Outcome::Unsupported => 2,
        Outcome::Fail => 3,
        Outcome::Error => 4,
    }
}

fn by_name(results: &Results) -> BTreeMap<String, &CaseResult> {
    let several = results.run.target.role == "both";
    let mut cases: BTreeMap<String, &CaseResult> = BTreeMap::new();
    for case in &results.cases {
        let mut name = case.case.clone();
        if several {
            name.push_str(&format!(" ({})", case.role));
        }
        if let Some(agent) = &case.agent {
            name.push_str(&format!(" [{agent}]"));
        }
        let known = cases.entry(name).or_insert(case);
        if rank(case.outcome) > rank(known.outcome) {
            *known = case;
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{End, Finding};

    fn run(outcomes: &[(&str, Outcome)], complete: bool) -> Results {
        let cases = outcomes.iter().map(|(id, outcome)| CaseResult {
            case: (*id).into(),
            outcome: *outcome,
            findings: vec![Finding { message: "because\u{1b}".into(), ..Finding::default() }],
            ..CaseResult::default()
        });
        let end = Some(End { complete, ..End::default() });
        Results { cases: cases.collect(), end, ..Results::default() }
    }

    #[test]
    fn every_kind_of_change_is_listed() {
        use Outcome::{Fail, Info, Lenient, Pass};
        let old = run(&[("a", Pass), ("b", Fail), ("c", Pass), ("d", Pass), ("e", Lenient)], true);
        let new = run(&[("a", Fail), ("b", Lenient), ("c", Info), ("e", Lenient), ("f", Pass)], true);
        let diff = Diff::of(&old, &new);
        assert!(diff.is_worse());
        assert_eq!(
            diff.text(),
            "worse: 1 case\n  pass -> fail          a\n                        because\\x1b\nbetter: 1 case\n  fail -> lenient       \
             b\nchanged: 1 case\n  pass -> info          c\nnew: 1 case\n  - -> pass             f\nmissing: 1 case\n  pass -> -             \
             d\nunchanged: 1 case\n"
        );
    }

    #[test]
    fn better_is_not_worse_and_missing_is_worse_only_in_an_incomplete_run() {
        use Outcome::{Fail, Pass};
        let old = run(&[("a", Fail), ("b", Pass)], true);
        assert!(!Diff::of(&old, &run(&[("a", Pass)], true)).is_worse());
        assert!(Diff::of(&old, &run(&[("a", Pass)], false)).is_worse());
        assert!(!Diff::of(&old, &old).is_worse());
        assert!(Diff::of(&old, &run(&[("a", Fail), ("b", Pass), ("c", Fail)], true)).is_worse());
    }
}
