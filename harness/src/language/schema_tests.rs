//! Tests of the schema: it accepts all shipped files, rejects misspelt keys, and the copy in the repository is up to date.

use std::path::Path;

use super::super::document::{self, Node, Scalar, Value as Yaml};
use super::super::read::tests::FIXTURES;
use super::*;
use crate::diagnostics::FileText;

/// A validator for the part of JSON Schema that the schema uses: the first error, as a path.
fn check(root: &Value, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
    let fail = |what: &str| Err(format!("{path}: {what}"));
    let Some(schema) = schema.as_object() else {
        return Ok(());
    };
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let found = root.pointer(target.trim_start_matches('#')).expect("a definition");
        check(root, found, value, path)?;
    }
    if let Some(ways) = schema.get("anyOf").and_then(Value::as_array) {
        let tried: Vec<String> = ways.iter().filter_map(|way| check(root, way, value, path).err()).collect();
        if tried.len() == ways.len() {
            return fail(&format!("none of {tried:?}"));
        }
    }
    if schema.get("enum").and_then(Value::as_array).is_some_and(|words| !words.contains(value)) {
        return fail("not in the enum");
    }
    let is = |kind: &str| match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    };
    let fits = match schema.get("type") {
        Some(Value::String(kind)) => is(kind),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(is),
        _ => true,
    };
    if !fits {
        return fail("another type");
    }
    if let (Some(text), Some(pattern)) = (value.as_str(), schema.get("pattern").and_then(Value::as_str)) {
        let valid = if pattern.contains("us|ms") {
            text.ends_with(['s', 'n'])
        } else {
            text.starts_with("${") && text.ends_with('}')
        };
        if !valid {
            return fail("another pattern");
        }
    }
    if let Some(number) = value.as_u64() {
        let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
        if bound("minimum").is_some_and(|least| number < least) || bound("maximum").is_some_and(|most| number > most) {
            return fail("out of bounds");
        }
    }
    if let (Some(items), Some(item)) = (value.as_array(), schema.get("items")) {
        for (place, value) in items.iter().enumerate() {
            check(root, item, value, &format!("{path}[{place}]"))?;
        }
    }
    let Some(members) = value.as_object() else {
        return Ok(());
    };
    for required in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(required) {
            return fail(&format!("needs {required}"));
        }
    }
    for (name, value) in members {
        let inner = format!("{path}.{name}");
        if let Some(property) = schema.get("properties").and_then(|all| all.get(name)) {
            check(root, property, value, &inner)?;
        } else if !(name.contains("${") && schema.contains_key("patternProperties")) {
            match schema.get("additionalProperties") {
                Some(Value::Bool(false)) => return Err(format!("{inner}: no such key")),
                Some(other) => check(root, other, value, &inner)?,
                None => {}
            }
        }
    }
    Ok(())
}

/// A node as an editor's YAML reader gives it to the schema.
fn as_json(node: &Node) -> Value {
    match &node.value {
        Yaml::Scalar(Scalar::Null, _) => Value::Null,
        Yaml::Scalar(Scalar::Bool(value), _) => json!(value),
        Yaml::Scalar(Scalar::Int(value), _) => u64::try_from(*value).map_or_else(|_| json!(*value as i64), Value::from),
        Yaml::Scalar(Scalar::Float(value), _) => json!(value),
        Yaml::Scalar(Scalar::Str, text) => json!(&**text),
        Yaml::Seq(items) => items.iter().map(as_json).collect(),
        Yaml::Map(entries) => {
            Value::Object(entries.iter().map(|(key, node)| (key.name.to_string(), as_json(node))).collect())
        }
    }
}

fn check_text(name: &str, text: &str) -> Result<(), String> {
    let schema = schema();
    let (documents, diagnostics) = document::read(&FileText::new(name, text));
    assert_eq!(diagnostics, []);
    documents.iter().try_for_each(|node| check(&schema, &schema, &as_json(node), name))
}

#[test]
fn the_schema_takes_every_shipped_file() {
    for (name, text) in FIXTURES {
        assert_eq!(check_text(name, text), Ok(()));
    }
    for (name, text) in super::super::suite::embedded_texts() {
        assert_eq!(check_text(name, text), Ok(()));
    }
}

#[test]
fn the_schema_refuses_misspelt_keys() {
    let valid = "group: G\ncases: [{id: a/b, title: T, steps: [{send: {frame: {opcode: 1, payload: x}}}]}]\n";
    assert_eq!(check_text("t", valid), Ok(()));
    for (word, invalid) in [
        ("group", "grup"),
        ("title", "titel"),
        ("send", "sent"),
        ("frame", "fram"),
        ("payload", "paylod"),
        ("opcode: 1", "opcode: 16"),
    ] {
        assert!(check_text("t", &valid.replace(word, invalid)).is_err(), "{invalid}");
    }
}

#[test]
fn the_schema_of_the_cases_crate_is_the_one_that_is_made() {
    let made = schema_text();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases/case.schema.json"), &made).unwrap();
        return;
    }
    assert!(
        wsspec_cases::SCHEMA.replace("\r\n", "\n") == made,
        "cases/case.schema.json is out of date: run `UPDATE_SCHEMA=1 cargo test -p wsspec schema` and commit it"
    );
}
