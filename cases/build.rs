//! Embeds the suite: every case file below this folder, and the files that cases send.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    // A new topic is a new entry of the root.
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&root)? {
        let path = entry?.path();
        // Only folders hold cases. The crate's own sources and a build folder do not.
        let is_topic = !matches!(path.file_name().and_then(|name| name.to_str()), Some("src" | "target") | None);
        if path.is_dir() && is_topic && !is_hidden(&path) {
            walk(&root, &path, &mut files)?;
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("no case files below {}", root.display()).into());
    }
    let (mut cases, mut attachments) = (String::new(), String::new());
    for (name, path) in &files {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml" | "yml") => writeln!(cases, "    ({name:?}, include_str!({path:?})),")?,
            // No case sends documentation.
            Some("md") => {}
            _ => writeln!(attachments, "    ({name:?}, include_bytes!({path:?})),")?,
        }
    }
    let code = format!(
        "/// The case files in the order of their paths: path below this crate's folder, `/` between its parts, and text.\n\
         pub static CASES: &[(&str, &str)] = &[\n{cases}];\n\
         /// The files that cases send, in the order of their paths: path and content.\n\
         pub static ATTACHMENTS: &[(&str, &[u8])] = &[\n{attachments}];\n"
    );
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("suite.rs"), code)?;
    Ok(())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// Collects the files below a folder with their paths relative to the root, `/` between the parts.
fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_hidden(&path) {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files)?;
            continue;
        }
        println!("cargo::rerun-if-changed={}", path.display());
        let relative = path.strip_prefix(root).unwrap_or(&path);
        let name = relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        files.push((name, path));
    }
    Ok(())
}
