//! Whole messages: how they are cut, compressed, and cut from a source.

use bytes::Bytes;

use super::super::document::{Node, Value};
use super::super::language::{FRAGMENTS, MESSAGE, SERIES};
use super::super::model::{Compressed, Cut, SendFrame, Series};
use super::Reader;
use super::fields::Fields;
use super::{frame, payload};
use crate::wire::Opcode;

/// The most fragments of a message, and the most messages of a series.
pub const MAX_FRAGMENTS: usize = 1 << 20;
/// Sources of series are repeated to about this many octets.
const SPREAD: usize = 64 << 10;

/// A message: whether it is text, its payload, and how it is cut.
pub fn message(reader: &mut Reader<'_>, node: &Node) -> Option<(bool, Bytes, Cut)> {
    let mut fields = Fields::open(reader, node, &MESSAGE)?;
    let (kind, _, value) = fields.kind(reader)?;
    let payload = payload::read(reader, value);
    let cut = fields.take("fragments").map_or(Some(Cut::Whole), |node| cut(reader, node));
    fields.finish(reader, "message");
    Some((kind == "text", payload?, cut?))
}

/// The frames of a message that is sent as it is.
pub fn frames(reader: &mut Reader<'_>, node: &Node, text: bool, payload: &Bytes, cut: &Cut) -> Option<Vec<SendFrame>> {
    if let Cut::Sizes(sizes) = cut {
        let sum = sizes.iter().fold(0usize, |sum, size| sum.saturating_add(*size));
        if sum > payload.len() {
            let message = format!("the fragments need {sum} octets, and the message has {}", payload.len());
            let mut so_far = 0usize;
            let first_over = sizes.iter().position(|size| {
                so_far = so_far.saturating_add(*size);
                so_far > payload.len()
            });
            let item = node.get("fragments").and_then(|(_, list)| match &list.value {
                Value::Seq(items) => items.get(first_over?),
                _ => None,
            });
            let place = item.map_or(node.head(), |item| item.span);
            reader.mistake(place, message, None);
            return None;
        }
    }
    let count = match cut {
        Cut::Every { size, .. } => payload.len() / (*size).max(1) + 2,
        _ => 0,
    };
    if count > MAX_FRAGMENTS {
        reader.mistake(node.head(), format!("a message has at most {MAX_FRAGMENTS} fragments, not {count}"), None);
        return None;
    }
    let sizes = cut.sizes(payload.len());
    if !reader.pool.grant_frames(sizes.len()) {
        reader.mistake(node.head(), "the messages of the suite have too many fragments", None);
        return None;
    }
    let first = if text { Opcode::TEXT } else { Opcode::BINARY };
    let mut at = 0;
    let count = sizes.len();
    let cut = sizes.into_iter().enumerate().map(|(place, size)| {
        let opcode = if place == 0 { first } else { Opcode::CONTINUATION };
        let mut frame = SendFrame::plain(opcode, payload.slice(at..at + size));
        frame.fin = place + 1 == count;
        at += size;
        frame
    });
    Some(cut.collect())
}

/// How a message is cut into fragments.
fn cut(reader: &mut Reader<'_>, node: &Node) -> Option<Cut> {
    match &node.value {
        Value::Seq(items) => {
            let sizes = items.iter().map(|item| reader.size(item, "a fragment's size", 0));
            sizes.collect::<Option<Vec<usize>>>().map(Cut::Sizes)
        }
        Value::Map(_) => {
            let mut fields = Fields::open(reader, node, &FRAGMENTS)?;
            let size = fields.take("size").map(|node| reader.size(node, "a fragment's size", 1));
            let empty_last = fields.take("empty-last").map_or(Some(false), |node| reader.boolean(node));
            fields.finish(reader, "fragments");
            Some(Cut::Every { size: size??, empty_last: empty_last? })
        }
        _ => Some(Cut::Every { size: reader.size(node, "a fragment's size", 1)?, empty_last: false }),
    }
}

/// Whether the key `compress` beside a message says so.
pub fn is_compressed(node: &Node) -> bool {
    node.get("compress").is_some_and(|(_, value)| value.as_bool() == Some(true))
}

/// The key `compress`.
pub fn compress(reader: &mut Reader<'_>, fields: &mut Fields<'_>) -> Option<bool> {
    fields.take("compress").map_or(Some(false), |node| reader.boolean(node))
}

/// A message that is compressed when it is sent.
pub fn compressed(reader: &mut Reader<'_>, fields: &mut Fields<'_>, name: &str, value: &Node) -> Option<Compressed> {
    fields.take("compress");
    let (text, payload, cut) = match name {
        "message" => message(reader, value)?,
        _ => (name == "text", payload::read(reader, value)?, Cut::Whole),
    };
    let mut sample = SendFrame::plain(Opcode::TEXT, Bytes::new());
    frame::coding(reader, fields, &mut sample)?;
    for key in ["fin", "rsv", "truncate", "hold"] {
        if let Some((key, _)) = fields.take_entry(key) {
            let hint = "give the compressed octets as `{deflate: ...}` and set `rsv: 1`".to_string();
            reader.mistake(key.span, format!("`{}` does not go with `compress`", key.name), Some(hint));
        }
    }
    Some(Compressed { text, payload, cut, mask: sample.mask, form: sample.form })
}

/// Messages cut from one source, without what stands beside them.
pub fn series(reader: &mut Reader<'_>, node: &Node) -> Option<Series> {
    let mut fields = Fields::open(reader, node, &SERIES)?;
    let (kind, _, value) = fields.kind(reader)?;
    let source = payload::read(reader, value);
    let size = fields.take("size").map(|node| reader.size(node, "a message's size", 0));
    let count = fields.take("count").map_or(Some(1), |node| reader.size(node, "a number of messages", 1));
    let cut = fields.take("fragments").map_or(Some(Cut::Whole), |node| cut(reader, node));
    let may_refuse = fields.take("may-refuse").map_or(Some(false), |node| reader.boolean(node));
    fields.finish(reader, "series");
    let (source, size, count) = (source?, size??, count?);
    if source.is_empty() && size > 0 {
        reader.mistake(value.head(), "messages of some size need a source that is not empty", None);
        return None;
    }
    if kind == "text" && std::str::from_utf8(&source).is_err() {
        reader.mistake(value.head(), "text of a series is UTF-8", Some("use `binary`".into()));
        return None;
    }
    payload::bounded(reader, node.head(), size)?;
    if count > MAX_FRAGMENTS {
        reader.mistake(node.head(), format!("a series has at most {MAX_FRAGMENTS} messages, not {count}"), None);
        return None;
    }
    let (cut, may_refuse) = (cut?, may_refuse?);
    // A long run of a short source is written and compared in long pieces.
    let source = match source.len() {
        length @ 1..SPREAD if size.saturating_mul(count) > length => {
            let spread = reader.pool.repeat(&source, length * (SPREAD / length));
            spread.unwrap_or(source)
        }
        _ => source,
    };
    Some(Series {
        text: kind == "text",
        source,
        size,
        count,
        cut,
        compress: false,
        chop: None,
        may_refuse,
        within: None,
    })
}
