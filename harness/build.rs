//! Builds the suite into the binary: every case file of `../cases`, and the files that cases send.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../cases");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    if root.is_dir() {
        walk(&root, &root, &mut files)?;
    } else {
        // A package without the repository around it: the binary then has no suite of its own.
        println!("cargo::warning=no case files at {}: the binary is built without a suite", root.display());
    }
    files.sort();
    let (mut cases, mut attachments) = (String::new(), String::new());
    for (name, path) in &files {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml" | "yml") => writeln!(cases, "    ({name:?}, include_str!({path:?})),")?,
            // Documentation and the schema are not sent by any case.
            Some("md" | "json") => {}
            _ => writeln!(attachments, "    ({name:?}, include_bytes!({path:?})),")?,
        }
    }
    let code = format!(
        "/// The case files: path and text.\npub static CASES: &[(&str, &str)] = &[\n{cases}];\n\
         /// The files that cases send: path and content.\npub static ATTACHMENTS: &[(&str, &[u8])] = &[\n{attachments}];\n"
    );
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("suite.rs"), code)?;
    Ok(())
}

/// Collects the files below a folder with their paths relative to the root, `/` between the parts.
fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
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
