//! From the node tree to cases. Readers continue after an error, so that all errors of a file are reported at once.

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

/// The maximum number of errors that are reported for a file.
const MAX_ERRORS: usize = 200;

/// The source of the content of `{file: NAME}`.
pub trait Attachments: Sync {
    /// The content of a file by its path from the folder of the case file. The path was checked to stay below that folder.
    ///
    /// # Errors
    /// The reason, as a sentence without a full stop.
    fn load(&self, path: &str) -> Result<Bytes, String>;
}

/// No attachments: for case files without a folder.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAttachments;

impl Attachments for NoAttachments {
    fn load(&self, _: &str) -> Result<Bytes, String> {
        Err("this source has no files".into())
    }
}

/// Files in memory, by path: those that a definition brings along.
impl Attachments for BTreeMap<String, Bytes> {
    fn load(&self, path: &str) -> Result<Bytes, String> {
        self.get(path).cloned().ok_or_else(|| "the definition does not include it".into())
    }
}

/// A case with the place of its id, for the search for duplicates in the suite.
#[derive(Debug)]
pub struct ReadCase {
    /// The case.
    pub case: Case,
    /// The place of its id.
    pub id_span: Span,
}

/// The content of a case file.
#[derive(Debug, Default)]
pub struct ReadFile {
    /// Its cases in order, without those that have errors.
    pub cases: Vec<ReadCase>,
    /// Its errors by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the text of one case file. `source` is its path in the suite.
pub fn read_file(file: &FileText, source: &Arc<str>, attachments: &dyn Attachments, pool: &Pool) -> ReadFile {
    let (documents, mut diagnostics) = document::read(file);
    let mut reader = Reader::new(file, source, attachments, pool);
    if documents.is_empty() && diagnostics.is_empty() {
        reader.diagnostic(Span::default(), "the file has no group", Some("a file starts with `group: ...`".into()));
    }
    let mut cases = Vec::new();
    for document in &documents {
        file::read(&mut reader, document, &mut cases);
    }
    diagnostics.append(&mut reader.diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    diagnostics.truncate(MAX_ERRORS);
    ReadFile { cases, diagnostics }
}

/// The state that the readers share while a file is read.
pub(crate) struct Reader<'a> {
    file: &'a FileText,
    source: &'a Arc<str>,
    attachments: &'a dyn Attachments,
    pool: &'a Pool,
    diagnostics: Vec<Diagnostic>,
    /// The number of errors, including those that are not reported again.
    flaws: usize,
    /// The places of errors, and the pass (a case, or a row of its matrix) that found them.
    seen: HashMap<Span, usize>,
    pass: usize,
    /// The role of the case that is being read.
    role: Option<Role>,
    /// The ids of this file's cases, with the line of the first.
    ids: BTreeMap<String, usize>,
    /// The number of nodes that the rows of the matrices in this file may still produce.
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

    /// Records an error. An error that an earlier row or case has at the same place is not reported again.
    fn diagnostic(&mut self, span: Span, message: impl Into<String>, hint: Option<String>) {
        self.flaws += 1;
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
    fn wanted(&mut self, node: &Node, wanted: &str, hint: Option<String>) {
        self.diagnostic(node.head(), format!("expected {wanted}, found {}", node.describe()), hint);
    }
}

#[cfg(test)]
mod part_tests;
#[cfg(test)]
pub(crate) mod tests;
