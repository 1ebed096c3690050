//! The timeout of a run follows how fast the target reacts, so that a slow machine gives the same verdicts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The timeout is this many times the slowest valid reaction.
const TIMES: u32 = 12;
/// The longest timeout, however slow a target is.
const MOST: Duration = Duration::from_secs(30);

/// So many streams that never end show that the target leaves them open.
const ENDLESS: u64 = 3;

/// How slow the target's valid reactions are, and whether it ends its streams, in all cases of a run.
#[derive(Clone, Debug, Default)]
pub struct AdaptiveTimeout {
    /// The slowest valid reaction so far, in microseconds.
    slowest: Arc<AtomicU64>,
    /// Streams that did not end at all after their closing handshake.
    endless: Arc<AtomicU64>,
    fixed: bool,
}

impl AdaptiveTimeout {
    /// A timeout that no reaction changes: the user has chosen it.
    pub fn fixed() -> Self {
        Self { fixed: true, ..Self::default() }
    }

    /// The same for another target, of which nothing is known yet.
    pub fn anew(&self) -> Self {
        Self { fixed: self.fixed, ..Self::default() }
    }

    /// Records a stream that did not end after its closing handshake, however long it was awaited.
    pub fn observe_endless(&self) {
        self.endless.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether a target is known to leave streams open, so that a late end is not worth waiting for.
    pub fn ends_never(&self) -> bool {
        self.endless.load(Ordering::Relaxed) >= ENDLESS
    }

    /// Records how long a valid reaction took.
    pub fn observe(&self, reaction: Duration) {
        let micros = u64::try_from(reaction.as_micros()).unwrap_or(u64::MAX);
        self.slowest.fetch_max(micros, Ordering::Relaxed);
    }

    /// The timeout for what was observed: `least`, or more.
    pub fn timeout(&self, least: Duration) -> Duration {
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
    fn the_timeout_follows_the_slowest_valid_reaction_within_bounds() {
        let adaptive_timeout = AdaptiveTimeout::default();
        assert_eq!(adaptive_timeout.timeout(FLOOR), FLOOR);
        adaptive_timeout.observe(Duration::from_millis(100));
        assert_eq!(adaptive_timeout.timeout(FLOOR), FLOOR);
        adaptive_timeout.clone().observe(Duration::from_millis(500));
        adaptive_timeout.observe(Duration::from_millis(2));
        assert_eq!(adaptive_timeout.timeout(FLOOR), Duration::from_secs(6));
        adaptive_timeout.observe(Duration::from_secs(20));
        assert_eq!(adaptive_timeout.timeout(FLOOR), MOST);
        assert_eq!(adaptive_timeout.timeout(MOST * 2), MOST * 2);
    }

    #[test]
    fn a_timeout_of_the_user_stays() {
        let adaptive_timeout = AdaptiveTimeout::fixed();
        adaptive_timeout.observe(Duration::from_secs(20));
        assert_eq!(adaptive_timeout.timeout(FLOOR), FLOOR);
    }
}
