//! UTF-8 validation that fails at the first byte that cannot be part of any valid text: RFC 3629, RFC 6455 section 8.1.

use simdutf8::compat;

/// An incremental validator. It accepts pieces in any split; the verdict and the offset do not depend on the split.
#[derive(Clone, Debug, Default)]
pub struct Validator {
    /// How many bytes were accepted so far, over all pieces.
    seen: u64,
    /// The bytes of an incomplete character.
    partial: [u8; 4],
    partial_len: usize,
    /// The first failure, which is returned again for every later piece.
    failure: Option<Utf8Error>,
}

/// The position at which text stopped being valid UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not UTF-8 at byte {offset}")]
pub struct Utf8Error {
    /// The offset of the first byte after which no continuation can make the text valid, counted from the text's start.
    /// For text that ends inside a character it is the text's length.
    pub offset: u64,
}

impl Validator {
    /// A validator at the start of a text.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes were accepted, including those of an incomplete character.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Validates the next piece of the text.
    ///
    /// # Errors
    /// The first byte that cannot be part of any valid text. Later pieces cause the same error.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Utf8Error> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        let rest = self.complete_partial(piece)?;
        let error = match compat::from_utf8(rest) {
            Ok(_) => {
                self.seen += rest.len() as u64;
                return Ok(());
            }
            Err(error) => error,
        };
        let (valid, invalid) = rest.split_at(error.valid_up_to());
        self.seen += valid.len() as u64;
        match error.error_len() {
            // The piece ends inside a character: at most three bytes, all valid so far.
            None => {
                for (slot, &byte) in self.partial.iter_mut().zip(invalid) {
                    *slot = byte;
                }
                self.partial_len = invalid.len();
                self.seen += invalid.len() as u64;
                Ok(())
            }
            Some(valid_len) => {
                // A byte that cannot begin a character is itself invalid; otherwise the invalid byte is the one after
                // the valid start of a character.
                let starts_character = invalid.first().is_some_and(|&lead| step(&[], lead) != Step::Invalid);
                self.seen += if starts_character { valid_len as u64 } else { 0 };
                Err(self.fail())
            }
        }
    }

    /// Ends the text.
    ///
    /// # Errors
    /// An incomplete character, or the failure of [`Validator::push`].
    pub fn finish(&self) -> Result<(), Utf8Error> {
        match self.failure {
            Some(error) => Err(error),
            None if self.partial_len > 0 => Err(Utf8Error { offset: self.seen }),
            None => Ok(()),
        }
    }

    /// Consumes the bytes of `piece` that complete the character in progress; returns the rest.
    fn complete_partial<'a>(&mut self, piece: &'a [u8]) -> Result<&'a [u8], Utf8Error> {
        let mut rest = piece;
        while let (1.., Some((&byte, remaining))) = (self.partial_len, rest.split_first()) {
            let step = step(self.partial.get(..self.partial_len).unwrap_or_default(), byte);
            match (step, self.partial.get_mut(self.partial_len)) {
                (Step::More, Some(slot)) => {
                    *slot = byte;
                    self.partial_len += 1;
                }
                (Step::Complete, _) => self.partial_len = 0,
                _ => return Err(self.fail()),
            }
            self.seen += 1;
            rest = remaining;
        }
        Ok(rest)
    }

    fn fail(&mut self) -> Utf8Error {
        let error = Utf8Error { offset: self.seen };
        self.failure = Some(error);
        error
    }
}

/// The effect of one byte after the bytes of an incomplete character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Complete,
    More,
    Invalid,
}

/// The Unicode standard's table 3-7, one byte at a time.
fn step(before: &[u8], byte: u8) -> Step {
    let continues = |range: std::ops::RangeInclusive<u8>, last: bool| match range.contains(&byte) {
        true if last => Step::Complete,
        true => Step::More,
        false => Step::Invalid,
    };
    match *before {
        [] => match byte {
            0x00..=0x7f => Step::Complete,
            0xc2..=0xf4 => Step::More,
            _ => Step::Invalid,
        },
        [0xe0] => continues(0xa0..=0xbf, false),
        [0xed] => continues(0x80..=0x9f, false),
        [0xf0] => continues(0x90..=0xbf, false),
        [0xf4] => continues(0x80..=0x8f, false),
        [lead] => continues(0x80..=0xbf, lead < 0xe0),
        [lead, _] => continues(0x80..=0xbf, lead < 0xf0),
        _ => continues(0x80..=0xbf, true),
    }
}

/// Checks a complete text at once.
///
/// # Errors
/// As for [`Validator::push`] and [`Validator::finish`].
pub fn check(text: &[u8]) -> Result<(), Utf8Error> {
    let mut validator = Validator::new();
    validator.push(text)?;
    validator.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict for the text in one piece, which must be the same as for one byte at a time.
    fn verdict(text: &[u8]) -> Option<u64> {
        let whole = check(text).err().map(|error| error.offset);
        let mut validator = Validator::new();
        let single = text.iter().try_for_each(|&byte| validator.push(&[byte])).and_then(|()| validator.finish());
        assert_eq!(single.err().map(|error| error.offset), whole, "{text:02x?}");
        whole
    }

    #[test]
    fn valid_text_passes() {
        for text in ["", "a", "κόσμε", "\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}", "\u{d7ff}\u{e000}"] {
            assert_eq!(verdict(text.as_bytes()), None);
        }
    }

    #[test]
    fn fails_at_the_first_impossible_byte() {
        for (text, offset) in [
            (&b"\xed\xa0\x80"[..], 1),
            (b"\xf4\x90\x80\x80", 1),
            (b"\xc0\x80", 0),
            (b"\xc1\xbf", 0),
            (b"\xf5\x80", 0),
            (b"\xff", 0),
            (b"ab\x80", 2),
            (b"\xe0\x80\x80", 1),
            (b"\xf0\x8f\xbf\xbf", 1),
            (b"\xe2\x28\xa1", 1),
            (b"\xe2\x82\x28", 2),
            (b"\xf0\x9f\x98A", 3),
            (b"\xc3\xc3", 1),
        ] {
            assert_eq!(verdict(text), Some(offset), "{text:02x?}");
        }
    }

    #[test]
    fn text_that_ends_inside_a_character_fails_at_its_end() {
        for text in [&b"\xc3"[..], b"a\xe2\x82", b"\xf0\x9f\x98"] {
            assert_eq!(verdict(text), Some(text.len() as u64));
        }
    }

    #[test]
    fn long_text_fails_at_the_exact_byte() {
        let mut text = "κόσμε, ".repeat(1000).into_bytes();
        let end = text.len() as u64;
        text.extend_from_slice(b"\xf0\x9f\xff");
        text.extend_from_slice(&[b'x'; 500]);
        assert_eq!(verdict(&text), Some(end + 2));
    }

    #[test]
    fn a_failure_is_repeated() {
        let mut validator = Validator::new();
        let error = validator.push(b"a\xff");
        assert_eq!(error, Err(Utf8Error { offset: 1 }));
        assert_eq!(validator.push(b"valid"), error);
        assert_eq!(validator.finish(), error);
    }

    #[test]
    fn every_two_bytes_agree_with_std() {
        for pair in 0..=u16::MAX {
            let text = pair.to_be_bytes();
            assert_eq!(check(&text).is_ok(), std::str::from_utf8(&text).is_ok(), "{text:02x?}");
            verdict(&text);
        }
    }
}
