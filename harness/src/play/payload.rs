//! What a transcript keeps of a payload: its first and last bytes, its length, a digest.

use bytes::Bytes;
use sha1::{Digest as _, Sha1};

/// Bytes that are kept at the beginning and at the end of a payload. A payload that is not longer than both is kept whole.
const HEAD: usize = 64;
const TAIL: usize = 16;
/// A message of a series is digested up to this size only: it is compared as it comes.
pub(super) const LONG: usize = 16 << 10;
/// Payloads up to this size are digested at once; longer ones only as they arrive, so that nothing else has to wait.
const AT_ONCE: usize = 1 << 20;

/// A payload as a transcript keeps it, at most 80 bytes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// Its length in bytes.
    pub length: u64,
    /// Its first bytes, or all.
    pub head: Bytes,
    /// Its last bytes, where `head` is not all.
    pub tail: Bytes,
    /// The first eight bytes of its SHA-1, where `head` is not all and the digest was computed.
    pub digest: Option<[u8; 8]>,
}

impl Payload {
    /// Keeps what a transcript needs of a payload. The digest of one of more than 1 MiB is left out.
    pub fn of(bytes: &[u8]) -> Self {
        let mut gathered = Gathered::new(bytes.len() > HEAD + TAIL && bytes.len() <= AT_ONCE);
        gathered.push(bytes);
        gathered.finish()
    }

    /// Keeps the first bytes of a payload of which only the length and `start` are at hand. It is not digested when it is long.
    pub(super) fn begun(start: &[u8], length: u64) -> Self {
        if start.len() as u64 == length && start.len() <= LONG {
            return Self::of(start);
        }
        let head = Bytes::copy_from_slice(start.get(..start.len().min(HEAD)).unwrap_or_default());
        Self { length, head, ..Self::default() }
    }

    /// Whether nothing of the payload is left out.
    pub fn is_whole(&self) -> bool {
        self.head.len() as u64 == self.length
    }
}

/// A payload that arrives in pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    length: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
    digest: Option<Sha1>,
}

impl Gathered {
    /// A payload of which nothing has arrived; it is digested as it arrives when `digest` is set.
    pub fn new(digest: bool) -> Self {
        Self { digest: digest.then(Sha1::new), ..Self::default() }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, piece: &[u8]) {
        self.length += piece.len() as u64;
        let room = (HEAD + TAIL).saturating_sub(self.head.len()).min(piece.len());
        let (first, rest) = piece.split_at(room);
        self.head.extend_from_slice(first);
        // The last bytes of all that did not fit into the head.
        if rest.len() >= TAIL {
            self.tail.clear();
            self.tail.extend_from_slice(rest.get(rest.len() - TAIL..).unwrap_or_default());
        } else if !rest.is_empty() {
            self.tail.extend_from_slice(rest);
            let over = self.tail.len().saturating_sub(TAIL);
            self.tail.drain(..over);
        }
        if let Some(digest) = &mut self.digest {
            digest.update(piece);
        }
    }

    /// What is kept of it.
    pub fn finish(mut self) -> Payload {
        if self.length <= (HEAD + TAIL) as u64 {
            return Payload { length: self.length, head: self.head.into(), ..Payload::default() };
        }
        // A tail that is too short continues the head.
        let mut tail = self.head.split_off(HEAD);
        tail.extend_from_slice(&self.tail);
        let over = tail.len().saturating_sub(TAIL);
        tail.drain(..over);
        let digest = self.digest.and_then(|digest| digest.finalize().first_chunk::<8>().copied());
        Payload { length: self.length, head: self.head.into(), tail: tail.into(), digest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_pieces_give_the_same_payload() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in [0, 1, 64, 79, 80, 81, 90, 96, 97, 256] {
            let bytes = &bytes[..length];
            let whole = Payload::of(bytes);
            assert_eq!(whole.is_whole(), length <= 80, "{length}");
            if length > 80 {
                assert_eq!((&whole.head[..], &whole.tail[..]), (&bytes[..64], &bytes[length - 16..]), "{length}");
                assert_eq!(whole.digest.map(|digest| digest.to_vec()), Some(Sha1::digest(bytes)[..8].to_vec()));
            }
            for size in [1, 7, 63, 100] {
                let mut gathered = Gathered::new(length > 80);
                bytes.chunks(size).for_each(|piece| gathered.push(piece));
                assert_eq!(gathered.finish(), whole, "{length} in pieces of {size}");
            }
        }
    }
}
