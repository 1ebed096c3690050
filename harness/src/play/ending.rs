//! The closing handshake after the last step.

use tokio::time::Instant;

use super::departure::Departure;
use super::facts::{Actual, Expected};
use super::script::Play;
use super::session::Received;
use crate::case::{Ends, Expectation, Need};
use crate::vocabulary::{Phase, StreamEnd};
use crate::wire::close;

impl Play<'_> {
    /// The closing handshake that the harness begins.
    pub(super) async fn end_clean(&mut self, mut optionals: Vec<Expectation>) {
        self.session.holds = self.case.ends == Ends::ServerClosesTcp;
        self.session.close().await;
        let started = Instant::now();
        let deadline = started + self.session.settings.timeout;
        loop {
            let Some(item) = self.session.next_event(deadline, false).await else {
                let actual = Actual::Silence(started.elapsed());
                self.unmet(Phase::Ending, Expected::CleanClose, actual, None);
                return;
            };
            match &item.received {
                Received::Message(message) => {
                    let strict = self.session.settings.strict_messages && self.case.needs.contains(&Need::Echo);
                    let allowed = optionals.iter().position(|one| {
                        matches!(one, Expectation::Message { text: wanted, content }
                            if wanted.is_none_or(|wanted| wanted == message.text) && content.is_met_by(message))
                    });
                    if let Some(at) = allowed {
                        optionals.remove(at);
                    } else if strict {
                        self.unmet(
                            Phase::Ending,
                            Expected::CleanClose,
                            Actual::Received(item.received),
                            Some(item.event),
                        );
                        return;
                    }
                }
                Received::Ping(_) | Received::Pong(_) | Received::BarrierAnswered => {}
                Received::Closed(Some(body), Some(end)) => {
                    let (ends, end) = (self.case.ends, *end);
                    if ends == Ends::Fin && end == StreamEnd::Reset {
                        self.unmet(
                            Phase::Ending,
                            Expected::CleanFin,
                            Actual::Received(item.received),
                            Some(item.event),
                        );
                        return;
                    }
                    if self.session.holds && self.session.went_first {
                        self.unmet(
                            Phase::Ending,
                            Expected::HeldOpen,
                            Actual::Received(item.received),
                            Some(item.event),
                        );
                        return;
                    }
                    if matches!(ends, Ends::Fin | Ends::CloseNotify) && end == StreamEnd::TlsTruncated {
                        let (expected, actual) = (Expected::CloseNotify, Actual::Received(item.received.clone()));
                        self.departed(Phase::Ending, expected, Departure::TlsTruncated, actual, Some(item.event));
                    }
                    match body.code {
                        None | Some(1000) => {}
                        Some(code) if close::may_be_sent(code) => {
                            let departure = Departure::OtherClosingCode(code);
                            let actual = Actual::Received(item.received.clone());
                            self.departed(Phase::Ending, Expected::CleanClose, departure, actual, Some(item.event));
                        }
                        Some(_) => {
                            let (received, event) = (item.received, Some(item.event));
                            self.unmet(Phase::Ending, Expected::CleanClose, Actual::Received(received), event);
                        }
                    }
                    return;
                }
                _ => {
                    self.unmet(Phase::Ending, Expected::CleanClose, Actual::Received(item.received), Some(item.event));
                    return;
                }
            }
        }
    }
}
