//! From a play and the rules to a verdict: what the case earns, and why, in sentences.

mod ending;
mod words;

use wsspec_reports::results::Ending;

use crate::case::model::{Case, Level, Outcome};
use crate::play::{Phase, Call, FactKind, PlayResult};
use crate::rules::{self, View};

/// What a case earns.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The outcome: the worst of the findings, or a pass.
    pub outcome: Outcome,
    /// Why, the most serious first.
    pub findings: Vec<Finding>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Who found it: `step 2`, `handshake`, `ending`, `connection`, `rule masking`, `target`.
    pub by: String,
    /// What this alone would earn.
    pub outcome: Outcome,
    /// The requirement that is broken, where it is one.
    pub requirement: Option<String>,
    /// What was expected, what came, and when.
    pub message: String,
    /// Why it earns no worse: a zone or a sentence.
    pub because: Option<String>,
    /// The line of the case's file.
    pub line: Option<usize>,
    /// The transcript's event.
    pub event: Option<usize>,
    /// What is wrong with the connection's ending, where that is what was found.
    pub ending: Option<Ending>,
}

/// How serious an outcome is, for the worst of several.
const fn weight(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Pass => 0,
        Outcome::Info => 1,
        Outcome::Lenient => 2,
        Outcome::Unsupported => 3,
        Outcome::Fail => 4,
        Outcome::Error => 5,
    }
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
                by: format!("rule {}", rule.name),
                outcome: breach.outcome,
                requirement: Some(breach.requirement.to_owned()),
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
    first.and_then(|sent| transcript.events.get(sent)).is_some_and(|event| event.at <= at)
}

impl Verdict {
    /// The verdict that these findings make.
    pub fn of(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| std::cmp::Reverse(weight(finding.outcome)));
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

impl Finding {
    /// The target has not what the case needs.
    pub fn unsupported(need: &str) -> Self {
        let message = format!("the target has no `{need}`, which this case needs");
        Self::plain("probe", Outcome::Unsupported, message)
    }

    /// A finding of the environment or the target's process.
    pub fn plain(by: &str, outcome: Outcome, message: String) -> Self {
        // A process that dies closes nothing.
        let ending = (by == "target").then_some(Ending::Unclean);
        Self { by: by.to_owned(), outcome, requirement: None, message, because: None, line: None, event: None, ending }
    }
}

fn of_fact(case: &Case, fact: &crate::play::Fact) -> Finding {
    let (by, line) = match fact.by {
        Phase::Connection => ("connection".to_owned(), None),
        Phase::Handshake => ("handshake".to_owned(), None),
        Phase::Step(number, line) => (format!("step {number}"), Some(line)),
        Phase::Ending => ("ending".to_owned(), None),
    };
    let requirement = case.proves.first().cloned();
    let finding = Finding {
        by,
        outcome: Outcome::Fail,
        requirement,
        message: String::new(),
        because: None,
        line,
        event: fact.event,
        ending: None,
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
            let message =
                format!("expected {}, got {}{}", words::expected(expected), words::actual(actual), words::when(actual, fact.at));
            // A duty that is only a SHOULD may be left undone.
            if case.level == Level::Should {
                let because = Some("the RFC says SHOULD here, so it may be otherwise".to_owned());
                return Finding { outcome: Outcome::Lenient, message, because, ..finding };
            }
            Finding { message, ..finding }
        }
    }
}
