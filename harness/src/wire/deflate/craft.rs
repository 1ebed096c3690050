//! Writes DEFLATE data with control over every choice of its author: the kinds and the number of blocks, final bits,
//! the tail, the window, and the history. It aims at small code, not at good compression. Its data is valid by default.

use super::inflate::TAIL;
use super::tables::{DISTANCES, LENGTHS};

/// The kinds of blocks of RFC 1951 section 3.2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "lowercase")]
pub enum BlockKind {
    /// Uncompressed bytes.
    Stored,
    /// With the fixed Huffman code.
    Fixed,
    /// With a Huffman code that the block itself describes.
    Dynamic,
}

/// How data is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeflateSpec {
    /// The kinds of the blocks, used in turn.
    pub kinds: Vec<BlockKind>,
    /// Bytes of data per block; `None` puts everything into one block (a stored block has at most 65,535 bytes).
    pub block: Option<usize>,
    /// The window in bits, 8 to 15: no distance is larger.
    pub window: u8,
    /// The data that the receiver has inflated before, to which distances may refer.
    pub before: Vec<u8>,
    /// Only this distance is used, wherever it fits, instead of the nearest one.
    pub distance: Option<usize>,
    /// Whether the last block of the data is marked as final. The data after it is then a separate stream: an empty
    /// block.
    pub last: bool,
    /// Whether the four bytes 00 00 ff ff stay at the end.
    pub tail: bool,
}

impl Default for DeflateSpec {
    fn default() -> Self {
        Self {
            kinds: vec![BlockKind::Dynamic],
            block: None,
            window: 15,
            before: Vec::new(),
            distance: None,
            last: false,
            tail: false,
        }
    }
}

/// The shortest and the longest match.
const MATCH_LENGTH: std::ops::RangeInclusive<usize> = 3..=258;
/// The largest number of bytes in a stored block.
const MAX_STORED: usize = 65_535;
/// How many positions with the same three bytes are compared.
const MAX_CANDIDATES: usize = 32;
/// How many literals and lengths, and how many distances, have the shorter codes of our dynamic blocks.
const SHORT_LITERALS: u32 = 226;
const SHORT_DISTANCES: u32 = 2;

/// Writes bytes as the data of one message.
pub fn deflate(bytes: &[u8], spec: &DeflateSpec) -> Vec<u8> {
    let mut writer = Writer::default();
    let all: Vec<u8> = spec.before.iter().chain(bytes).copied().collect();
    let mut matcher = Matcher::new(&all, spec);
    let max = spec.block.unwrap_or(usize::MAX).max(1);
    let mut kinds = spec.kinds.iter().copied().cycle();
    let mut at = spec.before.len();
    while at < all.len() {
        let kind = kinds.next().unwrap_or(BlockKind::Dynamic);
        let max = if kind == BlockKind::Stored { max.min(MAX_STORED) } else { max };
        let end = all.len().min(at.saturating_add(max));
        writer.bits(u32::from(spec.last && end == all.len()), 1);
        match kind {
            BlockKind::Stored => writer.stored(all.get(at..end).unwrap_or_default()),
            BlockKind::Fixed => {
                writer.bits(1, 2);
                matcher.tokens(at, end, &mut |token| writer.token(token, false));
            }
            BlockKind::Dynamic => {
                writer.bits(2, 2);
                writer.write_code_lengths();
                matcher.tokens(at, end, &mut |token| writer.token(token, true));
            }
        }
        at = end;
    }
    if spec.last {
        writer.align();
    }
    // The empty stored block that ends a message: its last four bytes are the tail.
    writer.bits(0, 3);
    writer.align();
    if spec.tail {
        writer.out.extend_from_slice(&TAIL);
    }
    writer.out
}

/// One symbol of a block.
#[derive(Clone, Copy, Debug)]
enum Token {
    Literal(u8),
    Copy { length: usize, distance: usize },
    End,
}

/// Finds earlier occurrences of the three bytes at each position.
struct Matcher<'a> {
    all: &'a [u8],
    window: usize,
    distance: Option<usize>,
    hash_heads: Vec<usize>,
    previous: Vec<usize>,
    indexed: usize,
}

impl<'a> Matcher<'a> {
    fn new(all: &'a [u8], spec: &DeflateSpec) -> Self {
        let window = 1usize << spec.window.clamp(8, 15);
        Self {
            all,
            window,
            distance: spec.distance,
            hash_heads: vec![usize::MAX; 1 << 15],
            previous: vec![usize::MAX; all.len()],
            indexed: 0,
        }
    }

    fn hash(&self, at: usize) -> Option<usize> {
        let three = self.all.get(at..at + 3)?;
        let word = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        Some((word.wrapping_mul(0x9e37_79b1) >> 17) as usize)
    }

    fn index_to(&mut self, end: usize) {
        while self.indexed < end {
            if let Some(hash) = self.hash(self.indexed)
                && let (Some(head), Some(previous)) =
                    (self.hash_heads.get_mut(hash), self.previous.get_mut(self.indexed))
            {
                *previous = std::mem::replace(head, self.indexed);
            }
            self.indexed += 1;
        }
    }

    /// How many bytes at `at` are equal to those `distance` bytes earlier.
    fn match_length(&self, at: usize, distance: usize, end: usize) -> usize {
        let Some(from) = at.checked_sub(distance) else { return 0 };
        let max = (end - at).min(*MATCH_LENGTH.end());
        (0..max).take_while(|&i| self.all.get(from + i) == self.all.get(at + i)).count()
    }

    fn longest(&mut self, at: usize, end: usize) -> Option<(usize, usize)> {
        if let Some(distance) = self.distance {
            let length = self.match_length(at, distance, end);
            return MATCH_LENGTH.contains(&length).then_some((length, distance));
        }
        self.index_to(at);
        let mut candidate = self.hash(at).and_then(|hash| self.hash_heads.get(hash).copied()).unwrap_or(usize::MAX);
        let mut best = None;
        for _ in 0..MAX_CANDIDATES {
            if candidate == usize::MAX || at - candidate > self.window {
                break;
            }
            let length = self.match_length(at, at - candidate, end);
            if MATCH_LENGTH.contains(&length) && best.is_none_or(|(longest, _)| length > longest) {
                best = Some((length, at - candidate));
            }
            if length == *MATCH_LENGTH.end() {
                break;
            }
            candidate = self.previous.get(candidate).copied().unwrap_or(usize::MAX);
        }
        best
    }

    fn tokens(&mut self, mut at: usize, end: usize, emit: &mut dyn FnMut(Token)) {
        while let Some(&byte) = self.all.get(at).filter(|_| at < end) {
            match self.longest(at, end) {
                Some((length, distance)) => {
                    emit(Token::Copy { length, distance });
                    at += length;
                }
                None => {
                    emit(Token::Literal(byte));
                    at += 1;
                }
            }
        }
        emit(Token::End);
    }
}

/// Bits, least significant first.
#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    bits: u64,
    count: u32,
}

impl Writer {
    fn bits(&mut self, value: u32, count: u32) {
        self.bits |= u64::from(value) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(self.bits as u8);
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    /// Writes zero bits up to the next byte boundary.
    fn align(&mut self) {
        self.bits(0, (8 - self.count) % 8);
    }

    fn stored(&mut self, bytes: &[u8]) {
        self.bits(0, 2);
        self.align();
        let length = bytes.len() as u16;
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.extend_from_slice(&(!length).to_le_bytes());
        self.out.extend_from_slice(bytes);
    }

    /// A Huffman code is written with its most significant bit first.
    fn code(&mut self, code: u32, length: u32) {
        self.bits(code.reverse_bits() >> (32 - length), length);
    }

    /// A symbol of the fixed code for literals and lengths.
    fn symbol(&mut self, symbol: u32) {
        match symbol {
            0..=143 => self.code(0x30 + symbol, 8),
            144..=255 => self.code(0x190 + symbol - 144, 9),
            256..=279 => self.code(symbol - 256, 7),
            _ => self.code(0xc0 + symbol - 280, 8),
        }
    }

    fn token(&mut self, token: Token, dynamic: bool) {
        let symbol = |writer: &mut Self, symbol| match dynamic {
            true => writer.dynamic_symbol(symbol),
            false => writer.symbol(symbol),
        };
        match token {
            Token::Literal(byte) => symbol(self, byte.into()),
            Token::End => symbol(self, 256),
            Token::Copy { length, distance } => {
                let (length_symbol, extra, bits) = symbol_for(&LENGTHS, length);
                symbol(self, 257 + length_symbol);
                self.bits(extra, bits);
                let (distance_symbol, extra, bits) = symbol_for(&DISTANCES, distance);
                match dynamic {
                    true => self.dynamic_distance(distance_symbol),
                    false => self.code(distance_symbol, 5),
                }
                self.bits(extra, bits);
            }
        }
    }

    /// Describes the code of [`Writer::dynamic_symbol`]: 286 literals and lengths, 30 distances.
    fn write_code_lengths(&mut self) {
        self.bits(286 - 257, 5);
        self.bits(30 - 1, 5);
        self.bits(12 - 4, 4);
        // The code for code lengths, in the order of section 3.2.7: 16, 8 and 9 have two bits, 5 and 4 have three.
        for length in [2, 0, 0, 0, 2, 0, 2, 0, 0, 3, 0, 3] {
            self.bits(length, 3);
        }
        for (code, bits, count) in [
            (0, 2, SHORT_LITERALS),
            (1, 2, 286 - SHORT_LITERALS),
            (6, 3, SHORT_DISTANCES),
            (7, 3, 30 - SHORT_DISTANCES),
        ] {
            self.code(code, bits);
            let mut left = count - 1;
            while left > 0 {
                // Symbol 16 repeats the previous length three to six times.
                match left.min(6) {
                    run @ 3.. => {
                        self.code(2, 2);
                        self.bits(run - 3, 2);
                        left -= run;
                    }
                    _ => {
                        self.code(code, bits);
                        left -= 1;
                    }
                }
            }
        }
    }

    /// A symbol of the described code: eight bits for the first 226 symbols, nine for the others, so that the code is
    /// complete.
    fn dynamic_symbol(&mut self, symbol: u32) {
        match symbol.checked_sub(SHORT_LITERALS) {
            None => self.code(symbol, 8),
            Some(rest) => self.code(2 * SHORT_LITERALS + rest, 9),
        }
    }

    /// A distance of the described code: four bits for the first two symbols, five for the others.
    fn dynamic_distance(&mut self, symbol: u32) {
        match symbol.checked_sub(SHORT_DISTANCES) {
            None => self.code(symbol, 4),
            Some(rest) => self.code(2 * SHORT_DISTANCES + rest, 5),
        }
    }
}

/// The symbol whose range holds `value`, with its extra bits.
fn symbol_for(table: &[(u16, u32)], value: usize) -> (u32, u32, u32) {
    let at = table.partition_point(|&(base, _)| usize::from(base) <= value).saturating_sub(1);
    let (base, bits) = table.get(at).copied().unwrap_or((1, 0));
    (at as u32, value.saturating_sub(usize::from(base)) as u32, bits)
}

#[cfg(test)]
#[path = "craft_tests.rs"]
mod tests;
