//! Rules for the masking keys that a client uses.

use super::{Breach, Rule, View};
use crate::vocabulary::Role;

/// How many frames with one key are needed: four random keys are equal with a probability of 2^-96.
const ENOUGH: usize = 4;

/// A client uses a fresh key for each frame.
pub static FRESH: Rule = Rule {
    name: "fresh-masking-keys",
    requirements: &["rfc6455-5.3-key-fresh-per-frame", "rfc6455-10.3-key-new-per-frame"],
    check: |view| fresh(view).into_iter().collect(),
};

fn fresh(view: &View<'_>) -> Option<Breach> {
    if view.role != Role::Client {
        return None;
    }
    let keys: Vec<(usize, [u8; 4])> =
        view.transcript.received_frames().filter_map(|(event, frame)| Some((event, frame.head.mask?))).collect();
    let (event, first) = *keys.first()?;
    if keys.len() < ENOUGH || keys.iter().any(|(_, key)| *key != first) {
        return None;
    }
    let [a, b, c, d] = first;
    let actual =
        format!("all {} frames of the client are masked with the key {a:02x}{b:02x}{c:02x}{d:02x}", keys.len());
    Some(Breach::sent("rfc6455-5.3-key-fresh-per-frame", actual, Some(event)))
}
