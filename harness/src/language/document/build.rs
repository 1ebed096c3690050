//! From parser events to trees, within limits.

use std::collections::HashMap;
use std::sync::Arc;

use serde_yaml::granit_parser::{Event, ScalarStyle, Tag};

use super::scalar::resolve;
use super::{Key, MAX_DEPTH, Node, Scalar, Value};
use crate::diagnostics::{Diagnostic, FileText, Span};

/// The maximum number of nodes in a file, without aliases.
const MAX_NODES: usize = 500_000;
/// The maximum number of nodes to which all aliases of a file expand.
const MAX_ALIASED: usize = 50_000;
/// The maximum number of keys in a map, which keeps the search for duplicates short.
const MAX_KEYS: usize = 256;
/// The maximum number of errors that are reported for the YAML of a file.
const MAX_ERRORS: usize = 100;

/// A list or map that is not complete.
struct Open {
    items: Items,
    anchor: usize,
    start: Span,
    height: usize,
    weight: usize,
}

enum Items {
    Seq(Vec<Node>),
    Map(Vec<(Key, Node)>, Option<Key>),
}

/// A complete node with its height and weight.
struct Measured {
    node: Node,
    height: usize,
    weight: usize,
}

/// Builds trees from events.
pub struct Builder<'a> {
    file: &'a FileText,
    /// The documents that are complete.
    pub documents: Vec<Node>,
    /// The errors in them.
    pub diagnostics: Vec<Diagnostic>,
    stack: Vec<Open>,
    anchors: HashMap<usize, (Node, usize, usize)>,
    nodes: usize,
    aliased: usize,
}

impl<'a> Builder<'a> {
    /// A builder for a file.
    pub fn new(file: &'a FileText) -> Self {
        Self {
            file,
            documents: Vec::new(),
            diagnostics: Vec::new(),
            stack: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            aliased: 0,
        }
    }

    /// Records an error.
    pub fn diagnostic(&mut self, span: Span, message: impl Into<String>, hint: Option<&str>) {
        let diagnostic = self.file.diagnostic(span, message);
        self.diagnostics.push(match hint {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        });
    }

    /// Processes one event. `None` ends the reading.
    pub fn event(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(span)?;
                let plain = style == ScalarStyle::Plain;
                let forced = self.tag(tag.as_deref(), span);
                let scalar = if plain && !forced { resolve(&text) } else { Scalar::Str };
                let text: Arc<str> = if span.start == span.end && plain { "".into() } else { text.into() };
                let value = Value::Scalar(scalar, text);
                let node = Node { value, span };
                self.push(Measured { node, height: 0, weight: 1 }, anchor)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(Items::Seq(Vec::new()), anchor, tag.as_deref(), span)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.open(Items::Map(Vec::new(), None), anchor, tag.as_deref(), span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(id) => {
                let Some((node, height, weight)) = self.anchors.get(&id).cloned() else {
                    self.diagnostic(span, "the alias is inside the value that it refers to", None);
                    return None;
                };
                self.aliased += weight;
                if self.aliased > MAX_ALIASED {
                    let message = format!("the aliases expand to more than {MAX_ALIASED} values");
                    self.diagnostic(span, message, Some("write the cases out, or use a `matrix`"));
                    return None;
                }
                self.push(Measured { node, height, weight }, 0)?;
            }
            _ => {}
        }
        (self.diagnostics.len() < MAX_ERRORS).then_some(())
    }

    fn count(&mut self, span: Span) -> Option<()> {
        self.nodes += 1;
        if self.nodes <= MAX_NODES {
            return Some(());
        }
        self.diagnostic(span, format!("the file has more than {MAX_NODES} values"), Some("split the file"));
        None
    }

    /// Checks a tag. True if it forces a string.
    fn tag(&mut self, tag: Option<&Tag>, span: Span) -> bool {
        let Some(tag) = tag else { return false };
        if tag.is_yaml_core_schema_tag("str") {
            return true;
        }
        let message = format!("the tag `{}` is not supported", tag.original());
        self.diagnostic(span, message, Some("write a text in quotes, and bytes as `{hex: ...}`"));
        false
    }

    fn open(&mut self, items: Items, anchor: usize, tag: Option<&Tag>, start: Span) -> Option<()> {
        self.count(start)?;
        self.tag(tag, start);
        self.depth(self.stack.len() + 1, start)?;
        self.stack.push(Open { items, anchor, start, height: 0, weight: 1 });
        Some(())
    }

    fn depth(&mut self, depth: usize, span: Span) -> Option<()> {
        if depth <= MAX_DEPTH {
            return Some(());
        }
        self.diagnostic(span, format!("lists and maps are nested more than {MAX_DEPTH} levels deep"), None);
        None
    }

    fn close(&mut self, end: Span) -> Option<()> {
        let open = self.stack.pop()?;
        // A block collection ends with its last item, a flow collection with its bracket.
        let flow = open.start.end > open.start.start;
        let last = match &open.items {
            Items::Seq(items) => items.last().map(|item| item.span.end),
            Items::Map(entries, _) => entries.last().map(|(key, node)| node.span.end.max(key.span.end)),
        };
        let end = if flow { end.end } else { last.unwrap_or(open.start.end) };
        let value = match open.items {
            Items::Seq(items) => Value::Seq(items.into()),
            Items::Map(entries, _) => Value::Map(entries.into()),
        };
        // A block list starts at its first `-`, which events do not distinguish from its first item.
        let node = Node { value, span: Span::new(open.start.start, end) };
        self.push(Measured { node, height: open.height + 1, weight: open.weight }, open.anchor)
    }

    /// Adds a complete node to the innermost open collection, or to the documents.
    fn push(&mut self, done: Measured, anchor: usize) -> Option<()> {
        let Measured { node, height, weight } = done;
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), height, weight));
        }
        self.depth(self.stack.len() + height, node.span)?;
        let Some(open) = self.stack.last_mut() else {
            if !node.is_null() {
                self.documents.push(node);
            }
            self.anchors.clear();
            return Some(());
        };
        open.height = open.height.max(height);
        open.weight += weight;
        match &mut open.items {
            Items::Seq(items) => items.push(node),
            Items::Map(entries, slot) => match slot.take() {
                Some(key) => match entries.iter().find(|(known, _)| known.name == key.name) {
                    Some((first, _)) => {
                        let message = format!("the key `{}` occurs twice", key.name);
                        let hint = format!("it is already in line {}", self.file.line(first.span.start));
                        self.diagnostics.push(self.file.diagnostic(key.span, message).hint(hint));
                    }
                    None if entries.len() >= MAX_KEYS => {
                        let message = format!("the map has more than {MAX_KEYS} keys");
                        self.diagnostics.push(self.file.diagnostic(key.span, message));
                        return None;
                    }
                    None => entries.push((key, node)),
                },
                None => {
                    *slot = Some(match &node.value {
                        Value::Scalar(_, text) => Key { name: text.clone(), span: node.span },
                        _ => Key { name: "".into(), span: node.span },
                    });
                    let message = match &node.value {
                        Value::Scalar(Scalar::Null, _) => "a key is missing",
                        Value::Scalar(Scalar::Str, text) if &**text == "<<" => "merge keys (`<<`) are not supported",
                        Value::Scalar(..) => return Some(()),
                        _ => "a key must be a word",
                    };
                    let span = node.head();
                    self.diagnostics.push(self.file.diagnostic(span, message));
                }
            },
        }
        Some(())
    }

    /// Records a syntax error with a hint for its line.
    pub fn syntax(&mut self, offset: usize, info: &str) {
        let text = &self.file.text;
        let offset = offset.min(text.len());
        let line = self.file.line(offset);
        let start = self.file.line_start(line);
        let row = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
        let length =
            text.get(offset..).and_then(|rest| rest.chars().next()).filter(|&c| c != '\n').map_or(0, char::len_utf8);
        let bare = row
            .match_indices("${")
            .any(|(at, _)| !row[..at].ends_with(['"', '\'']) && row[..at].ends_with([' ', '[', ',']));
        let hint = if bare {
            Some("put `${...}` in quotes: without quotes, `{` starts a map")
        } else if row.contains('\t') && info.contains("tab") {
            Some("indent with spaces")
        } else if info.contains("mapping values") || text.get(offset..).is_some_and(|rest| rest.starts_with(": ")) {
            Some("a text that contains `: ` needs quotes")
        } else {
            None
        };
        let message = match info.contains("recursion limit") {
            true => format!("lists and maps are nested more than {MAX_DEPTH} levels deep"),
            false => format!("invalid YAML: {info}"),
        };
        self.diagnostic(Span::new(offset, offset + length), message, hint);
    }
}
