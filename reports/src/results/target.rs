//! What was under test, how it was reached, and what the probe found out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Role;

/// What was under test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetInfo {
    /// `server`, `client`, or `both` for a run of both.
    pub role: String,
    /// The URL of a server, or the one that clients connect to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The command that started the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The target's own name for itself: its Server or User-Agent field, or Autobahn's agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// How the cases of a run were played and the target was reached: all that `wsspec replay` needs and that holds for the whole run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Setup {
    /// The working directory of the run, in which its commands were started.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub directory: String,
    /// The server's URL as given, with `{port}` where the port was chosen by the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How long the target could take to react before the probe, in milliseconds.
    #[serde(default)]
    pub timeout_ms: f64,
    /// In which pieces frames were written: `sample`, `whole`, `bytes`, `splits`, `joined` or `all`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub delivery: String,
    /// Whether cases that are a load for the target were played.
    #[serde(default)]
    pub stress: bool,
    /// The fields of every request to a server, names and values, without the secret ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
    /// The names of the fields whose values are secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_fields: Vec<String>,
    /// The PEM file with the trusted CAs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// Whether any certificate was accepted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insecure: bool,
    /// The PEM file with the client certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cert: Option<String>,
    /// The PEM file with its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Where connections went in place of the URL's host and port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_to: Option<String>,
    /// The HTTP proxy, without its credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Whether the proxy needed credentials.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub proxy_has_credentials: bool,
}

/// What a probe found out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Probe {
    /// The role of the target.
    pub role: Role,
    /// The features found, by the words that case files use in `needs`.
    pub has: Vec<String>,
    /// The round trip of a ping, in milliseconds.
    pub round_trip_ms: f64,
    /// How long a target may take to react, in milliseconds.
    pub timeout_ms: u64,
    /// How many cases were in flight at once.
    pub jobs: usize,
    /// Whether the target serves several connections at once.
    #[serde(default = "yes")]
    pub concurrent: bool,
    /// Whether messages that a case does not expect fail it: the target is an echo server.
    #[serde(default = "yes")]
    pub strict_messages: bool,
    /// How long a connection may take to fail before a barrier is sent, in milliseconds.
    #[serde(default)]
    pub barrier_after_ms: f64,
    /// The quiet time where no barrier can be sent, in milliseconds.
    #[serde(default)]
    pub quiet_ms: f64,
    /// What the target accepts, where the probe found it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<ProbedLimits>,
}

/// The largest amounts that a target accepted in the probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProbedLimits {
    /// A message in one frame, in bytes.
    pub frame: u64,
    /// A message in fragments, in bytes.
    pub message: u64,
    /// The fragments of a message.
    pub fragments: u64,
    /// Whether larger amounts were refused; otherwise none were tried.
    pub refused_above: bool,
}

fn yes() -> bool {
    true
}
