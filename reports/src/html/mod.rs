//! The report as one HTML file: no network, no other file, readable without scripts.
//!
//! A content security policy allows its script and its style by their hashes, so that a browser runs nothing else even if an escape
//! is missing.

mod bits;
mod case;
mod conversation;
pub(crate) mod escape;
mod page;

use askama::Template as _;

use crate::read::Results;

/// Why no report could be written.
#[derive(Debug, thiserror::Error)]
#[error("the report cannot be rendered")]
pub struct RenderError(#[from] askama::Error);

/// The run as one HTML file.
///
/// # Errors
/// The error of the template engine.
pub fn render(results: &Results) -> Result<String, RenderError> {
    Ok(page::Page::new(results).render()?)
}

/// A piece of text in a `pre`, marked where `mark` says so.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub text: String,
    pub mark: bool,
}

impl Piece {
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), mark: false }
    }

    fn marked(text: impl Into<String>) -> Self {
        Self { text: text.into(), mark: true }
    }
}
