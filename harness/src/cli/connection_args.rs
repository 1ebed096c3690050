//! The options for connections: fields of every request, and the route to a server.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;

use super::config::Config;
use super::failure::Failure;
use crate::link::tls::{self, ClientTls, Trust};
use crate::link::{Proxy, Route};
use crate::run::Exit;
use crate::secrets::{Marked, SECRET, is_secret_field};

/// Fields of every request to a server.
#[derive(Clone, Debug, Default, Args)]
pub struct Fields {
    /// Add a field to every request, 'Name: value'. The values of Authorization, Cookie and names with key, token, secret or auth are
    /// secret
    #[arg(long, value_name = "FIELD")]
    pub header: Vec<String>,
    /// Add a field whose value is secret, whatever its name; it never appears in results
    #[arg(long, value_name = "FIELD")]
    pub secret_header: Vec<String>,
    /// Add a cookie to every request, 'name=value'
    #[arg(long, value_name = "COOKIE")]
    pub cookie: Vec<String>,
    /// Offer a subprotocol in every request
    #[arg(long, value_name = "NAME")]
    pub subprotocol: Vec<String>,
    /// Set the Origin field of every request, such as `https://example.org`
    #[arg(long, value_name = "ORIGIN")]
    pub origin: Option<String>,
    /// Authenticate every request with a user and password (Authorization: Basic)
    #[arg(long, value_name = "USER:PASSWORD", conflicts_with = "bearer")]
    pub basic: Option<String>,
    /// Authenticate every request with a token (Authorization: Bearer)
    #[arg(long, value_name = "TOKEN")]
    pub bearer: Option<String>,
}

/// The route to a server.
#[derive(Clone, Debug, Default, Args)]
pub struct RouteArgs {
    /// Trust certificates signed by the CAs in this PEM file [default: those that the system trusts]
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Accept any certificate of a wss:// server
    #[arg(long, conflicts_with = "ca")]
    pub insecure: bool,
    /// The client certificate, for a server that requests one (PEM)
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The key of --cert (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Connect to this address (or unix:PATH) instead of the URL's; the Host field and the name in TLS do not change
    #[arg(long, value_name = "HOST:PORT")]
    pub connect_to: Option<String>,
    /// Connect through an HTTP proxy, http://[USER:PASSWORD@]HOST:PORT
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
}

impl Fields {
    /// Adds what the configuration has and the command line has not.
    pub fn or(mut self, config: &Config) -> Self {
        self.header.extend(config.headers.iter().cloned());
        self.secret_header.extend(config.secret_headers.iter().cloned());
        self.cookie.extend(config.cookies.iter().cloned());
        if self.subprotocol.is_empty() {
            self.subprotocol.clone_from(&config.subprotocols);
        }
        self.origin = self.origin.or_else(|| config.origin.clone());
        if self.basic.is_none() && self.bearer.is_none() {
            self.basic.clone_from(&config.basic);
            self.bearer.clone_from(&config.bearer);
        }
        self
    }

    /// The fields, names and values.
    pub fn lines(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut lines = Vec::new();
        // The text is not shown: it may be a secret.
        for field in self.header.iter().chain(&self.secret_header) {
            let (name, value) =
                name_and_value(field).ok_or_else(|| Failure::usage("a field has no name: write 'Name: value'"))?;
            lines.push((name.to_owned(), value.to_owned()));
        }
        if !self.cookie.iter().all(|cookie| cookie.contains('=')) {
            return Err(Failure::usage("a cookie has no name: write 'name=value'"));
        }
        let mut add = |name: &str, value: String| lines.push((name.to_owned(), value));
        if !self.cookie.is_empty() {
            add("Cookie", self.cookie.join("; "));
        }
        if !self.subprotocol.is_empty() {
            add("Sec-WebSocket-Protocol", self.subprotocol.join(", "));
        }
        if let Some(origin) = &self.origin {
            add("Origin", origin.clone());
        }
        if let Some(basic) = &self.basic {
            if !basic.contains(':') {
                return Err(Failure::usage("--basic needs USER:PASSWORD"));
            }
            add("Authorization", format!("Basic {}", STANDARD.encode(basic)));
        }
        if let Some(token) = &self.bearer {
            add("Authorization", format!("Bearer {token}"));
        }
        Ok(lines)
    }

    /// The secrets among the fields.
    pub fn secrets(&self) -> Result<Marked, Failure> {
        let mut marked = Marked::default();
        for (name, value) in self.lines()?.iter().filter(|(name, _)| is_secret_field(name)) {
            marked.field(name, value);
        }
        for (name, value) in self.secret_header.iter().filter_map(|field| name_and_value(field)) {
            marked.field(name, value);
        }
        if let Some((user, password)) = self.basic.as_deref().and_then(|basic| basic.split_once(':')) {
            marked.credentials(user, password);
        }
        Ok(marked)
    }
}

fn name_and_value(field: &str) -> Option<(&str, &str)> {
    let (name, value) = field.split_once(':')?;
    (!name.trim().is_empty()).then(|| (name.trim(), value.trim()))
}

impl RouteArgs {
    /// Adds what the configuration has and the command line has not.
    pub fn or(mut self, config: &Config) -> Self {
        if self.ca.is_none() && !self.insecure {
            self.ca.clone_from(&config.ca);
            self.insecure = config.insecure && self.ca.is_none();
        }
        if self.cert.is_none() {
            self.cert.clone_from(&config.cert);
            self.key.clone_from(&config.key);
        }
        self.connect_to = self.connect_to.or_else(|| config.connect_to.clone());
        self.proxy = self.proxy.or_else(|| config.proxy.clone());
        self
    }

    /// The same without TLS.
    pub fn without_tls(self) -> Self {
        Self { ca: None, insecure: false, cert: None, key: None, ..self }
    }

    /// Whether no option was given.
    pub fn is_empty(&self) -> bool {
        self.ca.is_none() && !self.insecure && self.cert.is_none() && self.connect_to.is_none() && self.proxy.is_none()
    }

    /// Whose certificates are accepted.
    pub fn trust(&self) -> Result<Trust, Failure> {
        match &self.ca {
            _ if self.insecure => Ok(Trust::Anything),
            Some(file) => Ok(Trust::Authorities(tls::certificates(file).map_err(Failure::usage)?)),
            None => Ok(Trust::System),
        }
    }

    /// The route to a server at this URL.
    pub fn route(&self, url: &str) -> Result<Route, Failure> {
        let secure = is_secure(url);
        let of_tls = self.ca.is_some() || self.insecure || self.cert.is_some();
        if of_tls && !secure {
            return Err(Failure::usage(format!(
                "--ca, --insecure and --cert are for wss:// URLs, and {url} is not one"
            )));
        }
        let identity = match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => Some(tls::identity(cert, key).map_err(Failure::usage)?),
            (None, None) => None,
            _ => return Err(Failure::usage("a certificate needs its key: `cert` and `key` go together")),
        };
        let tls = if secure {
            let made = ClientTls::new(self.trust()?, identity);
            Some(made.map_err(|error| Failure::new(Exit::Usage, error.to_string()))?)
        } else {
            None
        };
        let connect_to = self.connect_to.as_deref().map(str::parse).transpose().map_err(Failure::usage)?;
        let proxy = self.proxy.as_deref().map(str::parse::<Proxy>).transpose().map_err(Failure::usage)?;
        Ok(Route { connect_to, proxy, tls })
    }
}

/// Whether a URL requires TLS.
pub fn is_secure(url: &str) -> bool {
    url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("wss://"))
}

/// The command line without secrets, for the results.
pub fn command_line() -> Vec<String> {
    without_secrets(std::env::args())
}

fn without_secrets(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut option: Option<String> = None;
    words
        .map(|word| {
            if let Some(option) = option.take() {
                return shown(&option, &word);
            }
            match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => format!("{name}={}", shown(name, value)),
                _ => {
                    option = word.starts_with("--").then(|| word.clone());
                    word
                }
            }
        })
        .collect()
}

/// The value of an option without secrets. Those of URLs and commands are found by their text.
fn shown(option: &str, value: &str) -> String {
    match option {
        "--basic" | "--bearer" | "--cookie" => SECRET.to_owned(),
        "--header" | "--secret-header" => match name_and_value(value) {
            Some((name, _)) if option == "--secret-header" || is_secret_field(name) => format!("{name}: {SECRET}"),
            _ => value.to_owned(),
        },
        "--proxy" => match (value.split_once("://"), value.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{SECRET}@{host}"),
            (None, Some((_, host))) => format!("{SECRET}@{host}"),
            (_, None) => value.to_owned(),
        },
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_made() {
        let fields = Fields {
            cookie: vec!["a=1".into(), "b=2".into()],
            subprotocol: vec!["chat".into()],
            origin: Some("https://a".into()),
            basic: Some("me:secret".into()),
            ..Fields::default()
        };
        let lines = fields.lines().unwrap();
        let value = |name: &str| lines.iter().find(|line| line.0 == name).map(|line| line.1.as_str());
        assert_eq!(value("Cookie"), Some("a=1; b=2"));
        assert_eq!(value("Authorization"), Some("Basic bWU6c2VjcmV0"));
        assert_eq!((value("Origin"), value("Sec-WebSocket-Protocol")), (Some("https://a"), Some("chat")));
        for invalid in [
            Fields { cookie: vec!["a".into()], ..Fields::default() },
            Fields { basic: Some("me".into()), ..Fields::default() },
        ] {
            assert!(invalid.lines().is_err());
        }
    }

    #[test]
    fn secrets_stay_out_of_the_results() {
        let words = [
            "wsspec",
            "run",
            "ws://a/",
            "--bearer",
            "t0k",
            "--basic=me:s3c",
            "--proxy",
            "http://u:p4s@a:1",
            "1.*",
            "--header",
            "X-Tag: seen",
            "--header=X-Key: k",
            "--secret-header",
            "X-Tag: t",
            "--cookie",
            "a=b",
        ];
        let shown = without_secrets(words.into_iter().map(str::to_owned)).join(" ");
        let expected = "wsspec run ws://a/ --bearer [secret] --basic=[secret] --proxy http://[secret]@a:1 1.* \
            --header X-Tag: seen --header=X-Key: [secret] --secret-header X-Tag: [secret] --cookie [secret]";
        assert_eq!(shown, expected);
    }
}
