//! The arrows between the rooms of the harness: a room uses only rooms that stand above it in docs/architecture.md.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The rooms in the order of the table in docs/architecture.md, the bottom of the structure first.
fn rooms(architecture: &str) -> Vec<String> {
    let section = architecture.split("## The rooms").nth(1).expect("the section on rooms");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once('`').map(|(name, _)| name.to_owned())).collect()
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            sources(&entry, into);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            into.push(entry);
        }
    }
}

/// The rooms that a source file names, outside comments and tests.
fn uses(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let paths = lines.flat_map(|line| line.split("crate::").skip(1));
    let names = paths.map(|path| path.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect());
    names.filter(|name: &String| !name.is_empty()).collect()
}

fn is_test(path: &Path) -> bool {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    name == "tests" || name.ends_with("_tests") || path.iter().any(|part| part == "tests")
}

#[test]
fn arrows_between_rooms_only_go_down() {
    let harness = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(harness.join("../docs/architecture.md")).expect("docs/architecture.md");
    let rooms = rooms(&text);
    assert!(rooms.len() > 8, "{rooms:?}");
    let mut all = Vec::new();
    sources(&harness.join("src"), &mut all);
    let mut upward = Vec::new();
    let mut homeless = BTreeSet::new();
    for path in all.iter().filter(|path| !is_test(path)) {
        let inner = path.strip_prefix(harness.join("src")).expect("below src");
        let first = inner.iter().next().unwrap_or_default().to_string_lossy();
        let room = first.trim_end_matches(".rs");
        if matches!(room, "lib" | "main") {
            continue;
        }
        let Some(place) = rooms.iter().position(|name| name == room) else {
            homeless.insert(room.to_owned());
            continue;
        };
        let text = std::fs::read_to_string(path).expect("a source file");
        for used in uses(&text).iter().filter(|used| *used != room) {
            let above = rooms.iter().position(|name| name == used);
            if above.is_some_and(|above| above > place) {
                upward.push(format!("{}: {room} uses {used}", inner.display()));
            }
        }
    }
    assert!(homeless.is_empty(), "rooms that docs/architecture.md does not list: {homeless:?}");
    assert!(upward.is_empty(), "arrows that go up:\n{}", upward.join("\n"));
}

#[test]
fn files_are_short_enough_to_read() {
    const MOST: usize = 400;
    let harness = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for folder in ["src", "vocabulary/src", "../reports/src"] {
        sources(&harness.join(folder), &mut all);
    }
    let lines = |path: &PathBuf| std::fs::read_to_string(path).map_or(0, |text| text.lines().count());
    let long: Vec<String> = all
        .iter()
        .map(|path| (path, lines(path)))
        .filter(|(_, lines)| *lines > MOST)
        .map(|(path, lines)| format!("{} has {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "files over {MOST} lines:\n{}", long.join("\n"));
}
