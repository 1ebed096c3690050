//! The JSON schema of a line of `results.jsonl`.

use crate::results::Line;

/// The schema, indented, with a newline at its end. The file `results.schema.json` has the same text.
pub fn json() -> String {
    let schema = schemars::schema_for!(Line);
    format!("{:#}\n", schema.to_value())
}
