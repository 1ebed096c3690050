//! The type of a plain scalar.

use super::Scalar;

/// The type of a scalar without quotes by the core schema of YAML 1.2, except for ambiguous spellings.
pub fn resolve(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Scalar::Str;
    }
    let radix = |digits: &str, base| match digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        true => i128::from_str_radix(digits, base).map_or(Scalar::Str, Scalar::Int),
        false => Scalar::Str,
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        // A leading zero is ambiguous, so the value stays a text. A reader that expects a number reports it.
        let doubtful = unsigned.len() > 1 && unsigned.starts_with('0');
        return if doubtful { Scalar::Str } else { text.parse().map_or(Scalar::Str, Scalar::Int) };
    }
    let float = unsigned.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if float { text.parse().map_or(Scalar::Str, Scalar::Float) } else { Scalar::Str }
}
