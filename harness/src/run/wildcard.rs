//! Autobahn's patterns of agents and case numbers.

/// Whether a pattern matches the whole text. `*` matches any text, and all other characters match themselves: names of agents
/// contain `[`, `{`, `?` and `\`, which mean something in a glob.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use globset::GlobBuilder;
    use proptest::prelude::*;
    use proptest::sample::Index;

    #[test]
    fn other_characters_match_themselves() {
        assert!(wildcard("Firefox/*[beta?]*", "Firefox/1.0 [beta?] {x}"));
        assert!(!wildcard("Firefox/[0-9]", "Firefox/1"));
        assert!(!wildcard("a*a", "a"));
    }

    /// The ids and numbers of all cases.
    fn names() -> Vec<String> {
        let cases = crate::language::load_embedded().expect("the suite").into_cases();
        cases.into_iter().flat_map(|case| case.autobahn.into_iter().chain([case.id])).collect()
    }

    /// `name` with up to three parts of it replaced by stars. Two stars in a row have a meaning of their own in a glob.
    fn replaced(name: &str, cuts: &[(Index, usize)]) -> String {
        let mut pattern = name.to_owned();
        for (at, length) in cuts {
            let at = at.index(pattern.len() + 1);
            let end = (at + length).min(pattern.len());
            pattern.replace_range(at..end, "*");
        }
        while pattern.contains("**") {
            pattern = pattern.replace("**", "*");
        }
        pattern
    }

    #[test]
    fn globs_of_ids_and_numbers_match_the_same() {
        let names = names();
        let cuts = prop::collection::vec((any::<Index>(), 0_usize..12), 0..4);
        proptest!(|(name in any::<Index>(), cuts in cuts)| {
            let pattern = replaced(name.get::<String>(&names), &cuts);
            let glob = GlobBuilder::new(&pattern).literal_separator(false).build().unwrap().compile_matcher();
            for name in &names {
                prop_assert_eq!(wildcard(&pattern, name), glob.is_match(name), "{} {}", pattern, name);
            }
        });
    }
}
