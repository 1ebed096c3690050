//! Reads DEFLATE data (RFC 1951) as permessage-deflate uses it (RFC 7692 section 7.2.2), with an account of the choices
//! of its author: libraries do not report the largest distance, the kinds of blocks or the final bits.

use super::huffman::{Code, Symbol};
use super::tables::{DISTANCES, LENGTHS};

/// The largest possible distance: 32,768 bytes.
const HISTORY: usize = 1 << 15;
/// Output is passed on in pieces of about this size.
const PIECE: usize = 1 << 16;
/// The bytes that a sender removes from the end of each message, and that a receiver appends again.
pub const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

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

/// The state of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    StoredLength,
    Stored(usize),
    Counts,
    CodeLengths { literals: usize, distances: usize, given: usize, at: usize },
    Lengths { literals: usize, distances: usize },
    Symbols { fixed: bool },
}

/// An incremental inflater. Any split of the same bytes gives the same output and the same account.
#[derive(Debug)]
pub struct Inflater {
    state: State,
    /// Whether the block in progress is the last one of its stream.
    final_block: bool,
    bits: u64,
    count: u32,
    code_lengths: [u8; 19],
    lengths: Vec<u8>,
    length_code: Option<Code>,
    literals: Option<Code>,
    distances: Option<Code>,
    fixed: Option<(Code, Code)>,
    /// The history, followed (from `unflushed` on) by the output that was not yet passed on.
    buffer: Vec<u8>,
    unflushed: usize,
    blocks: Blocks,
    failed: Option<InflateError>,
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

/// One step of the reader.
enum Step {
    /// Continue.
    Continue,
    /// More input is needed.
    More,
}

impl Inflater {
    /// An inflater with no history.
    pub fn new() -> Self {
        Self {
            state: State::Header,
            final_block: false,
            bits: 0,
            count: 0,
            code_lengths: [0; 19],
            lengths: Vec::new(),
            length_code: None,
            literals: None,
            distances: None,
            fixed: Code::fixed_literals().zip(Code::fixed_distances()),
            buffer: Vec::new(),
            unflushed: 0,
            blocks: Blocks::default(),
            failed: None,
        }
    }

    /// The account of the current message so far.
    pub fn blocks(&self) -> Blocks {
        self.blocks
    }

    /// Begins a message with a new account. The history stays even if the sender agreed not to use it, so that a
    /// distance into it is reported in [`Blocks::before_message`] and the data can still be read.
    pub fn begin_message(&mut self) {
        self.blocks = Blocks::default();
    }

    /// Inflates the next bytes of a message and passes the output to `sink` in pieces of at most about 64
    /// KiB.
    ///
    /// # Errors
    /// Why the data cannot be read. Each further call returns the same failure.
    pub fn push(&mut self, input: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<(), InflateError> {
        self.blocks.input += input.len() as u64;
        let result = self.feed(input, sink);
        self.flush_output(sink);
        result
    }

    /// Ends a message: the tail is appended, and the data must end with it.
    ///
    /// # Errors
    /// As for [`Inflater::push`], and [`InflateError::Unfinished`].
    pub fn end_message(&mut self, sink: &mut dyn FnMut(&[u8])) -> Result<(), InflateError> {
        let result = self.feed(&TAIL, sink);
        self.flush_output(sink);
        result?;
        if self.state != State::Header || self.count != 0 {
            self.failed = Some(InflateError::Unfinished);
            return Err(InflateError::Unfinished);
        }
        Ok(())
    }

    fn feed(&mut self, mut input: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<(), InflateError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        loop {
            self.refill(&mut input);
            let step = match self.state {
                State::Stored(left) => Ok(self.stored(left, &mut input)),
                State::Symbols { fixed } => self.symbols(fixed, &mut input),
                _ => self.read_block_header(),
            };
            if self.buffer.len() >= HISTORY + PIECE {
                self.flush_output(sink);
            }
            match step {
                Ok(Step::Continue) => {}
                Ok(Step::More) if input.is_empty() => return Ok(()),
                Ok(Step::More) => {}
                Err(error) => {
                    self.failed = Some(error);
                    return Err(error);
                }
            }
        }
    }

    /// Passes the new output to the sink, and keeps the history.
    fn flush_output(&mut self, sink: &mut dyn FnMut(&[u8])) {
        if let Some(unflushed) = self.buffer.get(self.unflushed..).filter(|unflushed| !unflushed.is_empty()) {
            self.blocks.output += unflushed.len() as u64;
            sink(unflushed);
        }
        if self.buffer.len() > HISTORY {
            self.buffer.drain(..self.buffer.len() - HISTORY);
        }
        self.unflushed = self.buffer.len();
    }

    /// Fills the bit buffer to more than 56 bits if there is enough input.
    #[inline]
    fn refill(&mut self, input: &mut &[u8]) {
        if let Some((word, _)) = input.split_first_chunk::<8>() {
            self.bits |= u64::from_le_bytes(*word) << self.count;
            let taken = (63 - self.count) / 8;
            *input = input.get(taken as usize..).unwrap_or_default();
            self.count += taken * 8;
            // Bits above the count belong to bytes that are read again.
            self.bits &= u64::MAX >> (64 - self.count);
            return;
        }
        while self.count <= 56
            && let Some((&byte, rest)) = input.split_first()
        {
            self.bits |= u64::from(byte) << self.count;
            self.count += 8;
            *input = rest;
        }
    }

    /// Takes bits if enough have arrived.
    fn take(&mut self, count: u32) -> Option<u32> {
        if self.count < count {
            return None;
        }
        let value = (self.bits & ((1 << count) - 1)) as u32;
        self.bits >>= count;
        self.count -= count;
        Some(value)
    }

    /// Bytes of a stored block.
    fn stored(&mut self, mut left: usize, input: &mut &[u8]) -> Step {
        while left > 0
            && let Some(byte) = self.take(8)
        {
            self.buffer.push(byte as u8);
            left -= 1;
        }
        let count = left.min(input.len()).min(PIECE);
        let (piece, rest) = input.split_at(count);
        self.buffer.extend_from_slice(piece);
        *input = rest;
        left -= count;
        self.state = State::Stored(left);
        if left == 0 {
            self.end_block();
            return Step::Continue;
        }
        if input.is_empty() { Step::More } else { Step::Continue }
    }

    /// Reads symbols until the end of the block, of the input, or of a piece of output.
    fn symbols(&mut self, fixed: bool, input: &mut &[u8]) -> Result<Step, InflateError> {
        // The codes are moved out so that the rest of the reader can be borrowed.
        let (literals, distances) = match fixed {
            true => self.fixed.take(),
            false => self.literals.take().zip(self.distances.take()),
        }
        .ok_or(InflateError::Code)?;
        let result = self.read_symbols(&literals, &distances, input);
        if fixed {
            self.fixed = Some((literals, distances));
        } else {
            (self.literals, self.distances) = (Some(literals), Some(distances));
        }
        result
    }

    fn read_symbols(&mut self, literals: &Code, distances: &Code, input: &mut &[u8]) -> Result<Step, InflateError> {
        while self.buffer.len() < HISTORY + PIECE {
            if self.count < 48 {
                self.refill(input);
            }
            let (symbol, mut used) = match literals.read(self.bits, self.count) {
                Symbol::Found(symbol, bits) => (symbol, bits),
                Symbol::More => return Ok(Step::More),
                Symbol::None => return Err(InflateError::Symbol),
            };
            if symbol < 256 {
                self.buffer.push(symbol as u8);
                self.bits >>= used;
                self.count -= used;
                continue;
            }
            if symbol == 256 {
                self.bits >>= used;
                self.count -= used;
                self.end_block();
                return Ok(Step::Continue);
            }
            let &(base, extra) = LENGTHS.get(usize::from(symbol) - 257).ok_or(InflateError::Symbol)?;
            if self.count < used + extra {
                return Ok(Step::More);
            }
            let length = usize::from(base) + (self.bits >> used & ((1 << extra) - 1)) as usize;
            used += extra;
            let (symbol, bits) = match distances.read(self.bits >> used, self.count - used) {
                Symbol::Found(symbol, bits) => (symbol, bits),
                Symbol::More => return Ok(Step::More),
                Symbol::None => return Err(InflateError::Symbol),
            };
            used += bits;
            let &(base, extra) = DISTANCES.get(usize::from(symbol)).ok_or(InflateError::Symbol)?;
            if self.count < used + extra {
                return Ok(Step::More);
            }
            let distance = usize::from(base) + (self.bits >> used & ((1 << extra) - 1)) as usize;
            used += extra;
            self.bits >>= used;
            self.count -= used;
            self.copy(length, distance)?;
        }
        Ok(Step::Continue)
    }

    /// Repeats the bytes that are `distance` bytes back.
    #[inline]
    fn copy(&mut self, length: usize, distance: usize) -> Result<(), InflateError> {
        let start = self.buffer.len().checked_sub(distance).ok_or(InflateError::Distance)?;
        self.blocks.largest_distance = self.blocks.largest_distance.max(distance as u32);
        let message_output = self.blocks.output + (self.buffer.len() - self.unflushed) as u64;
        if distance as u64 > message_output {
            let before = (distance as u64 - message_output) as u32;
            self.blocks.before_message = self.blocks.before_message.max(before);
        }
        if distance >= length {
            self.buffer.extend_from_within(start..start + length);
        } else if distance == 1 {
            let byte = self.buffer.last().copied().unwrap_or_default();
            self.buffer.resize(self.buffer.len() + length, byte);
        } else {
            let mut left = length;
            while left > 0 {
                let count = left.min(self.buffer.len() - start);
                self.buffer.extend_from_within(start..start + count);
                left -= count;
            }
        }
        Ok(())
    }

    /// After a block comes the next one; after a final block, another stream starts at the next byte boundary (section
    /// 7.2.3.4).
    fn end_block(&mut self) {
        self.state = State::Header;
        if self.final_block {
            self.take(self.count % 8);
        }
    }
}

#[path = "block_headers.rs"]
mod block_headers;

#[cfg(test)]
#[path = "inflate_tests.rs"]
mod tests;
