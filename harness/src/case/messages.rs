//! Messages that are made when the case is played: compressed as negotiated, or taken from one source.

use std::iter::{once, repeat_n};
use std::time::Duration;

use bytes::Bytes;

use super::steps::{Masking, WriteSplit};
use crate::wire::LengthForm;

/// How the bytes of a message are split into fragments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fragmentation {
    /// One frame.
    #[default]
    Whole,
    /// Fragments of a fixed size; the last has the rest.
    Every {
        /// The size of each fragment in bytes, at least 1.
        size: usize,
        /// An empty final fragment follows.
        empty_last: bool,
    },
    /// These sizes. A last fragment has the rest, if any. Sizes beyond the end of the message are empty fragments.
    Sizes(Vec<usize>),
    /// All bytes in the first fragment, followed by this number of empty fragments.
    Empty(usize),
}

impl Fragmentation {
    /// The sizes of the fragments of a message of `length` bytes, in order. There is at least one.
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

    /// The sizes of the fragments of a message of `length` bytes. There is at least one.
    pub fn sizes(&self, length: usize) -> Vec<usize> {
        self.fragments(length).collect()
    }

    /// The number of fragments of a message of `length` bytes.
    pub fn count(&self, length: usize) -> usize {
        match self {
            Self::Empty(count) => count.saturating_add(1),
            Self::Every { size, empty_last } => length.div_ceil((*size).max(1)).max(1) + usize::from(*empty_last),
            Self::Whole | Self::Sizes(_) => self.fragments(length).count(),
        }
    }
}

/// A message that is compressed as negotiated: RFC 7692 section 6.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compressed {
    /// Whether it is text.
    pub text: bool,
    /// What is compressed.
    pub payload: Bytes,
    /// How the compressed bytes are split into fragments.
    pub fragmentation: Fragmentation,
    /// How its frames are masked.
    pub mask: Masking,
    /// The form of their lengths, in place of the shortest.
    pub form: Option<LengthForm>,
}

/// Messages taken in turn from a repeated source, each sent when the previous one has come back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Whether they are text. Then sizes count characters.
    pub text: bool,
    /// The source. It is empty only if the messages are empty.
    pub source: Bytes,
    /// The size of each message in bytes, or of text in characters.
    pub size: usize,
    /// The number of messages at full scale.
    pub count: usize,
    /// How each message is split into fragments, after compression.
    pub fragmentation: Fragmentation,
    /// They are compressed as negotiated.
    pub compress: bool,
    /// Each is written in pieces.
    pub split: Option<WriteSplit>,
    /// They are written without reading, until the target accepts no more. Only then is anything read.
    pub unread: bool,
    /// The target may refuse them because of a limit of its own, which is lenient (Z22).
    pub may_refuse: bool,
    /// The time limit of each, in place of the timeout of the run.
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
    fn a_message_is_split_as_described() {
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
