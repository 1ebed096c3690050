//! Patterns that find a secret in every spelling in which a target, a case or a report may show it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::MIN_BYTES;

/// The longest piece of a secret that is one pattern, in bytes. As much of a payload is shown at its start.
const PIECE: usize = 64;

/// The patterns of a secret, or of the pieces of a long one: as it is, with escapes, in hexadecimal, in base64.
pub(super) fn whole(secret: &[u8]) -> Vec<String> {
    let mut patterns: Vec<String> = pieces(secret).map(literal).collect();
    patterns.extend(almost(secret));
    patterns.extend(pieces(secret).map(hexadecimal));
    patterns.extend(pieces(secret).flat_map(encoded));
    patterns
}

/// A secret without its last byte or two: a target that has read only a part of a request shows most of it.
fn almost(secret: &[u8]) -> Option<String> {
    (secret.len() > 2 * MIN_BYTES).then(|| secret.split_at(secret.len() - 2)).map(|(most, last)| {
        let last = last.iter().rev().fold(String::new(), |rest, byte| format!("(?:{}{rest})?", spelled(*byte)));
        literal(most) + &last
    })
}

/// A field with this value, in any letter case and with any line ending before the value.
pub(super) fn field(name: &str, value: &[u8]) -> String {
    let name = literal(name.as_bytes());
    let value = literal(value);
    format!("(?P<before>(?:\\A|[^a-z0-9-]){name}[\"']?\\s*[:=]\\s*[\"']?){value}(?P<after>[\\s\"',;&#\\\\]|\\z)")
}

/// Every beginning of a secret that is shorter than the secret.
pub(super) fn beginning(secret: &[u8]) -> Option<String> {
    let bytes: Vec<String> = secret.iter().take(PIECE).map(|byte| spelled(*byte)).collect();
    let rest = bytes.get(MIN_BYTES..bytes.len().saturating_sub(1))?;
    let rest = rest.iter().rev().fold(String::new(), |rest, byte| format!("(?:{byte}{rest})?"));
    Some(bytes.get(..MIN_BYTES)?.concat() + &rest)
}

/// Every end of a secret that is shorter than the secret.
pub(super) fn end(secret: &[u8]) -> Option<String> {
    let from = secret.len().saturating_sub(PIECE);
    let bytes: Vec<String> = secret.iter().skip(from).map(|byte| spelled(*byte)).collect();
    let last = bytes.len().checked_sub(MIN_BYTES)?;
    let rest = bytes.get(1..last)?;
    let rest = rest.iter().fold(String::new(), |rest, byte| format!("(?:{rest}{byte})?"));
    Some(rest + &bytes.get(last..)?.concat())
}

/// Pieces of about the same length.
fn pieces(secret: &[u8]) -> impl Iterator<Item = &[u8]> {
    let count = secret.len().div_ceil(PIECE).max(1);
    secret.chunks(secret.len().div_ceil(count).max(1))
}

fn literal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| spelled(*byte)).collect()
}

/// One byte: as it is, percent-encoded (again and again), with a backslash, or as a reference of HTML and XML.
fn spelled(byte: u8) -> String {
    let mut spellings = vec![
        format!("\\x{byte:02x}"),
        format!("%(?:25)*{byte:02x}"),
        format!("\\\\+(?:x|u00){byte:02x}"),
        format!("&#(?:0*{byte}|x0*{byte:02x});"),
    ];
    match byte {
        // A fold of a field may be here, and a form has a plus sign.
        b' ' | b'\t' => spellings.push("[\\s+]+".to_owned()),
        b'&' => spellings.push("&amp;".to_owned()),
        b'<' => spellings.push("&lt;".to_owned()),
        b'>' => spellings.push("&gt;".to_owned()),
        _ => {}
    }
    match byte {
        b'"' => spellings.extend(["\\\\+\"".to_owned(), "&quot;".to_owned()]),
        b'\'' => spellings.extend(["\\\\+'".to_owned(), "&apos;".to_owned()]),
        b'\\' => spellings.push("\\\\+".to_owned()),
        b'/' => spellings.push("\\\\+/".to_owned()),
        _ => {}
    }
    format!("(?:{})", spellings.join("|"))
}

/// Hexadecimal digits, perhaps with a space or a colon after each byte.
fn hexadecimal(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join("[\\s:]?")
}

/// Base64 in both alphabets: of the secret alone, and at each of the three places that it may have in longer data.
fn encoded(bytes: &[u8]) -> Vec<String> {
    let mut patterns = vec![alphabets(&STANDARD_NO_PAD.encode(bytes))];
    for before in 0..3 {
        let padded = [&[0].repeat(before), bytes].concat();
        let text = STANDARD_NO_PAD.encode(&padded);
        // The first and the last characters depend on the neighbours too.
        let first = [0, 2, 3].get(before).copied().unwrap_or(0);
        let last = text.len() - usize::from(padded.len() % 3 != 0);
        if let Some(inner) = text.get(first..last).filter(|inner| inner.len() > MIN_BYTES) {
            patterns.push(alphabets(inner));
        }
    }
    patterns
}

fn alphabets(base64: &str) -> String {
    base64
        .chars()
        .map(|character| match character {
            '+' => "(?:\\+|-|%2b)".to_owned(),
            '/' => "(?:/|_|%2f)".to_owned(),
            other => other.to_string(),
        })
        .collect()
}
