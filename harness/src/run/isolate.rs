//! Cases played once more, alone: what happens then is attributed to that case.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::engine::{Each, Engine, FinishedCase, Stopped, play_one};
use super::measured::most_memory;
use super::record::add;
use super::weight::{LIGHT, weight};
use crate::case::Case;
use crate::judge::{self, Observation};
use crate::targets::Usage;
use crate::vocabulary::{Outcome, Phase};

/// After so many timeouts in a row that are confirmed, the others are not played again.
const CONFIRMED: usize = 5;
/// Memory that a case may cost in addition to eight times what it sent, in bytes.
const MEMORY: u64 = 96 << 20;
/// What it may cost in addition where messages are compressed: 100 MiB is a common limit of an inflated message, which may be held several times.
pub(super) const INFLATED: u64 = 400 << 20;
/// The time between two measurements of a process at rest.
const LOOK: Duration = Duration::from_millis(30);
/// How often the CPU time must be unchanged until a process counts as being at rest: another may have had the processor.
const STILL: u32 = 3;
/// How long it may stay busy, for example with cleaning up.
const BUSY: Duration = Duration::from_secs(1);

impl Engine {
    /// Plays cases again, one at a time, so that a death, a time-out or a cost belongs to one case.
    pub(super) async fn one_by_one(
        &self,
        mut again: Vec<FinishedCase>,
        cancel: &CancellationToken,
        each: Each<'_>,
    ) -> Result<(), Stopped> {
        again.sort_by_key(|done| done.number);
        let mut left = again.into_iter();
        let mut confirmed = 0;
        while let Some(first) = left.next() {
            if confirmed >= CONFIRMED && !first.candidate {
                self.emit(first, 1, &mut *each);
                continue;
            }
            let played = tokio::select! {
                played = self.alone(first.number, Arc::clone(&first.case)) => played,
                () = cancel.cancelled() => Err(Stopped::Interrupted),
            };
            let (done, trouble) = match played {
                Ok(played) => played,
                Err(stopped) => {
                    for done in std::iter::once(first).chain(left) {
                        self.emit(done, 1, &mut *each);
                    }
                    return Err(stopped);
                }
            };
            confirmed = if done.result.outcome == Outcome::Fail { confirmed + 1 } else { 0 };
            self.emit(done, 2, &mut *each);
            if let Some(why) = trouble {
                self.explained();
                self.restart(&why).await?;
            }
        }
        Ok(())
    }

    /// Plays a case while nothing else is played, and checks what it did to the target's process; why the process must be started
    /// again, where it must.
    pub(super) async fn alone(
        &self,
        number: usize,
        case: Arc<Case>,
    ) -> Result<(FinishedCase, Option<String>), Stopped> {
        let before = self.usage().await;
        let mut done = play_one(&*self.target, &self.settings, self.deliveries, number, case).await?;
        let trouble = self.aftermath(&mut done, before).await;
        self.weigh(&mut done).await;
        Ok((done, trouble))
    }

    /// Adds the peak memory of the process so far to the result of a case with long messages.
    pub(super) async fn weigh(&self, done: &mut FinishedCase) {
        if weight(&done.case, self.settings.scale) >= LIGHT
            && let Some(most) = self.most_resident().await
        {
            done.result.measured.push(most_memory(most));
        }
    }

    /// Waits until the target's process is at rest; how long it was busy, when it does not come to rest.
    pub(super) async fn busy_at_rest(&self) -> Option<Duration> {
        let started = Instant::now();
        let mut before = self.usage().await?.cpu;
        let mut still = 0;
        while started.elapsed() < BUSY {
            tokio::time::sleep(LOOK).await;
            let now = self.usage().await?.cpu;
            // The CPU clock of a process has steps of 10 ms; at rest it does not change.
            still = if now == before { still + 1 } else { 0 };
            if still == STILL {
                return None;
            }
            before = now;
        }
        Some(BUSY)
    }

    /// What the case did to the process; why it must be started again, where it must.
    async fn aftermath(&self, done: &mut FinishedCase, before: Option<Usage>) -> Option<String> {
        let before = before?;
        // A process may die a moment after the last byte, or continue with what it began.
        tokio::time::sleep(LOOK).await;
        let busy = self.busy_at_rest().await;
        if let Some(death) = self.death().await {
            let sentence = format!("the target's process {death}");
            add(&mut done.result, &judge::observed(Phase::Target, Observation::ProcessEnded, sentence));
            return Some(death);
        }
        let grown = self.usage().await?.resident.saturating_sub(before.resident);
        let mut trouble = None;
        let inflated = if done.inflates { INFLATED } else { 0 };
        if grown > MEMORY + inflated + 8 * done.sent {
            let message =
                format!("the target's process grew by {} MiB after {} bytes were sent to it", grown >> 20, done.sent);
            trouble = Some(message.clone());
            add(&mut done.result, &judge::observed(Phase::Aftermath, Observation::ProcessGrew, message));
        }
        if let Some(time) = busy {
            let message = format!("the target's process was busy for {time:?} while nothing was sent to it");
            trouble = Some(message.clone());
            add(&mut done.result, &judge::observed(Phase::Aftermath, Observation::ProcessBusy, message));
        }
        trouble
    }
}
