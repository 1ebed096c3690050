//! The selection of cases by patterns.
//!
//! | pattern | selects |
//! | --- | --- |
//! | `ping-pong/*` | ids by glob; `*` also matches deeper paths |
//! | `ping-pong` | the case of this id, or all below this path |
//! | `7.*`, `1.1.1` | whole Autobahn numbers |
//! | `rfc6455-5.5*` | cases that prove a requirement with such an id |
//! | `level:must`, `needs:echo`, `role:client` | cases of this level, with this need, for this role |
//! | `!PATTERN` | excludes cases |

use globset::{GlobBuilder, GlobMatcher};

use super::tables::{LEVELS, NEEDS, ROLES};
use crate::case::Case;
use crate::diagnostics::suggest;
use crate::spec::requirements;
use crate::vocabulary::Role;

/// Patterns that select cases. Without patterns, all cases are selected.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

/// The reason why a selection is not possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// A pattern that is not valid.
    #[error("the pattern `{pattern}` is not valid: {why}")]
    Malformed {
        /// The pattern as it was given.
        pattern: String,
        /// The reason.
        why: String,
    },
    /// A pattern that matches no case.
    #[error("no case matches `{pattern}`{}", hint.as_ref().map(|hint| format!(": {hint}")).unwrap_or_default())]
    Nothing {
        /// The pattern as it was given.
        pattern: String,
        /// The pattern that was probably meant.
        hint: Option<String>,
    },
    /// The patterns leave no case.
    #[error("the patterns leave no case")]
    NoneLeft,
}

#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Level(&'static str),
    Needs(&'static str),
    Role(Role),
    Autobahn(GlobMatcher),
    Glob(GlobMatcher),
}

impl Selection {
    /// Parses patterns. An argument may have several, separated by commas. A pattern that starts with `!` excludes cases.
    ///
    /// # Errors
    /// A pattern that is not valid.
    pub fn parse<I: AsRef<str>, E: AsRef<str>>(include: &[I], exclude: &[E]) -> Result<Self, SelectError> {
        let mut selection = Self::default();
        for text in include.iter().flat_map(|text| split(text.as_ref())) {
            match text.strip_prefix('!') {
                Some(text) => selection.exclude.push(Pattern::parse(text.trim())?),
                None => selection.include.push(Pattern::parse(text)?),
            }
        }
        for text in exclude.iter().flat_map(|text| split(text.as_ref())) {
            selection.exclude.push(Pattern::parse(text.strip_prefix('!').unwrap_or(text).trim())?);
        }
        Ok(selection)
    }

    /// The selected cases in their order.
    ///
    /// # Errors
    /// A pattern that matches no case, with a suggestion, or a selection without any case.
    pub fn choose<'c>(&self, cases: &'c [Case]) -> Result<Vec<&'c Case>, SelectError> {
        for pattern in self.include.iter().chain(&self.exclude) {
            if !cases.iter().any(|case| pattern.fits(case)) {
                return Err(SelectError::Nothing { pattern: pattern.text.clone(), hint: pattern.hint(cases) });
            }
        }
        let chosen: Vec<&Case> = cases.iter().filter(|case| self.fits(case)).collect();
        if chosen.is_empty() { Err(SelectError::NoneLeft) } else { Ok(chosen) }
    }

    /// Whether a file with this text may have a selected case. `false` is certain, `true` is not.
    pub fn may_fit_in(&self, text: &str) -> bool {
        self.include.is_empty() || self.include.iter().any(|pattern| pattern.may_fit_in(text))
    }

    /// Whether a case is selected.
    pub fn fits(&self, case: &Case) -> bool {
        let included = self.include.is_empty() || self.include.iter().any(|pattern| pattern.fits(case));
        included && !self.exclude.iter().any(|pattern| pattern.fits(case))
    }

    /// Whether a glob selects this id, which is not that of a case.
    pub fn fits_id(&self, id: &str) -> bool {
        self.include.iter().any(|pattern| matches!(&pattern.kind, Kind::Glob(glob) if glob.is_match(id)))
    }
}

/// The patterns of an argument: separated by commas, except inside `{...}` of a glob.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, SelectError> {
        let malformed = |why: String| SelectError::Malformed { pattern: text.to_string(), why };
        let kind = match text.split_once(':') {
            Some(("level", word)) => Kind::Level(known(word, LEVELS).map_err(malformed)?),
            Some(("needs", word)) => Kind::Needs(known(word, NEEDS).map_err(malformed)?),
            Some(("role", word)) => match known(word, ROLES).map_err(malformed)? {
                "server" => Kind::Role(Role::Server),
                _ => Kind::Role(Role::Client),
            },
            Some((word, _)) => {
                let hint = suggest::hint(word, ["level", "needs", "role"]).unwrap_or_default();
                return Err(malformed(format!("`{word}:` is not a kind of pattern, {hint}")));
            }
            None => {
                let glob = GlobBuilder::new(text).literal_separator(false).build();
                let glob = glob.map_err(|error| malformed(error.kind().to_string()))?.compile_matcher();
                if is_number(text) { Kind::Autobahn(glob) } else { Kind::Glob(glob) }
            }
        };
        Ok(Self { text: text.to_string(), kind })
    }

    fn fits(&self, case: &Case) -> bool {
        match &self.kind {
            Kind::Level(level) => case.level.name() == *level,
            Kind::Needs(need) => case.needs.iter().any(|own| own.name() == *need),
            Kind::Role(role) => case.suits(*role),
            Kind::Autobahn(glob) => case.autobahn.iter().any(|number| glob.is_match(number)),
            Kind::Glob(glob) => {
                glob.is_match(&case.id)
                    || case.id.strip_prefix(self.text.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
                    || case.proves.iter().any(|requirement| glob.is_match(requirement.as_str()))
            }
        }
    }

    fn may_fit_in(&self, text: &str) -> bool {
        match self.kind {
            Kind::Autobahn(_) => text.contains("autobahn"),
            // The first segment of an id and the start of a requirement are in the file, unless a placeholder produces them.
            Kind::Glob(_) => {
                let stem = self.text.split(['/', '*', '?', '[', '{']).next().unwrap_or_default();
                text.contains(stem) || text.contains("id: ${") || text.contains("id: \"${")
            }
            Kind::Level(_) | Kind::Needs(_) | Kind::Role(_) => true,
        }
    }

    /// A suggestion for a pattern that matches nothing.
    fn hint(&self, cases: &[Case]) -> Option<String> {
        if !matches!(self.kind, Kind::Glob(_)) {
            return None;
        }
        if requirements::find(&self.text).is_some() {
            return Some("the requirement exists, but no case proves it".into());
        }
        // A path is compared with paths, and an id with whole ids. A `*` at the end is kept.
        let (stem, tail) = match self.text.find(['*', '?', '[', '{']) {
            Some(at) => self.text.split_at(at),
            None => (&*self.text, ""),
        };
        let stem_path = stem.trim_end_matches('/');
        let folders = cases.iter().flat_map(|case| case.id.match_indices('/').map(|(at, _)| &case.id[..at]));
        let ids = cases.iter().map(|case| &*case.id);
        let proved = cases.iter().flat_map(|case| case.proves.iter().map(AsRef::as_ref));
        let near = suggest::nearest(stem_path, folders.chain(ids).chain(proved))?;
        let slash = &stem[stem_path.len()..];
        Some(format!("did you mean `{near}{slash}{tail}`?"))
    }
}

fn known(word: &str, words: &'static [&'static str]) -> Result<&'static str, String> {
    let hint = || suggest::hint(word, words.iter().copied()).unwrap_or_default();
    words.iter().find(|known| **known == word).copied().ok_or_else(|| format!("`{word}` is unknown, {}", hint()))
}

/// Whether a pattern is an Autobahn number: digits, dots and stars, with at least one digit.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'*'))
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
#[path = "select_tests.rs"]
mod tests;
