//! What the programs share: the command line, and the URLs of a test client that walks through every case.

use std::fmt::Write as _;

/// What a program is started as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// `server PORT`: echoes on 127.0.0.1:PORT.
    Server(u16),
    /// `client URL`: echoes over one connection.
    Client(String),
    /// `loop BASE_URL [AGENT]`: echoes in every case that the server at BASE_URL has.
    Loop(Cases),
}

/// The URLs that a looping client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cases {
    base: String,
    agent: String,
}

impl Cases {
    /// Where the number of cases is told.
    pub fn count(&self) -> String {
        format!("{}/getCaseCount", self.base)
    }

    /// Where case `number` is played, counted from 1.
    pub fn run(&self, number: u32) -> String {
        format!("{}/runCase?case={number}&agent={}", self.base, self.agent)
    }

    /// Where the reports are asked for.
    pub fn update_reports(&self) -> String {
        format!("{}/updateReports?agent={}", self.base, self.agent)
    }
}

/// Reads the role from the command line; `name` is the agent unless another is given.
///
/// # Errors
/// A usage line, when the arguments fit no role.
pub fn role(name: &str) -> Result<Role, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let usage = || format!("usage: {name} server PORT | client URL | loop BASE_URL [AGENT]");
    match words.as_slice() {
        ["server", port] => port.parse().map(Role::Server).map_err(|_| usage()),
        ["client", url] => Ok(Role::Client((*url).to_owned())),
        ["loop", base] => Ok(Role::Loop(cases(base, name))),
        ["loop", base, agent] => Ok(Role::Loop(cases(base, agent))),
        _ => Err(usage()),
    }
}

fn cases(base: &str, agent: &str) -> Cases {
    let mut encoded = String::new();
    for byte in agent.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Cases {
        base: base.trim_end_matches('/').to_owned(),
        agent: encoded,
    }
}

/// Splits a `ws://` URL into its authority and its request target, for libraries that take no URL.
///
/// # Errors
/// When the URL has another scheme.
pub fn split(url: &str) -> Result<(String, String), Failure> {
    let rest = url.strip_prefix("ws://").ok_or("not a ws:// URL")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let slash = if target.starts_with('/') { "" } else { "/" };
    Ok((authority.to_owned(), format!("{slash}{target}")))
}

/// What goes wrong in a program: it is only printed.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
