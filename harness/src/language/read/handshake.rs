//! The opening handshake: changes to a valid head.

use bytes::Bytes;

use super::super::document::{Node, Value};
use super::super::tables::{
    CERTIFICATES, DEFLATE, FREE, HANDSHAKE, LINE_ENDINGS, PLACES, REQUEST, RESPONSE, TLS, TLS_EXPECTS,
};
use super::Reader;
use super::fields::Fields;
use super::head::{self, only_for};
use super::value::one_or_list;
use super::{payload, send};
use crate::case::{DeflateHandshake, Handshake, HeadExpect, HeadExpectKind};
use crate::case::{HeadPatch, Template, TlsHandshake};
use crate::diagnostics::suggest;
use crate::vocabulary::Role;
use crate::wire::deflate::{NAME, Params, Place};

/// The value of `handshake`.
pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Handshake> {
    let mut fields = Fields::open(reader, node, &HANDSHAKE)?;
    let (request, response) = (fields.take_entry("request"), fields.take_entry("response"));
    // A case for both roles must change both heads, or else one role is played without the change.
    let alone = request.is_some() != response.is_some();
    if let Some((key, _)) = request.filter(|_| alone || reader.role.is_some()) {
        only_for(reader, Role::Server, key.span, "request");
    }
    if let Some((key, _)) = response.filter(|_| alone || reader.role.is_some()) {
        only_for(reader, Role::Client, key.span, "response");
    }
    let request = request.map_or(Some(HeadPatch::default()), |(_, node)| patch(reader, node, Role::Server));
    let response = response.map_or(Some(HeadPatch::default()), |(_, node)| patch(reader, node, Role::Client));
    let expect: Option<Vec<HeadExpect>> =
        fields.take("expect").map_or(Some(Vec::new()), |node| head::read(reader, node));
    let tls_node = fields.take_entry("tls");
    let tls = tls_node.map_or(Some(TlsHandshake::default()), |(_, node)| tls(reader, node));
    let deflate = fields.take("deflate").map(|node| deflate(reader, node));
    let url = fields.take_entry("url").map(|(key, node)| {
        only_for(reader, Role::Client, key.span, "url");
        reader.text(node, "a URL")?;
        template(reader, node)
    });
    if let Some((key, node)) = fields.take_entry("expect")
        && node.as_map().is_some()
        && reader.role == Some(Role::Client)
        && url.is_none()
        && expect.iter().flatten().any(|one| matches!(one.kind, HeadExpectKind::End))
    {
        let hint = "add a `url` that the client may refuse to open".to_string();
        reader.diagnostic(key.span, "a connected client has already sent its request", Some(hint));
    }
    if let Some((key, _)) = tls_node.filter(|_| url.is_some()) {
        reader.diagnostic(
            key.span,
            "`tls` cannot be combined with `url`: the host of the URL determines which certificate is valid",
            None,
        );
    }
    fields.finish(reader, "handshake");
    let url = match url {
        Some(url) => Some(url?),
        None => None,
    };
    let deflate = match deflate {
        Some(ask) => Some(ask?),
        None => None,
    };
    Some(Handshake { tls: tls?, url, request: request?, response: response?, expect: expect?, deflate })
}

/// How permessage-deflate is negotiated: `true`, or the offers and the answer.
fn deflate(reader: &mut Reader<'_>, node: &Node) -> Option<DeflateHandshake> {
    let offered = |parameters: &str| match parameters.trim() {
        "" => NAME.to_owned(),
        parameters => format!("{NAME}; {parameters}"),
    };
    let mut ask = DeflateHandshake {
        offers: vec![offered("client_max_window_bits")],
        answer: Params::default(),
        spelled: None,
        free_takeover: false,
        free_window: false,
    };
    if node.as_map().is_none() {
        reader.flag(node, "deflate");
        return Some(ask);
    }
    let mut fields = Fields::open(reader, node, &DEFLATE)?;
    if let Some(node) = fields.take("offer") {
        let offers = one_or_list(node).iter().map(|item| reader.spelling(item, "parameters"));
        ask.offers = offers.map(|text| text.map(|text| offered(&text))).collect::<Option<_>>()?;
    }
    if let Some(node) = fields.take("answer") {
        let text = reader.spelling(node, "parameters")?;
        match Params::read(&offered(&text), Place::Answer) {
            Some(Ok(params)) => (ask.answer, ask.spelled) = (params, Some(offered(&text))),
            Some(Err(error)) => {
                let hint = "write an invalid answer as `response: {extensions: ...}`".to_string();
                reader.diagnostic(node.span, format!("this is not a valid answer: {error}"), Some(hint));
                return None;
            }
            None => {}
        }
    }
    if let Some(node) = fields.take("free") {
        for item in one_or_list(node) {
            match reader.word(item, "a limit that the target must leave free", FREE)? {
                "takeover" => ask.free_takeover = true,
                _ => ask.free_window = true,
            }
        }
    }
    fields.finish(reader, "deflate");
    Some(ask)
}

/// Changes to the TLS handshake.
fn tls(reader: &mut Reader<'_>, node: &Node) -> Option<TlsHandshake> {
    let mut fields = Fields::open(reader, node, &TLS)?;
    let errors_before = reader.error_count;
    let mut part = TlsHandshake::default();
    if let Some((key, node)) = fields.take_entry("plain") {
        only_for(reader, Role::Server, key.span, "plain");
        reader.flag(node, "plain");
        part.plain = true;
    }
    if let Some((key, node)) = fields.take_entry("certificate") {
        only_for(reader, Role::Client, key.span, "certificate");
        part.certificate = reader.one_of(node, "a certificate", CERTIFICATES).unwrap_or_default();
    }
    if let Some((key, node)) = fields.take_entry("expect") {
        only_for(reader, Role::Client, key.span, "expect");
        part.expect = reader.one_of(node, "a TLS handshake", TLS_EXPECTS).unwrap_or_default();
    }
    fields.finish(reader, TLS.id);
    (reader.error_count == errors_before).then_some(part)
}

/// The changes to a request (for a target server) or a response (for a target client).
fn patch(reader: &mut Reader<'_>, node: &Node, role: Role) -> Option<HeadPatch> {
    let table = if role == Role::Server { &REQUEST } else { &RESPONSE };
    let mut fields = Fields::open(reader, node, table)?;
    let errors_before = reader.error_count;
    let mut patch = HeadPatch {
        set: named(reader, fields.take("set"), false),
        add: named(reader, fields.take("add"), true),
        remove: texts(reader, fields.take("remove"), "a field's name"),
        order: texts(reader, fields.take("order"), "a field's name"),
        subprotocols: texts(reader, fields.take("subprotocols"), "a subprotocol"),
        extensions: texts(reader, fields.take("extensions"), "an extension"),
        ..HeadPatch::default()
    };
    for (name, slot) in [("raw", &mut patch.raw), ("before", &mut patch.before), ("body", &mut patch.body)] {
        *slot = fields.take(name).and_then(|node| template(reader, node));
    }
    patch.version = spelling(reader, fields.take("version"), "a version");
    if role == Role::Server {
        patch.method = spelling(reader, fields.take("method"), "a method");
        patch.target = fields.take("target").and_then(|node| template(reader, node));
    } else {
        patch.status = fields
            .take("status")
            .and_then(|node| reader.number(node, "a status", 0, 999))
            .and_then(|status| u16::try_from(status).ok());
        patch.reason = spelling(reader, fields.take("reason"), "a reason phrase");
        patch.accept_for = spelling(reader, fields.take("accept-for"), "a key");
    }
    if let Some(node) = fields.take("line-ending") {
        patch.line_ending = reader.one_of(node, "a line ending", LINE_ENDINGS).unwrap_or_default();
    }
    patch.then = fields
        .take("then")
        .map(|node| one_or_list(node).iter().filter_map(|item| send::read(reader, item)).collect())
        .unwrap_or_default();
    patch.split = fields.take("split").and_then(|node| send::split(reader, node));
    if let Some((key, _)) = fields.take_entry("raw") {
        let ignored =
            node.as_map()?.iter().find(|(key, _)| !["raw", "then", "split", "before", "body"].contains(&&*key.name));
        if let Some((other, _)) = ignored {
            let message = format!("`{}` has no effect together with `raw`, which is the whole head", other.name);
            reader.diagnostic(other.span, message, Some(format!("put it into the text of `{}`", key.name)));
        }
    }
    fields.finish(reader, table.id);
    // The patch lacks a part that has an error, so the case must not be played.
    (reader.error_count == errors_before).then_some(patch)
}

/// Fields with values; with `many`, each may have a list of them.
fn named(reader: &mut Reader<'_>, node: Option<&Node>, many: bool) -> Vec<(String, Template)> {
    let Some(node) = node else { return Vec::new() };
    let Some(entries) = node.as_map() else {
        reader.wanted(node, "a map of fields", Some("write `{Name: value}`".into()));
        return Vec::new();
    };
    let mut lines = Vec::new();
    for (key, node) in entries.iter() {
        if !many && matches!(node.value, Value::Seq(_)) {
            let hint = "write several lines of a field as `add: {Name: [a, b]}`".to_string();
            reader.diagnostic(node.head(), "`set` gives a field a single value", Some(hint));
            continue;
        }
        let values = one_or_list(node).iter().filter_map(|item| template(reader, item));
        lines.extend(values.map(|value| (key.name.to_string(), value)));
    }
    lines
}

fn texts(reader: &mut Reader<'_>, node: Option<&Node>, what: &str) -> Vec<String> {
    let items = node.map(one_or_list).unwrap_or_default();
    items.iter().filter_map(|item| reader.spelling(item, what)).map(|text| text.to_string()).collect()
}

fn spelling(reader: &mut Reader<'_>, node: Option<&Node>, what: &str) -> Option<String> {
    reader.spelling(node?, what).map(|text| text.to_string())
}

/// The text of a head, in which placeholders such as `%{key}` are filled in when it is sent, or a payload.
pub fn template(reader: &mut Reader<'_>, node: &Node) -> Option<Template> {
    if let Value::Scalar(..) = node.value {
        let text = reader.spelling(node, "a text")?;
        let filled = places(reader, node, &text)?;
        return Some(if filled {
            Template::Filled(text.to_string())
        } else {
            Template::Plain(Bytes::copy_from_slice(text.as_bytes()))
        });
    }
    let filled = texts_with_places(reader, node)?;
    let bytes = payload::read(reader, node)?;
    if !filled {
        return Some(Template::Plain(bytes));
    }
    match String::from_utf8(bytes.into()) {
        Ok(text) => Some(Template::Filled(text)),
        Err(_) => {
            let message = "placeholders such as `%{key}` need a head that is valid UTF-8";
            reader.diagnostic(node.head(), message, None);
            None
        }
    }
}

/// Whether any text of a payload has placeholders.
fn texts_with_places(reader: &mut Reader<'_>, node: &Node) -> Option<bool> {
    match &node.value {
        Value::Scalar(_, text) => places(reader, node, text),
        Value::Seq(items) => {
            items.iter().map(|item| texts_with_places(reader, item)).try_fold(false, |found, item| Some(found | item?))
        }
        Value::Map(entries) => entries
            .iter()
            .filter(|(key, _)| matches!(&*key.name, "text" | "repeat" | "concat"))
            .map(|(_, value)| texts_with_places(reader, value))
            .try_fold(false, |found, item| Some(found | item?)),
    }
}

/// Whether a text has placeholders. Unknown ones are reported.
fn places(reader: &mut Reader<'_>, node: &Node, text: &str) -> Option<bool> {
    let mut found = false;
    for (at, _) in text.match_indices("%{") {
        let rest = &text[at + 2..];
        let name = rest.split_once('}').map(|(name, _)| name);
        match name {
            Some(name) if PLACES.contains(&name) => found = true,
            _ => {
                let shown: String = name.unwrap_or(rest).chars().take(20).collect();
                let hint = suggest::hint(&shown, PLACES.iter().copied());
                reader.diagnostic(node.span, format!("`%{{{shown}}}` is not a placeholder of a head"), hint);
                return None;
            }
        }
    }
    Some(found)
}
