//! The frame header: RFC 6455 section 5.2.

use std::fmt;

/// A frame's four-bit opcode, including reserved values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Opcode(u8);

impl Opcode {
    /// A fragment that continues the message in progress.
    pub const CONTINUATION: Self = Self(0);
    /// A text message or its first fragment.
    pub const TEXT: Self = Self(1);
    /// A binary message or its first fragment.
    pub const BINARY: Self = Self(2);
    /// A Close frame.
    pub const CLOSE: Self = Self(8);
    /// A Ping frame.
    pub const PING: Self = Self(9);
    /// A Pong frame.
    pub const PONG: Self = Self(10);

    /// The opcode in the four low bits of `value`.
    pub const fn new(value: u8) -> Self {
        Self(value & 0x0f)
    }

    /// The opcode as a number from 0 to 15.
    pub const fn value(self) -> u8 {
        self.0
    }

    /// Whether this is a control opcode, 8 to 15, including reserved ones (section 5.5).
    pub const fn is_control(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// Whether RFC 6455 leaves this opcode undefined: 3 to 7 and 11 to 15.
    pub const fn is_reserved(self) -> bool {
        matches!(self.0, 3..=7 | 11..=15)
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("continuation"),
            1 => f.write_str("text"),
            2 => f.write_str("binary"),
            8 => f.write_str("close"),
            9 => f.write_str("ping"),
            10 => f.write_str("pong"),
            other => write!(f, "opcode {other}"),
        }
    }
}

impl fmt::Debug for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Which of the three forms of section 5.2 holds the payload length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LengthForm {
    /// In the seven bits of the second byte: 0 to 125.
    Bits7,
    /// In two bytes after the value 126.
    Bits16,
    /// In eight bytes after the value 127.
    Bits64,
}

impl LengthForm {
    /// The shortest form that can hold `length`, which a sender must use.
    pub const fn shortest(length: u64) -> Self {
        match length {
            0..=125 => Self::Bits7,
            126..=0xffff => Self::Bits16,
            _ => Self::Bits64,
        }
    }

    /// How many bytes this form adds to the first two.
    pub const fn extra_bytes(self) -> usize {
        match self {
            Self::Bits7 => 0,
            Self::Bits16 => 2,
            Self::Bits64 => 8,
        }
    }
}

/// Everything before a frame's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// The FIN bit: the last fragment of a message, or its only one.
    pub fin: bool,
    /// The three reserved bits as a number from 0 to 7: 4 is RSV1, 2 is RSV2, 1 is RSV3.
    pub rsv: u8,
    /// The opcode.
    pub opcode: Opcode,
    /// The masking key, which is present exactly when the MASK bit is set.
    pub mask: Option<[u8; 4]>,
    /// The form that holds the length.
    pub form: LengthForm,
    /// The declared payload length in bytes. A form that is too short for it keeps its low bits.
    pub length: u64,
}

impl FrameHead {
    /// The longest header: two bytes, eight for the length, four for the masking key.
    pub const MAX_BYTES: usize = 14;

    /// The size of this header on the wire, 2 to 14 bytes.
    pub const fn bytes(&self) -> usize {
        2 + self.form.extra_bytes() + if self.mask.is_some() { 4 } else { 0 }
    }

    /// Appends the bytes of the header to `out` exactly as specified, valid or invalid.
    pub fn write(&self, out: &mut Vec<u8>) {
        let fin = if self.fin { 0x80 } else { 0 };
        out.push(fin | (self.rsv & 7) << 4 | self.opcode.value());
        let mask = if self.mask.is_some() { 0x80 } else { 0 };
        match self.form {
            LengthForm::Bits7 => out.push(mask | (self.length & 0x7f) as u8),
            LengthForm::Bits16 => {
                out.push(mask | 126);
                out.extend_from_slice(&(self.length as u16).to_be_bytes());
            }
            LengthForm::Bits64 => {
                out.push(mask | 127);
                out.extend_from_slice(&self.length.to_be_bytes());
            }
        }
        if let Some(key) = self.mask {
            out.extend_from_slice(&key);
        }
    }

    /// Reads a header from the start of `bytes`: returns the header and its size, or `None` if more bytes are needed.
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let (&first, &second) = (bytes.first()?, bytes.get(1)?);
        let (form, length, mut at) = match second & 0x7f {
            126 => (LengthForm::Bits16, u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?).into(), 4),
            127 => (LengthForm::Bits64, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10),
            length => (LengthForm::Bits7, length.into(), 2),
        };
        let mask = if second & 0x80 != 0 {
            let key: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
            at += 4;
            Some(key)
        } else {
            None
        };
        let head = Self { fin: first & 0x80 != 0, rsv: first >> 4 & 7, opcode: Opcode::new(first), mask, form, length };
        Some((head, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_each_form_are_read_back() {
        for (form, length) in [
            (LengthForm::Bits7, 125),
            (LengthForm::Bits16, 126),
            (LengthForm::Bits16, 3),
            (LengthForm::Bits64, 65536),
            (LengthForm::Bits64, u64::MAX),
        ] {
            for mask in [None, Some([1, 2, 3, 4])] {
                let opcode = Opcode::new(11);
                let head = FrameHead { fin: false, rsv: 5, opcode, mask, form, length };
                let mut bytes = Vec::new();
                head.write(&mut bytes);
                assert_eq!(bytes.len(), head.bytes());
                for short in 0..bytes.len() {
                    assert_eq!(FrameHead::read(&bytes[..short]), None);
                }
                bytes.push(0xff);
                assert_eq!(FrameHead::read(&bytes), Some((head, bytes.len() - 1)));
            }
        }
    }

    #[test]
    fn shortest_form_by_length() {
        assert_eq!(LengthForm::shortest(125), LengthForm::Bits7);
        assert_eq!(LengthForm::shortest(126), LengthForm::Bits16);
        assert_eq!(LengthForm::shortest(65535), LengthForm::Bits16);
        assert_eq!(LengthForm::shortest(65536), LengthForm::Bits64);
    }

    #[test]
    fn opcodes_are_named() {
        assert_eq!(Opcode::new(0x89), Opcode::PING);
        assert_eq!(Opcode::PING.to_string(), "ping");
        assert_eq!(Opcode::new(12).to_string(), "opcode 12");
        assert!(Opcode::new(12).is_control() && Opcode::new(12).is_reserved());
        assert!(!Opcode::new(7).is_control() && Opcode::new(7).is_reserved());
    }
}
