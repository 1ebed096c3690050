//! The case language: how YAML files become cases.
//!
//! A file passes through these stages: `document` reads YAML into a tree that knows its places, `expand` fills in matrices and
//! placeholders on the tree, `read` converts the tree to cases and collects all errors, `suite` joins files, and `select`
//! chooses cases. `tables` holds the keys of the language once, for the readers and for the JSON `schema`.

mod document;
mod expand;
mod read;
pub mod schema;
pub mod select;
pub mod suite;
mod tables;

pub use document::MAX_FILE;
pub use read::time;
pub use select::{SelectError, Selection};
pub use suite::{LoadError, Suite, load_dir, load_embedded, read_str};

#[cfg(test)]
mod diagnostics_tests;
