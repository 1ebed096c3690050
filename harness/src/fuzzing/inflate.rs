//! Compares the reading of a message's DEFLATE data with zlib-rs.

use flate2::{Decompress, FlushDecompress, Status};

use super::splits::splits;
use crate::wire::deflate::{Blocks, InflateError, Inflater, TAIL};

/// The number of inflated bytes after which checking stops.
const MAX_OUTPUT: usize = 32 << 20;

/// Checks that no split changes the data that is read and the account of it, and that the library reads the same data,
/// or fails where the inflater fails. The library stops after a final block, so the data after one is compared only with itself.
pub fn inflate(data: &[u8]) {
    let mut first = None;
    for pieces in splits(data) {
        let read = read(&pieces);
        assert_eq!(*first.get_or_insert_with(|| read.clone()), read);
    }
    let Some((result, blocks, output)) = first else { return };
    if blocks.finals > 0 || output.len() >= MAX_OUTPUT {
        return;
    }
    match (result, inflate_with_library(data)) {
        (Ok(()), library) => assert!(library.is_some_and(|read| read == output), "the library reads other data"),
        // The library waits for the rest of a block.
        (Err(InflateError::Unfinished), _) => {}
        // Known difference: the library rejects a code without any symbol only after it has read everything that the
        // code should describe.
        (Err(InflateError::Code), library) => {
            assert!(library.is_none_or(|read| read == output), "the library continues where no code is described");
        }
        (Err(error), library) => {
            assert!(library.is_none(), "the inflater fails with {error}, but the library does not")
        }
    }
}

/// How reading ends, the account, and the bytes.
type ReadResult = (Result<(), InflateError>, Blocks, Vec<u8>);

fn read(pieces: &[&[u8]]) -> ReadResult {
    let mut inflater = Inflater::new();
    let mut out = Vec::new();
    let mut sink =
        |bytes: &[u8]| out.extend_from_slice(&bytes[..bytes.len().min(MAX_OUTPUT.saturating_sub(out.len()))]);
    let pushed = pieces.iter().try_for_each(|piece| inflater.push(piece, &mut sink));
    let result = pushed.and_then(|()| inflater.end_message(&mut sink));
    // How much of the input was consumed before a failure depends on the split.
    let blocks = if result.is_ok() {
        inflater.blocks()
    } else {
        Blocks { finals: inflater.blocks().finals, ..Blocks::default() }
    };
    (result, blocks, out)
}

/// What the library reads from the data; `None` if it fails.
fn inflate_with_library(data: &[u8]) -> Option<Vec<u8>> {
    let all = [data, &TAIL].concat();
    let mut library = Decompress::new(false);
    let mut out = Vec::with_capacity(64 << 10);
    loop {
        let at = usize::try_from(library.total_in()).ok()?;
        let before = (library.total_in(), library.total_out());
        let status = library.decompress_vec(all.get(at..)?, &mut out, FlushDecompress::Sync).ok()?;
        let stuck = before == (library.total_in(), library.total_out());
        if status == Status::StreamEnd || out.len() >= MAX_OUTPUT || (stuck && out.len() < out.capacity()) {
            return Some(out);
        }
        out.reserve(out.capacity());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_and_invalid_data_satisfy_the_oracles() {
        inflate(b"\xf2\x48\xcd\xc9\xc9\x07\x00");
        inflate(b"\x07\x00");
        inflate(b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00");
        // A dynamic block whose code for code lengths has no symbol.
        inflate(b"\x04\x02\0\0\0\0\0\0\0\xdc\xd3\xff\x87\x54\0");
    }
}
