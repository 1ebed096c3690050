//! How clients that are spawned are called, and what stands in their command.

use std::path::PathBuf;

use crate::link::Address;
use crate::link::tls::Authority;

/// How spawned clients are called.
#[derive(Debug, Default)]
pub struct CommandPlaceholders {
    /// Who signs the certificates: with it URLs are `wss`.
    pub authority: Option<Authority>,
    /// The file of that authority's certificate, for `{ca}`.
    pub ca_file: Option<PathBuf>,
    /// The file of a Unix socket, for `{socket}`; without it a free port of 127.0.0.1.
    pub socket: Option<PathBuf>,
}

impl CommandPlaceholders {
    /// The command with its places filled, for a client that is to call `url` at `address`, with `path` for its request target.
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

/// The command with a word in its place, in quotes where a shell would read the word's characters in its own way.
fn with(command: &str, place: &str, word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/%+=@,".contains(&byte);
    if word.bytes().all(plain) {
        return command.replace(place, word);
    }
    let quoted = format!("'{}'", word.replace('\'', r"'\''"));
    command.replace(&format!("'{place}'"), &quoted).replace(&format!("\"{place}\""), &quoted).replace(place, &quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_no_character_of_a_url() {
        let url = "ws://[::1]:1/a b?x=1&y='2'#f";
        for command in ["echo {url}", "echo '{url}'", "echo \"{url}\""] {
            let command = with(command, "{url}", url);
            let output = std::process::Command::new("sh").arg("-c").arg(&command).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), url, "{command}");
        }
        assert_eq!(with("c '{url}'", "{url}", "ws://127.0.0.1:1/a/b"), "c 'ws://127.0.0.1:1/a/b'");
    }

    #[test]
    fn all_places_are_filled() {
        let by = CommandPlaceholders { ca_file: Some("/a b/ca.pem".into()), ..CommandPlaceholders::default() };
        let socket = Address::Unix("/tmp/s".into());
        let command = by.fill("c {url} {socket} {path} {ca}", "wss://localhost/x", "/x", &socket);
        assert_eq!(command, "c wss://localhost/x /tmp/s /x '/a b/ca.pem'");
    }
}
