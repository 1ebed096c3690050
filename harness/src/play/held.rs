//! How much of what targets sent is held in memory: by one case, and by all cases of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that all cases of the process may hold together.
const PROCESS: usize = 128 << 20;
/// What an entry of a queue costs in addition to its bytes.
const ENTRY: usize = 160;

/// Bytes that all cases hold now.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// The account of one case.
#[derive(Clone, Debug, Default)]
pub(super) struct Account(Arc<AtomicUsize>);

impl Account {
    /// Counts `bytes` of an entry as held until the charge is dropped.
    pub fn charge(&self, bytes: usize) -> Charge {
        let mut charge = Charge { bytes: 0, account: self.clone() };
        charge.set(bytes + ENTRY);
        charge
    }

    /// Whether the case holds more than `most` bytes, or all cases together hold more than the process may.
    pub fn is_exceeded(&self, most: usize) -> bool {
        self.0.load(Ordering::Relaxed) > most || HELD.load(Ordering::Relaxed) > PROCESS
    }
}

/// Bytes that are held.
#[derive(Debug)]
pub(super) struct Charge {
    bytes: usize,
    account: Account,
}

impl Charge {
    /// Another number of bytes is held.
    pub fn set(&mut self, bytes: usize) {
        for counter in [&*self.account.0, &HELD] {
            if bytes >= self.bytes {
                counter.fetch_add(bytes - self.bytes, Ordering::Relaxed);
            } else {
                counter.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
            }
        }
        self.bytes = bytes;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_not_held() {
        let account = Account::default();
        let first = account.charge(1000);
        let mut second = account.charge(500);
        assert!(account.is_exceeded(1500) && !account.is_exceeded(1500 + 2 * ENTRY));
        second.set(0);
        assert!(!account.is_exceeded(1000 + ENTRY));
        drop(first);
        assert!(!account.is_exceeded(0));
    }
}
