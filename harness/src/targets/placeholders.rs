//! Placeholders in the commands that start servers and clients.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::diagnostics::suggest::nearest;
use crate::link::Address;
use crate::link::tls::Authority;

/// The placeholders of the command of a client.
const OF_CLIENTS: [&str; 4] = ["url", "path", "socket", "ca"];
/// The placeholders of the command and of the URL of a server.
const OF_SERVERS: [&str; 1] = ["port"];

/// What fills the placeholders in the command of spawned clients.
#[derive(Debug, Default)]
pub struct CommandPlaceholders {
    /// The CA that signs the harness's certificates. With it the URLs are `wss`.
    pub authority: Option<Authority>,
    /// The file of that CA's certificate, for `{ca}`.
    pub ca_file: Option<PathBuf>,
    /// A name for Unix sockets, for `{socket}`; `None` for a free port of 127.0.0.1. Each client gets a socket of its own.
    pub socket: Option<PathBuf>,
    /// The temporary folder of these files, removed with this.
    pub folder: Option<TempDir>,
}

/// A placeholder that wsspec does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{{{word}}}` in `{text}` is not a placeholder: {hint}")]
pub struct UnknownPlaceholder {
    /// The word between the braces.
    word: String,
    /// The command or URL.
    text: String,
    /// What may have been meant.
    hint: String,
}

impl CommandPlaceholders {
    /// The command for a client that is to call `url` at `address`, with `path` as its request target.
    pub(super) fn fill(&self, command: &str, url: &str, path: &str, address: &Address) -> String {
        let mut command = with(&with(command, "{url}", url), "{path}", path);
        if let Address::Unix(socket) = address {
            command = with(&command, "{socket}", &socket.display().to_string());
        }
        match &self.ca_file {
            Some(file) => with(&command, "{ca}", &file.display().to_string()),
            None => command,
        }
    }
}

/// Checks the placeholders in the command of clients.
///
/// # Errors
/// The first one that is unknown.
pub(super) fn check_client(command: &str) -> Result<(), UnknownPlaceholder> {
    check(command, &OF_CLIENTS)
}

/// Checks the placeholders in the command or the URL of a server.
///
/// # Errors
/// The first one that is unknown.
pub(super) fn check_server(text: &str) -> Result<(), UnknownPlaceholder> {
    check(text, &OF_SERVERS)
}

/// Finds words in braces. `${NAME}` is a variable of the shell, and `{a,b}` or `{ command; }` are its own braces.
fn check(text: &str, known: &[&str]) -> Result<(), UnknownPlaceholder> {
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_alphabetic())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        rest = after;
        let Some((word, _)) = after.split_once('}') else { break };
        if before.ends_with('$') || !is_word(word) || known.contains(&word) {
            continue;
        }
        let hint = match (nearest(word, known.iter().copied()), known) {
            (Some(near), _) => format!("did you mean `{{{near}}}`?"),
            (None, [only]) => format!("there is only `{{{only}}}`"),
            (None, all) => {
                let all: Vec<String> = all.iter().map(|known| format!("`{{{known}}}`")).collect();
                format!("there are {}", all.join(", "))
            }
        };
        return Err(UnknownPlaceholder { word: word.to_owned(), text: text.to_owned(), hint });
    }
    Ok(())
}

/// The command with a word in place of its placeholder, quoted where a shell would interpret the word's characters.
fn with(command: &str, placeholder: &str, word: &str) -> String {
    let quoted = shell_words::quote(word);
    if quoted == word {
        return command.replace(placeholder, word);
    }
    // The user may have quoted the placeholder already.
    let command = command.replace(&format!("'{placeholder}'"), &quoted);
    command.replace(&format!("\"{placeholder}\""), &quoted).replace(placeholder, &quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_interprets_no_character_of_a_url() {
        let url = "ws://[::1]:1/a b?x=1&y='2'#f";
        for command in ["echo {url}", "echo '{url}'", "echo \"{url}\""] {
            let command = with(command, "{url}", url);
            let output = std::process::Command::new("sh").arg("-c").arg(&command).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), url, "{command}");
        }
        assert_eq!(with("c '{url}'", "{url}", "ws://127.0.0.1:1/a/b"), "c 'ws://127.0.0.1:1/a/b'");
    }

    #[test]
    fn all_placeholders_are_filled() {
        let placeholders =
            CommandPlaceholders { ca_file: Some("/a b/ca.pem".into()), ..CommandPlaceholders::default() };
        let socket = Address::Unix("/tmp/s".into());
        let command = placeholders.fill("c {url} {socket} {path} {ca}", "wss://localhost/x", "/x", &socket);
        assert_eq!(command, "c wss://localhost/x /tmp/s /x '/a b/ca.pem'");
    }

    #[test]
    fn an_unknown_placeholder_is_an_error_with_a_hint() {
        let error = |command: &str| check_server(command).unwrap_err().to_string();
        assert_eq!(
            error("node server.js {prot}"),
            "`{prot}` in `node server.js {prot}` is not a placeholder: did you mean `{port}`?"
        );
        assert!(error("serve {address}").ends_with("there is only `{port}`"), "{}", error("serve {address}"));
        assert!(check_client("c {ulr}").unwrap_err().to_string().contains("did you mean `{url}`?"));
        assert!(check_client("c {nothing-like-it}").unwrap_err().to_string().contains("`{url}`, `{path}`"));
        for command in ["c {port}", "c ${PORT} {port}", "c {a,b}", "{ c; }", "c '{\"port\": 1}'", "c {", "c {}"] {
            assert_eq!(check_server(command), Ok(()), "{command}");
        }
    }
}
