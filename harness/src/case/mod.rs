//! The case language: what a case is, and how YAML files become cases.

pub mod model;
