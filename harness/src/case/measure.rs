//! Amounts that a case measures. How much of each a target accepts is its own choice; the report shows it.

/// An amount that a target may limit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Measure {
    /// Bytes of a message.
    LargestMessage,
    /// Bytes of a message that is never finished.
    LargestUnfinished,
    /// Bytes that a frame declares and that the target waits for.
    LargestDeclared,
    /// Fragments of a message.
    MostFragments,
    /// Messages on one connection.
    MostMessages,
    /// Pings in one write.
    MostPings,
    /// Bytes of a handshake head.
    LargestHead,
    /// Fields of a handshake head.
    MostFields,
    /// Connections at once.
    MostConnections,
    /// Milliseconds in which nothing is sent.
    LongestIdle,
}

impl Measure {
    /// The word used in case files.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
