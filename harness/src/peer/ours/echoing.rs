//! What becomes of a message: it comes back as it is.

use crate::wire::Opcode;
use crate::wire::close::CloseBody;

use super::super::Task;
use super::super::faults::Fault;
use super::endpoint::{Endpoint, Phase};

impl Endpoint {
    /// Takes a whole message.
    pub(super) fn deliver(&mut self, opcode: Opcode, octets: Vec<u8>) {
        self.conversation.messages += 1;
        if self.task == Task::Listen {
            self.conversation.first.get_or_insert(octets);
            return;
        }
        let tenth = self.conversation.messages.is_multiple_of(10);
        let dropped = (tenth && self.fault(Fault::DROPS_EVERY_TENTH))
            || (self.conversation.messages.is_multiple_of(1000) && self.fault(Fault::DROPS_EVERY_THOUSANDTH))
            || (octets.len() > 1 << 20 && self.fault(Fault::LONG_MESSAGES_DROPPED))
            || (octets.is_empty() && self.fault(Fault::EMPTY_MESSAGES_DROPPED));
        if !dropped {
            self.echo(opcode, octets);
        }
        self.release_pongs();
        if self.fault(Fault::CLOSES_AFTER_FIRST_MESSAGE) {
            self.send(Opcode::CLOSE, CloseBody::payload(1000, b""));
            self.phase = Phase::Closed;
        }
    }

    fn echo(&mut self, opcode: Opcode, octets: Vec<u8>) {
        let octets = if opcode == Opcode::TEXT { self.text_of(octets) } else { octets };
        let octets = self.octets_of(octets);
        let opcode = match opcode {
            Opcode::TEXT if self.fault(Fault::TEXT_AS_BINARY) => Opcode::BINARY,
            Opcode::BINARY if self.fault(Fault::BINARY_AS_TEXT) => Opcode::TEXT,
            same => same,
        };
        if self.fault(Fault::ECHOES_SWAPPED) {
            self.scratch.held_messages.push((opcode, octets));
            return;
        }
        if self.fault(Fault::ECHOES_ONE_LATE) {
            let held = std::mem::replace(&mut self.scratch.held_messages, vec![(opcode, octets)]);
            for (opcode, octets) in held {
                self.send(opcode, octets);
            }
            return;
        }
        if self.fault(Fault::ECHOES_TWICE) {
            self.send(opcode, octets.clone());
        }
        if octets.len() > 1 << 20 && self.fault(Fault::LONG_MESSAGES_SPLIT) {
            octets.chunks(1 << 20).for_each(|part| self.send(opcode, part.to_vec()));
            return;
        }
        self.send(opcode, octets);
    }

    /// The text that comes back for a text: the same.
    fn text_of(&self, mut octets: Vec<u8>) -> Vec<u8> {
        if self.fault(Fault::UTF8_REPLACED) {
            return String::from_utf8_lossy(&octets).into_owned().into_bytes();
        }
        if self.fault(Fault::TEXT_CUT_AT_NUL)
            && let Some(nul) = octets.iter().position(|octet| *octet == 0)
        {
            octets.truncate(nul);
        }
        if self.fault(Fault::BOM_REMOVED) && octets.starts_with(b"\xef\xbb\xbf") {
            octets.drain(..3);
        }
        if self.fault(Fault::NEWLINES_CONVERTED) {
            return String::from_utf8_lossy(&octets).replace("\r\n", "\n").into_bytes();
        }
        octets
    }

    /// The octets that come back for a message of either kind: the same.
    fn octets_of(&self, mut octets: Vec<u8>) -> Vec<u8> {
        if self.fault(Fault::TRUNCATED_AT_65535) {
            octets.truncate(65535);
        }
        if self.fault(Fault::TRUNCATED_AT_1_MIB) {
            octets.truncate(1 << 20);
        }
        if octets.len() > 1 << 16 && self.fault(Fault::OCTET_AT_64_KIB_LOST) {
            octets.remove(1 << 16);
        }
        if octets.len() > 1 << 24 && self.fault(Fault::OCTET_AT_16_MIB_LOST) {
            octets.remove(1 << 24);
        }
        if self.fault(Fault::TRUNCATED_AT_125) {
            octets.truncate(125);
        }
        if self.fault(Fault::APPENDS_AN_OCTET) {
            octets.push(b' ');
        }
        if self.fault(Fault::LAST_OCTET_LOST) {
            octets.pop();
        }
        let middle = octets.len() / 2;
        if self.fault(Fault::FLIPS_A_BIT_OF_LONG_MESSAGES)
            && middle > 2048
            && let Some(octet) = octets.get_mut(middle)
        {
            *octet ^= 1;
        }
        octets
    }

    /// Sends what a wrong endpoint has held back until the end of a read.
    pub(super) fn end_of_read(&mut self) {
        if self.fault(Fault::ECHOES_SWAPPED) {
            let held = std::mem::take(&mut self.scratch.held_messages);
            for (opcode, octets) in held.into_iter().rev() {
                self.send(opcode, octets);
            }
        }
    }
}
