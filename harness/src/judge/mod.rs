//! From a play and the rules to a verdict: what the case earns, and why.
//!
//! `play` and `rules` report what departs from what. `policy` decides what that earns, `finding` holds it as data, and `sentences`
//! words it.

mod ending;
mod finding;
mod policy;
mod sentences;
mod stimulus;

use std::time::Duration;

use wsspec_reports::results::{self, Ending};

use crate::case::{Case, Send, StepKind};
use crate::play::{Call, Fact, FactKind, PlayResult};
use crate::rules::{self, View};
use crate::vocabulary::{Outcome, Phase, Role};
use finding::{Finding, Subject};
pub use policy::Observation;
use policy::Ruling;

/// What a case earns.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The outcome: the worst of the findings, or a pass.
    pub outcome: Outcome,
    /// Why, the most serious first.
    pub findings: Vec<results::Finding>,
}

impl Verdict {
    /// The verdict that these findings make.
    pub fn of(mut findings: Vec<results::Finding>) -> Self {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.outcome.severity()));
        let outcome = findings.first().map_or(Outcome::Pass, |finding| finding.outcome);
        Self { outcome, findings }
    }

    /// Adds a finding that was made outside the play, such as a process that died.
    pub fn add(&mut self, finding: results::Finding) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.push(finding);
        *self = Self::of(findings);
    }
}

/// Judges a case that was played.
pub fn judge(case: &Case, played: &PlayResult, call: &Call) -> Verdict {
    let facts = played.facts.iter().map(|fact| of_fact(case, call.role, fact, closing_at(played, fact.at)));
    let mut findings: Vec<results::Finding> = facts.map(|finding| sentences::worded(&finding)).collect();
    let view = View { role: call.role, call, transcript: &played.transcript };
    for rule in rules::ALL {
        for breach in rule.check(&view) {
            let at = breach.event.and_then(|event| played.transcript.event(event)).map(|event| event.at);
            findings.push(sentences::worded(&Finding {
                phase: rule.phase(),
                ruling: Ruling { outcome: policy::of_breach(breach.kind), because: None, requirement: None },
                requirement: Some(breach.requirement.into()),
                at,
                line: None,
                event: breach.event,
                ending: ending::of_rule(rule.name),
                subject: Subject::Breach(breach),
            }));
        }
    }
    Verdict::of(findings)
}

/// Whether we had sent our Close frame by then, and not in answer to the target's.
fn closing_at(played: &PlayResult, at: Duration) -> bool {
    let transcript = &played.transcript;
    let first = transcript.close_sent.filter(|sent| transcript.close_received.is_none_or(|received| *sent < received));
    first.and_then(|sent| transcript.event(sent)).is_some_and(|event| event.at <= at)
}

fn of_fact<'a>(case: &'a Case, role: Role, fact: &'a Fact, closing: bool) -> Finding<'a> {
    let step = match fact.by {
        Phase::Step(number) => number.checked_sub(1),
        _ => None,
    };
    let environment = |outcome| Ruling { outcome, because: None, requirement: None };
    let (ruling, subject) = match &fact.kind {
        FactKind::Environment(sentence) => (environment(Outcome::Error), Subject::Sentence(sentence.clone())),
        FactKind::Unsupported(sentence) => (environment(Outcome::Unsupported), Subject::Sentence(sentence.clone())),
        FactKind::Departed { expected, departure, actual } => {
            let sent = step.map(|step| sent_before(case, step)).unwrap_or_default();
            (policy::of_departure(departure, role, case), Subject::Departure { role, sent, expected, actual })
        }
    };
    let requirement = match &fact.kind {
        FactKind::Departed { .. } => ruling.requirement.clone().or_else(|| case.proves.first().cloned()),
        FactKind::Environment(_) | FactKind::Unsupported(_) => None,
    };
    Finding {
        phase: fact.by.clone(),
        requirement,
        subject,
        at: Some(fact.at),
        line: step.and_then(|step| case.steps.get(step)).map(|step| step.line),
        event: fact.event,
        ending: ending::of_fact(fact, &ruling, closing),
        ruling,
    }
}

/// What the harness sent in the steps before a step, back to the expectation before that.
fn sent_before(case: &Case, step: usize) -> Vec<&Send> {
    let mut sent = Vec::new();
    for step in case.steps.get(..step).unwrap_or_default().iter().rev() {
        match &step.kind {
            StepKind::Send(send) => sent.push(send),
            StepKind::Expect(_) if sent.is_empty() => {}
            StepKind::Expect(_) | StepKind::Series(_) => break,
        }
    }
    sent.reverse();
    sent
}

/// The target lacks a feature that the case needs.
pub fn unsupported(need: &str) -> results::Finding {
    observed(Phase::Probe, Observation::Lacks, format!("the target does not support `{need}`, which this case needs"))
}

/// A finding that was made outside the conversation of a case; `sentence` says what was observed.
pub fn observed(phase: Phase, observation: Observation, sentence: String) -> results::Finding {
    let ruling = policy::of_observation(observation);
    let requirement = ruling.requirement.clone();
    // A process that dies closes nothing.
    let ending = (phase == Phase::Target).then_some(Ending::Unclean);
    let subject = Subject::Sentence(sentence);
    sentences::worded(&Finding { phase, ruling, requirement, subject, at: None, line: None, event: None, ending })
}
