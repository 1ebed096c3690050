//! What the cases, the rules and the checks of a whole run prove together.

use crate::case::Case;
use crate::rules;
use crate::spec::coverage::{self, Check, Covered};

/// The requirements that the checks of a whole run prove.
const WHOLE_RUN: Check = Check {
    name: "whole-run",
    requirements: &[
        "rfc6455-4.1-key-fresh",
        "rfc6455-5.3-key-fresh-per-frame",
        "rfc6455-5.3-key-not-predictable",
        "rfc6455-5.3-key-strong-entropy",
    ],
};

/// All requirements with what proves them, in the order of the table.
pub fn coverage<'c>(cases: impl Iterator<Item = &'c Case>) -> Vec<Covered> {
    let rules = rules::ALL.iter().map(|rule| Check { name: rule.name, requirements: rule.requirements });
    coverage::coverage(cases, &rules.chain([WHOLE_RUN]).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::coverage::REASONS;

    #[test]
    fn every_reason_is_whole_and_about_something_that_nothing_proves() {
        let suite = crate::language::load_embedded().unwrap();
        let covered = coverage(suite.cases().iter());
        for line in REASONS.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            assert!(matches!(columns[..], [_, "beyond" | "open", reason] if !reason.is_empty()), "{line}");
            let one = covered.iter().find(|one| one.requirement.id == columns[0]).unwrap_or_else(|| panic!("{line}"));
            assert!(one.counts() && !one.proven(), "a case or rule proves it: {line}");
        }
    }
}
