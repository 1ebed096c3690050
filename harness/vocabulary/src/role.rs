//! Which end of a connection.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An end of a WebSocket connection. Of a case, it is the end that the target plays.
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
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Role {
    /// The end that accepts the connection and sends frames unmasked.
    #[default]
    Server,
    /// The end that opens the connection and masks its frames: RFC 6455 section 5.1.
    Client,
}

impl Role {
    /// Both roles.
    pub const ALL: [Self; 2] = [Self::Server, Self::Client];

    /// `server` or `client`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }

    /// The role of the other end.
    pub const fn other(self) -> Self {
        match self {
            Self::Server => Self::Client,
            Self::Client => Self::Server,
        }
    }
}
