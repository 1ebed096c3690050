//! Reads `results.jsonl` and writes reports for people and machines: HTML, JUnit, a terminal summary. It opens no connection.
//!
//! Every report is a function of [`read::Results`]. Text from a target is hostile until it is escaped: each writer shows control
//! characters as escapes and uses the escaping of its format for the rest.

pub mod autobahn;
mod bytes;
mod describe;
pub mod diff;
pub mod facts;
pub mod html;
pub mod junit;
pub mod kill;
pub mod matrix;
pub mod read;
pub mod results;
pub mod schema;
pub mod summary;
mod text;
pub mod totals;
