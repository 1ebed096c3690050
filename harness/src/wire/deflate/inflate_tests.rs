use flate2::{Compress, Compression, FlushCompress};

use super::*;

/// Inflates one message that is given in pieces.
fn inflate(inflater: &mut Inflater, pieces: &[&[u8]]) -> Result<Vec<u8>, InflateError> {
    let mut out = Vec::new();
    inflater.begin_message();
    for piece in pieces {
        inflater.push(piece, &mut |bytes| out.extend_from_slice(bytes))?;
    }
    inflater.end_message(&mut |bytes| out.extend_from_slice(bytes))?;
    Ok(out)
}

fn inflate_message(message: &[u8]) -> Result<Vec<u8>, InflateError> {
    inflate(&mut Inflater::new(), &[message])
}

/// A message as a sender with zlib writes it.
fn compress(compress: &mut Compress, message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 1024);
    compress.compress_vec(message, &mut out, FlushCompress::Sync).unwrap();
    out.truncate(out.len().saturating_sub(4));
    out
}

#[test]
fn the_examples_of_rfc_7692_section_7_2_3() {
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let mut inflater = Inflater::new();
    assert_eq!(inflate(&mut inflater, &[hello]).unwrap(), b"Hello");
    assert_eq!(inflater.blocks().before_message, 0);
    assert_eq!(inflate(&mut inflater, &[b"\xf2\x00\x11\x00\x00"]).unwrap(), b"Hello");
    assert_eq!((inflater.blocks().largest_distance, inflater.blocks().before_message), (5, 4));
    let mut stored = Inflater::new();
    assert_eq!(inflate(&mut stored, &[b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"]).unwrap(), b"Hello");
    assert_eq!(stored.blocks().stored, 1);
    let mut finals = Inflater::new();
    assert_eq!(inflate(&mut finals, &[b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"]).unwrap(), b"Hello");
    assert_eq!(finals.blocks().finals, 1);
    let two_blocks = b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00";
    assert_eq!(inflate_message(two_blocks).unwrap(), b"Hello");
    assert_eq!(inflate_message(b"\x00").unwrap(), b"");
}

#[test]
fn invalid_data_is_rejected() {
    for (data, error) in [
        (&b"\x07\x00"[..], InflateError::BlockType),
        (b"\x00\x05\x00\xfb\xff", InflateError::StoredLength),
        (b"\xf2\x00\x11\x00\x00", InflateError::Distance),
        (b"", InflateError::Unfinished),
        (b"\xf2\x48\xcd\xc9", InflateError::Unfinished),
        (b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff", InflateError::Unfinished),
        (b"\xfc\xff\xff\xff", InflateError::Code),
    ] {
        assert_eq!(inflate_message(data), Err(error), "{data:02x?}");
    }
}

#[test]
fn zlib_output_is_inflated_at_every_level_and_window_in_any_split() {
    let text: Vec<u8> =
        (0..60_000u32).flat_map(|i| format!("{} and {}; ", i % 97, i * i % 1013).into_bytes()).collect();
    for level in [1, 6, 9] {
        for window in 9..=15 {
            let mut sender = Compress::new_with_window_bits(Compression::new(level), false, window);
            let (mut whole, mut split) = (Inflater::new(), Inflater::new());
            for message in text.chunks(100_000).chain([&text[..5], b"", b"x"]) {
                let mut data = compress(&mut sender, message);
                if message.is_empty() && data.is_empty() {
                    data.push(0);
                }
                assert_eq!(inflate(&mut whole, &[&data]).unwrap(), message);
                let pieces: Vec<&[u8]> = data.chunks(7).collect();
                assert_eq!(inflate(&mut split, &pieces).unwrap(), message);
                assert_eq!(whole.blocks(), split.blocks());
                assert!(whole.blocks().largest_distance <= 1 << window);
                assert_eq!(whole.blocks().output, message.len() as u64);
            }
        }
    }
}

#[test]
fn the_kinds_of_blocks_are_counted() {
    let incompressible: Vec<u8> = (0..40_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut sender = Compress::new_with_window_bits(Compression::new(0), false, 15);
    let mut inflater = Inflater::new();
    inflate(&mut inflater, &[&compress(&mut sender, &incompressible)]).unwrap();
    assert!(inflater.blocks().stored > 0 && inflater.blocks().dynamic == 0);
}

#[test]
fn a_failure_is_repeated() {
    let mut inflater = Inflater::new();
    let mut sink = |_: &[u8]| {};
    assert_eq!(inflater.push(b"\x07", &mut sink), Err(InflateError::BlockType));
    assert_eq!(inflater.push(b"\x00", &mut sink), Err(InflateError::BlockType));
}
