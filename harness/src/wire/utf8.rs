//! UTF-8 that fails at the first octet that no valid text can contain there: RFC 3629, RFC 6455 section 8.1.

/// An incremental validator. Feed it pieces in any split; the verdict and the offset do not depend on the split.
#[derive(Clone, Debug, Default)]
pub struct Validator {
    /// Octets accepted so far, over all pieces.
    seen: u64,
    /// Octets of a character that is not yet complete.
    partial: [u8; 4],
    partial_len: usize,
}

/// Where text stopped being valid UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not UTF-8 at octet {offset}")]
pub struct Utf8Error {
    /// The offset of the first octet after which no continuation could make the text valid, counted from the text's start.
    /// For text that ends inside a character it is the text's length.
    pub offset: u64,
}

impl Validator {
    /// A validator at the start of a text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the text.
    ///
    /// # Errors
    /// The first octet that no valid text can have there.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Utf8Error> {
        let _ = (piece, &self.seen, &self.partial, &self.partial_len);
        todo!()
    }

    /// Ends the text.
    ///
    /// # Errors
    /// A character that was begun and not completed.
    pub fn finish(&self) -> Result<(), Utf8Error> {
        todo!()
    }
}

/// Checks a whole text at once.
///
/// # Errors
/// As [`Validator::push`] and [`Validator::finish`].
pub fn check(text: &[u8]) -> Result<(), Utf8Error> {
    let mut validator = Validator::new();
    validator.push(text)?;
    validator.finish()
}
