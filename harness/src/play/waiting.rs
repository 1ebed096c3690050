//! Waiting for what a step expects.

use bytes::Bytes;
use tokio::time::Instant;

use super::facts::Got;
use super::matching::{Context, Match};
use super::refusal::LINGER;
use super::session::{Heard, Item, Session};
use crate::case::model::{Alternative, Expect, ExpectKind, Expectation, Outcome};

/// How a wait ended.
pub(super) enum Waited {
    /// What was expected came; what it earns where that is less than a pass; the event that shows it.
    Met(Option<(Outcome, String, Got)>, Option<usize>),
    /// Something else came, or nothing.
    Broken(Got, Option<usize>),
}

/// One alternative on its way.
struct Track<'a> {
    sequence: &'a [Expectation],
    outcome: Outcome,
    because: Option<&'a str>,
    at: usize,
    alive: bool,
    zone: Option<(Outcome, &'static str)>,
}

impl<'a> Track<'a> {
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
    pub async fn expect(&mut self, expect: &Expect, optionals: &mut Vec<Expectation>) -> Waited {
        match &expect.kind {
            ExpectKind::One(one) => {
                let tracks = vec![Track::new(std::slice::from_ref(one), Outcome::Pass, None)];
                self.follow(tracks, expect, optionals).await
            }
            ExpectKind::OneOf(alternatives) => {
                self.follow(alternatives.iter().map(Track::of).collect(), expect, optionals).await
            }
            ExpectKind::AllOf(all) => self.all_of(all, expect).await,
            ExpectKind::Nothing => self.nothing().await,
            ExpectKind::Optional(one) => {
                optionals.push(one.clone());
                Waited::Met(None, None)
            }
        }
    }

    async fn follow(
        &mut self,
        mut tracks: Vec<Track<'_>>,
        expect: &Expect,
        optionals: &mut Vec<Expectation>,
    ) -> Waited {
        let started = Instant::now();
        let mut deadline = started + expect.within.unwrap_or(self.settings.patience);
        let mut other: Option<Heard> = None;
        let mut kept = Vec::new();
        let mut fenced = false;
        let mut awaited = Vec::new();
        loop {
            awaited.clear();
            awaited.extend(tracks.iter().filter_map(Track::current));
            let wants = |wanted: fn(&Expectation) -> bool| awaited.iter().any(|one| wanted(one));
            let quiet = wants(|one| matches!(one, Expectation::StillOpen { quiet: true }));
            if wants(|one| matches!(one, Expectation::StillOpen { quiet: false })) && !fenced {
                fenced = true;
                self.fence().await;
            }
            let want_pings = wants(|one| matches!(one, Expectation::Ping(_)));
            // A connection that must fail is asked, after a while, whether it goes on: no need to spend all patience.
            let asks = !fenced
                && self.close_sent.is_none()
                && wants(|one| matches!(one, Expectation::Fail(_) | Expectation::Eof(_)))
                && !wants(|one| matches!(one, Expectation::Message { .. } | Expectation::Pong(_)));
            let until = if quiet {
                started + expect.within.unwrap_or(self.settings.quiet)
            } else if asks {
                started + self.settings.fence_after
            } else {
                deadline
            };
            let Some(item) = self.hear(until.min(deadline), want_pings).await else {
                if quiet && !self.is_over() {
                    if let Some(met) = advance(&mut tracks, &Heard::Fenced, None, |expectation, _| match expectation {
                        Expectation::StillOpen { quiet: true } => Match::Strict,
                        _ => Match::PassOver,
                    }) {
                        self.unhear(kept);
                        return met;
                    }
                    continue;
                }
                if asks && Instant::now() < deadline && !self.is_over() {
                    fenced = true;
                    self.fence().await;
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
                let got = match other {
                    Some(Heard::Pong(data)) => Got::OtherPong(data, waited),
                    Some(Heard::Message(_, data)) => Got::OtherMessage(data, waited),
                    _ => Got::Silence(waited),
                };
                return Waited::Broken(got, None);
            };
            let context = Context {
                pings: &self.pings,
                role: self.role(),
                close_sent: self.close_sent,
                strict_messages: self.settings.strict_messages,
            };
            let before: Vec<(usize, bool)> = tracks.iter().map(|track| (track.at, track.alive)).collect();
            if let Some(met) =
                advance(&mut tracks, &item.heard, Some(item.event), |one, heard| context.matches(one, heard))
            {
                self.unhear(kept);
                return met;
            }
            let advanced = tracks.iter().zip(&before).any(|(track, (at, _))| track.at > *at);
            if !advanced
                && let Some(at) = optionals.iter().position(|one| context.matches(one, &item.heard) == Match::Strict)
            {
                optionals.remove(at);
                for (track, (at, alive)) in tracks.iter_mut().zip(before) {
                    (track.at, track.alive) = (at, alive);
                }
                continue;
            }
            if tracks.iter().all(|track| !track.alive) {
                return Waited::Broken(Got::Heard(item.heard), Some(item.event));
            }
            if !advanced && matches!(item.heard, Heard::Pong(_) | Heard::Message(..)) {
                other = Some(item.heard.clone());
                if tracks.iter().any(|track| matches!(track.current(), Some(Expectation::StillOpen { .. }))) {
                    kept.push(item);
                }
            }
        }
    }

    async fn all_of(&mut self, all: &[Expectation], expect: &Expect) -> Waited {
        let started = Instant::now();
        let deadline = started + expect.within.unwrap_or(self.settings.patience);
        let mut left: Vec<&Expectation> = all.iter().collect();
        let mut earned: Option<(Outcome, String, Got)> = None;
        let mut event = None;
        while !left.is_empty() {
            let want_pings = left.iter().any(|one| matches!(one, Expectation::Ping(_)));
            let Some(item) = self.hear(deadline, want_pings).await else {
                return Waited::Broken(Got::Silence(started.elapsed()), None);
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
                match context.matches(one, &item.heard) {
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
                        earned = Some((outcome, zone.to_owned(), Got::Heard(item.heard)));
                    }
                }
                None if passed_over => {}
                None => return Waited::Broken(Got::Heard(item.heard), Some(item.event)),
            }
        }
        Waited::Met(earned, event)
    }

    async fn nothing(&mut self) -> Waited {
        self.fence().await;
        let started = Instant::now();
        let deadline = started + self.settings.patience;
        loop {
            match self.hear(deadline, false).await {
                None => return Waited::Broken(Got::Silence(started.elapsed()), None),
                Some(Item { heard: Heard::Fenced, event }) => return Waited::Met(None, Some(event)),
                Some(Item { heard: Heard::Pong(data), event }) if self.pings.contains(&data) => {
                    return Waited::Broken(Got::Heard(Heard::Pong(data)), Some(event));
                }
                Some(Item { heard: Heard::Pong(_), .. }) => {}
                Some(Item { heard: Heard::Message(..), .. }) if !self.settings.strict_messages => {}
                Some(item) => return Waited::Broken(Got::Heard(item.heard), Some(item.event)),
            }
        }
    }
}

/// Moves every track on by what was heard. The first that is done, strictly before by a zone, ends the wait.
fn advance(
    tracks: &mut [Track<'_>],
    heard: &Heard,
    event: Option<usize>,
    matches: impl Fn(&Expectation, &Heard) -> Match,
) -> Option<Waited> {
    for track in tracks.iter_mut() {
        let Some(expectation) = track.current() else { continue };
        match matches(expectation, heard) {
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
    let earned = done.earns().map(|(outcome, because)| (outcome, because, Got::Heard(heard.clone())));
    Some(Waited::Met(earned, event))
}

/// A note of octets, for findings.
pub(super) fn first_octets(octets: &[u8]) -> Bytes {
    Bytes::copy_from_slice(octets.get(..octets.len().min(64)).unwrap_or_default())
}
