//! Known deviations: failures that the gate lets pass, each with a reason, for as long as they are there.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;
use wsspec_reports::results::{CaseResult, Outcome};

use crate::case::Case;
use crate::language::{SelectError, Selection};

/// An entry of a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFailure {
    /// A pattern of cases, as on the command line.
    pub case: String,
    /// Why it fails.
    pub reason: String,
    /// The last day on which it may, `2027-01-31`.
    #[serde(default)]
    pub until: Option<String>,
}

impl KnownFailure {
    /// Reads a list of entries, or the `baseline` of a `wsspec.yaml`.
    ///
    /// # Errors
    /// Why the text is invalid.
    pub fn read(text: &str) -> Result<Vec<Self>, String> {
        #[derive(Default, Deserialize)]
        struct Config {
            #[serde(default)]
            baseline: Vec<KnownFailure>,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum File {
            List(Vec<KnownFailure>),
            Config(Config),
        }
        let file: Option<File> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        Ok(match file {
            Some(File::List(entries) | File::Config(Config { baseline: entries })) => entries,
            None => Vec::new(),
        })
    }
}

/// Why a baseline cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// A pattern that cannot be read, or that fits no case of the suite.
    #[error("baseline: {0}; correct the entry, or remove it")]
    Pattern(#[from] SelectError),
    /// A date of another shape.
    #[error("baseline: `{0}` (until) is not a date; write YEAR-MONTH-DAY, such as 2027-01-31")]
    Until(String),
    /// No reason.
    #[error("baseline: `{0}` has no reason; say why it fails")]
    Reason(String),
}

/// The entries of a baseline, with the cases of a run that each is about.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    entries: Vec<Bound>,
}

#[derive(Clone, Debug)]
struct Bound {
    known: KnownFailure,
    selection: Selection,
    cases: BTreeSet<String>,
    expired: bool,
}

impl Baseline {
    /// The day, in UTC: the same on every machine.
    pub fn today() -> Date {
        jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
    }

    /// Binds entries to the cases of a run. `all` gives the whole suite; it is requested when an entry fits none of them.
    ///
    /// # Errors
    /// An entry that cannot be read, or fits no case of the suite; or what `all` fails with.
    pub fn bind<E: From<BaselineError>>(
        entries: &[KnownFailure],
        selected: &[Arc<Case>],
        today: Date,
        all: impl Fn() -> Result<Vec<Case>, E>,
    ) -> Result<Self, E> {
        let mut bound = Vec::new();
        for known in entries {
            if known.reason.trim().is_empty() {
                return Err(BaselineError::Reason(known.case.clone()).into());
            }
            let until = known.until.as_deref().map(|text| text.trim().parse::<Date>());
            let until = until.transpose().map_err(|_| BaselineError::Until(known.until.clone().unwrap_or_default()))?;
            let selection = Selection::parse(&[&known.case], &[] as &[&str]).map_err(BaselineError::from)?;
            let cases: BTreeSet<String> =
                selected.iter().filter(|case| selection.fits(case)).map(|case| case.id.clone()).collect();
            // A check of the whole run is not a case of the suite.
            if cases.is_empty() && !known.case.starts_with("whole-run/") {
                selection.choose(&all()?).map_err(BaselineError::from)?;
            }
            let expired = until.is_some_and(|until| until < today);
            bound.push(Bound { known: known.clone(), selection, cases, expired });
        }
        Ok(Self { entries: bound })
    }

    /// Why this failure is known, where it is.
    pub fn reason(&self, result: &CaseResult, strict: bool) -> Option<&str> {
        let fails = fails(result.outcome, strict);
        let entry = self.entries.iter().find(|entry| fails && !entry.expired && entry.fits(&result.case))?;
        Some(&entry.known.reason)
    }

    /// The result, with the reason where its failure is known.
    pub fn mark(&self, result: CaseResult, strict: bool) -> CaseResult {
        CaseResult { known: self.reason(&result, strict).map(str::to_owned), ..result }
    }

    /// The problems of the baseline after a run: entries whose cases pass now, and entries that have expired.
    pub fn stale(&self, results: &[CaseResult], strict: bool) -> Vec<String> {
        self.entries.iter().filter_map(|entry| entry.stale(results, strict)).collect()
    }
}

impl Bound {
    fn fits(&self, id: &str) -> bool {
        self.cases.contains(id) || (id.starts_with("whole-run/") && self.selection.fits_id(id))
    }

    fn stale(&self, results: &[CaseResult], strict: bool) -> Option<String> {
        let name = &self.known.case;
        let mine: Vec<&CaseResult> = results.iter().filter(|result| self.fits(&result.case)).collect();
        if mine.iter().any(|result| fails(result.outcome, strict)) {
            let until = self.known.until.as_deref().unwrap_or_default();
            return self
                .expired
                .then(|| format!("baseline: `{name}` was known until {until}; fix what fails, or write a later date"));
        }
        // What was not played, or could not be, has not passed.
        let played: BTreeSet<&str> = mine.iter().map(|result| result.case.as_str()).collect();
        let whole = !mine.is_empty() && self.cases.iter().all(|id| played.contains(id.as_str()));
        let passes = mine.iter().all(|result| !matches!(result.outcome, Outcome::Error | Outcome::Unsupported));
        (whole && passes).then(|| format!("baseline: `{name}` passes now; remove the entry"))
    }
}

fn fails(outcome: Outcome, strict: bool) -> bool {
    outcome == Outcome::Fail || (strict && outcome == Outcome::Lenient)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(case: &str, until: Option<&str>) -> KnownFailure {
        KnownFailure { case: case.into(), reason: "we know".into(), until: until.map(Into::into) }
    }

    fn bind(entries: &[KnownFailure]) -> Result<Baseline, BaselineError> {
        let suite = crate::language::load_embedded().expect("the suite").into_cases();
        let cases: Vec<Arc<Case>> =
            suite.iter().filter(|case| case.id.starts_with("ping-pong/")).cloned().map(Arc::new).collect();
        Baseline::bind(entries, &cases, "2026-06-01".parse().expect("a date"), || Ok(suite.clone()))
    }

    fn result(id: &str, outcome: Outcome) -> CaseResult {
        CaseResult { case: id.into(), outcome, ..CaseResult::default() }
    }

    #[test]
    fn a_failure_is_known_until_its_day() {
        let fail = result("ping-pong/ping-with-text", Outcome::Fail);
        let lenient = result("ping-pong/ping-with-text", Outcome::Lenient);
        let baseline = bind(&[known("2.2", Some("2026-06-01"))]).unwrap();
        assert_eq!(baseline.reason(&fail, false), Some("we know"));
        assert_eq!((baseline.reason(&lenient, false), baseline.reason(&lenient, true)), (None, Some("we know")));
        assert!(baseline.stale(std::slice::from_ref(&fail), false).is_empty());
        assert!(baseline.stale(&[lenient], false)[0].contains("remove"));
        let baseline = bind(&[known("2.2", Some("2026-05-31"))]).unwrap();
        assert_eq!(baseline.reason(&fail, false), None);
        assert!(baseline.stale(&[fail], false)[0].contains("2026-05-31"));
    }

    #[test]
    fn what_was_not_played_has_not_passed() {
        let baseline = bind(&[known("ping-pong/*", None), known("utf8/*", None)]).unwrap();
        assert!(baseline.stale(&[result("ping-pong/ping-with-text", Outcome::Pass)], false).is_empty());
        let baseline = bind(&[known("2.2", None)]).unwrap();
        assert!(baseline.stale(&[result("ping-pong/ping-with-text", Outcome::Error)], false).is_empty());
    }

    #[test]
    fn the_whole_run_can_be_known() {
        let baseline = bind(&[known("whole-run/masking-*", None)]).unwrap();
        assert!(baseline.reason(&result("whole-run/masking-keys-differ", Outcome::Fail), false).is_some());
        assert!(baseline.stale(&[result("whole-run/masking-keys-differ", Outcome::Pass)], false)[0].contains("remove"));
    }

    #[test]
    fn invalid_entries_are_reported() {
        let message = |entry: KnownFailure| bind(&[entry]).unwrap_err().to_string();
        assert!(message(known("ping-pongs/*", None)).contains("did you mean `ping-pong/*`?"));
        assert!(message(known("2.2", Some("soon"))).contains("2027-01-31"));
        assert!(message(KnownFailure { reason: " ".into(), ..known("2.2", None) }).contains("reason"));
    }
}
