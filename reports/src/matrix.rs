//! Several targets compared: the cases that each fails, as text and as one HTML file.

use std::collections::BTreeMap;

use askama::Template;

use crate::html::RenderError;
use crate::read::Results;
use crate::results::Outcome;
use crate::totals::Totals;

/// One column: a target in a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// `server`, `client` or `both`.
    pub role: String,
    /// The counts in words.
    pub counts: String,
    /// The pass rate over all levels.
    pub rate: String,
}

/// One row: a case, and its outcome at each target; `None` where it was not played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The case's id.
    pub case: String,
    /// Its title.
    pub title: String,
    /// Its level.
    pub level: String,
    /// The outcome in each column, with the first finding.
    pub cells: Vec<Option<(Outcome, String)>>,
}

impl Row {
    /// Whether all targets that played it pass.
    fn unanimous(&self) -> bool {
        self.cells.iter().flatten().all(|(outcome, _)| matches!(outcome, Outcome::Pass | Outcome::Unsupported))
    }
}

/// A table of cases by targets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// The targets.
    pub columns: Vec<Column>,
    /// The cases that are not a pass everywhere, those that most targets fail first.
    pub rows: Vec<Row>,
    /// How many cases pass everywhere.
    pub unanimous: usize,
}

impl Matrix {
    /// The table of runs, each with the name that its column gets.
    pub fn of(runs: &[(String, Results)]) -> Self {
        let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
        let mut columns = Vec::new();
        for (at, (name, results)) in runs.iter().enumerate() {
            let totals = Totals::of(&results.cases);
            columns.push(Column {
                name: name.clone(),
                role: results.run.target.role.clone(),
                counts: totals.all.words(),
                rate: totals.required.rate(false).to_string(),
            });
            for case in &results.cases {
                let row = rows.entry(&case.case).or_insert_with(|| Row {
                    case: case.case.clone(),
                    title: case.title.clone(),
                    level: case.level.to_string(),
                    cells: vec![None; runs.len()],
                });
                let message = case.findings.first().map_or_else(String::new, |finding| finding.message.clone());
                if let Some(cell) = row.cells.get_mut(at)
                    && cell.as_ref().is_none_or(|(worst, _)| rank(case.outcome) > rank(*worst))
                {
                    *cell = Some((case.outcome, message));
                }
            }
        }
        let all = rows.len();
        let mut rows: Vec<Row> = rows.into_values().filter(|row| !row.unanimous()).collect();
        let unanimous = all - rows.len();
        rows.sort_by_key(|row| {
            std::cmp::Reverse(row.cells.iter().flatten().map(|(outcome, _)| rank(*outcome)).sum::<u32>())
        });
        Self { columns, rows, unanimous }
    }

    /// The counts of each target, as lines of text.
    pub fn text(&self) -> String {
        let width = self.columns.iter().map(|column| column.name.chars().count()).max().unwrap_or_default();
        let line = |column: &Column| {
            format!("{:<width$}  {:<6}  {:>7}  {}\n", column.name, column.role, column.rate, column.counts)
        };
        self.columns.iter().map(line).collect()
    }

    /// The table as one HTML file.
    ///
    /// # Errors
    /// The error of the template engine.
    pub fn html(&self) -> Result<String, RenderError> {
        Ok(Page { matrix: self }.render()?)
    }
}

/// How much an outcome weighs when rows are put in order.
const fn rank(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Pass | Outcome::Unsupported => 0,
        Outcome::Info => 1,
        Outcome::Lenient => 2,
        Outcome::Fail => 1000,
        Outcome::Error => 1001,
    }
}

#[derive(Template)]
#[template(path = "matrix.html")]
struct Page<'a> {
    matrix: &'a Matrix,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{CaseResult, Finding, Run, TargetInfo};

    fn run(role: &str, outcomes: &[(&str, Outcome)]) -> Results {
        let cases = outcomes.iter().map(|(id, outcome)| CaseResult {
            case: (*id).into(),
            title: "<script>alert(1)</script>".into(),
            level: "must".parse().unwrap(),
            outcome: *outcome,
            findings: vec![Finding { message: "\"><script>".into(), ..Finding::default() }],
            ..CaseResult::default()
        });
        let target = TargetInfo { role: role.into(), ..TargetInfo::default() };
        Results { run: Run { target, ..Run::default() }, cases: cases.collect(), ..Results::default() }
    }

    #[test]
    fn rows_are_those_that_differ_from_a_pass_worst_first() {
        let a = run("server", &[("a", Outcome::Pass), ("b", Outcome::Lenient), ("c", Outcome::Pass)]);
        let b =
            run("server", &[("a", Outcome::Pass), ("b", Outcome::Pass), ("c", Outcome::Fail), ("d", Outcome::Pass)]);
        let matrix = Matrix::of(&[("one".into(), a), ("two".into(), b)]);
        assert_eq!(matrix.rows.iter().map(|row| row.case.as_str()).collect::<Vec<_>>(), ["c", "b"]);
        assert_eq!(matrix.unanimous, 2);
        assert!(matrix.text().contains("two  server"));
        let html = matrix.html().unwrap();
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("fail"));
    }
}
