//! Rules for the request that a client sends in the opening handshake.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::response::{head_event, syntax, value_of};
use super::{Breach, Rule, View};

use crate::play::{Event, What};
use crate::vocabulary::Direction;
use crate::wire::handshake::{Field, Start};

/// The request has the fields that it must have.
pub static FIELDS: Rule = Rule {
    name: "request-fields",
    requirements: &[
        "rfc6455-4.1-method-get",
        "rfc6455-4.1-http-1-1",
        "rfc6455-4.1-request-target-matches",
        "rfc6455-4.1-host-present",
        "rfc6455-4.1-host-port-non-default",
        "rfc6455-4.1-upgrade-websocket",
        "rfc6455-4.1-connection-upgrade",
        "rfc6455-4.1-version-present",
        "rfc6455-4.1-version-13",
        "rfc6455-11.3.5-version-once-in-request",
        "rfc6455-4.1-protocol-tokens",
        "rfc6455-4.1-protocol-unique",
    ],
    check: fields,
};

fn fields(view: &View<'_>) -> Vec<Breach> {
    let Some(head) = &view.transcript.request else { return Vec::new() };
    let event = head_event(view);
    let mut breaches = Vec::new();
    let mut fail = |requirement, expected: &str, actual: String| {
        breaches.push(Breach::instead(requirement, expected, actual, event));
    };
    if let Start::Request { method, target, version } = &head.start {
        if method != "GET" {
            fail("rfc6455-4.1-method-get", "the method GET", format!("`{method}`"));
        }
        if version != "HTTP/1.1" {
            fail("rfc6455-4.1-http-1-1", "the version HTTP/1.1", format!("`{version}`"));
        }
        let absolute = ["http://", "https://"].into_iter().find_map(|scheme| target.strip_prefix(scheme));
        let absolute = absolute.and_then(|rest| rest.find('/').map(|at| &rest[at..]));
        if !view.call.own_url && target != &view.call.path && absolute != Some(view.call.path.as_str()) {
            let expected = format!("the request target `{}` of the URL", view.call.path);
            fail("rfc6455-4.1-request-target-matches", &expected, format!("`{target}`"));
        }
    }
    let hosts: Vec<String> = head.all("Host").map(Field::text).collect();
    match hosts.as_slice() {
        [host] if view.call.own_url || host.eq_ignore_ascii_case(&view.call.host) => {}
        [host] => {
            let expected = format!("the Host `{}` of the URL", view.call.host);
            let bare = view.call.host.rsplit_once(':').is_some_and(|(name, _)| host.eq_ignore_ascii_case(name));
            let requirement = if bare { "rfc6455-4.1-host-port-non-default" } else { "rfc6455-4.1-host-present" };
            fail(requirement, &expected, format!("`{host}`"));
        }
        _ => fail("rfc6455-4.1-host-present", "one Host field", hosts.len().to_string()),
    }
    if !head.has_token("Upgrade", "websocket") {
        fail("rfc6455-4.1-upgrade-websocket", "an Upgrade field that lists `websocket`", value_of("Upgrade", head));
    }
    if !head.has_token("Connection", "Upgrade") {
        fail("rfc6455-4.1-connection-upgrade", "a Connection field that lists `Upgrade`", value_of("Connection", head));
    }
    let versions: Vec<String> = head.all("Sec-WebSocket-Version").map(Field::text).collect();
    match versions.as_slice() {
        [] => fail("rfc6455-4.1-version-present", "a Sec-WebSocket-Version field", "none".into()),
        [one] if one == "13" => {}
        [one] => fail("rfc6455-4.1-version-13", "Sec-WebSocket-Version 13", format!("`{one}`")),
        more => {
            fail("rfc6455-11.3.5-version-once-in-request", "one Sec-WebSocket-Version field", more.len().to_string())
        }
    }
    let protocols = &view.transcript.offered_subprotocols;
    if let Some(bad) = protocols.iter().find(|protocol| !is_token(protocol)) {
        fail("rfc6455-4.1-protocol-tokens", "subprotocols that are tokens", format!("`{bad}`"));
    }
    if protocols.iter().enumerate().any(|(at, one)| protocols.iter().take(at).any(|other| other == one)) {
        fail(
            "rfc6455-4.1-protocol-unique",
            "each subprotocol to be offered once",
            format!("`{}`", protocols.join(", ")),
        );
    }
    breaches
}

pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// The key is the base64 form of 16 bytes, once.
pub static KEY: Rule = Rule {
    name: "request-key",
    requirements: &["rfc6455-4.1-key-present", "rfc6455-4.1-key-16-bytes", "rfc6455-11.3.1-key-once"],
    check: |view| key(view).into_iter().collect(),
};

/// What a key must be.
const KEY_FORM: &str = "a Sec-WebSocket-Key of 16 bytes in base64";

fn key(view: &View<'_>) -> Option<Breach> {
    let head = view.transcript.request.as_ref()?;
    let keys: Vec<String> = head.all("Sec-WebSocket-Key").map(Field::text).collect();
    let event = head_event(view);
    match keys.as_slice() {
        [] => Some(Breach::instead("rfc6455-4.1-key-present", "a Sec-WebSocket-Key field", "none", event)),
        [one] => match STANDARD.decode(one) {
            Ok(bytes) if bytes.len() == 16 => None,
            Ok(bytes) => {
                let actual = format!("`{one}`, which has a length of {}", bytes.len());
                Some(Breach::instead("rfc6455-4.1-key-16-bytes", KEY_FORM, actual, event))
            }
            Err(error) => {
                let actual = format!("`{one}`, which is not base64: {error}");
                Some(Breach::instead("rfc6455-4.1-key-16-bytes", KEY_FORM, actual, event))
            }
        },
        more => {
            let actual = more.len().to_string();
            Some(Breach::instead("rfc6455-11.3.1-key-once", "one Sec-WebSocket-Key field", actual, event))
        }
    }
}

/// The request has the form of HTTP.
pub static SYNTAX: Rule = Rule {
    name: "request-syntax",
    requirements: &["rfc6455-4.1-valid-http-request", "rfc9112-2.2-bare-cr-never-sent", "rfc9112-5.2-fold-never-sent"],
    check: |view| match &view.transcript.request {
        Some(head) => syntax(head, head_event(view), "rfc6455-4.1-valid-http-request"),
        None => Vec::new(),
    },
};

/// A client sends nothing after its request before it has been answered.
pub static EARLY: Rule = Rule {
    name: "early-data",
    requirements: &["rfc6455-4.1-wait-before-data", "rfc6455-6.1-send-when-open"],
    check: |view| early(view).into_iter().collect(),
};

fn early(view: &View<'_>) -> Option<Breach> {
    view.transcript.request.as_ref()?;
    let mut unanswered = view
        .transcript
        .events()
        .iter()
        .take_while(|event| !(event.direction == Some(Direction::Out) && matches!(event.what, What::Head(_))));
    let is_data = |event: &&Event| {
        event.direction == Some(Direction::In) && matches!(event.what, What::Frame(_) | What::Bytes(_))
    };
    let event = unanswered.find(is_data)?.number;
    let actual = "the client sent bytes after its request, before it was answered";
    Some(Breach::sent("rfc6455-4.1-wait-before-data", actual, Some(event)))
}
