use super::super::{Blocks, Inflater};
use super::*;

fn inflated(data: &[u8], before: &[u8]) -> (Vec<u8>, Blocks) {
    let mut inflater = Inflater::new();
    if !before.is_empty() {
        inflater.push(&deflate(before, &DeflateSpec::default()), &mut |_| {}).unwrap();
        inflater.end_message(&mut |_| {}).unwrap();
    }
    let mut out = Vec::new();
    inflater.begin_message();
    inflater.push(data, &mut |bytes| out.extend_from_slice(bytes)).unwrap();
    inflater.end_message(&mut |bytes| out.extend_from_slice(bytes)).unwrap();
    (out, inflater.blocks())
}

fn text() -> Vec<u8> {
    (0..9000u32).flat_map(|i| format!("{} of {}, ", i % 53, i * 7919 % 1009).into_bytes()).collect()
}

/// The data as another library inflates it.
fn inflate_with_library(data: &[u8]) -> Vec<u8> {
    let mut library = flate2::Decompress::new(false);
    let mut out = Vec::with_capacity(1 << 20);
    let all = [data, &TAIL].concat();
    library.decompress_vec(&all, &mut out, flate2::FlushDecompress::Sync).unwrap();
    out
}

#[test]
fn every_kind_of_block_is_inflated_by_both_inflaters() {
    let text = text();
    for kinds in [
        vec![BlockKind::Stored],
        vec![BlockKind::Fixed],
        vec![BlockKind::Dynamic],
        vec![BlockKind::Fixed, BlockKind::Stored, BlockKind::Dynamic],
    ] {
        for block in [None, Some(1), Some(1000)] {
            for bytes in [&b""[..], b"a", b"Hello, Hello", &text] {
                if block == Some(1) && bytes.len() > 100 {
                    continue;
                }
                let data = deflate(bytes, &DeflateSpec { kinds: kinds.clone(), block, ..DeflateSpec::default() });
                assert!(inflated(&data, b"").0 == bytes, "{kinds:?} {block:?}");
                assert!(inflate_with_library(&data) == bytes, "{kinds:?} {block:?}");
            }
        }
    }
    let (_, blocks) =
        inflated(&deflate(b"abcabc", &DeflateSpec { kinds: vec![BlockKind::Stored], ..DeflateSpec::default() }), b"");
    assert_eq!((blocks.stored, blocks.fixed, blocks.dynamic), (1, 0, 0));
}

#[test]
fn the_window_and_the_distance_are_respected() {
    let text = text();
    for window in 8..=15 {
        let data = deflate(&text, &DeflateSpec { window, ..DeflateSpec::default() });
        let (out, blocks) = inflated(&data, b"");
        assert!(out == text && blocks.largest_distance <= 1 << window && blocks.largest_distance > 1 << (window - 1));
    }
    let doubled = [&text[..32768], &text[..32768]].concat();
    let far = deflate(&doubled, &DeflateSpec { distance: Some(32768), ..DeflateSpec::default() });
    let (out, blocks) = inflated(&far, b"");
    assert!(out == doubled);
    assert_eq!(blocks.largest_distance, 32768);
}

#[test]
fn messages_before_final_blocks_and_tails() {
    let data = deflate(b"Hello, world", &DeflateSpec { before: b"Hello, world".to_vec(), ..DeflateSpec::default() });
    let (out, blocks) = inflated(&data, b"Hello, world");
    assert_eq!((out.as_slice(), blocks.before_message), (&b"Hello, world"[..], 12));
    let last = deflate(b"Hello", &DeflateSpec { kinds: vec![BlockKind::Fixed], last: true, ..DeflateSpec::default() });
    assert_eq!(last, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00");
    assert_eq!(inflated(&last, b"").1.finals, 1);
    let tailed =
        deflate(b"Hello", &DeflateSpec { kinds: vec![BlockKind::Fixed], tail: true, ..DeflateSpec::default() });
    assert_eq!(tailed, b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff");
}
