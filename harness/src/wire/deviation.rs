//! What a sender can do wrong in its frames, and where it shows.

use super::deflate::InflateError;

/// One breach of RFC 6455 by the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Offset of the byte that shows it, counted from the first byte behind the opening handshake.
    ///
    /// FIN, reserved bits, opcode and the frame's place among others are shown by its first byte, the MASK bit by its second, a
    /// length by the first byte of its extended form, a payload by the byte itself. What is missing at the end of a payload
    /// is shown one past that end.
    pub offset: u64,
    /// What is wrong.
    pub kind: DeviationKind,
}

/// What a sender can do wrong within its frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviationKind {
    /// Reserved bits set (0 to 7, 4 is RSV1) without an extension that gives them meaning: section 5.2.
    ReservedBits(u8),
    /// An undefined opcode: section 5.2.
    ReservedOpcode(u8),
    /// A client's frame without a mask: section 5.1.
    Unmasked,
    /// A server's frame with a mask: section 5.1.
    Masked,
    /// A length in a longer form than it needs: section 5.2.
    LengthNotMinimal,
    /// A 64-bit length with its top bit set: section 5.2.
    LengthTopBit,
    /// A control frame that declares more than 125 bytes: section 5.5.
    ControlTooLong(u64),
    /// A control frame with FIN clear: section 5.5.
    ControlFragmented,
    /// A continuation frame with no message begun: section 5.4.
    ContinuationWithoutStart,
    /// A text or binary frame inside an unfinished message: section 5.4.
    MessageInsideMessage,
    /// A Close body of one byte: section 5.5.1.
    CloseBodyOfOneByte,
    /// A close code that may not be on the wire: section 7.4.
    CloseCode(u16),
    /// A close reason that is not UTF-8: section 5.5.1.
    CloseReasonNotUtf8,
    /// Text that is not UTF-8, at the first byte that shows it: sections 5.6 and 8.1.
    TextNotUtf8,
    /// A frame behind the sender's own Close frame: section 5.5.1.
    FrameAfterClose,
    /// A compressed message that does not inflate: RFC 7692 section 7.2.2.
    Deflate(InflateError),
    /// A compressed message whose data still ends in the tail 00 00 ff ff, so that it ends inside a block when the tail is put back: RFC
    /// 7692 section 7.2.1.
    DeflateTailKept,
    /// A compressed message with no byte at all: RFC 7692 section 7.2.3.6.
    DeflateNothing,
    /// A distance beyond the agreed window: RFC 7692 section 7.2.1.
    DeflateWindow {
        /// The distance, in bytes.
        distance: u32,
        /// The agreed window, in bits.
        bits: u8,
    },
    /// A distance that reaches so many bytes into messages before, though the sender agreed to begin each message anew: RFC 7692
    /// section 7.2.1.
    DeflateTakeover(u32),
}
