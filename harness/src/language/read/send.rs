//! What is sent: frames, messages, bytes, and ends of a stream.

use bytes::Bytes;

use super::super::document::{Node, Scalar, Value};
use super::super::tables::{ECHO, MANY, SEND, WRITE_SPLIT};
use super::Reader;
use super::fields::Fields;
use super::{frame, messages, payload};
use crate::case::{
    Alternative, Compressed, Content, Expect, ExpectKind, Expectation, Fragmentation, Send, SendFrame, SendKind,
    Series, StepKind, WriteSplit,
};
use crate::diagnostics::suggest;
use crate::vocabulary::Outcome;
use crate::wire::Opcode;

/// The words without a value.
const WORDS: [&str; 6] = ["half-close", "close-notify", "truncate-tls", "reset", "barrier", "rest"];

/// One send: a word, or a map.
pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Send> {
    if let Some(text) = node.as_str() {
        let kind = match &**text {
            "half-close" => SendKind::HalfClose,
            "reset" => SendKind::Reset,
            "close-notify" => SendKind::CloseNotify,
            "truncate-tls" => SendKind::TlsTruncate,
            "barrier" => SendKind::Barrier,
            "rest" => SendKind::Rest(None),
            _ => {
                let near = suggest::nearest(text, WORDS);
                let hint = near.map_or_else(
                    || {
                        "a text message is `{text: ...}`; `half-close`, `close-notify`, `truncate-tls`, `reset`, `barrier` and `rest` have no value"
                            .to_string()
                    },
                    |near| format!("did you mean `{near}`?"),
                );
                reader.diagnostic(node.span, format!("{} cannot be sent", node.describe()), Some(hint));
                return None;
            }
        };
        return Some(Send { kind, split: None });
    }
    let mut fields = Fields::open(reader, node, &SEND)?;
    let (name, key, value) = fields.kind(reader)?;
    let kind = match name {
        "text" | "binary" | "message" if messages::is_compressed(node) => {
            messages::compressed(reader, &mut fields, name, value).map(SendKind::Compressed)
        }
        "message" => messages::message(reader, value).and_then(|(text, payload, fragmentation)| {
            messages::frames(reader, value, text, &payload, &fragmentation).map(SendKind::Frames)
        }),
        "raw" => payload::read(reader, value).map(SendKind::Bytes),
        "unfinished" => messages::unfinished(reader, value).map(|series| SendKind::Unfinished(Box::new(series))),
        "together" => together(reader, value).map(SendKind::Together),
        "pause" => reader.duration(value).map(SendKind::Pause),
        "rest" => reader.size(value, "a size in bytes", 1).map(|size| SendKind::Rest(Some(size))),
        "half-close" | "close-notify" | "truncate-tls" | "reset" | "barrier" => {
            reader.flag(value, name);
            Some(match name {
                "half-close" => SendKind::HalfClose,
                "close-notify" => SendKind::CloseNotify,
                "truncate-tls" => SendKind::TlsTruncate,
                "reset" => SendKind::Reset,
                _ => SendKind::Barrier,
            })
        }
        _ => one_frame(reader, &mut fields, name, key.span, value).map(|frame| SendKind::Frames(vec![frame])),
    };
    let whole = ["half-close", "close-notify", "truncate-tls", "reset", "pause", "barrier", "unfinished"];
    let cuttable = !whole.contains(&name);
    let split = if cuttable { fields.take("split").map(|node| split(reader, node)) } else { None };
    if let Some((key, _)) = fields.take_entry("compress").filter(|(_, node)| node.as_bool() != Some(false))
        && !matches!(kind, Some(SendKind::Compressed(_)))
    {
        let hint = "use `text`, `binary` or `message` for a whole message".to_string();
        reader.diagnostic(key.span, format!("`{name}` cannot be compressed"), Some(hint));
    }
    fields.finish(reader, name);
    Some(Send { kind: kind?, split: flatten(split)? })
}

/// The value of an optional key: it may be absent, but not invalid.
fn flatten<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        Some(value) => value.map(Some),
        None => Some(None),
    }
}

/// A frame by the name of its opcode, with the other keys of the map, or `frame`.
fn one_frame(
    reader: &mut Reader<'_>,
    fields: &mut Fields<'_>,
    name: &str,
    span: super::Span,
    value: &Node,
) -> Option<SendFrame> {
    let base = match frame::opcode(name) {
        None => frame::any(reader, value),
        Some(Opcode::CLOSE) => frame::close_body(reader, value).map(|body| SendFrame::plain(Opcode::CLOSE, body)),
        Some(opcode) => {
            if value.is_null() {
                let hint = format!("write `{name}: \"\"` for an empty payload");
                reader.diagnostic(span, format!("`{name}` needs a value"), Some(hint));
                None
            } else {
                payload::read(reader, value).map(|payload| SendFrame::plain(opcode, payload))
            }
        }
    };
    if name == "frame" {
        // A key that is inside `frame` must not be repeated next to it.
        for key in
            ["fin", "rsv", "truncate", "hold", "mask", "length"].into_iter().filter(|key| value.get(key).is_some())
        {
            if let Some((key, _)) = fields.take_entry(key) {
                reader.diagnostic(key.span, format!("`{}` is already inside `frame`", key.name), None);
            }
        }
    }
    let mut frame = base.clone().unwrap_or_else(|| SendFrame::plain(Opcode::TEXT, Bytes::new()));
    let bits = frame::bits(reader, fields, &mut frame);
    let coding = frame::coding(reader, fields, &mut frame);
    bits.and(coding).and(base).map(|_| frame)
}

/// Several sends in one write.
fn together(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Send>> {
    let items = reader.filled_list(node, "a list of sends");
    let mut sends = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let Some(send) = read(reader, item) else {
            continue;
        };
        let last = place + 1 == items.len();
        let refused = match &send.kind {
            SendKind::Unfinished(_) => Some("an unfinished message does not fit in one write"),
            SendKind::Pause(_) => Some("a pause does not fit in one write"),
            SendKind::Barrier => Some("a barrier waits for an answer, so it does not fit in one write"),
            SendKind::HalfClose | SendKind::CloseNotify | SendKind::TlsTruncate | SendKind::Reset if !last => {
                Some("the end of the stream must come last")
            }
            _ if send.split.is_some() => Some("put `split` next to `together`, not inside"),
            _ => None,
        };
        match refused {
            Some(message) => reader.diagnostic(item.head(), message, None),
            None => sends.push(send),
        }
    }
    (!items.is_empty() && sends.len() == items.len()).then_some(sends)
}

/// How bytes are split into writes.
pub fn split(reader: &mut Reader<'_>, node: &Node) -> Option<WriteSplit> {
    if let Value::Scalar(Scalar::Int(_), _) = node.value {
        return reader.size(node, "the size of a piece", 1).map(|size| WriteSplit { size, pause: None });
    }
    let mut fields = Fields::open(reader, node, &WRITE_SPLIT)?;
    let size = fields.take("size").map(|node| reader.size(node, "the size of a piece", 1));
    let pause = fields.take("pause").map(|node| reader.duration(node));
    fields.finish(reader, "split");
    Some(WriteSplit { size: size??, pause: flatten(pause)? })
}

/// Many numbered messages, which are expected back in order.
fn many(reader: &mut Reader<'_>, node: &Node) -> Option<(Vec<SendFrame>, Vec<Expectation>)> {
    let mut fields = Fields::open(reader, node, &MANY)?;
    let (kind, _, value) = fields.kind(reader)?;
    let count = fields.take("count").and_then(|node| reader.size(node, "a number of messages", 1));
    let text = reader.text(value, "a text");
    fields.finish(reader, "many");
    let (count, text) = (count?, text?);
    if count > messages::MAX_FRAGMENTS || !reader.pool.grant_frames(count) {
        reader.diagnostic(node.head(), "the suite has too many messages", None);
        return None;
    }
    let is_text = kind == "text";
    let opcode = if is_text { Opcode::TEXT } else { Opcode::BINARY };
    let payloads = (1..=count).map(|number| Bytes::from(text.replace("%{n}", &number.to_string())));
    Some(
        payloads
            .map(|payload| {
                let expectation =
                    Expectation::Message { text: Some(is_text), content: Content::Equals(payload.clone()) };
                (SendFrame::plain(opcode, payload), expectation)
            })
            .unzip(),
    )
}

/// A message that is sent and expected back, or many of them.
pub fn echo(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<StepKind>> {
    let mut fields = Fields::open(reader, node, &ECHO)?;
    let (name, _, value) = fields.kind(reader)?;
    if name == "many" {
        let split = fields.take("split").map(|node| split(reader, node));
        let within = fields.take("within").map(|node| reader.duration(node));
        fields.finish(reader, name);
        let (frames, sequence) = many(reader, value)?;
        let send = Send { kind: SendKind::Frames(frames), split: flatten(split)? };
        let kind = ExpectKind::OneOf(vec![Alternative { sequence, outcome: Outcome::Pass, because: None }]);
        return Some(vec![StepKind::Send(send), StepKind::Expect(Expect { kind, within: flatten(within)? })]);
    }
    if name == "series" {
        let series = messages::series(reader, value);
        let compress = messages::compress(reader, &mut fields);
        let split = fields.take("split").map(|node| split(reader, node));
        let within = fields.take("within").map(|node| reader.duration(node));
        fields.finish(reader, name);
        let (split, within) = (flatten(split)?, flatten(within)?);
        return Some(vec![StepKind::Series(Series { compress: compress?, split, within, ..series? })]);
    }
    let message = match name {
        "message" => messages::message(reader, value),
        _ => payload::read(reader, value).map(|payload| (name == "text", payload, Fragmentation::Whole)),
    };
    let compress = messages::compress(reader, &mut fields);
    // The keys `mask` and `length` apply to every fragment.
    let mut sample = SendFrame::plain(Opcode::TEXT, Bytes::new());
    let coding = frame::coding(reader, &mut fields, &mut sample);
    if let (Some((key, _)), true) = (fields.take_entry("length"), sample.declared.is_some()) {
        let hint = "use `send` for a frame that declares another length".to_string();
        reader.diagnostic(key.span, "`echo` needs a whole message", Some(hint));
    }
    let split = fields.take("split").map(|node| split(reader, node));
    let within = fields.take("within").map(|node| reader.duration(node));
    fields.finish(reader, name);
    coding?;
    let (text, payload, fragmentation) = message?;
    let content = Content::Equals(payload.clone());
    let kind = if compress? {
        SendKind::Compressed(Compressed { text, payload, fragmentation, mask: sample.mask, form: sample.form })
    } else {
        let mut frames = messages::frames(reader, value, text, &payload, &fragmentation)?;
        for frame in &mut frames {
            (frame.mask, frame.form) = (sample.mask, sample.form);
        }
        SendKind::Frames(frames)
    };
    let send = Send { kind, split: flatten(split)? };
    let kind = ExpectKind::One(Expectation::Message { text: Some(text), content });
    Some(vec![StepKind::Send(send), StepKind::Expect(Expect { kind, within: flatten(within)? })])
}
