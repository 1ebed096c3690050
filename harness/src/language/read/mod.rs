//! From the node tree to typed cases. Every reader goes on behind a mistake, so that a file shows all of them at once.

mod case;
mod check;
mod expect;
mod fields;
mod file;
mod frame;
mod handshake;
mod head;
mod messages;
mod payload;
mod pool;
mod samples;
mod send;
mod value;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;

use super::document::{self, Node};
use crate::case::Case;
use crate::diagnostics::{Diagnostic, FileText, Span};
use crate::vocabulary::Role;

pub use pool::Pool;
pub use value::time;

/// The most mistakes that are told of one file.
const MAX_MISTAKES: usize = 200;

/// Where `{file: NAME}` finds its bytes.
pub trait Attachments: Sync {
    /// The content of a file beside the case file, by a path that was checked to stay below its folder.
    ///
    /// # Errors
    /// Why there is none, as a sentence without a full stop.
    fn load(&self, path: &str) -> Result<Bytes, String>;
}

/// No files at all: for case files that stand alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAttachments;

impl Attachments for NoAttachments {
    fn load(&self, _: &str) -> Result<Bytes, String> {
        Err("no file can be read here".into())
    }
}

/// Files in memory, by path: those that a definition brings along.
impl Attachments for BTreeMap<String, Bytes> {
    fn load(&self, path: &str) -> Result<Bytes, String> {
        self.get(path).cloned().ok_or_else(|| "the definition does not include it".into())
    }
}

/// A case with the place of its id, for the search of duplicates over the suite.
#[derive(Debug)]
pub struct ReadCase {
    /// The case.
    pub case: Case,
    /// Where its id stands.
    pub id_span: Span,
}

/// What a case file holds.
#[derive(Debug, Default)]
pub struct ReadFile {
    /// Its cases in order, those with mistakes left out.
    pub cases: Vec<ReadCase>,
    /// Its mistakes by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the text of one case file. `source` is its path in the suite.
pub fn read_file(file: &FileText, source: &Arc<str>, attachments: &dyn Attachments, pool: &Pool) -> ReadFile {
    let (documents, mut diagnostics) = document::read(file);
    let mut reader = Reader::new(file, source, attachments, pool);
    if documents.is_empty() && diagnostics.is_empty() {
        reader.diagnostic(Span::default(), "the file holds no group", Some("it begins with `group: ...`".into()));
    }
    let mut cases = Vec::new();
    for document in &documents {
        file::read(&mut reader, document, &mut cases);
    }
    diagnostics.append(&mut reader.diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    diagnostics.truncate(MAX_MISTAKES);
    ReadFile { cases, diagnostics }
}

/// What the readers share while one file is read.
pub(crate) struct Reader<'a> {
    file: &'a FileText,
    source: &'a Arc<str>,
    attachments: &'a dyn Attachments,
    pool: &'a Pool,
    diagnostics: Vec<Diagnostic>,
    /// How many mistakes were met, those that are not told again included.
    flaws: usize,
    /// Where mistakes are, and the pass (a case, or a row of its matrix) that found them.
    seen: HashMap<Span, usize>,
    pass: usize,
    /// The role of the case that is being read.
    role: Option<Role>,
    /// The ids of this file's cases, with the line of the first.
    ids: BTreeMap<String, usize>,
    /// How many nodes the rows of this file's matrices may still make.
    budget: usize,
    /// The files that the case being read sends, by path.
    sent_files: BTreeMap<String, Bytes>,
}

impl<'a> Reader<'a> {
    fn new(file: &'a FileText, source: &'a Arc<str>, attachments: &'a dyn Attachments, pool: &'a Pool) -> Self {
        Self {
            file,
            source,
            attachments,
            pool,
            diagnostics: Vec::new(),
            flaws: 0,
            seen: HashMap::new(),
            pass: 0,
            role: None,
            ids: BTreeMap::new(),
            budget: 2_000_000,
            sent_files: BTreeMap::new(),
        }
    }

    /// Notes a mistake. What an earlier row or case has shown at the same place is not told again.
    fn diagnostic(&mut self, span: Span, message: impl Into<String>, hint: Option<String>) {
        self.flaws += 1;
        if self.diagnostics.len() >= MAX_MISTAKES || *self.seen.entry(span).or_insert(self.pass) != self.pass {
            return;
        }
        let mut diagnostic = self.file.diagnostic(span, message);
        diagnostic.hint = hint;
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Notes that a node is not what is wanted there.
    fn wanted(&mut self, node: &Node, wanted: &str, hint: Option<String>) {
        self.diagnostic(node.head(), format!("{wanted} is wanted here, not {}", node.describe()), hint);
    }
}

#[cfg(test)]
mod part_tests;
#[cfg(test)]
pub(crate) mod tests;
