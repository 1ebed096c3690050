//! The closing handshake behind the last step.

use tokio::time::Instant;

use super::facts::{By, Expected, FactKind, Got};
use super::script::Play;
use super::session::Heard;
use crate::case::model::{EndKind, Ends, Expectation, Need, Outcome};
use crate::wire::close;

impl Play<'_> {
    /// The closing handshake that the harness begins.
    pub(super) async fn end_clean(&mut self, mut optionals: Vec<Expectation>) {
        self.session.holds = self.case.ends == Ends::Held;
        self.session.close().await;
        let started = Instant::now();
        let deadline = started + self.session.settings.patience;
        loop {
            let Some(item) = self.session.hear(deadline, false).await else {
                let got = Got::Silence(started.elapsed());
                self.broken(By::Ending, Expected::CleanClose, got, None);
                return;
            };
            match &item.heard {
                Heard::Message(text, data) => {
                    let strict = self.session.settings.strict_messages && self.case.needs.contains(&Need::Echo);
                    let allowed = optionals.iter().position(|one| {
                        matches!(one, Expectation::Message { text: wanted, content }
                            if wanted.is_none_or(|wanted| wanted == *text) && content.holds(data))
                    });
                    if let Some(at) = allowed {
                        optionals.remove(at);
                    } else if strict {
                        self.broken(By::Ending, Expected::CleanClose, Got::Heard(item.heard), Some(item.event));
                        return;
                    }
                }
                Heard::Ping(_) | Heard::Pong(_) | Heard::Fenced => {}
                Heard::Closed(Some(body), Some(end)) => {
                    let (ends, end) = (self.case.ends, *end);
                    if ends == Ends::Fin && end == EndKind::Reset {
                        self.broken(By::Ending, Expected::CleanFin, Got::Heard(item.heard), Some(item.event));
                        return;
                    }
                    if self.session.holds && self.session.went_first {
                        self.broken(By::Ending, Expected::HeldOpen, Got::Heard(item.heard), Some(item.event));
                        return;
                    }
                    if matches!(ends, Ends::Fin | Ends::Notified) && end == EndKind::Cut {
                        let because =
                            "many end TLS by a FIN alone, and a whole conversation stands before it".to_owned();
                        let got = Got::Heard(item.heard.clone());
                        let kind = FactKind::Met { outcome: Outcome::Lenient, because, got };
                        self.fact(By::Ending, kind, Some(item.event));
                    }
                    match body.code {
                        None | Some(1000) => {}
                        Some(code) if close::may_be_sent(code) => {
                            let (outcome, because) = (Outcome::Lenient, "Z6".to_owned());
                            let kind = FactKind::Met { outcome, because, got: Got::Heard(item.heard.clone()) };
                            self.fact(By::Ending, kind, Some(item.event));
                        }
                        Some(_) => {
                            let (heard, event) = (item.heard, Some(item.event));
                            self.broken(By::Ending, Expected::CleanClose, Got::Heard(heard), event);
                        }
                    }
                    return;
                }
                _ => {
                    self.broken(By::Ending, Expected::CleanClose, Got::Heard(item.heard), Some(item.event));
                    return;
                }
            }
        }
    }
}
