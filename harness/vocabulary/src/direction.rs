//! Which way bytes go, and how a stream of them ends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which way bytes went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::EnumString)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Direction {
    /// From the harness to the target.
    #[default]
    Out,
    /// From the target to the harness.
    In,
}

impl Direction {
    /// The word used in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::In => "in",
        }
    }
}

/// How a direction of a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, strum::EnumString)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum StreamEnd {
    /// An orderly end: a FIN, under TLS after the closure alert.
    Fin,
    /// Under TLS, a FIN without the closure alert: RFC 8446 section 6.1.
    #[serde(rename = "truncated")]
    #[strum(serialize = "truncated")]
    TlsTruncated,
    /// A reset (RST).
    Reset,
}

impl StreamEnd {
    /// The word used in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::TlsTruncated => "truncated",
            Self::Reset => "reset",
        }
    }
}
