//! `wsspec explain`: what a case does, and what it proves.

use super::arguments;
use super::failure::Failure;
use super::suite;
use crate::run::Exit;
use crate::spec::requirements;

/// Explains.
pub fn explain(options: &arguments::Explain) -> Result<Exit, Failure> {
    let cases = suite::load(&options.choice)?;
    let chosen = match suite::one(&cases, &options.case) {
        Ok(case) => vec![case],
        Err(unknown) if options.case.contains(['*', ':']) => {
            suite::select(&options.choice, std::slice::from_ref(&options.case)).map_err(|_| unknown)?
        }
        Err(unknown) => return Err(unknown),
    };
    for case in chosen {
        anstream::println!("{}\n  {}", case.id, case.title);
        let role = case.role.map_or("server and client", crate::vocabulary::Role::name);
        anstream::println!(
            "  target: {role}; level: {}; file: {}:{}",
            case.level.name(),
            case.source.file,
            case.source.line
        );
        if !case.autobahn.is_empty() {
            anstream::println!("  Autobahn: {}", case.autobahn.join(", "));
        }
        if let Some(note) = &case.note {
            anstream::println!("  {note}");
        }
        for id in &case.proves {
            if let Some(requirement) = requirements::find(id) {
                anstream::println!("  proves {id} ({}, {})", requirement.strength.name(), requirement.place());
                anstream::println!("    {}\n    {}", requirement.text, requirement.url());
            }
        }
        if !case.source.row.is_empty() {
            let row: Vec<String> = case.source.row.iter().map(|(name, value)| format!("{name}={value}")).collect();
            anstream::println!("  row: {}", row.join(", "));
        }
        anstream::println!("\n{}\n", case.source.yaml);
    }
    Ok(Exit::Held)
}
