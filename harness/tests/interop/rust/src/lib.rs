//! What the programs share: the command line, the loops of a server and of a client that loops through every case, and its URLs.

use std::fmt::Write as _;
use std::future::Future;

use tokio::net::{TcpListener, TcpStream};

/// A library under test.
pub trait Library: 'static {
    /// Its name, which is the default name of the agent.
    const NAME: &'static str;

    /// Accepts the opening handshake of a client, and echoes.
    fn accept(stream: TcpStream) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Opens a connection, and echoes.
    fn echo_at(url: String) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The first message that comes from a URL; then the connection is closed.
    fn ask(url: String) -> impl Future<Output = Result<String, Failure>> + Send;
}

/// Runs the role of the command line.
///
/// # Errors
/// Arguments that fit no role, a port in use, and a loop that finds no cases.
pub async fn run<L: Library>() -> Result<(), Failure> {
    match role(L::NAME)? {
        Role::Server(port) => serve::<L>(port).await,
        Role::Client(url) => {
            if let Err(error) = L::echo_at(url).await {
                eprintln!("{error}");
            }
            Ok(())
        }
        Role::Loop(cases) => walk::<L>(&cases).await,
    }
}

async fn serve<L: Library>(port: u16) -> Result<(), Failure> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = L::accept(stream).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn walk<L: Library>(cases: &Cases) -> Result<(), Failure> {
    let count: u32 = L::ask(cases.count()).await?.parse()?;
    for number in 1..=count {
        // A task of its own: a panic affects one case only.
        match tokio::spawn(L::echo_at(cases.run(number))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("case {number}: {error}"),
            Err(panic) => eprintln!("case {number}: {panic}"),
        }
    }
    // The server closes once it has written the reports.
    L::echo_at(cases.update_reports()).await
}

/// The role of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Role {
    /// `server PORT`: echoes on 127.0.0.1:PORT.
    Server(u16),
    /// `client URL`: echoes over one connection.
    Client(String),
    /// `loop BASE_URL [AGENT]`: echoes in every case that the server at BASE_URL has.
    Loop(Cases),
}

/// The URLs that a looping client requests.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cases {
    base: String,
    agent: String,
}

impl Cases {
    /// Returns the number of cases.
    fn count(&self) -> String {
        format!("{}/getCaseCount", self.base)
    }

    /// Plays case `number`, counted from 1.
    fn run(&self, number: u32) -> String {
        format!("{}/runCase?case={number}&agent={}", self.base, self.agent)
    }

    /// Requests the reports.
    fn update_reports(&self) -> String {
        format!("{}/updateReports?agent={}", self.base, self.agent)
    }
}

/// Reads the role from the command line; a usage line if the arguments are invalid.
fn role(name: &str) -> Result<Role, String> {
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
    Cases { base: base.trim_end_matches('/').to_owned(), agent: encoded }
}

/// Splits a `ws://` URL into its authority and its request target, for libraries that do not accept a URL.
///
/// # Errors
/// The URL has another scheme.
pub fn split(url: &str) -> Result<(String, String), Failure> {
    let rest = url.strip_prefix("ws://").ok_or("not a ws:// URL")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let slash = if target.starts_with('/') { "" } else { "/" };
    Ok((authority.to_owned(), format!("{slash}{target}")))
}

/// An error of a program, which is only printed.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
