//! Errors in text files: their places, messages and hints.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A range of a file, in bytes from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The range from `start` to `end`, which is never before `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }
}

/// The text of a case file with an index of its lines.
#[derive(Clone, Debug)]
pub struct FileText {
    /// The path as it is shown in errors.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    line_starts: Arc<[usize]>,
}

impl FileText {
    /// The text of a file, and the path to show in errors.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { path: path.into(), text, line_starts }
    }

    /// The line of a byte, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset)
    }

    /// The byte at which a line, counted from 1, starts.
    pub fn line_start(&self, line: usize) -> usize {
        self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// The column of a byte, from 1, in characters.
    pub fn column(&self, offset: usize) -> usize {
        let start = self.line_start(self.line(offset));
        self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1
    }

    /// The text of a span. It is empty if the span is not at character boundaries.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// An error at a span of this file.
    pub fn diagnostic(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        // A span over several lines is shown by its first line only.
        let first_line = self.slice(span).lines().next().unwrap_or_default().trim_end();
        let shown =
            if self.slice(span).contains('\n') { Span::new(span.start, span.start + first_line.len()) } else { span };
        Diagnostic {
            file: self.path.clone(),
            line: self.line(shown.start),
            column: self.column(shown.start),
            length: self.slice(shown).chars().count(),
            message: message.into(),
            hint: None,
            span: shown,
            text: self.text.clone(),
        }
    }
}

/// One error in a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file's path as it is shown.
    pub file: Arc<str>,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1, in characters.
    pub column: usize,
    /// The length of the error in characters. It is 0 if something is missing there.
    pub length: usize,
    /// The message, as a sentence without a full stop.
    pub message: String,
    /// How to fix it.
    pub hint: Option<String>,
    /// The range of the error.
    pub(crate) span: Span,
    /// The file's whole text.
    text: Arc<str>,
}

impl Diagnostic {
    /// The error with a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The range of the error in [`Diagnostic::source`], in bytes.
    pub fn range(&self) -> Range<usize> {
        self.span.start..self.span.end
    }

    /// The text of the file.
    pub fn source(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// All errors of one or more files, in the order of files and places. It is never empty if it is returned as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::render(&self.0, super::Style::Plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_lines_from_one() {
        let file = FileText::new("f.yaml", "a: é: b\nsecond\n");
        let diagnostic = file.diagnostic(Span::new(3, 5), "here");
        assert_eq!((diagnostic.line, diagnostic.column, diagnostic.length), (1, 4, 1));
        let diagnostic = file.diagnostic(Span::new(6, 7), "after");
        assert_eq!((diagnostic.line, diagnostic.column), (1, 6));
        let diagnostic = file.diagnostic(Span::new(9, 15), "next");
        assert_eq!((diagnostic.line, diagnostic.column, diagnostic.length), (2, 1, 6));
    }

    #[test]
    fn a_span_over_lines_is_shortened_to_its_first() {
        let file = FileText::new("f.yaml", "one: 1\ntwo: 2\n");
        assert_eq!(file.diagnostic(Span::new(0, 14), "all").length, 6);
    }
}
