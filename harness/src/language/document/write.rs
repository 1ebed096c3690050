//! A tree as YAML in one line, which reads as the same tree.

use super::{Node, Scalar, Value};

/// Writes a node in flow style. Text is quoted, numbers stay as they were written, and `${` is escaped so that nothing is filled when
/// the line is read.
pub fn flow(node: &Node) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

/// Writes text in double quotes. Every character outside printable ASCII that YAML could read in another way is escaped.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote(text, &mut out);
    out
}

fn write(node: &Node, out: &mut String) {
    match &node.value {
        Value::Scalar(Scalar::Str, text) => quote(&escaped(text), out),
        Value::Scalar(Scalar::Null, _) => out.push_str("null"),
        Value::Scalar(_, text) => out.push_str(text),
        Value::Seq(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                write(item, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (place, (key, value)) in entries.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                quote(&escaped(&key.name), out);
                out.push_str(": ");
                write(value, out);
            }
            out.push('}');
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}
