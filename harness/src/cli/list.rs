//! `wsspec list`: what there is.

use std::io::Write as _;

use super::arguments;
use super::failure::Failure;
use super::suite;
use crate::peer::Fault;
use crate::run::Exit;
use crate::spec::{requirements, zones};

/// Lists.
pub fn list(options: &arguments::List) -> Result<Exit, Failure> {
    let mut out = String::new();
    if options.requirements {
        for requirement in requirements::all() {
            out += &format!(
                "{:<55} {:<10} {:<12} {}\n",
                requirement.id,
                requirement.strength.name(),
                requirement.role.name(),
                requirement.text
            );
        }
    } else if options.zones {
        for zone in zones::all() {
            out += &format!("{:<4} {}\n     {}\n", zone.id.to_string(), zone.title, zone.text);
        }
    } else if options.faults {
        for fault in Fault::all() {
            let info = fault.info();
            out += &format!("{:<40} {:<7} {}\n", info.name, info.role, info.sentence);
        }
    } else {
        let cases = suite::select(&options.choice, &options.patterns)?;
        for case in &cases {
            let role = case.role.map_or("both", crate::vocabulary::Role::name);
            if options.json {
                let line = serde_json::json!({
                    "case": case.id, "title": case.title, "group": case.group, "role": role, "level": case.level.name(),
                    "autobahn": case.autobahn, "proves": case.proves, "spec": case.spec,
                    "needs": case.needs.iter().map(|need| need.name()).collect::<Vec<_>>(),
                    "file": case.source.file.as_ref(), "line": case.source.line,
                });
                out += &format!("{line}\n");
            } else {
                let numbers = case.autobahn.join(" ");
                out += &format!("{:<70} {:<6} {:<6} {:<8} {}\n", case.id, role, case.level.name(), numbers, case.title);
            }
        }
    }
    // Whoever reads our output may have seen enough.
    let _ = anstream::stdout().write_all(out.as_bytes());
    Ok(Exit::Held)
}
