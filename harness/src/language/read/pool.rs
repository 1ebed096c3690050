//! Payloads that cases share, so that a suite with many long messages has each run of bytes once in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The longest payload, in bytes.
pub const MAX_PAYLOAD: usize = 64 * 1024 * 1024;
/// The maximum number of bytes of all payloads of a suite.
const MAX_TOTAL: usize = 512 * 1024 * 1024;
/// The maximum number of frames of all messages of a suite.
const MAX_FRAMES: usize = 4_000_000;
/// Shorter payloads are not worth sharing.
const SHARED_FROM: usize = 1024;

/// The long payloads so far and their size. One pool serves a whole suite, whose files may be read in parallel.
#[derive(Debug, Default)]
pub struct Pool(Mutex<Contents>);

#[derive(Debug, Default)]
struct Contents {
    repeats: HashMap<Bytes, Bytes>,
    randoms: HashMap<u64, Bytes>,
    samples: HashMap<(String, usize), Bytes>,
    bytes: usize,
    frames: usize,
}

impl Contents {
    fn grant(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        self.bytes <= MAX_TOTAL
    }
}

impl Pool {
    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the bytes of a payload. False if the suite has too many.
    pub fn grant(&self, bytes: usize) -> bool {
        self.contents().grant(bytes)
    }

    /// Counts the frames of a message. False if the suite has too many.
    pub fn grant_frames(&self, frames: usize) -> bool {
        let mut contents = self.contents();
        contents.frames = contents.frames.saturating_add(frames);
        contents.frames <= MAX_FRAMES
    }

    /// A unit that is repeated up to `size` bytes. `None` if the suite has too many bytes. The unit is not empty.
    pub fn repeat(&self, unit: &Bytes, size: usize) -> Option<Bytes> {
        let mut contents = self.contents();
        if let Some(longest) = contents.repeats.get(unit).filter(|longest| longest.len() >= size) {
            return Some(longest.slice(..size));
        }
        if !contents.grant(size) {
            return None;
        }
        let made: Bytes = match &**unit {
            [one] => vec![*one; size].into(),
            many => many.repeat(size.div_ceil(many.len())).into(),
        };
        let made = made.slice(..size);
        if size >= SHARED_FROM {
            contents.repeats.insert(unit.clone(), made.clone());
        }
        Some(made)
    }

    /// `size` bytes of a sample of this kind. `None` if the suite has too many bytes.
    pub fn sample(&self, kind: &str, size: usize) -> Option<Bytes> {
        let mut contents = self.contents();
        let key = (kind.to_owned(), size);
        if let Some(made) = contents.samples.get(&key) {
            return Some(made.clone());
        }
        if !contents.grant(size) {
            return None;
        }
        let made = Bytes::from(super::samples::sample(kind, size));
        contents.samples.insert(key, made.clone());
        Some(made)
    }

    /// `size` random bytes from a seed. `None` if the suite has too many bytes. Fewer bytes are the start of more bytes.
    pub fn random(&self, seed: u64, size: usize) -> Option<Bytes> {
        let mut contents = self.contents();
        if let Some(longest) = contents.randoms.get(&seed).filter(|longest| longest.len() >= size) {
            return Some(longest.slice(..size));
        }
        if !contents.grant(size) {
            return None;
        }
        let mut bytes = vec![0; size];
        ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
        let made = Bytes::from(bytes);
        if size >= SHARED_FROM {
            contents.randoms.insert(seed, made.clone());
        }
        Some(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_payloads_equal_single_ones() {
        let pool = Pool::default();
        let long = pool.repeat(&Bytes::from_static(b"abc"), 4000).unwrap();
        assert_eq!(long.len(), 4000);
        assert_eq!(&long[3996..], b"abca");
        let short = pool.repeat(&Bytes::from_static(b"abc"), 7).unwrap();
        assert_eq!(&short[..], b"abcabca");
        assert_eq!(short.as_ptr(), long.as_ptr());
        let drawn = pool.random(7, 5000).unwrap();
        assert_eq!(drawn.slice(..4001), Pool::default().random(7, 4001).unwrap());
        assert_ne!(drawn.slice(..9), pool.random(8, 9).unwrap());
    }

    #[test]
    fn a_suite_has_a_bound() {
        let pool = Pool::default();
        assert_eq!((0..20).take_while(|_| pool.grant(MAX_PAYLOAD)).count(), 8);
        assert_eq!(pool.repeat(&Bytes::from_static(b"x"), 1), None);
    }
}
