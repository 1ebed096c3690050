//! Rules for the form of single fields in the head that a target sends, a request or a response.

use super::response::head_event;
use super::{Breach, Rule, View};

use crate::wire::handshake::{Field, Head, Start};

/// The head that the target sent.
fn head<'a>(view: &View<'a>) -> Option<&'a Head> {
    view.transcript.request.as_deref().or(view.transcript.response.as_deref())
}

/// The request target has printable ASCII only, no fragment and no user information.
pub static TARGET: Rule = Rule {
    name: "request-target",
    requirements: &[
        "rfc3986-2.1-percent-encoding",
        "rfc3986-3.5-fragment-stays-at-client",
        "rfc9110-4.2.4-no-userinfo-sent",
        "rfc9112-3.2.2-host-with-absolute-form",
    ],
    check: target,
};

fn target(view: &View<'_>) -> Vec<Breach> {
    let Some(head) = &view.transcript.request else { return Vec::new() };
    let Start::Request { target, .. } = &head.start else { return Vec::new() };
    let event = head_event(view);
    let mut breaches = Vec::new();
    if target.bytes().any(|byte| !byte.is_ascii_graphic() || br#"<>"\^`{|}"#.contains(&byte)) {
        let actual = format!("the request target `{}` has bytes that must be percent-encoded", target.escape_debug());
        breaches.push(Breach::sent("rfc3986-2.1-percent-encoding", actual, event));
    }
    if target.contains('#') {
        let actual = format!("the request target `{target}` has a fragment");
        breaches.push(Breach::sent("rfc3986-3.5-fragment-stays-at-client", actual, event));
    }
    let absolute = ["http://", "https://"].into_iter().find_map(|scheme| target.strip_prefix(scheme));
    let authority = absolute.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let host = head.first("Host").unwrap_or_default();
    if let Some(shown) = [authority, host.as_str()].into_iter().find(|text| text.contains('@')) {
        breaches.push(Breach::sent("rfc9110-4.2.4-no-userinfo-sent", format!("`{shown}` has user information"), event));
    }
    if !authority.is_empty() && host.is_empty() {
        let (expected, actual) = ("a Host field with a request target in absolute form", "none");
        breaches.push(Breach::instead("rfc9112-3.2.2-host-with-absolute-form", expected, actual, event));
    }
    breaches
}

/// Fields that are lists in a handshake.
const LISTED: [&str; 4] = ["Connection", "Upgrade", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"];

/// Lists have no empty members, and their members match the grammar.
pub static LISTS: Rule = Rule {
    name: "list-fields",
    requirements: &[
        "rfc9110-5.6.1-no-empty-elements-sent",
        "rfc6455-4.3-protocol-client-grammar",
        "rfc6455-4.3-protocol-server-grammar",
        "rfc6455-4.3-extensions-grammar",
    ],
    check: lists,
};

fn lists(view: &View<'_>) -> Vec<Breach> {
    let Some(head) = head(view) else { return Vec::new() };
    let event = head_event(view);
    let mut breaches = Vec::new();
    for name in LISTED {
        for value in head.all(name).map(Field::text) {
            // A comma inside quotes does not separate members; an extension's parameter may be quoted.
            if !value.contains('"') && value.split(',').any(|member| member.trim_matches([' ', '\t']).is_empty()) {
                let actual = format!("{name} is `{value}`, which has an empty member");
                breaches.push(Breach::sent("rfc9110-5.6.1-no-empty-elements-sent", actual, event));
            }
        }
    }
    let requirement = if view.transcript.request.is_some() {
        "rfc6455-4.3-protocol-client-grammar"
    } else {
        "rfc6455-4.3-protocol-server-grammar"
    };
    for member in head.list("Sec-WebSocket-Protocol") {
        if !super::request::is_token(&member) {
            breaches.push(Breach::sent(requirement, format!("the subprotocol `{member}` is not a token"), event));
        }
    }
    for extension in head.list("Sec-WebSocket-Extensions") {
        if !extension.split(';').all(|part| is_parameter(part.trim_matches([' ', '\t']))) {
            let actual = format!("the extension `{extension}` does not match the grammar");
            breaches.push(Breach::sent("rfc6455-4.3-extensions-grammar", actual, event));
        }
    }
    breaches
}

/// A token, or a token with a value: a token or a quoted token.
fn is_parameter(part: &str) -> bool {
    match part.split_once('=') {
        None => super::request::is_token(part),
        Some((name, value)) => {
            let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            super::request::is_token(name) && super::request::is_token(value)
        }
    }
}

/// Fields that may be present once.
const SINGLE: [&str; 5] = ["Host", "Content-Length", "Origin", "Sec-WebSocket-Key", "Sec-WebSocket-Accept"];

/// Fields that are not lists are present once, and there is only one kind of length.
pub static SINGLES: Rule = Rule {
    name: "single-fields",
    requirements: &["rfc9110-5.3-singleton-not-repeated", "rfc9112-6.2-no-both-lengths-sent"],
    check: singles,
};

fn singles(view: &View<'_>) -> Vec<Breach> {
    let Some(head) = head(view) else { return Vec::new() };
    let event = head_event(view);
    let twice = SINGLE.into_iter().filter(|name| head.all(name).count() > 1);
    let mut breaches: Vec<Breach> = twice
        .map(|name| {
            Breach::sent("rfc9110-5.3-singleton-not-repeated", format!("{name} is present more than once"), event)
        })
        .collect();
    let has = |name| head.all(name).next().is_some();
    if has("Content-Length") && has("Transfer-Encoding") {
        let actual = "the head has both Content-Length and Transfer-Encoding";
        breaches.push(Breach::sent("rfc9112-6.2-no-both-lengths-sent", actual, event));
    }
    breaches
}

/// An Origin is `null` or a serialized origin.
pub static ORIGIN: Rule = Rule {
    name: "origin",
    requirements: &["rfc6455-4.1-origin-ascii-serialized", "rfc6454-7.1-origin-null-or-serialized"],
    check: |view| origin(view).into_iter().collect(),
};

fn origin(view: &View<'_>) -> Option<Breach> {
    let origin = view.transcript.request.as_ref()?.first("Origin")?;
    let serialized = origin.split_once("://").is_some_and(|(scheme, host)| {
        !scheme.is_empty() && !host.is_empty() && host.is_ascii() && !host.contains(['/', '?', '#', '@', ' '])
    });
    if origin == "null" || serialized {
        return None;
    }
    let expected = "an Origin that is `null`, or a scheme, a host and a port without a path";
    let actual = format!("`{origin}`");
    Some(Breach::instead("rfc6455-4.1-origin-ascii-serialized", expected, actual, head_event(view)))
}

/// The versions that a server names are numbers from 0 to 255 without leading zeros.
pub static VERSIONS: Rule = Rule {
    name: "versions",
    requirements: &["rfc6455-4.3-version-server-grammar"],
    check: |view| versions(view).into_iter().collect(),
};

fn versions(view: &View<'_>) -> Option<Breach> {
    let head = view.transcript.response.as_ref()?;
    let invalid = head
        .list("Sec-WebSocket-Version")
        .into_iter()
        .find(|version| version.parse::<u8>().is_err() || (version.len() > 1 && version.starts_with('0')))?;
    let actual = format!("Sec-WebSocket-Version names `{invalid}`, which is not a version");
    Some(Breach::sent("rfc6455-4.3-version-server-grammar", actual, head_event(view)))
}
