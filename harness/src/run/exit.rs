//! Exit codes: documented, and stable.

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The gate held.
    Held,
    /// The gate did not hold.
    NotHeld,
    /// The command line, a configuration or a case file is wrong.
    Usage,
    /// The target is not reachable, fails the sanity conversation, or died.
    Target,
    /// No case was selected.
    NothingSelected,
    /// Results or a report could not be written.
    NotWritten,
    /// A bug in wsspec.
    Bug,
    /// Interrupted.
    Interrupted,
}

impl Exit {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::Held,
        Self::NotHeld,
        Self::Usage,
        Self::Target,
        Self::NothingSelected,
        Self::NotWritten,
        Self::Bug,
        Self::Interrupted,
    ];

    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Held => 0,
            Self::NotHeld => 1,
            Self::Usage => 2,
            Self::Target => 3,
            Self::NothingSelected => 4,
            Self::NotWritten => 5,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }

    /// What it means, for `--help`.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Held => "the gate held",
            Self::NotHeld => "the gate did not hold: cases failed, or not all were played",
            Self::Usage => "the command line, wsspec.yaml or a case file is wrong",
            Self::Target => "the target is not reachable, fails the sanity conversation, or died",
            Self::NothingSelected => "no case was selected",
            Self::NotWritten => "results or a report could not be written",
            Self::Bug => "a bug in wsspec",
            Self::Interrupted => "interrupted; what was played is in the results",
        }
    }
}
