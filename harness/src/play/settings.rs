//! What applies to all cases of a run, and to one call.

use std::time::Duration;

use super::adaptive_timeout::AdaptiveTimeout;
use super::limits::Accepted;
use super::scale::{Scale, Shared};
use crate::vocabulary::Role;

/// The longest wait for a stream that ends late.
const LATE_END: Duration = Duration::from_secs(8);

/// Bounds and timeout of the player.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a target may take to react.
    pub timeout: Duration,
    /// How long the player waits for a connection to fail by itself before it tests with a barrier whether it continues.
    pub barrier_after: Duration,
    /// The quiet time in place of a barrier where none can be sent.
    pub quiet: Duration,
    /// The longest payload of a frame that is read, in bytes.
    pub max_payload: u64,
    /// The longest head that is read, in bytes.
    pub max_head: usize,
    /// The most bytes that a case reads in all.
    pub max_received: u64,
    /// The most bytes that the compressed messages of a case inflate to in all.
    pub max_inflated: u64,
    /// The most frames that a case reads in all.
    pub max_frames: usize,
    /// Messages that the case does not expect are errors (of an echo server, which sends nothing on its own), or are ignored
    /// (of an application that sends messages of its own).
    pub strict_messages: bool,
    /// The run's seed.
    pub seed: u64,
    /// In which pieces frames are written.
    pub delivery: Delivery,
    /// How much of a long series is played.
    pub scale: Scale,
    /// Compressed messages that cases share.
    pub shared: Shared,
    /// The target's reactions, which the timeout follows.
    pub adaptive_timeout: AdaptiveTimeout,
    /// What the target accepts.
    pub accepted: Accepted,
    /// Cases that are a load for a host are played.
    pub stress: bool,
}

impl Settings {
    /// How long the player waits for a Close after a barrier was answered on a connection that must fail: another part of the target
    /// may answer pings.
    pub fn failure_after_pong(&self) -> Duration {
        self.barrier_after * 4
    }

    /// How long after the timeout a stream may still end when the closing handshake is over. That is late; only never is a failure.
    pub fn late_end(&self) -> Duration {
        LATE_END.min(self.timeout * 3)
    }

    /// These settings with the timeout that the target's reactions so far require.
    pub fn with_current_timeout(&self) -> Self {
        Self { timeout: self.adaptive_timeout.timeout(self.timeout), ..self.clone() }
    }
}

/// In which pieces frames are written, where the case itself does not choose them. Heads have cases of their own for that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// As the case has it.
    #[default]
    Whole,
    /// Byte by byte, the first 2048 of each write.
    Bytes,
    /// Split at places drawn from the seed.
    RandomSplits,
    /// Sends that follow each other are joined in one write.
    Joined,
}

impl Delivery {
    /// Its word, where it is not the usual one.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::Bytes => Some("bytes"),
            Self::RandomSplits => Some("splits"),
            Self::Joined => Some("joined"),
        }
    }

    /// The delivery of a name, [`Self::Whole`] for none or an unknown one.
    pub fn named(name: Option<&str>) -> Self {
        [Self::Bytes, Self::RandomSplits, Self::Joined].into_iter().find(|one| one.name() == name).unwrap_or_default()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(3),
            barrier_after: Duration::from_millis(250),
            quiet: Duration::from_millis(100),
            max_payload: 64 << 20,
            max_head: 64 << 10,
            max_received: 256 << 20,
            max_inflated: 128 << 20,
            max_frames: 200_000,
            strict_messages: true,
            seed: 0x5eed,
            delivery: Delivery::Whole,
            scale: Scale::Budget,
            shared: Shared::default(),
            adaptive_timeout: AdaptiveTimeout::default(),
            accepted: Accepted::default(),
            stress: true,
        }
    }
}

/// How the target is called: the parts of a request that are not the case's business.
#[derive(Clone, Debug)]
pub struct Call {
    /// The target's role.
    pub role: Role,
    /// The Host field: of the server, or what a client should send.
    pub host: String,
    /// The request target: of the server, or what a client was told.
    pub path: String,
    /// Further fields for every request of the run.
    pub headers: Vec<(String, String)>,
    /// Whether the case gives the client a URL of its own, and checks the request target and Host itself.
    pub own_url: bool,
    /// Whether the connection uses TLS: the schemes of URLs are wss and https.
    pub secure: bool,
}

impl Call {
    /// A client that was told to call `host` for `path`.
    pub fn of_client(host: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            role: Role::Client,
            host: host.into(),
            path: path.into(),
            headers: Vec::new(),
            own_url: false,
            secure: false,
        }
    }

    /// A server at `host` that is sent requests for `path` with these further fields.
    pub fn of_server(host: impl Into<String>, path: impl Into<String>, headers: Vec<(String, String)>) -> Self {
        Self { role: Role::Server, host: host.into(), path: path.into(), headers, own_url: false, secure: false }
    }

    /// The same call with TLS, or without.
    pub fn over_tls(self, secure: bool) -> Self {
        Self { secure, ..self }
    }
}
