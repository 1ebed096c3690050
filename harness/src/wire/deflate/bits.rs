//! The bits of DEFLATE data, the lowest bit of each byte first: RFC 1951 section 3.1.1.

/// The bits that were read and not yet used.
#[derive(Debug, Default)]
pub struct Bits {
    /// The bits, the next one lowest. Bits above the count are zero.
    pub value: u64,
    /// How many there are.
    pub count: u32,
}

impl Bits {
    /// Fills the bit buffer to more than 56 bits if there is enough input.
    #[inline]
    pub fn refill(&mut self, input: &mut &[u8]) {
        if let Some((word, _)) = input.split_first_chunk::<8>() {
            self.value |= u64::from_le_bytes(*word) << self.count;
            let taken = (63 - self.count) / 8;
            *input = input.get(taken as usize..).unwrap_or_default();
            self.count += taken * 8;
            // Bits above the count belong to bytes that are read again.
            self.value &= u64::MAX >> (64 - self.count);
            return;
        }
        while self.count <= 56
            && let Some((&byte, rest)) = input.split_first()
        {
            self.value |= u64::from(byte) << self.count;
            self.count += 8;
            *input = rest;
        }
    }

    /// Takes bits if enough have arrived.
    pub fn take(&mut self, count: u32) -> Option<u32> {
        if self.count < count {
            return None;
        }
        let value = (self.value & ((1 << count) - 1)) as u32;
        self.value >>= count;
        self.count -= count;
        Some(value)
    }

    /// Discards bits, which have arrived.
    #[inline]
    pub fn skip(&mut self, count: u32) {
        self.value >>= count;
        self.count -= count;
    }
}
