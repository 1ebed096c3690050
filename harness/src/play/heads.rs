//! The two handshake heads: ours with the case's patch, the target's compared with what the case expects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tokio::time::Instant;

use super::settings::{Call, Settings};
use crate::case::{Case, FieldMatch, HeadExpectKind, HeadPatch, Template};
use crate::link::{Exchange, Link};
use crate::vocabulary::StreamEnd;
use crate::wire::handshake::accept::invalid_accept;
use crate::wire::handshake::{Head, HeadReader, HeadWriter, Start, accept_for};

/// The values that fill the places of a template.
pub(super) struct TemplateVars<'a> {
    pub host: &'a str,
    pub path: &'a str,
    pub key: &'a str,
    pub secure: bool,
}

impl<'a> TemplateVars<'a> {
    /// The values of a call, with the key of its connection.
    pub fn of(call: &'a Call, key: &'a str) -> Self {
        Self { host: &call.host, path: &call.path, key, secure: call.secure }
    }

    pub fn fill(&self, template: &Template) -> Bytes {
        match template {
            Template::Plain(bytes) => bytes.clone(),
            Template::Filled(text) => Bytes::from(self.fill_text(text)),
        }
    }

    /// The port of the host, or that of the scheme. The colons of an IPv6 address are within its brackets.
    fn port(&self) -> &str {
        let after_address = self.host.rsplit_once(']').map_or(self.host, |(_, rest)| rest);
        after_address.rsplit_once(':').map_or(if self.secure { "443" } else { "80" }, |(_, port)| port)
    }

    fn fill_text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, rest_of_it)) = rest.split_once("%{") {
            out.push_str(before);
            let (place, after) = rest_of_it.split_once('}').unwrap_or((rest_of_it, ""));
            match place {
                "host" => out.push_str(self.host),
                "port" => out.push_str(self.port()),
                "http" => out.push_str(if self.secure { "https" } else { "http" }),
                "ws" => out.push_str(if self.secure { "wss" } else { "ws" }),
                "WS" => out.push_str(if self.secure { "WSS" } else { "WS" }),
                "path" => out.push_str(self.path),
                "key" => out.push_str(self.key),
                "accept" => out.push_str(&accept_for(self.key.as_bytes())),
                other => {
                    let flaw = other.strip_prefix("accept:").unwrap_or_default();
                    out.push_str(&invalid_accept(self.key.as_bytes(), flaw).unwrap_or_default());
                }
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// A fresh `Sec-WebSocket-Key`: 16 bytes in base64 (RFC 6455 section 4.1).
pub(super) fn fresh_key(rng: &mut ChaCha8Rng) -> String {
    STANDARD.encode(rng.random::<[u8; 16]>())
}

/// The URL that the case gives to a client that connects with these arguments; `None` where the case has no URL of its own.
pub fn url_of(case: &Case, call: &Call) -> Option<String> {
    let url = case.handshake.url.as_ref()?;
    let bytes = TemplateVars::of(call, "").fill(url);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The request that the case sends to a server, without what `before`, `body` and `then` add.
pub(super) fn request(patch: &HeadPatch, call: &Call, key: &str) -> Vec<u8> {
    let words = TemplateVars::of(call, key);
    if let Some(raw) = &patch.raw {
        return words.fill(raw).to_vec();
    }
    let mut start = patch.method.clone().unwrap_or_else(|| "GET".into()).into_bytes();
    start.push(b' ');
    match &patch.target {
        Some(target) => start.extend_from_slice(&words.fill(target)),
        None => start.extend_from_slice(call.path.as_bytes()),
    }
    start.push(b' ');
    start.extend_from_slice(patch.version.as_deref().unwrap_or("HTTP/1.1").as_bytes());
    let mut head = HeadWriter::new(start);
    head.add("Host", call.host.as_str());
    head.add("Upgrade", "websocket");
    head.add("Connection", "Upgrade");
    head.add("Sec-WebSocket-Key", key);
    head.add("Sec-WebSocket-Version", "13");
    for (name, value) in &call.headers {
        if !patch.subprotocols.is_empty() && name.eq_ignore_ascii_case("Sec-WebSocket-Protocol") {
            // The case offers subprotocols of its own.
            continue;
        }
        head.add(name, value.as_str());
    }
    apply(patch, &words, &mut head);
    head.write()
}

/// The response that the case sends to a client which sent `request`.
pub(super) fn response(patch: &HeadPatch, call: &Call, key: &str, offered: &[String]) -> Vec<u8> {
    let words = TemplateVars::of(call, key);
    if let Some(raw) = &patch.raw {
        return words.fill(raw).to_vec();
    }
    let status = patch.status.unwrap_or(101);
    let reason = patch.reason.clone().unwrap_or_else(|| reason_of(status).to_owned());
    let version = patch.version.as_deref().unwrap_or("HTTP/1.1");
    let mut head = HeadWriter::new(format!("{version} {status} {reason}"));
    head.add("Upgrade", "websocket");
    head.add("Connection", "Upgrade");
    head.add("Sec-WebSocket-Accept", accept_for(patch.accept_for.as_deref().unwrap_or(key).as_bytes()));
    if patch.subprotocols.is_empty() {
        // A client that offers subprotocols may need one of them (Z42): it gets the first.
        if let Some(first) = offered.first() {
            head.add("Sec-WebSocket-Protocol", first.as_str());
        }
    }
    if status != 101 && status >= 200 {
        // Without it a client would read the body to the connection's end.
        let length = patch.body.as_ref().map_or(0, |body| words.fill(body).len());
        head.add("Content-Length", length.to_string());
    }
    apply(patch, &words, &mut head);
    head.write()
}

fn apply(patch: &HeadPatch, words: &TemplateVars<'_>, head: &mut HeadWriter) {
    if !patch.subprotocols.is_empty() {
        head.add("Sec-WebSocket-Protocol", patch.subprotocols.join(", "));
    }
    if !patch.extensions.is_empty() {
        head.add("Sec-WebSocket-Extensions", patch.extensions.join(", "));
    }
    for (name, value) in &patch.set {
        head.set(name, words.fill(value));
    }
    for name in &patch.remove {
        head.remove(name);
    }
    for (name, value) in &patch.add {
        head.add(name, words.fill(value));
    }
    if !patch.order.is_empty() {
        head.order(&patch.order);
    }
    head.line_ending = patch.line_ending;
}

/// The reason phrase that RFC 9110 gives a status.
fn reason_of(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Status")
}

/// The values of all lines of a field in a head of ours, in order.
pub(super) fn lines(head: &[u8], name: &str) -> Vec<String> {
    match HeadReader::new(head.len().max(1)).push(head) {
        Ok(Some((head, _))) => head.all(name).map(crate::wire::handshake::Field::text).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value is not empty and of printable ASCII.
pub(super) fn is_printable(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// Whether a 101 switches to a protocol that is not WebSocket and that this alternative names.
pub(super) fn is_other_protocol(kind: &HeadExpectKind, head: &Head) -> bool {
    let HeadExpectKind::Head { fields, .. } = kind else { return false };
    let named = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("Upgrade"));
    let fits = match named {
        Some((_, FieldMatch::Equals(Template::Plain(value)))) => {
            head.first("Upgrade").is_some_and(|came| came.as_bytes() == value.as_ref())
        }
        Some((_, FieldMatch::Token(token))) => head.has_token("Upgrade", token),
        _ => false,
    };
    fits && head.status() == Some(101) && !head.has_token("Upgrade", "websocket")
}

/// The list members that a request offers in a field.
pub(super) fn offered(head: &[u8], name: &str) -> Vec<String> {
    let mut reader = HeadReader::new(head.len().max(1));
    match reader.push(head) {
        Ok(Some((head, _))) => head.list(name),
        _ => Vec::new(),
    }
}

/// Compares a head with one alternative of `handshake.expect`.
///
/// # Errors
/// What the head has in place of what was expected, in words that follow `got`.
pub(super) fn fits(kind: &HeadExpectKind, head: &Head, words: &TemplateVars<'_>) -> Result<(), String> {
    let HeadExpectKind::Head { status, accept, method, target, fields } = kind else {
        return Err("a head".into());
    };
    if let Start::Response { status: came, .. } = &head.start {
        if !status.is_empty() && !status.iter().any(|&(low, high)| (low..=high).contains(came)) {
            return Err(came.to_string());
        }
    } else if !status.is_empty() {
        return Err("no status line".into());
    }
    if let Start::Request { method: came, target: came_target, .. } = &head.start {
        if let Some(wanted) = method.as_ref().filter(|wanted| *wanted != came) {
            return Err(format!("the method `{came}`, not `{wanted}`"));
        }
        if let Some(wanted) = target.as_ref().map(|target| words.fill(target))
            && wanted != came_target.as_bytes()
        {
            return Err(format!("the request target `{came_target}`, not `{}`", String::from_utf8_lossy(&wanted)));
        }
    } else if method.is_some() || target.is_some() {
        return Err("no request line".into());
    }
    if *accept {
        let wanted = accept_for(words.key.as_bytes());
        match head.first("Sec-WebSocket-Accept") {
            Some(came) if came == wanted => {}
            Some(came) => return Err(format!("Sec-WebSocket-Accept `{came}`, not `{wanted}`")),
            None => return Err("no Sec-WebSocket-Accept".into()),
        }
    }
    fields.iter().try_for_each(|(name, wanted)| fits_field(name, wanted, head, words))
}

fn fits_field(name: &str, wanted: &FieldMatch, head: &Head, words: &TemplateVars<'_>) -> Result<(), String> {
    let lines: Vec<String> = head.all(name).map(crate::wire::handshake::Field::text).collect();
    let joined = lines.join(", ");
    let came = if lines.is_empty() { format!("no {name}") } else { format!("{name} `{joined}`") };
    let (fits, want) = match wanted {
        FieldMatch::Present => (!lines.is_empty(), "it must be present".to_owned()),
        FieldMatch::Absent => (lines.is_empty(), "it must be absent".to_owned()),
        FieldMatch::First => {
            let first = head.fields.first().is_some_and(|field| field.name.eq_ignore_ascii_case(name));
            (first, "it must be the first field".to_owned())
        }
        FieldMatch::Equals(value) => {
            let value = words.fill(value);
            let text = String::from_utf8_lossy(&value).into_owned();
            (lines.len() == 1 && joined == text, format!("it must be `{text}`"))
        }
        FieldMatch::Contains(text) => (joined.contains(text.as_str()), format!("it must contain `{text}`")),
        FieldMatch::Token(token) => (head.has_token(name, token), format!("it must list `{token}`")),
        FieldMatch::OneOf(values) => {
            (lines.len() == 1 && values.contains(&joined), format!("it must be one of {}", values.join(", ")))
        }
    };
    if fits { Ok(()) } else { Err(format!("{came}; {want}")) }
}

/// A client's request, read before it is known which case it is for.
#[derive(Debug)]
pub struct RequestOf {
    /// The connection.
    pub link: Link,
    /// The request.
    pub head: Head,
    /// Bytes after it.
    pub rest: Bytes,
}

/// Reads a request from a connection that was accepted.
///
/// # Errors
/// Why there is none, in words that follow `the client`.
pub async fn read_request(mut link: Link, settings: &Settings) -> Result<RequestOf, String> {
    let mut reader = HeadReader::new(settings.max_head);
    let mut came = BytesMut::new();
    let deadline = Instant::now() + settings.timeout;
    loop {
        match tokio::time::timeout_at(deadline, link.read_into(&mut came)).await {
            Err(_) => {
                return Err(format!("connected, and sent no complete request within {:?}", settings.timeout));
            }
            Ok(Err(StreamEnd::Fin | StreamEnd::TlsTruncated | StreamEnd::Reset)) => {
                return Err("connected, and ended the connection before a complete request".into());
            }
            Ok(Ok(_)) => match reader.push(&came.split()) {
                Ok(None) => {}
                Ok(Some((head, rest))) => return Ok(RequestOf { link, head, rest }),
                Err(error) => return Err(format!("sent a request that cannot be read: {error}")),
            },
        }
    }
}

/// Opens a connection to a server as any client does; `None` where it does not open.
pub async fn open_connection(mut link: Link, call: &Call, settings: &Settings, number: u64) -> Option<Link> {
    let key = fresh_key(&mut ChaCha8Rng::seed_from_u64(settings.seed ^ number));
    let request = request(&HeadPatch::default(), call, &key);
    let mut reader = HeadReader::new(settings.max_head);
    let mut came = BytesMut::new();
    let mut left = request.as_slice();
    let open = async {
        loop {
            if left.is_empty() {
                link.read_into(&mut came).await.ok()?;
            } else {
                match link.exchange(left, &mut came, true).await {
                    Exchange::Wrote(count) => {
                        left = left.get(count..).unwrap_or_default();
                        continue;
                    }
                    Exchange::Read(_) => {}
                    Exchange::WriteBroken | Exchange::Ended(_) => return None,
                }
            }
            if let Some((head, _)) = reader.push(&came.split()).ok()? {
                return (head.status() == Some(101)).then_some(());
            }
        }
    };
    tokio::time::timeout(settings.timeout, open).await.ok()??;
    Some(link)
}

/// A plain response of the harness itself, outside every case.
pub fn client_head(status: u16, fields: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = HeadWriter::new(format!("HTTP/1.1 {status} {}", reason_of(status)));
    for (name, value) in fields {
        head.add(name, *value);
    }
    if status != 101 {
        head.add("Content-Length", body.len().to_string());
        head.add("Connection", "close");
    }
    let mut out = BytesMut::from(head.write().as_slice());
    out.extend_from_slice(body.as_bytes());
    out.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_host() {
        for (host, secure, port) in [
            ("[::1]", false, "80"),
            ("[::1]", true, "443"),
            ("[::1]:9001", false, "9001"),
            ("localhost:9001", true, "9001"),
            ("localhost", false, "80"),
        ] {
            let words = TemplateVars { host, path: "/", key: "", secure };
            assert_eq!(words.fill_text("%{port}"), port, "{host}");
        }
    }
}
