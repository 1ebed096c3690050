//! What a client does behind a response that it must refuse.

use std::time::Duration;

use tokio::time::Instant;

use super::facts::{By, Expected, FactKind, Got};
use super::script::Play;
use super::session::Heard;
use super::transcript::{Direction, What};
use super::waiting::first_octets;
use crate::case::model::Outcome;

/// How long the answer to a ping is awaited before our direction ends. A client that took the response answers the ping first.
pub(super) const LINGER: Duration = Duration::from_secs(1);
/// How many octets behind a server's refusal are searched for frames.
const MAX_HEARD: usize = 64 << 10;

/// What has been done so far to learn whether the client goes on.
#[derive(Clone, Copy)]
enum Asked {
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
        let mut asked = Asked::Nothing;
        let mut deadline = started + self.session.settings.fence_after;
        loop {
            if self.asks_again(deadline).await {
                let because = "the client keeps the connection for another request, as of HTTP (Z49)".to_owned();
                let got = Got::Head("a new request".to_owned());
                self.fact(By::Ending, FactKind::Met { outcome: Outcome::Lenient, because, got }, None);
                return;
            }
            let Some(item) = self.session.hear(deadline, true).await else {
                match asked {
                    Asked::Nothing if !self.session.is_over() => {
                        self.session.fence().await;
                        (asked, deadline) = (Asked::Ping, Instant::now() + LINGER.min(self.session.settings.patience));
                    }
                    Asked::Ping if !self.session.is_over() => {
                        self.session.half_close().await;
                        (asked, deadline) = (Asked::End, started + self.session.settings.patience + LINGER);
                    }
                    _ => {
                        self.broken(By::Ending, Expected::Refusal, Got::Silence(started.elapsed()), None);
                        return;
                    }
                }
                continue;
            };
            let because = match (&item.heard, asked) {
                (Heard::Closed(None, _), Asked::Nothing | Asked::Ping) => return,
                (Heard::Closed(None, _), Asked::End) => {
                    "the client takes nothing more, and leaves it to the server to end the stream"
                }
                (Heard::Closed(Some(_), Some(_)), _) => {
                    "the client spoke a Close frame on a connection that never opened, and ended it"
                }
                _ => {
                    self.broken(By::Ending, Expected::Refusal, Got::Heard(item.heard), Some(item.event));
                    return;
                }
            };
            let (outcome, because) = (Outcome::Lenient, because.to_owned());
            let kind = FactKind::Met { outcome, because, got: Got::Heard(item.heard.clone()) };
            self.fact(By::Ending, kind, Some(item.event));
            return;
        }
    }

    /// Waits for the first octets behind the response. True when they are a new request; else they are read as frames.
    async fn asks_again(&mut self, deadline: Instant) -> bool {
        while let Some(raw) = self.session.raw.as_mut() {
            let octets = raw.split();
            if octets.starts_with(b"GET ") {
                self.session.transcript.add(Direction::In, What::Octets(first_octets(&octets)));
                return true;
            }
            if !octets.is_empty() || self.session.end().is_some() {
                self.session.open(&octets);
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
            let octets = self.session.raw.as_mut().map(|raw| raw.split()).unwrap_or_default();
            if !octets.is_empty() {
                // A new request on the same connection is what HTTP allows (Z49).
                if octets.first().is_some_and(u8::is_ascii_uppercase) {
                    self.session.transcript.add(Direction::In, What::Octets(first_octets(&octets)));
                    return;
                }
                self.session.open(&octets);
                let (got, event) = match self.session.hear(started + settings.patience, true).await {
                    Some(item) => (Got::Heard(item.heard), Some(item.event)),
                    None => (Got::NoHead(String::from_utf8_lossy(&first_octets(&octets)).into_owned()), None),
                };
                self.broken(By::Ending, Expected::Refusal, got, event);
                return;
            }
            if self.session.end().is_some() {
                return;
            }
            let until = started + if asked { settings.patience } else { settings.fence_after };
            if self.session.read_some(until).await {
                continue;
            }
            if self.session.end().is_some() {
                return;
            }
            if asked && torn {
                self.broken(By::Ending, Expected::Refusal, Got::Silence(started.elapsed()), None);
                return;
            }
            if asked {
                self.session.transcript.note("the client keeps the connection, as HTTP allows");
                return;
            }
            asked = true;
            self.session.fence().await;
            self.session.half_close().await;
        }
    }

    /// Behind a server's refusal no frame may come; and when the response says so, the stream ends (RFC 9112 section 9.6).
    ///
    /// The server is asked with a ping. A right one takes it for a bad request, since the empty line behind it ends one.
    pub(super) async fn refused_by_server(&mut self) {
        let response = self.session.transcript.response.as_ref();
        let Some(closes) = response.map(|head| head.has_token("Connection", "close")) else { return };
        let (fence_after, patience) = (self.session.settings.fence_after, self.session.settings.patience);
        let started = Instant::now();
        let deadline = started + if closes { patience } else { fence_after * 2 };
        let mut heard = bytes::BytesMut::new();
        self.session.fence().await;
        self.session.write_head(b"\r\n\r\n", None).await;
        loop {
            heard.extend_from_slice(&self.session.raw.as_mut().map(|raw| raw.split()).unwrap_or_default());
            if self.session.answers_a_fence(&heard) {
                let event = self.session.transcript.add(Direction::In, What::Octets(first_octets(&heard)));
                self.broken(By::Ending, Expected::Refusal, Got::Heard(Heard::Fenced), Some(event));
                return;
            }
            if self.session.end().is_some() {
                return;
            }
            if !self.session.read_some(deadline).await && self.session.end().is_none() {
                if closes {
                    self.broken(By::Ending, Expected::Refusal, Got::Silence(started.elapsed()), None);
                } else {
                    self.session.transcript.note("the server keeps the connection, as HTTP allows");
                }
                return;
            }
            // An error page may be long; an answer to the fence is short and comes behind it.
            let spare = heard.len().saturating_sub(MAX_HEARD);
            let _ = heard.split_to(spare);
        }
    }
}
