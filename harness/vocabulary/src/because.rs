//! Why an outcome is not worse.

use std::fmt;

use crate::Zone;

/// Why an outcome is not worse: a zone, a sentence, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Because {
    /// The zone.
    pub zone: Option<Zone>,
    /// The sentence, without the zone's name.
    pub text: Option<String>,
}

impl Because {
    /// A sentence alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self { zone: None, text: Some(text.into()) }
    }

    /// A zone and what happened in it.
    pub fn in_zone(zone: Zone, text: impl Into<String>) -> Self {
        Self { zone: Some(zone), text: Some(text.into()) }
    }

    /// Reads a reason as case files have it: `Z13`, `Z13: a sentence`, `a sentence (Z13)`, or a sentence.
    pub fn read(text: &str) -> Self {
        if let Ok(zone) = text.parse() {
            return Self { zone: Some(zone), text: None };
        }
        if let Some((name, rest)) = text.split_once(": ")
            && let Ok(zone) = name.parse()
        {
            return Self::in_zone(zone, rest);
        }
        if let Some((rest, name)) = text.strip_suffix(')').and_then(|text| text.rsplit_once(" ("))
            && let Ok(zone) = name.parse()
        {
            return Self::in_zone(zone, rest);
        }
        Self::text(text)
    }
}

impl From<Zone> for Because {
    fn from(zone: Zone) -> Self {
        Self { zone: Some(zone), text: None }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.zone, &self.text) {
            (Some(zone), Some(text)) => write!(f, "{zone}: {text}"),
            (Some(zone), None) => zone.fmt(f),
            (None, text) => f.write_str(text.as_deref().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Because, Zone};

    #[test]
    fn a_reason_names_its_zone_in_any_place() {
        let refused = || Because::in_zone(Zone(29), "the server rejects it");
        for (text, because) in [
            ("Z29", Zone(29).into()),
            ("Z29: the server rejects it", refused()),
            ("the server rejects it (Z29)", refused()),
            ("the server rejects it", Because::text("the server rejects it")),
            ("Zone: no name", Because::text("Zone: no name")),
            ("a word (in brackets)", Because::text("a word (in brackets)")),
        ] {
            assert_eq!(Because::read(text), because, "{text}");
        }
        assert_eq!(refused().to_string(), "Z29: the server rejects it");
    }
}
