//! A run from its first line to its exit code: what `run` and `demo` have in common.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use wsspec_reports::autobahn::Part;
use wsspec_reports::read::Results;
use wsspec_reports::results::{self, CaseResult, End, RequirementId, RequirementText, Run};
use wsspec_reports::totals::Totals;

use super::arguments::Output;
use super::interrupts::interrupts;
pub use super::target_run::{OnServing, TargetRun};
use super::terminal::{self, Progress};
use super::{Failure, autobahn, suite};
use crate::case::{Case, Need};
use crate::play::Settings;
use crate::run::{
    Baseline, Capabilities, Deliveries, Engine, Exit, Gate, Listener, ResultsWriter, Served, Stopped, Target, probe,
    run_checks, well,
};
use crate::spec::{requirements, zones};
use crate::vocabulary::Role;

/// How many cases are in flight at once, unless told otherwise.
const JOBS: usize = 16;
/// The least timeout.
const FLOOR: Duration = Duration::from_secs(3);

/// What is to be done.
pub struct RunPlan {
    /// The targets, each with the cases to be played.
    pub target_runs: Vec<(TargetRun, Vec<Arc<Case>>)>,
    /// What the header says of them.
    pub target: results::TargetInfo,
    /// The gate; `None` always holds.
    pub gate: Option<Gate>,
    /// Failures that are known.
    pub baseline: Baseline,
    /// What is written, and the pace.
    pub output: Output,
    /// Bounds, timeout and seed, before the probe.
    pub settings: Settings,
    /// Whether the timeout was given and is not to be adapted.
    pub fixed_patience: bool,
    /// The requirements that nothing in the suite proves, with the reason and whether they are beyond a run; empty when not the
    /// whole suite is played.
    pub unproven: BTreeMap<String, (String, bool)>,
}

/// A leg whose target was probed.
enum Ready {
    Paced(Box<Engine>),
    Listening(Listener, Option<OnServing>, Box<Settings>),
}

/// Reads a time with its unit.
pub fn time(text: &str) -> Result<Duration, Failure> {
    crate::language::time(text)
        .ok_or_else(|| Failure::usage(format!("`{text}` is no time; write it with a unit, as 800ms or 5s")))
}

/// Reads a seed, decimal or hexadecimal.
pub fn seed(text: &str) -> Result<u64, Failure> {
    let number = text.strip_prefix("0x").map_or_else(|| text.parse(), |hex| u64::from_str_radix(hex, 16));
    number.map_err(|_| Failure::usage(format!("`{text}` is no seed; write a number, or 0x and hexadecimal digits")))
}

impl RunPlan {
    /// Plays, writes and judges.
    pub async fn run(self) -> Result<Exit, Failure> {
        let Some(folder) = self.output.autobahn_report.clone() else { return Ok(self.play().await?.0) };
        let ended = self.play().await;
        // The report of an earlier run must not stand for one that came to nothing.
        let part = ended.as_ref().ok().map(|(_, results)| Part { agent: None, results });
        let written = autobahn::write_report(part.as_slice(), &folder);
        let (exit, _) = ended?;
        written.map(|()| exit)
    }

    /// Plays, writes and judges; the results as well, for a report over several runs.
    pub async fn play(mut self) -> Result<(Exit, Results), Failure> {
        let started = Instant::now();
        let selected: usize =
            self.target_runs.iter().map(|(target_run, cases)| target_run.clients() * cases.len()).sum();
        if selected == 0 {
            return Err(Failure::new(Exit::NothingSelected, "no case is selected; `wsspec list` shows what there is"));
        }
        let path = self.output.out.join("results.jsonl");
        let mut results_writer = ResultsWriter::create(&path)
            .map_err(|error| Failure::new(Exit::NotWritten, format!("{error}; choose another folder with --out")))?;
        // From here on processes run, which a signal must end.
        let mut interrupt = interrupts();
        let mut probes = Vec::new();
        let mut ready = Vec::new();
        for (target_run, cases) in std::mem::take(&mut self.target_runs) {
            self.settings.stress = self.output.allow_stress || target_run.is_local();
            self.settings.adaptive_timeout = self.settings.adaptive_timeout.anew();
            let target_run = self.prepare(target_run, &mut probes).await?;
            ready.push((target_run, cases));
        }
        let run = self.header(&ready, probes, selected);
        results_writer.begin(&run);
        let deliveries = self.deliveries()?;
        let (baseline, strict) = (&self.baseline, self.strict());
        let progress = Progress::new(selected, self.output.quiet);
        let mut stopped = None;
        let mut unattributed = Vec::new();
        let mut offset = 0;
        let mut by = Served::default();
        for (target_run, cases) in ready {
            let count = cases.len();
            let mut each = |number: usize, mut result: CaseResult| {
                result = baseline.mark(result, strict);
                progress.case(&result);
                results_writer.take(offset + number, result);
            };
            let ended = match target_run {
                Ready::Paced(engine) => {
                    let ended = engine.play_all(&cases, &mut interrupt, &mut each).await;
                    unattributed.append(&mut engine.unattributed.lock().unwrap_or_else(PoisonError::into_inner));
                    if let Target::Server(server) = &engine.target {
                        server.stop().await;
                    }
                    ended
                }
                Ready::Listening(listener, on_serving, settings) => {
                    match on_serving {
                        Some(start) => start(&listener.url()),
                        None => terminal::say(&format!(
                            "waiting for a client at {} (it asks /getCaseCount first)",
                            listener.url()
                        )),
                    }
                    let replay = "wsspec run --listen HOST:PORT '{case}'";
                    match listener.serve(&cases, &settings, deliveries, replay, &mut interrupt, &mut each).await {
                        Ok(served) => {
                            by = served;
                            Ok(())
                        }
                        Err(stop) => Err(stop),
                    }
                }
            };
            offset += count;
            if let Err(stop) = ended {
                stopped = Some(stop);
                break;
            }
        }
        results_writer.drain();
        if !unattributed.is_empty() {
            results_writer.write(self.baseline.mark(well(&unattributed), self.strict()));
        }
        progress.end();
        self.conclude(run, results_writer, stopped, selected, started, by)
    }

    /// Whether lenient counts as failed.
    fn strict(&self) -> bool {
        self.gate.as_ref().is_some_and(|gate| gate.strict)
    }

    fn deliveries(&self) -> Result<Deliveries, Failure> {
        self.output.delivery.parse().map_err(Failure::usage)
    }

    /// Probes a target, and fits timeout and pace to it.
    async fn prepare(&self, target_run: TargetRun, probes: &mut Vec<results::Probe>) -> Result<Ready, Failure> {
        let role = target_run.role();
        let under = match target_run {
            TargetRun::Listening(listener, on_serving) => {
                return Ok(Ready::Listening(listener, on_serving, Box::new(self.settings.clone())));
            }
            TargetRun::Paced(under) => under,
        };
        if let Target::Server(server) = &under {
            server.start(self.settings.timeout).await.map_err(|error| Failure::new(Exit::Target, error.to_string()))?;
        }
        let capabilities = match probe(&under, &self.settings).await {
            Ok(capabilities) => capabilities,
            Err(error) => {
                if let Target::Server(server) = &under {
                    server.stop().await;
                }
                return Err(Failure::new(Exit::Target, error.to_string()));
            }
        };
        let settings = self.fit(&capabilities);
        let jobs = match (self.output.jobs, capabilities.concurrent) {
            (Some(jobs), _) => jobs.clamp(1, 1024),
            (None, true) if role == Role::Server => JOBS,
            // Processes are heavier than connections.
            (None, true) => std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(JOBS) + 1,
            (None, false) => 1,
        };
        probes.push(results::Probe {
            role,
            has: capabilities.has.iter().map(|need| need.name().to_owned()).collect(),
            round_trip_ms: (capabilities.round_trip.as_secs_f64() * 1e6).round() / 1e3,
            timeout_ms: u64::try_from(settings.timeout.as_millis()).unwrap_or(u64::MAX),
            jobs,
        });
        let deliveries = self.deliveries()?;
        let replay = format!("wsspec replay {} '{{case}}'", self.output.out.join("results.jsonl").display());
        Ok(Ready::Paced(Box::new(Engine {
            target: under,
            settings,
            jobs,
            deliveries,
            capabilities,
            replay,
            unattributed: Mutex::default(),
        })))
    }

    /// Timeout follows the target's measured pace, so that a slow machine gives the same verdicts.
    fn fit(&self, capabilities: &Capabilities) -> Settings {
        let mut settings = self.settings.clone();
        settings.strict_messages = capabilities.has.contains(&Need::Echo) && !capabilities.talks;
        let adaptive_timeout = capabilities.round_trip * 50;
        settings.barrier_after = settings.barrier_after.max(adaptive_timeout);
        settings.quiet = settings.quiet.max(adaptive_timeout.min(Duration::from_secs(2)));
        if !self.fixed_patience {
            settings.timeout = FLOOR.max(capabilities.round_trip * 300).min(Duration::from_secs(30));
        }
        settings.barrier_after = settings.barrier_after.min(settings.timeout / 2);
        settings
    }

    fn header(&self, ready: &[(Ready, Vec<Arc<Case>>)], probe: Vec<results::Probe>, selected: usize) -> Run {
        let mut target = self.target.clone();
        for (target_run, _) in ready {
            if let Ready::Paced(engine) = target_run
                && target.name.is_none()
            {
                target.name.clone_from(&engine.capabilities.name);
            }
        }
        let mut requirements: BTreeMap<RequirementId, RequirementText> = BTreeMap::new();
        let of_rules = crate::rules::ALL.iter().flat_map(|rule| rule.requirements.iter().copied());
        let of_cases =
            ready.iter().flat_map(|(_, cases)| cases.iter()).flat_map(|case| case.proves.iter().map(AsRef::as_ref));
        for id in of_cases.chain(of_rules).chain(self.unproven.keys().map(String::as_str)) {
            if let Some(requirement) = requirements::find(id)
                && !requirements.contains_key(id)
            {
                let rules = crate::rules::ALL.iter().filter(|rule| rule.requirements.contains(&id));
                let text = RequirementText {
                    level: requirement.strength.name().into(),
                    text: requirement.text.into(),
                    place: requirement.place(),
                    url: requirement.url(),
                    role: requirement.role.name().into(),
                    rules: rules.map(|rule| rule.name.to_owned()).collect(),
                    unproven: self.unproven.get(id).map(|(reason, _)| reason.clone()),
                    beyond: self.unproven.get(id).is_some_and(|(_, beyond)| *beyond),
                };
                requirements.insert(id.to_owned().into(), text);
            }
        }
        Run {
            schema: results::SCHEMA,
            tool: format!("wsspec {}", env!("CARGO_PKG_VERSION")),
            command: super::connection_args::command_line(),
            seed: format!("{:#x}", self.settings.seed),
            target,
            probe,
            started: jiff::Timestamp::now().to_string(),
            selected,
            scale: self.settings.scale.name().into(),
            requirements,
            zones: zones::all().iter().map(|zone| (zone.id.to_string(), zone.text.to_owned())).collect(),
        }
    }

    fn conclude(
        &self,
        mut run: Run,
        mut results_writer: ResultsWriter,
        stopped: Option<Stopped>,
        selected: usize,
        started: Instant,
        served: Served,
    ) -> Result<(Exit, Results), Failure> {
        let played = results_writer.done.len();
        let selected = selected.saturating_sub(served.excluded);
        for result in run_checks(&results_writer.done) {
            results_writer.write(self.baseline.mark(result, self.strict()));
        }
        let mut broken = self.gate.as_ref().map_or_else(Vec::new, |gate| gate.broken_by(&results_writer.done));
        broken.extend(self.baseline.stale(&results_writer.done, self.strict()));
        let mut why = match &stopped {
            Some(Stopped::Dead(sentence)) => Some(sentence.clone()),
            Some(Stopped::Interrupted) => Some("interrupted".to_owned()),
            None => None,
        };
        if stopped.is_none() && played < selected {
            why = Some(format!("{played} of {selected} cases were asked for"));
        }
        if let Some(why) = &why {
            broken.push(format!("not all cases were played: {why}"));
        }
        let exit = match (&stopped, self.gate.is_some(), broken.is_empty()) {
            (Some(Stopped::Interrupted), ..) => Exit::Interrupted,
            (Some(Stopped::Dead(_)), ..) => Exit::Target,
            (None, true, false) => Exit::NotHeld,
            (None, ..) => Exit::Held,
        };
        let strict = self.strict();
        let totals = Totals::of(&results_writer.done);
        let gate = match (self.gate.is_some(), broken.is_empty()) {
            (false, _) => "none",
            (true, true) => "held",
            (true, false) => "failed",
        };
        let end = End {
            complete: why.is_none(),
            stopped: why.clone(),
            totals: results::Outcome::ALL
                .iter()
                .map(|&outcome| (outcome.name().to_owned(), totals.all.get(outcome)))
                .collect(),
            rates: totals.levels.iter().map(|tally| (tally.name.clone(), tally.counts.rate(strict).value())).collect(),
            gate: gate.to_owned(),
            exit: exit.code(),
            duration_ms: (started.elapsed().as_secs_f64() * 1e6).round() / 1e3,
        };
        let (cases, written) = match results_writer.end(end.clone()) {
            Ok(cases) => (cases, Ok(())),
            Err((error, cases)) => (cases, Err(error)),
        };
        run.target.name = served.agent.or(run.target.name);
        let results = Results { run, cases, end: Some(end), cut: false };
        let report = self.reports(&results);
        let report_path = report.as_ref().ok().and_then(Clone::clone).map(|path| path.display().to_string());
        suite::summary(&results, strict, report_path)?;
        for sentence in &broken {
            terminal::error(&format!("gate: {sentence}"));
        }
        if let Err(error) = written {
            return Err(Failure::new(Exit::NotWritten, error.to_string()));
        }
        report?;
        Ok((exit, results))
    }

    /// Writes the reports; returns where the HTML is.
    fn reports(&self, results: &Results) -> Result<Option<PathBuf>, Failure> {
        if let Some(junit) = &self.output.junit {
            write_junit(results, junit)?;
        }
        if self.output.no_html {
            return Ok(None);
        }
        let path = self.output.out.join("report.html");
        write_html(results, &path)?;
        Ok(Some(path))
    }
}

/// Writes the HTML report.
pub fn write_html(results: &Results, path: &Path) -> Result<(), Failure> {
    let html = wsspec_reports::html::render(results).map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
    write(path, &html)
}

/// Writes the JUnit report.
pub fn write_junit(results: &Results, path: &Path) -> Result<(), Failure> {
    let xml = wsspec_reports::junit::render(results).map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
    write(path, &xml)
}

/// Writes a file.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::new(Exit::NotWritten, format!("cannot write {}: {error}", path.display())))
}
