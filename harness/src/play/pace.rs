//! The pace of a target, as a run sees it: patience follows it, so that a slow machine gives the same verdicts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Patience is so many times the slowest reaction that was right.
const TIMES: u32 = 12;
/// The most patience, however slow a target is.
const MOST: Duration = Duration::from_secs(30);

/// The slowest reaction that was right so far, in all cases of a run.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// In microseconds.
    slowest: Arc<AtomicU64>,
    fixed: bool,
}

impl Pace {
    /// A pace that no reaction changes: the user has said how patient to be.
    pub fn fixed() -> Self {
        Self { fixed: true, ..Self::default() }
    }

    /// The pace of another target, of which nothing is known yet.
    pub fn anew(&self) -> Self {
        Self { fixed: self.fixed, ..Self::default() }
    }

    /// A right reaction took so long.
    pub fn saw(&self, reaction: Duration) {
        let micros = u64::try_from(reaction.as_micros()).unwrap_or(u64::MAX);
        self.slowest.fetch_max(micros, Ordering::Relaxed);
    }

    /// The patience that fits what was seen: `least`, or more.
    pub fn patience(&self, least: Duration) -> Duration {
        if self.fixed {
            return least;
        }
        let slowest = Duration::from_micros(self.slowest.load(Ordering::Relaxed));
        least.max(slowest.saturating_mul(TIMES).min(MOST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: Duration = Duration::from_secs(3);

    #[test]
    fn patience_follows_the_slowest_right_reaction_within_bounds() {
        let pace = Pace::default();
        assert_eq!(pace.patience(FLOOR), FLOOR);
        pace.saw(Duration::from_millis(100));
        assert_eq!(pace.patience(FLOOR), FLOOR);
        pace.clone().saw(Duration::from_millis(500));
        pace.saw(Duration::from_millis(2));
        assert_eq!(pace.patience(FLOOR), Duration::from_secs(6));
        pace.saw(Duration::from_secs(20));
        assert_eq!(pace.patience(FLOOR), MOST);
        assert_eq!(pace.patience(MOST * 2), MOST * 2);
    }

    #[test]
    fn patience_that_was_given_stays() {
        let pace = Pace::fixed();
        pace.saw(Duration::from_secs(20));
        assert_eq!(pace.patience(FLOOR), FLOOR);
    }
}
