//! Pings and pongs: RFC 6455 sections 5.5.2 and 5.5.3.

use crate::wire::Opcode;

use super::super::faults::Fault;
use super::endpoint::{Endpoint, Failure, IncomingFrame, PROTOCOL_ERROR};

impl Endpoint {
    /// Handles a complete control frame.
    pub(super) fn handle_control(&mut self, mut frame: IncomingFrame) -> Result<(), Failure> {
        self.apply_control_frame_faults(&mut frame)?;
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
            Opcode::PING => self.handle_ping(frame.payload),
            Opcode::PONG => self.handle_pong(frame.payload)?,
            Opcode::CLOSE => self.handle_close(frame.payload)?,
            // Reserved opcodes are rejected with the frame header, or skipped.
            _ => {}
        }
        Ok(())
    }

    fn handle_ping(&mut self, data: Vec<u8>) {
        if self.has(Fault::PING_ECHOED) {
            self.send(Opcode::BINARY, data.clone());
        }
        self.fault_state.pings += 1;
        let long = self.message.as_ref().is_some_and(|message| message.bytes.len() > 65536);
        if (long && self.has(Fault::PINGS_UNANSWERED_IN_LONG_MESSAGE))
            || (self.fault_state.pings > 100 && self.has(Fault::PONGS_BOUNDED))
        {
            return;
        }
        let unanswered = self.has(Fault::NO_PONG) || (data.is_empty() && self.has(Fault::NO_PONG_TO_EMPTY_PING));
        if unanswered {
            return;
        }
        if self.has(Fault::PONG_AFTER_MESSAGE) {
            self.fault_state.held_pings.push(data);
            return;
        }
        let data = self.pong_data(data);
        let opcode = if self.has(Fault::PONG_IS_PING) { Opcode::PING } else { Opcode::PONG };
        self.send(opcode, data);
    }

    /// The data of the pong that answers a ping with `data`: the same data.
    fn pong_data(&mut self, mut data: Vec<u8>) -> Vec<u8> {
        if self.has(Fault::PONG_EMPTY) {
            data.clear();
        }
        if self.has(Fault::PONG_WRONG)
            && let Some(first) = data.first_mut()
        {
            *first ^= 1;
        }
        if self.has(Fault::PONG_TRUNCATED) {
            data.truncate(124);
        }
        if self.has(Fault::PONG_CUT_AT_NUL)
            && let Some(nul) = data.iter().position(|byte| *byte == 0)
        {
            data.truncate(nul);
        }
        if self.has(Fault::PONG_OF_FIRST_PING) {
            return self.fault_state.first_ping.get_or_insert(data).clone();
        }
        data
    }

    /// Sends the delayed pongs.
    pub(super) fn send_held_pongs(&mut self) {
        for data in std::mem::take(&mut self.fault_state.held_pings) {
            self.send(Opcode::PONG, data);
        }
    }

    /// Handles a pong. This endpoint sends no pings, so every pong is unsolicited, and none is answered.
    fn handle_pong(&mut self, data: Vec<u8>) -> Result<(), Failure> {
        if self.has(Fault::REFUSES_PONG) {
            return Err(PROTOCOL_ERROR);
        }
        if self.has(Fault::PONG_ECHOED) {
            self.send(Opcode::BINARY, data);
        } else if self.has(Fault::PONGS_ANSWERED) {
            self.send(Opcode::PONG, data);
        }
        Ok(())
    }
}
