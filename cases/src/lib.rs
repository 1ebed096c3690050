//! The case files of wsspec, embedded as text.
//!
//! This crate holds data only. The crate `wsspec` reads and plays the cases; `README.md` of this crate describes how they are written.

include!(concat!(env!("OUT_DIR"), "/suite.rs"));

/// The JSON schema of case files (draft 2020-12), for editors.
pub static SCHEMA: &str = include_str!("../case.schema.json");

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_case_file_is_embedded_once_and_in_order() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        files(root, &mut found);
        let mut names: Vec<String> =
            found.iter().map(|path| path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/")).collect();
        names.sort();
        assert!(names.len() > 70, "{names:?}");
        assert_eq!(CASES.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(), names);
    }
}
