//! The gate: the pass rates that a run must reach.

use std::str::FromStr;

use wsspec_reports::results::{CaseResult, Outcome};
use wsspec_reports::totals::{Rate, Totals};

use crate::vocabulary::Level;

/// The pass rates that must be reached. By default, all cases must pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// The limits; all must hold.
    pub limits: Vec<Limit>,
    /// Whether lenient counts as failed.
    pub strict: bool,
}

/// One limit, such as `must=100%`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The level, or `all`: every level of the RFCs, without `quality`.
    pub level: String,
    /// The least pass rate, 0 to 1.
    pub least: f64,
}

/// Why a limit cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// Another shape.
    #[error("`{0}` is not a gate; write LEVEL=PERCENT%, such as must=100% or should=90%")]
    Shape(String),
    /// An unknown level.
    #[error("`{0}` is not a level; levels are must, should, quality, may, info and all")]
    Level(String),
    /// A number out of range.
    #[error("`{0}` is not a percentage from 0% to 100%")]
    Percent(String),
}

impl FromStr for Limit {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        let (level, percent) = text.split_once('=').ok_or_else(|| GateError::Shape(text.to_owned()))?;
        if level != "all" && level.parse::<Level>().is_err() {
            return Err(GateError::Level(level.to_owned()));
        }
        let number: f64 = percent
            .strip_suffix('%')
            .and_then(|number| number.trim().parse().ok())
            .filter(|number| (0.0..=100.0).contains(number))
            .ok_or_else(|| GateError::Percent(percent.to_owned()))?;
        Ok(Self { level: level.to_owned(), least: number / 100.0 })
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self { limits: vec![Limit { level: "all".into(), least: 1.0 }], strict: false }
    }
}

impl Gate {
    /// Why the gate does not hold for these results; empty when it holds.
    ///
    /// An `error` makes every rate invalid, so that a dead target cannot raise it.
    pub fn broken_by(&self, cases: &[CaseResult]) -> Vec<String> {
        let errors = cases.iter().filter(|case| case.outcome == Outcome::Error).count();
        if errors > 0 {
            let cases = if errors == 1 { "1 case".to_owned() } else { format!("{errors} cases") };
            return vec![format!("{cases} could not be played (error), so no pass rate is valid")];
        }
        // Known failures are left out: they neither break the gate nor help it.
        let light =
            |case: &CaseResult| CaseResult { level: case.level, outcome: case.outcome, ..CaseResult::default() };
        let open: Vec<CaseResult> = cases.iter().filter(|case| case.known.is_none()).map(light).collect();
        let totals = Totals::of(&open);
        let mut broken = Vec::new();
        for limit in &self.limits {
            let counts = match limit.level.as_str() {
                "all" => Some(&totals.required),
                level => totals.levels.iter().find(|tally| tally.name == level).map(|tally| &tally.counts),
            };
            let rate = counts.map_or(Rate::Nothing, |counts| counts.rate(self.strict));
            if let (Rate::Of { passed, judged }, Some(value)) = (rate, rate.value())
                && value < limit.least
            {
                let wanted = limit.least * 100.0;
                broken.push(format!("{}: {passed} of {judged} passed ({rate}), {wanted:.1} % required", limit.level));
            }
        }
        broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(outcomes: &[(&str, Outcome)]) -> Vec<CaseResult> {
        outcomes
            .iter()
            .map(|(level, outcome)| CaseResult {
                level: level.parse().unwrap(),
                outcome: *outcome,
                ..CaseResult::default()
            })
            .collect()
    }

    fn gate(limits: &[&str]) -> Gate {
        Gate { limits: limits.iter().map(|limit| limit.parse().unwrap()).collect(), strict: false }
    }

    #[test]
    fn limits_count_their_level_only() {
        let cases = results(&[("must", Outcome::Pass), ("should", Outcome::Fail), ("should", Outcome::Lenient)]);
        assert!(gate(&["must=100%"]).broken_by(&cases).is_empty());
        assert!(gate(&["must=100%", "should=50%"]).broken_by(&cases).is_empty());
        assert_eq!(gate(&["should=51%"]).broken_by(&cases).len(), 1);
        assert_eq!(Gate::default().broken_by(&cases), ["all: 2 of 3 passed (66.6 %), 100.0 % required"]);
    }

    #[test]
    fn quality_counts_only_where_it_is_named() {
        let cases = results(&[("must", Outcome::Pass), ("quality", Outcome::Fail)]);
        assert!(Gate::default().broken_by(&cases).is_empty());
        assert_eq!(gate(&["quality=100%"]).broken_by(&cases), ["quality: 0 of 1 passed (0.0 %), 100.0 % required"]);
    }

    #[test]
    fn strict_counts_lenient_as_failed() {
        let cases = results(&[("must", Outcome::Lenient)]);
        assert!(Gate::default().broken_by(&cases).is_empty());
        assert_eq!(Gate { strict: true, ..Gate::default() }.broken_by(&cases).len(), 1);
    }

    #[test]
    fn an_error_breaks_every_gate() {
        let cases = results(&[("must", Outcome::Pass), ("may", Outcome::Error)]);
        assert_eq!(gate(&["must=0%"]).broken_by(&cases).len(), 1);
    }

    #[test]
    fn info_and_unsupported_do_not_count() {
        let cases = results(&[("must", Outcome::Info), ("must", Outcome::Unsupported)]);
        assert!(Gate::default().broken_by(&cases).is_empty());
    }

    #[test]
    fn invalid_limits_are_rejected() {
        for text in ["must", "most=1%", "must=101%", "must=x%", "must=50"] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
    }
}
