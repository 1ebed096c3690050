//! What came of a run.

use std::path::Path;
use std::sync::Arc;

use wsspec_reports::read::Results;
use wsspec_reports::results::{CaseResult, Line, Outcome};

use super::{Error, Gate, GateFailure};
use crate::case::Case;
use crate::language::suite;
use crate::run::{Baseline, BaselineError, write_file, write_html};

/// How many failures are shown in full.
const SHOWN: usize = 20;

/// The results of a run.
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) results: Results,
    pub(super) cases: Vec<Arc<Case>>,
}

impl Report {
    /// The results of all cases, in the order of the suite.
    pub fn cases(&self) -> &[CaseResult] {
        &self.results.cases
    }

    /// The cases that failed, or could not be played.
    pub fn failures(&self) -> impl Iterator<Item = &CaseResult> {
        self.results.cases.iter().filter(|case| case.outcome.is_broken())
    }

    /// Checks a gate.
    ///
    /// # Errors
    /// Why it does not hold.
    pub fn check(&self, gate: &Gate) -> Result<(), GateFailure> {
        let strict = gate.gate.strict;
        let all = || {
            let suite = suite::load_embedded().map_err(|error| error.to_string())?;
            Ok::<_, CheckError>(suite.into_cases())
        };
        let baseline = match Baseline::bind(&gate.known, &self.cases, Baseline::today(), all) {
            Ok(baseline) => baseline,
            Err(error) => return Err(GateFailure { lines: vec![error.0] }),
        };
        let cases: Vec<CaseResult> =
            self.results.cases.iter().map(|case| baseline.mark(case.clone(), strict)).collect();
        let mut lines = gate.gate.broken_by(&cases);
        lines.extend(baseline.stale(&cases, strict));
        if let Some(why) = self.results.end.as_ref().and_then(|end| end.stopped.as_ref()) {
            lines.push(format!("not all cases were played: {why}"));
        }
        if lines.is_empty() {
            return Ok(());
        }
        let fails = |case: &&CaseResult| {
            case.known.is_none() && (case.outcome.is_broken() || (strict && case.outcome == Outcome::Lenient))
        };
        let failed: Vec<&CaseResult> = cases.iter().filter(fails).collect();
        failed.iter().take(SHOWN).for_each(|case| lines.extend(self.explained(case)));
        if failed.len() > SHOWN {
            lines.push(format!("and {} more", failed.len() - SHOWN));
        }
        Err(GateFailure { lines })
    }

    /// Checks a gate, for tests.
    ///
    /// # Panics
    /// When the gate does not hold, with a list of the failures: id, finding, requirement, and how to explain it.
    #[track_caller]
    pub fn assert_gate(&self, gate: Gate) {
        if let Err(failure) = self.check(&gate) {
            panic!("the gate does not hold\n{failure}");
        }
    }

    /// Writes the report as a page, the same as `wsspec run` does.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_html(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        write_html(&self.results, path.as_ref()).map_err(|error| Error::Report(error.to_string()))
    }

    /// Writes the results as `results.jsonl`, which the `wsspec` command reads.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_results(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let failed = |error: &dyn std::fmt::Display| Error::Report(error.to_string());
        let first = std::iter::once(Line::Run(Box::new(self.results.run.clone())));
        let cases = self.results.cases.iter().map(|case| Line::Case(Box::new(case.clone())));
        let last = self.results.end.iter().map(|end| Line::End(Box::new(end.clone())));
        let mut text = String::new();
        for line in first.chain(cases).chain(last) {
            text += &serde_json::to_string(&line).map_err(|error| failed(&error))?;
            text.push('\n');
        }
        write_file(path.as_ref(), &text).map_err(|error| failed(&error))
    }

    /// A failed case in lines.
    fn explained(&self, case: &CaseResult) -> Vec<String> {
        let mut lines = vec![String::new(), format!("{}  {} ({})", case.outcome.name(), case.case, case.level)];
        for finding in case.findings.iter().filter(|finding| finding.outcome == case.outcome).take(3) {
            lines.push(format!("    {}: {}", finding.by, finding.message));
            let requirement = finding.requirement.as_ref();
            if let Some((id, text)) = requirement.and_then(|id| Some((id, self.results.run.requirements.get(id)?))) {
                lines.push(format!("    {}: {} ({})", text.place, text.text, id.as_str()));
            }
        }
        lines.push(format!("    wsspec explain {}", case.case));
        lines
    }
}

/// Why a baseline cannot be used, as text.
struct CheckError(String);

impl From<String> for CheckError {
    fn from(message: String) -> Self {
        Self(message)
    }
}

impl From<BaselineError> for CheckError {
    fn from(error: BaselineError) -> Self {
        Self(error.to_string())
    }
}
