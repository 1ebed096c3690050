//! What a target does after a handshake that it must refuse, or has refused.

use std::time::Duration;

use tokio::time::Instant;

use super::departure::Departure;
use super::facts::{Actual, Expected};
use super::payload::Payload;
use super::script::Play;
use super::session::Received;
use super::transcript::What;
use super::waiting::first_bytes;
use crate::vocabulary::{Direction, Phase};

/// How long the answer to a ping is awaited before our direction ends. A client that accepted the response answers the ping first.
pub(super) const LINGER: Duration = Duration::from_secs(1);
/// How many bytes after a server's refusal are searched for frames.
const MAX_SEARCHED: usize = 64 << 10;

/// What has been done so far to see whether the client continues.
#[derive(Clone, Copy)]
enum Stage {
    /// Nothing: a client that refuses ends the stream by itself.
    Nothing,
    /// A ping was sent.
    Ping,
    /// Our direction was ended as well.
    End,
}

impl Play<'_> {
    /// The target must have refused our handshake: no frame and no pong comes, and the stream ends.
    ///
    /// Some clients read on for seconds, to show the user what the server sent. A ping that they leave unanswered
    /// shows that the connection is not open, and the end of our direction releases them.
    pub(super) async fn refused(&mut self, upgraded: bool) {
        if !upgraded {
            return self.refused_by_http().await;
        }
        let started = Instant::now();
        let mut stage = Stage::Nothing;
        let mut deadline = started + self.session.settings.barrier_after;
        loop {
            if self.sends_another_request(deadline).await {
                let actual = Actual::Head("another request".to_owned());
                self.departed(Phase::Ending, Expected::Refusal, Departure::AnotherRequest, actual, None);
                return;
            }
            let Some(item) = self.session.next_event(deadline, true).await else {
                match stage {
                    Stage::Nothing if !self.session.is_over() => {
                        self.session.barrier().await;
                        (stage, deadline) = (Stage::Ping, Instant::now() + LINGER.min(self.session.settings.timeout));
                    }
                    Stage::Ping if !self.session.is_over() => {
                        self.session.half_close().await;
                        (stage, deadline) = (Stage::End, started + self.session.settings.timeout + LINGER);
                    }
                    _ => {
                        self.unmet(Phase::Ending, Expected::Refusal, Actual::Silence(started.elapsed()), None);
                        return;
                    }
                }
                continue;
            };
            let departure = match (&item.received, stage) {
                (Received::Closed(None, _), Stage::Nothing | Stage::Ping) => return,
                (Received::Closed(None, _), Stage::End) => Departure::EndLeftToServer,
                (Received::Closed(Some(_), Some(_)), _) => Departure::CloseFrameUnopened,
                (Received::Http(_), _) => Departure::AnotherRequest,
                _ => {
                    self.unmet(Phase::Ending, Expected::Refusal, Actual::Received(item.received), Some(item.event));
                    return;
                }
            };
            let actual = Actual::Received(item.received.clone());
            self.departed(Phase::Ending, Expected::Refusal, departure, actual, Some(item.event));
            return;
        }
    }

    /// Waits for the first bytes after the response. True when they are a new request; else they are read as frames.
    async fn sends_another_request(&mut self, deadline: Instant) -> bool {
        while let Some(raw) = self.session.raw.as_mut() {
            let bytes = raw.split();
            if bytes.starts_with(b"GET ") {
                self.session.transcript.add(Direction::In, What::Bytes(Payload::of(&bytes)));
                return true;
            }
            if !bytes.is_empty() || self.session.end().is_some() {
                self.session.open(&bytes);
            } else if !self.session.read_some(deadline).await && self.session.end().is_none() {
                return false;
            }
        }
        false
    }

    /// After a response other than 101 a client may keep the connection for HTTP, but no frame may come.
    async fn refused_by_http(&mut self) {
        let settings = self.session.settings;
        let started = Instant::now();
        let mut asked = false;
        // A client that sees the end of the stream inside a head must end it too; one with a whole response may wait for more HTTP.
        let ended_inside = self.session.half_closed();
        loop {
            let bytes = self.session.raw.as_mut().map(|raw| raw.split()).unwrap_or_default();
            if !bytes.is_empty() {
                // A new request on the same connection is what HTTP allows (Z49).
                if bytes.first().is_some_and(u8::is_ascii_uppercase) {
                    self.session.transcript.add(Direction::In, What::Bytes(Payload::of(&bytes)));
                    return;
                }
                self.session.open(&bytes);
                let (actual, event) = match self.session.next_event(started + settings.timeout, true).await {
                    Some(item) => (Actual::Received(item.received), Some(item.event)),
                    None => (Actual::NoHead(String::from_utf8_lossy(&first_bytes(&bytes)).into_owned()), None),
                };
                self.unmet(Phase::Ending, Expected::Refusal, actual, event);
                return;
            }
            if self.session.end().is_some() {
                return;
            }
            let until = started + if asked { settings.timeout } else { settings.barrier_after };
            if self.session.read_some(until).await {
                continue;
            }
            if self.session.end().is_some() {
                return;
            }
            if asked && ended_inside {
                self.unmet(Phase::Ending, Expected::Refusal, Actual::Silence(started.elapsed()), None);
                return;
            }
            if asked {
                self.session.transcript.note("the client keeps the connection, as HTTP allows");
                return;
            }
            asked = true;
            self.session.barrier().await;
            self.session.half_close().await;
        }
    }

    /// After a server's refusal no frame may come; and when the response says so, the stream ends (RFC 9112 section 9.6).
    ///
    /// The server is sent a ping. A conforming one reads it as a bad request, because the empty line after it ends one.
    pub(super) async fn refused_by_server(&mut self) {
        let response = self.session.transcript.response.as_ref();
        let Some(closes) = response.map(|head| head.has_token("Connection", "close")) else { return };
        let (barrier_after, timeout) = (self.session.settings.barrier_after, self.session.settings.timeout);
        let started = Instant::now();
        let deadline = started + if closes { timeout } else { barrier_after * 2 };
        let mut received = bytes::BytesMut::new();
        self.session.barrier().await;
        self.session.write_head(b"\r\n\r\n", None).await;
        loop {
            received.extend_from_slice(&self.session.raw.as_mut().map(|raw| raw.split()).unwrap_or_default());
            if self.session.answers_a_barrier(&received) {
                let event = self.session.transcript.add(Direction::In, What::Bytes(Payload::of(&received)));
                self.unmet(Phase::Ending, Expected::Refusal, Actual::Received(Received::BarrierAnswered), Some(event));
                return;
            }
            if self.session.end().is_some() {
                return;
            }
            if !self.session.read_some(deadline).await && self.session.end().is_none() {
                if closes {
                    self.unmet(Phase::Ending, Expected::Refusal, Actual::Silence(started.elapsed()), None);
                } else {
                    self.session.transcript.note("the server keeps the connection, as HTTP allows");
                }
                return;
            }
            // An error page may be long; an answer to the barrier is short and comes after it.
            let spare = received.len().saturating_sub(MAX_SEARCHED);
            let _ = received.split_to(spare);
        }
    }
}
