//! The texts of deviations, for reports.

use std::fmt;

use super::decode::DeviationKind;
use super::handshake::HeadDeviationKind;

impl fmt::Display for DeviationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ReservedBits(rsv) => {
                let set: Vec<_> = [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")]
                    .into_iter()
                    .filter_map(|(bit, name)| (rsv & bit != 0).then_some(name))
                    .collect();
                let (bits, pronoun) = if set.len() == 1 { ("bit", "it") } else { ("bits", "them") };
                let set = set.join("+");
                write!(f, "reserved {bits} {set} set without an extension that gives {pronoun} meaning")
            }
            Self::ReservedOpcode(opcode) => write!(f, "opcode {opcode}, which is reserved"),
            Self::Unmasked => f.write_str("an unmasked frame from a client"),
            Self::Masked => f.write_str("a masked frame from a server"),
            Self::LengthNotMinimal => f.write_str("a payload length that is not in its shortest form"),
            Self::LengthTopBit => f.write_str("a 64-bit payload length with its top bit set"),
            Self::ControlTooLong(length) => {
                write!(f, "a control frame that declares {length} bytes, more than 125")
            }
            Self::ControlFragmented => f.write_str("a control frame with FIN clear"),
            Self::ContinuationWithoutStart => f.write_str("a continuation frame without a started message"),
            Self::MessageInsideMessage => f.write_str("a new message that begins before the previous one has ended"),
            Self::CloseBodyOfOneByte => f.write_str("a Close body of one byte, too short for a close code"),
            Self::CloseCode(code) => write!(f, "close code {code}, which may not be sent"),
            Self::CloseReasonNotUtf8 => f.write_str("a close reason that is not valid UTF-8"),
            Self::TextNotUtf8 => f.write_str("text that is not valid UTF-8"),
            Self::FrameAfterClose => f.write_str("a frame after the sender's own Close frame"),
            Self::Deflate(error) => write!(f, "a compressed message that does not inflate: {error}"),
            Self::DeflateTailKept => f.write_str("a compressed message that keeps 00 00 ff ff at its end"),
            Self::DeflateNothing => f.write_str("a compressed message with an empty payload"),
            Self::DeflateWindow { distance, bits } => {
                write!(f, "a distance of {distance} bytes, beyond the agreed window of {bits} bits ({})", 1u32 << bits)
            }
            Self::DeflateTakeover(bytes) => {
                write!(f, "a distance that reaches {bytes} bytes into earlier messages, without context takeover")
            }
        }
    }
}

impl fmt::Display for HeadDeviationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::StartLine => "a first line that is neither a request line nor a status line",
            Self::StartLineSpaces => "not exactly one space between the parts of the first line",
            Self::NoSpaceAfterStatus => "no space after the status code",
            Self::LeadingEmptyLine => "an empty line before the first line",
            Self::BareLf => "a line that ends with LF without CR",
            Self::BareCr => "a CR that does not end a line",
            Self::Nul => "a NUL byte",
            Self::ControlByte(byte) => {
                return write!(f, "control byte 0x{byte:02x} in a value");
            }
            Self::SpaceBeforeFirstField => "whitespace before the first field",
            Self::Folded => "a field value folded over several lines",
            Self::SpaceBeforeColon => "whitespace between a field name and its colon",
            Self::NoColon => "a field line without a colon",
            Self::EmptyName => "an empty field name",
            Self::NameNotToken => "a field name with a byte that is not allowed in a token",
            Self::ObsText => "bytes above 0x7f in a value",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_bits_are_named() {
        assert_eq!(
            DeviationKind::ReservedBits(5).to_string(),
            "reserved bits RSV1+RSV3 set without an extension that gives them meaning"
        );
        assert_eq!(
            DeviationKind::ReservedBits(2).to_string(),
            "reserved bit RSV2 set without an extension that gives it meaning"
        );
    }

    #[test]
    fn numbers_are_included() {
        assert_eq!(
            DeviationKind::ControlTooLong(126).to_string(),
            "a control frame that declares 126 bytes, more than 125"
        );
        assert_eq!(HeadDeviationKind::ControlByte(0x7f).to_string(), "control byte 0x7f in a value");
    }
}
