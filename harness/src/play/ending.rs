//! The closing handshake behind the last step.

use tokio::time::Instant;

use super::facts::{Actual, Expected, FactKind};
use super::script::Play;
use super::session::Received;
use crate::case::{Ends, Expectation, Need};
use crate::vocabulary::{Outcome, Phase, StreamEnd};
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
                self.broken(Phase::Ending, Expected::CleanClose, actual, None);
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
                        self.broken(
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
                        self.broken(
                            Phase::Ending,
                            Expected::CleanFin,
                            Actual::Received(item.received),
                            Some(item.event),
                        );
                        return;
                    }
                    if self.session.holds && self.session.went_first {
                        self.broken(
                            Phase::Ending,
                            Expected::HeldOpen,
                            Actual::Received(item.received),
                            Some(item.event),
                        );
                        return;
                    }
                    if matches!(ends, Ends::Fin | Ends::CloseNotify) && end == StreamEnd::TlsTruncated {
                        let because =
                            "many end TLS by a FIN alone, and a whole conversation stands before it".to_owned();
                        let actual = Actual::Received(item.received.clone());
                        let kind = FactKind::Departed { outcome: Outcome::Lenient, because, actual };
                        self.fact(Phase::Ending, kind, Some(item.event));
                    }
                    match body.code {
                        None | Some(1000) => {}
                        Some(code) if close::may_be_sent(code) => {
                            let (outcome, because) = (Outcome::Lenient, "Z6".to_owned());
                            let kind = FactKind::Departed {
                                outcome,
                                because,
                                actual: Actual::Received(item.received.clone()),
                            };
                            self.fact(Phase::Ending, kind, Some(item.event));
                        }
                        Some(_) => {
                            let (received, event) = (item.received, Some(item.event));
                            self.broken(Phase::Ending, Expected::CleanClose, Actual::Received(received), event);
                        }
                    }
                    return;
                }
                _ => {
                    self.broken(Phase::Ending, Expected::CleanClose, Actual::Received(item.received), Some(item.event));
                    return;
                }
            }
        }
    }
}
