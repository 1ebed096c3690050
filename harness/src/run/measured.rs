//! What a case measured: how much the target accepted, or how it refused it.

use wsspec_reports::results::Measured;

use crate::case::{Case, Measure};
use crate::judge::Verdict;
use crate::play::{PlayResult, What};
use crate::vocabulary::{Direction, Outcome};
use crate::wire::Opcode;
use crate::wire::close::CloseBody;

/// The amounts of a case, each accepted or refused. A case that failed in another way measures nothing.
pub fn measured(case: &Case, played: &PlayResult, verdict: &Verdict) -> Vec<Measured> {
    if matches!(verdict.outcome, Outcome::Error | Outcome::Unsupported) {
        return Vec::new();
    }
    let refused = refusal(played);
    if refused.is_none() && verdict.outcome == Outcome::Fail {
        return Vec::new();
    }
    let one = |&(measure, amount): &(Measure, u64)| Measured {
        measure: measure.name().to_owned(),
        // Where the target refused it, the case's own number counts, although not all of it may have been sent.
        amount: if refused.is_some() { amount } else { amount.min(sent(measure, case, played)) },
        refused: refused.clone(),
    };
    case.measures.iter().map(one).collect()
}

/// The most memory that the target's process has had so far, in bytes.
pub(super) fn most_memory(amount: u64) -> Measured {
    Measured { measure: "most-memory".to_owned(), amount, refused: None }
}

/// How much was sent of what the case has to send: the scale of a run may allow less.
fn sent(measure: Measure, case: &Case, played: &PlayResult) -> u64 {
    let transcript = &played.transcript;
    match measure {
        Measure::LargestMessage if case.handshake.deflate.is_none() => transcript.data_sent.1,
        Measure::LargestUnfinished => transcript.data_sent.1,
        Measure::MostFragments => transcript.data_sent.0 as u64,
        Measure::MostMessages if transcript.messages_sent > 0 => transcript.messages_sent,
        Measure::MostConnections => played.idle_connections as u64 + 1,
        _ => u64::MAX,
    }
}

/// How the target ended the connection before we did, or did not open it; `None` when it did neither.
fn refusal(played: &PlayResult) -> Option<String> {
    let transcript = &played.transcript;
    if let Some(status) = transcript.response.as_ref().and_then(|head| head.status()).filter(|status| *status != 101) {
        return Some(format!("status {status}"));
    }
    let ours = transcript.close_sent.unwrap_or(usize::MAX);
    for event in transcript.events().iter().take_while(|event| event.number < ours) {
        if event.direction != Some(Direction::In) {
            continue;
        }
        match &event.what {
            What::Frame(frame) if frame.head.opcode == Opcode::CLOSE => {
                return Some(match CloseBody::read(&frame.payload.head).code {
                    Some(code) => format!("close {code}"),
                    None => "close without a code".to_owned(),
                });
            }
            What::End(_) => return Some("end of the stream".to_owned()),
            _ => {}
        }
    }
    (!played.opened).then(|| "no answer".to_owned())
}
