//! Comma-separated lists in field values: RFC 9110 section 5.6.1.

/// The elements of one field value, without outer whitespace and without empty elements, with quoted strings kept
/// intact. An unterminated quoted string extends to the end of the value.
pub(super) fn members(value: &[u8]) -> Vec<String> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = value.split(|&byte| {
        let was_escaped = std::mem::take(&mut escaped);
        match byte {
            b'"' if !was_escaped => quoted = !quoted,
            // Outside a quoted string a backslash is an ordinary byte.
            b'\\' if quoted => escaped = !was_escaped,
            _ => {}
        }
        byte == b',' && !quoted
    });
    parts.map(trim).filter(|part| !part.is_empty()).map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}

/// The bytes without outer spaces and tabs.
pub(super) fn trim(bytes: &[u8]) -> &[u8] {
    let inner = |byte: &u8| !is_space(*byte);
    match (bytes.iter().position(inner), bytes.iter().rposition(inner)) {
        (Some(first), Some(last)) => bytes.get(first..=last).unwrap_or_default(),
        _ => &[],
    }
}

/// Whether a byte is whitespace within a line: a space or a tab.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_trimmed_and_empty_ones_dropped() {
        assert_eq!(members(b"a, b\t,,c , "), ["a", "b", "c"]);
        assert!(members(b" , \t,").is_empty());
        assert!(members(b"").is_empty());
    }

    #[test]
    fn quoted_strings_are_not_split() {
        assert_eq!(members(br#"x; p="a,b", y"#), [r#"x; p="a,b""#, "y"]);
        assert_eq!(members(br#""a\",b\\", c"#), [r#""a\",b\\""#, "c"]);
        assert_eq!(members(br#"a, "b, c"#), ["a", r#""b, c"#]);
        assert_eq!(members(br#"a\", b"#), [r#"a\", b"#]);
    }

    #[test]
    fn trimming_removes_spaces_and_tabs_only() {
        assert_eq!(trim(b" \t a b\r \t"), b"a b\r");
        assert_eq!(trim(b" \t"), b"");
    }
}
