//! `wsspec.yaml`: options that would otherwise be repeated on every command line.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::failure::Failure;
use crate::diagnostics::{self, Style};
use crate::diagnostics::{FileText, Span};
use crate::run::{Exit, KnownFailure};

/// The file's content. All keys are optional; the command line takes precedence.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The server's URL.
    pub url: Option<String>,
    /// The command that starts it.
    pub start: Option<String>,
    /// The command that spawns a client.
    pub client: Option<String>,
    /// The address to listen on for clients.
    pub listen: Option<String>,
    /// Patterns of cases.
    #[serde(default)]
    pub select: Vec<String>,
    /// Cases that are left out, each with a reason.
    #[serde(default)]
    pub exclude: Vec<Exclude>,
    /// Folders and files with further cases.
    #[serde(default)]
    pub cases: Vec<PathBuf>,
    /// Limits of the gate, such as `must=100%`.
    #[serde(default)]
    pub gate: Vec<String>,
    /// Failures that are known.
    #[serde(default)]
    pub baseline: Vec<KnownFailure>,
    /// Fields for every request.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Fields for every request whose values are secret.
    #[serde(default, rename = "secret-headers")]
    pub secret_headers: Vec<String>,
    /// Cookies for every request.
    #[serde(default)]
    pub cookies: Vec<String>,
    /// Subprotocols that every request offers.
    #[serde(default)]
    pub subprotocols: Vec<String>,
    /// The origin of every request.
    pub origin: Option<String>,
    /// Credentials for every request, `USER:PASSWORD`.
    pub basic: Option<String>,
    /// A token for every request.
    pub bearer: Option<String>,
    /// A PEM file with the trusted CAs.
    pub ca: Option<PathBuf>,
    /// Whether any certificate is accepted.
    #[serde(default)]
    pub insecure: bool,
    /// A client's certificate, a PEM file.
    pub cert: Option<PathBuf>,
    /// Its key, a PEM file.
    pub key: Option<PathBuf>,
    /// The address to connect to instead of the URL's host and port.
    #[serde(rename = "connect-to")]
    pub connect_to: Option<String>,
    /// The proxy that connections go through.
    pub proxy: Option<String>,
    /// Whether clients connect with TLS.
    #[serde(default)]
    pub tls: bool,
    /// The file for the certificate of the CA that `tls` creates.
    #[serde(rename = "ca-out")]
    pub ca_out: Option<PathBuf>,
    /// How long the target may take to react.
    pub timeout: Option<String>,
    /// How many cases are played at once.
    pub jobs: Option<usize>,
}

/// Cases that are left out.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclude {
    /// A pattern.
    pub case: String,
    /// Why.
    pub reason: String,
}

/// The error in a configuration, with its place.
fn diagnostic(path: &Path, text: &str, error: &serde_yaml::Error) -> Failure {
    let error = error.without_snippet();
    let file = FileText::new(path.display().to_string(), text);
    let offset = error.location().map_or(0, |place| {
        let line = usize::try_from(place.line()).unwrap_or(1);
        let column = usize::try_from(place.column()).unwrap_or(1);
        file.line_start(line) + column.saturating_sub(1)
    });
    let end = text.get(offset..).and_then(|rest| rest.find([':', '\n'])).map_or(offset, |length| offset + length);
    let hint = "`wsspec run --help` explains the options";
    let diagnostic = file.diagnostic(Span::new(offset, end), error.to_string()).hint(hint);
    let plain = anstream::AutoStream::choice(&std::io::stderr()) == anstream::ColorChoice::Never;
    let shown = diagnostics::render(&[diagnostic], if plain { Style::Plain } else { Style::Ansi });
    Failure::usage(format!("the configuration cannot be read\n\n{shown}"))
}

/// Reads the named file, or `wsspec.yaml` if it exists.
pub fn read(named: Option<&Path>) -> Result<Config, Failure> {
    let path = named.unwrap_or(Path::new("wsspec.yaml"));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) => return Err(Failure::new(Exit::Usage, format!("cannot read {}: {error}", path.display()))),
    };
    serde_yaml::from_str(&text).map_err(|error| diagnostic(path, &text, &error))
}

/// Reads a baseline.
pub fn read_baseline(path: &Path) -> Result<Vec<KnownFailure>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot read {}: {error}", path.display())))?;
    // An empty file is an empty list.
    serde_yaml::from_str::<Option<Vec<KnownFailure>>>(&text)
        .map(Option::unwrap_or_default)
        .map_err(|error| diagnostic(path, &text, &error))
}
