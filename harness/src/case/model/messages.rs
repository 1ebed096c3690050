//! Messages that are made when the case is played: compressed as the connection agreed, or many of them cut from one source.

use std::time::Duration;

use bytes::Bytes;

use super::steps::{Chop, Masking};
use crate::wire::LengthForm;

/// How the octets of a message are cut into fragments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cut {
    /// One frame.
    #[default]
    Whole,
    /// So many octets each, at least 1; the last fragment has the rest.
    Every {
        /// Octets a fragment.
        size: usize,
        /// An empty final fragment follows.
        empty_last: bool,
    },
    /// These sizes; a last fragment has the rest, if any. Sizes beyond the message's end make empty fragments.
    Sizes(Vec<usize>),
}

impl Cut {
    /// The sizes of the fragments of a message of so many octets. At least one.
    pub fn sizes(&self, length: usize) -> Vec<usize> {
        match self {
            Self::Whole => vec![length],
            Self::Every { size, empty_last } => {
                let size = (*size).max(1);
                let mut sizes = vec![size; length / size];
                if !length.is_multiple_of(size) || sizes.is_empty() {
                    sizes.push(length % size);
                }
                if *empty_last {
                    sizes.push(0);
                }
                sizes
            }
            Self::Sizes(wanted) => {
                let mut left = length;
                let mut sizes: Vec<usize> = wanted.iter().map(|&size| take(&mut left, size)).collect();
                if left > 0 || sizes.is_empty() {
                    sizes.push(left);
                }
                sizes
            }
        }
    }
}

fn take(left: &mut usize, size: usize) -> usize {
    let taken = size.min(*left);
    *left -= taken;
    taken
}

/// A message that is compressed as the connection agreed: RFC 7692 section 6.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compressed {
    /// Whether it is text.
    pub text: bool,
    /// What is compressed.
    pub payload: Bytes,
    /// How the compressed octets are cut into fragments.
    pub cut: Cut,
    /// How its frames are masked.
    pub mask: Masking,
    /// The form of their lengths, in place of the shortest.
    pub form: Option<LengthForm>,
}

/// Messages cut one behind the other from a source that begins anew at its end, each sent when the one before has come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Whether they are text; then sizes count characters.
    pub text: bool,
    /// What they are cut from. Not empty, unless they are.
    pub source: Bytes,
    /// Octets (of text: characters) a message.
    pub size: usize,
    /// How many there are at full scale.
    pub count: usize,
    /// How each is cut into fragments; of a compressed one, its compressed octets are.
    pub cut: Cut,
    /// They are compressed as the connection agreed.
    pub compress: bool,
    /// Each is written in pieces.
    pub chop: Option<Chop>,
    /// The target may refuse them by a limit of its own, which is lenient (Z22).
    pub may_refuse: bool,
    /// The most that each may take, in place of the run's patience.
    pub within: Option<Duration>,
}

impl Series {
    /// Octets of all messages at full scale, as far as octets and characters are the same.
    pub fn octets(&self) -> u64 {
        (self.size as u64).saturating_mul(self.count as u64)
    }
}
