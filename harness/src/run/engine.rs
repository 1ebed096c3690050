//! Cases side by side against one target, with an inquiry when the target dies.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use wsspec_reports::results::{CaseResult, Finding};

use super::delivery::Deliveries;
use super::idle_connections;
use super::probe::{Capabilities, call, sanity};
use super::record::record;
use crate::case::model::Case;
use crate::judge::{self, Observation, Verdict, judge};
use crate::play::{
    Call, Delivery, PlayResult, Settings, play_against_client, play_against_server, play_without_call, url_of,
};
use crate::targets::{Accepted, Death, Server, SpawnError, Spawner, Usage};
use crate::vocabulary::{Outcome, Phase, Role};

/// A target that cases are played against at our own pace.
#[derive(Clone, Debug)]
pub enum Target {
    /// A server.
    Server(Server),
    /// A client, spawned for each case.
    Client(Spawner),
}

impl Target {
    /// The target's role.
    pub const fn role(&self) -> Role {
        match self {
            Self::Server(_) => Role::Server,
            Self::Client(_) => Role::Client,
        }
    }

    /// Whether TLS stands between.
    pub fn is_secure(&self) -> bool {
        match self {
            Self::Server(server) => server.endpoint.secure,
            Self::Client(spawner) => spawner.is_secure(),
        }
    }

    /// Plays one case over a fresh connection; says how the client's process ended, when it crashed.
    pub async fn play(&self, case: &Arc<Case>, settings: &Settings) -> (PlayResult, Call, Option<Death>) {
        match self {
            Self::Server(server) => {
                let call = server.call();
                let held = match case.idle_connections {
                    0 => Vec::new(),
                    count => idle_connections::open(server, count, settings).await,
                };
                let link = if case.handshake.tls.plain {
                    server.connect_below(settings.timeout).await
                } else {
                    server.connect(settings.timeout).await
                };
                let mut played = match link {
                    Ok(link) => play_against_server(case, link, &call, settings).await,
                    Err(error) => {
                        let address = &server.endpoint.address;
                        PlayResult::environment(format!("cannot connect to {address}: {error}"))
                    }
                };
                played.idle_connections = held.len();
                (played, call, None)
            }
            Self::Client(spawner) => {
                let path = format!("/{}", case.id);
                let connect_client = match &case.handshake.url {
                    Some(_) => {
                        let url = |call: &Call| url_of(case, call).unwrap_or_default();
                        spawner.connect_client_at(&url, &path, settings).await
                    }
                    None => spawner.connect_client(&path, case.handshake.tls, settings).await,
                };
                match connect_client {
                    Err(missed) => {
                        let call = Call::of_client(spawner.host(), path).over_tls(spawner.is_secure());
                        let own = case.handshake.url.is_some();
                        let (played, death) = match missed {
                            SpawnError::Unsupported(sentence) => (PlayResult::unsupported(sentence), None),
                            SpawnError::NoCall(why, death) if own => (play_without_call(case, why, false), death),
                            SpawnError::TooSlow(why) if own => (play_without_call(case, why, true), None),
                            SpawnError::Environment(why) | SpawnError::NoCall(why, _) | SpawnError::TooSlow(why) => {
                                (PlayResult::environment(why), None)
                            }
                        };
                        (played, call, death.filter(|death| death.crashed))
                    }
                    Ok(connect_client) => {
                        let (call, mut process) = (connect_client.call, connect_client.process);
                        let played = match connect_client.arrival {
                            Accepted::Request(request) => play_against_client(case, *request, &call, settings).await,
                            Accepted::Refusing(played) => *played,
                        };
                        let death = tokio::time::timeout(settings.timeout, process.wait()).await.ok().flatten();
                        process.stop().await;
                        (played, call, death.filter(|death| death.crashed))
                    }
                }
            }
        }
    }

    /// Whether a second connection is served while a first is open.
    pub async fn serves_at_once(&self, settings: &Settings) -> bool {
        let Self::Server(server) = self else { return true };
        let Ok(held) = server.connect(settings.timeout).await else { return true };
        let second = tokio::time::timeout(Duration::from_secs(1), self.play(&call(), settings)).await;
        drop(held);
        second.is_ok_and(|(played, ..)| played.opened)
    }
}

/// Why a run stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The target is gone, in a sentence.
    Dead(String),
    /// Interrupted by the user.
    Interrupted,
}

/// Plays cases against a target.
#[derive(Debug)]
pub struct Engine {
    /// The target.
    pub target: Target,
    /// Bounds and timeout.
    pub settings: Settings,
    /// How many cases are in flight at once.
    pub jobs: usize,
    /// In which pieces what we say is delivered.
    pub deliveries: Deliveries,
    /// What the target has.
    pub capabilities: Capabilities,
    /// The command that plays a case again, with `{case}` for its id.
    pub replay: String,
    /// Troubles of the target's process that no single case has explained.
    pub unattributed: Mutex<Vec<String>>,
}

/// How the target is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// It answers.
    Well,
    /// Its process, which is ours, has ended.
    Died(String),
    /// It does not answer.
    Gone,
}

/// A case that has been played. What went over the wire is kept as the result shows it, and no longer whole.
#[derive(Debug)]
pub(super) struct FinishedCase {
    pub number: usize,
    pub case: Arc<Case>,
    pub result: Box<CaseResult>,
    /// Whether a wait ran out, the connection opened, the target ended it as no sound target would, or without a Close frame.
    pub timed_out: bool,
    pub opened: bool,
    pub abnormal: bool,
    pub broke_off: bool,
    /// Whether messages were compressed.
    pub inflates: bool,
    /// Bytes that the target was sent.
    pub sent: u64,
    /// Whether it may have brought the target's process into trouble.
    pub candidate: bool,
}

/// Where results go: the number and result of every case, once.
pub(super) type Each<'a> = &'a mut (dyn FnMut(usize, CaseResult) + Send);

/// Turns true when the user wants the run to end.
pub(super) type Interrupt<'a> = &'a mut tokio::sync::watch::Receiver<bool>;

impl Engine {
    /// Plays all `cases`; `each` takes the number and result of every case once, in the order in which they end.
    ///
    /// # Errors
    /// Why not all were played.
    pub async fn play_all(
        &self,
        cases: &[Arc<Case>],
        interrupt: &mut tokio::sync::watch::Receiver<bool>,
        each: &mut (dyn FnMut(usize, CaseResult) + Send),
    ) -> Result<(), Stopped> {
        let mut queue = Vec::new();
        for (number, case) in cases.iter().enumerate() {
            match self.unfit(case) {
                None => queue.push((number, Arc::clone(case))),
                Some(why) => {
                    let verdict = Verdict::of(vec![why]);
                    each(number, record(case, self.target.role(), &verdict, None, self.replay_of(case)));
                }
            }
        }
        queue.reverse();
        let again = self.side_by_side(queue, interrupt, each).await?;
        self.one_by_one(again, interrupt, each).await?;
        match self.health().await {
            Health::Well => Ok(()),
            Health::Died(why) => {
                self.troubled(&why);
                Ok(())
            }
            Health::Gone => Err(self.gone("it was there until the last case")),
        }
    }

    /// Why a case cannot be played against this target, where it cannot.
    fn unfit(&self, case: &Case) -> Option<Finding> {
        if let Some(need) = case.needs.iter().find(|need| !self.capabilities.has.contains(need)) {
            return Some(judge::unsupported(need.name()));
        }
        if case.idle_connections > 0 && !self.capabilities.concurrent {
            let message = "the target serves one connection at a time, and this case needs several".to_owned();
            return Some(judge::observed(Phase::Probe, Observation::Lacks, message));
        }
        unasked(case, &self.settings)
    }

    /// Notes a trouble of the target's process, until a case explains it.
    pub(super) fn troubled(&self, why: &str) {
        self.unattributed.lock().unwrap_or_else(PoisonError::into_inner).push(format!("the target's process {why}"));
    }

    /// A case has explained the troubles so far.
    pub(super) fn explained(&self) {
        self.unattributed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Gives a finished case to `each`.
    pub(super) fn emit(&self, done: FinishedCase, plays: u32, each: Each<'_>) {
        each(done.number, CaseResult { plays, replay: self.replay_of(&done.case), ..*done.result });
    }

    fn replay_of(&self, case: &Case) -> String {
        self.replay.replace("{case}", &case.id)
    }

    /// How the target's process ended, when it is ours and has.
    pub(super) async fn death(&self) -> Option<Death> {
        match &self.target {
            Target::Server(server) => server.death().await,
            Target::Client(_) => None,
        }
    }

    /// What the target's process has used, when it is ours.
    pub(super) async fn usage(&self) -> Option<Usage> {
        match &self.target {
            Target::Server(server) => server.usage().await,
            Target::Client(_) => None,
        }
    }

    /// The most memory that the target's process has had, when it is ours, in bytes.
    pub(super) async fn most_resident(&self) -> Option<u64> {
        match &self.target {
            Target::Server(server) => server.most_resident().await,
            Target::Client(_) => None,
        }
    }

    /// Starts the target's process again.
    pub(super) async fn restart(&self, why: &str) -> Result<(), Stopped> {
        let Target::Server(server) = &self.target else { return Ok(()) };
        let gone = |error| Stopped::Dead(format!("the target's process {why}, and cannot be started again: {error}"));
        server.start(self.settings.timeout).await.map_err(gone)
    }

    /// Whether a fresh call is answered; else what has become of the target, which is given a moment to die.
    pub(super) async fn health(&self) -> Health {
        let deadline = Instant::now() + Duration::from_secs(1);
        loop {
            if let Some(death) = self.death().await {
                return Health::Died(death.to_string());
            }
            if self.answers().await {
                return Health::Well;
            }
            if Instant::now() >= deadline {
                return Health::Gone;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The end of a run whose target is gone, and who is suspected.
    pub(super) fn gone(&self, candidates: &str) -> Stopped {
        let name = match &self.target {
            Target::Server(server) => server.url.as_str(),
            Target::Client(spawner) => spawner.command.as_str(),
        };
        Stopped::Dead(format!("the target at {name} no longer answers a right handshake: {candidates}"))
    }

    /// Whether a fresh call is answered in the usual time. A client is fresh for each case.
    async fn answers(&self) -> bool {
        matches!(self.target, Target::Client(_))
            || self.target.play(&if self.capabilities.sane { sanity() } else { call() }, &self.settings).await.0.opened
    }
}

/// Why a case is not played against a host that may not be ours, where it is not.
pub(super) fn unasked(case: &Case, settings: &Settings) -> Option<Finding> {
    let message =
        "this case is a load for its target, which is not on this machine; `--allow-stress` plays it".to_owned();
    (case.stress && !settings.stress).then(|| judge::observed(Phase::Harness, Observation::Lacks, message))
}

/// Plays one case in the deliveries that are its own; the worst verdict counts.
pub(super) async fn play_one(
    target: &Target,
    settings: &Settings,
    deliveries: Deliveries,
    number: usize,
    case: Arc<Case>,
) -> FinishedCase {
    let role = target.role();
    let mut worst: Option<(Verdict, PlayResult, Delivery)> = None;
    let mut good = Vec::new();
    for delivery in deliveries.of(&case) {
        let settings = Settings { delivery, ..settings.with_current_timeout() };
        let (played, call, death) = target.play(&case, &settings).await;
        let mut verdict = judge(&case, &played, &call);
        if let Some(death) = death {
            let sentence = format!("the client's process {death}");
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
            worst = Some((verdict, played, delivery));
        }
    }
    // There is always one delivery at least.
    let (mut verdict, played, delivery) = worst
        .unwrap_or_else(|| (Verdict::of(Vec::new()), PlayResult::environment("no delivery".into()), Delivery::Whole));
    if verdict.outcome.is_broken() && !good.is_empty() {
        let message = format!("the verdict depends on the delivery: {} it is no failure", good.join(", "));
        verdict.findings.push(judge::observed(Phase::Delivery, Observation::DependsOnDelivery, message));
    }
    let mut result = record(&case, role, &verdict, Some(&played), String::new());
    result.delivery = delivery.name().map(str::to_owned);
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
