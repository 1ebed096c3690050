//! Timeouts and pace that fit a target, from what the probe measured; and the same again from the results of an earlier run.

use std::time::Duration;

use wsspec_reports::results::{CaseResult, Probe, Run};

use super::engine::milliseconds;
use super::limits;
use super::probe::Capabilities;
use strum::IntoEnumIterator as _;

use crate::case::Need;
use crate::play::{AdaptiveTimeout, Delivery, Scale, Settings};
use crate::vocabulary::Role;

/// How many cases are in flight at once by default.
const JOBS: usize = 16;
/// The most cases in flight at once.
const MOST_JOBS: usize = 1024;
/// The least timeout.
const FLOOR: Duration = Duration::from_secs(3);
/// The most timeout that the probe's round trip can ask for.
const CEILING: Duration = Duration::from_secs(30);

/// Settings that follow the target's measured round trip, so that a slow machine gives the same verdicts.
pub fn settings(base: &Settings, capabilities: &Capabilities, fixed_timeout: bool) -> Settings {
    let mut settings = base.clone();
    settings.accepted = capabilities.accepted;
    settings.strict_messages = capabilities.has.contains(&Need::Echo) && !capabilities.talks;
    let wait = capabilities.round_trip * 50;
    settings.barrier_after = settings.barrier_after.max(wait);
    settings.quiet = settings.quiet.max(wait.min(Duration::from_secs(2)));
    if !fixed_timeout {
        settings.timeout = FLOOR.max(capabilities.round_trip * 300).min(CEILING);
    }
    settings.barrier_after = settings.barrier_after.min(settings.timeout / 2);
    settings
}

/// How many cases are in flight at once.
pub fn jobs(chosen: Option<usize>, role: Role, concurrent: bool) -> usize {
    match (chosen, concurrent) {
        (Some(jobs), _) => jobs.clamp(1, MOST_JOBS),
        (None, true) if role == Role::Server => JOBS,
        // Processes are heavier than connections.
        (None, true) => std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(JOBS) + 1,
        (None, false) => 1,
    }
}

/// The probe's line in the header of the results.
pub fn recorded(role: Role, capabilities: &Capabilities, settings: &Settings, jobs: usize) -> Probe {
    Probe {
        role,
        has: capabilities.has.iter().map(|need| need.name().to_owned()).collect(),
        round_trip_ms: milliseconds(capabilities.round_trip),
        timeout_ms: u64::try_from(settings.timeout.as_millis()).unwrap_or(u64::MAX),
        jobs,
        concurrent: capabilities.concurrent,
        strict_messages: settings.strict_messages,
        barrier_after_ms: milliseconds(settings.barrier_after),
        quiet_ms: milliseconds(settings.quiet),
        accepted: Some(limits::recorded(&settings.accepted)),
    }
}

/// The settings with which a case of an earlier run was played.
pub fn replayed(run: &Run, result: &CaseResult, seed: u64) -> Settings {
    let probe = run.probe.iter().find(|probe| probe.role == result.role);
    let mut settings = Settings { seed, stress: run.setup.stress, ..Settings::default() };
    settings.adaptive_timeout = AdaptiveTimeout::fixed();
    if run.scale == Scale::Full.name() {
        settings.scale = Scale::Full;
    }
    if let Some(timeout) = positive(run.setup.timeout_ms) {
        settings.timeout = timeout;
        settings.barrier_after = settings.barrier_after.min(timeout / 2);
    }
    if let Some(probe) = probe {
        settings.timeout = Duration::from_millis(probe.timeout_ms);
        settings.strict_messages = probe.strict_messages;
        settings.barrier_after = positive(probe.barrier_after_ms).unwrap_or(settings.barrier_after);
        settings.quiet = positive(probe.quiet_ms).unwrap_or(settings.quiet);
        settings.accepted = limits::replayed(probe.accepted);
    }
    settings.timeout = result.timeout_ms.and_then(positive).unwrap_or(settings.timeout);
    settings.delivery = Delivery::named(result.delivery.as_deref());
    settings
}

/// What the probe of an earlier run found out.
pub fn capabilities(run: &Run, role: Role) -> Capabilities {
    let probe = run.probe.iter().find(|probe| probe.role == role);
    let has = |need: &Need| probe.is_none_or(|probe| probe.has.iter().any(|word| word == need.name()));
    Capabilities {
        has: Need::iter().filter(has).collect(),
        sane: true,
        round_trip: probe.and_then(|probe| positive(probe.round_trip_ms)).unwrap_or_default(),
        talks: probe.is_some_and(|probe| !probe.strict_messages),
        concurrent: probe.is_none_or(|probe| probe.concurrent),
        name: run.target.name.clone(),
        accepted: limits::replayed(probe.and_then(|probe| probe.accepted)),
    }
}

/// A time of results. Whatever a file has, it is between a microsecond and an hour.
fn positive(ms: f64) -> Option<Duration> {
    (ms > 0.0).then(|| Duration::from_secs_f64(ms.clamp(1e-3, 3.6e6) / 1e3))
}
