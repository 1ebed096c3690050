//! Compares UTF-8 validation with the standard library's.

use super::splits::splits;
use crate::wire::utf8::Validator;

/// Checks that the verdict is the same as that of the standard library, that the offset is exact, and that no split
/// changes either of them.
pub fn utf8(data: &[u8]) {
    let expected = first_invalid(data);
    for pieces in splits(data) {
        let mut validator = Validator::new();
        let pushed = pieces.into_iter().try_for_each(|piece| validator.push(piece));
        let verdict = pushed.and_then(|()| validator.finish());
        assert_eq!(verdict.err().map(|error| error.offset), expected);
    }
}

/// The offset of the first byte after which no continuation can be valid, computed only with the standard library; the
/// length for a text that ends inside a character.
pub(super) fn first_invalid(text: &[u8]) -> Option<u64> {
    let valid = std::str::from_utf8(text).err()?.valid_up_to();
    let is_invalid = |end: &usize| {
        let error = std::str::from_utf8(&text[valid..*end]).err();
        error.is_some_and(|error| error.error_len().is_some())
    };
    // A character has at most four bytes, so the fourth one decides.
    let end = (valid + 1..=text.len().min(valid + 4)).find(is_invalid);
    Some(end.map_or(text.len(), |end| end - 1) as u64)
}
