//! What the head of the target may be.

use std::ops::RangeInclusive;

use super::super::document::{Node, Scalar, Value};
use super::super::tables::{FIELD_MATCH, HEAD_ALTERNATIVE, HEAD_EXPECT, HTTP};
use super::Reader;
use super::expect::earns;
use super::fields::Fields;
use super::handshake::template;
use super::value::one_or_list;
use crate::case::{FieldMatch, HeadExpect, HeadExpectKind};
use crate::diagnostics::Span;
use crate::diagnostics::suggest;
use crate::vocabulary::{Because, Outcome, Role, Zone};

/// The range of statuses.
const STATUSES: RangeInclusive<u64> = 100..=999;

/// The value of `handshake.expect`: a word, or a map.
pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<HeadExpect>> {
    if let Some(text) = node.as_str() {
        let expect = match &**text {
            "refused" => refused(),
            "not-upgraded" => not_upgraded(),
            _ => {
                let hint = suggest::hint(text, ["refused", "not-upgraded"]);
                reader.diagnostic(node.span, format!("`{text}` is not an answer to a handshake"), hint);
                return None;
            }
        };
        only_for(reader, Role::Server, node.span, text);
        return Some(expect);
    }
    let mut fields = Fields::open(reader, node, &HEAD_EXPECT)?;
    let alternatives = fields.take_entry("one-of");
    let kind = kind(reader, &mut fields, node, alternatives.is_some());
    let Some((key, list)) = alternatives else {
        fields.finish(reader, "expect");
        return Some(vec![HeadExpect { kind: kind?, outcome: Outcome::Pass, because: None }]);
    };
    if node.as_map().is_some_and(|entries| entries.len() > 1) {
        let hint = "put the keys that apply to all alternatives into each alternative".to_string();
        reader.diagnostic(key.span, "`one-of` cannot be combined with other keys", Some(hint));
    }
    let items = reader.filled_list(list, "a list of alternatives");
    let read: Vec<_> = items.iter().filter_map(|item| alternative(reader, item)).collect();
    (!items.is_empty() && read.len() == items.len()).then_some(read)
}

fn alternative(reader: &mut Reader<'_>, node: &Node) -> Option<HeadExpect> {
    let mut fields = Fields::open(reader, node, &HEAD_ALTERNATIVE)?;
    let earned = earns(reader, &mut fields, node);
    let kind = kind(reader, &mut fields, node, false);
    fields.finish(reader, "end");
    let (outcome, because) = earned?;
    Some(HeadExpect { kind: kind?, outcome, because })
}

/// A second head after the handshake.
pub fn http(reader: &mut Reader<'_>, node: &Node) -> Option<HeadExpectKind> {
    let mut fields = Fields::open(reader, node, &HTTP)?;
    let kind = head(reader, &mut fields);
    fields.finish(reader, "http");
    kind
}

/// A head, or the end of the stream without a head. `empty` allows a map without expectations.
fn kind(reader: &mut Reader<'_>, fields: &mut Fields<'_>, node: &Node, empty: bool) -> Option<HeadExpectKind> {
    if let Some((key, value)) = fields.take_entry("end") {
        reader.flag(value, "end");
        let idle_connections = node
            .as_map()?
            .iter()
            .find(|(key, _)| ["status", "accept", "method", "target", "header"].contains(&&*key.name));
        if idle_connections.is_some() {
            reader.diagnostic(key.span, "a stream that ends without a head has no head to check", None);
            return None;
        }
        return Some(HeadExpectKind::End);
    }
    let kind = head(reader, fields)?;
    let asks_nothing = matches!(&kind, HeadExpectKind::Head { status, accept: false, method: None, target: None, fields }
        if status.is_empty() && fields.is_empty());
    if asks_nothing && !empty && node.as_map().is_some_and(|entries| entries.is_empty()) {
        let hint = "remove `expect` if the handshake must succeed".to_string();
        reader.diagnostic(node.span, "this expects no particular answer", Some(hint));
        return None;
    }
    Some(kind)
}

fn head(reader: &mut Reader<'_>, fields: &mut Fields<'_>) -> Option<HeadExpectKind> {
    let mut valid = true;
    let mut status = Vec::new();
    if let Some((key, node)) = fields.take_entry("status") {
        only_for(reader, Role::Server, key.span, "status");
        for item in one_or_list(node) {
            match statuses(reader, item) {
                Some(range) => status.push(range),
                None => valid = false,
            }
        }
    }
    let accept = fields.take_entry("accept").map(|(key, node)| {
        only_for(reader, Role::Server, key.span, "accept");
        reader.word(node, "the accept value", &["valid"])
    });
    let method = fields.take_entry("method").map(|(key, node)| {
        only_for(reader, Role::Client, key.span, "method");
        reader.spelling(node, "a method").map(|text| text.to_string())
    });
    let target = fields.take_entry("target").map(|(key, node)| {
        only_for(reader, Role::Client, key.span, "target");
        template(reader, node)
    });
    let mut matches = Vec::new();
    if let Some(node) = fields.take("header") {
        match node.as_map() {
            Some(entries) => {
                for (name, node) in entries.iter() {
                    match field_match(reader, node) {
                        Some(wanted) => matches.push((name.name.to_string(), wanted)),
                        None => valid = false,
                    }
                }
            }
            None => {
                reader.wanted(node, "a map of fields", Some("write `header: {Name: value}`".into()));
                valid = false;
            }
        }
    }
    let accept = match accept {
        Some(word) => word.map(|_| true)?,
        None => false,
    };
    let method = match method {
        Some(method) => Some(method?),
        None => None,
    };
    let target = match target {
        Some(target) => Some(target?),
        None => None,
    };
    valid.then_some(HeadExpectKind::Head { status, accept, method, target, fields: matches })
}

/// Reports a key of the other role, or of one role in a case for both roles.
pub fn only_for(reader: &mut Reader<'_>, role: Role, span: Span, what: &str) {
    if reader.role == Some(role) {
        return;
    }
    let own = reader.role.map_or_else(|| "both roles".to_string(), |role| format!("a {role}"));
    let message = format!("`{what}` is only for a {role}, but the case is played against {own}");
    reader.diagnostic(span, message, Some(format!("say `role: {role}`")));
}

/// One status or a range of them.
fn statuses(reader: &mut Reader<'_>, node: &Node) -> Option<(u16, u16)> {
    let narrow = |status: u64| u16::try_from(status).ok().filter(|_| STATUSES.contains(&status));
    if let Value::Scalar(Scalar::Int(_), _) = node.value {
        let status = reader.number(node, "a status", *STATUSES.start(), *STATUSES.end())?;
        return narrow(status).map(|status| (status, status));
    }
    let text = reader.text(node, "a status")?;
    let range = text.split_once('-').and_then(|(low, high)| {
        let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
        narrow(low).zip(narrow(high)).filter(|(low, high)| low <= high)
    });
    if range.is_none() {
        let hint = "write a number such as 400, or a range such as `400-499`".to_string();
        reader.diagnostic(node.span, format!("`{text}` is not a status"), Some(hint));
    }
    range
}

/// What a field must contain.
fn field_match(reader: &mut Reader<'_>, node: &Node) -> Option<FieldMatch> {
    match &node.value {
        Value::Scalar(Scalar::Str, text) if &**text == "present" => {
            return Some(FieldMatch::Present);
        }
        Value::Scalar(Scalar::Str, text) if &**text == "absent" => return Some(FieldMatch::Absent),
        Value::Scalar(Scalar::Str, text) if &**text == "first" => return Some(FieldMatch::First),
        Value::Scalar(..) => return template(reader, node).map(FieldMatch::Equals),
        _ => {}
    }
    let mut fields = Fields::open(reader, node, &FIELD_MATCH)?;
    let (kind, _, value) = fields.kind(reader)?;
    let text = |reader: &mut Reader<'_>, node: &Node| reader.spelling(node, "a text").map(|text| text.to_string());
    let wanted = match kind {
        "contains" => text(reader, value).map(FieldMatch::Contains),
        "token" => text(reader, value).map(FieldMatch::Token),
        "equals" => template(reader, value).map(FieldMatch::Equals),
        _ => {
            let items = reader.filled_list(value, "a list of values");
            let values: Vec<_> = items.iter().filter_map(|item| text(reader, item)).collect();
            (!items.is_empty() && values.len() == items.len()).then_some(FieldMatch::OneOf(values))
        }
    };
    fields.finish(reader, kind);
    wanted
}

/// A head with a status in one of these ranges.
fn with_status(ranges: &[(u16, u16)], outcome: Outcome, zone: Option<Zone>) -> HeadExpect {
    let kind =
        HeadExpectKind::Head { status: ranges.to_vec(), accept: false, method: None, target: None, fields: Vec::new() };
    HeadExpect { kind, outcome, because: zone.map(Because::from) }
}

fn end(zone: Zone) -> HeadExpect {
    HeadExpect { kind: HeadExpectKind::End, outcome: Outcome::Lenient, because: Some(zone.into()) }
}

/// `expect: refused`: 400 to 599 strict; the end without a response, or any other status than 101, lenient by Z29.
fn refused() -> Vec<HeadExpect> {
    let others = [(100, 100), (102, 399), (600, 999)];
    vec![
        with_status(&[(400, 599)], Outcome::Pass, None),
        with_status(&others, Outcome::Lenient, Some(Zone(29))),
        end(Zone(29)),
    ]
}

/// `expect: not-upgraded`: any status but 101 strict; the end without a response lenient by Z31.
fn not_upgraded() -> Vec<HeadExpect> {
    vec![with_status(&[(100, 100), (102, 999)], Outcome::Pass, None), end(Zone(31))]
}
