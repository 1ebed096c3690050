//! Many cases in flight, and which of them are candidates when the target fails.
//!
//! A target may die a moment after the last byte of a hostile case. Its verdict waits until a connection that began some time after
//! it has been accepted; what happens before that may be its fault.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use wsspec_reports::results::Outcome;

use super::engine::{Each, Engine, FinishedCase, Health, Stopped, play_one};
use super::isolate::INFLATED;
use super::weight::{LIGHT, weight};
use crate::case::{Case, ExpectKind, Expectation, SendKind, StepKind};

/// Growth of a process's memory during a run from which on the cause is searched for, in bytes.
const MAX_GROWTH: u64 = 192 << 20;
/// Bytes of long messages in flight at once, which bounds what target and harness keep; how often a program may hold each byte.
const MAX_LONG_BYTES: u64 = 32 << 20;
const COPIES: u64 = 12;
/// How long after a hostile case a connection must begin to show that the target survived it.
const SURVIVED_AFTER: Duration = Duration::from_millis(250);

/// The state of cases in flight.
struct InFlight<'a> {
    engine: &'a Engine,
    /// Cases in flight, with the time of their start.
    in_flight: BTreeMap<usize, (Instant, Arc<Case>)>,
    /// Hostile cases that ended, with the time of their end.
    aftermath: Vec<(Instant, FinishedCase)>,
    /// Cases to be played again alone.
    again: Vec<FinishedCase>,
    /// The last case that the target broke off.
    broken_off: Option<String>,
    /// The process's memory at the start.
    resident: Option<u64>,
    /// Whether any case has long messages.
    long_running: bool,
    /// Messages were compressed on a connection.
    inflates: bool,
}

/// Plays many cases at once; returns those to be played again alone: candidates for a death, and those that timed out.
pub(super) async fn side_by_side(
    engine: &Engine,
    mut queue: Vec<(usize, Arc<Case>)>,
    cancel: &CancellationToken,
    each: Each<'_>,
) -> Result<Vec<FinishedCase>, Stopped> {
    let mut tasks = JoinSet::new();
    let resident = engine.usage().await.map(|usage| usage.resident);
    let mut state = InFlight {
        engine,
        in_flight: BTreeMap::new(),
        aftermath: Vec::new(),
        again: Vec::new(),
        broken_off: None,
        resident,
        long_running: queue.iter().any(|(_, case)| weight(case, engine.settings.scale) >= LIGHT),
        inflates: false,
    };
    loop {
        while state.in_flight.len() < engine.jobs.max(1) {
            let fits = |(_, case): &mut (usize, Arc<Case>)| state.has_room_for(weight(case, engine.settings.scale));
            let Some((number, case)) = queue.pop_if(fits) else { break };
            state.in_flight.insert(number, (Instant::now(), Arc::clone(&case)));
            let (target, settings, deliveries) =
                (Arc::clone(&engine.target), engine.settings.clone(), engine.deliveries);
            tasks.spawn(async move { play_one(&*target, &settings, deliveries, number, case).await });
        }
        let joined = tokio::select! {
            joined = tasks.join_next() => joined,
            () = cancel.cancelled() => {
                state.give_up(each);
                return Err(Stopped::Interrupted);
            }
        };
        let Some(joined) = joined else { break };
        let done = match joined {
            Ok(Ok(done)) => done,
            Ok(Err(stopped)) => {
                state.give_up(each);
                return Err(stopped);
            }
            Err(error) => {
                state.give_up(each);
                return Err(Stopped::Bug(format!("a task of wsspec failed: {error}; please report this")));
            }
        };
        match state.finish(done, each).await {
            Ok(None) => {}
            Ok(Some(why)) => {
                // All cases in flight or just over are candidates, and are played again alone against a fresh process.
                while let Some(joined) = tasks.join_next().await {
                    state.again.extend(joined.ok().and_then(Result::ok));
                }
                state.isolate(&why, each).await?;
            }
            Err(stopped) => {
                state.give_up(each);
                return Err(stopped);
            }
        }
    }
    state.settle(each).await
}

impl InFlight<'_> {
    /// Whether the target has room for a case of this weight in addition to those in flight.
    fn has_room_for(&self, weight_of_it: u64) -> bool {
        let in_flight: u64 = self.in_flight.values().map(|(_, case)| weight(case, self.engine.settings.scale)).sum();
        weight_of_it < LIGHT || in_flight == 0 || in_flight + weight_of_it <= MAX_LONG_BYTES
    }

    /// What happened to the target's process: its death, or too much memory.
    async fn process_failure(&self, weigh: bool) -> Option<String> {
        if let Some(death) = self.engine.death().await {
            return Some(death);
        }
        if !weigh {
            return None;
        }
        let now = self.engine.usage().await?.resident;
        let grown = now.saturating_sub(self.resident?);
        // A program that has handled long messages may keep room for more of them, and so may one that has inflated some.
        let allowed = MAX_GROWTH
            + COPIES * if self.long_running { MAX_LONG_BYTES } else { 0 }
            + if self.inflates { INFLATED } else { 0 };
        (grown > allowed).then(|| format!("grew by {} MiB", grown >> 20))
    }

    /// Processes a case that ended; what happened to the target's process, if anything did.
    async fn finish(&mut self, mut done: FinishedCase, each: Each<'_>) -> Result<Option<String>, Stopped> {
        let start = self.in_flight.remove(&done.number).map(|(start, _)| start);
        self.inflates |= done.inflates;
        if done.broke_off {
            self.broken_off = Some(done.case.id.clone());
        }
        if let Some(why) = self.process_failure(is_hostile(&done.case)).await {
            self.again.push(done);
            return Ok(Some(why));
        }
        let oldest = self.aftermath.first().map(|(end, _)| *end);
        if done.opened && oldest.is_some_and(|end| end.elapsed() > SURVIVED_AFTER) {
            // A connection that began after a hostile case was accepted: the target survived it.
            let past =
                |end: &Instant| start.is_some_and(|start| start.saturating_duration_since(*end) > SURVIVED_AFTER);
            let (survived, waiting): (Vec<_>, Vec<_>) = self.aftermath.drain(..).partition(|(end, _)| past(end));
            self.aftermath = waiting;
            survived.into_iter().for_each(|(_, done)| self.engine.emit(done, 1, &mut *each));
        }
        let failed = done.result.outcome.is_broken();
        if done.result.outcome == Outcome::Error || (failed && done.abnormal) {
            match self.engine.health().await {
                Health::Reachable => {}
                Health::Died(why) => {
                    self.again.push(done);
                    return Ok(Some(why));
                }
                Health::Unreachable => {
                    let stopped = self.engine.unreachable(&self.candidates(&done.case));
                    self.engine.emit(done, 1, each);
                    return Err(stopped);
                }
            }
        }
        if failed && done.timed_out {
            self.again.push(done);
            return Ok(None);
        }
        self.engine.weigh(&mut done).await;
        if is_hostile(&done.case) {
            self.aftermath.push((Instant::now(), done));
        } else {
            self.engine.emit(done, 1, each);
        }
        Ok(None)
    }

    /// The target's process failed: all candidates are played again alone, against a fresh one.
    async fn isolate(&mut self, why: &str, each: Each<'_>) -> Result<(), Stopped> {
        self.in_flight.clear();
        self.again.extend(self.aftermath.drain(..).map(|(_, done)| done));
        self.again.iter_mut().for_each(|done| done.candidate = true);
        self.engine.record_process_failure(why);
        if let Err(stopped) = self.engine.restart(why).await {
            self.give_up(each);
            return Err(stopped);
        }
        self.resident = self.engine.usage().await.map(|usage| usage.resident);
        Ok(())
    }

    /// Checks the target after the last hostile cases: a new connection, and whether the process is at rest.
    async fn settle(mut self, each: Each<'_>) -> Result<Vec<FinishedCase>, Stopped> {
        if self.aftermath.is_empty() {
            return Ok(self.again);
        }
        let health = match self.failure_at_rest().await {
            Some(why) => Health::Died(why),
            None => self.engine.health().await,
        };
        match health {
            Health::Died(why) => self.isolate(&why, each).await?,
            Health::Reachable => {
                for (_, done) in self.aftermath.drain(..) {
                    self.engine.emit(done, 1, &mut *each);
                }
            }
            Health::Unreachable => {
                let names: Vec<&str> = self.aftermath.iter().map(|(_, done)| done.case.id.as_str()).collect();
                let stopped = self.engine.unreachable(&format!("after one of {}", names.join(", ")));
                self.give_up(each);
                return Err(stopped);
            }
        }
        Ok(self.again)
    }

    /// A problem of the process while nothing is sent to it.
    async fn failure_at_rest(&self) -> Option<String> {
        let busy = self.engine.busy_at_rest().await;
        match self.process_failure(true).await {
            Some(why) => Some(why),
            None => busy.map(|time| format!("was busy for {time:?} while nothing was sent to it")),
        }
    }

    /// Reports what was played when the run ends early.
    fn give_up(&mut self, each: Each<'_>) {
        for done in self.again.drain(..).chain(self.aftermath.drain(..).map(|(_, done)| done)) {
            self.engine.emit(done, 1, &mut *each);
        }
    }

    /// When the target disappeared, and which cases may be the cause: the last one whose connection it ended, and those in flight.
    fn candidates(&self, found_by: &Case) -> String {
        let mut sentence = match &self.broken_off {
            Some(id) => {
                format!("before case {}; the last connection that it ended early was that of case {id}", found_by.id)
            }
            None => format!("before case {}", found_by.id),
        };
        if !self.in_flight.is_empty() {
            let others: Vec<&str> = self.in_flight.values().map(|(_, case)| case.id.as_str()).collect();
            sentence += &format!("; in flight at that time: {}", others.join(", "));
        }
        sentence
    }
}

/// Whether a case is hostile: it sends what must be rejected, or resets the connection.
fn is_hostile(case: &Case) -> bool {
    let patches = [&case.handshake.request, &case.handshake.response];
    let resets = |send: &crate::case::Send| matches!(send.kind, SendKind::Reset);
    if patches.iter().any(|patch| patch.then.iter().any(resets)) {
        return true;
    }
    let fails = |one: &Expectation| matches!(one, Expectation::Fail(_));
    case.steps.iter().any(|step| match &step.kind {
        StepKind::Expect(expect) => match &expect.kind {
            ExpectKind::One(one) => fails(one),
            ExpectKind::OneOf(all) => all.iter().flat_map(|one| &one.sequence).any(fails),
            ExpectKind::AllOf(all) => all.iter().any(fails),
            ExpectKind::Optional(_) | ExpectKind::Nothing => false,
        },
        StepKind::Send(send) => resets(send),
        StepKind::Series(_) => false,
    }) || !case.opens()
}
