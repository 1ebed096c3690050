//! How values get into HTML.

use std::fmt;

use askama::filters::Escaper;

use crate::text::{acts, write_escape};

/// Escapes for text and for quoted attributes, and shows characters that act, such as controls and those that turn the writing
/// direction, as escapes. Newlines and tabs stay.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        let mut rest = string;
        while let Some(at) = rest.find(special) {
            dest.write_str(&rest[..at])?;
            let mut chars = rest[at..].chars();
            if let Some(c) = chars.next() {
                write_char(&mut dest, c)?;
            }
            rest = chars.as_str();
        }
        dest.write_str(rest)
    }

    fn write_escaped_char<W: fmt::Write>(&self, mut dest: W, c: char) -> fmt::Result {
        if special(c) { write_char(&mut dest, c) } else { dest.write_char(c) }
    }
}

const fn special(c: char) -> bool {
    matches!(c, '&' | '<' | '>' | '"' | '\'' | '`') || (acts(c) && !matches!(c, '\n' | '\t'))
}

fn write_char(dest: &mut impl fmt::Write, c: char) -> fmt::Result {
    match c {
        '&' => dest.write_str("&amp;"),
        '<' => dest.write_str("&lt;"),
        '>' => dest.write_str("&gt;"),
        '"' => dest.write_str("&quot;"),
        '\'' => dest.write_str("&#39;"),
        '`' => dest.write_str("&#96;"),
        acting => write_escape(dest, acting),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_controls_become_text() {
        let mut out = String::new();
        assert!(Visible.write_escaped_str(&mut out, "<a b='c' d=\"`\">&\u{0}\r\n\u{202e}é").is_ok());
        assert_eq!(out, "&lt;a b=&#39;c&#39; d=&quot;&#96;&quot;&gt;&amp;\\x00\\r\n\\u{202e}é");
    }
}
