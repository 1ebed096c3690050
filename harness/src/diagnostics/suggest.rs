//! Suggestions for misspelt words: the nearest known word by edit distance.

/// The most characters of a misspelt word that are compared.
const MAX_WORD: usize = 200;

/// The hint for an unknown word: the nearest known word, or all known words when they are few.
pub fn hint<'a>(misspelt: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(misspelt, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    (!known.is_empty() && known.len() <= 24).then(|| format!("there {}", list(&known)))
}

/// `is a`, `are a and b`, `are a, b and c`, each word in backticks.
fn list(words: &[&str]) -> String {
    match words {
        [one] => format!("is only `{one}`"),
        [start @ .., last] => format!("are {} and `{last}`", quoted(start)),
        [] => String::new(),
    }
}

/// Words in backticks with commas between.
pub fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The known word nearest to a misspelt one, when it is near enough to be meant.
///
/// The distance counts letters that are changed, added, dropped or swapped with their neighbour, whatever their case.
pub fn nearest<'a>(misspelt: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let misspelt: String = misspelt.to_lowercase().chars().take(MAX_WORD).collect();
    let length = misspelt.chars().count();
    let most = (length / 3).clamp(1, 6);
    known
        .into_iter()
        .filter(|word| word.chars().count().abs_diff(length) <= most)
        .map(|word| (strsim::osa_distance(&misspelt, &word.to_lowercase()), word))
        .filter(|&(distance, _)| distance <= most)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["payload", "opcode", "mask"];
        assert_eq!(nearest("paylod", known), Some("payload"));
        assert_eq!(nearest("pyaload", known), Some("payload"));
        assert_eq!(nearest("MASK", known), Some("mask"));
        assert_eq!(nearest("zebra", known), None);
    }

    #[test]
    fn few_words_are_listed() {
        assert_eq!(hint("zebra", ["must", "may"]).as_deref(), Some("there are `must` and `may`"));
        assert_eq!(hint("zebra", ["echo"]).as_deref(), Some("there is only `echo`"));
        assert_eq!(hint("zebra", []), None);
    }
}
