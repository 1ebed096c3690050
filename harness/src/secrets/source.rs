//! Where secrets come from: fields of requests, credentials, URLs.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::MIN_BYTES;

/// Fields whose values are secret.
const FIELDS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];
/// What the names of other secret fields and parameters contain.
const WORDS: [&str; 4] = ["key", "token", "secret", "auth"];

/// Whether the value of a field with this name, or of a query's parameter, counts as secret. The fields of WebSocket never do.
pub fn is_secret_field(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    !name.starts_with("sec-websocket-")
        && (FIELDS.contains(&name.as_str()) || WORDS.iter().any(|word| name.contains(word)))
}

/// Secrets as they are marked, one by one.
#[derive(Clone, Default)]
pub struct Marked {
    words: BTreeSet<Vec<u8>>,
    fields: BTreeSet<(String, Vec<u8>)>,
}

impl std::fmt::Debug for Marked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.words.len() + self.fields.len())
    }
}

impl Marked {
    /// Marks the value of a field, and its parts: the credentials after an authentication scheme, the values of cookies.
    pub fn field(&mut self, name: &str, value: &str) {
        let value = value.trim();
        self.fields.insert((name.trim().to_owned(), value.as_bytes().to_vec()));
        self.word(value);
        if name.trim().eq_ignore_ascii_case("cookie") {
            for pair in value.split(';') {
                self.word(pair);
                self.word(pair.split_once('=').map_or("", |(_, value)| value));
            }
        }
        let Some((scheme, rest)) = value.split_once([' ', '\t']) else { return };
        if name.to_ascii_lowercase().ends_with("authorization") {
            self.word(rest);
            let decoded = STANDARD.decode(rest.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            if scheme.eq_ignore_ascii_case("basic")
                && let Some((user, password)) = decoded.as_deref().and_then(|decoded| decoded.split_once(':'))
            {
                self.credentials(user, password);
            }
        }
    }

    /// Marks a password, alone and with its user, as HTTP's Basic authentication sends both (RFC 7617).
    pub fn credentials(&mut self, user: &str, password: &str) {
        self.word(password);
        self.word(&format!("{user}:{password}"));
    }

    /// Marks the credentials and the secret parameters of a URL.
    pub fn url(&mut self, url: &str) {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if let Some((user_info, _)) = authority.rsplit_once('@') {
            self.word(user_info);
            let (user, password) = user_info.split_once(':').unwrap_or(("", user_info));
            let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
            self.word(password);
            self.credentials(&decoded(user), &decoded(password));
        }
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        for (name, value) in query.split(['&', ';', '#']).filter_map(|pair| pair.split_once('=')) {
            if is_secret_field(name) {
                self.fields.insert((name.to_owned(), value.as_bytes().to_vec()));
                self.word(value);
                self.word(&percent_decode_str(value).decode_utf8_lossy());
            }
        }
    }

    /// Marks a text, where it is long enough to be searched for.
    pub fn word(&mut self, text: &str) {
        let text = text.trim();
        if text.len() >= MIN_BYTES {
            self.words.insert(text.as_bytes().to_vec());
        }
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.fields.is_empty()
    }

    /// The texts to be searched for, the longest first, so that a part does not hide the whole.
    pub(super) fn words(&self) -> Vec<&[u8]> {
        let mut words: Vec<&[u8]> = self.words.iter().map(Vec::as_slice).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words
    }

    /// The fields whose values are too short to be searched for.
    pub(super) fn short_fields(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let short = self.fields.iter().filter(|(_, value)| (1..MIN_BYTES).contains(&value.len()));
        short.map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}
