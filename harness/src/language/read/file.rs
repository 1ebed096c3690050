//! A file: a group with the keys of its cases, and the cases with their rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::document::{self, Key, Node, Value};
use super::super::expand::{self, Row};
use super::super::tables::FILE;
use super::fields::Fields;
use super::{ReadCase, Reader, case, handshake};
use crate::case::Source;
use crate::diagnostics::Span;

/// The keys of a group that its cases inherit. The nodes are read for each case, because they may have placeholders.
pub struct Group<'n> {
    /// Its title.
    pub title: String,
    /// The nodes of the keys that cases inherit.
    pub inherited: Vec<(&'static str, &'n Node)>,
}

impl<'n> Group<'n> {
    /// The node of a key of the group.
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.inherited.iter().find(|(known, _)| *known == name).map(|(_, node)| *node)
    }
}

/// The keys that cases inherit.
const INHERITED: [&str; 8] = ["role", "spec", "needs", "proves", "level", "handshake", "stress", "ends"];

/// Reads one document.
pub fn read(reader: &mut Reader<'_>, document: &Node, out: &mut Vec<ReadCase>) {
    let Some(mut fields) = Fields::open(reader, document, &FILE) else {
        return;
    };
    let title = fields.take("group").and_then(|node| reader.line(node, "the group's title"));
    let inherited = INHERITED.into_iter().filter_map(|name| Some((name, fields.take(name)?))).collect();
    let group = Group { title: title.as_deref().unwrap_or_default().to_string(), inherited };
    alone(reader, &group);
    let cases = fields.take("cases").map(|node| reader.filled_list(node, "the list of cases")).unwrap_or_default();
    fields.finish(reader, "group");
    for node in cases {
        one(reader, &group, node, out);
    }
}

/// Checks the keys of the group, so that errors are reported even if every case overrides them.
fn alone(reader: &mut Reader<'_>, group: &Group<'_>) {
    reader.pass += 1;
    reader.role = case::role(reader, group.get("role"));
    for (name, node) in group.inherited.iter().filter(|(_, node)| !expand::has_placeholders(node)) {
        case::check_inherited(reader, name, node);
    }
    // A case may set the role of the handshake, so only its form is checked here.
    if let Some(node) = group.get("handshake").filter(|node| reader.role.is_some() && !expand::has_placeholders(node)) {
        handshake::read(reader, node);
    }
}

/// One case with all rows of its matrix.
fn one(reader: &mut Reader<'_>, group: &Group<'_>, node: &Node, out: &mut Vec<ReadCase>) {
    reader.pass += 1;
    let Some(entries) = node.as_map() else {
        reader.wanted(node, "a case (a map)", Some("write `- id: ...`".into()));
        return;
    };
    let rows = match expand::rows(reader.file, node.get("matrix").map(|(_, matrix)| matrix)) {
        Ok(rows) => rows,
        Err(diagnostic) => {
            let hint = diagnostic.hint.clone();
            reader.diagnostic(diagnostic.span, diagnostic.message, hint);
            return;
        }
    };
    let whole = node.weight().saturating_mul(rows.len());
    if whole > reader.budget {
        reader.diagnostic(
            node.head(),
            "the matrices of the file produce too many values",
            Some("split the file".into()),
        );
        return;
    }
    reader.budget -= whole;
    // The rows do not fill in the matrix itself.
    let body: Arc<[(Key, Node)]> = entries.iter().filter(|(key, _)| &*key.name != "matrix").cloned().collect();
    let body = Node { value: Value::Map(body), span: node.span };
    let yaml: Arc<str> = written(reader, node).into();
    let named = rows.len() < 2 || node.get("id").is_none_or(|(_, id)| expand::has_placeholders(id));
    for row in &rows {
        reader.pass += 1;
        let errors_before = reader.error_count;
        let Some(mut filled) = filled(reader, group, &body, row) else {
            continue;
        };
        if !named {
            filled = with_row_in_id(&filled, row);
        }
        let source = Source {
            file: reader.source.clone(),
            line: reader.file.line(node.head().start),
            yaml: yaml.clone(),
            row: row.values.iter().map(|(name, value)| (name.to_string(), shown(reader, value))).collect(),
            definition: definition(group, &filled, row).into(),
            attachments: BTreeMap::new(),
        };
        reader.sent_files.clear();
        let read = case::read(reader, &group.title, &filled, row, source);
        if let Some(mut read) = read.filter(|_| reader.error_count == errors_before) {
            read.case.source.attachments = std::mem::take(&mut reader.sent_files);
            out.push(read);
        }
    }
}

/// A case file that holds this one case, with its row filled and the keys of its group included.
fn definition(group: &Group<'_>, filled: &Node, row: &Row) -> String {
    let mut entries: Vec<(Key, Node)> = filled.as_map().map(|entries| entries.to_vec()).unwrap_or_default();
    if let (None, Some(number)) = (filled.get("autobahn"), row.get("autobahn")) {
        entries.push((Key { name: "autobahn".into(), span: number.span }, number.clone()));
    }
    let case = Node { value: Value::Map(entries.into()), span: filled.span };
    format!("{{\"group\": {}, \"cases\": [{}]}}", document::quoted(&group.title), document::flow(&case))
}

/// The keys of the case and of the group, with placeholders filled in.
fn filled(reader: &mut Reader<'_>, group: &Group<'_>, body: &Node, row: &Row) -> Option<Node> {
    let mut diagnostics = Vec::new();
    let body = expand::substitute(reader.file, body, row, &mut diagnostics);
    let mut entries: Vec<(Key, Node)> = body.as_map()?.to_vec();
    for (name, node) in &group.inherited {
        let shared = expand::substitute(reader.file, node, row, &mut diagnostics);
        match entries.iter_mut().find(|(key, _)| &*key.name == *name) {
            Some((_, own)) if *name == "handshake" => *own = merged(&shared, own, 1),
            Some(_) => {}
            None => entries.push((Key { name: (*name).into(), span: node.span }, shared)),
        }
    }
    let whole = diagnostics.is_empty();
    for diagnostic in diagnostics {
        let hint = diagnostic.hint.clone();
        reader.diagnostic(diagnostic.span, diagnostic.message, hint);
    }
    whole.then_some(Node { value: Value::Map(entries.into()), span: body.span })
}

/// The case with its row in its id, if the id has no placeholder: `-name-value` for each text, number and boolean.
fn with_row_in_id(case: &Node, row: &Row) -> Node {
    let values = row.values.iter().filter(|(name, _)| &**name != "autobahn");
    let parts = values.filter_map(|(name, node)| match &node.value {
        Value::Scalar(_, text) => Some(format!("-{}-{}", slug(name), slug(text))),
        _ => None,
    });
    let suffix: String = parts.collect();
    let entries = case.as_map().into_iter().flat_map(|entries| entries.iter()).map(|(key, node)| match &node.value {
        Value::Scalar(scalar, text) if &*key.name == "id" => {
            let value = Value::Scalar(*scalar, format!("{text}{suffix}").into());
            (key.clone(), Node { value, span: node.span })
        }
        _ => (key.clone(), node.clone()),
    });
    Node { value: Value::Map(entries.collect()), span: case.span }
}

/// A text as a word of an id.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// The handshake of the group, with the keys of the case replacing those of the group, also inside `request` and `response`.
fn merged(shared: &Node, own: &Node, depth: usize) -> Node {
    let (Some(shared), Some(entries)) = (shared.as_map(), own.as_map()) else {
        return own.clone();
    };
    if depth == 0 && own.get("raw").is_some() {
        // A `raw` head of the case replaces all changes of the group.
        return own.clone();
    }
    let mut all: Vec<(Key, Node)> = entries.to_vec();
    for (key, node) in shared.iter() {
        match all.iter_mut().find(|(known, _)| known.name == key.name) {
            Some((_, own)) if depth > 0 && matches!(&*key.name, "request" | "response") => *own = merged(node, own, 0),
            Some(_) => {}
            // The group does not set a field that the case removes.
            None if depth == 0 && matches!(&*key.name, "set" | "add") => all.push((key.clone(), without(node, own))),
            None => all.push((key.clone(), node.clone())),
        }
    }
    Node { value: Value::Map(all.into()), span: own.span }
}

/// Fields without those that a patch removes.
fn without(fields: &Node, patch: &Node) -> Node {
    let (Some(entries), Some((_, removed))) = (fields.as_map(), patch.get("remove")) else {
        return fields.clone();
    };
    let removed = super::value::one_or_list(removed);
    let is_removed =
        |name: &str| removed.iter().filter_map(Node::as_str).any(|removed| removed.eq_ignore_ascii_case(name));
    let left = entries.iter().filter(|(key, _)| !is_removed(&key.name)).cloned().collect();
    Node { value: Value::Map(left), span: fields.span }
}

/// A case as it is written, without the indent of its list.
fn written(reader: &Reader<'_>, node: &Node) -> String {
    let file = reader.file;
    let line = file.line(node.span.start);
    let indent = node.span.start - file.line_start(line);
    let end = node.span.end;
    // A comment after the last value belongs to the case.
    let rest = file.text.get(end..).unwrap_or_default().lines().next().unwrap_or_default();
    let end = if rest.trim_start().starts_with('#') { end + rest.trim_end().len() } else { end };
    let text = file.slice(Span::new(node.span.start, end));
    let mut out = String::with_capacity(text.len() + 1);
    for (place, line) in text.trim_end().lines().enumerate() {
        let unindented = match line.get(..indent) {
            Some(start) if place > 0 && start.trim().is_empty() => &line[indent..],
            _ if place > 0 => line.trim_start(),
            _ => line,
        };
        out.push_str(unindented);
        out.push('\n');
    }
    out
}

/// A value of a row in one line, as it is written.
fn shown(reader: &Reader<'_>, node: &Node) -> String {
    match &node.value {
        Value::Scalar(_, text) => text.to_string(),
        _ => reader.file.slice(node.span).split_whitespace().collect::<Vec<_>>().join(" "),
    }
}
