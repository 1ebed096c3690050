//! How much of a long series is played, and its compressed messages, which all cases with the same parameters share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;

use crate::case::{Fragmentation, Series};
use crate::wire::deflate::Compressor;

/// How much of a series is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// As many messages as come to about a mebibyte, 8 at least and 200 at most.
    #[default]
    Budget,
    /// As many as the case has.
    Full,
    /// One message or two: whether a case can fail at all does not depend on their number.
    Least,
}

/// Bytes of messages that the budget allows, and the fewest and the most messages.
const BUDGET: u64 = 1 << 20;
const FEWEST: usize = 8;
/// The same for what is written while nothing is read, and for a message that is never finished.
const UNREAD: u64 = 8 << 20;
/// Fragments of a message at each scale but the full one.
const FRAGMENTS: usize = 100_000;
const EMPTY_LEAST: usize = 2000;
/// What the head of a frame costs, in bytes: the work of reading it, not its length.
const FRAME: u64 = 32;
const MOST: usize = 200;
/// Series up to this size at the scale that is played are compressed once and kept.
const SHARED: u64 = 4 << 20;

impl Scale {
    /// How many messages of a series are played.
    pub fn count(self, series: &Series) -> usize {
        // What is written unread must be more than a few buffers hold.
        let budget = if series.unread { UNREAD } else { BUDGET };
        let fitting = usize::try_from(budget / (series.size as u64).max(1)).unwrap_or(usize::MAX);
        match self {
            Self::Full => series.count,
            Self::Budget => series.count.min(fitting.clamp(FEWEST, MOST)),
            Self::Least => series.count.min(2),
        }
    }

    /// How much of a message without end is sent, in bytes.
    pub fn unfinished(self, series: &Series) -> usize {
        match self {
            Self::Full => series.size,
            Self::Budget => series.size.min(UNREAD as usize),
            Self::Least => series.size.min(BUDGET as usize),
        }
    }

    /// How the messages of a series are fragmented: in fewer empty fragments than the case has.
    pub fn fragmentation(self, series: &Series) -> Fragmentation {
        match (&series.fragmentation, self) {
            (Fragmentation::Empty(count), Self::Budget) => Fragmentation::Empty((*count).min(FRAGMENTS)),
            (Fragmentation::Empty(count), Self::Least) => Fragmentation::Empty((*count).min(EMPTY_LEAST)),
            (fragmentation, _) => fragmentation.clone(),
        }
    }

    /// The size of each message: one in too many fragments is shorter.
    pub fn size(self, series: &Series) -> usize {
        match series.fragmentation {
            Fragmentation::Every { size, .. } if self != Self::Full => series.size.min(size.saturating_mul(FRAGMENTS)),
            _ => series.size,
        }
    }

    /// Bytes on the wire that a series, or a message without end, comes to at once: what the target has to keep or to go through.
    pub fn weight(self, series: &Series) -> u64 {
        let messages = if series.unread { self.count(series) as u64 } else { 1 };
        let size = self.size(series);
        let fragments = self.fragmentation(series).count(size) as u64;
        (size as u64).saturating_mul(messages).saturating_add(fragments.saturating_mul(FRAME))
    }

    /// The word for it in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::Full => "full",
            Self::Least => "least",
        }
    }
}

/// Places of one message in its source: from a byte on, so many bytes, wrapping round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub at: usize,
    pub length: usize,
}

/// The messages of a series, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Places<'a> {
    series: &'a Series,
    at: usize,
}

impl<'a> Places<'a> {
    pub fn new(series: &'a Series) -> Self {
        Self { series, at: 0 }
    }
}

impl Iterator for Places<'_> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let source = &self.series.source;
        let (at, size) = (self.at, self.series.size);
        let length = if self.series.text && !source.is_ascii() { characters(source, at, size) } else { size };
        self.at = (at + length).checked_rem(source.len()).unwrap_or(0);
        Some(Place { at, length })
    }
}

/// Bytes of so many characters of UTF-8 from `at` on, wrapping round.
fn characters(source: &[u8], at: usize, count: usize) -> usize {
    let (mut length, mut left, mut from) = (0, count, at);
    while left > 0 {
        let rest = source.get(from..).unwrap_or_default();
        // A character begins with every byte that continues none.
        let mut starts = rest.iter().enumerate().filter(|(_, byte)| **byte & 0xc0 != 0x80).map(|(place, _)| place);
        match starts.nth(left) {
            Some(end) => return length + end,
            None => {
                left -= rest.iter().filter(|byte| **byte & 0xc0 != 0x80).count().clamp(1, left);
                length += rest.len();
                from = 0;
            }
        }
    }
    length
}

/// The bytes of a message as pieces of its source.
pub(super) fn pieces(source: &Bytes, place: Place) -> impl Iterator<Item = Bytes> + '_ {
    let (mut at, mut left) = (place.at, place.length);
    std::iter::from_fn(move || {
        let count = left.min(source.len().checked_sub(at)?);
        if count == 0 {
            return None;
        }
        let piece = source.slice(at..at + count);
        left -= count;
        at = (at + count) % source.len();
        Some(piece)
    })
}

/// A message as one run of bytes.
pub(super) fn joined(source: &Bytes, place: Place) -> Bytes {
    let mut all = pieces(source, place);
    match (all.next(), place.length) {
        (None, _) => Bytes::new(),
        (Some(first), length) if first.len() == length => first,
        (Some(first), _) => first.into_iter().chain(all.flatten()).collect(),
    }
}

/// What distinguishes series that compress to different bytes: source, size, count, window, takeover.
type Key = (usize, usize, usize, usize, u8, bool);
/// Compressed messages of one series, made by the first that wants them.
type Made = Arc<OnceLock<Arc<[Bytes]>>>;

/// Compressed series that cases share.
#[derive(Clone, Debug, Default)]
pub struct Shared(Arc<Mutex<HashMap<Key, (Bytes, Made)>>>);

impl Shared {
    /// The messages of a series as a fresh compressor makes them; `None` where they are too many to be kept.
    pub(super) fn compressed(&self, series: &Series, count: usize, window: u8, takeover: bool) -> Option<Arc<[Bytes]>> {
        if (series.size as u64).saturating_mul(count as u64) > SHARED {
            return None;
        }
        let key = (series.source.as_ptr() as usize, series.source.len(), series.size, count, window, takeover);
        // The source is held as well, so that no other can have its address.
        let entry = || (series.source.clone(), Made::default());
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert_with(entry).1.clone();
        let messages = made.get_or_init(|| {
            let mut compressor = Compressor::new(window, takeover);
            Places::new(series)
                .take(count)
                .map(|place| Bytes::from(compressor.message(&joined(&series.source, place))))
                .collect()
        });
        Some(messages.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(text: bool, source: &'static str, size: usize, count: usize) -> Series {
        Series { text, source: Bytes::from_static(source.as_bytes()), size, count, ..Series::default() }
    }

    fn messages(series: &Series) -> Vec<String> {
        Places::new(series)
            .take(series.count)
            .map(|place| String::from_utf8(joined(&series.source, place).to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn messages_follow_each_other_and_wrap_round() {
        assert_eq!(messages(&series(false, "abcde", 3, 4)), ["abc", "dea", "bcd", "eab"]);
        assert_eq!(messages(&series(false, "ab", 5, 2)), ["ababa", "babab"]);
        assert_eq!(messages(&series(true, "aäöb", 3, 3)), ["aäö", "baä", "öba"]);
        assert_eq!(messages(&series(true, "ä", 3, 1)), ["äää"]);
        assert_eq!(messages(&series(true, "", 0, 2)), ["", ""]);
    }

    #[test]
    fn the_scale_keeps_within_its_budget() {
        assert_eq!(Scale::Budget.count(&series(false, "a", 16, 1000)), 200);
        assert_eq!(Scale::Budget.count(&series(false, "a", 16384, 1000)), 64);
        assert_eq!(Scale::Budget.count(&series(false, "a", 131_072, 1000)), 8);
        assert_eq!(Scale::Budget.count(&series(false, "a", 1 << 24, 1)), 1);
        assert_eq!(Scale::Full.count(&series(false, "a", 131_072, 1000)), 1000);
    }

    #[test]
    fn what_is_not_read_or_never_ends_is_bounded() {
        let unread = Series { unread: true, ..series(false, "a", 65_536, 1024) };
        assert_eq!(Scale::Budget.count(&unread), 128);
        assert_eq!(Scale::Full.weight(&unread), (1 << 26) + 32);
        let empty = Series { fragmentation: Fragmentation::Empty(1_000_000), ..series(true, "a", 5, 1) };
        assert_eq!(Scale::Budget.fragmentation(&empty), Fragmentation::Empty(FRAGMENTS));
        assert_eq!(Scale::Full.weight(&empty), 5 + 32 * 1_000_001);
        let ones = Series {
            fragmentation: Fragmentation::Every { size: 1, empty_last: false },
            ..series(true, "a", 1_000_000, 1)
        };
        assert_eq!((Scale::Budget.size(&ones), Scale::Full.size(&ones)), (FRAGMENTS, 1_000_000));
        assert_eq!(Scale::Budget.unfinished(&series(true, "a", 1 << 26, 1)), 8 << 20);
    }
}
