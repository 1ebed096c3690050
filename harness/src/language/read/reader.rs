//! What the readers of a file share: its errors, and the reading of single values: texts, numbers, words, durations, lists.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::super::document::{Node, Scalar, Value};
use super::value::time;
use super::{Attachments, Pool};
use crate::diagnostics::{Diagnostic, FileText, Span, suggest};
use crate::vocabulary::Role;

/// The maximum number of errors that are reported for a file.
pub(super) const MAX_ERRORS: usize = 200;
/// The maximum duration of a pause or timeout.
const MAX_DURATION: Duration = Duration::from_secs(600);

/// The state that the readers share while a file is read.
pub(crate) struct Reader<'a> {
    pub(super) file: &'a FileText,
    pub(super) source: &'a Arc<str>,
    pub(super) attachments: &'a dyn Attachments,
    pub(super) pool: &'a Pool,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The number of errors, including those that are not reported again.
    pub(super) error_count: usize,
    /// The places of errors, and the pass (a case, or a row of its matrix) that found them.
    pub(super) seen: HashMap<Span, usize>,
    pub(super) pass: usize,
    /// The role of the case that is being read.
    pub(super) role: Option<Role>,
    /// The ids of this file's cases, with the line of the first.
    pub(super) ids: BTreeMap<String, usize>,
    /// The number of nodes that the rows of the matrices in this file may still produce.
    pub(super) budget: usize,
    /// The files that the case being read sends, by path.
    pub(super) sent_files: BTreeMap<String, Bytes>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        file: &'a FileText,
        source: &'a Arc<str>,
        attachments: &'a dyn Attachments,
        pool: &'a Pool,
    ) -> Self {
        Self {
            file,
            source,
            attachments,
            pool,
            diagnostics: Vec::new(),
            error_count: 0,
            seen: HashMap::new(),
            pass: 0,
            role: None,
            ids: BTreeMap::new(),
            budget: 2_000_000,
            sent_files: BTreeMap::new(),
        }
    }

    /// Records an error. An error that an earlier row or case has at the same place is not reported again.
    pub(super) fn diagnostic(&mut self, span: Span, message: impl Into<String>, hint: Option<String>) {
        self.error_count += 1;
        if self.diagnostics.len() >= MAX_ERRORS || *self.seen.entry(span).or_insert(self.pass) != self.pass {
            return;
        }
        let mut diagnostic = self.file.diagnostic(span, message);
        diagnostic.hint = hint;
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reports that a node is not of the expected kind.
    pub(super) fn wanted(&mut self, node: &Node, wanted: &str, hint: Option<String>) {
        self.diagnostic(node.head(), format!("expected {wanted}, found {}", node.describe()), hint);
    }

    /// A text. A number or boolean needs quotes, because its spelling may not be the intended text.
    pub(super) fn text(&mut self, node: &Node, what: &str) -> Option<Arc<str>> {
        if let Some(text) = node.as_str() {
            return Some(text.clone());
        }
        let hint = match &node.value {
            Value::Scalar(Scalar::Null, _) => Some("write \"\" for an empty text".to_string()),
            Value::Scalar(_, text) => Some(format!("write it in quotes: \"{text}\"")),
            _ => None,
        };
        self.wanted(node, what, hint);
        None
    }

    /// A text without white space around it and without line breaks that is not empty.
    pub(super) fn line(&mut self, node: &Node, what: &str) -> Option<Arc<str>> {
        let text = self.text(node, what)?;
        if text.trim().is_empty() {
            self.diagnostic(node.span, format!("{what} is empty"), None);
            return None;
        }
        Some(if text.trim().len() == text.len() { text } else { text.trim().into() })
    }

    /// A text, or the spelling of a number or boolean.
    pub(super) fn spelling(&mut self, node: &Node, what: &str) -> Option<Arc<str>> {
        match &node.value {
            Value::Scalar(scalar, text) if *scalar != Scalar::Null => Some(text.clone()),
            _ => self.text(node, what),
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, node: &Node) -> Option<bool> {
        match node.value {
            Value::Scalar(Scalar::Bool(value), _) => Some(value),
            _ => {
                self.wanted(node, "`true` or `false`", None);
                None
            }
        }
    }

    /// Checks that a key without a value has nothing or `true`.
    pub(super) fn flag(&mut self, node: &Node, name: &str) {
        if !node.is_null() && !matches!(node.value, Value::Scalar(Scalar::Bool(true), _)) {
            let hint = format!("write `{name}` alone, or `{name}: true`");
            self.diagnostic(node.head(), format!("`{name}` has no value"), Some(hint));
        }
    }

    /// An integer within bounds.
    pub(super) fn number(&mut self, node: &Node, what: &str, least: u64, most: u64) -> Option<u64> {
        let Value::Scalar(Scalar::Int(value), _) = node.value else {
            let hint = match node.as_str() {
                Some(text) if text.starts_with('0') && text.parse::<u64>().is_ok() => Some(
                    "remove the leading zeros; octal numbers start with `0o`, hexadecimal numbers with `0x`"
                        .to_string(),
                ),
                Some(text) if text.parse::<u64>().is_ok() => Some("write it without quotes".to_string()),
                Some(text) if text.contains('_') && text.replace('_', "").parse::<u64>().is_ok() => {
                    Some(format!("write {}", text.replace('_', "")))
                }
                _ => None,
            };
            self.wanted(node, &format!("{what} (a number)"), hint);
            return None;
        };
        match u64::try_from(value) {
            Ok(value) if (least..=most).contains(&value) => Some(value),
            _ => {
                let bounds = if most == u64::MAX { format!("{least} or more") } else { format!("{least} to {most}") };
                self.diagnostic(node.span, format!("{what} must be {bounds}, not {value}"), None);
                None
            }
        }
    }

    /// A number of bytes.
    pub(super) fn size(&mut self, node: &Node, what: &str, least: u64) -> Option<usize> {
        self.number(node, what, least, u64::MAX).map(|size| usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// A close code, or an expected one, which is never below `least`.
    pub(super) fn code(&mut self, node: &Node, least: u16) -> Option<u16> {
        let most = if least == 0 { u16::MAX } else { 4999 };
        self.number(node, "a close code", least.into(), most.into()).and_then(|code| u16::try_from(code).ok())
    }

    /// A value of an enum by one of these words, all of which it knows.
    pub(super) fn one_of<T: FromStr>(&mut self, node: &Node, what: &str, words: &'static [&'static str]) -> Option<T> {
        self.word(node, what, words)?.parse().ok()
    }

    /// One of a few words.
    pub(super) fn word(&mut self, node: &Node, what: &str, words: &'static [&'static str]) -> Option<&'static str> {
        let text = self.text(node, what)?;
        let found = words.iter().copied().find(|word| *word == &*text);
        if found.is_none() {
            self.diagnostic(node.span, format!("`{text}` is not {what}"), suggest::hint(&text, words.iter().copied()));
        }
        found
    }

    /// A duration such as `20ms`, at most ten minutes.
    pub(super) fn duration(&mut self, node: &Node) -> Option<Duration> {
        let units = "write a number and `us`, `ms`, `s` or `min`, such as `20ms`".to_string();
        let Value::Scalar(_, text) = &node.value else {
            self.wanted(node, "a duration", Some(units));
            return None;
        };
        match time(text) {
            Some(duration) if duration <= MAX_DURATION => Some(duration),
            Some(_) => {
                self.diagnostic(node.span, "a duration is at most 10 minutes", None);
                None
            }
            None => {
                self.wanted(node, "a duration", Some(units));
                None
            }
        }
    }

    /// The items of a list.
    pub(super) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.value {
            Value::Seq(items) => items,
            _ => {
                let hint = Some("write `[...]`, or one item in each line after `- `".to_string());
                self.wanted(node, what, hint);
                &[]
            }
        }
    }

    /// The items of a list that must not be empty.
    pub(super) fn filled_list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        let items = self.list(node, what);
        if items.is_empty() && matches!(node.value, Value::Seq(_)) {
            self.diagnostic(node.span, format!("{what} is empty"), None);
        }
        items
    }
}
