//! Closing and failing: RFC 6455 sections 5.5.1, 7.1 and 7.4.

use crate::wire::close::{CloseBody, may_be_sent};
use crate::wire::{Opcode, utf8};

use super::super::End;
use super::super::faults::Fault;
use super::endpoint::{Endpoint, Failure, INVALID_REASON, PROTOCOL_ERROR, Phase};

impl Endpoint {
    /// Handles a Close: answers it and ends the connection.
    pub(super) fn handle_close(&mut self, payload: Vec<u8>) -> Result<(), Failure> {
        let mid_message = self.message.is_some() && self.has(Fault::CLOSE_MID_MESSAGE_IGNORED);
        // Only an endpoint that keeps reading sees a second Close.
        if self.has(Fault::CLOSE_IGNORED) || mid_message || self.phase == Phase::Closed {
            return Ok(());
        }
        let body = CloseBody::read(&payload.clone().into());
        let unknown = body.code.is_some_and(|code| matches!(code, 1004 | 1010..=2999));
        if unknown && self.has(Fault::UNKNOWN_CODES_IGNORED) {
            return Ok(());
        }
        let reply = self.close_reply(&body, payload)?;
        if self.has(Fault::DROPS_PENDING_ON_CLOSE) {
            self.output.clear();
        }
        if self.has(Fault::CLOSE_TWICE) {
            self.send_close(reply.clone());
        }
        if !self.has(Fault::NO_CLOSE_REPLY) {
            self.send_close(reply);
        }
        if self.has(Fault::SENDS_DATA_AFTER_CLOSE) {
            self.send(Opcode::TEXT, b"one more thing".to_vec());
        }
        self.conversation.end = End::Closed(body.code);
        self.phase = Phase::Closed;
        Ok(())
    }

    /// The body of the Close that answers a Close with this body: the same code without a reason, or an empty body.
    fn close_reply(&self, body: &CloseBody, payload: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let Some(code) = body.code else {
            if !payload.is_empty() && self.has(Fault::CLOSE_OF_ONE_BYTE_ECHOED) {
                return Ok(payload);
            }
            if !payload.is_empty() && !self.has(Fault::CLOSE_OF_ONE_BYTE_TAKEN) {
                return Err(PROTOCOL_ERROR);
            }
            let code: &[u8] = if self.has(Fault::SENDS_1005) { &[0x03, 0xed] } else { &[] };
            return Ok(code.to_vec());
        };
        let rejected = (!may_be_sent(code) && !self.has(Fault::FORBIDDEN_CODES_ECHOED))
            || (code >= 3000 && self.has(Fault::PRIVATE_CODES_REFUSED))
            || (code == 1001 && self.has(Fault::GOING_AWAY_REFUSED))
            || ((1003..=1011).contains(&code) && self.has(Fault::ERROR_CODES_REFUSED))
            || ((1012..=1014).contains(&code) && self.has(Fault::LATER_CODES_REFUSED))
            || (!body.reason.is_empty() && self.has(Fault::CLOSE_REASON_REFUSED))
            || (body.reason.len() > 64 && self.has(Fault::LONG_REASON_REFUSED));
        if rejected {
            return Err(PROTOCOL_ERROR);
        }
        if utf8::check(&body.reason).is_err() {
            return if self.has(Fault::BAD_REASON_ECHOED) { Ok(payload) } else { Err(INVALID_REASON) };
        }
        let code = if self.has(Fault::CLOSE_REPLY_GOING_AWAY) { 1001 } else { code };
        let mut reply = CloseBody::payload(code, b"");
        if self.has(Fault::REASON_NOT_UTF8) {
            reply.push(0xff);
        }
        if self.has(Fault::CLOSE_TOO_LONG) {
            reply.resize(202, b'.');
        }
        Ok(reply)
    }

    /// Sends the Close when the connection fails.
    pub(super) fn send_failure_close(&mut self, code: u16) {
        let code = if self.has(Fault::FAILS_WITH_1006) {
            1006
        } else if self.has(Fault::FAILS_WITH_0) {
            0
        } else {
            code
        };
        self.send_close(CloseBody::payload(code, b""));
    }

    /// Whether it closes an idle connection.
    pub(super) fn closes_when_idle(&self) -> bool {
        self.has(Fault::CLOSES_WHEN_IDLE)
    }

    /// Closes the connection without a reason and without waiting for the answer.
    pub(super) fn close_idle(&mut self) {
        self.send_close(CloseBody::payload(1000, b""));
        self.phase = Phase::Closed;
    }

    fn send_close(&mut self, mut body: Vec<u8>) {
        if let Some(code) = body.first_chunk_mut::<2>() {
            if self.has(Fault::CLOSE_CODE_SWAPPED) {
                code.reverse();
            } else if self.has(Fault::CLOSE_CODE_IN_DIGITS) {
                body = u16::from_be_bytes(*code).to_string().into_bytes();
            }
        }
        self.send(Opcode::CLOSE, body);
    }
}
