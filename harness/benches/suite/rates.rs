//! The wire alone, in GB/s beside memcpy.

use std::hint::black_box;
use std::time::{Duration, Instant};

use wsspec::vocabulary::Role;
use wsspec::wire::deflate::{Compressor, Inflater};
use wsspec::wire::utf8::Validator;
use wsspec::wire::{Decoder, FrameSpec, Opcode, mask};

pub fn all() {
    println!("\nthe wire in GB/s, beside memcpy of as many bytes");
    println!("{:<34} {:>9} {:>9} {:>9} {:>6}", "work", "bytes", "GB/s", "memcpy", "ratio");
    for size in [125, 4096, 65536, 1 << 20] {
        let mut data = vec![0x5a_u8; size];
        row("masking in place", size, || mask::apply(black_box(&mut data), [1, 2, 3, 4], 0));
    }
    for (what, text) in [("UTF-8, ASCII", "a".repeat(65536)), ("UTF-8, two bytes a character", "é".repeat(32768))] {
        row(what, text.len(), || {
            let mut validator = Validator::new();
            let _ = black_box(validator.push(black_box(text.as_bytes())));
        });
    }
    for (what, payload, in_pieces) in [
        ("reading frames of 125 bytes", 125, false),
        ("reading frames of 64 KiB", 65536, false),
        ("reading frames of 1 MiB in pieces", 1 << 20, true),
    ] {
        let mut bytes = Vec::new();
        while bytes.len() < 1 << 20 {
            FrameSpec::new(Opcode::BINARY, vec![0x5a; payload]).write(&mut bytes);
        }
        let mut decoder = Decoder::new(Role::Server, 1 << 24);
        decoder.report_in_pieces(in_pieces);
        row(what, bytes.len(), || {
            for read in bytes.chunks(64 << 10) {
                decoder.push(black_box(read));
                while let Some(frame) = decoder.next_frame() {
                    black_box(frame);
                }
            }
        });
    }
    let text: Vec<u8> =
        (0..40_000u32).flat_map(|i| format!("{{\"{}\": {}}},\n", i % 97, i * i % 1013).into_bytes()).collect();
    let packed = Compressor::new(15, false).message(&text);
    row("inflating text, with its account", text.len(), || {
        let mut inflater = Inflater::new();
        let _ = inflater.push(black_box(&packed), &mut |bytes| {
            black_box(bytes);
        });
    });
}

fn row(what: &str, size: usize, work: impl FnMut()) {
    let source = vec![0x33_u8; size];
    let mut copy = vec![0_u8; size];
    let (rate, memcpy) =
        (per_second(size, work), per_second(size, || black_box(&mut copy).copy_from_slice(black_box(&source))));
    println!("{what:<34} {size:>9} {rate:>9.2} {memcpy:>9.1} {:>6.2}", rate / memcpy);
}

fn per_second(size: usize, mut work: impl FnMut()) -> f64 {
    let mut count = 0_u32;
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(200) {
        for _ in 0..4 {
            work();
        }
        count += 4;
    }
    #[allow(clippy::cast_precision_loss)]
    let bytes = f64::from(count) * size as f64;
    bytes / start.elapsed().as_secs_f64() / 1e9
}
