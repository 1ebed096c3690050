//! Options of the command line as values of a run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::arguments::{Output, SuiteArgs};
use super::failure::Failure;
use super::suite;
use crate::case::Case;
use crate::play::{AdaptiveTimeout, Scale, Settings};
use crate::run::{Baseline, Gate, KnownFailure, Options, coverage};

/// Reads a time with its unit.
fn time(text: &str) -> Result<Duration, Failure> {
    crate::language::time(text)
        .ok_or_else(|| Failure::usage(format!("`{text}` is not a time; write it with a unit, such as 800ms or 5s")))
}

/// Reads a seed, decimal or hexadecimal.
fn seed(text: &str) -> Result<u64, Failure> {
    let number = text.strip_prefix("0x").map_or_else(|| text.parse(), |hex| u64::from_str_radix(hex, 16));
    number.map_err(|_| Failure::usage(format!("`{text}` is not a seed; write a number, or 0x and hexadecimal digits")))
}

/// How cases are played.
pub fn options(output: &Output) -> Result<Options, Failure> {
    let mut settings = Settings { seed: seed(&output.seed)?, ..Settings::default() };
    if let Some(text) = &output.timeout {
        settings.timeout = time(text)?;
        settings.barrier_after = settings.barrier_after.min(settings.timeout / 2);
        settings.adaptive_timeout = AdaptiveTimeout::fixed();
    }
    if output.full {
        settings.scale = Scale::Full;
    }
    Ok(Options {
        settings,
        fixed_timeout: output.timeout.is_some(),
        jobs: output.jobs,
        deliveries: output.delivery.parse().map_err(Failure::usage)?,
        allow_stress: output.allow_stress,
    })
}

/// The gate of a run.
pub fn gate(output: &Output) -> Result<Option<Gate>, Failure> {
    if output.no_gate {
        return Ok(None);
    }
    let mut gate = Gate { strict: output.strict, ..Gate::default() };
    if !output.gate.is_empty() {
        let words = output.gate.iter().flat_map(|text| text.split(','));
        gate.limits = words.map(str::parse).collect::<Result<_, _>>().map_err(Failure::usage)?;
    }
    Ok(Some(gate))
}

/// The known failures among these cases. The whole suite is read when an entry fits none of them.
pub fn baseline(known: &[KnownFailure], cases: &[Arc<Case>], choice: &SuiteArgs) -> Result<Baseline, Failure> {
    Baseline::bind(known, cases, Baseline::today(), || Ok(suite::load(choice)?.into_cases()))
}

/// The requirements that could be tested on the wire and that nothing in the suite proves, with the reason and whether they are
/// beyond any run.
pub fn unproven(cases: &[Arc<Case>]) -> BTreeMap<String, (String, bool)> {
    let covered = coverage(cases.iter().map(AsRef::as_ref));
    let unproven = covered.into_iter().filter(|one| one.counts() && !one.proven());
    unproven.map(|one| (one.requirement.id.to_owned(), (one.reason.unwrap_or_default(), one.beyond))).collect()
}
