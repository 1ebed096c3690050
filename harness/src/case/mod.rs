//! The case language: what a case is, and how YAML files become cases.
//!
//! The way of a file: [`document`] reads YAML into a tree that knows its places, [`expand`] fills matrices and placeholders on
//! the tree, [`read`] types it and collects every mistake, [`suite`] joins files, [`select`] chooses cases, [`diagnose`] shows
//! mistakes. [`language`] is the one table of keys that the readers and the JSON [`schema`] share.

pub mod diagnose;
mod diagnostic;
mod document;
mod expand;
mod implied;
mod language;
pub mod model;
mod read;
pub mod requirements;
pub mod schema;
pub mod select;
pub mod suggest;
pub mod suite;
pub mod zones;

pub use diagnostic::{Diagnostic, Diagnostics, FileText, Span};
pub use document::MAX_FILE;
pub use implied::implied;
pub use read::time;
pub use requirements::Requirement;
pub use select::{SelectError, Selection};
pub use suite::{LoadError, Suite, load_dir, load_embedded, read_str};
pub use zones::Zone;
