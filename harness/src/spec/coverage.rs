//! The requirements that the suite proves, with the cases and checks that prove them in the role that each binds.

use std::collections::BTreeMap;

use super::implied;
use super::requirements::{self, Bound, Requirement, Testable};
use crate::case::Case;
use crate::vocabulary::{Level, Role};

/// The reasons why some requirements that are visible on the wire are not proven: in each line an id, the reach and the reason,
/// separated by tabs. The reach is `beyond` if a run cannot prove it, and `open` if no case is written yet.
pub(crate) const REASONS: &str = include_str!("../../data/uncovered.tsv");

/// A check outside the cases that proves requirements, such as a rule.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// The ids of the requirements that it proves.
    pub requirements: &'static [&'static str],
}

/// One requirement with what proves it.
#[derive(Clone, Debug)]
pub struct Covered {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// The ids of the cases that cite it.
    pub cases: Vec<String>,
    /// The names of the rules and other checks that prove it.
    pub rules: Vec<&'static str>,
    /// The reason why nothing proves it, if so.
    pub reason: Option<String>,
    /// Whether no run can prove it, because it needs the policy of an application, a privileged port or the like.
    pub beyond: bool,
}

impl Covered {
    /// Whether a case or a rule proves it.
    pub fn proven(&self) -> bool {
        !self.cases.is_empty() || !self.rules.is_empty()
    }

    /// Whether it counts: a duty that is visible at the other end of the connection.
    pub fn counts(&self) -> bool {
        self.requirement.testable == Testable::Wire && !matches!(self.requirement.level(), Level::May | Level::Quality)
    }
}

/// All requirements with what proves them, in the order of the table.
pub fn coverage<'c>(cases: impl Iterator<Item = &'c Case>, checks: &[Check]) -> Vec<Covered> {
    let mut by_case: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for case in cases {
        for id in &case.proves {
            let binds = requirements::find(id).is_some_and(|requirement| {
                [Role::Server, Role::Client].iter().any(|&role| case.suits(role) && requirement.role.binds(role))
            });
            if binds {
                by_case.entry(id).or_default().push(case.id.clone());
            }
        }
        for id in [Role::Server, Role::Client].iter().flat_map(|&role| implied(case, role)) {
            let cases = by_case.entry(id).or_default();
            if cases.last() != Some(&case.id) {
                cases.push(case.id.clone());
            }
        }
    }
    let reasons: BTreeMap<&str, (bool, &str)> = reasons().collect();
    requirements::all()
        .iter()
        .map(|requirement| {
            let cases = by_case.remove(requirement.id).unwrap_or_default();
            let proving = checks.iter().filter(|check| check.requirements.contains(&requirement.id));
            let rules: Vec<&str> = proving.map(|check| check.name).collect();
            let unproven = cases.is_empty() && rules.is_empty();
            let written = reasons.get(requirement.id).copied().filter(|_| unproven);
            let reason = unproven.then(|| reason(requirement, written.map(|(_, reason)| reason)));
            let beyond = written.is_some_and(|(beyond, _)| beyond);
            Covered { requirement, cases, rules, reason, beyond }
        })
        .collect()
}

/// The table of reasons: the id, whether it is out of reach of a run, and why.
fn reasons() -> impl Iterator<Item = (&'static str, (bool, &'static str))> {
    REASONS.lines().filter_map(|line| {
        let (id, rest) = line.split_once('\t')?;
        let (reach, reason) = rest.split_once('\t')?;
        Some((id, (reach == "beyond", reason)))
    })
}

fn reason(requirement: &Requirement, written: Option<&str>) -> String {
    let general = match requirement.testable {
        _ if requirement.level() == Level::May => "a permission: cases use it, but it cannot be violated",
        Testable::Api => "visible only in the API of the target",
        Testable::Local => "inside the target: not visible on the wire",
        Testable::Env if requirement.role == Bound::Intermediary => "binds proxies, which wsspec does not test yet",
        Testable::Env => "needs TLS, a proxy, a browser or HTTP/2 in addition to the target",
        Testable::Wire => "no case yet",
    };
    written.unwrap_or(general).to_owned()
}

/// The number of proven requirements in a group, and of those within reach of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Proven by a case or a rule.
    pub proven: usize,
    /// Those within reach of a run, proven or not.
    pub within: usize,
    /// Those out of reach.
    pub beyond: usize,
}

/// The shares of the duties that count, by RFC and level.
pub fn shares(covered: &[Covered]) -> BTreeMap<(&'static str, &'static str), Share> {
    let mut shares: BTreeMap<(&str, &str), Share> = BTreeMap::new();
    for one in covered.iter().filter(|one| one.counts()) {
        let share = shares.entry((one.requirement.rfc, one.requirement.level().name())).or_default();
        share.within += usize::from(!one.beyond);
        share.beyond += usize::from(one.beyond);
        share.proven += usize::from(one.proven());
    }
    shares
}
