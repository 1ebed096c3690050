//! Zones: where the RFCs leave room, and what wsspec makes of it. `because: Z13` in a case refers to one.

use std::sync::LazyLock;

/// The table as it stands in the repository: name, title and text a line.
const TSV: &str = include_str!("../../data/zones.tsv");

/// A place where good implementations differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its name, `Z1` and on.
    pub name: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// What is strict there, what lenient, and what nobody may ask for.
    pub text: &'static str,
}

static TABLE: LazyLock<Vec<Zone>> = LazyLock::new(|| TSV.lines().filter_map(parse).collect());

fn parse(line: &'static str) -> Option<Zone> {
    let mut columns = line.split('\t');
    let zone = Zone { name: columns.next()?, title: columns.next()?, text: columns.next()? };
    columns.next().is_none().then_some(zone)
}

/// All zones in the order of their numbers.
pub fn all() -> &'static [Zone] {
    &TABLE
}

/// The zone of a name.
pub fn find(name: &str) -> Option<&'static Zone> {
    TABLE.iter().find(|zone| zone.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zones_are_numbered_from_one_and_each_is_whole() {
        assert_eq!(TSV.lines().count(), all().len());
        for (place, zone) in all().iter().enumerate() {
            assert_eq!(zone.name, format!("Z{}", place + 1));
            assert!(!zone.title.is_empty() && zone.text.ends_with('.'), "{}", zone.name);
        }
        assert_eq!(all().len(), 49);
        assert_eq!(find("Z13").map(|zone| zone.title), Some("Receiving codes that may not be sent"));
    }
}
