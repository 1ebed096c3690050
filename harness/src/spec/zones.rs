//! Zones: where the RFCs leave room, and how wsspec treats it. `because: Z13` in a case refers to one.

use std::sync::LazyLock;

use crate::vocabulary::Zone;

/// The table: one zone in each line, with name, title and text.
const TSV: &str = include_str!("../../data/zones.tsv");

/// The description of a zone: a place where good implementations differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneText {
    /// Its number, written `Z1`, `Z2` and so on.
    pub id: Zone,
    /// Its subject.
    pub title: &'static str,
    /// What is strict there, what is lenient, and what nobody may require.
    pub text: &'static str,
}

static TABLE: LazyLock<Vec<ZoneText>> = LazyLock::new(|| TSV.lines().filter_map(parse).collect());

fn parse(line: &'static str) -> Option<ZoneText> {
    let mut columns = line.split('\t');
    let zone = ZoneText { id: columns.next()?.parse().ok()?, title: columns.next()?, text: columns.next()? };
    columns.next().is_none().then_some(zone)
}

/// All zones in the order of their numbers.
pub fn all() -> &'static [ZoneText] {
    &TABLE
}

/// The description of a zone.
pub fn find(id: Zone) -> Option<&'static ZoneText> {
    TABLE.iter().find(|zone| zone.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zones_are_numbered_from_one_and_each_is_whole() {
        assert_eq!(TSV.lines().count(), all().len());
        for (place, zone) in all().iter().enumerate() {
            assert_eq!(usize::from(zone.id.0), place + 1);
            assert!(!zone.title.is_empty() && zone.text.ends_with('.'), "{}", zone.id);
        }
        assert_eq!(all().len(), 49);
        assert_eq!(find(Zone(13)).map(|zone| zone.title), Some("Receiving codes that may not be sent"));
    }
}
