//! How much of a long series is played, and its compressed messages, which all cases with the same parameters share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;

use crate::case::model::Series;
use crate::wire::deflate::Compressor;

/// How much of a series is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// As many messages as come to about a mebibyte, 8 at least and 200 at most.
    #[default]
    Budget,
    /// As many as the case says.
    Full,
    /// One message or two: whether a case can fail at all does not hang on their number.
    Least,
}

/// Octets of messages that the budget allows, and the fewest and the most messages.
const BUDGET: u64 = 1 << 20;
const FEWEST: usize = 8;
const MOST: usize = 200;
/// Series up to this size at the scale that is played are compressed once and kept.
const SHARED: u64 = 4 << 20;

impl Scale {
    /// How many messages of a series are played.
    pub fn count(self, series: &Series) -> usize {
        let fitting = usize::try_from(BUDGET / (series.size as u64).max(1)).unwrap_or(usize::MAX);
        match self {
            Self::Full => series.count,
            Self::Budget => series.count.min(fitting.clamp(FEWEST, MOST)),
            Self::Least => series.count.min(2),
        }
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

/// Places of one message in its source: from an octet on, so many octets, wrapping round.
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

/// Octets of so many characters of UTF-8 from `at` on, wrapping round.
fn characters(source: &[u8], at: usize, count: usize) -> usize {
    let (mut length, mut left, mut from) = (0, count, at);
    while left > 0 {
        let rest = source.get(from..).unwrap_or_default();
        // A character begins with every octet that continues none.
        let mut starts = rest.iter().enumerate().filter(|(_, octet)| **octet & 0xc0 != 0x80).map(|(place, _)| place);
        match starts.nth(left) {
            Some(end) => return length + end,
            None => {
                left -= rest.iter().filter(|octet| **octet & 0xc0 != 0x80).count().clamp(1, left);
                length += rest.len();
                from = 0;
            }
        }
    }
    length
}

/// The octets of a message as pieces of its source.
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

/// A message as one run of octets.
pub(super) fn joined(source: &Bytes, place: Place) -> Bytes {
    let mut all = pieces(source, place);
    match (all.next(), place.length) {
        (None, _) => Bytes::new(),
        (Some(first), length) if first.len() == length => first,
        (Some(first), _) => first.into_iter().chain(all.flatten()).collect(),
    }
}

/// What tells series that compress to the same octets: source, size, count, window, takeover.
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
    use crate::case::model::Cut;

    fn series(text: bool, source: &'static str, size: usize, count: usize) -> Series {
        Series {
            text,
            source: Bytes::from_static(source.as_bytes()),
            size,
            count,
            cut: Cut::Whole,
            compress: false,
            chop: None,
            may_refuse: false,
            within: None,
        }
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
}
