//! `wsspec generate`: files that are made from the code.

use std::path::Path;

use super::arguments::{self, GenerateWhat, SuiteArgs};
use super::failure::Failure;
use super::suite;
use crate::case::{Case, SendKind, StepKind};
use crate::run::Exit;

/// Generates.
pub fn generate(options: &arguments::Generate) -> Result<Exit, Failure> {
    match &options.what {
        GenerateWhat::Schema => anstream::print!("{}", crate::language::schema::schema_text()),
        GenerateWhat::ResultsSchema => anstream::print!("{}", wsspec_reports::schema::json()),
        GenerateWhat::Corpus { folder } => corpus(folder)?,
    }
    Ok(Exit::Held)
}

/// Every conversation of the suite as seeds: what the harness sends, frames and heads apart.
fn corpus(folder: &Path) -> Result<(), Failure> {
    let cases = suite::load(&SuiteArgs::default())?;
    let mut count = 0;
    for case in cases.cases() {
        for (target, seed) in seeds(case) {
            // Very large seeds slow a fuzzer down and teach it nothing.
            if seed.is_empty() || seed.len() > 4096 {
                continue;
            }
            let path = folder.join(target).join(case.id.replace('/', "-"));
            let write = || {
                std::fs::create_dir_all(folder.join(target))?;
                std::fs::write(&path, &seed)
            };
            write()
                .map_err(|error| Failure::new(Exit::NotWritten, format!("cannot write {}: {error}", path.display())))?;
            count += 1;
        }
    }
    anstream::println!("{count} seeds in {}", folder.display());
    Ok(())
}

fn seeds(case: &Case) -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds = crate::play::heads_of(case);
    let mut frames = Vec::new();
    let mut text = Vec::new();
    let mut deflated = Vec::new();
    for step in &case.steps {
        if let StepKind::Send(send) = &step.kind {
            crate::play::bytes_of(send, &mut frames);
            if let SendKind::Frames(sent) = &send.kind {
                deflated.extend(
                    sent.iter().filter(|frame| frame.rsv == 4).map(|frame| ("inflate", frame.payload.to_vec())),
                );
                text.extend(sent.iter().flat_map(|frame| frame.payload.iter().copied()));
            }
        }
    }
    seeds.push(("tungstenite_messages", frames.clone()));
    seeds.push(("frames", frames));
    seeds.push(("utf8", text));
    seeds.extend(deflated);
    seeds
}
