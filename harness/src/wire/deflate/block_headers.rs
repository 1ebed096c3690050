//! All parts of DEFLATE data other than the content of a block: RFC 1951 sections 3.2.3 and 3.2.7.

use super::super::huffman::{Code, Symbol};
use super::{InflateError, Inflater, State, Step};

/// The order in which a dynamic block lists the lengths of the code for code lengths (section 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

impl Inflater {
    /// Reads all parts other than the content of a block.
    pub(super) fn read_block_header(&mut self) -> Result<Step, InflateError> {
        match self.state {
            State::Header => {
                let Some(header) = self.take(3) else { return Ok(Step::More) };
                self.final_block = header & 1 == 1;
                self.blocks.finals += header & 1;
                self.state = match header >> 1 {
                    0 => {
                        self.take(self.count % 8);
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
                let Some(both) = self.take(32) else { return Ok(Step::More) };
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
                let Some(counts) = self.take(14) else { return Ok(Step::More) };
                let literals = (counts & 31) as usize + 257;
                let distances = (counts >> 5 & 31) as usize + 1;
                if literals > 286 || distances > 30 {
                    return Err(InflateError::Code);
                }
                self.code_lengths = [0; 19];
                self.state = State::CodeLengths { literals, distances, given: (counts >> 10) as usize + 4, at: 0 };
            }
            State::CodeLengths { literals, distances, given, at } => {
                let Some(length) = self.take(3) else { return Ok(Step::More) };
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
            let (symbol, bits) = match code.read(self.bits, self.count) {
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
            if self.count < bits + extra {
                return Ok(Step::More);
            }
            self.take(bits);
            let times = base + self.take(extra).unwrap_or_default() as usize;
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
}
