//! Messages that are made when the case is played: compressed as the connection agreed, or many of them cut from one source.

use std::iter::{once, repeat_n};
use std::time::Duration;

use bytes::Bytes;

use super::steps::{Masking, WriteSplit};
use crate::wire::LengthForm;

/// How the bytes of a message are cut into fragments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fragmentation {
    /// One frame.
    #[default]
    Whole,
    /// So many bytes each, at least 1; the last fragment has the rest.
    Every {
        /// Bytes a fragment.
        size: usize,
        /// An empty final fragment follows.
        empty_last: bool,
    },
    /// These sizes; a last fragment has the rest, if any. Sizes beyond the message's end make empty fragments.
    Sizes(Vec<usize>),
    /// All bytes in the first fragment, and so many empty ones behind it.
    Empty(usize),
}

impl Fragmentation {
    /// The sizes of the fragments of a message of so many bytes, one after the other. At least one.
    pub fn fragments(&self, length: usize) -> Box<dyn Iterator<Item = usize> + Send + '_> {
        match self {
            Self::Whole => Box::new(once(length)),
            Self::Empty(count) => Box::new(once(length).chain(repeat_n(0, *count))),
            Self::Every { size, empty_last } => {
                let size = (*size).max(1);
                let (whole, rest) = (length / size, length % size);
                let rest = (rest > 0 || whole == 0).then_some(rest);
                Box::new(repeat_n(size, whole).chain(rest).chain(empty_last.then_some(0)))
            }
            Self::Sizes(wanted) => {
                let rest = length.saturating_sub(wanted.iter().fold(0, |sum, size| sum.saturating_add(*size)));
                let rest = (rest > 0 || wanted.is_empty()).then_some(rest);
                let mut left = length;
                let sizes = wanted.iter().map(move |&size| {
                    let taken = size.min(left);
                    left -= taken;
                    taken
                });
                Box::new(sizes.chain(rest))
            }
        }
    }

    /// The sizes of the fragments of a message of so many bytes. At least one.
    pub fn sizes(&self, length: usize) -> Vec<usize> {
        self.fragments(length).collect()
    }

    /// How many fragments a message of so many bytes has.
    pub fn count(&self, length: usize) -> usize {
        match self {
            Self::Empty(count) => count.saturating_add(1),
            Self::Every { size, empty_last } => length.div_ceil((*size).max(1)).max(1) + usize::from(*empty_last),
            Self::Whole | Self::Sizes(_) => self.fragments(length).count(),
        }
    }
}

/// A message that is compressed as the connection agreed: RFC 7692 section 6.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compressed {
    /// Whether it is text.
    pub text: bool,
    /// What is compressed.
    pub payload: Bytes,
    /// How the compressed bytes are cut into fragments.
    pub fragmentation: Fragmentation,
    /// How its frames are masked.
    pub mask: Masking,
    /// The form of their lengths, in place of the shortest.
    pub form: Option<LengthForm>,
}

/// Messages cut one behind the other from a source that begins anew at its end, each sent when the one before has come back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Whether they are text; then sizes count characters.
    pub text: bool,
    /// What they are cut from. Not empty, unless they are.
    pub source: Bytes,
    /// Bytes (of text: characters) a message.
    pub size: usize,
    /// How many there are at full scale.
    pub count: usize,
    /// How each is cut into fragments; of a compressed one, its compressed bytes are.
    pub fragmentation: Fragmentation,
    /// They are compressed as the connection agreed.
    pub compress: bool,
    /// Each is written in pieces.
    pub split: Option<WriteSplit>,
    /// They are written without a look at what comes, until the target takes no more; only then is anything read.
    pub unread: bool,
    /// The target may refuse them by a limit of its own, which is lenient (Z22).
    pub may_refuse: bool,
    /// The most that each may take, in place of the run's timeout.
    pub within: Option<Duration>,
}

impl Series {
    /// Bytes of all messages at full scale, as far as bytes and characters are the same.
    pub fn bytes(&self) -> u64 {
        (self.size as u64).saturating_mul(self.count as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_as_it_says() {
        let every = |size, empty_last| Fragmentation::Every { size, empty_last };
        for (fragmentation, length, sizes) in [
            (Fragmentation::Whole, 5, vec![5]),
            (every(2, false), 5, vec![2, 2, 1]),
            (every(2, true), 4, vec![2, 2, 0]),
            (every(9, false), 0, vec![0]),
            (every(9, true), 0, vec![0, 0]),
            (Fragmentation::Sizes(vec![1, 0, 2]), 5, vec![1, 0, 2, 2]),
            (Fragmentation::Sizes(vec![3, 4]), 5, vec![3, 2]),
            (Fragmentation::Sizes(Vec::new()), 5, vec![5]),
            (Fragmentation::Empty(2), 5, vec![5, 0, 0]),
        ] {
            assert_eq!(fragmentation.sizes(length), sizes);
            assert_eq!(fragmentation.count(length), sizes.len());
        }
    }
}
