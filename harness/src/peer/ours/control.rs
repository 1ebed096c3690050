//! Pings and pongs: RFC 6455 sections 5.5.2 and 5.5.3.

use crate::wire::Opcode;

use super::super::faults::Fault;
use super::endpoint::{Endpoint, Failure, InFrame, PROTOCOL};

impl Endpoint {
    /// Handles a complete control frame.
    pub(super) fn take_control(&mut self, mut frame: InFrame) -> Result<(), Failure> {
        self.deflate_control(&mut frame)?;
        let fault = self.fault;
        if let Some(message) = &mut self.message {
            if fault == Some(Fault::CONTROL_MID_MESSAGE_ENDS_IT) {
                message.bytes.clear();
            }
            if fault == Some(Fault::CONTROL_DATA_IN_MESSAGE) {
                message.bytes.extend_from_slice(&frame.payload);
            }
        }
        match frame.head.opcode {
            Opcode::PING => self.take_ping(frame.payload),
            Opcode::PONG => self.take_pong(frame.payload)?,
            Opcode::CLOSE => self.take_close(frame.payload)?,
            // Reserved opcodes are rejected with the frame header, or skipped.
            _ => {}
        }
        Ok(())
    }

    fn take_ping(&mut self, data: Vec<u8>) {
        if self.fault(Fault::PING_ECHOED) {
            self.send(Opcode::BINARY, data.clone());
        }
        self.scratch.pings += 1;
        let long = self.message.as_ref().is_some_and(|message| message.bytes.len() > 65536);
        if (long && self.fault(Fault::PINGS_UNANSWERED_IN_LONG_MESSAGE))
            || (self.scratch.pings > 100 && self.fault(Fault::PONGS_BOUNDED))
        {
            return;
        }
        let unanswered = self.fault(Fault::NO_PONG) || (data.is_empty() && self.fault(Fault::NO_PONG_TO_EMPTY_PING));
        if unanswered {
            return;
        }
        if self.fault(Fault::PONG_AFTER_MESSAGE) {
            self.scratch.held_pings.push(data);
            return;
        }
        let data = self.pong_data(data);
        let opcode = if self.fault(Fault::PONG_IS_PING) { Opcode::PING } else { Opcode::PONG };
        self.send(opcode, data);
    }

    /// The data of the pong that answers a ping with `data`: the same data.
    fn pong_data(&mut self, mut data: Vec<u8>) -> Vec<u8> {
        if self.fault(Fault::PONG_EMPTY) {
            data.clear();
        }
        if self.fault(Fault::PONG_WRONG)
            && let Some(first) = data.first_mut()
        {
            *first ^= 1;
        }
        if self.fault(Fault::PONG_TRUNCATED) {
            data.truncate(124);
        }
        if self.fault(Fault::PONG_CUT_AT_NUL)
            && let Some(nul) = data.iter().position(|byte| *byte == 0)
        {
            data.truncate(nul);
        }
        if self.fault(Fault::PONG_OF_FIRST_PING) {
            return self.scratch.first_ping.get_or_insert(data).clone();
        }
        data
    }

    /// Sends the delayed pongs.
    pub(super) fn release_pongs(&mut self) {
        for data in std::mem::take(&mut self.scratch.held_pings) {
            self.send(Opcode::PONG, data);
        }
    }

    /// Handles a pong. This endpoint sends no pings, so every pong is unsolicited, and none is answered.
    fn take_pong(&mut self, data: Vec<u8>) -> Result<(), Failure> {
        if self.fault(Fault::REFUSES_PONG) {
            return Err(PROTOCOL);
        }
        if self.fault(Fault::PONG_ECHOED) {
            self.send(Opcode::BINARY, data);
        } else if self.fault(Fault::PONGS_ANSWERED) {
            self.send(Opcode::PONG, data);
        }
        Ok(())
    }
}
