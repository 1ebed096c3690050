//! Proof that every case can fail: every fault of the reference peer against the whole suite.

mod long_running;

pub use long_running::is_long_running;

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use wsspec_reports::kill::{CaseRow, Detection, FaultRow, Matrix, SCHEMA};
use wsspec_reports::results::{CaseResult, Outcome};

use super::simulation::Simulation;
use crate::case::Case;
use crate::judge::judge;
use crate::peer::{Fault, PeerKind};
use crate::play::{Accepted, Amounts, Scale, Settings};
use crate::run::{record, run_checks};
use crate::spec::requirements;
use crate::vocabulary::{Level, Role};

/// The valid peers and their names.
pub const VALID_PEERS: [(&str, PeerKind); 2] =
    [("ours", PeerKind::Reference(None)), ("tungstenite", PeerKind::Tungstenite)];
/// The roles of a target.
pub const ROLES: [Role; 2] = [Role::Server, Role::Client];
/// A fault that is killed by more than one of so many cases is non-specific.
const NON_SPECIFIC: usize = 4;

/// How the matrix is played.
#[derive(Clone, Debug)]
pub struct KillSettings {
    /// The player's bounds and timeout. Timeout costs nothing here.
    pub play: Settings,
    /// How many threads play at once.
    pub threads: usize,
    /// Whether all cases use TLS.
    pub secure: bool,
}

impl Default for KillSettings {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        // The peers have no limits below those of the suite.
        let amounts = Amounts { frame: 1 << 20, message: 1 << 20, fragments: 1 << 10 };
        let accepted = Accepted { amounts, is_limit: false };
        Self { play: Settings { scale: Scale::Least, accepted, ..Settings::default() }, threads, secure: false }
    }
}

/// The result of a peer in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earned {
    /// The case's id.
    pub case: String,
    /// Its level.
    pub level: String,
    /// What it proves, in a sentence.
    pub title: String,
    /// The outcome of the peer.
    pub outcome: Outcome,
    /// What found it: `handshake`, `step 2`, `rule masking`.
    pub by: String,
    /// What an outcome of info reports; empty for others.
    pub info: String,
}

impl Earned {
    /// The result of a peer in one case.
    pub fn by_playing(simulation: &Simulation, case: &Case, role: Role, kind: PeerKind) -> Self {
        let (played, call) = simulation.play(case, role, kind);
        Self::of(record(case, role, &judge(case, &played, &call), None, String::new()))
    }

    /// Whether the case distinguishes this peer from the valid one, whose result is `valid`.
    pub fn differs(&self, valid: &Self) -> bool {
        self.outcome != valid.outcome || self.info != valid.info
    }

    /// The entry in the matrix.
    pub fn into_detection(self) -> Detection {
        Detection { case: self.case, level: self.level, outcome: self.outcome, by: self.by }
    }

    fn of(result: CaseResult) -> Self {
        let first = result.findings.into_iter().next().unwrap_or_default();
        let info = if result.outcome == Outcome::Info {
            // What happened, without the time that it took.
            let actual = first.actual.as_ref().unwrap_or(&first.message);
            format!("{}: {actual}", first.reason().unwrap_or_default())
        } else {
            String::new()
        };
        let CaseResult { case, level, title, outcome, .. } = result;
        Self { case, level: level.to_string(), title, outcome, by: first.by.to_string(), info }
    }
}

/// Whether a case of level must has to fail on a fault: it breaks a MUST, and no zone of the RFC lets that pass.
pub fn must_be_detected(fault: Fault) -> bool {
    let info = fault.info();
    let is_must = |id: &&str| requirements::find(id).is_some_and(|found| found.strength.level() == Level::Must);
    info.tolerated.is_none() && info.requirements.iter().any(is_must)
}

/// Plays all `cases` against the valid peers and all `faults`, each in every role that suits. `each` is called for every fault
/// that is finished, with how many are and how many there are.
///
/// # Errors
/// The system's error when it gives no runtime.
pub fn kill_matrix(
    cases: &[Arc<Case>],
    faults: &[Fault],
    settings: &KillSettings,
    each: &(dyn Fn(&FaultRow, usize, usize) + Sync),
) -> io::Result<Matrix> {
    let started = Instant::now();
    let jobs: Vec<(Role, PeerKind)> =
        ROLES.iter().flat_map(|role| VALID_PEERS.map(|(_, kind)| (*role, kind))).collect();
    let valid = in_parallel(&jobs, settings, |simulation, (role, kind)| pass(simulation, cases, *role, *kind, None))?;
    let mut rows: Vec<CaseRow> = Vec::new();
    for (role, peers) in ROLES.iter().zip(valid.chunks(VALID_PEERS.len())) {
        rows.extend(case_rows(*role, peers));
    }
    let suits = |(fault, role): &(Fault, Role)| fault.fits(*role);
    let pairs: Vec<(Fault, Role)> =
        faults.iter().flat_map(|fault| ROLES.map(|role| (*fault, role))).filter(suits).collect();
    let finished = AtomicUsize::new(0);
    let mut fault_rows = in_parallel(&pairs, settings, |simulation, (fault, role)| {
        let own = jobs.iter().position(|job| *job == (*role, PeerKind::Reference(None)));
        let valid = own.and_then(|at| valid.get(at)).map_or(&[][..], Vec::as_slice);
        let earned = pass(simulation, cases, *role, PeerKind::Reference(Some(*fault)), Some(valid));
        let long_running = cases.iter().filter(|case| case.suits(*role) && is_long_running(case)).count();
        let row = fault_row(*fault, *role, earned, long_running, valid);
        each(&row, finished.fetch_add(1, Ordering::Relaxed) + 1, pairs.len());
        row
    })?;
    let own: Vec<(Role, &[Earned])> = jobs
        .iter()
        .zip(&valid)
        .filter(|((_, kind), _)| *kind == PeerKind::Reference(None))
        .map(|((role, _), earned)| (*role, earned.as_slice()))
        .collect();
    long_running::play(cases, &pairs, &own, &mut fault_rows, settings)?;
    count(&mut rows, &mut fault_rows);
    let plays = rows.len() * VALID_PEERS.len() + fault_rows.iter().map(|row| row.played).sum::<usize>();
    Ok(Matrix {
        schema: SCHEMA,
        tool: concat!("wsspec ", env!("CARGO_PKG_VERSION")).into(),
        seconds: started.elapsed().as_secs_f64(),
        plays: plays as u64,
        cases: rows,
        faults: fault_rows,
    })
}

/// Plays all cases against one peer; the checks of the whole run are at the end. Where the valid peer has been played, its
/// long-running cases are taken for those of this one.
fn pass(
    simulation: &Simulation,
    cases: &[Arc<Case>],
    role: Role,
    kind: PeerKind,
    valid: Option<&[Earned]>,
) -> Vec<Earned> {
    let suited = || cases.iter().filter(|case| case.suits(role));
    let is_skipped = |case: &Case| valid.is_some() && is_long_running(case);
    let results: Vec<CaseResult> = suited()
        .filter(|case| !is_skipped(case))
        .map(|case| {
            let (played, call) = simulation.play(case, role, kind);
            let verdict = judge(case, &played, &call);
            // Only the transcripts of clients are looked at over the whole run.
            record(case, role, &verdict, (role == Role::Client).then_some(&played), String::new())
        })
        .collect();
    let whole = run_checks(&results);
    let mut played = results.into_iter().chain(whole).map(Earned::of);
    let mut earned: Vec<Earned> = suited()
        .zip(valid.unwrap_or_default().iter().map(Some).chain(std::iter::repeat(None)))
        .filter_map(|(case, valid)| if is_skipped(case) { valid.cloned() } else { played.next() })
        .collect();
    earned.extend(played);
    earned
}

/// The rows of a role's cases, from the results of the valid peers.
fn case_rows(role: Role, peers: &[Vec<Earned>]) -> Vec<CaseRow> {
    let Some(first) = peers.first() else { return Vec::new() };
    let row = |(number, earned): (usize, &Earned)| CaseRow {
        case: earned.case.clone(),
        role: role.name().into(),
        level: earned.level.clone(),
        title: earned.title.clone(),
        valid_peers: VALID_PEERS
            .iter()
            .zip(peers)
            .filter_map(|((name, _), all)| Some(((*name).to_owned(), all.get(number)?.outcome)))
            .collect(),
        ..CaseRow::default()
    };
    first.iter().enumerate().map(row).collect()
}

fn fault_row(fault: Fault, role: Role, earned: Vec<Earned>, long_running: usize, valid: &[Earned]) -> FaultRow {
    let info = fault.info();
    let played = earned.len() - long_running;
    let detection = earned.into_iter().zip(valid).filter(|(one, valid)| one.differs(valid));
    FaultRow {
        fault: info.name.into(),
        role: role.name().into(),
        area: info.area.to_string(),
        sentence: info.sentence.into(),
        requirements: info.requirements.iter().map(ToString::to_string).collect(),
        tolerated: info.tolerated.map(str::to_owned),
        must: must_be_detected(fault),
        non_specific: false,
        played,
        detections: detection.map(|(one, _)| one.into_detection()).collect(),
    }
}

/// Marks the non-specific faults, and counts for each case which faults it kills.
fn count(rows: &mut [CaseRow], faults: &mut [FaultRow]) {
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        places.insert((row.role.clone(), row.case.clone()), number);
    }
    for fault in faults {
        fault.non_specific = fault.killed_by().count() * NON_SPECIFIC > fault.played;
        for detection in &fault.detections {
            let place = places.get(&(fault.role.clone(), detection.case.clone()));
            let Some(row) = place.and_then(|number| rows.get_mut(*number)) else { continue };
            row.fails += usize::from(detection.outcome == Outcome::Fail);
            row.detects += 1;
            row.kills |= detection.kills();
            row.specific += usize::from(detection.kills() && !fault.non_specific);
        }
    }
}

/// Does `work` on every item, on as many threads as the settings say; the results are in the order of the items.
///
/// # Errors
/// A thread that has no runtime.
pub fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    settings: &KillSettings,
    work: impl Fn(&Simulation, &T) -> R + Sync,
) -> io::Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, R>> = Mutex::new(BTreeMap::new());
    let worker = || -> io::Result<()> {
        let plain = Simulation::new(settings.play.clone())?;
        let simulation = if settings.secure { plain.over_tls() } else { plain };
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(number) else { return Ok(()) };
            let result = work(&simulation, item);
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(number, result);
        }
    };
    std::thread::scope(|scope| {
        let threads = settings.threads.clamp(1, items.len().max(1));
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        // A worker that panicked has reported it; a missing result must not look like a result.
        let mut ends = workers.into_iter().map(|worker| worker.join());
        ends.try_for_each(|end| end.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect())
}
