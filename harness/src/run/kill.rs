//! Proof that every case can fail: every fault of the reference peer against the whole suite.
//!
//! A case is played over a pipe in memory with the peer in the same task, in a time that passes only when neither has anything to
//! do. A peer that says nothing costs no time, a slow machine makes no case fail, and the same cases and faults give the same matrix.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::runtime::Runtime;
use wsspec_reports::kill::{CaseRow, FaultRow, Matrix, SCHEMA, Seen};
use wsspec_reports::results::Outcome as Told;

use super::record::outcome;
use crate::case::model::{Case, Level, Need, Role};
use crate::case::requirements;
use crate::judge::{Verdict, judge};
use crate::link::Link;
use crate::peer::handshake::request::SUBPROTOCOLS;
use crate::peer::handshake::url::WsUrl;
use crate::peer::{self, Fault, PeerKind};
use crate::play::{Call, Played, Settings, play_against_client, play_against_server, read_request};

/// Octets that a pipe holds before a writer waits.
const PIPE: usize = 64 << 10;
/// The port that the peers believe in; nobody listens there.
const PORT: u16 = 9001;
/// The right peers and their names.
const RIGHT: [(&str, PeerKind); 2] = [("ours", PeerKind::Ours(None)), ("tungstenite", PeerKind::Tungstenite)];
/// A fault that fells more than one of so many cases is blunt.
const BLUNT: usize = 4;
/// The roles of a target.
const ROLES: [Role; 2] = [Role::Server, Role::Client];

/// How the matrix is played.
#[derive(Clone, Debug)]
pub struct KillSettings {
    /// The player's bounds and patience. Patience costs nothing here.
    pub play: Settings,
    /// How many threads play at once.
    pub threads: usize,
}

impl Default for KillSettings {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { play: Settings::default(), threads }
    }
}

/// Where a case meets a peer in memory.
#[derive(Debug)]
pub struct Arena {
    runtime: Runtime,
    settings: Settings,
}

impl Arena {
    /// An arena with a clock of its own.
    ///
    /// # Errors
    /// What the system says when it gives no runtime.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        Ok(Self { runtime, settings })
    }

    /// Plays a case against a peer in this role. What the case needs is not asked for: a peer that lacks it fails.
    pub fn play(&self, case: &Case, role: Role, kind: PeerKind) -> Verdict {
        self.runtime.block_on(async {
            let (near, far) = tokio::io::duplex(PIPE);
            let (call, played) = match role {
                Role::Server => against_server(case, near.into(), peer::serve_stream(far, kind), &self.settings).await,
                Role::Client => {
                    let url = WsUrl {
                        host: "127.0.0.1".into(),
                        port: PORT,
                        path: format!("/{}", case.id),
                        query: Some("agent=wsspec".into()),
                    };
                    let offered: &[&str] = if case.needs.contains(&Need::Subprotocol) { &SUBPROTOCOLS } else { &[] };
                    let peer = peer::call_stream(far, &url, offered, kind);
                    against_client(case, near.into(), peer, &url, &self.settings).await
                }
            };
            judge(case, &played, &call)
        })
    }
}

async fn against_server(case: &Case, link: Link, peer: impl Future, settings: &Settings) -> (Call, Played) {
    let call = Call { role: Role::Server, host: format!("127.0.0.1:{PORT}"), path: "/".into(), headers: Vec::new() };
    let played = beside(peer, play_against_server(case, link, &call, settings)).await;
    (call, played)
}

async fn against_client(
    case: &Case,
    link: Link,
    peer: impl Future,
    url: &WsUrl,
    settings: &Settings,
) -> (Call, Played) {
    let call = Call { role: Role::Client, host: url.authority(), path: url.resource(), headers: Vec::new() };
    let play = async {
        match read_request(link, settings).await {
            Ok(request) => play_against_client(case, request, &call, settings).await,
            Err(sentence) => Played::environment(case, sentence),
        }
    };
    let played = beside(peer, play).await;
    (call, played)
}

/// Runs both until the play is over; then the peer is dropped, whatever it waits for.
async fn beside(peer: impl Future, play: impl Future<Output = Played>) -> Played {
    tokio::pin!(play);
    tokio::select! {
        biased;
        played = &mut play => played,
        _ = peer => play.await,
    }
}

/// Whether a fault breaks a MUST.
pub fn breaks_must(fault: Fault) -> bool {
    fault.info().requirements.iter().any(|id| {
        requirements::find(id).is_some_and(|requirement| requirement.strength.level() == Level::Must)
    })
}

/// Plays all `cases` against the right peers and all `faults`, each in every role that suits. `each` is told of every fault that is
/// through, with how many are and how many there are.
///
/// # Errors
/// What the system says when it gives no runtime.
pub fn kill_matrix(
    cases: &[Arc<Case>],
    faults: &[Fault],
    settings: &KillSettings,
    each: &(dyn Fn(&FaultRow, usize, usize) + Sync),
) -> io::Result<Matrix> {
    let started = Instant::now();
    let mut rows = Vec::new();
    let mut right = BTreeMap::new();
    for role in ROLES {
        let suited: Vec<&Case> = cases.iter().map(Arc::as_ref).filter(|case| case.suits(role)).collect();
        let verdicts = in_parallel(&RIGHT, settings, |arena, (_, kind)| {
            suited.iter().map(|case| outcome(arena.play(case, role, *kind).outcome)).collect::<Vec<Told>>()
        })?;
        for (number, case) in suited.iter().enumerate() {
            let earned = RIGHT.iter().zip(&verdicts).filter_map(|((name, _), told)| Some((*name, *told.get(number)?)));
            rows.push(case_row(case, role, earned));
        }
        right.insert(role.name(), (suited, verdicts.into_iter().next().unwrap_or_default()));
    }
    let pairs: Vec<(Fault, Role)> = faults
        .iter()
        .flat_map(|fault| ROLES.map(|role| (*fault, role)))
        .filter(|(fault, role)| fault.fits(side(*role)))
        .collect();
    let through = AtomicUsize::new(0);
    let mut fault_rows = in_parallel(&pairs, settings, |arena, (fault, role)| {
        let (suited, right) = right.get(role.name()).map_or((&[][..], &[][..]), |(cases, told)| (cases, told));
        let row = fault_row(arena, *fault, *role, suited, right);
        each(&row, through.fetch_add(1, Ordering::Relaxed) + 1, pairs.len());
        row
    })?;
    for row in &mut fault_rows {
        row.blunt = row.falls().count() * BLUNT > row.played;
    }
    count(&mut rows, &fault_rows);
    let plays = rows.len() * RIGHT.len() + fault_rows.iter().map(|row| row.played).sum::<usize>();
    Ok(Matrix {
        schema: SCHEMA,
        tool: concat!("wsspec ", env!("CARGO_PKG_VERSION")).into(),
        seconds: started.elapsed().as_secs_f64(),
        plays: plays as u64,
        cases: rows,
        faults: fault_rows,
    })
}

/// The peer room's word for a role.
pub const fn side(role: Role) -> peer::Role {
    match role {
        Role::Server => peer::Role::Server,
        Role::Client => peer::Role::Client,
    }
}

fn case_row<'a>(case: &Case, role: Role, earned: impl Iterator<Item = (&'a str, Told)>) -> CaseRow {
    CaseRow {
        case: case.id.clone(),
        role: role.name().into(),
        level: case.level.name().into(),
        title: case.title.clone(),
        right: earned.map(|(name, told)| (name.to_owned(), told)).collect(),
        ..CaseRow::default()
    }
}

fn fault_row(arena: &Arena, fault: Fault, role: Role, cases: &[&Case], right: &[Told]) -> FaultRow {
    let mut seen = Vec::new();
    for (case, right) in cases.iter().zip(right) {
        let verdict = arena.play(case, role, PeerKind::Ours(Some(fault)));
        let told = outcome(verdict.outcome);
        if told != *right {
            let by = verdict.findings.first().map(|finding| finding.by.clone()).unwrap_or_default();
            seen.push(Seen { case: case.id.clone(), level: case.level.name().into(), outcome: told, by });
        }
    }
    let info = fault.info();
    FaultRow {
        fault: info.name.into(),
        role: role.name().into(),
        area: info.area.name().into(),
        sentence: info.sentence.into(),
        requirements: info.requirements.iter().map(ToString::to_string).collect(),
        must: breaks_must(fault),
        blunt: false,
        played: cases.len(),
        seen,
    }
}

/// Counts for each case what it falls to.
fn count(rows: &mut [CaseRow], faults: &[FaultRow]) {
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        places.insert((row.role.clone(), row.case.clone()), number);
    }
    for fault in faults {
        for seen in &fault.seen {
            let place = places.get(&(fault.role.clone(), seen.case.clone()));
            let Some(row) = place.and_then(|number| rows.get_mut(*number)) else { continue };
            row.fails += usize::from(seen.outcome == Told::Fail);
            row.sees += 1;
            row.falls |= seen.falls();
            row.specific += usize::from(seen.falls() && !fault.blunt && !seen.by_rule());
        }
    }
}

/// Does `work` on every item, on as many threads as the settings say; the results are in the order of the items.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    settings: &KillSettings,
    work: impl Fn(&Arena, &T) -> R + Sync,
) -> io::Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, R>> = Mutex::new(BTreeMap::new());
    let threads = settings.threads.clamp(1, items.len().max(1));
    let labour = || -> io::Result<()> {
        let arena = Arena::new(settings.play.clone())?;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(number) else { return Ok(()) };
            let result = work(&arena, item);
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(number, result);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(labour)).collect();
        // A worker that panicked has told so itself; what is missing then must not look like a result.
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect())
}
