//! Errors in text files, with their places: how they are collected, how they are shown, and suggestions for misspelt words.

mod diagnostic;
mod render;
pub mod suggest;

pub use diagnostic::{Diagnostic, Diagnostics, FileText, Span};
pub use render::{Style, render};
