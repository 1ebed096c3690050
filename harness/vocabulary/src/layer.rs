//! Where in the stack of protocols something happens, and on which connection.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The protocol that an event of a transcript belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, strum::EnumString)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Layer {
    /// The stream of bytes: how it ends, and bytes that no protocol above can read.
    Tcp,
    /// TLS.
    Tls,
    /// HTTP/1.1: the heads of the opening handshake.
    Http1,
    /// Frames.
    WebSocket,
    /// The harness itself: notes.
    #[default]
    Harness,
}

impl Layer {
    /// The word used in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Http1 => "http1",
            Self::WebSocket => "websocket",
            Self::Harness => "harness",
        }
    }
}

/// The connection that an event belongs to. A path through a proxy has one connection on each side of it; a case without a proxy has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PathEnd {
    /// The only connection of the case, between the harness and the target.
    #[default]
    Target,
}

impl PathEnd {
    /// Whether it is the only connection of a case, which results do not repeat with every event.
    pub const fn is_target(&self) -> bool {
        matches!(self, Self::Target)
    }
}
