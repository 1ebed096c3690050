//! Cases with long series in the kill matrix: each is played until it kills a fault, and a fault until one of them detects it.
//!
//! All faults through all of them would take longer than all other cases. The matrix still shows what it must: every case can
//! kill a fault, and every fault that only these cases can detect is detected.

use std::io;
use std::sync::Arc;

use wsspec_reports::kill::{Detection, FaultRow};

use super::{Earned, KillSettings, in_parallel};
use crate::case::{Case, Send, SendKind, Step, StepKind};
use crate::peer::{Area, Fault, PeerKind};
use crate::play::Scale;
use crate::vocabulary::Role;

/// Bytes at full scale from which on a case is long-running.
const LONG_RUNNING: u64 = 256 << 10;
/// A long-running case is given up after so many faults that it does not kill.
const TRIES: usize = 60;

/// Whether a case has a long series, over 256 KiB at full scale, or a message without end.
pub fn is_long_running(case: &Case) -> bool {
    case.steps.iter().any(|Step { kind, .. }| match kind {
        StepKind::Series(series) => series.bytes().max(Scale::Full.weight(series)) > LONG_RUNNING,
        StepKind::Send(Send { kind: SendKind::Unfinished(_), .. }) => true,
        StepKind::Send(_) | StepKind::Expect(_) => false,
    })
}

/// A long-running case in a role, with the result of the valid peer.
struct LongRunning<'a> {
    role: Role,
    case: &'a Arc<Case>,
    valid: &'a Earned,
}

impl LongRunning<'_> {
    /// How the case detects a fault.
    fn detects(&self, simulation: &super::Simulation, fault: Fault) -> Option<Detection> {
        let earned = Earned::by_playing(simulation, self.case, self.role, PeerKind::Reference(Some(fault)));
        earned.differs(self.valid).then(|| earned.into_detection())
    }
}

/// Plays the long-running cases, and adds what they detect to the rows of the faults.
pub(super) fn play(
    cases: &[Arc<Case>],
    pairs: &[(Fault, Role)],
    valid: &[(Role, &[Earned])],
    rows: &mut [FaultRow],
    settings: &KillSettings,
) -> io::Result<()> {
    let mut long_running = Vec::new();
    for (role, earned) in valid {
        let suited = cases.iter().filter(|case| case.suits(*role));
        let of_role = suited.zip(earned.iter()).filter(|(case, _)| is_long_running(case));
        long_running.extend(of_role.map(|(case, valid)| LongRunning { role: *role, case, valid }));
    }
    // Each case until it kills a fault; those faults first that are made for such cases.
    let kills = in_parallel(&long_running, settings, |simulation, one| {
        let mut order: Vec<(u8, usize, Fault)> = pairs
            .iter()
            .enumerate()
            .filter(|(_, (_, role))| *role == one.role)
            .map(|(number, (fault, _))| (rank(*fault, one.case), number, *fault))
            .collect();
        order.sort_by_key(|(rank, number, _)| (*rank, *number));
        let mut found = Vec::new();
        for (_, number, fault) in order.into_iter().take(TRIES) {
            let detection = one.detects(simulation, fault);
            let kills = detection.as_ref().is_some_and(Detection::kills);
            found.push((number, detection));
            if kills && !is_non_specific(rows, number) {
                break;
            }
        }
        found
    })?;
    for (number, detection) in kills.into_iter().flatten() {
        if let Some(row) = rows.get_mut(number) {
            row.played += 1;
            row.detections.extend(detection);
        }
    }
    // Each fault that no case detects as it must, until a long-running case does.
    let survived: Vec<usize> =
        rows.iter().enumerate().filter(|(_, row)| !row.is_detected()).map(|(number, _)| number).collect();
    let found = in_parallel(&survived, settings, |simulation, number| {
        let mut plays = 0;
        let Some((fault, role)) = pairs.get(*number) else { return (plays, None) };
        for one in long_running.iter().filter(|one| one.role == *role) {
            plays += 1;
            let detection = one.detects(simulation, *fault);
            if detection.as_ref().is_some_and(Detection::kills) {
                return (plays, detection);
            }
        }
        (plays, None)
    })?;
    for (number, (plays, detection)) in survived.into_iter().zip(found) {
        if let Some(row) = rows.get_mut(number) {
            row.played += plays;
            row.detections
                .extend(detection.filter(|detection| row.detections.iter().all(|known| known.case != detection.case)));
        }
    }
    Ok(())
}

/// The fewer, the sooner a fault is tried on a case.
fn rank(fault: Fault, case: &Case) -> u8 {
    match (fault.info().area, case.handshake.deflate.is_some()) {
        (Area::Limits, false) | (Area::Deflate, true) => 0,
        (Area::Echo, _) => 1,
        (Area::Fragmentation, _) => 2,
        (Area::Limits, true) => 3,
        (Area::Utf8 | Area::Framing | Area::Close | Area::Control, _) => 4,
        _ => 5,
    }
}

/// Whether so many of the other cases kill a fault that it proves little about each.
fn is_non_specific(rows: &[FaultRow], number: usize) -> bool {
    rows.get(number).is_none_or(|row| row.killed_by().count() * super::NON_SPECIFIC > row.played)
}
