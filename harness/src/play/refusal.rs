//! What a client does behind a response that it must refuse.

use std::time::Duration;

use tokio::time::Instant;

use super::facts::{Actual, Expected, FactKind};
use super::payload::Payload;
use super::script::Play;
use super::session::Received;
use super::transcript::What;
use super::waiting::first_bytes;
use crate::vocabulary::{Direction, Outcome, Phase};

/// How long the answer to a ping is awaited before our direction ends. A client that took the response answers the ping first.
pub(super) const LINGER: Duration = Duration::from_secs(1);
/// How many bytes behind a server's refusal are searched for frames.
const MAX_HEARD: usize = 64 << 10;

/// What has been done so far to learn whether the client goes on.
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
    /// Some clients read on for seconds, to show the user what the server said. A ping that they leave without an answer
    /// shows that nothing was opened, and the end of our direction lets them go.
    pub(super) async fn refused(&mut self, upgraded: bool) {
        if !upgraded {
            return self.refused_by_http().await;
        }
        let started = Instant::now();
        let mut asked = Stage::Nothing;
        let mut deadline = started + self.session.settings.barrier_after;
        loop {
            if self.asks_again(deadline).await {
                let because = "the client keeps the connection for another request, as of HTTP (Z49)".to_owned();
                let actual = Actual::Head("a new request".to_owned());
                self.fact(Phase::Ending, FactKind::Departed { outcome: Outcome::Lenient, because, actual }, None);
                return;
            }
            let Some(item) = self.session.next_event(deadline, true).await else {
                match asked {
                    Stage::Nothing if !self.session.is_over() => {
                        self.session.barrier().await;
                        (asked, deadline) = (Stage::Ping, Instant::now() + LINGER.min(self.session.settings.timeout));
                    }
                    Stage::Ping if !self.session.is_over() => {
                        self.session.half_close().await;
                        (asked, deadline) = (Stage::End, started + self.session.settings.timeout + LINGER);
                    }
                    _ => {
                        self.broken(Phase::Ending, Expected::Refusal, Actual::Silence(started.elapsed()), None);
                        return;
                    }
                }
                continue;
            };
            let because = match (&item.received, asked) {
                (Received::Closed(None, _), Stage::Nothing | Stage::Ping) => return,
                (Received::Closed(None, _), Stage::End) => {
                    "the client takes nothing more, and leaves it to the server to end the stream"
                }
                (Received::Closed(Some(_), Some(_)), _) => {
                    "the client spoke a Close frame on a connection that never opened, and ended it"
                }
                _ => {
                    self.broken(Phase::Ending, Expected::Refusal, Actual::Received(item.received), Some(item.event));
                    return;
                }
            };
            let (outcome, because) = (Outcome::Lenient, because.to_owned());
            let kind = FactKind::Departed { outcome, because, actual: Actual::Received(item.received.clone()) };
            self.fact(Phase::Ending, kind, Some(item.event));
            return;
        }
    }

    /// Waits for the first bytes behind the response. True when they are a new request; else they are read as frames.
    async fn asks_again(&mut self, deadline: Instant) -> bool {
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

    /// Behind a response other than 101 a client may keep the connection for HTTP, but no frame may come.
    async fn refused_by_http(&mut self) {
        let settings = self.session.settings;
        let started = Instant::now();
        let mut asked = false;
        // A client that is told of the end inside a head must go; one that has a whole answer may wait for more of HTTP.
        let torn = self.session.half_closed();
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
                self.broken(Phase::Ending, Expected::Refusal, actual, event);
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
            if asked && torn {
                self.broken(Phase::Ending, Expected::Refusal, Actual::Silence(started.elapsed()), None);
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

    /// Behind a server's refusal no frame may come; and when the response says so, the stream ends (RFC 9112 section 9.6).
    ///
    /// The server is asked with a ping. A right one takes it for a bad request, since the empty line behind it ends one.
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
                self.broken(Phase::Ending, Expected::Refusal, Actual::Received(Received::BarrierAnswered), Some(event));
                return;
            }
            if self.session.end().is_some() {
                return;
            }
            if !self.session.read_some(deadline).await && self.session.end().is_none() {
                if closes {
                    self.broken(Phase::Ending, Expected::Refusal, Actual::Silence(started.elapsed()), None);
                } else {
                    self.session.transcript.note("the server keeps the connection, as HTTP allows");
                }
                return;
            }
            // An error page may be long; an answer to the barrier is short and comes behind it.
            let spare = received.len().saturating_sub(MAX_HEARD);
            let _ = received.split_to(spare);
        }
    }
}
