//! Reads DEFLATE data (RFC 1951) as permessage-deflate uses it (RFC 7692 section 7.2.2), with an account of the choices
//! of its author: libraries do not report the largest distance, the kinds of blocks or the final bits.

use super::account::{Blocks, InflateError};
use super::bits::Bits;
use super::huffman::{Code, Symbol};
use super::tables::{DISTANCES, LENGTHS};

/// The largest possible distance: 32,768 bytes.
const HISTORY: usize = 1 << 15;
/// Output is passed on in pieces of about this size.
const PIECE: usize = 1 << 16;
/// The order in which a dynamic block lists the lengths of the code for code lengths (section 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// The bytes that a sender removes from the end of each message, and that a receiver appends again.
pub const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

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
    bits: Bits,
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
            bits: Bits::default(),
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
        if self.state != State::Header || self.bits.count != 0 {
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
            self.bits.refill(&mut input);
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

    /// Reads all parts other than the content of a block: RFC 1951 sections 3.2.3 and 3.2.7.
    fn read_block_header(&mut self) -> Result<Step, InflateError> {
        match self.state {
            State::Header => {
                let Some(header) = self.bits.take(3) else { return Ok(Step::More) };
                self.final_block = header & 1 == 1;
                self.blocks.finals += header & 1;
                self.state = match header >> 1 {
                    0 => {
                        self.bits.take(self.bits.count % 8);
                        State::StoredLength
                    }
                    1 => {
                        self.blocks.fixed += 1;
                        State::Symbols { fixed: true }
                    }
                    2 => {
                        self.blocks.dynamic += 1;
                        State::Counts
                    }
                    _ => return Err(InflateError::BlockType),
                };
            }
            State::StoredLength => {
                let Some(both) = self.bits.take(32) else { return Ok(Step::More) };
                let (length, complement) = (both & 0xffff, both >> 16);
                if length != !complement & 0xffff {
                    return Err(InflateError::StoredLength);
                }
                self.state = State::Stored(length as usize);
                if length == 0 {
                    self.end_block();
                } else {
                    self.blocks.stored += 1;
                }
            }
            State::Counts => {
                let Some(counts) = self.bits.take(14) else { return Ok(Step::More) };
                let literals = (counts & 31) as usize + 257;
                let distances = (counts >> 5 & 31) as usize + 1;
                if literals > 286 || distances > 30 {
                    return Err(InflateError::Code);
                }
                self.code_lengths = [0; 19];
                self.state = State::CodeLengths { literals, distances, given: (counts >> 10) as usize + 4, at: 0 };
            }
            State::CodeLengths { literals, distances, given, at } => {
                let Some(length) = self.bits.take(3) else { return Ok(Step::More) };
                if let Some(slot) = ORDER.get(at).and_then(|&symbol| self.code_lengths.get_mut(symbol)) {
                    *slot = length as u8;
                }
                self.state = if at + 1 < given {
                    State::CodeLengths { literals, distances, given, at: at + 1 }
                } else {
                    self.length_code = Some(Code::complete(&self.code_lengths).ok_or(InflateError::Code)?);
                    self.lengths.clear();
                    State::Lengths { literals, distances }
                };
            }
            State::Lengths { literals, distances } => return self.read_lengths(literals, distances),
            State::Stored(_) | State::Symbols { .. } => {}
        }
        Ok(Step::Continue)
    }

    /// One of a dynamic block's code lengths, or a run of them.
    fn read_lengths(&mut self, literals: usize, distances: usize) -> Result<Step, InflateError> {
        let total = literals + distances;
        if self.lengths.len() < total {
            let code = self.length_code.as_ref().ok_or(InflateError::Code)?;
            let (symbol, bits) = match code.read(self.bits.value, self.bits.count) {
                Symbol::Found(symbol, bits) => (symbol, bits),
                Symbol::More => return Ok(Step::More),
                Symbol::None => return Err(InflateError::Code),
            };
            let (extra, base) = match symbol {
                16 => (2, 3),
                17 => (3, 3),
                18 => (7, 11),
                _ => (0, 1),
            };
            if self.bits.count < bits + extra {
                return Ok(Step::More);
            }
            self.bits.take(bits);
            let times = base + self.bits.take(extra).unwrap_or_default() as usize;
            let value = match symbol {
                16 => *self.lengths.last().ok_or(InflateError::Code)?,
                17 | 18 => 0,
                plain => plain as u8,
            };
            self.lengths.resize(self.lengths.len() + times, value);
            if self.lengths.len() > total {
                return Err(InflateError::Code);
            }
            return Ok(Step::Continue);
        }
        let (of_literals, of_distances) = self.lengths.split_at(literals.min(self.lengths.len()));
        // Without an end-of-block symbol the data could not end.
        if of_literals.get(256).copied().unwrap_or_default() == 0 {
            return Err(InflateError::Code);
        }
        self.literals = Some(Code::new(of_literals).ok_or(InflateError::Code)?);
        self.distances = Some(Code::new(of_distances).ok_or(InflateError::Code)?);
        self.state = State::Symbols { fixed: false };
        Ok(Step::Continue)
    }

    /// Bytes of a stored block.
    fn stored(&mut self, mut left: usize, input: &mut &[u8]) -> Step {
        while left > 0
            && let Some(byte) = self.bits.take(8)
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
            if self.bits.count < 48 {
                self.bits.refill(input);
            }
            let (symbol, mut used) = match literals.read(self.bits.value, self.bits.count) {
                Symbol::Found(symbol, bits) => (symbol, bits),
                Symbol::More => return Ok(Step::More),
                Symbol::None => return Err(InflateError::Symbol),
            };
            if symbol < 256 {
                self.buffer.push(symbol as u8);
                self.bits.skip(used);
                continue;
            }
            if symbol == 256 {
                self.bits.skip(used);
                self.end_block();
                return Ok(Step::Continue);
            }
            let &(base, extra) = LENGTHS.get(usize::from(symbol) - 257).ok_or(InflateError::Symbol)?;
            if self.bits.count < used + extra {
                return Ok(Step::More);
            }
            let length = usize::from(base) + (self.bits.value >> used & ((1 << extra) - 1)) as usize;
            used += extra;
            let (symbol, bits) = match distances.read(self.bits.value >> used, self.bits.count - used) {
                Symbol::Found(symbol, bits) => (symbol, bits),
                Symbol::More => return Ok(Step::More),
                Symbol::None => return Err(InflateError::Symbol),
            };
            used += bits;
            let &(base, extra) = DISTANCES.get(usize::from(symbol)).ok_or(InflateError::Symbol)?;
            if self.bits.count < used + extra {
                return Ok(Step::More);
            }
            let distance = usize::from(base) + (self.bits.value >> used & ((1 << extra) - 1)) as usize;
            used += extra;
            self.bits.skip(used);
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
            self.bits.take(self.bits.count % 8);
        }
    }
}

#[cfg(test)]
#[path = "inflate_tests.rs"]
mod tests;
