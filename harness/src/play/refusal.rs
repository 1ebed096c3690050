//! Behind a handshake that was refused.

use tokio::time::Instant;

use super::facts::{By, Expected, FactKind, Got};
use super::script::Play;
use super::session::Heard;
use super::transcript::{Direction, What};
use super::waiting::first_octets;
use crate::case::model::{Outcome, SendKind};

/// How many octets behind a server's refusal are searched for frames.
const MAX_HEARD: usize = 64 << 10;

impl Play<'_> {
    /// The target must have refused our handshake: no frame and no pong comes, and the stream ends.
    pub(super) async fn refused(&mut self, upgraded: bool) {
        if !upgraded {
            return self.refused_by_http().await;
        }
        let started = Instant::now();
        let deadline = started + self.session.settings.patience;
        let mut asked = false;
        loop {
            let until = if asked { deadline } else { started + self.session.settings.fence_after };
            let Some(item) = self.session.hear(until.min(deadline), true).await else {
                if !asked && !self.session.is_over() {
                    asked = true;
                    self.session.fence().await;
                    continue;
                }
                self.broken(By::Ending, Expected::Refusal, Got::Silence(started.elapsed()), None);
                return;
            };
            match &item.heard {
                Heard::Closed(None, _) => return,
                Heard::Closed(Some(_), Some(_)) => {
                    let because = "the client spoke a Close frame on a connection that never opened, and ended it";
                    let (outcome, because) = (Outcome::Lenient, because.to_owned());
                    let kind = FactKind::Met { outcome, because, got: Got::Heard(item.heard.clone()) };
                    self.fact(By::Ending, kind, Some(item.event));
                    return;
                }
                _ => {
                    self.broken(By::Ending, Expected::Refusal, Got::Heard(item.heard), Some(item.event));
                    return;
                }
            }
        }
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
                let event = self.session.transcript.add(Direction::In, What::Octets(first_octets(&octets)));
                if !octets.first().is_some_and(u8::is_ascii_uppercase) {
                    let got = Got::NoHead(String::from_utf8_lossy(&first_octets(&octets)).into_owned());
                    self.broken(By::Ending, Expected::Refusal, got, Some(event));
                }
                // Else a new request on the same connection, as HTTP allows (Z49).
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
            let half_close = crate::case::model::Send { kind: SendKind::HalfClose, chop: None };
            self.session.send(&half_close).await;
        }
    }

    /// Behind a server's refusal no frame may come; and when the response says so, the stream ends (RFC 9112 section 9.6).
    pub(super) async fn refused_by_server(&mut self) {
        let response = self.session.transcript.response.as_ref();
        let Some(closes) = response.map(|head| head.has_token("Connection", "close")) else { return };
        let (fence_after, patience) = (self.session.settings.fence_after, self.session.settings.patience);
        let started = Instant::now();
        let mut heard = bytes::BytesMut::new();
        let mut asked = false;
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
            let time = match (asked, closes) {
                (false, _) => fence_after,
                (true, false) => fence_after * 2,
                (true, true) => patience,
            };
            if !self.session.read_some(started + time).await && self.session.end().is_none() {
                if asked && closes {
                    self.broken(By::Ending, Expected::Refusal, Got::Silence(started.elapsed()), None);
                    return;
                }
                if asked {
                    self.session.transcript.note("the server keeps the connection, as HTTP allows");
                    return;
                }
                // A server that is still there is asked whether it speaks frames.
                asked = true;
                self.session.fence().await;
            }
            // An error page may be long; an answer to the fence is short and comes behind it.
            let spare = heard.len().saturating_sub(MAX_HEARD);
            let _ = heard.split_to(spare);
        }
    }
}
