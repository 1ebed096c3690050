//! Rules over the response that a server sends to the opening handshake.

use super::{Breach, Rule, View};

use crate::vocabulary::{Direction, Outcome};
use crate::wire::handshake::{Head, HeadDeviationKind as Kind, Start, accept_for};

/// The accept value is the right one.
pub static ACCEPT: Rule = Rule {
    name: "accept-value",
    requirements: &["rfc6455-4.2.2-accept-value", "rfc6455-11.3.3-accept-once"],
    check: accept,
};

fn accept(view: &View<'_>) -> Vec<Breach> {
    let Some((head, event)) = upgraded(view).filter(|_| view.transcript.key_is_plain) else { return Vec::new() };
    let wanted = accept_for(view.transcript.key.as_bytes());
    let values: Vec<String> = head.all("Sec-WebSocket-Accept").map(crate::wire::handshake::Field::text).collect();
    match values.as_slice() {
        [] => vec![Breach::fail("rfc6455-4.2.2-accept-value", "the 101 has no Sec-WebSocket-Accept", event)],
        [value] if *value == wanted => Vec::new(),
        [value] => {
            let message =
                format!("Sec-WebSocket-Accept is `{value}`; for the key `{}` it is `{wanted}`", view.transcript.key);
            vec![Breach::fail("rfc6455-4.2.2-accept-value", message, event)]
        }
        more => {
            let message = format!("the 101 has {} lines of Sec-WebSocket-Accept", more.len());
            vec![Breach::fail("rfc6455-11.3.3-accept-once", message, event)]
        }
    }
}

/// The 101 has the fields that it must have, and names nothing that was not offered.
pub static FIELDS: Rule = Rule {
    name: "response-fields",
    requirements: &[
        "rfc6455-4.2.2-upgrade-websocket",
        "rfc6455-4.2.2-connection-upgrade",
        "rfc6455-4.2.2-protocol-from-client",
        "rfc6455-4.2.2-protocol-none-when-not-asked",
        "rfc6455-4.2.2-protocol-not-empty",
        "rfc6455-4.2.2-protocol-single-token",
        "rfc6455-11.3.4-protocol-once-in-response",
        "rfc6455-4.2.2-extensions-unlisted-never",
        "rfc6455-4.2.2-extensions-not-empty",
        "rfc9112-6.1-no-transfer-encoding-in-1xx",
    ],
    check: fields,
};

fn fields(view: &View<'_>) -> Vec<Breach> {
    let Some((head, event)) = upgraded(view) else { return Vec::new() };
    let mut breaches = Vec::new();
    let mut fail = |requirement, message: String| breaches.push(Breach::fail(requirement, message, event));
    if !head.has_token("Upgrade", "websocket") {
        fail("rfc6455-4.2.2-upgrade-websocket", with("Upgrade", head, "it must be `websocket`"));
    }
    if !head.has_token("Connection", "Upgrade") {
        fail("rfc6455-4.2.2-connection-upgrade", with("Connection", head, "it must list `Upgrade`"));
    }
    if head.all("Transfer-Encoding").next().is_some() {
        fail("rfc9112-6.1-no-transfer-encoding-in-1xx", "the 101 has a Transfer-Encoding".into());
    }
    let offered = &view.transcript.offered_subprotocols;
    let chosen: Vec<String> = head.all("Sec-WebSocket-Protocol").map(crate::wire::handshake::Field::text).collect();
    match chosen.as_slice() {
        [] => {}
        [one] if one.is_empty() => {
            fail("rfc6455-4.2.2-protocol-not-empty", "the 101 has an empty Sec-WebSocket-Protocol".into());
        }
        [one] if one.contains(',') => {
            fail("rfc6455-4.2.2-protocol-single-token", format!("Sec-WebSocket-Protocol is the list `{one}`"));
        }
        // Subprotocols are compared as they stand: section 1.9 makes no word of letter case.
        [one] if !offered.contains(one) => {
            let requirement = if offered.is_empty() {
                "rfc6455-4.2.2-protocol-none-when-not-asked"
            } else {
                "rfc6455-4.2.2-protocol-from-client"
            };
            let list = if offered.is_empty() { "none".to_owned() } else { offered.join(", ") };
            fail(requirement, format!("the subprotocol `{one}` comes back; offered: {list}"));
        }
        [_] => {}
        _ => fail("rfc6455-11.3.4-protocol-once-in-response", "Sec-WebSocket-Protocol comes twice".into()),
    }
    if head.all("Sec-WebSocket-Extensions").any(|field| field.value.is_empty()) {
        fail("rfc6455-4.2.2-extensions-not-empty", "the 101 has an empty Sec-WebSocket-Extensions".into());
    }
    for extension in head.list("Sec-WebSocket-Extensions") {
        let name = name_of(&extension);
        if !view.transcript.offered_extensions.iter().any(|offer| name_of(offer) == name) {
            fail(
                "rfc6455-4.2.2-extensions-unlisted-never",
                format!("the extension `{name}` comes back, and was not offered"),
            );
        }
    }
    breaches
}

fn name_of(extension: &str) -> &str {
    extension.split(';').next().unwrap_or_default().trim()
}

/// A refusal has the fields that its status asks for.
pub static REFUSAL: Rule = Rule {
    name: "refusal-fields",
    requirements: &["rfc9110-7.8-426-has-upgrade", "rfc9110-15.5.6-405-has-allow", "rfc9110-11.6.1-401-has-challenge"],
    check: |view| refusal(view).into_iter().collect(),
};

fn refusal(view: &View<'_>) -> Option<Breach> {
    let head = view.transcript.response.as_ref()?;
    let (requirement, field) = match head.status()? {
        426 => ("rfc9110-7.8-426-has-upgrade", "Upgrade"),
        405 => ("rfc9110-15.5.6-405-has-allow", "Allow"),
        401 => ("rfc9110-11.6.1-401-has-challenge", "WWW-Authenticate"),
        _ => return None,
    };
    if head.all(field).next().is_some() {
        return None;
    }
    let message = format!("the response {} has no {field} field", head.status()?);
    // A duty of HTTP beside the matter of most cases: those that are about it fail by their own expectation.
    Some(Breach { requirement, outcome: Outcome::Lenient, message, event: head_event(view) })
}

/// The response has the form of HTTP.
pub static SYNTAX: Rule = Rule {
    name: "response-syntax",
    requirements: &[
        "rfc6455-4.2.2-valid-http-response",
        "rfc9112-2.2-bare-cr-never-sent",
        "rfc9112-5.2-fold-never-sent",
        "rfc9112-4-space-after-status",
        "rfc9110-5.6.2-token-characters",
    ],
    check: |view| match &view.transcript.response {
        Some(head) => {
            let mut breaches = syntax(head, head_event(view), "rfc6455-4.2.2-valid-http-response");
            breaches.extend(old_version(head, head_event(view)));
            breaches
        }
        None => Vec::new(),
    },
};

/// A 101 of HTTP/1.0, which knows no upgrade. Most clients look at the status alone.
fn old_version(head: &Head, event: Option<usize>) -> Option<Breach> {
    let Start::Response { version, status: 101, .. } = &head.start else { return None };
    let requirement = "rfc6455-4.2.2-valid-http-response";
    (version == "HTTP/1.0").then(|| {
        let message = "the 101 is of HTTP/1.0, which knows no upgrade".to_owned();
        Breach { requirement, outcome: Outcome::Lenient, message, event }
    })
}

/// Breaches for the deviations of a head's form, the same kind once.
pub(super) fn syntax(head: &Head, event: Option<usize>, general: &'static str) -> Vec<Breach> {
    let mut breaches: Vec<Breach> = Vec::new();
    for deviation in &head.deviations {
        let (requirement, outcome) = match &deviation.kind {
            Kind::ObsText => continue,
            Kind::NoSpaceAfterStatus => ("rfc9112-4-space-after-status", Outcome::Lenient),
            Kind::BareCr => ("rfc9112-2.2-bare-cr-never-sent", Outcome::Fail),
            Kind::Folded => ("rfc9112-5.2-fold-never-sent", Outcome::Fail),
            Kind::NameNotToken | Kind::EmptyName => ("rfc9110-5.6.2-token-characters", Outcome::Fail),
            _ => (general, Outcome::Fail),
        };
        if breaches.iter().any(|breach| breach.requirement == requirement) {
            continue;
        }
        let message = format!("byte {} of the head: {}", deviation.offset, deviation.kind);
        breaches.push(Breach { requirement, outcome, message, event });
    }
    breaches
}

pub(super) fn upgraded<'a>(view: &View<'a>) -> Option<(&'a Head, Option<usize>)> {
    let head = view.transcript.response.as_deref().filter(|_| !view.transcript.switched_elsewhere)?;
    matches!(head.start, Start::Response { status: 101, .. }).then(|| (head, head_event(view)))
}

/// The last head that the target sent.
pub(super) fn head_event(view: &View<'_>) -> Option<usize> {
    view.transcript.last_head(Direction::In)
}

pub(super) fn with(name: &str, head: &Head, want: &str) -> String {
    let lines: Vec<String> = head.all(name).map(crate::wire::handshake::Field::text).collect();
    if lines.is_empty() {
        format!("{name} is missing; {want}")
    } else {
        format!("{name} is `{}`; {want}", lines.join(", "))
    }
}
