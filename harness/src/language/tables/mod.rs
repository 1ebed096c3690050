//! The keys of the case language in one table, from which the readers and the JSON schema are made.

mod expect;
mod file;
mod handshake;
mod send;

pub use expect::{ALTERNATIVE, CLOSE_EXPECT, CONTENT, EXPECT, EXPECTATION};
pub use file::{CASE, ENDS, FILE, LEVELS, MEASURES, NEEDS, ROLES, STEP};
pub use handshake::{
    CERTIFICATES, DEFLATE, FIELD_MATCH, FREE, HANDSHAKE, HEAD_ALTERNATIVE, HEAD_EXPECT, HTTP, LINE_ENDINGS, PLACES,
    REQUEST, RESPONSE, TLS, TLS_EXPECTS,
};
pub use send::{
    BLOCKS, CLOSE, ECHO, FORMS, FRAGMENTS, FRAME, LENGTH, MANY, MESSAGE, OPCODES, PAYLOAD, SAMPLES, SEND, SERIES,
    UNFINISHED, WRITE_SPLIT,
};

/// A key of a map.
#[derive(Debug)]
pub struct Key {
    /// The key as it is written.
    pub name: &'static str,
    /// The values that it may have.
    pub shape: Shape,
    /// What it means, as sentences.
    pub doc: &'static str,
}

/// A key with its shape and meaning.
const fn key(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, doc }
}

/// A kind of map and its keys.
#[derive(Debug)]
pub struct Table {
    /// Its name in the schema.
    pub id: &'static str,
    /// What it is called in messages: `a case`.
    pub what: &'static str,
    /// Keys of which exactly one is required, in groups that tables share. Empty if the map has no kinds.
    pub kinds: &'static [&'static [Key]],
    /// The other keys, in groups that tables share.
    pub keys: &'static [&'static [Key]],
    /// Keys that are required.
    pub required: &'static [&'static str],
}

impl Table {
    /// The keys of which exactly one is required.
    pub fn kinds(&self) -> impl Iterator<Item = &'static Key> + use<> {
        self.kinds.iter().flat_map(|group| group.iter())
    }

    /// All keys, kinds first.
    pub fn all(&self) -> impl Iterator<Item = &'static Key> + use<> {
        self.kinds().chain(self.keys.iter().flat_map(|group| group.iter()))
    }

    /// The key of this name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.all().find(|key| key.name == name)
    }
}

/// The kind of a value.
#[derive(Debug)]
pub enum Shape {
    /// A text.
    Text,
    /// A text, or a number or boolean, of which the spelling counts.
    Spelling,
    /// One of these words.
    Words(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
    /// A whole number from the first to the second.
    Number(u64, u64),
    /// A time such as `20ms`.
    Duration,
    /// Nothing, or `true`: the key has no other value.
    Flag,
    /// Anything.
    Any,
    /// A payload: a text, or a map of one form.
    Payload,
    /// What a message must contain: a payload, a word or a match.
    Content,
    /// Text of a head, or a payload.
    Template,
    /// Something to send: a word or a map.
    Send,
    /// How bytes are split into writes: a size or a map.
    WriteSplit,
    /// A map.
    Map(&'static Table),
    /// A map of any keys, each with a value of this shape.
    Open(&'static Shape),
    /// A list of this shape.
    List(&'static Shape),
    /// One of this shape or a list of it.
    OneOrList(&'static Shape),
    /// One of these.
    Either(&'static [Shape]),
}

/// A close code.
const CODE: Shape = Shape::Number(0, 65_535);

/// Every table, for the schema and for hints on misplaced keys.
pub static TABLES: &[&Table] = &[
    &FILE,
    &CASE,
    &MEASURES,
    &STEP,
    &SEND,
    &ECHO,
    &FRAME,
    &MESSAGE,
    &MANY,
    &SERIES,
    &UNFINISHED,
    &FRAGMENTS,
    &LENGTH,
    &WRITE_SPLIT,
    &CLOSE,
    &PAYLOAD,
    &EXPECT,
    &EXPECTATION,
    &ALTERNATIVE,
    &CONTENT,
    &CLOSE_EXPECT,
    &HANDSHAKE,
    &TLS,
    &DEFLATE,
    &REQUEST,
    &RESPONSE,
    &HEAD_EXPECT,
    &HEAD_ALTERNATIVE,
    &HTTP,
    &FIELD_MATCH,
];

/// The outcomes that an alternative can have.
pub static OUTCOMES: &[&str] = &["pass", "lenient", "info", "fail", "unsupported"];

/// The keys that only alternatives have.
static EARNS: &[Key] = &[
    key("outcome", Shape::Words(OUTCOMES), "The outcome of this alternative. The default is `pass`."),
    key("because", Shape::Text, "The reason: a zone such as `Z13`, or a sentence. `lenient` and `info` need it."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_has_a_key_twice_and_every_required_key_exists() {
        for table in TABLES {
            let mut names: Vec<_> = table.all().map(|key| key.name).collect();
            assert!(table.required.iter().all(|name| names.contains(name)), "{}", table.id);
            names.sort_unstable();
            let count = names.len();
            names.dedup();
            assert_eq!(count, names.len(), "{}", table.id);
        }
    }

    #[test]
    fn every_key_is_documented_by_a_sentence() {
        for key in TABLES.iter().flat_map(|table| table.all()) {
            assert!(key.doc.ends_with('.') && key.doc.len() > 12, "{}", key.name);
        }
    }
}
