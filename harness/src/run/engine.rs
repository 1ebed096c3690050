//! Cases side by side against one target, with an inquiry when the target dies.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use wsspec_reports::results::CaseResult;

use super::probe::{Found, sanity};
use super::record::record;
use crate::case::model::{Case, Outcome, Role};
use crate::judge::{Finding, Verdict, judge};
use crate::play::{Call, Played, Settings, play_against_client, play_against_server};
use crate::target::{Death, Server, Spawner};

/// A target that cases are played against at our own pace.
#[derive(Clone, Debug)]
pub enum Under {
    /// A server.
    Server(Server),
    /// A client, spawned for each case.
    Client(Spawner),
}

impl Under {
    /// The target's role.
    pub const fn role(&self) -> Role {
        match self {
            Self::Server(_) => Role::Server,
            Self::Client(_) => Role::Client,
        }
    }

    /// Plays one case over a fresh connection; says how the client's process ended, when a signal ended it.
    pub async fn play(&self, case: &Arc<Case>, settings: &Settings) -> (Played, Call, Option<Death>) {
        match self {
            Self::Server(server) => {
                let call = server.call();
                let played = match server.connect(settings.patience).await {
                    Ok(link) => play_against_server(case, link, &call, settings).await,
                    Err(error) => {
                        let address = &server.endpoint.address;
                        Played::environment(case, format!("cannot connect to {address}: {error}"))
                    }
                };
                (played, call, None)
            }
            Self::Client(spawner) => {
                let path = format!("/{}", case.id);
                match spawner.visit(&path).await {
                    Err(sentence) => {
                        let call =
                            Call { role: Role::Client, host: spawner.address.clone(), path, headers: Vec::new() };
                        (Played::environment(case, sentence), call, None)
                    }
                    Ok(visit) => {
                        let (call, mut process) = (visit.call, visit.process);
                        let played = play_against_client(case, visit.request, &call, settings).await;
                        let death = tokio::time::timeout(settings.patience, process.wait()).await.ok().flatten();
                        process.stop().await;
                        (played, call, death.filter(|death| death.by_signal))
                    }
                }
            }
        }
    }

    /// Whether a second connection is served while a first is open.
    pub async fn serves_at_once(&self, settings: &Settings) -> bool {
        let Self::Server(server) = self else { return true };
        let Ok(held) = server.connect(settings.patience).await else { return true };
        let second = tokio::time::timeout(Duration::from_secs(1), self.play(&sanity(), settings)).await;
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
    pub under: Under,
    /// Bounds and patience.
    pub settings: Settings,
    /// How many cases are in flight at once.
    pub jobs: usize,
    /// What the target has.
    pub found: Found,
    /// The command that plays a case again, with `{case}` for its id.
    pub replay: String,
}

/// A case that has been played.
struct Done {
    number: usize,
    case: Arc<Case>,
    verdict: Verdict,
    played: Played,
}

impl Engine {
    /// Plays all `cases`; `each` takes the number and result of every case once, in the order in which they end.
    ///
    /// # Errors
    /// Why not all were played.
    pub async fn play_all(
        &self,
        cases: &[Arc<Case>],
        interrupt: &mut tokio::sync::watch::Receiver<bool>,
        each: &mut dyn FnMut(usize, CaseResult),
    ) -> Result<(), Stopped> {
        let mut queue = Vec::new();
        for (number, case) in cases.iter().enumerate() {
            match case.needs.iter().find(|need| !self.found.has.contains(need)) {
                None => queue.push((number, Arc::clone(case))),
                Some(need) => {
                    let message = format!("the target has no `{}`, which this case needs", need.name());
                    let verdict = Verdict::of(vec![Finding::plain("probe", Outcome::Unsupported, message)]);
                    each(number, self.record(case, &verdict, None));
                }
            }
        }
        queue.reverse();
        let again = self.side_by_side(queue, interrupt, each).await?;
        self.one_by_one(again, interrupt, each).await?;
        self.still_sane("it was there until the last case").await
    }

    /// Plays with many in flight; returns those to be played again alone: suspects of a death, and those that ran out of time.
    async fn side_by_side(
        &self,
        mut queue: Vec<(usize, Arc<Case>)>,
        interrupt: &mut tokio::sync::watch::Receiver<bool>,
        each: &mut dyn FnMut(usize, CaseResult),
    ) -> Result<Vec<(usize, Arc<Case>)>, Stopped> {
        let mut tasks = JoinSet::new();
        let mut flying: BTreeMap<usize, Arc<Case>> = BTreeMap::new();
        let mut again = Vec::new();
        let mut broken_off: Option<String> = None;
        loop {
            while flying.len() < self.jobs.max(1) {
                let Some((number, case)) = queue.pop() else { break };
                flying.insert(number, Arc::clone(&case));
                let (under, settings) = (self.under.clone(), self.settings.clone());
                tasks.spawn(async move { play_one(&under, &settings, number, case).await });
            }
            let joined = tokio::select! {
                joined = tasks.join_next() => joined,
                _ = interrupt.wait_for(|stop| *stop) => return Err(Stopped::Interrupted),
            };
            let Some(joined) = joined else { return Ok(again) };
            let Ok(done) = joined else {
                return Err(Stopped::Dead("a task of the harness itself failed; please report this".into()));
            };
            flying.remove(&done.number);
            if done.played.broke_off {
                broken_off = Some(done.case.id.clone());
            }
            if let Some(death) = self.death().await {
                // Whoever was in flight is a suspect, and is played again alone against a fresh process.
                again.push((done.number, done.case));
                while let Some(joined) = tasks.join_next().await {
                    if let Ok(done) = joined {
                        again.push((done.number, done.case));
                    }
                }
                flying.clear();
                self.restart(&death).await?;
                continue;
            }
            if done.verdict.outcome == Outcome::Error {
                let suspects = suspects(broken_off.as_deref(), &done.case, &flying);
                each(done.number, self.record(&done.case, &done.verdict, Some(&done.played)));
                self.still_sane(&suspects).await?;
                continue;
            }
            if done.played.timed_out && done.verdict.outcome == Outcome::Fail {
                again.push((done.number, done.case));
                continue;
            }
            if done.played.abnormal && done.verdict.outcome == Outcome::Fail {
                let suspects = suspects(broken_off.as_deref(), &done.case, &flying);
                let sane = self.still_sane(&suspects).await;
                each(done.number, self.record(&done.case, &done.verdict, Some(&done.played)));
                sane?;
                continue;
            }
            each(done.number, self.record(&done.case, &done.verdict, Some(&done.played)));
        }
    }

    /// Plays cases again, one at a time, so that a death or a time-out belongs to one case.
    async fn one_by_one(
        &self,
        mut again: Vec<(usize, Arc<Case>)>,
        interrupt: &mut tokio::sync::watch::Receiver<bool>,
        each: &mut dyn FnMut(usize, CaseResult),
    ) -> Result<(), Stopped> {
        again.sort_by_key(|(number, _)| *number);
        for (number, case) in again {
            let mut done = tokio::select! {
                done = play_one(&self.under, &self.settings, number, case) => done,
                _ = interrupt.wait_for(|stop| *stop) => return Err(Stopped::Interrupted),
            };
            // A process may die a moment behind its last octet.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let death = self.death().await;
            if let Some(death) = &death {
                let message = format!("the target's process {death}");
                done.verdict.add(Finding::plain("target", Outcome::Fail, message));
            }
            let mut result = self.record(&done.case, &done.verdict, Some(&done.played));
            result.plays = 2;
            each(number, result);
            if let Some(death) = death {
                self.restart(&death).await?;
            }
        }
        Ok(())
    }

    fn record(&self, case: &Case, verdict: &Verdict, played: Option<&Played>) -> CaseResult {
        record(case, self.under.role(), verdict, played, self.replay.replace("{case}", &case.id))
    }

    async fn death(&self) -> Option<Death> {
        match &self.under {
            Under::Server(server) => server.death().await,
            Under::Client(_) => None,
        }
    }

    async fn restart(&self, death: &Death) -> Result<(), Stopped> {
        let Under::Server(server) = &self.under else { return Ok(()) };
        let gone = |error| Stopped::Dead(format!("the target's process {death}, and cannot be started again: {error}"));
        server.start().await.map_err(gone)
    }

    /// The sanity conversation; when it fails the run stops, and names who came before.
    async fn still_sane(&self, suspects: &str) -> Result<(), Stopped> {
        let Under::Server(server) = &self.under else { return Ok(()) };
        for last in [false, true] {
            let (played, ..) = self.under.play(&sanity(), &self.settings).await;
            if played.opened {
                return Ok(());
            }
            if last {
                break;
            }
            if let Some(death) = server.death().await {
                self.restart(&death).await?;
            }
        }
        Err(Stopped::Dead(format!("the target at {} no longer answers a right handshake: {suspects}", server.url)))
    }
}

/// Who may have felled the target: the last conversation that it broke off, the one that found it gone, those in flight.
fn suspects(broken_off: Option<&str>, found_by: &Case, flying: &BTreeMap<usize, Arc<Case>>) -> String {
    let mut sentence = match broken_off {
        Some(id) => format!("it broke off case {id}; case {} found it gone", found_by.id),
        None => format!("case {} found it gone", found_by.id),
    };
    if !flying.is_empty() {
        let others: Vec<&str> = flying.values().map(|case| case.id.as_str()).collect();
        sentence += &format!("; in flight were {}", others.join(", "));
    }
    sentence
}

async fn play_one(under: &Under, settings: &Settings, number: usize, case: Arc<Case>) -> Done {
    let (played, call, death) = under.play(&case, settings).await;
    let mut verdict = judge(&case, &played, &call);
    if let Some(death) = death {
        verdict.add(Finding::plain("target", Outcome::Fail, format!("the client's process {death}")));
    }
    Done { number, case, verdict, played }
}
