//! What a case asks of a client's TLS handshake: to refuse a certificate, or to name the host (RFC 6455 section 4.1, on connections,
//! item 5).

use tokio::time::Instant;

use super::facts::{By, Expected, Fact, FactKind, Got, Played};
use super::script::Play;
use super::settings::Settings;
use super::transcript::{Direction, Transcript, What};
use super::waiting::first_octets;
use crate::case::model::TlsExpect;
use crate::link::Link;
use crate::link::tls::{ServerTls, TlsError};

impl Play<'_> {
    /// The client's TLS handshake must have named the host, where the case asks for it.
    pub(super) fn check_server_name(&mut self) {
        let named = self.session.transcript.tls.as_ref().is_some_and(|tls| tls.server_name.is_some());
        if self.case.handshake.tls.expect == TlsExpect::ServerName && !named {
            let got = Got::Tls("a ClientHello without a server name".to_owned());
            self.broken(By::Handshake, Expected::ServerName, got, None);
        }
    }
}

/// Does the TLS handshake with a client that must refuse it: an alert or the end of the stream comes, and no request.
pub async fn play_tls_refusal(link: Link, tls: &ServerTls, settings: &Settings) -> Played {
    let mut transcript = Transcript::new();
    let started = Instant::now();
    let mut link = match tls.accept(link, settings.patience).await {
        Ok(link) => link,
        Err(error) => {
            transcript.note(format!("the TLS handshake ends: {error}"));
            let got = match error {
                error if error.is_refusal() => return played(transcript, None),
                TlsError::Time(time) => Got::Silence(time),
                error => Got::Tls(error.to_string()),
            };
            return played(transcript, Some((got, None)));
        }
    };
    // Some look at the certificate when the handshake is over, and end the stream then.
    transcript.tls = link.tls().cloned();
    transcript.note("the client has completed the TLS handshake");
    let mut buffer = [0; 4096];
    let broken = match tokio::time::timeout(settings.patience, link.read(&mut buffer)).await {
        Ok(Err(end)) => {
            transcript.add(Direction::In, What::End(super::session::kind_of(end)));
            None
        }
        Ok(Ok(count)) => {
            let octets = buffer.get(..count).unwrap_or_default();
            let event = transcript.add(Direction::In, What::Octets(first_octets(octets)));
            let line = octets.split(|octet| *octet == b'\r').next().unwrap_or_default();
            let line = line.get(..line.len().min(80)).unwrap_or_default();
            Some((Got::Tls(format!("the request `{}`", line.escape_ascii())), Some(event)))
        }
        Err(_) => Some((Got::Silence(started.elapsed()), None)),
    };
    link.reset();
    played(transcript, broken)
}

fn played(transcript: Transcript, broken: Option<(Got, Option<usize>)>) -> Played {
    let at = transcript.now();
    let timed_out = matches!(broken, Some((Got::Silence(_), _)));
    let fact = broken.map(|(got, event)| Fact {
        by: By::Handshake,
        kind: FactKind::Broken { expected: Expected::TlsRefusal, got },
        at,
        event,
    });
    let abnormal = fact.is_some();
    Played {
        transcript,
        facts: fact.into_iter().collect(),
        timed_out,
        opened: false,
        abnormal,
        broke_off: false,
        beside: 0,
    }
}
