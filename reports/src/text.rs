//! Text that a target may have written, made fit to show, and numbers for people.

use std::borrow::Cow;
use std::fmt;

/// Whether a character acts instead of showing: controls, and those that hide or turn the text around them.
pub(crate) const fn acts(c: char) -> bool {
    matches!(c, '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes a character that acts as an escape.
pub(crate) fn write_escape(out: &mut (impl fmt::Write + ?Sized), c: char) -> fmt::Result {
    match c {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\0'..='\x7f' => write!(out, "\\x{:02x}", u32::from(c)),
        _ => write!(out, "\\u{{{:x}}}", u32::from(c)),
    }
}

/// The text in one line, with every character that acts shown as an escape: no terminal and no reader is led astray by it.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            // Writing to a String does not fail.
            let _ = write_escape(&mut out, c);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The text truncated to this number of characters, with an ellipsis in place of the rest.
pub(crate) fn shorten(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{}…", &text[..at])),
    }
}

/// Lines of at most `width` characters, broken at spaces. A longer word keeps its own line.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

/// A number and its noun, in the plural unless it is 1.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A duration in milliseconds as people read it: `0.42 ms`, `350 ms`, `3.2 s`, `2 min 5 s`.
pub(crate) fn duration(ms: f64) -> String {
    if ms < 10.0 {
        format!("{ms:.2} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else if ms < 60_000.0 {
        format!("{:.1} s", ms / 1000.0)
    } else {
        let seconds = (ms / 1000.0).round();
        format!("{:.0} min {:.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown() {
        assert_eq!(one_line("a\x1b[31m\nb\u{202e}c\u{9b}"), "a\\x1b[31m\\nb\\u{202e}c\\u{9b}");
        assert_eq!(one_line("héllo 雪"), "héllo 雪");
    }

    #[test]
    fn long_text_is_truncated_at_a_character() {
        assert_eq!(shorten("héllo", 2), "hé…");
        assert_eq!(shorten("hé", 2), "hé");
        assert_eq!(wrap("a bb ccc dddddddd", 6), ["a bb", "ccc", "dddddddd"]);
    }

    #[test]
    fn durations_have_units() {
        let shown = [0.423, 42.0, 3210.0, 125_000.0].map(duration);
        assert_eq!(shown, ["0.42 ms", "42 ms", "3.2 s", "2 min 5 s"]);
    }
}
