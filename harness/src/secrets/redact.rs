//! Results without secrets.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Secrets;

/// Keys whose values are words of wsspec, which no target and no user writes.
const OWN_WORDS: [&str; 26] = [
    "autobahn",
    "zone",
    "by",
    "case",
    "delivery",
    "dir",
    "direction",
    "ending",
    "end",
    "file",
    "group",
    "has",
    "how",
    "kind",
    "layer",
    "level",
    "measure",
    "outcome",
    "phase",
    "requirement",
    "requirements",
    "role",
    "scale",
    "spec",
    "type",
    "zones",
];

/// A part of the results without secrets; `bare` removes all free text where a secret looks like a word of wsspec.
pub(super) fn redacted<T: Serialize + DeserializeOwned>(
    secrets: &Secrets,
    original: T,
    bare: impl FnOnce(T) -> T,
) -> T {
    if secrets.is_empty() {
        return original;
    }
    let redacted = serde_json::to_value(&original).and_then(|mut value| {
        if let Some(Value::Array(events)) = value.get_mut("transcript") {
            over_several_frames(secrets, events);
        }
        redact_value(secrets, &mut value);
        serde_json::from_value(value)
    });
    redacted.unwrap_or_else(|_| bare(original))
}

fn redact_value(secrets: &Secrets, value: &mut Value) {
    match value {
        Value::String(text) => redact_string(secrets, text),
        Value::Array(all) => all.iter_mut().for_each(|one| redact_value(secrets, one)),
        Value::Object(fields) => {
            let free = fields.iter_mut().filter(|(key, _)| !OWN_WORDS.contains(&key.as_str()));
            free.for_each(|(_, value)| redact_value(secrets, value));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Hides secrets in a text. Where it is the hexadecimal form of bytes, they are hidden among these.
fn redact_string(secrets: &Secrets, text: &mut String) {
    if let Some(bytes) = from_hex(text)
        && let std::borrow::Cow::Owned(hidden) = secrets.bytes(&bytes)
    {
        *text = to_hex(&hidden);
    }
    if let std::borrow::Cow::Owned(hidden) = secrets.text(text) {
        *text = hidden;
    }
}

/// Blanks secrets that begin in the payload of one frame and end in that of another.
fn over_several_frames(secrets: &Secrets, events: &mut [Value]) {
    for control in [false, true] {
        for direction in ["in", "out"] {
            let mut pieces = Pieces::default();
            for (at, event) in events.iter().enumerate() {
                if direction_of(event) == Some(direction) {
                    pieces.add(at, event, control);
                }
            }
            let ranges = secrets.ranges(&pieces.bytes);
            pieces.blank(&ranges, events);
        }
    }
}

/// The payloads of frames, one after the other, as far as they are shown.
#[derive(Default)]
struct Pieces {
    bytes: Vec<u8>,
    /// The event, the key, and where the bytes begin.
    places: Vec<(usize, &'static str, usize)>,
}

impl Pieces {
    fn add(&mut self, at: usize, event: &Value, control: bool) {
        let Some(frame) = event.get("what") else { return };
        if frame.get("opcode").and_then(Value::as_u64).is_none_or(|opcode| (opcode >= 8) != control) {
            return;
        }
        for key in ["payload", "tail"] {
            let Some(bytes) = frame.get(key).and_then(Value::as_str).and_then(from_hex) else { continue };
            if key == "tail" {
                // The bytes between are not shown, and no secret extends over them.
                self.bytes.push(0);
            }
            self.places.push((at, key, self.bytes.len()));
            self.bytes.extend(bytes);
        }
    }

    /// Overwrites what these ranges have in several pieces.
    fn blank(&self, ranges: &[std::ops::Range<usize>], events: &mut [Value]) {
        let ends = self.places.iter().skip(1).map(|place| place.2).chain([self.bytes.len()]);
        for (&(at, key, start), end) in self.places.iter().zip(ends) {
            let parts = ranges.iter().filter(|range| range.start < end && range.end > start);
            let across: Vec<_> = parts.filter(|range| range.start < start || range.end > end).collect();
            let Some(hex) = events.get_mut(at).and_then(|event| event.get_mut("what")?.get_mut(key)) else { continue };
            let Some(mut bytes) = hex.as_str().and_then(from_hex).filter(|_| !across.is_empty()) else { continue };
            for range in across {
                let from = range.start.max(start) - start;
                bytes.iter_mut().take(range.end.min(end) - start).skip(from).for_each(|byte| *byte = b'*');
            }
            *hex = Value::String(to_hex(&bytes));
        }
    }
}

fn direction_of(event: &Value) -> Option<&str> {
    event.get("dir").or_else(|| event.get("direction"))?.as_str()
}

/// The bytes of a text of hexadecimal digits; `None` for any other text.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |character: u8| char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty())
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
