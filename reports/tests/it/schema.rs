//! The published schema and the fixture are what the code says.

use std::path::Path;

use crate::sample;

/// Compares a committed file with what it should be. With `WSSPEC_UPDATE=1` it is written instead.
fn drift(file: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("WSSPEC_UPDATE").is_some() {
        std::fs::write(&path, wanted).expect("the file can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{file} is out of date; `WSSPEC_UPDATE=1 cargo test -p wsspec-reports` writes it");
}

#[test]
fn schema_file_is_up_to_date() {
    drift("results.schema.json", &wsspec_reports::schema::json());
}

#[test]
fn fixture_is_up_to_date() {
    drift("tests/fixtures/results.jsonl", &sample::jsonl(&sample::results()));
}
