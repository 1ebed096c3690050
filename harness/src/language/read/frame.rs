//! Single frames: the header of a frame, and the body of a Close frame.

use bytes::Bytes;

use super::super::document::{Node, Scalar, Value};
use super::super::tables::{CLOSE, FORMS, FRAME, LENGTH, OPCODES};
use super::Reader;
use super::fields::Fields;
use super::payload;
use super::value::one_or_list;
use crate::case::{Masking, SendFrame};
use crate::diagnostics::suggest;
use crate::wire::close::CloseBody;
use crate::wire::{LengthForm, Opcode};

/// The opcode of a name.
pub fn opcode(name: &str) -> Option<Opcode> {
    Some(match name {
        "continuation" => Opcode::CONTINUATION,
        "text" => Opcode::TEXT,
        "binary" => Opcode::BINARY,
        "close" => Opcode::CLOSE,
        "ping" => Opcode::PING,
        "pong" => Opcode::PONG,
        _ => return None,
    })
}

/// A frame with any opcode, `{opcode, payload, ...}`.
pub fn any(reader: &mut Reader<'_>, node: &Node) -> Option<SendFrame> {
    let mut fields = Fields::open(reader, node, &FRAME)?;
    let opcode = fields.take("opcode").and_then(|node| any_opcode(reader, node));
    let payload = match fields.take("payload") {
        Some(node) => payload::read(reader, node),
        None => Some(Bytes::new()),
    };
    let mut frame = SendFrame::plain(opcode.unwrap_or(Opcode::TEXT), payload.clone().unwrap_or_default());
    let bits = bits(reader, &mut fields, &mut frame);
    let coding = coding(reader, &mut fields, &mut frame);
    fields.finish(reader, "frame");
    (opcode.is_some() && payload.is_some()).then_some(())?;
    bits.and(coding)?;
    Some(frame)
}

fn any_opcode(reader: &mut Reader<'_>, node: &Node) -> Option<Opcode> {
    if let Value::Scalar(Scalar::Int(_), _) = node.value {
        let value = reader.number(node, "an opcode", 0, 15)?;
        return u8::try_from(value).ok().map(Opcode::new);
    }
    let name = reader.text(node, "an opcode")?;
    let found = opcode(&name);
    if found.is_none() {
        let hint = match suggest::nearest(&name, OPCODES.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write a number from 0 to 15, or one of {}", suggest::quoted(OPCODES)),
        };
        reader.diagnostic(node.span, format!("`{name}` is not an opcode"), Some(hint));
    }
    found
}

/// The keys `fin`, `rsv`, `truncate` and `hold` of a frame.
pub fn bits(reader: &mut Reader<'_>, fields: &mut Fields<'_>, frame: &mut SendFrame) -> Option<()> {
    let mut valid = Some(());
    if let Some(node) = fields.take("fin") {
        match reader.boolean(node) {
            Some(fin) => frame.fin = fin,
            None => valid = None,
        }
    }
    if let Some(node) = fields.take("rsv") {
        for item in one_or_list(node) {
            match reader.number(item, "a reserved bit", 1, 3) {
                Some(bit) => frame.rsv |= 8 >> bit,
                None => valid = None,
            }
        }
    }
    if let Some(node) = fields.take("hold") {
        frame.hold = reader.size(node, "a size in bytes", 0);
        valid = valid.and(frame.hold.map(|_| ()));
    }
    if let Some(node) = fields.take("truncate") {
        frame.truncate = reader.size(node, "a size in bytes", 0);
        valid = valid.and(frame.truncate.map(|_| ()));
    }
    valid
}

/// The keys `mask` and `length` of a frame. Without them, the frame is unchanged.
pub fn coding(reader: &mut Reader<'_>, fields: &mut Fields<'_>, frame: &mut SendFrame) -> Option<()> {
    let mut valid = Some(());
    if let Some(node) = fields.take("mask") {
        match masking(reader, node) {
            Some(mask) => frame.mask = mask,
            None => valid = None,
        }
    }
    if let Some(node) = fields.take("length") {
        match length(reader, node) {
            Some((form, declared)) => (frame.form, frame.declared) = (form, declared),
            None => valid = None,
        }
    }
    valid
}

fn masking(reader: &mut Reader<'_>, node: &Node) -> Option<Masking> {
    if let Value::Scalar(Scalar::Bool(masked), _) = node.value {
        return Some(if masked { Masking::Masked } else { Masking::Unmasked });
    }
    let text = reader.spelling(node, "a masking key")?;
    let key: Option<[u8; 4]> = payload::hex(&text).ok().and_then(|bytes| bytes.try_into().ok());
    if key.is_none() {
        let hint = "write `false`, `true`, or a key of eight hexadecimal digits in quotes".to_string();
        reader.diagnostic(node.span, format!("`{text}` is not a masking key"), Some(hint));
    }
    key.map(Masking::Key)
}

fn length(reader: &mut Reader<'_>, node: &Node) -> Option<(Option<LengthForm>, Option<u64>)> {
    let mut fields = Fields::open(reader, node, &LENGTH)?;
    let form = fields.take("form").map(|node| reader.word(node, "the form of a length", FORMS));
    let declared = fields.take("declared").map(|node| reader.number(node, "a declared length", 0, u64::MAX));
    fields.finish(reader, "length");
    let form = match form {
        Some(word) => Some(match word? {
            "7-bit" => LengthForm::Bits7,
            "16-bit" => LengthForm::Bits16,
            _ => LengthForm::Bits64,
        }),
        None => None,
    };
    let declared = match declared {
        Some(number) => Some(number?),
        None => None,
    };
    Some((form, declared))
}

/// The body of a Close frame: a code, `{code, reason}`, `empty`, or any other payload.
pub fn close_body(reader: &mut Reader<'_>, node: &Node) -> Option<Bytes> {
    match &node.value {
        Value::Scalar(Scalar::Int(_), _) => {
            return reader.code(node, 0).map(|code| CloseBody::payload(code, b"").into());
        }
        Value::Scalar(Scalar::Null, _) => {
            let hint = "write `close: empty` for a Close frame without a body".to_string();
            reader.diagnostic(node.span, "`close` needs a value", Some(hint));
            return None;
        }
        Value::Scalar(Scalar::Str, text) if &**text == "empty" => return Some(Bytes::new()),
        Value::Map(_) => {}
        _ => return payload::read(reader, node),
    }
    let mut fields = Fields::open(reader, node, &CLOSE)?;
    if node.get("code").is_none() && node.get("reason").is_some() {
        reader.diagnostic(node.head(), "a reason needs a close code before it", Some("add `code: 1000`".into()));
        return None;
    }
    let (kind, _, value) = fields.kind(reader)?;
    let body = if payload::is_form(kind) {
        payload::form(reader, &mut fields, kind, value)
    } else {
        let code = reader.code(value, 0);
        let reason = match fields.take("reason") {
            Some(node) => payload::read(reader, node),
            None => Some(Bytes::new()),
        };
        code.zip(reason).map(|(code, reason)| CloseBody::payload(code, &reason).into())
    };
    fields.finish(reader, kind);
    body
}
