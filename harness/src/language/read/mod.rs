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
mod reader;
mod samples;
mod send;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::document;
use crate::case::Case;
use crate::diagnostics::{Diagnostic, FileText, Span};

pub use pool::Pool;
pub use value::time;

use reader::{MAX_ERRORS, Reader};

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

#[cfg(test)]
mod part_tests;
#[cfg(test)]
pub(crate) mod tests;
