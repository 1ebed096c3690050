//! `wsspec coverage`: every requirement with what proves it, and those that nothing does.

use std::io::Write as _;

use super::arguments;
use super::failure::Failure;
use super::suite;
use crate::run::{Exit, coverage};
use crate::spec::coverage::shares;

/// Prints the coverage.
pub fn print(options: &arguments::Coverage) -> Result<Exit, Failure> {
    let suite = suite::load(&options.choice)?;
    let covered = coverage(suite.cases().iter());
    let mut out = String::new();
    if options.json {
        for one in &covered {
            let requirement = one.requirement;
            let line = serde_json::json!({
                "requirement": requirement.id, "role": requirement.role.name(), "level": requirement.strength.name(),
                "testable": requirement.testable.name(), "counts": one.counts(), "cases": one.cases, "rules": one.rules,
                "reason": one.reason, "beyond": one.beyond,
            });
            out += &format!("{line}\n");
        }
    } else {
        for one in covered.iter().filter(|one| options.all || (!one.proven() && one.counts())) {
            let requirement = one.requirement;
            out +=
                &format!("{:<55} {:<10} {:<7} ", requirement.id, requirement.strength.name(), requirement.role.name());
            out += &match &one.reason {
                Some(reason) if one.beyond => format!("beyond a run: {reason}\n"),
                Some(reason) => format!("nothing: {reason}\n"),
                None => format!("{} cases{}\n", one.cases.len(), rules(&one.rules)),
            };
        }
        out += "\nProven, of the duties that can be seen on the wire and are within a run's reach:\n";
        for ((rfc, level), share) in shares(&covered) {
            let beyond = if share.beyond == 0 { String::new() } else { format!(", {:>2} beyond it", share.beyond) };
            out += &format!("  {:<8} {:<7} {:>3} of {:>3}{beyond}\n", rfc, level, share.proven, share.within);
        }
    }
    // Whoever reads our output may have seen enough.
    let _ = anstream::stdout().write_all(out.as_bytes());
    Ok(Exit::Held)
}

fn rules(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!(", rules {}", names.join(", ")) }
}
