//! Matrices and placeholders, on the tree: every `${name}` is replaced before values are typed.

use std::sync::Arc;

use super::document::{Key, Node, Scalar, Value};
use crate::diagnostics::suggest;
use crate::diagnostics::{Diagnostic, FileText, Span};

/// The maximum number of rows of a matrix.
pub const MAX_ROWS: usize = 10_000;

/// The values of one row of a matrix, in order.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Names and their nodes.
    pub values: Vec<(Arc<str>, Node)>,
    /// Whether the case has a matrix.
    pub matrix: bool,
}

impl Row {
    /// The node of a name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.values.iter().find(|(known, _)| &**known == name).map(|(_, node)| node)
    }
}

/// The rows of the matrix of a case. A case without a matrix has one empty row.
///
/// # Errors
/// An error in the matrix.
pub fn rows(file: &FileText, matrix: Option<&Node>) -> Result<Vec<Row>, Diagnostic> {
    let Some(matrix) = matrix else {
        return Ok(vec![Row::default()]);
    };
    let forms = "write `{name: [a, b]}` for a product, or `[{name: a}, {name: b}]` for rows";
    match &matrix.value {
        Value::Seq(rows) => {
            bounded(file, matrix, rows.len())?;
            rows.iter().map(|row| listed(file, row)).collect()
        }
        Value::Map(axes) => product(file, matrix, axes),
        _ => {
            let message = format!("a matrix must be a map of lists or a list of rows, not {}", matrix.describe());
            Err(file.diagnostic(matrix.span, message).hint(forms))
        }
    }
}

fn bounded(file: &FileText, matrix: &Node, rows: usize) -> Result<(), Diagnostic> {
    match rows {
        0 => Err(file.diagnostic(matrix.span, "the matrix has no rows")),
        rows if rows > MAX_ROWS => {
            Err(file
                .diagnostic(matrix.head(), format!("the matrix has {rows} rows, but at most {MAX_ROWS} are allowed")))
        }
        _ => Ok(()),
    }
}

/// One row of a list of rows.
fn listed(file: &FileText, row: &Node) -> Result<Row, Diagnostic> {
    let Some(entries) = row.as_map() else {
        let message = format!("a row of a matrix must be a map, not {}", row.describe());
        return Err(file.diagnostic(row.head(), message).hint("write `{name: value}`"));
    };
    let values = entries.iter().map(|(key, node)| Ok((name(file, key)?, node.clone())));
    Ok(Row { values: values.collect::<Result<_, _>>()?, matrix: true })
}

/// All combinations of the axes. The first axis changes slowest.
fn product(file: &FileText, matrix: &Node, axes: &[(Key, Node)]) -> Result<Vec<Row>, Diagnostic> {
    let mut count = usize::from(!axes.is_empty());
    let mut lists = Vec::new();
    for (key, node) in axes {
        let Value::Seq(items) = &node.value else {
            let message = format!("the values of `{}` must be a list, not {}", key.name, node.describe());
            return Err(file.diagnostic(node.head(), message).hint("write `[...]`"));
        };
        count = count.saturating_mul(items.len());
        lists.push((name(file, key)?, items));
    }
    bounded(file, matrix, count)?;
    let mut rows = vec![Row { values: Vec::new(), matrix: true }];
    for (name, items) in lists {
        rows = rows
            .iter()
            .flat_map(|row| {
                items.iter().map(|item| {
                    let mut row = row.clone();
                    row.values.push((name.clone(), item.clone()));
                    row
                })
            })
            .collect();
    }
    Ok(rows)
}

/// The name of a matrix value.
fn name(file: &FileText, key: &Key) -> Result<Arc<str>, Diagnostic> {
    if !key.name.is_empty() && key.name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        return Ok(key.name.clone());
    }
    let message = format!("`{}` is not a valid name for a value", key.name);
    Err(file.diagnostic(key.span, message).hint("a name consists of letters, digits, `-` and `_`"))
}

/// Whether a tree has anything that [`substitute`] changes.
pub fn has_placeholders(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_, text) => text.contains("${"),
        Value::Seq(items) => items.iter().any(has_placeholders),
        Value::Map(entries) => entries.iter().any(|(key, node)| key.name.contains("${") || has_placeholders(node)),
    }
}

/// The tree with every placeholder replaced. Parts without placeholders are shared with the original.
pub fn substitute(file: &FileText, node: &Node, row: &Row, diagnostics: &mut Vec<Diagnostic>) -> Node {
    if !has_placeholders(node) {
        return node.clone();
    }
    let value = match &node.value {
        Value::Scalar(scalar, text) => {
            if let (Scalar::Str, Some(whole)) = (scalar, whole(text)) {
                return match row.get(whole) {
                    Some(value) => value.clone(),
                    None => {
                        diagnostics.push(unknown(file, node.span, text, 0, whole, row));
                        node.clone()
                    }
                };
            }
            let text = fill(file, node.span, text, row, diagnostics).into();
            Value::Scalar(*scalar, text)
        }
        Value::Seq(items) => Value::Seq(items.iter().map(|item| substitute(file, item, row, diagnostics)).collect()),
        Value::Map(entries) => {
            let mut filled: Vec<(Key, Node)> = Vec::with_capacity(entries.len());
            for (key, node) in entries.iter() {
                let name: Arc<str> = if key.name.contains("${") {
                    fill(file, key.span, &key.name, row, diagnostics).into()
                } else {
                    key.name.clone()
                };
                if filled.iter().any(|(known, _)| known.name == name) {
                    diagnostics.push(
                        file.diagnostic(key.span, format!("the key `{name}` occurs twice in a row of the matrix")),
                    );
                    continue;
                }
                filled.push((Key { name, span: key.span }, substitute(file, node, row, diagnostics)));
            }
            Value::Map(filled.into())
        }
    };
    Node { value, span: node.span }
}

/// The name in a string that consists of one placeholder.
fn whole(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}').filter(|name| !name.contains('}'))
}

/// A string with its placeholders replaced by the texts of their values. `$${` is a literal `${`.
fn fill(file: &FileText, span: Span, text: &str, row: &Row, diagnostics: &mut Vec<Diagnostic>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find("${").map(|found| at + found) {
        if text[at..found].ends_with('$') {
            out.push_str(&text[at..found - 1]);
            out.push_str("${");
            at = found + 2;
            continue;
        }
        out.push_str(&text[at..found]);
        let Some(end) = text[found..].find('}').map(|end| found + end) else {
            let diagnostic = file.diagnostic(part(file, span, text, found, text.len()), "`${` is not closed");
            diagnostics.push(diagnostic.hint("write `${name}`, or `$${` for a literal `${`"));
            return out;
        };
        let name = &text[found + 2..end];
        match row.get(name) {
            Some(Node { value: Value::Scalar(scalar, value), .. }) if *scalar != Scalar::Null => out.push_str(value),
            Some(value) => {
                let message = format!("`${{{name}}}` is {} and cannot be inserted into a text", value.describe());
                diagnostics.push(file.diagnostic(part(file, span, text, found, end + 1), message));
            }
            None => diagnostics.push(unknown(file, span, text, found, name, row)),
        }
        at = end + 1;
    }
    out.push_str(&text[at..]);
    out
}

fn unknown(file: &FileText, span: Span, text: &str, at: usize, name: &str, row: &Row) -> Diagnostic {
    let message = format!("unknown placeholder `${{{name}}}`");
    let diagnostic = file.diagnostic(part(file, span, text, at, at + name.len() + 3), message);
    if !row.matrix {
        return diagnostic.hint("the case has no `matrix`; write `$${` for a literal `${`");
    }
    match suggest::hint(name, row.values.iter().map(|(name, _)| &**name)) {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

/// The place of a part of a string, if the string is in the file unchanged; otherwise the place of the whole string.
fn part(file: &FileText, span: Span, text: &str, from: usize, to: usize) -> Span {
    let written = file.slice(span);
    let quotes = written.len().saturating_sub(text.len()) / 2;
    match written.get(quotes..quotes + text.len()) {
        Some(inner) if inner == text => Span::new(span.start + quotes + from, span.start + quotes + to),
        _ => span,
    }
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;

    fn expand(text: &str) -> Result<Vec<String>, Vec<Diagnostic>> {
        let file = FileText::new("t.yaml", text);
        let (documents, diagnostics) = document::read(&file);
        assert_eq!(diagnostics, []);
        let node = &documents[0];
        let mut diagnostics = Vec::new();
        let rows = rows(&file, node.get("matrix").map(|(_, matrix)| matrix)).map_err(|diagnostic| vec![diagnostic])?;
        let values: Vec<String> =
            rows.iter().map(|row| shown(&substitute(&file, node.get("v").unwrap().1, row, &mut diagnostics))).collect();
        if diagnostics.is_empty() { Ok(values) } else { Err(diagnostics) }
    }

    fn shown(node: &Node) -> String {
        match &node.value {
            Value::Scalar(Scalar::Str, text) => format!("{text:?}"),
            Value::Scalar(_, text) => text.to_string(),
            Value::Seq(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(",")),
            Value::Map(entries) => {
                let members: Vec<_> =
                    entries.iter().map(|(key, node)| format!("{}:{}", key.name, shown(node))).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    #[test]
    fn a_product_changes_its_first_axis_slowest() {
        let rows = expand("matrix: {a: [1, 2], b: [x, y]}\nv: \"${a}${b}\"\n").unwrap();
        assert_eq!(rows, ["\"1x\"", "\"1y\"", "\"2x\"", "\"2y\""]);
    }

    #[test]
    fn a_whole_value_keeps_its_type_and_keys_are_filled_too() {
        let rows =
            expand("matrix: [{n: 0x10, k: text}, {n: [1, {a: b}], k: binary}]\nv: {\"${k}\": \"${n}\"}\n").unwrap();
        assert_eq!(rows, ["{text:0x10}", "{binary:[1,{a:\"b\"}]}"]);
    }

    #[test]
    fn a_value_inside_a_text_is_its_spelling() {
        let rows = expand("matrix: {n: [0x10, true, \"007\"]}\nv: <${n}>\n").unwrap();
        assert_eq!(rows, ["\"<0x10>\"", "\"<true>\"", "\"<007>\""]);
    }

    #[test]
    fn dollars_escape_a_placeholder_and_are_else_themselves() {
        assert_eq!(expand("v: \"$ 5$ $${a} $$$${b}\"\n").unwrap(), ["\"$ 5$ ${a} $$${b}\""]);
        assert_eq!(expand("v: \"$${a}\"\n").unwrap(), ["\"${a}\""]);
    }

    #[test]
    fn an_unknown_placeholder_is_shown_at_its_place() {
        let diagnostics = expand("matrix: {size: [1]}\nv: \"a ${sise} b\"\n").unwrap_err();
        assert_eq!((diagnostics[0].line, diagnostics[0].column, diagnostics[0].length), (2, 7, 7));
        assert_eq!(diagnostics[0].hint.as_deref(), Some("did you mean `size`?"));
        let diagnostics = expand("v: ${x}\n").unwrap_err();
        assert!(diagnostics[0].hint.as_deref().unwrap().starts_with("the case has no `matrix`"));
    }

    #[test]
    fn bad_matrices_are_errors() {
        for text in [
            "matrix: 5\nv: 1\n",
            "matrix: []\nv: 1\n",
            "matrix: {a: 1}\nv: 1\n",
            "matrix: [1]\nv: 1\n",
            "matrix: {a b: [1]}\nv: 1\n",
        ] {
            assert!(expand(text).is_err(), "{text}");
        }
        let axis = format!("[{}]", vec!["1"; 101].join(","));
        let diagnostics = expand(&format!("matrix: {{a: {axis}, b: {axis}}}\nv: 1\n")).unwrap_err();
        assert_eq!(diagnostics[0].message, "the matrix has 10201 rows, but at most 10000 are allowed");
    }

    #[test]
    fn a_list_inside_a_text_is_an_error() {
        assert!(expand("matrix: {a: [[1]]}\nv: \"x ${a}\"\n").is_err());
        assert!(expand("matrix: {a: [1]}\nv: \"x ${a\"\n").is_err());
        assert!(expand("matrix: {a: [b]}\nv: {\"${a}\": 1, b: 2}\n").is_err());
    }
}
