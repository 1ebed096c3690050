//! What a case expects of a client's TLS handshake: to reject a certificate, or to name the host (RFC 6455 section 4.1, on connections,
//! item 5).

use tokio::time::Instant;

use super::facts::{Actual, Expected, Fact, FactKind, PlayResult};
use super::payload::Payload;
use super::script::Play;
use super::settings::Settings;
use super::transcript::{Transcript, What};
use crate::case::TlsExpect;
use crate::link::Link;
use crate::link::tls::{ServerTls, TlsError};
use crate::vocabulary::{Direction, Phase};

impl Play<'_> {
    /// The client's TLS handshake must have named the host, where the case expects it.
    pub(super) fn check_server_name(&mut self) {
        let named = self.session.transcript.tls.as_ref().is_some_and(|tls| tls.server_name.is_some());
        if self.case.handshake.tls.expect == TlsExpect::ServerName && !named {
            let actual = Actual::Tls("a ClientHello without a server name".to_owned());
            self.unmet(Phase::Handshake, Expected::ServerName, actual, None);
        }
    }
}

/// Performs the TLS handshake with a client that must refuse it: an alert or the end of the stream comes, and no request.
pub async fn play_tls_refusal(link: Link, tls: &ServerTls, settings: &Settings) -> PlayResult {
    let mut transcript = Transcript::new();
    let started = Instant::now();
    let mut link = match tls.accept(link, settings.timeout).await {
        Ok(link) => link,
        Err(error) => {
            transcript.note(format!("the TLS handshake ends: {error}"));
            let actual = match error {
                error if error.is_refusal() => return played(transcript, None),
                TlsError::Time(time) => Actual::Silence(time),
                error => Actual::Tls(error.to_string()),
            };
            return played(transcript, Some((actual, None)));
        }
    };
    // Some clients check the certificate when the handshake is over, and end the stream then.
    transcript.tls = link.tls().cloned();
    transcript.note("the client has completed the TLS handshake");
    let mut buffer = [0; 4096];
    let broken = match tokio::time::timeout(settings.timeout, link.read(&mut buffer)).await {
        Ok(Err(end)) => {
            transcript.add(Direction::In, What::End(end));
            None
        }
        Ok(Ok(count)) => {
            let bytes = buffer.get(..count).unwrap_or_default();
            let event = transcript.add(Direction::In, What::Bytes(Payload::of(bytes)));
            let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
            let line = line.get(..line.len().min(80)).unwrap_or_default();
            Some((Actual::Tls(format!("the request `{}`", line.escape_ascii())), Some(event)))
        }
        Err(_) => Some((Actual::Silence(started.elapsed()), None)),
    };
    link.reset();
    played(transcript, broken)
}

fn played(transcript: Transcript, broken: Option<(Actual, Option<usize>)>) -> PlayResult {
    let at = transcript.now();
    let timed_out = matches!(broken, Some((Actual::Silence(_), _)));
    let fact = broken.map(|(actual, event)| Fact {
        by: Phase::Handshake,
        kind: FactKind::unmet(Expected::TlsRefusal, actual),
        at,
        event,
    });
    let abnormal = fact.is_some();
    PlayResult {
        transcript,
        facts: fact.into_iter().collect(),
        timed_out,
        opened: false,
        abnormal,
        broke_off: false,
        idle_connections: 0,
    }
}
