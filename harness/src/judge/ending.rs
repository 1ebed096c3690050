//! What a finding says about the end of the connection, apart from what was sent on it.

use wsspec_reports::results::Ending;

use super::policy::Ruling;
use crate::case::{ExpectKind, Expectation};
use crate::play::{Actual, Expected, Fact, FactKind, Received};
use crate::vocabulary::{Outcome, Zone};

/// The zones in which a Close frame comes as it should, with another code.
const CODE_ZONES: [Zone; 3] = [Zone(2), Zone(3), Zone(6)];

/// What is wrong with the end by this fact; `closing` says whether we had sent our Close frame.
pub(super) fn of_fact(fact: &Fact, ruling: &Ruling, closing: bool) -> Option<Ending> {
    match &fact.kind {
        FactKind::Environment(_) | FactKind::Unsupported(_) => None,
        FactKind::Departed { departure, actual, .. } if departure.is_variation() => {
            let Actual::Received(Received::Closed(Some(body), Some(_))) = actual else { return None };
            let zone = ruling.because.as_ref().and_then(|because| because.zone);
            let other_code = ruling.outcome == Outcome::Lenient
                && body.code.is_some()
                && zone.is_some_and(|zone| CODE_ZONES.contains(&zone));
            other_code.then_some(Ending::WrongCode)
        }
        FactKind::Departed { expected, actual, .. } => broken(expected, actual, closing),
    }
}

fn broken(expected: &Expected, actual: &Actual, closing: bool) -> Option<Ending> {
    let (may_end, must_end) = match expected {
        Expected::Step(kind) => (may_end(kind), must_end(kind)),
        Expected::Series(_) => (false, false),
        Expected::StreamEnd
        | Expected::CleanClose
        | Expected::CleanFin
        | Expected::CloseNotify
        | Expected::HeldOpen => (true, true),
        // Without an open connection there is no closing handshake.
        Expected::Head(_)
        | Expected::NoHead
        | Expected::Deflate
        | Expected::Refusal
        | Expected::TlsRefusal
        | Expected::ServerName => {
            return Some(Ending::WrongSide);
        }
    };
    match actual {
        Actual::Received(Received::Closed(..)) if !may_end && !closing => Some(Ending::WrongSide),
        Actual::Received(Received::Closed(Some(_), Some(_))) => Some(Ending::WrongCode),
        Actual::Received(Received::Closed(..)) => Some(Ending::Unclean),
        // After an unexpected message the end of the connection was not checked.
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

/// What a broken rule says about the end of the connection.
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

    use std::time::Duration;

    use crate::play::Departure;
    use crate::vocabulary::{Phase, StreamEnd};
    use crate::wire::close::CloseBody;

    fn ending(
        departure: Departure,
        expected: Expected,
        actual: Actual,
        ruling: &Ruling,
        closing: bool,
    ) -> Option<Ending> {
        let kind = FactKind::Departed { expected, departure, actual };
        let fact = Fact { by: Phase::Step(1), kind, at: Duration::ZERO, event: None };
        of_fact(&fact, ruling, closing)
    }

    fn ruling(outcome: Outcome, zone: Option<u8>) -> Ruling {
        Ruling { outcome, because: zone.map(|zone| Zone(zone).into()), requirement: None }
    }

    fn broken_by(expected: Expectation, actual: Actual, closing: bool) -> Option<Ending> {
        let expected = Expected::Step(Box::new(ExpectKind::One(expected)));
        ending(Departure::Other, expected, actual, &ruling(Outcome::Fail, None), closing)
    }

    fn close(code: u16, end: Option<StreamEnd>) -> Actual {
        Actual::Received(Received::Closed(
            Some(CloseBody::read(&bytes::Bytes::copy_from_slice(&code.to_be_bytes()))),
            end,
        ))
    }

    #[test]
    fn a_broken_expectation_says_what_is_wrong_with_the_end() {
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
        let met = |zone, actual| {
            let departure = Departure::OtherCode { expected: vec![1002], actual: 1003 };
            ending(departure, Expected::CleanClose, actual, &ruling(Outcome::Lenient, Some(zone)), false)
        };
        let fin = Some(StreamEnd::Fin);
        assert_eq!(met(2, close(1003, fin)), Some(Ending::WrongCode));
        // Found late, with the expected code.
        assert_eq!(met(5, close(1007, fin)), None);
        assert_eq!(met(1, Actual::Received(Received::Closed(None, fin))), None);
    }
}
