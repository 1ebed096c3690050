//! How a client's TLS handshake names the host.

use super::{Breach, Rule, View};

/// The server's name is a host name in its canonical form: RFC 6066 section 3. Cases check that there is one.
pub const SERVER_NAME: Rule = Rule {
    name: "server-name",
    requirements: &["rfc6066-3-sni-dns-name-only", "rfc6066-3-sni-no-trailing-dot"],
    check: server_name,
};

fn server_name(view: &View<'_>) -> Vec<Breach> {
    let name = view.transcript.tls.as_ref().and_then(|tls| tls.server_name.as_deref());
    let Some(name) = name else { return Vec::new() };
    let shown = name.escape_ascii();
    let text = std::str::from_utf8(name).unwrap_or_default();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<std::net::IpAddr>().is_ok() {
        let expected = "the name of a host in server_name";
        return vec![Breach::instead("rfc6066-3-sni-dns-name-only", expected, format!("the address `{shown}`"), None)];
    }
    if name.ends_with(b".") || !name.is_ascii() {
        let expected = "a server_name in ASCII without a trailing dot";
        return vec![Breach::instead("rfc6066-3-sni-no-trailing-dot", expected, format!("`{shown}`"), None)];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Role;

    use crate::link::tls::TlsFacts;
    use crate::play::{Call, Transcript};

    #[test]
    fn names_and_what_is_none() {
        let call = Call::of_client("", "/");
        for (name, requirement) in [
            (&b"localhost"[..], None),
            (b"xn--bcher-kva.example", None),
            (b"127.0.0.1", Some("rfc6066-3-sni-dns-name-only")),
            (b"::1", Some("rfc6066-3-sni-dns-name-only")),
            (b"localhost.", Some("rfc6066-3-sni-no-trailing-dot")),
            ("b\u{fc}cher.example".as_bytes(), Some("rfc6066-3-sni-no-trailing-dot")),
        ] {
            let tls = TlsFacts { server_name: Some(name.to_vec()), ..TlsFacts::default() };
            let mut transcript = Transcript::new();
            transcript.tls = Some(tls);
            let view = View { role: Role::Client, call: &call, transcript: &transcript };
            assert_eq!(SERVER_NAME.check(&view).first().map(|breach| breach.requirement), requirement, "{name:?}");
        }
    }
}
