//! Cases with long series in the kill matrix: each is played until a fault fells it, and a fault until one of them sees it.
//!
//! All faults through all of them would take longer than all the rest. What the matrix must show is shown all the same: every case
//! can fall, and every fault that only they can see is seen.

use std::io;
use std::sync::Arc;

use wsspec_reports::kill::{FaultRow, Seen};

use super::{Earned, KillSettings, in_parallel};
use crate::case::model::{Case, Role, Send, SendKind, Step, StepKind};
use crate::peer::{Area, Fault, PeerKind};
use crate::play::Scale;

/// Octets at full scale from which on a case is heavy.
const HEAVY: u64 = 256 << 10;
/// A heavy case is given up after so many faults that do not fell it.
const TRIES: usize = 60;

/// Whether a case has a long series, over 256 KiB at full scale, or a message without end.
pub fn is_heavy(case: &Case) -> bool {
    case.steps.iter().any(|Step { kind, .. }| match kind {
        StepKind::Series(series) => series.octets().max(Scale::Full.weight(series)) > HEAVY,
        StepKind::Send(Send { kind: SendKind::Unfinished(_), .. }) => true,
        StepKind::Send(_) | StepKind::Expect(_) => false,
    })
}

/// A heavy case in a role, with what the right peer earns in it.
struct Heavy<'a> {
    role: Role,
    case: &'a Arc<Case>,
    right: &'a Earned,
}

impl Heavy<'_> {
    /// What the case sees of a fault.
    fn sees(&self, arena: &super::Arena, fault: Fault) -> Option<Seen> {
        let earned = Earned::by_playing(arena, self.case, self.role, PeerKind::Ours(Some(fault)));
        earned.differs(self.right).then(|| earned.into_seen())
    }
}

/// Plays the heavy cases, and adds what they see to the rows of the faults.
pub(super) fn play(
    cases: &[Arc<Case>],
    pairs: &[(Fault, Role)],
    right: &[(Role, &[Earned])],
    rows: &mut [FaultRow],
    settings: &KillSettings,
) -> io::Result<()> {
    let mut heavy = Vec::new();
    for (role, earned) in right {
        let suited = cases.iter().filter(|case| case.suits(*role));
        let of_role = suited.zip(earned.iter()).filter(|(case, _)| is_heavy(case));
        heavy.extend(of_role.map(|(case, right)| Heavy { role: *role, case, right }));
    }
    // Each case until a fault fells it, those that are made for such cases first.
    let felled = in_parallel(&heavy, settings, |arena, one| {
        let mut order: Vec<(u8, usize, Fault)> = pairs
            .iter()
            .enumerate()
            .filter(|(_, (_, role))| *role == one.role)
            .map(|(number, (fault, _))| (rank(*fault, one.case), number, *fault))
            .collect();
        order.sort_by_key(|(rank, number, _)| (*rank, *number));
        let mut found = Vec::new();
        for (_, number, fault) in order.into_iter().take(TRIES) {
            let seen = one.sees(arena, fault);
            let falls = seen.as_ref().is_some_and(Seen::falls);
            found.push((number, seen));
            if falls && !is_blunt(rows, number) {
                break;
            }
        }
        found
    })?;
    for (number, seen) in felled.into_iter().flatten() {
        if let Some(row) = rows.get_mut(number) {
            row.played += 1;
            row.seen.extend(seen);
        }
    }
    // Each fault that nothing sees as it must, until a heavy case does.
    let unseen: Vec<usize> =
        rows.iter().enumerate().filter(|(_, row)| !row.is_seen()).map(|(number, _)| number).collect();
    let found = in_parallel(&unseen, settings, |arena, number| {
        let mut plays = 0;
        let Some((fault, role)) = pairs.get(*number) else { return (plays, None) };
        for one in heavy.iter().filter(|one| one.role == *role) {
            plays += 1;
            let seen = one.sees(arena, *fault);
            if seen.as_ref().is_some_and(Seen::falls) {
                return (plays, seen);
            }
        }
        (plays, None)
    })?;
    for (number, (plays, seen)) in unseen.into_iter().zip(found) {
        if let Some(row) = rows.get_mut(number) {
            row.played += plays;
            row.seen.extend(seen.filter(|seen| row.seen.iter().all(|known| known.case != seen.case)));
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

/// Whether a fault fells so many of the other cases that it proves little of each.
fn is_blunt(rows: &[FaultRow], number: usize) -> bool {
    rows.get(number).is_none_or(|row| row.falls().count() * super::BLUNT > row.played)
}
