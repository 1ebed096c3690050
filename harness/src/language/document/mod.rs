//! YAML text as a tree of nodes with places. No other module reads YAML.
//!
//! It uses the event parser inside serde_yaml (serde-saphyr), not serde, because events have the place of every key and of whole
//! collections, and the spelling of numbers. Errors, matrices and the text of a case need these. The limits below stop alias bombs
//! and deep nesting early.

mod build;
mod node;
mod scalar;
mod write;

use serde_yaml::granit_parser::{Options, Parser};

use crate::diagnostics::{Diagnostic, FileText, Span};
use build::Builder;

pub use node::{Key, Node, Scalar, Value};
pub use write::{flow, quoted};

/// The longest case file, in bytes.
pub const MAX_FILE: usize = 4 * 1024 * 1024;
/// The deepest nesting of lists and maps.
const MAX_DEPTH: usize = 64;

/// Reads a file: its documents that are not empty, and the errors in its YAML. Reading ends at a syntax error.
pub fn read(file: &FileText) -> (Vec<Node>, Vec<Diagnostic>) {
    let mut builder = Builder::new(file);
    if file.text.len() > MAX_FILE {
        builder.diagnostic(Span::default(), "the file is larger than 4 MiB", Some("split it into several groups"));
        return (Vec::new(), builder.diagnostics);
    }
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    for event in Parser::new_from_str_with_options(&file.text, options) {
        match event {
            Ok((event, span)) => {
                let span = span.byte_range().map_or(Span::default(), |range| Span::new(range.start, range.end));
                if builder.event(event, span).is_none() {
                    break;
                }
            }
            Err(error) => {
                builder.syntax(error.marker().byte_offset().unwrap_or_default(), &error.info());
                break;
            }
        }
    }
    (builder.documents, builder.diagnostics)
}

#[cfg(test)]
mod tests;
