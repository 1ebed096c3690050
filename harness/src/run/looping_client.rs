//! What the request of a client that loops by itself reveals, and short responses to it.

use std::time::Duration;

use bytes::BytesMut;
use percent_encoding::percent_decode_str;

use wsspec_reports::results::Finding;

use crate::case::{Case, Certificate, Need, TlsExpect};
use crate::judge;
use crate::link::Exchange;
use crate::play::{RequestOf, client_head, deflate_offers};
use crate::vocabulary::{Outcome, Phase};

/// A feature that a case needs and this client lacks. There was no probe, but the request shows what the client offers.
pub(super) fn lacks(case: &Case, request: &RequestOf) -> Option<Finding> {
    let plain = request.link.tls().is_none();
    let unsupported = case.needs.iter().find(|need| match need {
        Need::Subprotocol => request.head.list("Sec-WebSocket-Protocol").is_empty(),
        Need::Tls => plain,
        Need::Deflate => deflate_offers(&request.head.list("Sec-WebSocket-Extensions")).is_empty(),
        Need::Echo => false,
        // A client that loops by itself cannot be given a URL.
        Need::Url => true,
    });
    if let Some(need) = unsupported {
        return Some(judge::unsupported(need.name()));
    }
    let tls = case.handshake.tls;
    let message = if tls.certificate != Certificate::Valid || tls.refused() {
        "a client that loops by itself has seen the certificate before it asks for a case; spawn it with --client"
    } else if tls.expect == TlsExpect::ServerName && is_address(&request.head.first("Host").unwrap_or_default()) {
        "the host of the client's URL is an address, which TLS does not put into server_name; use localhost"
    } else {
        return None;
    };
    Some(judge::observed(Phase::Probe, judge::Observation::Lacks, message.to_owned()))
}

/// Whether the host of a Host field is an IP address.
fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.split(':').next().is_some_and(|host| host.parse::<std::net::Ipv4Addr>().is_ok())
}

/// The value of a query's parameter, percent-decoded; `+` is a space.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Autobahn's word for an outcome.
pub(super) const fn word_of(outcome: Outcome) -> &'static str {
    use wsspec_reports::results::Outcome as O;
    match outcome {
        O::Pass => "OK",
        O::Lenient => "NON-STRICT",
        O::Info => "INFORMATIONAL",
        O::Unsupported => "UNIMPLEMENTED",
        O::Fail | O::Error => "FAILED",
    }
}

/// Responds in plain HTTP, and closes.
pub(super) async fn refuse(request: RequestOf, status: u16, body: &str) {
    let mut link = request.link;
    let bytes = client_head(status, &[("Content-Type", "text/plain")], body);
    let mut at = 0;
    let mut came = BytesMut::new();
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match link.exchange(rest, &mut came, false).await {
            Exchange::Wrote(count) => at += count,
            _ => return,
        }
    }
    link.half_close().await;
    // Wait a moment for the client's end, so that no reset destroys the response.
    let ends = async {
        while link.read_into(&mut came).await.is_ok() {
            came.clear();
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(1), ends).await;
}
