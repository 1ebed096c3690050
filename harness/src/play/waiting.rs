//! Waiting for what a step expects.

use bytes::Bytes;
use tokio::time::Instant;

use super::departure::Departure;
use super::facts::Actual;
use super::matching::{Context, Match};
use super::refusal::LINGER;
use super::session::{Item, Received, Session};
use crate::case::{Alternative, Expect, ExpectKind, Expectation};
use crate::vocabulary::{Because, Outcome};

/// How a wait ended.
pub(super) enum WaitResult {
    /// What was expected came, perhaps in another form; the event that shows it.
    Matched(Option<(Departure, Actual)>, Option<usize>),
    /// Something else came, or nothing.
    Unmet(Actual, Option<usize>),
}

/// How far an alternative has matched.
struct Progress<'a> {
    sequence: &'a [Expectation],
    outcome: Outcome,
    because: Option<&'a Because>,
    at: usize,
    alive: bool,
    departure: Option<Departure>,
}

impl<'a> Progress<'a> {
    fn new(sequence: &'a [Expectation], outcome: Outcome, because: Option<&'a Because>) -> Self {
        Self { sequence, outcome, because, at: 0, alive: true, departure: None }
    }

    fn of(alternative: &'a Alternative) -> Self {
        Self::new(&alternative.sequence, alternative.outcome, alternative.because.as_ref())
    }

    fn current(&self) -> Option<&'a Expectation> {
        self.sequence.get(self.at).filter(|_| self.alive)
    }

    fn done(&self) -> bool {
        self.alive && self.at >= self.sequence.len()
    }

    /// How it departs from the strict way when it is done.
    fn departure(&self) -> Option<Departure> {
        match self.outcome {
            Outcome::Pass => self.departure.clone(),
            outcome => Some(Departure::Alternative { outcome, because: self.because.cloned() }),
        }
    }
}

impl Session<'_> {
    /// Waits for what `expect` expects. `optionals` may come before it.
    pub async fn expect(&mut self, expect: &Expect, optionals: &mut Vec<Expectation>) -> WaitResult {
        match &expect.kind {
            ExpectKind::One(one) => {
                let alternatives = vec![Progress::new(std::slice::from_ref(one), Outcome::Pass, None)];
                self.follow(alternatives, expect, optionals).await
            }
            ExpectKind::OneOf(alternatives) => {
                self.follow(alternatives.iter().map(Progress::of).collect(), expect, optionals).await
            }
            ExpectKind::AllOf(all) => self.all_of(all, expect).await,
            ExpectKind::Nothing => self.nothing().await,
            ExpectKind::Optional(one) => {
                optionals.push(one.clone());
                WaitResult::Matched(None, None)
            }
        }
    }

    async fn follow(
        &mut self,
        mut alternatives: Vec<Progress<'_>>,
        expect: &Expect,
        optionals: &mut Vec<Expectation>,
    ) -> WaitResult {
        let started = Instant::now();
        let mut deadline = started + expect.within.unwrap_or(self.settings.timeout);
        let mut other: Option<Received> = None;
        let mut kept = Vec::new();
        let mut barrier_answered = false;
        // The pong that came where the connection must fail.
        let mut continued: Option<Item> = None;
        let mut awaited = Vec::new();
        loop {
            awaited.clear();
            awaited.extend(alternatives.iter().filter_map(Progress::current));
            let wants = |wanted: fn(&Expectation) -> bool| awaited.iter().any(|one| wanted(one));
            let quiet = wants(|one| matches!(one, Expectation::StillOpen { quiet: true }));
            if wants(|one| matches!(one, Expectation::StillOpen { quiet: false })) && !barrier_answered {
                barrier_answered = true;
                self.barrier().await;
            }
            let want_pings = wants(|one| matches!(one, Expectation::Ping(_)));
            // A connection that must fail is tested with a barrier after a while: no need to wait for the whole timeout.
            let tests = !barrier_answered
                && self.close_sent.is_none()
                && wants(|one| matches!(one, Expectation::Fail(_) | Expectation::Eof(_)))
                && !wants(|one| matches!(one, Expectation::Message { .. } | Expectation::Pong(_)));
            let until = if quiet {
                started + expect.within.unwrap_or(self.settings.quiet)
            } else if tests {
                started + self.settings.barrier_after
            } else {
                deadline
            };
            let Some(item) = self.next_event(until.min(deadline), want_pings).await else {
                if quiet && !self.is_over() {
                    if let Some(met) =
                        advance(&mut alternatives, &Received::BarrierAnswered, None, |expectation, _| match expectation
                        {
                            Expectation::StillOpen { quiet: true } => Match::Strict,
                            _ => Match::Ignored,
                        })
                    {
                        self.push_back(kept);
                        return met;
                    }
                    continue;
                }
                if tests && Instant::now() < deadline && !self.is_over() {
                    barrier_answered = true;
                    self.barrier().await;
                    continue;
                }
                // A client that rejects our response may read on for a while; the end of our direction releases it.
                let releases = wants(|one| matches!(one, Expectation::Pong(_)))
                    && wants(|one| matches!(one, Expectation::Eof(_)))
                    && self.may_have_refused();
                if releases && !self.is_over() && self.half_close().await {
                    deadline += LINGER;
                    continue;
                }
                if let Some(item) = continued {
                    return WaitResult::Unmet(Actual::Received(item.received), Some(item.event));
                }
                let waited = started.elapsed();
                let actual = match other {
                    Some(Received::Pong(data)) => Actual::OtherPong(data, waited),
                    Some(Received::Message(message)) => Actual::OtherMessage(message, waited),
                    _ => Actual::Silence(waited),
                };
                return WaitResult::Unmet(actual, None);
            };
            // A pong does not prove that no Close follows: in many targets another part answers pings.
            if item.received == Received::BarrierAnswered
                && continued.is_none()
                && wants(|one| matches!(one, Expectation::Fail(_) | Expectation::Eof(_)))
                && !wants(|one| matches!(one, Expectation::StillOpen { .. }))
            {
                deadline = deadline.min(Instant::now() + self.settings.failure_after_pong());
                continued = Some(item);
                continue;
            }
            let context = Context {
                pings: &self.pings,
                role: self.role(),
                close_sent: self.close_sent,
                strict_messages: self.settings.strict_messages,
            };
            let before: Vec<(usize, bool)> =
                alternatives.iter().map(|progress| (progress.at, progress.alive)).collect();
            if let Some(met) = advance(&mut alternatives, &item.received, Some(item.event), |one, received| {
                context.matches(one, received)
            }) {
                self.push_back(kept);
                return met;
            }
            let advanced = alternatives.iter().zip(&before).any(|(progress, (at, _))| progress.at > *at);
            if !advanced
                && let Some(at) = optionals.iter().position(|one| context.matches(one, &item.received) == Match::Strict)
            {
                optionals.remove(at);
                for (progress, (at, alive)) in alternatives.iter_mut().zip(before) {
                    (progress.at, progress.alive) = (at, alive);
                }
                continue;
            }
            if alternatives.iter().all(|progress| !progress.alive) {
                return WaitResult::Unmet(Actual::Received(item.received), Some(item.event));
            }
            if !advanced && matches!(item.received, Received::Pong(_) | Received::Message(..)) {
                other = Some(item.received.clone());
                if alternatives.iter().any(|progress| matches!(progress.current(), Some(Expectation::StillOpen { .. })))
                {
                    kept.push(item);
                }
            }
        }
    }

    async fn all_of(&mut self, all: &[Expectation], expect: &Expect) -> WaitResult {
        let started = Instant::now();
        let deadline = started + expect.within.unwrap_or(self.settings.timeout);
        let mut left: Vec<&Expectation> = all.iter().collect();
        let mut departed: Option<(Departure, Actual)> = None;
        let mut event = None;
        while !left.is_empty() {
            let want_pings = left.iter().any(|one| matches!(one, Expectation::Ping(_)));
            let Some(item) = self.next_event(deadline, want_pings).await else {
                return WaitResult::Unmet(Actual::Silence(started.elapsed()), None);
            };
            let context = Context {
                pings: &self.pings,
                role: self.role(),
                close_sent: self.close_sent,
                strict_messages: self.settings.strict_messages,
            };
            let mut ignored = false;
            let mut found = None;
            for (at, one) in left.iter().enumerate() {
                match context.matches(one, &item.received) {
                    Match::Strict => found = Some((at, None)),
                    Match::Departed(departure) => found = Some((at, Some(departure))),
                    Match::Ignored => ignored = true,
                    Match::No => {}
                }
                if found.is_some() {
                    break;
                }
            }
            match found {
                Some((at, departure)) => {
                    left.remove(at);
                    event = Some(item.event);
                    if let Some(departure) = departure {
                        departed = Some((departure, Actual::Received(item.received)));
                    }
                }
                None if ignored => {}
                None => return WaitResult::Unmet(Actual::Received(item.received), Some(item.event)),
            }
        }
        WaitResult::Matched(departed, event)
    }

    async fn nothing(&mut self) -> WaitResult {
        self.barrier().await;
        let started = Instant::now();
        let deadline = started + self.settings.timeout;
        loop {
            match self.next_event(deadline, false).await {
                None => return WaitResult::Unmet(Actual::Silence(started.elapsed()), None),
                Some(Item { received: Received::BarrierAnswered, event, .. }) => {
                    return WaitResult::Matched(None, Some(event));
                }
                Some(Item { received: Received::Pong(data), event, .. }) if self.pings.contains(&data) => {
                    return WaitResult::Unmet(Actual::Received(Received::Pong(data)), Some(event));
                }
                Some(Item { received: Received::Pong(_), .. }) => {}
                Some(Item { received: Received::Message(..), .. }) if !self.settings.strict_messages => {}
                Some(item) => return WaitResult::Unmet(Actual::Received(item.received), Some(item.event)),
            }
        }
    }
}

/// Advances every alternative by what was received. The first that is done ends the wait, a strict one before the others.
fn advance(
    alternatives: &mut [Progress<'_>],
    received: &Received,
    event: Option<usize>,
    matches: impl Fn(&Expectation, &Received) -> Match,
) -> Option<WaitResult> {
    for progress in alternatives.iter_mut() {
        let Some(expectation) = progress.current() else { continue };
        match matches(expectation, received) {
            Match::Strict => progress.at += 1,
            Match::Departed(departure) => {
                progress.at += 1;
                progress.departure = Some(departure);
            }
            Match::Ignored => {}
            Match::No => progress.alive = false,
        }
    }
    let done = alternatives.iter().find(|progress| progress.done() && progress.departure.is_none());
    let done = done.or_else(|| alternatives.iter().find(|progress| progress.done()))?;
    let departed = done.departure().map(|departure| (departure, Actual::Received(received.clone())));
    Some(WaitResult::Matched(departed, event))
}

/// The first bytes of something that is not a head, for findings.
pub(super) fn first_bytes(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes.get(..bytes.len().min(64)).unwrap_or_default())
}
