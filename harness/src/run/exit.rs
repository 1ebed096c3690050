//! Exit codes. They are documented and stable.

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The gate held.
    Held,
    /// The gate did not hold.
    NotHeld,
    /// The command line, a configuration or a case file is invalid.
    Usage,
    /// The target cannot be reached, fails the probe, or died.
    Target,
    /// No case was selected.
    NothingSelected,
    /// Results or a report could not be written.
    NotWritten,
    /// A bug in wsspec.
    Bug,
    /// Interrupted by a signal, whichever it was.
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
            Self::NotHeld => "the gate did not hold: cases failed, or not all cases were played",
            Self::Usage => "the command line, wsspec.yaml or a case file is invalid",
            Self::Target => "the target cannot be reached, fails the probe, or died",
            Self::NothingSelected => "no case was selected",
            Self::NotWritten => "results or a report could not be written",
            Self::Bug => "a bug in wsspec",
            Self::Interrupted => {
                "interrupted by SIGINT, SIGTERM or SIGHUP; results and reports of the cases so far are written"
            }
        }
    }
}
