//! Writes frames that are valid by default and invalid in any requested way.

use bytes::Bytes;

use super::frame::{FrameHead, LengthForm, Opcode};
use super::mask;

/// One frame to be written. Every field may violate the RFC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameSpec {
    /// The FIN bit.
    pub fin: bool,
    /// The reserved bits, 0 to 7: 4 is RSV1, 2 is RSV2, 1 is RSV3.
    pub rsv: u8,
    /// The opcode, 0 to 15.
    pub opcode: Opcode,
    /// The masking key; `None` writes an unmasked frame.
    pub mask: Option<[u8; 4]>,
    /// The form of the length; `None` uses the shortest one that holds the declared length.
    pub form: Option<LengthForm>,
    /// The declared length; `None` declares the actual length of the payload.
    pub declared: Option<u64>,
    /// The payload before masking.
    pub payload: Bytes,
}

impl FrameSpec {
    /// A valid, final, unmasked frame.
    pub fn new(opcode: Opcode, payload: impl Into<Bytes>) -> Self {
        Self { fin: true, rsv: 0, opcode, mask: None, form: None, declared: None, payload: payload.into() }
    }

    /// The same frame masked with `key`.
    pub fn masked(self, key: [u8; 4]) -> Self {
        Self { mask: Some(key), ..self }
    }

    /// The header that is written before the payload.
    pub fn head(&self) -> FrameHead {
        let length = self.declared.unwrap_or(self.payload.len() as u64);
        FrameHead {
            fin: self.fin,
            rsv: self.rsv,
            opcode: self.opcode,
            mask: self.mask,
            form: self.form.unwrap_or(LengthForm::shortest(length)),
            length,
        }
    }

    /// Appends the header and the payload to `out`, masked if a key is set.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(FrameHead::MAX_BYTES + self.payload.len());
        self.head().write(out);
        let start = out.len();
        out.extend_from_slice(&self.payload);
        if let Some(key) = self.mask {
            mask::apply(&mut out[start..], key, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_frames_of_section_5_7() {
        let mut bytes = Vec::new();
        FrameSpec::new(Opcode::TEXT, "Hello").write(&mut bytes);
        assert_eq!(bytes, b"\x81\x05Hello");
        bytes.clear();
        FrameSpec::new(Opcode::TEXT, "Hello").masked([0x37, 0xfa, 0x21, 0x3d]).write(&mut bytes);
        assert_eq!(bytes, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    }

    #[test]
    fn invalid_frames_can_be_written() {
        let mut bytes = Vec::new();
        let valid = FrameSpec::new(Opcode::new(15), "ab");
        FrameSpec { fin: false, rsv: 7, declared: Some(300), ..valid.clone() }.write(&mut bytes);
        assert_eq!(bytes, b"\x7f\x7e\x01\x2cab");
        bytes.clear();
        FrameSpec { form: Some(LengthForm::Bits16), ..valid }.write(&mut bytes);
        assert_eq!(bytes, b"\x8f\x7e\x00\x02ab");
    }
}
