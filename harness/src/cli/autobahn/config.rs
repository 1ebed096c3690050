//! The configuration of Autobahn|Testsuite, `fuzzingclient.json` and `fuzzingserver.json`, with the places of its errors.
//!
//! Comments and trailing commas are accepted. A key that is unknown, or has no meaning here, gives a note; an invalid value
//! is an error.

use std::path::PathBuf;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::pattern::Pattern;
use crate::diagnostics::{Diagnostic, Diagnostics, FileText, Span, suggest};
use crate::link::{Address, Endpoint};

/// Where a fuzzingserver listens by default.
const LISTEN: &str = "127.0.0.1:9001";
/// The keys of a file.
const KEYS: [&str; 7] = ["url", "servers", "outdir", "cases", "exclude-cases", "exclude-agent-cases", "options"];
/// The keys of a server.
const SERVER_KEYS: [&str; 6] = ["url", "agent", "hostname", "origin", "protocols", "options"];
/// Options whose usual values request what is done anyway.
const QUIET_OPTIONS: [&str; 2] = ["failByDrop", "version"];

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutobahnConfig {
    /// Servers or clients.
    pub mode: Mode,
    /// The folder for the report.
    pub outdir: Option<PathBuf>,
    /// The selected cases; empty for all.
    pub cases: Vec<Pattern>,
    /// The excluded cases.
    pub exclude: Vec<Pattern>,
    /// The cases excluded for some agents: a pattern of names, patterns of cases.
    pub exclude_agent: Vec<(String, Vec<Pattern>)>,
    /// The keys that were ignored, a line each, with their places.
    pub notes: Vec<String>,
}

/// What is tested.
#[derive(Clone, Debug, PartialEq)]
pub enum Mode {
    /// Servers, one after the other.
    Servers(Vec<AutobahnServer>),
    /// Clients that call here.
    Clients {
        /// The address, `HOST:PORT`.
        listen: String,
        /// Whether they use TLS: a `wss` URL.
        secure: bool,
    },
}

impl Default for Mode {
    fn default() -> Self {
        Self::Clients { listen: LISTEN.into(), secure: false }
    }
}

/// A server to be tested.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutobahnServer {
    /// Its name.
    pub agent: Option<String>,
    /// Where it is.
    pub url: String,
    /// The value of an Origin field.
    pub origin: Option<String>,
}

/// Reads a file's text; `path` is shown in its errors.
///
/// # Errors
/// All errors of the file.
pub fn read(path: &str, text: &str) -> Result<AutobahnConfig, Diagnostics> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { file: FileText::new(path, text), diagnostics: Vec::new(), notes: Vec::new() };
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        ..ParseOptions::default()
    };
    let parsed = match parse_to_ast(text, &CollectOptions::default(), &options) {
        Ok(parsed) => parsed.value,
        Err(error) => {
            let range = error.range();
            let span = Span::new(range.start.min(text.len()), range.end.min(text.len()));
            let diagnostic = reader.file.diagnostic(span, format!("this is not JSON: {}", error.kind()));
            return Err(Diagnostics(vec![
                diagnostic.hint("comments and trailing commas are accepted; all else is JSON"),
            ]));
        }
    };
    let config = match &parsed {
        Some(Value::Object(object)) => reader.file(object),
        other => {
            let span = other.as_ref().map_or(Span::new(0, 0), |value| span(value));
            reader.error(
                span,
                "an object is required",
                "write {\"servers\": [...]} or {\"url\": \"ws://127.0.0.1:9001\"}",
            );
            AutobahnConfig::default()
        }
    };
    if reader.diagnostics.is_empty() {
        Ok(AutobahnConfig { notes: reader.notes, ..config })
    } else {
        Err(Diagnostics(reader.diagnostics))
    }
}

struct Reader {
    file: FileText,
    diagnostics: Vec<Diagnostic>,
    notes: Vec<String>,
}

impl Reader {
    fn file(&mut self, object: &Object<'_>) -> AutobahnConfig {
        let mut config = AutobahnConfig::default();
        let (mut servers, mut listen, mut url) = (None, None, None);
        for property in &object.properties {
            let value = &property.value;
            match property.name.as_str() {
                "servers" => servers = Some(self.list(value, "servers", Self::server)),
                "url" => {
                    url = Some(name_span(property));
                    listen = self.url(value);
                }
                "outdir" => config.outdir = self.text(value, "a folder").map(PathBuf::from),
                "cases" => config.cases = self.patterns(value),
                "exclude-cases" => config.exclude = self.patterns(value),
                "exclude-agent-cases" => config.exclude_agent = self.agents(value),
                "options" => self.options(value),
                name @ ("key" | "cert") => self.note(
                    name_span(property),
                    &format!("`{name}` is ignored: certificates are made at start, and --ca-out FILE writes their CA"),
                ),
                name => self.unknown(property, name, &KEYS),
            }
        }
        match (servers, url) {
            (Some(servers), url) => {
                if let Some(url) = url {
                    self.note(url, "`url` is ignored: with `servers`, servers are tested");
                }
                if servers.is_empty() && self.diagnostics.is_empty() {
                    let whole = Span::new(object.range.start, object.range.end);
                    self.error(
                        whole,
                        "`servers` has no server",
                        "write {\"url\": \"ws://127.0.0.1:9001\"}, one for each",
                    );
                }
                config.mode = Mode::Servers(servers);
            }
            (None, url) => {
                if url.is_none() {
                    let start = Span::new(object.range.start, object.range.start + 1);
                    self.note(start, &format!("neither `servers` nor `url`: listening for clients at ws://{LISTEN}"));
                }
                match (listen, url) {
                    (Some(Endpoint { address: address @ Address::Tcp(..), secure, .. }), _) => {
                        config.mode = Mode::Clients { listen: address.to_string(), secure };
                    }
                    (Some(_), Some(url)) => self.error(url, "not an address of TCP", "write ws://HOST:PORT"),
                    _ => {}
                }
            }
        }
        config
    }

    fn server(&mut self, value: &Value<'_>) -> Option<AutobahnServer> {
        let Value::Object(object) = value else {
            self.error(
                span(value),
                "a server is an object",
                "write {\"agent\": \"Name\", \"url\": \"ws://127.0.0.1:9001\"}",
            );
            return None;
        };
        let mut server = AutobahnServer::default();
        let mut has_url = false;
        for property in &object.properties {
            let value = &property.value;
            match property.name.as_str() {
                "url" => {
                    has_url = true;
                    if self.url(value).is_some()
                        && let Value::StringLit(text) = value
                    {
                        server.url = text.value.trim().to_owned();
                    }
                }
                "agent" => server.agent = self.text(value, "a name").filter(|name| !name.trim().is_empty()),
                "origin" => server.origin = self.text(value, "an origin, such as http://localhost"),
                "options" => self.options(value),
                name @ ("hostname" | "protocols") => {
                    self.note(name_span(property), &format!("`{name}` is ignored: it has no meaning here"));
                }
                name => self.unknown(property, name, &SERVER_KEYS),
            }
        }
        if !has_url {
            self.error(span(value), "this server has no `url`", "write \"url\": \"ws://127.0.0.1:9001\"");
        }
        Some(server)
    }

    fn agents(&mut self, value: &Value<'_>) -> Vec<(String, Vec<Pattern>)> {
        let Value::Object(object) = value else {
            self.error(span(value), "`exclude-agent-cases` is an object", "write {\"AgentName*\": [\"7.*\"]}");
            return Vec::new();
        };
        let of = |property: &ObjectProp<'_>| (property.name.as_str().to_owned(), self.patterns(&property.value));
        object.properties.iter().map(of).collect()
    }

    fn options(&mut self, value: &Value<'_>) {
        let Value::Object(object) = value else {
            self.error(span(value), "`options` is an object", "write {}, or leave it out");
            return;
        };
        for property in &object.properties {
            let name = property.name.as_str();
            match (&property.value, name) {
                (Value::NumberLit(number), "version") if !matches!(number.value, "13" | "18") => {
                    let place = span(&property.value);
                    self.note(place, "only RFC 6455 is supported, which is 18 in this file and version 13 on the wire");
                }
                _ if QUIET_OPTIONS.contains(&name) => {}
                _ => {
                    let hint = if name.ends_with("Timeout") { "; `--timeout` sets the timeout" } else { "" };
                    self.note(name_span(property), &format!("the option `{name}` is ignored{hint}"));
                }
            }
        }
    }

    fn patterns(&mut self, value: &Value<'_>) -> Vec<Pattern> {
        self.list(value, "patterns of case numbers", |reader, value| {
            let text = reader.text(value, "a case number or a pattern")?;
            let Some(pattern) = Pattern::parse(&text, reader.file.line(span(value).start)) else {
                reader.error(
                    span(value),
                    format!("`{text}` is not a pattern of case numbers"),
                    "write a number such as \"7.1.1\", or a pattern such as \"7.*\"; `wsspec list` shows the numbers",
                );
                return None;
            };
            Some(pattern)
        })
    }

    fn list<T>(
        &mut self,
        value: &Value<'_>,
        of: &str,
        mut each: impl FnMut(&mut Self, &Value<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Value::Array(array) = value else {
            self.error(span(value), format!("a list of {of} is required"), "write [...]");
            return Vec::new();
        };
        array.elements.iter().filter_map(|element| each(self, element)).collect()
    }

    fn text(&mut self, value: &Value<'_>, what: &str) -> Option<String> {
        if let Value::StringLit(text) = value {
            return Some(text.value.to_string());
        }
        self.error(span(value), format!("{what} is required here"), "write it in double quotes");
        None
    }

    fn url(&mut self, value: &Value<'_>) -> Option<Endpoint> {
        let text = self.text(value, "a URL")?;
        match Endpoint::parse(text.trim()) {
            Ok(endpoint) => Some(endpoint),
            Err(error) => {
                let error = error.to_string();
                let (message, hint) = error.split_once("; ").unwrap_or((&error, "write ws://HOST:PORT"));
                self.error(span(value), message, hint);
                None
            }
        }
    }

    fn unknown(&mut self, property: &ObjectProp<'_>, name: &str, known: &'static [&'static str]) {
        let near = suggest::nearest(name, known.iter().copied());
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        self.note(name_span(property), &format!("`{name}` is ignored: it has no meaning here{hint}"));
    }

    fn note(&mut self, at: Span, message: &str) {
        let (line, column) = (self.file.line(at.start), self.file.column(at.start));
        self.notes.push(format!("{}:{line}:{column}: {message}", self.file.path));
    }

    fn error(&mut self, at: Span, message: impl Into<String>, hint: &str) {
        let diagnostic = self.file.diagnostic(at, message).hint(hint);
        self.diagnostics.push(diagnostic);
    }
}

fn span(value: &Value<'_>) -> Span {
    Span::new(value.range().start, value.range().end)
}

fn name_span(property: &ObjectProp<'_>) -> Span {
    Span::new(property.name.range().start, property.name.range().end)
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
