//! Whole messages: how they are fragmented, compressed, and taken from a source.

use bytes::Bytes;

use super::super::document::{Node, Value};
use super::super::tables::{FRAGMENTS, MESSAGE, SERIES, UNFINISHED};
use super::Reader;
use super::fields::Fields;
use super::{frame, payload};
use crate::case::{Compressed, Fragmentation, SendFrame, Series};
use crate::wire::Opcode;

/// The maximum number of fragments of a message and of messages of a series.
pub const MAX_FRAGMENTS: usize = 1 << 20;
/// Sources of series are repeated to about this many bytes.
const SPREAD: usize = 64 << 10;

/// A message: whether it is text, its payload, and its fragmentation.
pub fn message(reader: &mut Reader<'_>, node: &Node) -> Option<(bool, Bytes, Fragmentation)> {
    let mut fields = Fields::open(reader, node, &MESSAGE)?;
    let (kind, _, value) = fields.kind(reader)?;
    let payload = payload::read(reader, value);
    let fragmentation = fields.take("fragments").map_or(Some(Fragmentation::Whole), |node| fragmentation(reader, node));
    fields.finish(reader, "message");
    Some((kind == "text", payload?, fragmentation?))
}

/// The frames of a message that is sent as it is.
pub fn frames(
    reader: &mut Reader<'_>,
    node: &Node,
    text: bool,
    payload: &Bytes,
    fragmentation: &Fragmentation,
) -> Option<Vec<SendFrame>> {
    if let Fragmentation::Sizes(sizes) = fragmentation {
        let sum = sizes.iter().fold(0usize, |sum, size| sum.saturating_add(*size));
        if sum > payload.len() {
            let message = format!("the fragments need {sum} bytes, but the message has {}", payload.len());
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
            reader.diagnostic(place, message, None);
            return None;
        }
    }
    let count = fragmentation.count(payload.len());
    if count > MAX_FRAGMENTS {
        reader.diagnostic(node.head(), format!("a message has at most {MAX_FRAGMENTS} fragments, not {count}"), None);
        return None;
    }
    let sizes = fragmentation.sizes(payload.len());
    if !reader.pool.grant_frames(sizes.len()) {
        reader.diagnostic(node.head(), "the messages of the suite have too many fragments", None);
        return None;
    }
    let first = if text { Opcode::TEXT } else { Opcode::BINARY };
    let mut at = 0;
    let count = sizes.len();
    let fragmentation = sizes.into_iter().enumerate().map(|(place, size)| {
        let opcode = if place == 0 { first } else { Opcode::CONTINUATION };
        let mut frame = SendFrame::plain(opcode, payload.slice(at..at + size));
        frame.fin = place + 1 == count;
        at += size;
        frame
    });
    Some(fragmentation.collect())
}

/// How a message is split into fragments.
fn fragmentation(reader: &mut Reader<'_>, node: &Node) -> Option<Fragmentation> {
    match &node.value {
        Value::Seq(items) => {
            let sizes = items.iter().map(|item| reader.size(item, "a fragment's size", 0));
            sizes.collect::<Option<Vec<usize>>>().map(Fragmentation::Sizes)
        }
        Value::Map(_) => {
            let mut fields = Fields::open(reader, node, &FRAGMENTS)?;
            let size = fields.take("size").map(|node| reader.size(node, "a fragment's size", 1));
            if let Some(count) = fields.take("empty") {
                let count = reader.number(count, "a number of fragments", 1, MAX_FRAGMENTS as u64);
                fields.finish(reader, "empty");
                return usize::try_from(count?).ok().map(Fragmentation::Empty);
            }
            let empty_last = fields.take("empty-last").map_or(Some(false), |node| reader.boolean(node));
            fields.finish(reader, "fragments");
            if size.is_none() {
                reader.diagnostic(node.head(), "`fragments` needs `size` or `empty`", None);
            }
            Some(Fragmentation::Every { size: size??, empty_last: empty_last? })
        }
        _ => Some(Fragmentation::Every { size: reader.size(node, "a fragment's size", 1)?, empty_last: false }),
    }
}

/// Whether the key `compress` of a message is true.
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
    let (text, payload, fragmentation) = match name {
        "message" => message(reader, value)?,
        _ => (name == "text", payload::read(reader, value)?, Fragmentation::Whole),
    };
    let mut sample = SendFrame::plain(Opcode::TEXT, Bytes::new());
    frame::coding(reader, fields, &mut sample)?;
    for key in ["fin", "rsv", "truncate", "hold"] {
        if let Some((key, _)) = fields.take_entry(key) {
            let hint = "give the compressed bytes as `{deflate: ...}` and set `rsv: 1`".to_string();
            reader.diagnostic(key.span, format!("`{}` cannot be combined with `compress`", key.name), Some(hint));
        }
    }
    Some(Compressed { text, payload, fragmentation, mask: sample.mask, form: sample.form })
}

/// Messages taken from one source, without the keys next to `series`.
pub fn series(reader: &mut Reader<'_>, node: &Node) -> Option<Series> {
    let mut fields = Fields::open(reader, node, &SERIES)?;
    let (kind, _, value) = fields.kind(reader)?;
    let source = payload::read(reader, value);
    let size = fields.take("size").map(|node| reader.size(node, "a message's size", 0));
    let count = fields.take("count").map_or(Some(1), |node| reader.size(node, "a number of messages", 1));
    let fragmentation = fields.take("fragments").map_or(Some(Fragmentation::Whole), |node| fragmentation(reader, node));
    let unread = fields.take("unread").map_or(Some(false), |node| reader.boolean(node));
    let may_refuse = fields.take("may-refuse").map_or(Some(false), |node| reader.boolean(node));
    fields.finish(reader, "series");
    let (source, size, count) = (source?, size??, count?);
    if source.is_empty() && size > 0 {
        reader.diagnostic(value.head(), "messages that are not empty need a source that is not empty", None);
        return None;
    }
    if kind == "text" && std::str::from_utf8(&source).is_err() {
        reader.diagnostic(value.head(), "the text of a series must be UTF-8", Some("use `binary`".into()));
        return None;
    }
    payload::bounded(reader, node.head(), size)?;
    if count > MAX_FRAGMENTS {
        reader.diagnostic(node.head(), format!("a series has at most {MAX_FRAGMENTS} messages, not {count}"), None);
        return None;
    }
    let (fragmentation, unread, may_refuse) = (fragmentation?, unread?, may_refuse?);
    let source = spread(reader, source, size.saturating_mul(count));
    Some(Series {
        text: kind == "text",
        source,
        size,
        count,
        fragmentation,
        compress: false,
        split: None,
        unread,
        may_refuse,
        within: None,
    })
}

/// A message that is never finished.
pub fn unfinished(reader: &mut Reader<'_>, node: &Node) -> Option<Series> {
    let mut fields = Fields::open(reader, node, &UNFINISHED)?;
    let (kind, _, value) = fields.kind(reader)?;
    let source = payload::read(reader, value);
    let size = fields.take("size").map(|node| reader.size(node, "a message's size", 1));
    let each = fields.take("fragments").map(|node| reader.size(node, "a fragment's size", 1));
    fields.finish(reader, "unfinished");
    let (source, size, each) = (source?, size??, each??);
    let text = kind == "text";
    if source.is_empty() || (text && !source.is_ascii()) {
        let hint = Some("fragments may end at any byte, so the text must be ASCII".into());
        reader.diagnostic(value.head(), "an unfinished message needs a source that is not empty", hint);
        return None;
    }
    payload::bounded(reader, node.head(), size)?;
    let source = spread(reader, source, size);
    let fragmentation = Fragmentation::Every { size: each, empty_last: false };
    let plain = Series { text, source, size, count: 1, fragmentation, ..Series::default() };
    Some(plain)
}

/// A short source is repeated, so that it is written and compared in long pieces.
fn spread(reader: &Reader<'_>, source: Bytes, bytes: usize) -> Bytes {
    match source.len() {
        length @ 1..SPREAD if bytes > length => {
            reader.pool.repeat(&source, length * (SPREAD / length)).unwrap_or(source)
        }
        _ => source,
    }
}
