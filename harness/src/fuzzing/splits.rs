//! Splits of an input, derived from the input itself.

/// The bytes in three splits: in one piece, byte by byte, and split at positions that are derived from a hash of the
/// bytes.
pub(super) fn splits(data: &[u8]) -> [Vec<&[u8]>; 3] {
    [vec![data], data.chunks(1).collect(), hashed_split(data)]
}

/// The bytes, split at positions that are derived from a hash of them, with empty pieces.
pub(super) fn hashed_split(data: &[u8]) -> Vec<&[u8]> {
    // FNV-1a: any change of the input changes the split.
    let mut state = data
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        | 1;
    let mut pieces = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        // xorshift64: its randomness is sufficient only for this purpose.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let bound = [2, 8, 64, 1024][(state >> 60) as usize % 4];
        let size = (state >> 32) as usize % bound;
        let (piece, remaining) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = remaining;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_split_contains_all_bytes() {
        for length in [0, 1, 2, 1000] {
            let data = vec![b'x'; length];
            for pieces in splits(&data) {
                assert_eq!(pieces.concat(), data);
            }
        }
    }
}
