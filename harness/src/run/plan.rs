//! A run from the probe of its targets to its exit code.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use wsspec_reports::read::Results;
use wsspec_reports::results::{CaseResult, Probe, Run, Setup, TargetInfo};

use super::conclude::{self, Ending};
use super::delivery::Deliveries;
use super::dispatch::Target;
use super::engine::{Engine, Stopped};
use super::event::{Event, Reader};
use super::exit::Exit;
use super::listen::{Listener, Served};
use super::{Baseline, Gate, OnServing, fit, header, probe, well};
use crate::case::Case;
use crate::play::Settings;
use crate::secrets::Secrets;

/// How long a cancelled run may take to report the cases that are over.
const GRACE: Duration = Duration::from_secs(2);

/// How cases are played.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Bounds, timeout and seed, before the probe.
    pub settings: Settings,
    /// Whether the timeout is fixed and does not follow the target's round trip.
    pub fixed_timeout: bool,
    /// How many cases are in flight at once; by default as many as the target suits.
    pub jobs: Option<usize>,
    /// In which pieces frames are written.
    pub deliveries: Deliveries,
    /// Whether cases that are a load are played against a target on another machine, too.
    pub allow_stress: bool,
}

/// A target with the cases that it is played.
pub type TargetCases = (Arc<dyn Target>, Vec<Arc<Case>>);

/// What is to be run.
#[derive(Debug)]
pub struct Plan {
    /// The targets, each with its cases.
    pub targets: Vec<TargetCases>,
    /// The target as the header describes it.
    pub target: TargetInfo,
    /// How the target is reached, for `wsspec replay`.
    pub setup: Setup,
    /// The command line, without secrets.
    pub command: Vec<String>,
    /// The command that plays a case again, with `{case}` for its id.
    pub replay: String,
    /// How cases are played.
    pub options: Options,
    /// The gate; without one, every run holds.
    pub gate: Option<Gate>,
    /// The failures that are known.
    pub baseline: Baseline,
    /// What results and reports must not contain.
    pub secrets: Secrets,
    /// The requirements that nothing in the suite proves, with the reason and whether they are beyond any run.
    pub unproven: BTreeMap<String, (String, bool)>,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The exit code.
    pub exit: Exit,
    /// All that the results file holds, in the order of selection.
    pub results: Results,
    /// Why the gate did not hold, a sentence each.
    pub broken: Vec<String>,
}

/// A target that was probed.
enum Ready {
    /// The harness sets the pace.
    Paced(Box<Engine>),
    /// The client sets the pace.
    Looping(Box<(Listener, Option<OnServing>, Settings)>),
}

/// What is known while the cases are played.
struct Progress<'a, 'r> {
    reader: Reader<'r>,
    cases: Vec<CaseResult>,
    baseline: &'a Baseline,
    strict: bool,
    secrets: &'a Secrets,
}

impl Progress<'_, '_> {
    /// Marks a known failure, reports the result and keeps it.
    fn finished(&mut self, result: CaseResult) {
        let result = self.secrets.case(self.baseline.mark(result, self.strict));
        (self.reader)(Event::CaseFinished(&result));
        self.cases.push(result);
    }
}

impl Plan {
    /// How many cases are to be played, over all targets.
    pub fn selected(&self) -> usize {
        self.targets.iter().map(|(target, cases)| target.instances() * cases.len()).sum()
    }

    /// Whether lenient counts as failed.
    pub fn strict(&self) -> bool {
        self.gate.as_ref().is_some_and(|gate| gate.strict)
    }

    /// Probes the targets, plays the cases, and judges the results by the gate. When `cancel` is cancelled, the run ends soon, with
    /// results that say so. All that happens is reported to `reader`.
    pub async fn play(self, cancel: &CancellationToken, reader: Reader<'_>) -> Outcome {
        let started = Instant::now();
        let (mut probes, mut ready, mut name) = (Vec::new(), Vec::new(), None);
        let mut stopped = None;
        for (target, cases) in &self.targets {
            let prepared = tokio::select! {
                prepared = self.prepare(target, &mut probes) => prepared,
                () = cancel.cancelled() => Err(Stopped::Interrupted),
            };
            match prepared {
                Ok(prepared) => {
                    if let Ready::Paced(engine) = &prepared {
                        name = name.or_else(|| engine.capabilities.name.clone());
                    }
                    ready.push((target, prepared, cases));
                }
                Err(stop) => {
                    stopped = Some(stop);
                    break;
                }
            }
        }
        probes.iter().for_each(|probe| reader(Event::Probed(probe)));
        let run = self.secrets.run(header::header(&self, probes, name));
        reader(Event::Started(&run));
        let mut progress = Progress {
            reader,
            cases: Vec::new(),
            baseline: &self.baseline,
            strict: self.strict(),
            secrets: &self.secrets,
        };
        let mut served = Served::default();
        let mut process_failures = Vec::new();
        if stopped.is_none() {
            let mut offset = 0;
            for (_, target, cases) in ready {
                let ended = self.play_target(target, cases, offset, cancel, &mut progress, &mut process_failures).await;
                offset += cases.len();
                match ended {
                    Ok(by) => served = by.unwrap_or(served),
                    Err(stop) => {
                        stopped = Some(stop);
                        break;
                    }
                }
            }
        }
        for (target, _) in &self.targets {
            target.stop().await;
        }
        if !process_failures.is_empty() {
            progress.finished(well(&process_failures));
        }
        self.conclude(run, progress, stopped, served, started)
    }

    /// Probes a target, and fits timeout and pace to it.
    async fn prepare(&self, target: &Arc<dyn Target>, probes: &mut Vec<Probe>) -> Result<Ready, Stopped> {
        let mut settings = self.options.settings.clone();
        settings.stress = self.options.allow_stress || target.is_local();
        settings.adaptive_timeout = settings.adaptive_timeout.anew();
        if let Some((listener, on_serving)) = target.take_listener() {
            return Ok(Ready::Looping(Box::new((listener, on_serving, settings))));
        }
        target.start(settings.timeout).await.map_err(Stopped::Dead)?;
        let capabilities =
            probe::probe(&**target, &settings).await.map_err(|error| Stopped::Dead(error.to_string()))?;
        let settings = fit::settings(&settings, &capabilities, self.options.fixed_timeout);
        let jobs = fit::jobs(self.options.jobs, target.role(), capabilities.concurrent);
        probes.push(fit::recorded(target.role(), &capabilities, &settings, jobs));
        Ok(Ready::Paced(Box::new(Engine {
            target: Arc::clone(target),
            settings,
            jobs,
            deliveries: self.options.deliveries,
            capabilities,
            replay: self.replay.clone(),
            unattributed: Mutex::default(),
        })))
    }

    /// Plays all cases of one target; who was served, where the client sets the pace.
    async fn play_target(
        &self,
        target: Ready,
        cases: &[Arc<Case>],
        offset: usize,
        cancel: &CancellationToken,
        progress: &mut Progress<'_, '_>,
        process_failures: &mut Vec<String>,
    ) -> Result<Option<Served>, Stopped> {
        match target {
            Ready::Paced(engine) => {
                let mut each = |result: CaseResult| progress.finished(numbered(result, offset));
                let ended = tokio::select! {
                    ended = engine.play_all(cases, cancel, &mut each) => ended,
                    // The engine ends by itself, but for a target that it waits for.
                    () = after(cancel, GRACE) => Err(Stopped::Interrupted),
                };
                process_failures.append(&mut engine.unattributed.lock().unwrap_or_else(PoisonError::into_inner));
                ended.map(|()| None)
            }
            Ready::Looping(looping) => {
                let (listener, on_serving, settings) = *looping;
                match on_serving {
                    Some(start) => start(&listener.url()),
                    None => (progress.reader)(Event::Note(&format!(
                        "waiting for a client at {} (it requests /getCaseCount first)",
                        listener.url()
                    ))),
                }
                let mut each = |result: CaseResult| progress.finished(numbered(result, offset));
                let deliveries = self.options.deliveries;
                listener.serve(cases, &settings, deliveries, &self.replay, cancel, &mut each).await.map(Some)
            }
        }
    }

    fn conclude(
        &self,
        mut run: Run,
        mut progress: Progress<'_, '_>,
        stopped: Option<Stopped>,
        served: Served,
        started: Instant,
    ) -> Outcome {
        for result in super::run_checks(&progress.cases) {
            progress.finished(result);
        }
        let Progress { reader, cases, .. } = progress;
        let ending = Ending { stopped, selected: run.selected.saturating_sub(served.excluded), agent: served.agent };
        let (exit, end, broken) = conclude::end(self, &cases, ending, started.elapsed());
        let end = self.secrets.end(end);
        reader(Event::Finished(&end));
        run.target.name = end.agent.clone().or(run.target.name);
        let mut results = Results { run, cases, end: Some(end), truncated: false };
        results.sort();
        Outcome { exit, results, broken }
    }
}

/// The result with its number counted over all targets.
fn numbered(result: CaseResult, offset: usize) -> CaseResult {
    CaseResult { number: result.number.map(|number| number + offset), ..result }
}

/// Waits until `cancel` was cancelled `time` ago.
async fn after(cancel: &CancellationToken, time: Duration) {
    cancel.cancelled().await;
    tokio::time::sleep(time).await;
}

#[cfg(all(test, feature = "peer"))]
#[path = "plan_tests.rs"]
mod tests;
