//! Writing frames, right by default and wrong in any way that is asked for.

use bytes::Bytes;

use super::frame::{FrameHead, LengthForm, Opcode};
use super::mask;

/// One frame to be written. Every field may break the RFC.
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
    /// The form of the length; `None` takes the shortest that holds the declared length.
    pub form: Option<LengthForm>,
    /// The declared length; `None` declares the payload's true one.
    pub declared: Option<u64>,
    /// The payload before masking.
    pub payload: Bytes,
}

impl FrameSpec {
    /// A right, final, unmasked frame.
    pub fn new(opcode: Opcode, payload: impl Into<Bytes>) -> Self {
        Self { fin: true, rsv: 0, opcode, mask: None, form: None, declared: None, payload: payload.into() }
    }

    /// The same frame masked with `key`.
    pub fn masked(self, key: [u8; 4]) -> Self {
        Self { mask: Some(key), ..self }
    }

    /// The head that is written before the payload.
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

    /// Appends head and payload, masked where a key is set, to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(FrameHead::MAX_OCTETS + self.payload.len());
        self.head().write(out);
        let start = out.len();
        out.extend_from_slice(&self.payload);
        if let Some(key) = self.mask {
            mask::apply(&mut out[start..], key, 0);
        }
    }
}
