//! The fuzz targets on random bytes and on streams that are almost valid.

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use support::{almost_valid_head, almost_valid_stream, almost_valid_text};
use wsspec::fuzzing;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_target_accepts_random_bytes(data in vec(any::<u8>(), 0..200)) {
        fuzzing::TARGETS.iter().for_each(|(_, target)| target(&data));
    }

    #[test]
    fn every_target_accepts_valid_and_almost_valid_streams(data in almost_valid_stream()) {
        fuzzing::TARGETS.iter().for_each(|(_, target)| target(&data));
    }

    #[test]
    fn every_target_accepts_valid_and_almost_valid_heads(data in almost_valid_head()) {
        fuzzing::TARGETS.iter().for_each(|(_, target)| target(&data));
    }

    #[test]
    fn every_target_accepts_almost_valid_text(data in almost_valid_text()) {
        fuzzing::TARGETS.iter().for_each(|(_, target)| target(&data));
    }
}

#[test]
fn every_target_accepts_a_head_over_the_bound() {
    let long = [b"GET / HTTP/1.1\r\nA: ".as_slice(), &[b'x'; 5000], b"\r\n\r\n"].concat();
    fuzzing::TARGETS.iter().for_each(|(_, target)| target(&long));
}

#[test]
fn the_targets_have_the_names_of_their_binaries() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/Cargo.toml"));
    let manifest = manifest.expect("fuzz/Cargo.toml is there");
    for (name, _) in fuzzing::TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
