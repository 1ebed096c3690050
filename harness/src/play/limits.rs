//! Limits of a target: whether it refused something because it is too much (RFC 6455 section 10.4), which is its right.

use super::matching::leaves_tcp;
use super::session::Received;
use crate::vocabulary::Role;
use crate::wire::{FrameHead, Opcode};

/// The largest amounts of a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// The payload of a data frame, in bytes.
    pub frame: u64,
    /// A message, in bytes; of a compressed one, what it inflates to.
    pub message: u64,
    /// The fragments of a message.
    pub fragments: u64,
}

impl Amounts {
    /// What every target must accept: the size of a control frame, and a number of fragments that occurs every day.
    pub const LEAST: Self = Self { frame: 125, message: 125, fragments: 16 };

    /// Whether any of these amounts is larger than in `other`.
    const fn exceeds(&self, other: &Self) -> bool {
        self.frame > other.frame || self.message > other.message || self.fragments > other.fragments
    }
}

/// The largest amounts of the messages that are sent in a conversation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Largest {
    /// The amounts.
    pub amounts: Amounts,
    /// The bytes and fragments of the message that is being sent.
    sending: (u64, u64),
}

impl Largest {
    /// Counts a frame of a message.
    pub fn frame(&mut self, head: &FrameHead) {
        if head.opcode != Opcode::CONTINUATION {
            self.sending = (0, 0);
        }
        self.sending = (self.sending.0.saturating_add(head.length), self.sending.1 + 1);
        let (bytes, fragments) = self.sending;
        self.amounts.frame = self.amounts.frame.max(head.length);
        self.amounts.fragments = self.amounts.fragments.max(fragments);
        self.message(bytes);
    }

    /// Counts a message of so many bytes, before compression.
    pub fn message(&mut self, bytes: u64) {
        self.amounts.message = self.amounts.message.max(bytes);
    }
}

/// What a target accepts, as the probe found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The amounts that it accepted.
    pub amounts: Amounts,
    /// Whether larger ones were tried and refused.
    pub is_limit: bool,
}

impl Default for Accepted {
    fn default() -> Self {
        Self { amounts: Amounts::LEAST, is_limit: false }
    }
}

impl Accepted {
    /// Every amount.
    pub const fn unlimited() -> Self {
        Self { amounts: Amounts { frame: u64::MAX, message: u64::MAX, fragments: u64::MAX }, is_limit: false }
    }

    /// Whether what came refuses the amounts that were `sent` as too large: a Close frame with 1009 or 1008, or, of a target that is
    /// known to have a limit below them, any end that is not another error's.
    pub fn refuses(&self, sent: &Amounts, received: &Received, role: Role) -> bool {
        let Received::Closed(body, how) = received else { return false };
        let code = body.as_ref().and_then(|body| body.code);
        if !sent.exceeds(&self.amounts) || (how.is_none() && !(body.is_some() && leaves_tcp(role, code))) {
            return false;
        }
        matches!(code, Some(1008 | 1009)) || (self.is_limit && may_mean_a_limit(code))
    }
}

/// Whether a target that refuses something as too large may end with this code: 1009 and 1008 are the codes for limits, and many
/// targets send a general one, or none.
pub(super) const fn may_mean_a_limit(code: Option<u16>) -> bool {
    matches!(code, None | Some(1000 | 1001 | 1008 | 1009 | 1011 | 1013))
}

#[cfg(test)]
mod tests {
    use super::*;

    use bytes::Bytes;

    use crate::vocabulary::StreamEnd;
    use crate::wire::close::CloseBody;

    fn closed(code: Option<u16>) -> Received {
        let body = code.map(|code| CloseBody { code: Some(code), reason: Bytes::new() });
        Received::Closed(body, Some(StreamEnd::Fin))
    }

    fn sent(frame: u64) -> Amounts {
        Amounts { frame, message: frame, fragments: 1 }
    }

    #[test]
    fn a_code_for_limits_refuses_only_what_was_not_accepted_before() {
        let accepted = Accepted { amounts: Amounts { frame: 65536, message: 65536, fragments: 256 }, is_limit: true };
        for code in [1008, 1009] {
            assert!(accepted.refuses(&sent(65537), &closed(Some(code)), Role::Server));
            assert!(
                !accepted.refuses(&sent(65536), &closed(Some(code)), Role::Server),
                "{code}: it was accepted before"
            );
        }
        assert!(!accepted.refuses(&sent(1 << 20), &closed(Some(1002)), Role::Server), "another error");
        assert!(accepted.refuses(&Amounts { fragments: 257, ..sent(10) }, &closed(Some(1008)), Role::Server));
    }

    #[test]
    fn an_end_without_a_code_refuses_only_where_a_limit_is_known() {
        let unknown = Accepted::default();
        assert!(unknown.refuses(&sent(126), &closed(Some(1009)), Role::Client));
        assert!(!unknown.refuses(&sent(126), &closed(None), Role::Client));
        assert!(Accepted { is_limit: true, ..unknown }.refuses(&sent(126), &closed(None), Role::Client));
    }
}
