//! Writing frames: RFC 6455 sections 5.1 to 5.4.

use crate::vocabulary::Role;
use crate::wire::{FrameSpec, LengthForm, Opcode};

use super::super::faults::Fault;
use super::endpoint::Endpoint;

impl Endpoint {
    /// Sends one frame; a faulty endpoint sends it in a different way.
    pub(super) fn send(&mut self, opcode: Opcode, payload: Vec<u8>) {
        if opcode.is_control() {
            let mut spec = FrameSpec::new(opcode, payload);
            self.corrupt_control_frame(&mut spec);
            self.write(spec);
            return;
        }
        if payload.len() > 1024 && self.has(Fault::ECHOES_FRAGMENTS_WITH_OPCODE) {
            let last = payload.len().div_ceil(1024) - 1;
            for (at, part) in payload.chunks(1024).enumerate() {
                self.write(FrameSpec { fin: at == last, ..FrameSpec::new(opcode, part.to_vec()) });
            }
            return;
        }
        if self.has(Fault::ECHO_INTERLEAVED) {
            self.write(FrameSpec { fin: false, ..FrameSpec::new(opcode, payload) });
            self.write(FrameSpec::new(Opcode::BINARY, Vec::new()));
            self.write(FrameSpec::new(Opcode::CONTINUATION, Vec::new()));
            return;
        }
        for spec in self.data_frames(opcode, payload) {
            self.write(spec);
        }
    }

    /// Writes a frame with the mask and the header that the role requires.
    fn write(&mut self, mut spec: FrameSpec) {
        self.corrupt_header(&mut spec);
        self.fault_state.frames_written = self.fault_state.frames_written.wrapping_add(1);
        let control = spec.opcode.is_control();
        let unmasked =
            self.has(Fault::CLIENT_DOES_NOT_MASK) || (control && self.has(Fault::CLIENT_DOES_NOT_MASK_CONTROL));
        let masked = match self.role {
            Role::Server => self.has(Fault::SERVER_MASKS),
            Role::Client => !unmasked,
        };
        if masked {
            spec.mask = Some(self.new_masking_key());
        }
        if masked && self.has(Fault::MASK_BIT_WITHOUT_MASKING) {
            spec.head().write(&mut self.output);
            self.output.extend_from_slice(&spec.payload);
            return;
        }
        spec.write(&mut self.output);
    }

    /// The unpredictable masking key of the next frame: section 5.3.
    fn new_masking_key(&self) -> [u8; 4] {
        if self.has(Fault::MASK_KEY_CONSTANT) {
            return *b"mask";
        }
        if self.has(Fault::MASK_KEY_COUNTS) {
            return self.fault_state.frames_written.to_be_bytes();
        }
        if self.has(Fault::MASK_KEY_HALF_RANDOM) {
            let [a, b]: [u8; 2] = rand::random();
            return [0, a, 0, b];
        }
        rand::random()
    }

    /// Changes a correct frame header into a faulty endpoint's header.
    fn corrupt_header(&self, spec: &mut FrameSpec) {
        let length = spec.payload.len() as u64;
        if self.has(Fault::SENDS_LONG_LENGTH_FORM) {
            spec.form = Some(LengthForm::Bits64);
        }
        if length == 126 && self.has(Fault::SENDS_LENGTH_126_SHORT) {
            spec.form = Some(LengthForm::Bits7);
        }
        if length == 65535 && self.has(Fault::SENDS_LENGTH_65535_LONG) {
            spec.form = Some(LengthForm::Bits64);
        }
        if length > 65535 && self.has(Fault::SENDS_LENGTH_WRAPPED) {
            (spec.form, spec.declared) = (Some(LengthForm::Bits16), Some(length & 0xffff));
        }
        if self.has(Fault::LENGTH_COUNTS_KEY) {
            spec.declared = Some(length + 4);
        }
        match spec.opcode {
            Opcode::PONG if self.has(Fault::PONG_FRAGMENTED) => spec.fin = false,
            Opcode::CLOSE if self.has(Fault::CLOSE_WITHOUT_FIN) => spec.fin = false,
            Opcode::TEXT | Opcode::BINARY if self.has(Fault::ECHOES_WITHOUT_FIN) => {
                spec.fin = false;
            }
            Opcode::TEXT | Opcode::BINARY if self.has(Fault::SENDS_RSV1) => spec.rsv = 4,
            Opcode::BINARY if self.has(Fault::SENDS_RESERVED_OPCODE) => {
                spec.opcode = Opcode::new(3);
            }
            _ => {}
        }
    }
}
