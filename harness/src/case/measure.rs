//! What a case measures: which amounts a target takes is its own matter, and worth knowing.

/// Something of which a target takes so much and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Bytes of a message.
    LargestMessage,
    /// Bytes of a message that is never finished.
    LargestUnfinished,
    /// Bytes that a frame declares, waited for.
    LargestDeclared,
    /// Fragments of a message.
    MostFragments,
    /// Messages over one connection.
    MostMessages,
    /// Pings in one write.
    MostPings,
    /// Bytes of a handshake head.
    LargestHead,
    /// Fields of a handshake head.
    MostFields,
    /// Connections at once.
    MostConnections,
    /// Milliseconds in which nothing is said.
    LongestIdle,
}

impl Measure {
    /// All measures with their words, in the order in which reports show them.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::LargestMessage, "largest-message"),
        (Self::LargestUnfinished, "largest-unfinished"),
        (Self::LargestDeclared, "largest-declared"),
        (Self::MostFragments, "most-fragments"),
        (Self::MostMessages, "most-messages"),
        (Self::MostPings, "most-pings"),
        (Self::LargestHead, "largest-head"),
        (Self::MostFields, "most-fields"),
        (Self::MostConnections, "most-connections"),
        (Self::LongestIdle, "longest-idle"),
    ];

    /// The word used in case files.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(measure, _)| *measure == self).map_or("", |(_, name)| name)
    }

    /// The measure of this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(measure, _)| *measure)
    }
}
