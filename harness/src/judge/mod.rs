//! From a play and the rules to a verdict: what the case earns, and why, in sentences.

mod ending;
mod words;

use wsspec_reports::results::{Ending, Finding};

use crate::case::Case;
use crate::play::{Call, FactKind, PlayResult};
use crate::rules::{self, View};
use crate::vocabulary::{Level, Outcome, Phase};

/// What a case earns.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The outcome: the worst of the findings, or a pass.
    pub outcome: Outcome,
    /// Why, the most serious first.
    pub findings: Vec<Finding>,
}

/// Judges a case that was played.
pub fn judge(case: &Case, played: &PlayResult, call: &Call) -> Verdict {
    let mut findings: Vec<Finding> = played
        .facts
        .iter()
        .map(|fact| Finding { ending: ending::ending(fact, closing_at(played, fact.at)), ..of_fact(case, fact) })
        .collect();
    let view = View { role: call.role, call, transcript: &played.transcript };
    for rule in rules::ALL {
        for breach in rule.check(&view) {
            findings.push(Finding {
                by: rule.phase(),
                outcome: breach.outcome,
                requirement: Some(breach.requirement.into()),
                message: breach.message,
                because: None,
                line: None,
                event: breach.event,
                ending: ending::of_rule(rule.name),
            });
        }
    }
    Verdict::of(findings)
}

/// Whether we had sent our Close frame by then, and not in answer to the target's.
fn closing_at(played: &PlayResult, at: std::time::Duration) -> bool {
    let transcript = &played.transcript;
    let first = transcript.close_sent.filter(|sent| transcript.close_received.is_none_or(|received| *sent < received));
    first.and_then(|sent| transcript.event(sent)).is_some_and(|event| event.at <= at)
}

impl Verdict {
    /// The verdict that these findings make.
    pub fn of(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.outcome.severity()));
        let outcome = findings.first().map_or(Outcome::Pass, |finding| finding.outcome);
        Self { outcome, findings }
    }

    /// Adds a finding that was made outside the play, such as a process that died.
    pub fn add(&mut self, finding: Finding) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.push(finding);
        *self = Self::of(findings);
    }
}

/// The target has not what the case needs.
pub fn unsupported(need: &str) -> Finding {
    let message = format!("the target has no `{need}`, which this case needs");
    plain(Phase::Probe, Outcome::Unsupported, message)
}

/// A finding that stands in no case's conversation: of the environment, or the target's process.
pub fn plain(by: Phase, outcome: Outcome, message: String) -> Finding {
    // A process that dies closes nothing.
    let ending = (by == Phase::Target).then_some(Ending::Unclean);
    Finding { by, outcome, message, ending, ..Finding::default() }
}

fn of_fact(case: &Case, fact: &crate::play::Fact) -> Finding {
    let line = match fact.by {
        Phase::Step(number) => case.steps.get(number.saturating_sub(1)).map(|step| step.line),
        _ => None,
    };
    let requirement = case.proves.first().cloned();
    let finding = Finding {
        by: fact.by.clone(),
        outcome: Outcome::Fail,
        requirement,
        line,
        event: fact.event,
        ..Finding::default()
    };
    match &fact.kind {
        FactKind::Environment(message) => {
            Finding { outcome: Outcome::Error, requirement: None, message: message.clone(), ..finding }
        }
        FactKind::Unsupported(message) => {
            Finding { outcome: Outcome::Unsupported, requirement: None, message: message.clone(), ..finding }
        }
        FactKind::Departed { outcome, because, actual } => {
            let message = format!("got {}{}", words::actual(actual), words::when(actual, fact.at));
            Finding { outcome: *outcome, message, because: Some(because.clone()), ..finding }
        }
        FactKind::Failed { expected, actual } => {
            let message = format!(
                "expected {}, got {}{}",
                words::expected(expected),
                words::actual(actual),
                words::when(actual, fact.at)
            );
            // A duty that is only a SHOULD may be left undone.
            if case.level == Level::Should {
                let because = Some("the RFC says SHOULD here, so it may be otherwise".to_owned());
                return Finding { outcome: Outcome::Lenient, message, because, ..finding };
            }
            Finding { message, ..finding }
        }
    }
}
