//! The ways in which a sender can violate the RFC in its frames, with their positions.

use super::deflate::InflateError;

/// One violation of RFC 6455 by the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Offset of the byte that shows it, counted from the first byte after the opening handshake.
    ///
    /// FIN, reserved bits, the opcode and the frame's position among others are shown by its first byte, the MASK bit
    /// by its second, a length by the first byte of its extended form, and a payload by the byte itself. Something that
    /// is missing at the end of a payload is shown one byte after that end.
    pub offset: u64,
    /// The violation.
    pub kind: DeviationKind,
}

/// The kinds of violations in a sender's frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviationKind {
    /// Reserved bits set (0 to 7, 4 is RSV1) without an extension that gives them meaning: section 5.2.
    ReservedBits(u8),
    /// An undefined opcode: section 5.2.
    ReservedOpcode(u8),
    /// An unmasked frame from a client: section 5.1.
    Unmasked,
    /// A masked frame from a server: section 5.1.
    Masked,
    /// A length that is not in its shortest form: section 5.2.
    LengthNotMinimal,
    /// A 64-bit length with its top bit set: section 5.2.
    LengthTopBit,
    /// A control frame that declares more than 125 bytes: section 5.5.
    ControlTooLong(u64),
    /// A control frame with FIN clear: section 5.5.
    ControlFragmented,
    /// A continuation frame without a started message: section 5.4.
    ContinuationWithoutStart,
    /// A text or binary frame inside an unfinished message: section 5.4.
    MessageInsideMessage,
    /// A Close body of one byte: section 5.5.1.
    CloseBodyOfOneByte,
    /// A close code that may not be sent: section 7.4.
    CloseCode(u16),
    /// A close reason that is not valid UTF-8: section 5.5.1.
    CloseReasonNotUtf8,
    /// Text that is not valid UTF-8, at the first byte that shows it: sections 5.6 and 8.1.
    TextNotUtf8,
    /// A frame after the sender's own Close frame: section 5.5.1.
    FrameAfterClose,
    /// A compressed message that does not inflate: RFC 7692 section 7.2.2.
    Deflate(InflateError),
    /// A compressed message whose data still ends in the tail 00 00 ff ff, so that it ends inside a block when the tail
    /// is appended again: RFC 7692 section 7.2.1.
    DeflateTailKept,
    /// A compressed message with an empty payload: RFC 7692 section 7.2.3.6.
    DeflateNothing,
    /// A distance beyond the agreed window: RFC 7692 section 7.2.1.
    DeflateWindow {
        /// The distance, in bytes.
        distance: u32,
        /// The agreed window, in bits.
        bits: u8,
    },
    /// A distance that reaches this many bytes into earlier messages, although the sender agreed to start each message
    /// with an empty window: RFC 7692 section 7.2.1.
    DeflateTakeover(u32),
}
