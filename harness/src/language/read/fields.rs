//! The keys of one map. Keys are taken by name; a key that no reader takes is an error.

use super::super::document::{Key, Node};
use super::super::tables::{self, TABLES, Table};
use super::Reader;
use crate::diagnostics::suggest;

/// A map whose keys are checked against its table.
pub struct Fields<'n> {
    table: &'static Table,
    node: &'n Node,
    taken: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// Opens a map and reports unknown and missing keys. `None` if the node is not a map.
    pub fn open(reader: &mut Reader<'_>, node: &'n Node, table: &'static Table) -> Option<Self> {
        let Some(entries) = node.as_map() else {
            let names: Vec<&str> = table.all().map(|key| key.name).take(12).collect();
            let hint = format!("the possible keys are {}", suggest::quoted(&names));
            reader.wanted(node, &format!("{} (a map)", table.what), Some(hint));
            return None;
        };
        for (key, value) in entries.iter() {
            if table.key(&key.name).is_none() {
                let hint = match is_bare(reader, key, value) {
                    true => Some("inside `{}`, a text that contains a comma needs quotes".to_string()),
                    false => unknown_key_hint(table, &key.name),
                };
                reader.diagnostic(key.span, format!("unknown key `{}` in {}", key.name, table.what), hint);
            }
        }
        for required in table.required {
            if node.get(required).is_none() {
                let message = format!("{} needs the key `{required}`", table.what);
                reader.diagnostic(node.head(), message, None);
            }
        }
        Some(Self { table, node, taken: Vec::new() })
    }

    /// The value of a key.
    pub fn take(&mut self, name: &'static str) -> Option<&'n Node> {
        self.take_entry(name).map(|(_, node)| node)
    }

    /// A key with its value.
    pub fn take_entry(&mut self, name: &'static str) -> Option<(&'n Key, &'n Node)> {
        debug_assert!(self.table.key(name).is_some(), "{name} is not in the table of {}", self.table.what);
        #[cfg(test)]
        super::tests::TAKEN.with_borrow_mut(|taken| taken.insert((self.table.id, name)));
        self.taken.push(name);
        self.node.get(name)
    }

    /// The one key that states the kind, with its value.
    pub fn kind(&mut self, reader: &mut Reader<'_>) -> Option<(&'static str, &'n Key, &'n Node)> {
        let mut found: Option<(&'static str, &'n Key, &'n Node)> = None;
        for kind in self.table.kinds() {
            let Some((key, node)) = self.node.get(kind.name) else {
                continue;
            };
            self.taken.push(kind.name);
            match found {
                Some((first, first_key, _)) => {
                    // It is reported at the later of the two.
                    let (span, other) =
                        if key.span > first_key.span { (key.span, first) } else { (first_key.span, kind.name) };
                    let own = if other == first { kind.name } else { first };
                    let hint = format!("{} must have exactly one of {}", self.table.what, self.kinds());
                    reader.diagnostic(span, format!("`{own}` cannot be combined with `{other}`"), Some(hint));
                }
                None => found = Some((kind.name, key, node)),
            }
        }
        if let Some((name, ..)) = found {
            #[cfg(test)]
            super::tests::TAKEN.with_borrow_mut(|taken| taken.insert((self.table.id, name)));
            let _ = name;
        } else {
            let known =
                self.node.as_map().is_none_or(|map| map.iter().all(|(key, _)| self.table.key(&key.name).is_some()));
            // A misspelt kind is already reported.
            if known {
                let message = format!("{} needs a key that states its kind", self.table.what);
                reader.diagnostic(self.node.head(), message, Some(format!("add one of {}", self.kinds())));
            }
        }
        found
    }

    /// Ends the reading and reports known keys that were not taken, because they cannot be combined with `with`.
    pub fn finish(self, reader: &mut Reader<'_>, with: &str) {
        for (key, _) in self.node.as_map().into_iter().flat_map(|entries| entries.iter()) {
            if self.table.key(&key.name).is_some() && !self.taken.contains(&&*key.name) {
                reader.diagnostic(key.span, format!("`{}` cannot be combined with `{with}`", key.name), None);
            }
        }
    }

    fn kinds(&self) -> String {
        suggest::quoted(&self.table.kinds().map(|key| key.name).collect::<Vec<_>>())
    }
}

/// Whether a key has neither a value nor a colon. Inside `{}`, the rest of a text after a comma becomes such a key.
pub fn is_bare(reader: &Reader<'_>, key: &Key, value: &Node) -> bool {
    let rest = reader.file.text.get(key.span.end..).unwrap_or_default();
    value.is_null() && value.span.start == value.span.end && !rest.trim_start().starts_with(':')
}

/// The hint for an unknown key: a similar key, the map that has the key, or the known keys.
fn unknown_key_hint(table: &'static Table, unknown: &str) -> Option<String> {
    let names: Vec<&str> = table.all().map(|key| key.name).collect();
    if let Some(near) = suggest::nearest(unknown, names.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let homes: Vec<&str> = TABLES.iter().filter(|other| other.key(unknown).is_some()).map(|other| other.what).collect();
    if let Some(home) = homes.first() {
        return Some(format!("`{unknown}` is a key of {home}"));
    }
    if tables::PLACES.contains(&unknown) {
        return Some(format!("in the text of a head, write `%{{{unknown}}}`"));
    }
    suggest::hint(unknown, names)
}
