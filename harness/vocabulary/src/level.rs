//! How strongly an RFC requires something.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The strength of what a case proves. Ordered: `Must` is the strongest and the smallest.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::EnumString,
    strum::VariantNames,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Level {
    /// MUST, MUST NOT, REQUIRED, SHALL.
    #[default]
    Must,
    /// SHOULD, SHOULD NOT, RECOMMENDED.
    Should,
    /// wsspec's own requirement, where no RFC sentence binds: robustness, memory, time. It is outside the RFCs' pass rates.
    Quality,
    /// MAY, OPTIONAL: the target must cope with it.
    May,
    /// Nothing is required; the observation is reported.
    Info,
}

impl Level {
    /// All levels, the strongest first.
    pub const ALL: [Self; 5] = [Self::Must, Self::Should, Self::Quality, Self::May, Self::Info];

    /// `must`, `should`, `quality`, `may` or `info`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Quality => "quality",
            Self::May => "may",
            Self::Info => "info",
        }
    }
}
