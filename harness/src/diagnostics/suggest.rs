//! What was probably meant: the nearest known word by edit distance.

/// The hint for a word that is not known: the nearest of the known ones, or all of them when they are few.
pub fn hint<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(wrong, known.iter().copied()) {
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

/// The known word nearest to a wrong one, when it is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong_lower = wrong.to_lowercase();
    let wrong: Vec<char> = wrong_lower.chars().take(200).collect();
    let most = (wrong.len() / 3).clamp(1, 6);
    known
        .into_iter()
        .filter(|word| word.chars().count().abs_diff(wrong.len()) <= most)
        .map(|word| (distance(&wrong, word), word))
        .filter(|&(distance, _)| distance <= most)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, word)| word)
}

/// How many letters must be changed, added, dropped or swapped with their neighbour.
fn distance(left: &[char], right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, &a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &b) in right.iter().enumerate() {
            let mut best = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == right[j - 1] && left[i - 1] == b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(left.len())
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
