//! Counts and pass rates.
//!
//! A pass rate is (pass + lenient) / (pass + lenient + fail); strictly seen lenient does not count as passed. Info and unsupported
//! are left out. An error makes a rate invalid, so that a dead target cannot raise it.

use std::collections::BTreeMap;
use std::fmt;

use crate::results::{CaseResult, Level, Outcome};

/// How many cases have each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pass: usize,
    lenient: usize,
    info: usize,
    fail: usize,
    unsupported: usize,
    error: usize,
}

impl Counts {
    /// How many cases have this outcome.
    pub const fn get(&self, outcome: Outcome) -> usize {
        match outcome {
            Outcome::Pass => self.pass,
            Outcome::Lenient => self.lenient,
            Outcome::Info => self.info,
            Outcome::Fail => self.fail,
            Outcome::Unsupported => self.unsupported,
            Outcome::Error => self.error,
        }
    }

    /// Counts one more case.
    pub const fn add(&mut self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Pass => &mut self.pass,
            Outcome::Lenient => &mut self.lenient,
            Outcome::Info => &mut self.info,
            Outcome::Fail => &mut self.fail,
            Outcome::Unsupported => &mut self.unsupported,
            Outcome::Error => &mut self.error,
        };
        *count += 1;
    }

    /// How many cases there are.
    pub const fn total(&self) -> usize {
        self.pass + self.lenient + self.info + self.fail + self.unsupported + self.error
    }

    /// The pass rate. With `strict`, lenient cases do not count as passed.
    pub const fn rate(&self, strict: bool) -> Rate {
        let judged = self.pass + self.lenient + self.fail;
        if self.error > 0 {
            Rate::Invalid { errors: self.error }
        } else if judged == 0 {
            Rate::Nothing
        } else {
            Rate::Of { passed: if strict { self.pass } else { self.pass + self.lenient }, judged }
        }
    }

    /// The outcomes that occur, in the order of [`Outcome::ALL`], as `3 fail, 412 pass`.
    pub fn words(&self) -> String {
        let present = Outcome::ALL.into_iter().filter(|&outcome| self.get(outcome) > 0);
        present.map(|outcome| format!("{} {}", self.get(outcome), outcome.name())).collect::<Vec<_>>().join(", ")
    }
}

/// A pass rate, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// This many of that many.
    Of {
        /// The number of passed cases.
        passed: usize,
        /// The number of passed or failed cases.
        judged: usize,
    },
    /// No case passed or failed.
    Nothing,
    /// Errors make it invalid.
    Invalid {
        /// How many.
        errors: usize,
    },
}

impl Rate {
    /// The rate from 0 to 1, where there is one.
    #[allow(clippy::cast_precision_loss)]
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Of { passed, judged } => Some(passed as f64 / judged as f64),
            Self::Nothing | Self::Invalid { .. } => None,
        }
    }
}

impl fmt::Display for Rate {
    /// `99.4 %`, `none`, `invalid`. The percentage is rounded down, so that 100 % means all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Of { passed, judged } if passed == judged => f.pad("100 %"),
            Self::Of { passed, judged } => {
                let tenths = passed as u128 * 1000 / judged as u128;
                f.pad(&format!("{}.{} %", tenths / 10, tenths % 10))
            }
            Self::Nothing => f.pad("none"),
            Self::Invalid { .. } => f.pad("invalid"),
        }
    }
}

/// The counts under one name, such as a level, and how they divide by role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The level, the topic or the role.
    pub name: String,
    /// All of it.
    pub counts: Counts,
    /// The same by role.
    pub roles: BTreeMap<String, Counts>,
}

/// All that is counted of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All cases.
    pub all: Counts,
    /// The cases of the levels that RFCs have: all but `quality`. The pass rate of a run is theirs.
    pub required: Counts,
    /// By level, the strongest first.
    pub levels: Vec<Tally>,
    /// By topic, the first segment of a case's id, in alphabetical order.
    pub topics: Vec<Tally>,
    /// By role, server first.
    pub roles: Vec<Tally>,
}

impl Totals {
    /// Counts these cases.
    pub fn of(cases: &[CaseResult]) -> Self {
        let (mut all, mut required) = (Counts::default(), Counts::default());
        for case in cases {
            all.add(case.outcome);
            if case.level != Level::Quality {
                required.add(case.outcome);
            }
        }
        Self {
            all,
            required,
            levels: tally(cases, |case| case.level.name(), level_rank),
            topics: tally(cases, |case| topic(&case.case), |_| 0),
            roles: tally(cases, |case| case.role.name(), |role| usize::from(role != "server")),
        }
    }
}

/// The first segment of a case's id.
pub fn topic(case: &str) -> &str {
    case.split('/').next().unwrap_or(case)
}

fn level_rank(level: &str) -> usize {
    Level::ALL.iter().position(|known| known.name() == level).unwrap_or(Level::ALL.len())
}

fn tally<'a>(
    cases: &'a [CaseResult],
    key: impl Fn(&'a CaseResult) -> &'a str,
    rank: impl Fn(&str) -> usize,
) -> Vec<Tally> {
    let mut by_name: BTreeMap<&str, Tally> = BTreeMap::new();
    for case in cases {
        let entry = by_name.entry(key(case)).or_default();
        entry.counts.add(case.outcome);
        entry.roles.entry(case.role.to_string()).or_default().add(case.outcome);
    }
    let mut tallies: Vec<Tally> =
        by_name.into_iter().map(|(name, tally)| Tally { name: name.into(), ..tally }).collect();
    tallies.sort_by_key(|tally| rank(&tally.name));
    tallies
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: &str, role: &str, level: &str, outcome: Outcome) -> CaseResult {
        CaseResult {
            case: id.into(),
            role: role.parse().unwrap(),
            level: level.parse().unwrap(),
            outcome,
            ..CaseResult::default()
        }
    }

    #[test]
    fn rates_leave_out_what_is_not_judged() {
        let cases = [
            case("a/1", "server", "must", Outcome::Pass),
            case("a/2", "client", "must", Outcome::Lenient),
            case("b/1", "server", "must", Outcome::Fail),
            case("b/2", "server", "should", Outcome::Info),
            case("b/3", "server", "should", Outcome::Unsupported),
            case("c/1", "server", "may", Outcome::Error),
        ];
        let totals = Totals::of(&cases);
        let names = |tallies: &[Tally]| tallies.iter().map(|tally| tally.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&totals.levels), ["must", "should", "may"]);
        assert_eq!(names(&totals.topics), ["a", "b", "c"]);
        assert_eq!(names(&totals.roles), ["server", "client"]);
        let must = &totals.levels[0];
        assert_eq!(must.counts.rate(false), Rate::Of { passed: 2, judged: 3 });
        assert_eq!(must.counts.rate(true), Rate::Of { passed: 1, judged: 3 });
        assert_eq!(must.roles["client"].rate(true).value(), Some(0.0));
        assert_eq!(totals.levels[1].counts.rate(false), Rate::Nothing);
        assert_eq!(totals.levels[2].counts.rate(false), Rate::Invalid { errors: 1 });
        assert_eq!(totals.all.rate(false).value(), None);
        assert_eq!(totals.all.words(), "1 error, 1 fail, 1 lenient, 1 info, 1 unsupported, 1 pass");
    }

    #[test]
    fn a_percentage_is_never_rounded_up() {
        assert_eq!(Rate::Of { passed: 9999, judged: 10_000 }.to_string(), "99.9 %");
        assert_eq!(Rate::Of { passed: 3, judged: 3 }.to_string(), "100 %");
        assert_eq!(Rate::Of { passed: 0, judged: 3 }.to_string(), "0.0 %");
    }
}
