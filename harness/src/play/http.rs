//! A conversation that stays HTTP: what is sent and received on a connection that was not upgraded.

use std::sync::Arc;

use tokio::time::Instant;

use super::facts::{Actual, Expected};
use super::heads::{self, TemplateVars};
use super::script::Play;
use super::session::Received;
use super::transcript::What;
use super::waiting::first_bytes;
use crate::case::{Case, Expect, ExpectKind, Expectation, HeadExpectKind, SendKind, StepKind};
use crate::vocabulary::{Direction, Phase};
use crate::wire::handshake::{Head, HeadReader};

/// Whether the steps of a case use HTTP after a handshake that was refused.
pub(super) fn speaks_http(case: &Case) -> bool {
    case.steps.iter().any(|step| match &step.kind {
        StepKind::Expect(Expect { kind: ExpectKind::One(Expectation::Http(_)), .. }) => true,
        StepKind::Expect(_) | StepKind::Send(_) | StepKind::Series(_) => false,
    })
}

/// The length of the body that a head announces (RFC 9112 section 6.2); a chunked one is read as part of what follows.
fn body_of(head: &Head) -> usize {
    head.first("Content-Length").and_then(|length| length.parse().ok()).unwrap_or(0)
}

impl Play<'_> {
    /// Plays the steps on a connection that still uses HTTP.
    pub(super) async fn converse_in_http(&mut self) {
        let case = self.case;
        let transcript = &self.session.transcript;
        let mut body = transcript.response.as_ref().or(transcript.request.as_ref()).map_or(0, |head| body_of(head));
        for (number, step) in case.steps.iter().enumerate() {
            match &step.kind {
                StepKind::Send(send) if matches!(send.kind, SendKind::Reset | SendKind::Barrier) => {}
                StepKind::Series(_) => {}
                StepKind::Send(send) => self.session.send(send).await,
                StepKind::Expect(expect) => {
                    let by = Phase::Step(number + 1);
                    if let Err((actual, event)) = self.expect_http(expect, &mut body).await {
                        self.unmet(by, Expected::Step(Box::new(expect.kind.clone())), actual, event);
                        return;
                    }
                }
            }
        }
    }

    /// Waits for a head, or the end. `body` is what is left of the body of the head before.
    async fn expect_http(&mut self, expect: &Expect, body: &mut usize) -> Result<(), (Actual, Option<usize>)> {
        let started = Instant::now();
        let deadline = started + expect.within.unwrap_or(self.session.settings.timeout);
        let wanted = match &expect.kind {
            ExpectKind::One(Expectation::Http(kind)) => kind,
            ExpectKind::One(Expectation::Eof(_)) => &HeadExpectKind::End,
            // The reader of cases accepts nothing else.
            _ => return Ok(()),
        };
        let mut reader = HeadReader::new(self.session.settings.max_head);
        loop {
            let mut bytes = self.session.raw.as_mut().map(|raw| raw.split()).unwrap_or_default();
            let skipped = bytes.len().min(*body);
            let _ = bytes.split_to(skipped);
            *body -= skipped;
            match reader.push(&bytes) {
                Err(_) => return Err((Actual::HeadTooLong(self.session.settings.max_head), None)),
                Ok(Some((head, rest))) => {
                    let head = Arc::new(head);
                    let event = self.session.transcript.add(Direction::In, What::Head(Arc::clone(&head)));
                    self.session.raw = Some(rest.as_ref().into());
                    *body = body_of(&head);
                    let key = self.session.transcript.key.clone();
                    let words = TemplateVars::of(self.call, &key);
                    return heads::fits(wanted, &head, &words).map_err(|why| (Actual::Field(why), Some(event)));
                }
                Ok(None) => {}
            }
            if self.session.read_some(deadline).await {
                continue;
            }
            let pending = reader.pending();
            return match (self.session.end(), wanted) {
                (Some(_), HeadExpectKind::End) => Ok(()),
                (Some(kind), HeadExpectKind::Head { .. }) => {
                    Err((Actual::Received(Received::Closed(None, Some(kind))), None))
                }
                (None, _) if pending.is_empty() => Err((Actual::Silence(started.elapsed()), None)),
                (None, _) => Err((Actual::NoHead(String::from_utf8_lossy(&first_bytes(pending)).into_owned()), None)),
            };
        }
    }
}
