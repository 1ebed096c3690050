//! Patterns of case numbers as Autobahn|Testsuite reads them, and the choice of cases by them.

use std::sync::Arc;

use crate::case::Case;
use crate::run::wildcard;

/// A pattern of case numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    /// Its line in the file.
    pub line: usize,
}

impl Pattern {
    /// Reads one; `None` for a text that no number fits.
    pub fn parse(text: &str, line: usize) -> Option<Self> {
        let text = text.trim();
        let good = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit() || matches!(c, b'.' | b'*'));
        good.then(|| Self { text: text.to_owned(), line })
    }

    /// Whether a number fits. A `*` is any run of characters, and then the pattern need not reach the number's end: `1*` is
    /// sections 1 and 10 to 13. Without a `*` it is that number and no other.
    pub fn fits(&self, number: &str) -> bool {
        if self.text.contains('*') { wildcard(&format!("{}*", self.text), number) } else { self.text == number }
    }

    /// Whether a number fits from end to end, as in `exclude-agent-cases`.
    pub fn fits_whole(&self, number: &str) -> bool {
        wildcard(&self.text, number)
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The cases whose number is wanted, each with those of its numbers that are, in the order of the numbers.
pub fn choose(cases: &[Arc<Case>], wanted: impl Fn(&str) -> bool) -> Vec<Arc<Case>> {
    let mut chosen: Vec<Arc<Case>> = cases
        .iter()
        .filter_map(|case| {
            let mut numbers: Vec<String> = case.autobahn.iter().filter(|number| wanted(number)).cloned().collect();
            numbers.sort_by_key(|number| in_order(number));
            if numbers.is_empty() {
                return None;
            }
            let same = numbers == case.autobahn;
            Some(if same { Arc::clone(case) } else { Arc::new(Case { autobahn: numbers, ..Case::clone(case) }) })
        })
        .collect();
    chosen.sort_by_key(|case| case.autobahn.first().map(|number| in_order(number)));
    chosen
}

fn in_order(number: &str) -> Vec<u64> {
    number.split('.').map(|part| part.parse().unwrap_or(u64::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, number: &str) -> bool {
        Pattern::parse(pattern, 1).is_some_and(|pattern| pattern.fits(number))
    }

    #[test]
    fn patterns_are_anchored_at_their_start_only() {
        assert!(fits("7.*", "7.1.1") && !fits("7.*", "17.1"));
        assert!(fits("1*", "10.1.1") && fits("1*", "1.1.1") && !fits("1*", "2.1"));
        assert!(fits("2.1*", "2.10") && fits("2.1*", "2.1"));
        assert!(fits("*.1", "7.1.5"));
        assert!(fits("*", "7.1.5"));
        assert!(fits("7.7.1", "7.7.1") && !fits("7.7", "7.7.1") && !fits("7.7.1", "7.7.10"));
        assert!(Pattern::parse("utf8", 1).is_none() && Pattern::parse("", 1).is_none());
    }
}
