//! Payloads: bytes in every form of the language.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use data_encoding::{DecodeKind, HEXLOWER_PERMISSIVE};
use serde_json::Value as Json;

use super::super::document::{Node, Scalar, Value};
use super::super::tables::{BLOCKS, PAYLOAD, SAMPLES};
use super::Reader;
use super::fields::{Fields, is_bare};
use super::pool::MAX_PAYLOAD;
use super::value::one_or_list;
use crate::diagnostics::Span;
use crate::wire::deflate::{DeflateSpec, deflate as craft_deflate};

/// The largest file of `{file: NAME}`, in bytes.
const MAX_ATTACHMENT: usize = 16 * 1024 * 1024;
/// The largest code point of the original UTF-8 scheme of up to six bytes.
const MAX_CODE_POINT: u32 = 0x7fff_ffff;

/// A payload: a text, or a map of one form.
pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Bytes> {
    if let Some(text) = node.as_str() {
        return Some(Bytes::copy_from_slice(text.as_bytes()));
    }
    if let Value::Scalar(..) = node.value {
        reader.text(node, "a payload");
        return None;
    }
    let mut fields = Fields::open(reader, node, &PAYLOAD)?;
    let (kind, _, value) = fields.kind(reader)?;
    let bytes = form(reader, &mut fields, kind, value);
    fields.finish(reader, kind);
    bytes
}

/// Whether a kind of a table is a form of a payload.
pub fn is_form(kind: &str) -> bool {
    PAYLOAD.kinds().any(|form| form.name == kind)
}

/// The bytes of a form. The other keys of the form are taken from `fields`, whose table shares them.
pub fn form(reader: &mut Reader<'_>, fields: &mut Fields<'_>, kind: &str, value: &Node) -> Option<Bytes> {
    let bytes = match kind {
        "text" => Bytes::copy_from_slice(reader.text(value, "a text")?.as_bytes()),
        "hex" => {
            let text = reader.spelling(value, "hexadecimal digits")?;
            match hex(&text) {
                Ok(bytes) => bytes.into(),
                Err(message) => {
                    reader.diagnostic(
                        value.span,
                        message,
                        Some("write pairs of hexadecimal digits, such as `ce ba e1`".into()),
                    );
                    return None;
                }
            }
        }
        "base64" => {
            let text = reader.text(value, "base64")?;
            match STANDARD.decode(text.split_whitespace().collect::<String>()) {
                Ok(bytes) => bytes.into(),
                Err(error) => {
                    reader.diagnostic(value.span, format!("this is not base64: {error}").to_lowercase(), None);
                    return None;
                }
            }
        }
        "repeat" => return repeat(reader, fields, value),
        "random" => {
            let seed = match fields.take("seed") {
                Some(seed) => reader.number(seed, "a seed", 0, u64::MAX),
                None => Some(0),
            };
            let size = reader.size(value, "a size in bytes", 0);
            let (seed, size) = (seed?, bounded(reader, value.span, size?)?);
            let drawn = reader.pool.random(seed, size);
            return granted(reader, value.span, drawn);
        }
        "utf8" => utf8(reader, value)?.into(),
        "json" => json(reader, value)?.to_string().into(),
        "file" => attachment(reader, value)?,
        "deflate" => deflate(reader, fields, value)?,
        "sample" => {
            let kind = reader.word(value, "a kind of sample", SAMPLES);
            let size = fields.take("bytes").map(|node| reader.size(node, "a size in bytes", 1));
            let Some(size) = size else {
                reader.diagnostic(value.span, "`sample` needs a length", Some("add `bytes: N`".into()));
                return None;
            };
            let size = bounded(reader, value.span, size?)?;
            let made = reader.pool.sample(kind?, size);
            return granted(reader, value.span, made);
        }
        _ => return concat(reader, value),
    };
    let size = bounded(reader, value.span, bytes.len())?;
    let granted_bytes = reader.pool.grant(size).then_some(bytes);
    granted(reader, value.span, granted_bytes)
}

/// Checks a size against the limit of a payload.
pub fn bounded(reader: &mut Reader<'_>, span: Span, size: usize) -> Option<usize> {
    if size <= MAX_PAYLOAD {
        return Some(size);
    }
    reader.diagnostic(span, format!("a payload has at most 64 MiB, not {size} bytes"), None);
    None
}

/// Reports an error if the pool granted nothing.
fn granted(reader: &mut Reader<'_>, span: Span, bytes: Option<Bytes>) -> Option<Bytes> {
    if bytes.is_none() {
        reader.diagnostic(span, "the payloads of the suite take more than 512 MiB", None);
    }
    bytes
}

fn repeat(reader: &mut Reader<'_>, fields: &mut Fields<'_>, value: &Node) -> Option<Bytes> {
    let (bytes, times) = (fields.take_entry("bytes"), fields.take_entry("times"));
    let unit = read(reader, value);
    let size = match (bytes, times) {
        (Some((_, node)), None) => reader.size(node, "a size in bytes", 0).map(|size| (size, node.span)),
        (None, Some((_, node))) => {
            let times = reader.size(node, "a number of times", 0);
            times.map(|times| (times.saturating_mul(unit.as_ref().map_or(0, Bytes::len)), node.span))
        }
        (Some(_), Some((key, _))) => {
            reader.diagnostic(key.span, "`times` cannot be combined with `bytes`", None);
            None
        }
        (None, None) => {
            let hint = "add `bytes: N` (truncated at N bytes) or `times: N`".to_string();
            reader.diagnostic(value.head(), "`repeat` needs a length", Some(hint));
            None
        }
    };
    let (unit, (size, span)) = (unit?, size?);
    let size = bounded(reader, span, size)?;
    if size == 0 {
        return Some(Bytes::new());
    }
    if unit.is_empty() {
        reader.diagnostic(value.head(), "an empty payload cannot be repeated to this length", None);
        return None;
    }
    let made = reader.pool.repeat(&unit, size);
    granted(reader, span, made)
}

fn concat(reader: &mut Reader<'_>, value: &Node) -> Option<Bytes> {
    let mut parts = Vec::new();
    let mut size = 0usize;
    let mut whole = true;
    for item in reader.list(value, "a list of payloads") {
        match read(reader, item) {
            Some(part) => {
                size = bounded(reader, item.head(), size + part.len())?;
                parts.push(part);
            }
            None => whole = false,
        }
    }
    let joined = reader.pool.grant(size).then(|| parts.concat().into());
    whole.then_some(())?;
    granted(reader, value.head(), joined)
}

/// DEFLATE data.
fn deflate(reader: &mut Reader<'_>, fields: &mut Fields<'_>, value: &Node) -> Option<Bytes> {
    let bytes = read(reader, value);
    let mut how = DeflateSpec::default();
    if let Some(node) = fields.take("blocks") {
        let kinds = one_or_list(node).iter().map(|item| reader.one_of(item, "a kind of block", BLOCKS));
        how.kinds = kinds.collect::<Option<_>>()?;
    }
    if let Some(node) = fields.take("block") {
        how.block = Some(reader.size(node, "a block's size", 1)?);
    }
    if let Some(node) = fields.take("window") {
        how.window = reader.number(node, "a window in bits", 8, 15)? as u8;
    }
    if let Some(node) = fields.take("after") {
        how.before = read(reader, node)?.to_vec();
    }
    if let Some(node) = fields.take("distance") {
        how.distance = Some(reader.number(node, "a distance in bytes", 1, 32_768)? as usize);
    }
    if let Some(node) = fields.take("final") {
        how.last = reader.boolean(node)?;
    }
    if let Some(node) = fields.take("tail") {
        how.tail = reader.boolean(node)?;
    }
    Some(craft_deflate(&bytes?, &how).into())
}

/// Bytes of hexadecimal digits. White space is ignored.
pub fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: String = text.split_whitespace().collect();
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|error| match error.kind {
        DecodeKind::Length => "a byte has two hexadecimal digits, but the last byte has one".into(),
        _ => {
            let invalid = digits.get(error.position..).and_then(|rest| rest.chars().next()).unwrap_or_default();
            format!("`{invalid}` is not a hexadecimal digit")
        }
    })
}

fn utf8(reader: &mut Reader<'_>, value: &Node) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut whole = true;
    for item in one_or_list(value) {
        let Some(text) = reader.text(item, "a code point such as `U+0080`") else {
            whole = false;
            continue;
        };
        let (first, last) = text.split_once("..").unwrap_or((&text, &text));
        match (code_point(first), code_point(last)) {
            (Some(first), Some(last)) if first <= last => {
                // At most six bytes for each code point.
                let most = (last - first) as usize * 6 + 6;
                bounded(reader, item.span, out.len().saturating_add(most))?;
                (first..=last).for_each(|point| push_utf8(&mut out, point));
            }
            (Some(_), Some(_)) => {
                reader.diagnostic(item.span, "the range ends before it begins", None);
                whole = false;
            }
            _ => {
                let hint = "write `U+0080`, or `U+D800..U+D8FF` for a range".to_string();
                reader.diagnostic(item.span, format!("`{text}` is not a code point"), Some(hint));
                whole = false;
            }
        }
    }
    whole.then_some(out)
}

fn code_point(text: &str) -> Option<u32> {
    let digits = text.trim().strip_prefix("U+")?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|&point| plain && point <= MAX_CODE_POINT)
}

/// A code point encoded like UTF-8 without its limits: surrogates as three bytes, and up to six bytes above U+10FFFF.
fn push_utf8(out: &mut Vec<u8>, point: u32) {
    let (lead, trail) = match point {
        0..=0x7f => (0x00, 0),
        0x80..=0x7ff => (0xc0, 1),
        0x800..=0xffff => (0xe0, 2),
        0x1_0000..=0x1f_ffff => (0xf0, 3),
        0x20_0000..=0x3ff_ffff => (0xf8, 4),
        _ => (0xfc, 5),
    };
    out.push(lead | (point >> (6 * trail)) as u8);
    out.extend((0..trail).rev().map(|place| 0x80 | (point >> (6 * place)) as u8 & 0x3f));
}

/// A node as JSON. Numbers keep their value, other scalars their text.
pub fn json(reader: &mut Reader<'_>, node: &Node) -> Option<Json> {
    Some(match &node.value {
        Value::Scalar(Scalar::Null, _) => Json::Null,
        Value::Scalar(Scalar::Bool(value), _) => Json::Bool(*value),
        Value::Scalar(Scalar::Int(value), _) => {
            let number = i64::try_from(*value).map(Json::from).or_else(|_| u64::try_from(*value).map(Json::from));
            match number {
                Ok(number) => number,
                Err(_) => {
                    reader.diagnostic(node.span, "the number does not fit in 64 bits", None);
                    return None;
                }
            }
        }
        Value::Scalar(Scalar::Float(value), _) => Json::from(*value),
        Value::Scalar(Scalar::Str, text) => Json::String(text.to_string()),
        Value::Seq(items) => Json::Array(items.iter().map(|item| json(reader, item)).collect::<Option<_>>()?),
        Value::Map(entries) => {
            if let Some((key, _)) = entries.iter().find(|(key, node)| is_bare(reader, key, node)) {
                let hint = "inside `{}`, a text that contains a comma needs quotes; write `null` for JSON's null";
                reader.diagnostic(key.span, format!("`{}` has no value", key.name), Some(hint.into()));
                return None;
            }
            let members = entries.iter().map(|(key, node)| Some((key.name.to_string(), json(reader, node)?)));
            Json::Object(members.collect::<Option<_>>()?)
        }
    })
}

fn attachment(reader: &mut Reader<'_>, value: &Node) -> Option<Bytes> {
    let path = reader.line(value, "a file's path")?;
    let inside = !path.contains(['\\', '\0', ':'])
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    if !inside {
        let hint = "the file must be in the folder of the case file, or below it".to_string();
        reader.diagnostic(value.span, format!("the path `{path}` leaves the folder of the case file"), Some(hint));
        return None;
    }
    match reader.attachments.load(&path) {
        Ok(bytes) if bytes.len() <= MAX_ATTACHMENT => {
            reader.sent_files.insert(path.to_string(), bytes.clone());
            Some(bytes)
        }
        Ok(_) => {
            reader.diagnostic(value.span, format!("the file `{path}` is larger than 16 MiB"), None);
            None
        }
        Err(why) => {
            reader.diagnostic(value.span, format!("the file `{path}` cannot be read: {why}"), None);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(point: u32) -> Vec<u8> {
        let mut out = Vec::new();
        push_utf8(&mut out, point);
        out
    }

    #[test]
    fn code_points_are_coded_by_the_scheme_even_where_utf8_has_none() {
        for point in ['\0', '\u{7f}', '\u{80}', '\u{7ff}', '\u{800}', '\u{ffff}', '\u{10000}', '\u{10ffff}'] {
            assert_eq!(encoded(point.into()), point.to_string().as_bytes());
        }
        assert_eq!(encoded(0xd800), [0xed, 0xa0, 0x80]);
        assert_eq!(encoded(0x11_0000), [0xf4, 0x90, 0x80, 0x80]);
        assert_eq!(encoded(0x7fff_ffff), [0xfd, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf]);
    }

    #[test]
    fn hex_takes_spaces_and_refuses_halves() {
        assert_eq!(hex("ce ba\nE1"), Ok(vec![0xce, 0xba, 0xe1]));
        assert_eq!(hex("c"), Err("a byte has two hexadecimal digits, but the last byte has one".into()));
        assert_eq!(hex("0x12"), Err("`x` is not a hexadecimal digit".into()));
        assert_eq!(hex("12é"), Err("`é` is not a hexadecimal digit".into()));
    }
}
