//! Rules for the response that a server sends to the opening handshake.

use super::{Breach, BreachKind, Rule, View};

use crate::vocabulary::Direction;
use crate::wire::handshake::{Field, Head, HeadDeviationKind as Kind, Start, accept_for};

/// The accept value is the one for the key.
pub static ACCEPT: Rule = Rule {
    name: "accept-value",
    requirements: &["rfc6455-4.2.2-accept-value", "rfc6455-11.3.3-accept-once"],
    check: accept,
};

fn accept(view: &View<'_>) -> Vec<Breach> {
    let Some((head, event)) = upgraded(view).filter(|_| view.transcript.key_is_plain) else { return Vec::new() };
    let wanted = accept_for(view.transcript.key.as_bytes());
    let values: Vec<String> = head.all("Sec-WebSocket-Accept").map(Field::text).collect();
    match values.as_slice() {
        [] => vec![Breach::instead(
            "rfc6455-4.2.2-accept-value",
            "a Sec-WebSocket-Accept field in the 101",
            "none",
            event,
        )],
        [value] if *value == wanted => Vec::new(),
        [value] => {
            let expected = format!("Sec-WebSocket-Accept `{wanted}` for the key `{}`", view.transcript.key);
            vec![Breach::instead("rfc6455-4.2.2-accept-value", expected, format!("`{value}`"), event)]
        }
        more => {
            let actual = more.len().to_string();
            vec![Breach::instead("rfc6455-11.3.3-accept-once", "one Sec-WebSocket-Accept field", actual, event)]
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
    let mut fail = |requirement, expected: Option<String>, actual: String| {
        breaches.push(Breach { expected, ..Breach::sent(requirement, actual, event) });
    };
    if !head.has_token("Upgrade", "websocket") {
        let expected = Some("an Upgrade field with `websocket` in the 101".into());
        fail("rfc6455-4.2.2-upgrade-websocket", expected, value_of("Upgrade", head));
    }
    if !head.has_token("Connection", "Upgrade") {
        let expected = Some("a Connection field that lists `Upgrade` in the 101".into());
        fail("rfc6455-4.2.2-connection-upgrade", expected, value_of("Connection", head));
    }
    if head.all("Transfer-Encoding").next().is_some() {
        fail("rfc9112-6.1-no-transfer-encoding-in-1xx", None, "the 101 has a Transfer-Encoding field".into());
    }
    let offered = &view.transcript.offered_subprotocols;
    let chosen: Vec<String> = head.all("Sec-WebSocket-Protocol").map(Field::text).collect();
    match chosen.as_slice() {
        [] => {}
        [one] if one.is_empty() => {
            fail("rfc6455-4.2.2-protocol-not-empty", None, "the 101 has an empty Sec-WebSocket-Protocol field".into());
        }
        [one] if one.contains(',') => {
            let expected = Some("one subprotocol".into());
            fail("rfc6455-4.2.2-protocol-single-token", expected, format!("the list `{one}`"));
        }
        // Subprotocols are compared with letter case: section 1.9 does not say otherwise.
        [one] if !offered.contains(one) => {
            let requirement = if offered.is_empty() {
                "rfc6455-4.2.2-protocol-none-when-not-asked"
            } else {
                "rfc6455-4.2.2-protocol-from-client"
            };
            let expected = if offered.is_empty() {
                "no subprotocol, because none was offered".to_owned()
            } else {
                format!("one of the offered subprotocols ({})", offered.join(", "))
            };
            fail(requirement, Some(expected), format!("`{one}`"));
        }
        [_] => {}
        more => {
            let expected = Some("one Sec-WebSocket-Protocol field".into());
            fail("rfc6455-11.3.4-protocol-once-in-response", expected, more.len().to_string());
        }
    }
    if head.all("Sec-WebSocket-Extensions").any(|field| field.value.is_empty()) {
        fail("rfc6455-4.2.2-extensions-not-empty", None, "the 101 has an empty Sec-WebSocket-Extensions field".into());
    }
    for extension in head.list("Sec-WebSocket-Extensions") {
        let name = name_of(&extension);
        if !view.transcript.offered_extensions.iter().any(|offer| name_of(offer) == name) {
            let actual = format!("the 101 names the extension `{name}`, which was not offered");
            fail("rfc6455-4.2.2-extensions-unlisted-never", None, actual);
        }
    }
    breaches
}

fn name_of(extension: &str) -> &str {
    extension.split(';').next().unwrap_or_default().trim()
}

/// A refusal has the fields that its status requires.
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
    let expected = format!("the field {field} in a response with the status {}", head.status()?);
    Some(Breach::instead(requirement, expected, "none", head_event(view)).of_kind(BreachKind::RefusalField))
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

/// A 101 with HTTP/1.0, which has no upgrades.
fn old_version(head: &Head, event: Option<usize>) -> Option<Breach> {
    let Start::Response { version, status: 101, .. } = &head.start else { return None };
    (version == "HTTP/1.0").then(|| {
        let (expected, actual) = ("a 101 with HTTP/1.1", "one with HTTP/1.0, which has no upgrades");
        Breach::instead("rfc6455-4.2.2-valid-http-response", expected, actual, event).of_kind(BreachKind::Http10Upgrade)
    })
}

/// Breaches for the deviations of a head's form, the same kind once.
pub(super) fn syntax(head: &Head, event: Option<usize>, general: &'static str) -> Vec<Breach> {
    let mut breaches: Vec<Breach> = Vec::new();
    for deviation in &head.deviations {
        let (requirement, kind) = match &deviation.kind {
            Kind::ObsText => continue,
            Kind::NoSpaceAfterStatus => ("rfc9112-4-space-after-status", BreachKind::NoSpaceAfterStatus),
            Kind::BareCr => ("rfc9112-2.2-bare-cr-never-sent", BreachKind::Plain),
            Kind::Folded => ("rfc9112-5.2-fold-never-sent", BreachKind::Plain),
            Kind::NameNotToken | Kind::EmptyName => ("rfc9110-5.6.2-token-characters", BreachKind::Plain),
            _ => (general, BreachKind::Plain),
        };
        if breaches.iter().any(|breach| breach.requirement == requirement) {
            continue;
        }
        let actual = format!("at byte {} of the head: {}", deviation.offset, deviation.kind);
        breaches.push(Breach::sent(requirement, actual, event).of_kind(kind));
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

/// All values of a field in words.
pub(super) fn value_of(name: &str, head: &Head) -> String {
    let lines: Vec<String> = head.all(name).map(Field::text).collect();
    if lines.is_empty() { "none".to_owned() } else { format!("`{}`", lines.join(", ")) }
}
