//! The suite against the reference peers in memory: right ones pass, every fault is seen, every case can fail.
//!
//! `wsspec kill-matrix` plays all faults through all cases. Here a fault and a case are through at the first proof.

use std::sync::{Arc, LazyLock};

use wsspec::case::Case;
use wsspec::language::suite;
use wsspec::mutation::{
    Earned, KillSettings, ROLES, Simulation, VALID_PEERS, in_parallel, is_long_running, kill_matrix, must_be_detected,
};
use wsspec::peer::{Fault, PeerKind};
use wsspec::play::{Scale, Settings};
use wsspec::vocabulary::Role;
use wsspec_reports::results::Outcome;

static CASES: LazyLock<Vec<Arc<Case>>> =
    LazyLock::new(|| suite::load_embedded().expect("the suite").into_cases().into_iter().map(Arc::new).collect());

fn simulation() -> Simulation {
    Simulation::new(Settings { scale: Scale::Least, ..Settings::default() }).expect("a runtime")
}

/// The cases that a role suits.
fn suited(role: Role) -> Vec<&'static Case> {
    CASES.iter().map(Arc::as_ref).filter(|case| case.suits(role)).collect()
}

/// Whether a case proves what a fault breaks.
fn aims(case: &Case, fault: Fault) -> bool {
    case.proves.iter().any(|id| fault.info().requirements.contains(&id.as_str()))
}

#[test]
fn right_peers_are_clean() {
    let plays: Vec<_> = ROLES
        .into_iter()
        .flat_map(|role| {
            suited(role).into_iter().flat_map(move |case| VALID_PEERS.map(|(name, kind)| (role, case, name, kind)))
        })
        .collect();
    let earned = in_parallel(&plays, &KillSettings::default(), |simulation, &(role, case, _, kind)| {
        Earned::by_playing(simulation, case, role, kind)
    });
    let unclean: Vec<_> = earned
        .expect("a runtime")
        .into_iter()
        .zip(&plays)
        .filter(|(earned, _)| matches!(earned.outcome, Outcome::Fail | Outcome::Error))
        .map(|(earned, (role, _, name, _))| format!("{} ({role:?}, {name}): {}", earned.case, earned.by))
        .collect();
    assert!(unclean.is_empty(), "{unclean:#?}");
}

#[test]
fn every_fault_is_seen() {
    let mut hidden = Vec::new();
    for role in ROLES {
        let suited = suited(role);
        let right = in_parallel(&suited, &KillSettings::default(), |simulation, case| {
            Earned::by_playing(simulation, case, role, PeerKind::Reference(None))
        });
        let right: Vec<(&Case, Earned)> = suited.into_iter().zip(right.expect("a runtime")).collect();
        let faults: Vec<Fault> = Fault::all().filter(|fault| fault.fits(role)).collect();
        let seen = in_parallel(&faults, &KillSettings::default(), |simulation, &fault| {
            let mut order: Vec<&(&Case, Earned)> = right.iter().collect();
            // Cases with long series take longer than all the others.
            order.sort_by_key(|(case, _)| (is_long_running(case), !aims(case, fault)));
            order.into_iter().any(|(case, right)| {
                let earned = Earned::by_playing(simulation, case, role, PeerKind::Reference(Some(fault)));
                let fails = earned.outcome == Outcome::Fail && earned.level == "must";
                fails || (!must_be_detected(fault) && earned.differs(right))
            })
        });
        let seen = faults.into_iter().zip(seen.expect("a runtime"));
        hidden.extend(seen.filter(|(_, seen)| !seen).map(|(fault, _)| (fault, role)));
    }
    // Some are seen over a whole run only.
    let faults: Vec<Fault> = hidden.iter().map(|(fault, _)| *fault).collect();
    let matrix = kill_matrix(&CASES, &faults, &KillSettings::default(), &|_, _, _| {}).expect("a runtime");
    let survived: Vec<_> = matrix.survived().into_iter().map(|row| (&row.fault, &row.role)).collect();
    assert!(survived.is_empty(), "{survived:#?}");
}

#[test]
fn every_case_can_fail() {
    let simulation = simulation();
    let mut standing = Vec::new();
    for role in ROLES {
        let mut faults: Vec<Fault> = Fault::all().filter(|fault| fault.fits(role)).collect();
        for case in suited(role) {
            let right = Earned::by_playing(&simulation, case, role, PeerKind::Reference(None));
            let kills = |fault: &Fault| {
                let earned = Earned::by_playing(&simulation, case, role, PeerKind::Reference(Some(*fault)));
                earned.differs(&right) && earned.into_detection().kills()
            };
            // A fault that a case kills is mostly killed by similar cases too.
            let aimed = faults.iter().position(|fault| aims(case, *fault) && kills(fault));
            match aimed.or_else(|| faults.iter().position(kills)) {
                Some(at) => faults[..=at].rotate_right(1),
                None => standing.push((&case.id, role)),
            }
        }
    }
    assert!(standing.is_empty(), "{standing:#?}");
}
