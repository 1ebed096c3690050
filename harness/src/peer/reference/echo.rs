//! The answer to a message: the message itself.

use crate::wire::Opcode;
use crate::wire::close::CloseBody;

use super::super::Task;
use super::super::faults::Fault;
use super::endpoint::{Endpoint, Phase};

impl Endpoint {
    /// Handles a complete message.
    pub(super) fn handle_message(&mut self, opcode: Opcode, bytes: Vec<u8>) {
        self.conversation.messages += 1;
        if self.task == Task::Listen {
            self.conversation.first.get_or_insert(bytes);
            return;
        }
        let tenth = self.conversation.messages.is_multiple_of(10);
        let dropped = (tenth && self.has(Fault::DROPS_EVERY_TENTH))
            || (self.conversation.messages.is_multiple_of(1000) && self.has(Fault::DROPS_EVERY_THOUSANDTH))
            || (bytes.len() > 1 << 20 && self.has(Fault::LONG_MESSAGES_DROPPED))
            || (bytes.is_empty() && self.has(Fault::EMPTY_MESSAGES_DROPPED));
        if !dropped {
            self.echo(opcode, bytes);
        }
        self.send_held_pongs();
        if self.has(Fault::CLOSES_AFTER_FIRST_MESSAGE) {
            self.send(Opcode::CLOSE, CloseBody::payload(1000, b""));
            self.phase = Phase::Closed;
        }
    }

    fn echo(&mut self, opcode: Opcode, bytes: Vec<u8>) {
        let bytes = if opcode == Opcode::TEXT { self.echo_text(bytes) } else { bytes };
        let mut bytes = self.echo_bytes(bytes);
        if self.has(Fault::STALE_END_BEHIND_LONG_MESSAGE) {
            let previous = std::mem::replace(&mut self.fault_state.previous_message, bytes.clone());
            let stale = previous.get(bytes.len()..).filter(|_| previous.len() > 1 << 16);
            bytes.extend_from_slice(stale.unwrap_or_default());
        }
        let opcode = match opcode {
            Opcode::TEXT if self.has(Fault::TEXT_AS_BINARY) => Opcode::BINARY,
            Opcode::BINARY if self.has(Fault::BINARY_AS_TEXT) => Opcode::TEXT,
            same => same,
        };
        if self.has(Fault::ECHOES_SWAPPED) {
            self.fault_state.held_messages.push((opcode, bytes));
            return;
        }
        if self.has(Fault::ECHOES_ONE_LATE) {
            let held = std::mem::replace(&mut self.fault_state.held_messages, vec![(opcode, bytes)]);
            for (opcode, bytes) in held {
                self.send(opcode, bytes);
            }
            return;
        }
        if self.has(Fault::ECHOES_TWICE) {
            self.send(opcode, bytes.clone());
        }
        if bytes.len() > 1 << 20 && self.has(Fault::LONG_MESSAGES_SPLIT) {
            bytes.chunks(1 << 20).for_each(|part| self.send(opcode, part.to_vec()));
            return;
        }
        self.send(opcode, bytes);
    }

    /// The text of the answer to a text message: the same text.
    fn echo_text(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if self.has(Fault::UTF8_REPLACED) {
            return String::from_utf8_lossy(&bytes).into_owned().into_bytes();
        }
        if self.has(Fault::TEXT_CUT_AT_NUL)
            && let Some(nul) = bytes.iter().position(|byte| *byte == 0)
        {
            bytes.truncate(nul);
        }
        if self.has(Fault::BOM_REMOVED) && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        if self.has(Fault::NEWLINES_CONVERTED) {
            return String::from_utf8_lossy(&bytes).replace("\r\n", "\n").into_bytes();
        }
        bytes
    }

    /// The bytes of the answer to a message of either type: the same bytes.
    fn echo_bytes(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if self.has(Fault::TRUNCATED_AT_65535) {
            bytes.truncate(65535);
        }
        if self.has(Fault::TRUNCATED_AT_1_MIB) {
            bytes.truncate(1 << 20);
        }
        if bytes.len() > 1 << 16 && self.has(Fault::BYTE_AT_64_KIB_LOST) {
            bytes.remove(1 << 16);
        }
        if bytes.len() > 1 << 24 && self.has(Fault::BYTE_AT_16_MIB_LOST) {
            bytes.remove(1 << 24);
        }
        if self.has(Fault::TRUNCATED_AT_125) {
            bytes.truncate(125);
        }
        if self.has(Fault::APPENDS_A_BYTE) {
            bytes.push(b' ');
        }
        if self.has(Fault::LAST_BYTE_LOST) {
            bytes.pop();
        }
        let middle = bytes.len() / 2;
        if self.has(Fault::FLIPS_A_BIT_OF_LONG_MESSAGES)
            && middle > 2048
            && let Some(byte) = bytes.get_mut(middle)
        {
            *byte ^= 1;
        }
        bytes
    }

    /// Sends the messages that a faulty endpoint has held back until the end of a read.
    pub(super) fn finish_read(&mut self) {
        if self.has(Fault::ECHOES_SWAPPED) {
            let held = std::mem::take(&mut self.fault_state.held_messages);
            for (opcode, bytes) in held.into_iter().rev() {
                self.send(opcode, bytes);
            }
        }
    }
}
