//! The measurements of a run: how much of each amount the target accepted, and how it refused more.

use std::collections::BTreeMap;

use crate::results::{CaseResult, Measured};
use crate::text::duration;

/// The measures that are known, in the order in which they are shown, with their words for people.
const KNOWN: [(&str, &str); 11] = [
    ("largest-message", "Largest message"),
    ("largest-unfinished", "Largest unfinished message"),
    ("largest-declared", "Largest declared length"),
    ("most-fragments", "Most fragments of a message"),
    ("most-messages", "Most messages on one connection"),
    ("most-pings", "Most pings in one write"),
    ("largest-head", "Largest handshake head"),
    ("most-fields", "Most fields of a handshake head"),
    ("most-connections", "Most connections at once"),
    ("longest-idle", "Longest idle time"),
    ("most-memory", "Peak memory of the process"),
];

/// One amount, with the case that measured it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount<'a> {
    /// How much.
    pub amount: u64,
    /// The case's id.
    pub case: &'a str,
    /// How it was refused; empty where it was taken.
    pub how: &'a str,
}

/// The measurement of one amount for one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact<'a> {
    /// The measure's word.
    pub measure: &'a str,
    /// The target's role.
    pub role: &'a str,
    /// The agent, if clients were distinguished.
    pub agent: Option<&'a str>,
    /// The largest that was taken.
    pub taken: Option<Amount<'a>>,
    /// The smallest that was refused.
    pub refused: Option<Amount<'a>>,
}

impl Fact<'_> {
    /// The measure for people.
    pub fn name(&self) -> &str {
        KNOWN.iter().find(|(word, _)| *word == self.measure).map_or(self.measure, |(_, name)| name)
    }

    /// An amount of this measure for people: `16 MiB`, `1 s`, `100000`.
    pub fn show(&self, amount: u64) -> String {
        match self.measure {
            "largest-message" | "largest-unfinished" | "largest-declared" | "largest-head" | "most-memory" => {
                bytes(amount)
            }
            #[allow(clippy::cast_precision_loss)]
            "longest-idle" => duration(amount as f64),
            _ => amount.to_string(),
        }
    }

    /// The largest amount that was taken, in words.
    pub fn took(&self) -> String {
        self.taken.map_or_else(|| "none".into(), |taken| self.show(taken.amount))
    }

    /// The smallest amount that was refused and how, in words.
    pub fn refusal(&self) -> String {
        self.refused.map_or_else(|| "none".into(), |one| format!("{}: {}", self.show(one.amount), one.how))
    }
}

/// The facts of a run, by measure, then by role and agent.
pub fn facts(cases: &[CaseResult]) -> Vec<Fact<'_>> {
    let mut facts: BTreeMap<_, Fact<'_>> = BTreeMap::new();
    for case in cases {
        for Measured { measure, amount, refused } in &case.measured {
            let rank = KNOWN.iter().position(|(word, _)| word == measure).unwrap_or(KNOWN.len());
            let key = (rank, measure.as_str(), case.role, case.agent.as_deref());
            let fact = facts.entry(key).or_insert_with(|| Fact {
                measure,
                role: case.role.name(),
                agent: case.agent.as_deref(),
                taken: None,
                refused: None,
            });
            let one = Amount { amount: *amount, case: &case.case, how: refused.as_deref().unwrap_or_default() };
            let better = match refused {
                None => fact.taken.is_none_or(|taken| *amount > taken.amount),
                Some(_) => fact.refused.is_none_or(|refused| *amount < refused.amount),
            };
            let slot = if refused.is_none() { &mut fact.taken } else { &mut fact.refused };
            if better {
                *slot = Some(one);
            }
        }
    }
    facts.into_values().collect()
}

/// Bytes for people: exact below 10 KiB, otherwise in a unit, with one decimal if needed, rounded down.
fn bytes(number: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS
        .iter()
        .find(|(size, _)| number >= *size && (*size > 1 << 10 || number >= 10 << 10 || number.is_multiple_of(*size)))
    {
        Some((size, unit)) if number.is_multiple_of(*size) => format!("{} {unit}", number / size),
        Some((size, unit)) => format!("{}.{} {unit}", number / size, number % size * 10 / size),
        None if number == 1 => "1 byte".into(),
        None => format!("{number} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: &str, role: &str, measured: &[(&str, u64, Option<&str>)]) -> CaseResult {
        let measured = measured.iter().map(|(measure, amount, refused)| Measured {
            measure: (*measure).into(),
            amount: *amount,
            refused: refused.map(Into::into),
        });
        CaseResult {
            case: id.into(),
            role: role.parse().unwrap(),
            measured: measured.collect(),
            ..CaseResult::default()
        }
    }

    #[test]
    fn the_largest_accepted_and_the_smallest_refused_are_reported() {
        let cases = [
            case("a", "client", &[("largest-message", 4096, None)]),
            case("b", "server", &[("most-fields", 20, None), ("largest-message", 1 << 20, None)]),
            case("c", "server", &[("largest-message", 16 << 20, Some("close 1009"))]),
            case("d", "server", &[("largest-message", 4 << 20, Some("the end of the stream"))]),
            case("e", "server", &[("largest-message", 65_536, None)]),
            case("f", "server", &[("longest-idle", 1000, None)]),
        ];
        let lines: Vec<String> = facts(&cases)
            .iter()
            .map(|fact| format!("{}, {}: {} / {}", fact.name(), fact.role, fact.took(), fact.refusal()))
            .collect();
        assert_eq!(
            lines,
            [
                "Largest message, server: 1 MiB / 4 MiB: the end of the stream",
                "Largest message, client: 4 KiB / none",
                "Most fields of a handshake head, server: 20 / none",
                "Longest idle time, server: 1.0 s / none",
            ]
        );
    }

    #[test]
    fn bytes_have_units() {
        let shown = [1, 7000, 4096, 65_536, 66_000, 8_388_622, 1 << 30].map(bytes);
        assert_eq!(shown, ["1 byte", "7000 bytes", "4 KiB", "64 KiB", "64.4 KiB", "8.0 MiB", "1 GiB"]);
    }
}
