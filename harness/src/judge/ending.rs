//! What a finding says of the connection's ending, apart from what was said on it.

use wsspec_reports::results::Ending;

use crate::case::{ExpectKind, Expectation};
use crate::play::{Actual, Expected, Fact, FactKind, Received};
use crate::vocabulary::Outcome;

/// The zones in which a Close frame comes as it should, with another code.
const CODE_ZONES: [&str; 3] = ["Z2", "Z3", "Z6"];

/// What is wrong with the ending by this fact; `closing` says whether we had sent our Close frame.
pub(super) fn ending(fact: &Fact, closing: bool) -> Option<Ending> {
    match &fact.kind {
        FactKind::Environment(_) | FactKind::Unsupported(_) => None,
        FactKind::Departed { outcome, because, actual: Actual::Received(Received::Closed(Some(body), Some(_))) } => {
            let zone = because.split([':', ' ', ',']).next().unwrap_or_default();
            let other_code = *outcome == Outcome::Lenient && body.code.is_some() && CODE_ZONES.contains(&zone);
            other_code.then_some(Ending::WrongCode)
        }
        FactKind::Departed { .. } => None,
        FactKind::Failed { expected, actual } => broken(expected, actual, closing),
    }
}

fn broken(expected: &Expected, actual: &Actual, closing: bool) -> Option<Ending> {
    let (may_end, must_end) = match expected {
        Expected::Step(kind) => (may_end(kind), must_end(kind)),
        Expected::Series(_) => (false, false),
        Expected::CleanClose | Expected::CleanFin | Expected::HeldOpen => (true, true),
        // Without an open connection there is no closing handshake.
        Expected::Head(_) | Expected::Refusal | Expected::TlsRefusal | Expected::ServerName => {
            return Some(Ending::WrongSide);
        }
    };
    match actual {
        Actual::Received(Received::Closed(..)) if !may_end && !closing => Some(Ending::WrongSide),
        Actual::Received(Received::Closed(Some(_), Some(_))) => Some(Ending::WrongCode),
        Actual::Received(Received::Closed(..)) => Some(Ending::Unclean),
        // A message that came too much is followed by an ending that was not looked at.
        Actual::Received(Received::Message(_)) if closing => None,
        _ if must_end && closing => Some(Ending::Unclean),
        _ if must_end => Some(Ending::WrongSide),
        _ => None,
    }
}

/// Whether some of what is expected ends the connection.
fn may_end(kind: &ExpectKind) -> bool {
    match kind {
        ExpectKind::One(one) | ExpectKind::Optional(one) => ends(one),
        ExpectKind::OneOf(alternatives) => alternatives.iter().any(|one| one.sequence.iter().any(ends)),
        ExpectKind::AllOf(all) => all.iter().any(ends),
        ExpectKind::Nothing => false,
    }
}

/// Whether all that passes ends the connection, in whatever order.
fn must_end(kind: &ExpectKind) -> bool {
    match kind {
        ExpectKind::OneOf(alternatives) => {
            let mut good = alternatives.iter().filter(|one| one.outcome != Outcome::Fail).peekable();
            good.peek().is_some() && good.all(|one| one.sequence.iter().any(ends))
        }
        ExpectKind::Optional(_) => false,
        other => may_end(other),
    }
}

fn ends(one: &Expectation) -> bool {
    matches!(one, Expectation::Close(_) | Expectation::Fail(_) | Expectation::Eof(_))
}

/// What a rule's breach says of the ending.
pub(super) fn of_rule(name: &str) -> Option<Ending> {
    match name {
        "close-body" => Some(Ending::WrongCode),
        "after-close" => Some(Ending::Unclean),
        "accept-value" => Some(Ending::WrongSide),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::vocabulary::{Phase, StreamEnd};
    use crate::wire::close::CloseBody;
    use std::time::Duration;

    fn fact(kind: FactKind) -> Fact {
        Fact { by: Phase::Step(1), kind, at: Duration::ZERO, event: None }
    }

    fn broken_by(expected: Expectation, actual: Actual, closing: bool) -> Option<Ending> {
        let expected = Expected::Step(Box::new(ExpectKind::One(expected)));
        ending(&fact(FactKind::Failed { expected, actual }), closing)
    }

    fn close(code: u16, end: Option<StreamEnd>) -> Actual {
        Actual::Received(Received::Closed(
            Some(CloseBody::read(&bytes::Bytes::copy_from_slice(&code.to_be_bytes()))),
            end,
        ))
    }

    #[test]
    fn what_broke_tells_the_ending() {
        let fin = Some(StreamEnd::Fin);
        let fail = || Expectation::Fail(vec![1002]);
        let echo = || Expectation::StillOpen { quiet: false };
        assert_eq!(broken_by(fail(), close(3000, fin), false), Some(Ending::WrongCode));
        assert_eq!(broken_by(fail(), close(1002, None), false), Some(Ending::Unclean));
        assert_eq!(broken_by(fail(), Actual::Silence(Duration::ZERO), false), Some(Ending::WrongSide));
        assert_eq!(broken_by(fail(), Actual::Received(Received::BarrierAnswered), false), Some(Ending::WrongSide));
        assert_eq!(broken_by(fail(), Actual::Silence(Duration::ZERO), true), Some(Ending::Unclean));
        assert_eq!(broken_by(echo(), close(1002, fin), false), Some(Ending::WrongSide));
        assert_eq!(broken_by(echo(), Actual::Silence(Duration::ZERO), false), None);
    }

    #[test]
    fn another_code_that_is_allowed_is_still_another_code() {
        let met =
            |because: &str, actual| FactKind::Departed { outcome: Outcome::Lenient, because: because.into(), actual };
        let fin = Some(StreamEnd::Fin);
        assert_eq!(ending(&fact(met("Z2", close(1003, fin))), false), Some(Ending::WrongCode));
        // Found late, with the right code.
        assert_eq!(ending(&fact(met("Z5", close(1007, fin))), false), None);
        assert_eq!(ending(&fact(met("Z1", Actual::Received(Received::Closed(None, fin)))), false), None);
    }
}
