//! The model of a case: data, with every placeholder of a matrix filled in and every payload resolved.
//!
//! Bytes that depend on the connection (`%{host}`, `%{key}` and others, see [`Template`]) are filled in when the case is played.

mod handshake;
mod measure;
mod messages;
mod steps;
mod tls;

use crate::vocabulary::{Level, RequirementId, Role};
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

pub use handshake::{DeflateHandshake, FieldMatch, Handshake, HeadExpect, HeadExpectKind, HeadPatch, Template};
pub use measure::Measure;
pub use messages::{Compressed, Fragmentation, Series};
pub use steps::{
    Alternative, CloseExpect, Content, Ends, Expect, ExpectKind, Expectation, Masking, PongContent, Send, SendFrame,
    SendKind, Step, StepKind, WriteSplit,
};
pub use tls::{Certificate, TlsExpect, TlsHandshake};

/// A feature that a case needs. The probe finds out which features the target has.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    strum::EnumString,
    strum::EnumIter,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Need {
    /// Text and binary messages come back unchanged.
    Echo,
    /// The target agrees to permessage-deflate (server), or offers it (client).
    Deflate,
    /// The target selects one of the offered subprotocols (server), or offers one (client).
    Subprotocol,
    /// The connection uses TLS: a `wss` URL.
    Tls,
    /// The target is a client that can be given any URL: it is spawned for each case.
    Url,
}

impl Need {
    /// The word used in case files.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One case for one or both roles.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its stable name: a path and a key, such as `ping-pong/echoes-payload-125`.
    pub id: String,
    /// The stimulus in a sentence.
    pub title: String,
    /// What a reader should know beyond the title.
    pub note: Option<String>,
    /// The title of its group.
    pub group: String,
    /// Autobahn's numbers, such as `7.1.6`.
    pub autobahn: Vec<String>,
    /// The role of the target. `None` is both roles.
    pub role: Option<Role>,
    /// The sections of RFCs, such as `rfc6455#section-5.5.2`.
    pub spec: Vec<String>,
    /// The ids of the requirements that it proves.
    pub proves: Vec<RequirementId>,
    /// Its level, by default the strongest of `proves`.
    pub level: Level,
    /// The features that the target must have.
    pub needs: Vec<Need>,
    /// The opening handshake.
    pub handshake: Handshake,
    /// The conversation after the handshake.
    pub steps: Vec<Step>,
    /// How the connection ends if the steps have not ended it.
    pub ends: Ends,
    /// It is a load, which a host other than this machine receives only with `--allow-stress`.
    pub stress: bool,
    /// The number of further connections to the server that are open and idle while it is played.
    pub idle_connections: usize,
    /// The amounts that the target is requested to accept.
    pub measures: Vec<(Measure, u64)>,
    /// Where it was written.
    pub source: Source,
}

impl Case {
    /// Whether the case plays against a target of this role.
    pub fn suits(&self, role: Role) -> bool {
        self.role.is_none_or(|own| own == role)
    }

    /// Whether the case expects the handshake to succeed, so that frames follow.
    pub fn opens(&self) -> bool {
        let expect = &self.handshake.expect;
        !matches!(self.ends, Ends::Refused)
            && !self.handshake.tls.refused()
            && (expect.is_empty() || expect.iter().any(HeadExpect::opens))
    }
}

/// Where a case was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The file, relative to the suite.
    pub file: Arc<str>,
    /// The line of the case's first key, from 1.
    pub line: usize,
    /// The YAML of the case as written, with its placeholders and without the keys of the group.
    pub yaml: Arc<str>,
    /// The matrix row, `name=value` each, in order; empty without a matrix.
    pub row: Vec<(String, String)>,
    /// The case as a file of its own: its row filled, the keys of its group included.
    pub definition: Arc<str>,
    /// The files that the definition sends, by path.
    pub attachments: BTreeMap<String, Bytes>,
}
