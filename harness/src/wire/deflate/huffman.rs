//! Huffman codes as DEFLATE defines them: canonical, at most 15 bits, read least significant bit first (RFC 1951
//! section 3.2.2).

/// The longest code in bits.
const MAX_BITS: usize = 15;
/// Codes up to this length are found with one table lookup.
const LOOKUP_BITS: u32 = 10;

/// A code for up to 288 symbols.
#[derive(Clone, Debug)]
pub(super) struct Code {
    /// For the next ten bits: the symbol in the high bits, and the length of its code in the low four; 0 if the code is
    /// longer or does not exist.
    lookup: Vec<u16>,
    /// How many codes there are of each length.
    counts: [u16; MAX_BITS + 1],
    /// The symbols in the order of their codes.
    symbols: Vec<u16>,
}

/// The meaning of the next bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// This symbol, with a code of this many bits.
    Found(u16, u32),
    /// More bits are needed.
    More,
    /// No code begins like this.
    None,
}

impl Code {
    /// Builds a code from the lengths of its symbols' codes, where 0 means no symbol; `None` if the lengths do not form
    /// a code. A code with a single symbol may leave half of the code space unused, as zlib and section 3.2.7 allow.
    pub(super) fn new(lengths: &[u8]) -> Option<Self> {
        Self::build(lengths, true)
    }

    /// The same, but the code must be complete.
    pub(super) fn complete(lengths: &[u8]) -> Option<Self> {
        Self::build(lengths, false)
    }

    fn build(lengths: &[u8], allow_single: bool) -> Option<Self> {
        let mut counts = [0u16; MAX_BITS + 1];
        for &length in lengths {
            *counts.get_mut(usize::from(length))? += 1;
        }
        counts[0] = 0;
        let mut left = 1i32;
        for &count in counts.get(1..)? {
            left = (left << 1) - i32::from(count);
            if left < 0 {
                return None;
            }
        }
        let used: u16 = counts.iter().sum();
        if left > 0 && (used > 1 || counts[1] != used || (used == 1 && !allow_single)) {
            return None;
        }
        let mut next = [0u16; MAX_BITS + 2];
        let mut first_code = [0u16; MAX_BITS + 2];
        for bits in 1..=MAX_BITS {
            next[bits + 1] = next[bits] + counts[bits];
            first_code[bits + 1] = (first_code[bits] + counts[bits]) << 1;
        }
        let mut symbols = vec![0u16; usize::from(used)];
        let mut lookup = vec![0u16; 1 << LOOKUP_BITS];
        let mut code = first_code;
        for (symbol, &length) in (0u16..).zip(lengths) {
            if length == 0 {
                continue;
            }
            let length_at = usize::from(length);
            *symbols.get_mut(usize::from(next[length_at]))? = symbol;
            next[length_at] += 1;
            let value = code[length_at];
            code[length_at] += 1;
            if u32::from(length) <= LOOKUP_BITS {
                let reversed = usize::from(value.reverse_bits() >> (16 - u32::from(length)));
                let entry = symbol << 4 | u16::from(length);
                lookup.iter_mut().skip(reversed).step_by(1 << length).for_each(|slot| *slot = entry);
            }
        }
        Some(Self { lookup, counts, symbols })
    }

    /// The code of section 3.2.6 for literals and lengths.
    pub(super) fn fixed_literals() -> Option<Self> {
        let mut lengths = [8u8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        Self::new(&lengths)
    }

    /// The code of section 3.2.6 for distances: five bits each.
    pub(super) fn fixed_distances() -> Option<Self> {
        Self::new(&[5; 32])
    }

    /// The symbol with which the low `count` bits of `bits` begin.
    #[inline]
    pub(super) fn read(&self, bits: u64, count: u32) -> Symbol {
        let entry = self.lookup.get((bits & ((1 << LOOKUP_BITS) - 1)) as usize).copied().unwrap_or_default();
        let length = u32::from(entry & 15);
        if length != 0 && length <= count {
            return Symbol::Found(entry >> 4, length);
        }
        self.read_long(bits, count)
    }

    /// Reads bit by bit, for long codes and for the last bits of the input.
    #[cold]
    fn read_long(&self, mut bits: u64, count: u32) -> Symbol {
        let (mut code, mut first, mut index) = (0i32, 0i32, 0i32);
        for length in 1..=MAX_BITS {
            if length as u32 > count {
                return Symbol::More;
            }
            code |= (bits & 1) as i32;
            bits >>= 1;
            let count_here = i32::from(self.counts[length]);
            if code - count_here < first {
                let symbol = usize::try_from(index + code - first).ok().and_then(|at| self.symbols.get(at));
                return symbol.map_or(Symbol::None, |&symbol| Symbol::Found(symbol, length as u32));
            }
            index += count_here;
            first = (first + count_here) << 1;
            code <<= 1;
        }
        Symbol::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_code_is_that_of_section_3_2_6() {
        let code = Code::fixed_literals().unwrap();
        // Literal 0 is 00110000, read from its first bit on; 256 is 0000000; 255 is 111111111.
        assert_eq!(code.read(0b0000_1100, 8), Symbol::Found(0, 8));
        assert_eq!(code.read(0, 7), Symbol::Found(256, 7));
        assert_eq!(code.read(0x1ff, 9), Symbol::Found(255, 9));
        assert_eq!(code.read(0x1ff, 8), Symbol::More);
    }

    #[test]
    fn lengths_that_form_no_code_are_rejected() {
        assert!(Code::new(&[1, 1, 1]).is_none(), "too many");
        assert!(Code::new(&[2, 2]).is_none(), "too few");
        assert!(Code::new(&[16]).is_none(), "too long");
        let single = Code::new(&[0, 1]).unwrap();
        assert_eq!(single.read(0, 1), Symbol::Found(1, 1));
        assert_eq!(single.read(1, 15), Symbol::None);
    }

    #[test]
    fn long_codes_are_found() {
        // Lengths 1, 2, ... 14, 15, 15.
        let mut lengths: Vec<u8> = (1..=15).collect();
        lengths.push(15);
        let code = Code::new(&lengths).unwrap();
        assert_eq!(code.read(0x7fff, 15), Symbol::Found(15, 15));
        assert_eq!(code.read(0x3fff, 15), Symbol::Found(14, 15));
        assert_eq!(code.read(0x0fff, 13), Symbol::Found(12, 13));
        assert_eq!(code.read(0x7fff, 14), Symbol::More);
    }
}
