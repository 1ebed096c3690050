//! Whether something received is what was expected. Pure: no clock, no link.

use bytes::Bytes;
use serde_json::Value;

use super::departure::Departure;
use super::session::{Message, Received};
use crate::case::{CloseExpect, Content, Expectation, PongContent};
use crate::vocabulary::{Role, StreamEnd};
use crate::wire::close;

/// How something received relates to an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// It is what was expected.
    Strict,
    /// It is what was expected, in another form.
    Departed(Departure),
    /// It is not what was expected, and is ignored.
    Ignored,
    /// It is something else.
    No,
}

/// What a matcher needs to know of the conversation.
pub(super) struct Context<'a> {
    /// The pings of the case, in order.
    pub pings: &'a [Bytes],
    /// The target's role.
    pub role: Role,
    /// The code of the Close that we sent.
    pub close_sent: Option<Option<u16>>,
    /// Whether messages that nobody asked for are an error.
    pub strict_messages: bool,
}

/// Whether a target that failed the connection with this code may leave the stream open for a while. A client that fails the
/// connection reads nothing more (RFC 6455 section 7.1.7), so it may not see the end of our direction, and it ends TCP by itself only
/// after a reasonable time (section 7.1.1). A server ends it at once.
pub(super) fn leaves_tcp(role: Role, code: Option<u16>) -> bool {
    role == Role::Client && code.is_none_or(close::may_be_sent)
}

impl Context<'_> {
    /// Compares `received` with `expectation`.
    pub fn matches(&self, expectation: &Expectation, received: &Received) -> Match {
        let wanted = match (expectation, received) {
            (Expectation::Message { text, content }, Received::Message(message)) => {
                text.is_none_or(|text| text == message.text) && content.is_met_by(message)
            }
            (Expectation::Ping(content), Received::Ping(data)) => content.holds(data),
            (Expectation::Pong(wanted), Received::Pong(data)) => return self.pong(wanted, data),
            (Expectation::Close(wanted), Received::Closed(body, how)) => {
                return self.close(wanted, body.as_ref().map(|body| body.code), *how);
            }
            (Expectation::Fail(codes), Received::Closed(body, how)) => {
                return self.fail(codes, body.as_ref().map(|body| body.code), *how);
            }
            (Expectation::Eof(kinds), Received::Closed(None, Some(how))) => kinds.is_empty() || kinds.contains(how),
            (Expectation::StillOpen { .. }, Received::BarrierAnswered) => true,
            // What comes before the barrier's pong is kept for the next expectation.
            (Expectation::StillOpen { quiet: false }, Received::Message(..) | Received::Pong(_)) => {
                return Match::Ignored;
            }
            (_, Received::Ping(_)) => return Match::Ignored,
            (_, Received::Pong(data)) => {
                // A pong to a ping of ours is an event; one that answers nothing may come at any time (section 5.5.3).
                return if self.pings.contains(data) { self.stray_pong(expectation) } else { Match::Ignored };
            }
            (_, Received::Message(..)) => false,
            _ => return Match::No,
        };
        match (wanted, received) {
            (true, _) => Match::Strict,
            (false, Received::Message(..)) if !self.strict_messages => Match::Ignored,
            (false, _) => Match::No,
        }
    }

    /// A pong to a ping of the case, while something else is awaited.
    fn stray_pong(&self, expectation: &Expectation) -> Match {
        match expectation {
            // After a failure nothing more may be processed (section 7.1.7), and Eof expects an end without a Close frame.
            Expectation::Fail(_) | Expectation::Eof(_) => Match::No,
            _ => Match::Ignored,
        }
    }

    fn pong(&self, wanted: &PongContent, data: &Bytes) -> Match {
        let wanted_at = match wanted {
            PongContent::Same if self.pings.last() == Some(data) => return Match::Strict,
            PongContent::Same => self.pings.len().checked_sub(1),
            PongContent::Content(content) if content.holds(data) => return Match::Strict,
            PongContent::Content(content) => self.pings.iter().position(|ping| content.holds(ping)),
        };
        match (self.pings.iter().position(|ping| ping == data), wanted_at) {
            // The answer to an earlier ping, or to none.
            (Some(came), Some(wanted)) if came < wanted => Match::Ignored,
            (None, _) => Match::Ignored,
            _ => Match::No,
        }
    }

    fn close(&self, wanted: &CloseExpect, came: Option<Option<u16>>, how: Option<StreamEnd>) -> Match {
        let (Some(code), Some(_)) = (came, how) else { return Match::No };
        let strict = match wanted {
            CloseExpect::Any => true,
            CloseExpect::Empty => code.is_none(),
            CloseExpect::Same => Some(code) == self.close_sent,
            CloseExpect::Codes(codes) | CloseExpect::Exactly(codes) => code.is_some_and(|code| codes.contains(&code)),
        };
        match (strict, wanted, code) {
            (true, ..) => Match::Strict,
            (false, CloseExpect::Exactly(_) | CloseExpect::Any, _) => Match::No,
            (false, _, None | Some(1000)) => Match::Departed(Departure::NormalCode),
            // An endpoint typically sends the received code back (section 5.5.1), and may send another; but a code that calls our valid
            // Close frame invalid is no answer to it.
            (false, _, Some(code)) if close::may_be_sent(code) && !close::reports_invalid(code) => {
                Match::Departed(Departure::OtherClosingCode(code))
            }
            (false, ..) => Match::No,
        }
    }

    /// Our own code sent back shows that an invalid Close frame was accepted as a valid one.
    fn returns_invalid(&self, code: Option<u16>) -> bool {
        code.is_some_and(|code| code >= 3000) && self.close_sent == Some(code)
    }

    /// A failed connection: a Close frame is usual but not required, and the code is the target's choice.
    fn fail(&self, codes: &[u16], came: Option<Option<u16>>, how: Option<StreamEnd>) -> Match {
        if how.is_none() {
            let leaves = came.is_some_and(|code| leaves_tcp(self.role, code) && !self.returns_invalid(code));
            return if leaves { Match::Departed(Departure::EndLeftToTimer) } else { Match::No };
        }
        match came {
            None => Match::Departed(Departure::NoCloseFrame),
            Some(None) => Match::Departed(Departure::NoCode),
            Some(Some(code)) if codes.contains(&code) => Match::Strict,
            Some(code) if self.returns_invalid(code) => Match::No,
            Some(Some(code)) if close::may_be_sent(code) => {
                Match::Departed(Departure::OtherCode { expected: codes.to_vec(), actual: code })
            }
            Some(Some(_)) => Match::No,
        }
    }
}

impl Content {
    /// Whether a message has this content. A message that is too long to be kept whole is neither these bytes nor JSON.
    pub fn is_met_by(&self, message: &Message) -> bool {
        match self {
            Self::Equals(_) | Self::Json(_) | Self::JsonContains(_) => message.is_whole() && self.holds(&message.data),
            Self::Any | Self::Contains(_) => self.holds(&message.data),
        }
    }

    /// Whether `data` has this content.
    pub fn holds(&self, data: &Bytes) -> bool {
        match self {
            Self::Any => true,
            Self::Equals(wanted) => wanted == data,
            Self::Contains(wanted) => {
                wanted.is_empty() || data.windows(wanted.len()).any(|window| window == wanted.as_ref())
            }
            Self::Json(wanted) => serde_json::from_slice::<Value>(data).is_ok_and(|value| value == *wanted),
            Self::JsonContains(wanted) => {
                serde_json::from_slice::<Value>(data).is_ok_and(|value| contains(&value, wanted))
            }
        }
    }
}

/// Objects by subset at every depth, arrays member by member, all else equal.
fn contains(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(value), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| value.get(key).is_some_and(|value| contains(value, wanted)))
        }
        (Value::Array(value), Value::Array(wanted)) => {
            value.len() == wanted.len() && value.iter().zip(wanted).all(|(value, wanted)| contains(value, wanted))
        }
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => value == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::close::CloseBody;

    fn matches(role: Role, expected: &Expectation, code: u16, how: Option<StreamEnd>, sent: Option<u16>) -> Match {
        let close_sent = sent.map(Some);
        let context = Context { pings: &[], role, close_sent, strict_messages: true };
        let body = CloseBody { code: Some(code), reason: Bytes::new() };
        context.matches(expected, &Received::Closed(Some(body), how))
    }

    #[test]
    fn a_client_that_fails_the_connection_may_leave_tcp_to_a_timer() {
        let fail = |role, code: u16, actual, how| matches(role, &Expectation::Fail(vec![code]), actual, how, None);
        for code in [1002, 1007, 1008, 1009] {
            assert_eq!(fail(Role::Client, 1002, code, None), Match::Departed(Departure::EndLeftToTimer), "{code}");
            assert_eq!(fail(Role::Server, 1002, code, None), Match::No, "{code}");
        }
        assert_eq!(fail(Role::Client, 1009, 1009, Some(StreamEnd::Fin)), Match::Strict);
        assert_eq!(fail(Role::Client, 1002, 1005, None), Match::No);
        let fail = Expectation::Fail(vec![1002]);
        assert_eq!(matches(Role::Client, &fail, 3001, None, Some(3001)), Match::No, "an invalid Close was accepted");
    }

    #[test]
    fn a_close_may_be_answered_with_any_code_that_may_be_sent() {
        let answer = |wanted: CloseExpect, code| {
            matches(Role::Server, &Expectation::Close(wanted), code, Some(StreamEnd::Fin), Some(3000))
        };
        assert_eq!(answer(CloseExpect::Same, 3000), Match::Strict);
        assert_eq!(answer(CloseExpect::Same, 1000), Match::Departed(Departure::NormalCode));
        for code in [1001, 1011, 4999] {
            assert_eq!(answer(CloseExpect::Same, code), Match::Departed(Departure::OtherClosingCode(code)));
            assert_eq!(answer(CloseExpect::Empty, code), Match::Departed(Departure::OtherClosingCode(code)));
            assert_eq!(answer(CloseExpect::Exactly(vec![3000]), code), Match::No);
        }
        for code in [0, 999, 1002, 1007, 1005, 1015, 2999, 5000] {
            assert_eq!(answer(CloseExpect::Same, code), Match::No, "{code}");
        }
    }
}
