//! The tree of a document: values with their places.

use std::sync::Arc;

use crate::diagnostics::Span;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its content.
    pub value: Value,
    /// Its place, including quotes and brackets.
    pub span: Span,
}

/// The content of a node. Lists and maps are shared, so that a clone is cheap.
#[derive(Clone, Debug)]
pub enum Value {
    /// A scalar, and its text as written (escapes resolved).
    Scalar(Scalar, Arc<str>),
    /// A list.
    Seq(Arc<[Node]>),
    /// A map in the order of the file. Each key is unique.
    Map(Arc<[(Key, Node)]>),
}

/// The type of a scalar by the core schema of YAML 1.2, but `010`, `.inf` and `.nan` are text.
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
    /// Its place.
    pub span: Span,
}

impl Node {
    /// The value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Scalar(Scalar::Bool(value), _) => Some(value),
            _ => None,
        }
    }

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

    /// The place to show for the node as a whole: the first key of a block map, otherwise the node.
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

    /// The number of nodes, including this one. Aliases count in full.
    pub fn weight(&self) -> usize {
        match &self.value {
            Value::Scalar(..) => 1,
            Value::Seq(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            Value::Map(entries) => 1 + entries.iter().map(|(_, node)| 1 + node.weight()).sum::<usize>(),
        }
    }

    /// A description for messages: `a list`, `the number 5`.
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
