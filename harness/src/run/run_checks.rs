//! What only the whole run shows of a client: keys that repeat, count, or lack entropy.
//!
//! Each is a result of its own, `whole-run/...`. The thresholds are such that a client with perfect keys is reported less than
//! once in a billion runs: each has its false-positive rate in its comment.

use crate::judge::{self, Observation};
use crate::vocabulary::{Level, MaskingKey, Phase, Role};
use std::collections::HashMap;

use wsspec_reports::results::{CaseResult, Direction, Outcome, What};

/// The fewest masking keys from which statistics are drawn.
const ENOUGH: usize = 64;
/// How many standard deviations a bit may be off: 7 is passed by chance once in 4e11 for a bit, once in 1e10 for 32 bits.
const DEVIATIONS: f64 = 7.0;

/// The results of the run-wide checks; none where no client was tested.
pub fn run_checks(cases: &[CaseResult]) -> Vec<CaseResult> {
    let clients: Vec<&CaseResult> = cases.iter().filter(|case| case.role == Role::Client).collect();
    let handshakes: Vec<&str> = clients.iter().filter_map(|case| case.handshake_key.as_deref()).collect();
    if handshakes.len() < 2 {
        return Vec::new();
    }
    let connections: Vec<Vec<u32>> = clients.iter().map(|case| masking_keys(case)).collect();
    let keys: Vec<u32> = connections.iter().flatten().copied().collect();
    vec![
        result(
            "whole-run/handshake-keys-differ",
            "No Sec-WebSocket-Key is used twice in the run",
            "rfc6455-4.1-key-fresh",
            same_handshake_key(&handshakes),
        ),
        result(
            "whole-run/masking-keys-differ",
            "Masking keys repeat no more than chance allows",
            "rfc6455-5.3-key-fresh-per-frame",
            repeated(&keys),
        ),
        result(
            "whole-run/masking-keys-do-not-count",
            "A masking key is not the previous one plus a fixed step",
            "rfc6455-5.3-key-not-predictable",
            counting(&connections),
        ),
        result(
            "whole-run/masking-keys-have-entropy",
            "Each bit of the masking keys is 1 as often as 0",
            "rfc6455-5.3-key-strong-entropy",
            biased(&keys),
        ),
    ]
}

/// The result of a target whose process had troubles that no case causes when it is played alone.
pub fn well(troubles: &[String]) -> CaseResult {
    let sentence = format!("{}; no case causes it alone", troubles.join("; "));
    let seen = Some((Observation::Unattributed, sentence));
    let result =
        result("whole-run/target-stays-well", "The target survives the run", "rfc6455-10.7-incoming-validated", seen);
    CaseResult { role: Role::Server, ..result }
}

/// What was observed, with its sentence.
type Seen = Option<(Observation, String)>;

fn result(id: &str, title: &str, requirement: &'static str, seen: Seen) -> CaseResult {
    let finding = seen.map(|(observation, sentence)| judge::observed(Phase::rule("whole-run"), observation, sentence));
    let outcome = finding.as_ref().map_or(Outcome::Pass, |finding| finding.outcome);
    CaseResult {
        case: id.into(),
        role: Role::Client,
        // What only warns cannot break a MUST.
        level: if id.ends_with("entropy") { Level::Should } else { Level::Must },
        outcome,
        title: title.into(),
        group: "The whole run".into(),
        requirements: vec![requirement.into()],
        findings: finding.into_iter().collect(),
        plays: 1,
        ..CaseResult::default()
    }
}

fn masking_keys(case: &CaseResult) -> Vec<u32> {
    let frames = case.transcript.iter().filter_map(|event| match (event.direction, &event.what) {
        (Some(Direction::In), What::Frame(frame)) => frame.mask,
        _ => None,
    });
    frames.map(MaskingKey::number).collect()
}

/// Sixteen random bytes never come twice: the chance is 2^-128 for a pair.
fn same_handshake_key(keys: &[&str]) -> Seen {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for key in keys {
        *seen.entry(key).or_default() += 1;
    }
    let (key, count) = seen.into_iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 1)?;
    let sentence = format!("the key `{key}` is used in {count} of {} handshakes", keys.len());
    Some((Observation::HandshakeKeyRepeats, sentence))
}

/// Among n random keys n^2 / 2^33 pairs are equal on average. More than 3 plus ten times that is not chance (below 1e-9 for
/// n up to 30,000). When half of the keys are one key, the client has a constant key and breaks the requirement; else it is a warning.
fn repeated(keys: &[u32]) -> Seen {
    if keys.len() < ENOUGH {
        return None;
    }
    let mut seen: HashMap<u32, usize> = HashMap::new();
    for key in keys {
        *seen.entry(*key).or_default() += 1;
    }
    let repeats = keys.len() - seen.len();
    #[allow(clippy::cast_precision_loss)]
    let allowed = 3.0 + 10.0 * (keys.len() as f64).powi(2) / f64::from(1 << 30) / 8.0;
    #[allow(clippy::cast_precision_loss)]
    if (repeats as f64) <= allowed {
        return None;
    }
    let (key, most) = seen.into_iter().max_by_key(|(_, count)| *count)?;
    let observation = Observation::MaskingKeysRepeat { constant: most * 2 > keys.len() };
    let sentence = format!("{repeats} of {} keys were used before; {key:08x} is used {most} times", keys.len());
    Some((observation, sentence))
}

/// Three equal steps in a row on one connection happen by chance once in 2^64 for each place.
fn counting(connections: &[Vec<u32>]) -> Seen {
    let steps = |keys: &[u32]| keys.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect::<Vec<_>>();
    let counts = |keys: &Vec<u32>| {
        steps(keys).windows(3).any(|three| three[0] != 0 && three[0] == three[1] && three[1] == three[2])
    };
    let which = connections.iter().find(|keys| counts(keys))?;
    let (first, second) = (which.first()?, which.get(1)?);
    let sentence = format!(
        "the keys of a connection increase by {:#x}: {first:08x}, {second:08x} and so on",
        second.wrapping_sub(*first)
    );
    Some((Observation::MaskingKeysCount, sentence))
}

/// Each of 32 bits, over n keys, against a fair coin.
fn biased(keys: &[u32]) -> Seen {
    if keys.len() < ENOUGH {
        return None;
    }
    #[allow(clippy::cast_precision_loss)]
    let total = keys.len() as f64;
    (0..32).find_map(|bit| {
        let ones = keys.iter().filter(|key| *key >> bit & 1 == 1).count();
        #[allow(clippy::cast_precision_loss)]
        let off = (ones as f64 - total / 2.0).abs() / (total.sqrt() / 2.0);
        let sentence =
            || format!("bit {bit} is 1 in {ones} of {} keys, {off:.0} standard deviations from half", keys.len());
        (off > DEVIATIONS).then(|| (Observation::MaskingKeysBiased, sentence()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _};

    fn random(count: usize, seed: u64) -> Vec<u32> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        (0..count).map(|_| rng.random()).collect()
    }

    #[test]
    fn random_keys_pass() {
        for seed in 0..200 {
            let keys = random(2000, seed);
            assert_eq!(repeated(&keys), None);
            assert_eq!(biased(&keys), None);
            let connections: Vec<Vec<u32>> = keys.chunks(5).map(<[u32]>::to_vec).collect();
            assert_eq!(counting(&connections), None);
        }
    }

    #[test]
    fn predictable_keys_are_reported() {
        assert_eq!(repeated(&[7; 100]).unwrap().0, Observation::MaskingKeysRepeat { constant: true });
        let few: Vec<u32> = (0..500).map(|number| random(20, 1)[number % 20]).collect();
        assert_eq!(repeated(&few).unwrap().0, Observation::MaskingKeysRepeat { constant: false });
        assert_eq!(counting(&[(5..15).collect()]).unwrap().0, Observation::MaskingKeysCount);
        assert_eq!(
            biased(&random(500, 3).iter().map(|key| key & 0x7fff_ffff).collect::<Vec<_>>()).unwrap().0,
            Observation::MaskingKeysBiased
        );
        assert_eq!(same_handshake_key(&["a", "b", "a"]).unwrap().0, Observation::HandshakeKeyRepeats);
    }
}
