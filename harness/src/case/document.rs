//! YAML text as a tree of nodes that know their place. No other module reads YAML.
//!
//! It stands on the event parser that serde_yaml (serde-saphyr) carries, not on serde: events tell the place of every key and of
//! whole collections, and the spelling of numbers, which carets, matrices and the quoting of a case need. The bounds below end
//! alias bombs and deep nesting before they cost anything.

use std::collections::HashMap;
use std::sync::Arc;

use serde_yaml::granit_parser::{Event, Options, Parser, ScalarStyle, Tag};

use super::mistake::{FileText, Mistake, Span};

/// The longest case file, in octets.
pub const MAX_FILE: usize = 4 * 1024 * 1024;
/// The most nodes that a file may spell out.
const MAX_NODES: usize = 500_000;
/// The most nodes that all aliases of a file may stand for together.
const MAX_ALIASED: usize = 50_000;
/// The deepest nesting of lists and maps.
const MAX_DEPTH: usize = 64;
/// The most keys of one map, which keeps the search for duplicates short.
const MAX_KEYS: usize = 256;
/// The most mistakes that are told of one file's YAML.
const MAX_MISTAKES: usize = 100;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it holds.
    pub value: Value,
    /// Where it stands, quotes and brackets included.
    pub span: Span,
}

/// What a node holds. Lists and maps are shared, so that a clone costs nothing.
#[derive(Clone, Debug)]
pub enum Value {
    /// A scalar, and its text as written (escapes resolved).
    Scalar(Scalar, Arc<str>),
    /// A list.
    Seq(Arc<[Node]>),
    /// A map in the order of the file. No key comes twice.
    Map(Arc<[(Key, Node)]>),
}

/// What a scalar is by YAML 1.2's core schema, with `010`, `.inf` and `.nan` kept as text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`; not `yes` or `on`.
    Bool(bool),
    /// A whole number, decimal, `0x` or `0o`.
    Int(i128),
    /// Another number.
    Float(f64),
    /// Text.
    Str,
}

/// A key of a map.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its text.
    pub name: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&Arc<str>> {
        match &self.value {
            Value::Scalar(Scalar::Str, text) => Some(text),
            _ => None,
        }
    }

    /// Whether the node is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Scalar(Scalar::Null, _))
    }

    /// The entries of a map.
    pub fn as_map(&self) -> Option<&Arc<[(Key, Self)]>> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a map's key.
    pub fn get(&self, name: &str) -> Option<(&Key, &Self)> {
        self.as_map()?.iter().find(|(key, _)| &*key.name == name).map(|(key, node)| (key, node))
    }

    /// Where to point when the node as a whole is meant: a block map's first key, else the node.
    pub fn head(&self) -> Span {
        match &self.value {
            Value::Map(entries) => match entries.first() {
                Some((key, _)) if key.span.start == self.span.start => key.span,
                _ => self.span,
            },
            Value::Seq(items) => match items.first() {
                Some(item) if item.span.start == self.span.start => item.head(),
                _ => self.span,
            },
            Value::Scalar(..) => self.span,
        }
    }

    /// How many nodes there are, this one included, aliases counted in full.
    pub fn weight(&self) -> usize {
        match &self.value {
            Value::Scalar(..) => 1,
            Value::Seq(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            Value::Map(entries) => 1 + entries.iter().map(|(_, node)| 1 + node.weight()).sum::<usize>(),
        }
    }

    /// What the node is, for a message: `a list`, `the number 5`.
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Seq(_) => "a list".into(),
            Value::Map(_) => "a map".into(),
            Value::Scalar(Scalar::Null, _) => "nothing".into(),
            Value::Scalar(Scalar::Bool(_), text) => format!("the boolean {text}"),
            Value::Scalar(Scalar::Int(_) | Scalar::Float(_), text) => format!("the number {text}"),
            Value::Scalar(Scalar::Str, text) if text.chars().count() <= 40 && !text.contains('\n') => {
                format!("`{text}`")
            }
            Value::Scalar(Scalar::Str, _) => "a text".into(),
        }
    }
}

/// Reads a file: its documents that are not empty, and the mistakes in its YAML. A syntax error ends the reading there.
pub fn read(file: &FileText) -> (Vec<Node>, Vec<Mistake>) {
    let mut builder = Builder::new(file);
    if file.text.len() > MAX_FILE {
        builder.mistake(Span::default(), "the file is larger than 4 MiB", Some("split it into several groups"));
        return (Vec::new(), builder.mistakes);
    }
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    for event in Parser::new_from_str_with_options(&file.text, options) {
        match event {
            Ok((event, span)) => {
                let span = span.byte_range().map_or(Span::default(), |range| Span::new(range.start, range.end));
                if builder.event(event, span).is_none() {
                    break;
                }
            }
            Err(error) => {
                builder.syntax(error.marker().byte_offset().unwrap_or_default(), &error.info());
                break;
            }
        }
    }
    (builder.documents, builder.mistakes)
}

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

/// A complete node with its measures.
struct Measured {
    node: Node,
    height: usize,
    weight: usize,
}

struct Builder<'a> {
    file: &'a FileText,
    documents: Vec<Node>,
    mistakes: Vec<Mistake>,
    stack: Vec<Open>,
    anchors: HashMap<usize, (Node, usize, usize)>,
    nodes: usize,
    aliased: usize,
}

impl<'a> Builder<'a> {
    fn new(file: &'a FileText) -> Self {
        Self {
            file,
            documents: Vec::new(),
            mistakes: Vec::new(),
            stack: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            aliased: 0,
        }
    }

    fn mistake(&mut self, span: Span, message: impl Into<String>, hint: Option<&str>) {
        let mistake = self.file.mistake(span, message);
        self.mistakes.push(match hint {
            Some(hint) => mistake.hint(hint),
            None => mistake,
        });
    }

    /// Takes one event; `None` ends the reading.
    fn event(&mut self, event: Event<'_>, span: Span) -> Option<()> {
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
                    self.mistake(span, "the alias stands inside what it names", None);
                    return None;
                };
                self.aliased += weight;
                if self.aliased > MAX_ALIASED {
                    let message = format!("the aliases stand for more than {MAX_ALIASED} values");
                    self.mistake(span, message, Some("write the cases out, or use a `matrix`"));
                    return None;
                }
                self.push(Measured { node, height, weight }, 0)?;
            }
            _ => {}
        }
        (self.mistakes.len() < MAX_MISTAKES).then_some(())
    }

    fn count(&mut self, span: Span) -> Option<()> {
        self.nodes += 1;
        if self.nodes <= MAX_NODES {
            return Some(());
        }
        self.mistake(span, format!("the file holds more than {MAX_NODES} values"), Some("split it"));
        None
    }

    /// Checks a tag; true when it makes a string.
    fn tag(&mut self, tag: Option<&Tag>, span: Span) -> bool {
        let Some(tag) = tag else { return false };
        if tag.is_yaml_core_schema_tag("str") {
            return true;
        }
        let message = format!("the tag `{}` has no meaning here", tag.original());
        self.mistake(span, message, Some("quotes make a text; octets are written as `{hex: ...}`"));
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
        self.mistake(span, format!("lists and maps are nested deeper than {MAX_DEPTH}"), None);
        None
    }

    fn close(&mut self, end: Span) -> Option<()> {
        let open = self.stack.pop()?;
        // A block collection ends with its last member, a flow collection with its bracket.
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
        // A block list starts where its first `-` stands, which events do not tell apart from its first member.
        let node = Node { value, span: Span::new(open.start.start, end) };
        self.push(Measured { node, height: open.height + 1, weight: open.weight }, open.anchor)
    }

    /// Puts a complete node where it belongs.
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
                        let message = format!("the key `{}` comes twice", key.name);
                        let hint = format!("it stands in line {} already", self.file.line(first.span.start));
                        self.mistakes.push(self.file.mistake(key.span, message).hint(hint));
                    }
                    None if entries.len() >= MAX_KEYS => {
                        let message = format!("the map has more than {MAX_KEYS} keys");
                        self.mistakes.push(self.file.mistake(key.span, message));
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
                        Value::Scalar(Scalar::Str, text) if &**text == "<<" => "merge keys (`<<`) are not read",
                        Value::Scalar(..) => return Some(()),
                        _ => "a key must be a plain word",
                    };
                    let span = node.head();
                    self.mistakes.push(self.file.mistake(span, message));
                }
            },
        }
        Some(())
    }

    /// A syntax error, with the hint that fits its line.
    fn syntax(&mut self, offset: usize, info: &str) {
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
            Some("put `${...}` in quotes: without them `{` begins a map")
        } else if row.contains('\t') && info.contains("tab") {
            Some("indent with spaces")
        } else if info.contains("mapping values") {
            Some("a text with `: ` in it needs quotes")
        } else {
            None
        };
        self.mistake(Span::new(offset, offset + length), format!("this is not YAML: {info}"), hint);
    }
}

/// What a plain scalar is.
fn resolve(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Scalar::Str;
    }
    let radix = |digits: &str, base| match digits.bytes().all(|octet| octet.is_ascii_alphanumeric()) {
        true => i128::from_str_radix(digits, base).map_or(Scalar::Str, Scalar::Int),
        false => Scalar::Str,
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if unsigned.bytes().all(|octet| octet.is_ascii_digit()) {
        // A leading zero may mean octal or nothing: the text is kept, and a reader that wants a number says so.
        let doubtful = unsigned.len() > 1 && unsigned.starts_with('0');
        return if doubtful { Scalar::Str } else { text.parse().map_or(Scalar::Str, Scalar::Int) };
    }
    let float =
        unsigned.bytes().all(|octet| octet.is_ascii_digit() || matches!(octet, b'.' | b'e' | b'E' | b'+' | b'-'));
    if float { text.parse().map_or(Scalar::Str, Scalar::Float) } else { Scalar::Str }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
