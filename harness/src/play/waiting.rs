//! Waiting for what a step expects.

use bytes::Bytes;
use tokio::time::Instant;

use super::facts::Actual;
use super::matching::{Context, Match};
use super::refusal::LINGER;
use super::session::{Item, Received, Session};
use crate::case::{Alternative, Expect, ExpectKind, Expectation};
use crate::vocabulary::Outcome;

/// How a wait ended.
pub(super) enum WaitResult {
    /// What was expected came; what it earns where that is less than a pass; the event that shows it.
    Matched(Option<(Outcome, String, Actual)>, Option<usize>),
    /// Something else came, or nothing.
    Failed(Actual, Option<usize>),
}

/// One alternative on its way.
struct AlternativeTrack<'a> {
    sequence: &'a [Expectation],
    outcome: Outcome,
    because: Option<&'a str>,
    at: usize,
    alive: bool,
    zone: Option<(Outcome, &'static str)>,
}

impl<'a> AlternativeTrack<'a> {
    fn new(sequence: &'a [Expectation], outcome: Outcome, because: Option<&'a str>) -> Self {
        Self { sequence, outcome, because, at: 0, alive: true, zone: None }
    }

    fn of(alternative: &'a Alternative) -> Self {
        Self::new(&alternative.sequence, alternative.outcome, alternative.because.as_deref())
    }

    fn current(&self) -> Option<&'a Expectation> {
        self.sequence.get(self.at).filter(|_| self.alive)
    }

    fn done(&self) -> bool {
        self.alive && self.at >= self.sequence.len()
    }

    /// What it earns when it is done.
    fn earns(&self) -> Option<(Outcome, String)> {
        match (self.outcome, self.zone) {
            (Outcome::Pass, None) => None,
            (Outcome::Pass, Some((outcome, zone))) => Some((outcome, zone.to_owned())),
            (outcome, _) => Some((outcome, self.because.unwrap_or_default().to_owned())),
        }
    }
}

impl Session<'_> {
    /// Waits for what `expect` asks for. `optionals` may come before it.
    pub async fn expect(&mut self, expect: &Expect, optionals: &mut Vec<Expectation>) -> WaitResult {
        match &expect.kind {
            ExpectKind::One(one) => {
                let tracks = vec![AlternativeTrack::new(std::slice::from_ref(one), Outcome::Pass, None)];
                self.follow(tracks, expect, optionals).await
            }
            ExpectKind::OneOf(alternatives) => {
                self.follow(alternatives.iter().map(AlternativeTrack::of).collect(), expect, optionals).await
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
        mut tracks: Vec<AlternativeTrack<'_>>,
        expect: &Expect,
        optionals: &mut Vec<Expectation>,
    ) -> WaitResult {
        let started = Instant::now();
        let mut deadline = started + expect.within.unwrap_or(self.settings.timeout);
        let mut other: Option<Received> = None;
        let mut kept = Vec::new();
        let mut barrier_answered = false;
        let mut awaited = Vec::new();
        loop {
            awaited.clear();
            awaited.extend(tracks.iter().filter_map(AlternativeTrack::current));
            let wants = |wanted: fn(&Expectation) -> bool| awaited.iter().any(|one| wanted(one));
            let quiet = wants(|one| matches!(one, Expectation::StillOpen { quiet: true }));
            if wants(|one| matches!(one, Expectation::StillOpen { quiet: false })) && !barrier_answered {
                barrier_answered = true;
                self.barrier().await;
            }
            let want_pings = wants(|one| matches!(one, Expectation::Ping(_)));
            // A connection that must fail is asked, after a while, whether it goes on: no need to spend the whole timeout.
            let asks = !barrier_answered
                && self.close_sent.is_none()
                && wants(|one| matches!(one, Expectation::Fail(_) | Expectation::Eof(_)))
                && !wants(|one| matches!(one, Expectation::Message { .. } | Expectation::Pong(_)));
            let until = if quiet {
                started + expect.within.unwrap_or(self.settings.quiet)
            } else if asks {
                started + self.settings.barrier_after
            } else {
                deadline
            };
            let Some(item) = self.next_event(until.min(deadline), want_pings).await else {
                if quiet && !self.is_over() {
                    if let Some(met) =
                        advance(&mut tracks, &Received::BarrierAnswered, None, |expectation, _| match expectation {
                            Expectation::StillOpen { quiet: true } => Match::Strict,
                            _ => Match::PassOver,
                        })
                    {
                        self.push_back(kept);
                        return met;
                    }
                    continue;
                }
                if asks && Instant::now() < deadline && !self.is_over() {
                    barrier_answered = true;
                    self.barrier().await;
                    continue;
                }
                // A client that refuses our response may read on for a while; the end of our direction lets it go.
                let lets_go = wants(|one| matches!(one, Expectation::Pong(_)))
                    && wants(|one| matches!(one, Expectation::Eof(_)))
                    && self.may_have_refused();
                if lets_go && !self.is_over() && self.half_close().await {
                    deadline += LINGER;
                    continue;
                }
                let waited = started.elapsed();
                let actual = match other {
                    Some(Received::Pong(data)) => Actual::OtherPong(data, waited),
                    Some(Received::Message(message)) => Actual::OtherMessage(message, waited),
                    _ => Actual::Silence(waited),
                };
                return WaitResult::Failed(actual, None);
            };
            let context = Context {
                pings: &self.pings,
                role: self.role(),
                close_sent: self.close_sent,
                strict_messages: self.settings.strict_messages,
            };
            let before: Vec<(usize, bool)> = tracks.iter().map(|track| (track.at, track.alive)).collect();
            if let Some(met) =
                advance(&mut tracks, &item.received, Some(item.event), |one, received| context.matches(one, received))
            {
                self.push_back(kept);
                return met;
            }
            let advanced = tracks.iter().zip(&before).any(|(track, (at, _))| track.at > *at);
            if !advanced
                && let Some(at) = optionals.iter().position(|one| context.matches(one, &item.received) == Match::Strict)
            {
                optionals.remove(at);
                for (track, (at, alive)) in tracks.iter_mut().zip(before) {
                    (track.at, track.alive) = (at, alive);
                }
                continue;
            }
            if tracks.iter().all(|track| !track.alive) {
                return WaitResult::Failed(Actual::Received(item.received), Some(item.event));
            }
            if !advanced && matches!(item.received, Received::Pong(_) | Received::Message(..)) {
                other = Some(item.received.clone());
                if tracks.iter().any(|track| matches!(track.current(), Some(Expectation::StillOpen { .. }))) {
                    kept.push(item);
                }
            }
        }
    }

    async fn all_of(&mut self, all: &[Expectation], expect: &Expect) -> WaitResult {
        let started = Instant::now();
        let deadline = started + expect.within.unwrap_or(self.settings.timeout);
        let mut left: Vec<&Expectation> = all.iter().collect();
        let mut earned: Option<(Outcome, String, Actual)> = None;
        let mut event = None;
        while !left.is_empty() {
            let want_pings = left.iter().any(|one| matches!(one, Expectation::Ping(_)));
            let Some(item) = self.next_event(deadline, want_pings).await else {
                return WaitResult::Failed(Actual::Silence(started.elapsed()), None);
            };
            let context = Context {
                pings: &self.pings,
                role: self.role(),
                close_sent: self.close_sent,
                strict_messages: self.settings.strict_messages,
            };
            let mut passed_over = false;
            let mut found = None;
            for (at, one) in left.iter().enumerate() {
                match context.matches(one, &item.received) {
                    Match::Strict => found = Some((at, None)),
                    Match::Zone(outcome, zone) => found = Some((at, Some((outcome, zone)))),
                    Match::PassOver => passed_over = true,
                    Match::No => {}
                }
                if found.is_some() {
                    break;
                }
            }
            match found {
                Some((at, zone)) => {
                    left.remove(at);
                    event = Some(item.event);
                    if let Some((outcome, zone)) = zone {
                        earned = Some((outcome, zone.to_owned(), Actual::Received(item.received)));
                    }
                }
                None if passed_over => {}
                None => return WaitResult::Failed(Actual::Received(item.received), Some(item.event)),
            }
        }
        WaitResult::Matched(earned, event)
    }

    async fn nothing(&mut self) -> WaitResult {
        self.barrier().await;
        let started = Instant::now();
        let deadline = started + self.settings.timeout;
        loop {
            match self.next_event(deadline, false).await {
                None => return WaitResult::Failed(Actual::Silence(started.elapsed()), None),
                Some(Item { received: Received::BarrierAnswered, event, .. }) => {
                    return WaitResult::Matched(None, Some(event));
                }
                Some(Item { received: Received::Pong(data), event, .. }) if self.pings.contains(&data) => {
                    return WaitResult::Failed(Actual::Received(Received::Pong(data)), Some(event));
                }
                Some(Item { received: Received::Pong(_), .. }) => {}
                Some(Item { received: Received::Message(..), .. }) if !self.settings.strict_messages => {}
                Some(item) => return WaitResult::Failed(Actual::Received(item.received), Some(item.event)),
            }
        }
    }
}

/// Moves every track on by what was heard. The first that is done, strictly before by a zone, ends the wait.
fn advance(
    tracks: &mut [AlternativeTrack<'_>],
    received: &Received,
    event: Option<usize>,
    matches: impl Fn(&Expectation, &Received) -> Match,
) -> Option<WaitResult> {
    for track in tracks.iter_mut() {
        let Some(expectation) = track.current() else { continue };
        match matches(expectation, received) {
            Match::Strict => track.at += 1,
            Match::Zone(outcome, zone) => {
                track.at += 1;
                track.zone = Some((outcome, zone));
            }
            Match::PassOver => {}
            Match::No => track.alive = false,
        }
    }
    let done = tracks.iter().find(|track| track.done() && track.zone.is_none());
    let done = done.or_else(|| tracks.iter().find(|track| track.done()))?;
    let earned = done.earns().map(|(outcome, because)| (outcome, because, Actual::Received(received.clone())));
    Some(WaitResult::Matched(earned, event))
}

/// The first bytes of something that is not a head, for findings.
pub(super) fn first_bytes(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes.get(..bytes.len().min(64)).unwrap_or_default())
}
