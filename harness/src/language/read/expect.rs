//! What is expected after the handshake.

use bytes::Bytes;

use super::super::document::{Node, Scalar, Value};
use super::super::tables::{ALTERNATIVE, CLOSE_EXPECT, CONTENT, EXPECT, EXPECTATION, OUTCOMES};
use super::Reader;
use super::fields::Fields;
use super::value::one_or_list;
use super::{head, payload};
use crate::case::{Alternative, CloseExpect, Content, Expect, ExpectKind, Expectation, PongContent};
use crate::diagnostics::suggest;
use crate::spec::zones;
use crate::vocabulary::{Because, Outcome, StreamEnd};

/// What a step expects.
pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Expect> {
    if let Some(text) = node.as_str() {
        if &**text == "nothing" {
            return Some(Expect { kind: ExpectKind::Nothing, within: None });
        }
        let hint = "`nothing` has no value; a text message is `{text: ...}`, the end of the stream is `{eof: any}`";
        let message = format!("{} cannot be expected", node.describe());
        reader.diagnostic(node.span, message, Some(hint.into()));
        return None;
    }
    let mut fields = Fields::open(reader, node, &EXPECT)?;
    let (name, _, value) = fields.kind(reader)?;
    let within = fields.take("within").map(|node| reader.duration(node));
    let kind = match name {
        "nothing" => {
            reader.flag(value, name);
            Some(ExpectKind::Nothing)
        }
        "optional" => nested(reader, value).map(ExpectKind::Optional),
        "all-of" => several(reader, value).map(ExpectKind::AllOf),
        "one-of" => one_of(reader, value).map(ExpectKind::OneOf),
        _ => single(reader, name, value).map(ExpectKind::One),
    };
    fields.finish(reader, name);
    let within = match within {
        Some(within) => Some(within?),
        None => None,
    };
    Some(Expect { kind: kind?, within })
}

/// An expectation inside another.
fn nested(reader: &mut Reader<'_>, node: &Node) -> Option<Expectation> {
    let mut fields = Fields::open(reader, node, &EXPECTATION)?;
    let (name, _, value) = fields.kind(reader)?;
    let expectation = single(reader, name, value);
    fields.finish(reader, name);
    expectation
}

fn several(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Expectation>> {
    let items = reader.filled_list(node, "a list of expectations");
    let read: Vec<_> = items.iter().filter_map(|item| nested(reader, item)).collect();
    (!items.is_empty() && read.len() == items.len()).then_some(read)
}

fn one_of(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Alternative>> {
    let items = reader.filled_list(node, "a list of alternatives");
    let read: Vec<_> = items.iter().filter_map(|item| alternative(reader, item)).collect();
    (!items.is_empty() && read.len() == items.len()).then_some(read)
}

fn alternative(reader: &mut Reader<'_>, node: &Node) -> Option<Alternative> {
    let mut fields = Fields::open(reader, node, &ALTERNATIVE)?;
    let earned = earns(reader, &mut fields, node);
    let (name, _, value) = fields.kind(reader)?;
    let sequence = match name {
        "sequence" => several(reader, value),
        _ => single(reader, name, value).map(|one| vec![one]),
    };
    fields.finish(reader, name);
    let (outcome, because) = earned?;
    Some(Alternative { sequence: sequence?, outcome, because })
}

/// The keys `outcome` and `because` of an alternative.
pub fn earns(reader: &mut Reader<'_>, fields: &mut Fields<'_>, node: &Node) -> Option<(Outcome, Option<Because>)> {
    let word = fields.take("outcome").map(|node| (reader.one_of(node, "an outcome", OUTCOMES), node));
    let because = fields.take("because").map(|node| because(reader, node));
    let outcome = match word {
        None => Outcome::Pass,
        Some((outcome, _)) => outcome?,
    };
    if matches!(outcome, Outcome::Lenient | Outcome::Info) && because.is_none() {
        let span = word.map_or(node.head(), |(_, node)| node.span);
        let hint = "add `because:` with a zone such as `Z13`, or a sentence".to_string();
        reader.diagnostic(span, format!("the outcome `{}` needs a reason", outcome.name()), Some(hint));
        return None;
    }
    match because {
        Some(because) => Some((outcome, Some(because?))),
        None => Some((outcome, None)),
    }
}

/// A reason: a known zone, or a sentence.
fn because(reader: &mut Reader<'_>, node: &Node) -> Option<Because> {
    let text = reader.line(node, "a reason")?;
    let zone_like =
        text.strip_prefix(['Z', 'z']).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let because = Because::read(&text);
    let name = because.zone.map(|zone| zone.to_string()).or_else(|| zone_like.then(|| text.to_string()));
    if let Some(name) = name.filter(|name| name.parse().ok().and_then(zones::find).is_none()) {
        let hint = format!("the zones are Z1 to Z{}: see `wsspec list --zones`", zones::all().len());
        reader.diagnostic(node.span, format!("unknown zone `{name}`"), Some(hint));
        return None;
    }
    Some(because)
}

/// A single expectation by its key.
fn single(reader: &mut Reader<'_>, name: &str, value: &Node) -> Option<Expectation> {
    Some(match name {
        "text" => Expectation::Message { text: Some(true), content: content(reader, value)? },
        "binary" => Expectation::Message { text: Some(false), content: content(reader, value)? },
        "message" => Expectation::Message { text: None, content: content(reader, value)? },
        "ping" => Expectation::Ping(content(reader, value)?),
        "pong" => match value.as_str() {
            Some(text) if &**text == "same" => Expectation::Pong(PongContent::Same),
            _ => Expectation::Pong(PongContent::Content(content(reader, value)?)),
        },
        "close" => Expectation::Close(close(reader, value)?),
        "fail" => Expectation::Fail(codes(reader, value)?),
        "eof" => Expectation::Eof(ends(reader, value)?),
        "still-open" => match value.as_str() {
            Some(_) => {
                reader.word(value, "a way to check it", &["quiet"])?;
                Expectation::StillOpen { quiet: true }
            }
            None => {
                reader.flag(value, name);
                Expectation::StillOpen { quiet: false }
            }
        },
        _ => Expectation::Http(head::http(reader, value)?),
    })
}

/// Close codes, at least one.
fn codes(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<u16>> {
    let items = match &node.value {
        Value::Seq(_) => reader.filled_list(node, "a list of close codes"),
        _ => one_or_list(node),
    };
    let codes: Vec<_> = items.iter().filter_map(|item| reader.code(item, 1000)).collect();
    (!items.is_empty() && codes.len() == items.len()).then_some(codes)
}

fn close(reader: &mut Reader<'_>, node: &Node) -> Option<CloseExpect> {
    if let Some(text) = node.as_str() {
        return match &**text {
            "same" => Some(CloseExpect::Same),
            "empty" => Some(CloseExpect::Empty),
            "any" => Some(CloseExpect::Any),
            _ => {
                let hint = suggest::nearest(text, ["same", "empty", "any"]).map_or_else(
                    || "write a code, a list of codes, `same`, `empty`, `any` or `{exactly: [...]}`".to_string(),
                    |near| format!("did you mean `{near}`?"),
                );
                reader.diagnostic(node.span, format!("`{text}` is not a Close frame that can be expected"), Some(hint));
                None
            }
        };
    }
    if let Value::Map(_) = node.value {
        let mut fields = Fields::open(reader, node, &CLOSE_EXPECT)?;
        let codes = fields.take("exactly").map(|node| codes(reader, node));
        fields.finish(reader, "close");
        return Some(CloseExpect::Exactly(codes??));
    }
    codes(reader, node).map(CloseExpect::Codes)
}

/// The ways in which a stream may end. Empty means any.
fn ends(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<StreamEnd>> {
    let mut kinds = Vec::new();
    let mut any = false;
    for item in one_or_list(node) {
        match reader.word(item, "the end of a stream", &["any", "fin", "truncated", "reset"])?.parse() {
            Ok(end) => kinds.push(end),
            Err(_) => any = true,
        }
    }
    if any {
        kinds.clear();
    } else if kinds.is_empty() {
        reader.diagnostic(node.head(), "the list has no end of the stream", Some("write `eof: any`".into()));
        return None;
    }
    Some(kinds)
}

/// What a message must contain.
fn content(reader: &mut Reader<'_>, node: &Node) -> Option<Content> {
    match &node.value {
        Value::Scalar(Scalar::Str, text) if &**text == "any" => return Some(Content::Any),
        Value::Scalar(Scalar::Str, text) => {
            return Some(Content::Equals(Bytes::copy_from_slice(text.as_bytes())));
        }
        Value::Scalar(..) => {
            reader.text(node, "the content of a message")?;
            return None;
        }
        _ => {}
    }
    let mut fields = Fields::open(reader, node, &CONTENT)?;
    let (kind, _, value) = fields.kind(reader)?;
    let content = match kind {
        "json" => payload::json(reader, value).map(Content::Json),
        "json-contains" => payload::json(reader, value).map(Content::JsonContains),
        "contains" => payload::read(reader, value).map(Content::Contains),
        _ => payload::form(reader, &mut fields, kind, value).map(Content::Equals),
    };
    fields.finish(reader, kind);
    content
}
