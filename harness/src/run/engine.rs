//! Many cases against one target at the harness's own pace, and what to do when the target dies.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;
use wsspec_reports::results::{CaseResult, Finding};

use super::delivery::Deliveries;
use super::dispatch::{Played, Target, message_of};
use super::idle_connections;
use super::in_flight;
use super::probe::{Capabilities, call, sanity};
use super::record::record;
use crate::case::Case;
use crate::judge::{self, Observation, Verdict, judge};
use crate::play::{PlayResult, Settings};
use crate::targets::Usage;
use crate::vocabulary::{Outcome, Phase, Role};

/// Why a run stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The target stopped answering, in a sentence.
    Dead(String),
    /// Cancelled.
    Interrupted,
    /// The harness itself failed, as a sentence.
    Bug(String),
}

/// Plays cases against a target.
#[derive(Debug)]
pub struct Engine {
    /// The target.
    pub target: Arc<dyn Target>,
    /// Bounds and timeout.
    pub settings: Settings,
    /// How many cases are in flight at once.
    pub jobs: usize,
    /// In which pieces frames are written.
    pub deliveries: Deliveries,
    /// What the target supports.
    pub capabilities: Capabilities,
    /// The command that plays a case again, with `{case}` for its id.
    pub replay: String,
    /// Failures of the target's process that were not attributed to a case.
    pub unattributed: Mutex<Vec<String>>,
}

/// The state of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// It accepts connections.
    Reachable,
    /// Its process ended.
    Died(String),
    /// It accepts no connection.
    Unreachable,
}

/// A case that was played. The transcript is kept only as the result shows it.
#[derive(Debug)]
pub(super) struct FinishedCase {
    pub number: usize,
    pub case: Arc<Case>,
    pub result: Box<CaseResult>,
    /// Whether a wait timed out, the connection opened, the target ended it abnormally, or without a Close frame.
    pub timed_out: bool,
    pub opened: bool,
    pub abnormal: bool,
    pub broke_off: bool,
    /// Whether messages were compressed.
    pub inflates: bool,
    /// Bytes that the target was sent.
    pub sent: u64,
    /// Whether it may be the cause of a failure of the target's process.
    pub candidate: bool,
}

/// Where results go: the result of every case, once.
pub(super) type Each<'a> = &'a mut (dyn FnMut(CaseResult) + Send);

impl Engine {
    /// Plays all `cases`; `each` gets the result of every case once, with its number, in the order in which they end.
    ///
    /// # Errors
    /// Why not all were played.
    pub async fn play_all(
        &self,
        cases: &[Arc<Case>],
        cancel: &CancellationToken,
        each: &mut (dyn FnMut(CaseResult) + Send),
    ) -> Result<(), Stopped> {
        let mut queue = Vec::new();
        for (number, case) in cases.iter().enumerate() {
            match self.unfit(case) {
                None => queue.push((number, Arc::clone(case))),
                Some(why) => {
                    let verdict = Verdict::of(vec![why]);
                    let result = record(case, self.target.role(), &verdict, None, self.replay_of(case));
                    each(CaseResult { number: Some(number), ..result });
                }
            }
        }
        queue.reverse();
        let again = in_flight::side_by_side(self, queue, cancel, each).await?;
        self.one_by_one(again, cancel, each).await?;
        match self.health().await {
            Health::Reachable => Ok(()),
            Health::Died(why) => {
                self.record_process_failure(&why);
                Ok(())
            }
            Health::Unreachable => Err(self.unreachable("after the last case")),
        }
    }

    /// Why a case cannot be played against this target, where it cannot.
    pub(super) fn unfit(&self, case: &Case) -> Option<Finding> {
        if let Some(need) = case.needs.iter().find(|need| !self.capabilities.has.contains(need)) {
            return Some(judge::unsupported(need.name()));
        }
        if case.idle_connections > 0 && !self.capabilities.concurrent {
            let message = "the target serves one connection at a time, and this case needs several".to_owned();
            return Some(judge::observed(Phase::Probe, Observation::Lacks, message));
        }
        unasked(case, &self.settings)
    }

    /// Records a failure of the target's process until it is attributed to a case.
    pub(super) fn record_process_failure(&self, why: &str) {
        self.unattributed.lock().unwrap_or_else(PoisonError::into_inner).push(format!("the target's process {why}"));
    }

    /// The failures so far were attributed to a case.
    pub(super) fn explained(&self) {
        self.unattributed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Gives a finished case to `each`.
    pub(super) fn emit(&self, done: FinishedCase, plays: u32, each: Each<'_>) {
        each(CaseResult { plays, replay: self.replay_of(&done.case), ..*done.result });
    }

    fn replay_of(&self, case: &Case) -> String {
        self.replay.replace("{case}", &case.id)
    }

    /// How the target's process ended, when it is ours and has.
    pub(super) async fn death(&self) -> Option<String> {
        self.target.death().await
    }

    /// What the target's process has used, when it is ours.
    pub(super) async fn usage(&self) -> Option<Usage> {
        self.target.usage().await
    }

    /// The most memory that the target's process has had, when it is ours, in bytes.
    pub(super) async fn most_resident(&self) -> Option<u64> {
        self.target.most_resident().await
    }

    /// Starts the target's process again.
    pub(super) async fn restart(&self, why: &str) -> Result<(), Stopped> {
        let dead = |error| Stopped::Dead(format!("the target's process {why}, and cannot be started again: {error}"));
        self.target.start(self.settings.timeout).await.map_err(dead)
    }

    /// Whether a new connection is accepted. If it is not, the target gets one second to recover or to end.
    pub(super) async fn health(&self) -> Health {
        let deadline = Instant::now() + Duration::from_secs(1);
        loop {
            if let Some(death) = self.death().await {
                return Health::Died(death);
            }
            if self.answers().await {
                return Health::Reachable;
            }
            if Instant::now() >= deadline {
                return Health::Unreachable;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The end of a run whose target stopped answering; `when` names the last case before that.
    pub(super) fn unreachable(&self, when: &str) -> Stopped {
        let name = self.target.name();
        Stopped::Dead(format!("the target at {name} stopped accepting handshakes {when}"))
    }

    /// Whether a new connection is accepted in the usual time.
    async fn answers(&self) -> bool {
        let case = if self.capabilities.sane { sanity() } else { call() };
        self.target.is_fresh_for_each_case() || self.target.play(&case, &self.settings).await.result.opened
    }
}

/// Why a load is not played against another machine, where it is not.
pub(super) fn unasked(case: &Case, settings: &Settings) -> Option<Finding> {
    let message =
        "this case is a load for its target, which is not on this machine; `--allow-stress` plays it".to_owned();
    (case.stress && !settings.stress).then(|| judge::observed(Phase::Harness, Observation::Lacks, message))
}

/// Plays one case as [`play_in_deliveries`]; a panic of the harness is its error.
///
/// # Errors
/// The panic's message.
pub(super) async fn play_one(
    target: &dyn Target,
    settings: &Settings,
    deliveries: Deliveries,
    number: usize,
    case: Arc<Case>,
) -> Result<FinishedCase, Stopped> {
    let id = case.id.clone();
    let play = play_in_deliveries(target, settings, deliveries, number, case);
    AssertUnwindSafe(play).catch_unwind().await.map_err(|panic| {
        let message = message_of(&*panic);
        Stopped::Bug(format!("wsspec itself failed in the case {id}: {message}; please report this"))
    })
}

/// Plays one case in each of its deliveries; the worst verdict counts.
async fn play_in_deliveries(
    target: &dyn Target,
    settings: &Settings,
    deliveries: Deliveries,
    number: usize,
    case: Arc<Case>,
) -> FinishedCase {
    let role = target.role();
    let mut worst: Option<(Verdict, PlayResult, Settings)> = None;
    let mut good = Vec::new();
    for delivery in deliveries.of(&case) {
        let settings = Settings { delivery, ..settings.with_current_timeout() };
        let Played { result: played, call, crash } = target.play(&case, &settings).await;
        let mut verdict = judge(&case, &played, &call);
        if let Some(sentence) = crash {
            verdict.add(judge::observed(Phase::Target, Observation::ProcessEnded, sentence));
        }
        if played.idle_connections < case.idle_connections && role == Role::Server && verdict.outcome != Outcome::Error
        {
            verdict.add(idle_connections::fewer(played.idle_connections, case.idle_connections));
        }
        if !verdict.outcome.is_broken() {
            settings.adaptive_timeout.observe(played.transcript.slowest_reaction());
            good.push(delivery.name().unwrap_or("whole"));
        }
        if worst.as_ref().is_none_or(|(worst, ..)| verdict.outcome.is_worse_than(worst.outcome)) {
            worst = Some((verdict, played, settings));
        }
    }
    // There is at least one delivery.
    let (mut verdict, played, used) = worst
        .unwrap_or_else(|| (Verdict::of(Vec::new()), PlayResult::environment("no delivery".into()), settings.clone()));
    if verdict.outcome.is_broken() && !good.is_empty() {
        let message = format!("the verdict depends on the delivery: the case does not fail with {}", good.join(" or "));
        verdict.findings.push(judge::observed(Phase::Delivery, Observation::DependsOnDelivery, message));
    }
    let mut result = record(&case, role, &verdict, Some(&played), String::new());
    result.number = Some(number);
    result.delivery = used.delivery.name().map(str::to_owned);
    result.timeout_ms = (used.timeout != settings.timeout).then(|| milliseconds(used.timeout));
    FinishedCase {
        number,
        case,
        result: Box::new(result),
        timed_out: played.timed_out,
        opened: played.opened,
        abnormal: played.abnormal,
        broke_off: played.broke_off,
        inflates: played.transcript.deflate.is_some(),
        sent: played.transcript.sent,
        candidate: false,
    }
}

/// A time in milliseconds, to the microsecond.
pub(super) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
