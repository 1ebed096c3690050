//! What the inflater reports of DEFLATE data: why it is invalid, and the choices of its author.

/// Why data is not valid DEFLATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// A block of type 3.
    #[error("a block has the reserved type 3")]
    BlockType,
    /// The length of a stored block and its complement do not match.
    #[error("a stored block's length does not match its complement")]
    StoredLength,
    /// The code lengths of a dynamic block do not form a code.
    #[error("the code lengths of a dynamic block do not form a Huffman code")]
    Code,
    /// Bits that do not form a symbol, or a symbol without a meaning.
    #[error("the data contains bits that do not form a valid symbol")]
    Symbol,
    /// A distance beyond the beginning of the data.
    #[error("a distance reaches beyond the beginning of the data")]
    Distance,
    /// The message ends inside a block, even with the tail appended.
    #[error("the data ends inside a block")]
    Unfinished,
}

/// The account of a message's data, from its first byte on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    /// Stored blocks; empty ones, which end each message, are not counted.
    pub stored: u32,
    /// Blocks with the fixed code.
    pub fixed: u32,
    /// Blocks with a dynamic code.
    pub dynamic: u32,
    /// Blocks marked as final.
    pub finals: u32,
    /// The largest distance, in bytes.
    pub largest_distance: u32,
    /// How far a distance reached beyond the beginning of the message, in bytes.
    pub before_message: u32,
    /// Bytes of compressed data, without the tail.
    pub input: u64,
    /// Bytes of inflated data.
    pub output: u64,
}
