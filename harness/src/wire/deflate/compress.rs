//! Ordinary compression for the messages that the harness sends: RFC 7692 section 7.2.1.

use flate2::{Compress, Compression, FlushCompress};

use super::craft::{BlockKind, DeflateSpec, deflate};

/// The compression level: fast, because the target's reader is under test.
const LEVEL: u32 = 1;
/// The smallest window that the library supports, in bits.
const MIN_WINDOW_BITS: u8 = 9;

/// The sending half of one connection's compression.
#[derive(Debug)]
pub struct Compressor {
    /// `None` for a window of 8 bits, which the library does not support: such messages are written without references.
    stream: Option<Compress>,
    takeover: bool,
}

impl Compressor {
    /// A compressor with a window of 8 to 15 bits that may or may not refer to earlier messages.
    pub fn new(window: u8, takeover: bool) -> Self {
        let stream = (MIN_WINDOW_BITS..=15)
            .contains(&window)
            .then(|| Compress::new_with_window_bits(Compression::new(LEVEL), false, window));
        Self { stream, takeover }
    }

    /// One message as it is sent on the wire, without its tail.
    pub fn message(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Some(stream) = &mut self.stream else {
            let narrow = DeflateSpec { kinds: vec![BlockKind::Fixed], window: 8, ..DeflateSpec::default() };
            return deflate(bytes, &narrow);
        };
        if !self.takeover {
            stream.reset();
        }
        let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
        let mut at = 0;
        loop {
            let before = stream.total_in();
            let rest = bytes.get(at..).unwrap_or_default();
            // The library writes into the available space and cannot fail in any other way.
            if stream.compress_vec(rest, &mut out, FlushCompress::Sync).is_err() {
                return Vec::new();
            }
            at += usize::try_from(stream.total_in() - before).unwrap_or_default();
            if at >= bytes.len() && out.len() < out.capacity() {
                break;
            }
            out.reserve(out.capacity().max(64));
        }
        out.truncate(out.len().saturating_sub(4));
        // A flush without new data writes nothing: an empty message is a block without data (section 7.2.3.6).
        if out.is_empty() {
            out.push(0);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::Inflater;
    use super::*;

    #[test]
    fn messages_round_trip_with_and_without_takeover_at_every_window() {
        let long: Vec<u8> = (0..200_000u32).flat_map(|i| (i % 251 * i % 7).to_string().into_bytes()).collect();
        for window in 8..=15 {
            for takeover in [true, false] {
                let mut compressor = Compressor::new(window, takeover);
                let mut inflater = Inflater::new();
                for message in [&b"Hello"[..], b"Hello", b"", b"", &long, b"x"] {
                    let data = compressor.message(message);
                    let mut out = Vec::new();
                    inflater.begin_message();
                    inflater.push(&data, &mut |bytes| out.extend_from_slice(bytes)).unwrap();
                    inflater.end_message(&mut |bytes| out.extend_from_slice(bytes)).unwrap();
                    assert!(out == message, "window {window}, takeover {takeover}");
                    assert!(inflater.blocks().largest_distance <= 1 << window);
                    assert!(takeover || inflater.blocks().before_message == 0);
                }
            }
        }
    }
}
