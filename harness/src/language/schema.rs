//! The JSON schema of case files, for editors. It is made from the table of keys that the readers use.

use serde_json::{Map, Value, json};

use super::tables::{CONTENT, FILE, Key, PAYLOAD, SEND, Shape, TABLES, Table, WRITE_SPLIT};

/// The pattern of a placeholder.
const PLACEHOLDER: &str = r"\$\{[A-Za-z0-9_-]+\}";

/// The schema of a case file (draft 2020-12). A file of several documents is checked document by document.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    definitions.insert(
        "placeholder".into(),
        json!({"description": "A value that a matrix fills in.", "type": "string", "pattern": format!("^{PLACEHOLDER}$")}),
    );
    for table in TABLES {
        definitions.insert(table.id.into(), map(table));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A case file of wsspec",
        "description": "A group of cases: conversations with a WebSocket server or client.",
        "$ref": format!("#/$defs/{}", FILE.id),
        "$defs": definitions,
    })
}

/// The schema as it is in `cases/case.schema.json`.
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}

/// A map with the keys of a table. A key that is a placeholder can become any key.
fn map(table: &Table) -> Value {
    let properties: Map<String, Value> = table.all().map(|key| (key.name.to_string(), property(key))).collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "patternProperties": {PLACEHOLDER: true},
        "additionalProperties": false,
    });
    if !table.required.is_empty() {
        schema["required"] = json!(table.required);
    }
    if table.kinds().next().is_some() {
        schema["minProperties"] = json!(1);
    }
    schema
}

fn property(key: &Key) -> Value {
    let mut schema = shape(&key.shape);
    let documented = json!(key.doc);
    match schema.as_object_mut() {
        Some(object) => {
            object.insert("description".into(), documented);
        }
        // `true` is a schema too.
        None => schema = json!({"description": documented}),
    }
    schema
}

/// The schema of a shape, or of a placeholder in its place.
fn shape(shape: &Shape) -> Value {
    if let Shape::Any | Shape::Text | Shape::Spelling = shape {
        return plain(shape);
    }
    let mut ways = Vec::new();
    collect(shape, &mut ways);
    ways.push(json!({"$ref": "#/$defs/placeholder"}));
    json!({"anyOf": ways})
}

/// The alternatives of a shape, with nested alternatives flattened.
fn collect(shape: &Shape, ways: &mut Vec<Value>) {
    match shape {
        Shape::Either(shapes) => shapes.iter().for_each(|shape| collect(shape, ways)),
        Shape::OneOrList(one) => {
            collect(one, ways);
            ways.push(plain(&Shape::List(one)));
        }
        Shape::Payload => tabled(Shape::Text, &PAYLOAD, ways),
        Shape::Content => tabled(Shape::Text, &CONTENT, ways),
        Shape::Template => tabled(Shape::Spelling, &PAYLOAD, ways),
        Shape::Send => tabled(
            Shape::Words(&["half-close", "close-notify", "truncate-tls", "reset", "barrier", "rest"]),
            &SEND,
            ways,
        ),
        Shape::WriteSplit => tabled(Shape::Number(1, u64::MAX), &WRITE_SPLIT, ways),
        shape => ways.push(plain(shape)),
    }
}

/// Something short, or a map.
fn tabled(short: Shape, table: &'static Table, ways: &mut Vec<Value>) {
    ways.extend([plain(&short), plain(&Shape::Map(table))]);
}

fn plain(kind: &Shape) -> Value {
    match kind {
        Shape::Text => json!({"type": "string"}),
        Shape::Spelling => json!({"type": ["string", "number", "boolean"]}),
        Shape::Words(words) => json!({"enum": words}),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Number(least, u64::MAX) => json!({"type": "integer", "minimum": least}),
        Shape::Number(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Shape::Duration => json!({"type": "string", "pattern": r"^[0-9.]+ ?(us|ms|s|min)$"}),
        Shape::Flag => json!({"enum": [null, true]}),
        Shape::Any => Value::Bool(true),
        Shape::Map(table) => json!({"$ref": format!("#/$defs/{}", table.id)}),
        Shape::Open(value) => json!({"type": "object", "additionalProperties": shape(value)}),
        Shape::List(item) => json!({"type": "array", "items": shape(item)}),
        _ => shape(kind),
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
