//! Secrets that the user gives for requests, and their removal from everything that leaves the process.
//!
//! Secrets are marked where they are read, in the arguments and the configuration. One [`Secrets`] is made from all of them. It replaces
//! each occurrence by `[secret]` in results, before any report is made from them, and in what the terminal shows.

mod pattern;
mod redact;
mod source;

use std::borrow::Cow;

use regex::bytes::{Regex, RegexBuilder};
use wsspec_reports::results::{CaseResult, End, Run};

use redact::redacted;

pub use source::{Marked, is_secret_field};

/// What replaces a secret.
pub const SECRET: &str = "[secret]";
/// The length of a secret, in bytes, from which on it is searched for everywhere. A shorter one is found by its field alone.
pub const MIN_BYTES: usize = 4;
/// The most memory that a compiled search may need, in bytes.
const MAX_REGEX: usize = 256 << 20;
/// How deep groups may be nested in a search: twice the bytes of one piece of a secret, and some.
const MAX_NEST: u32 = 1000;

/// Finds secrets in text and in bytes, in any spelling. Without secrets it changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    searches: Option<Searches>,
}

/// Secrets that are too long to be searched for.
#[derive(Debug, thiserror::Error)]
#[error("the secrets of this run are too long to be hidden in its results: {0}")]
pub struct SecretsError(#[from] regex::Error);

#[derive(Clone)]
struct Searches {
    /// A whole secret, or a piece of a long one.
    whole: Option<Regex>,
    /// Fields with their short values. The groups `before` and `after` stay.
    fields: Vec<Regex>,
    /// The beginning of a secret where the text is truncated. The group `after` stays.
    truncated_end: Option<Regex>,
    /// The end of a secret at the start of the text.
    truncated_start: Option<Regex>,
}

impl std::fmt::Debug for Searches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The searches contain the secrets.
        f.write_str("Searches")
    }
}

impl Secrets {
    /// The search for all that was marked.
    ///
    /// # Errors
    /// The secrets are too long.
    pub fn new(marked: &Marked) -> Result<Self, SecretsError> {
        if marked.is_empty() {
            return Ok(Self::default());
        }
        let build = |pattern: String| {
            let mut builder = RegexBuilder::new(&pattern);
            builder.unicode(false).case_insensitive(true).nest_limit(MAX_NEST).size_limit(MAX_REGEX);
            builder.build()
        };
        let any = |patterns: Vec<String>, before: &str, after: &str| {
            let pattern = format!("{before}(?:{}){after}", patterns.join("|"));
            (!patterns.is_empty()).then(|| build(pattern)).transpose()
        };
        let words = marked.words();
        // A text is truncated by dots, by the note of a head, or at the quote that ends it.
        let truncated = "(?P<after>\\.\\.\\.|\\xe2\\x80\\xa6|\\n\\[|[\"'`]?\\z)";
        let fields = marked.short_fields().map(|(name, value)| build(pattern::field(name, value)));
        Ok(Self {
            searches: Some(Searches {
                whole: any(words.iter().flat_map(|word| pattern::whole(word)).collect(), "", "")?,
                fields: fields.collect::<Result<_, _>>()?,
                truncated_end: any(words.iter().filter_map(|word| pattern::beginning(word)).collect(), "", truncated)?,
                truncated_start: any(words.iter().filter_map(|word| pattern::end(word)).collect(), "\\A", "")?,
            }),
        })
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.searches.is_none()
    }

    /// The text without secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// The bytes without secrets.
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(searches) = &self.searches else { return Cow::Borrowed(bytes) };
        let mut out = Cow::Borrowed(bytes);
        let mut replace = |search: &Regex, with: &str| {
            if search.is_match(&out) {
                out = Cow::Owned(search.replace_all(&out, with.as_bytes()).into_owned());
            }
        };
        searches.whole.iter().for_each(|search| replace(search, SECRET));
        searches.fields.iter().for_each(|search| replace(search, "${before}[secret]${after}"));
        searches.truncated_end.iter().for_each(|search| replace(search, "[secret]${after}"));
        searches.truncated_start.iter().for_each(|search| replace(search, SECRET));
        out
    }

    /// A result of a case without secrets.
    pub fn case(&self, result: CaseResult) -> CaseResult {
        redacted(self, result, |mut result| {
            // A secret looks like a word of ours: the verdict is kept, all that is free text goes.
            result.transcript.clear();
            result.findings.iter_mut().for_each(|finding| SECRET.clone_into(&mut finding.message));
            (result.yaml, result.row, result.replay) = (String::new(), Vec::new(), String::new());
            result
        })
    }

    /// The header of a run without secrets.
    pub fn run(&self, run: Run) -> Run {
        redacted(self, run, |mut run| {
            run.command = vec![SECRET.to_owned()];
            (run.target.url, run.target.command, run.target.name) = (None, None, None);
            run
        })
    }

    /// The last line of a run without secrets.
    pub fn end(&self, end: End) -> End {
        End { stopped: end.stopped.map(|why| self.text(&why).into_owned()), ..end }
    }

    /// The ranges of whole secrets in these bytes.
    fn ranges(&self, bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
        let whole = self.searches.as_ref().and_then(|searches| searches.whole.as_ref());
        whole.into_iter().flat_map(|whole| whole.find_iter(bytes).map(|found| found.range())).collect()
    }
}

#[cfg(test)]
mod tests;
