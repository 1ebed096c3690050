//! A server's checks of a client's request: RFC 6455 section 4.2.1, RFC 9112 sections 2 to 6.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::wire::handshake::{Head, HeadDeviationKind, Start};

use super::super::faults::Fault;
use super::MAX_TARGET;
use super::deflate_answer::has_invalid_offer;
use super::grammar::{is_authority, is_extension, is_token};
use super::seen::{KNOWN_FIELDS, as_seen, stalls};
use super::verdict::{Accepted, Refusal};

/// Base64 that ignores the pad bits, whose check RFC 4648 section 3.5 leaves optional.
pub(super) const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// The subprotocols that the servers support.
pub const SUBPROTOCOLS: [&str; 2] = ["chat", "superchat"];

fn bad(why: &'static str) -> Refusal {
    Refusal::new(400, why)
}

/// Checks a request head as strictly as the RFCs require, except for the effect of the fault.
///
/// # Errors
/// The response that rejects the request.
pub fn check_request(head: &Head, fault: Option<Fault>) -> Result<Accepted, Refusal> {
    let check = Check { head: &as_seen(head, fault), fault };
    let malformed = |refusal: Refusal| refusal.silent(fault == Some(Fault::MALFORMED_HEAD_UNANSWERED));
    check.form().map_err(malformed)?;
    if fault == Some(Fault::TAKES_EVERY_GET) {
        return Ok(check.unasked());
    }
    check.stalls()?;
    check.start_line().map_err(|refusal| refusal.silent(fault == Some(Fault::BAD_REQUEST_LINE_UNANSWERED)))?;
    check.host()?;
    check.body()?;
    check.invalid_fields()?;
    check.upgrade()?;
    check.connection()?;
    check.version().map_err(|refusal| refusal.silent(fault == Some(Fault::BAD_VERSION_UNANSWERED)))?;
    let key = check.key()?;
    let offered = check.subprotocols()?;
    let extensions = check.extensions()?;
    let continues = check.expectation()?;
    let subprotocol = offered.iter().find(|name| SUBPROTOCOLS.contains(&name.as_str())).cloned();
    let (protocol_line, extensions_line) =
        (check.first_line("Sec-WebSocket-Protocol"), check.first_line("Sec-WebSocket-Extensions"));
    Ok(Accepted { key, subprotocol, offered, protocol_line, extensions_line, extensions, continues })
}

struct Check<'a> {
    head: &'a Head,
    fault: Option<Fault>,
}

impl Check<'_> {
    fn fault(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// The values of a field's lines.
    fn lines(&self, name: &str) -> Vec<&[u8]> {
        let fields = self.head.fields.iter();
        fields.filter(|field| field.name.eq_ignore_ascii_case(name)).map(|field| &field.value[..]).collect()
    }

    /// A field's first line.
    fn first_line(&self, name: &str) -> Option<Vec<u8>> {
        self.lines(name).first().map(|value| value.to_vec())
    }

    /// The result of a server that checks only the method.
    fn unasked(&self) -> Accepted {
        Accepted { key: self.first_line("Sec-WebSocket-Key").unwrap_or_default(), ..Accepted::default() }
    }

    /// Heads that a faulty server never finishes processing.
    fn stalls(&self) -> Result<(), Refusal> {
        if stalls(self.head, self.fault) { Err(bad("The head is too large.").silent(true)) } else { Ok(()) }
    }

    fn form(&self) -> Result<(), Refusal> {
        for deviation in &self.head.deviations {
            let taken = match deviation.kind {
                HeadDeviationKind::ObsText => true,
                HeadDeviationKind::LeadingEmptyLine => !self.fault(Fault::REFUSES_LEADING_EMPTY_LINE),
                HeadDeviationKind::SpaceBeforeColon => self.fault(Fault::TAKES_SPACE_BEFORE_COLON),
                HeadDeviationKind::StartLine => self.fault(Fault::TAKES_ANY_HTTP_VERSION),
                HeadDeviationKind::NoColon | HeadDeviationKind::EmptyName | HeadDeviationKind::NameNotToken => {
                    self.fault(Fault::MALFORMED_LINES_SKIPPED)
                }
                HeadDeviationKind::StartLineSpaces => self.fault(Fault::TAKES_ANY_TARGET),
                _ => false,
            };
            if !taken {
                return Err(bad("The request is malformed HTTP."));
            }
        }
        if self.head.raw.len() > 1024 && self.fault(Fault::REFUSES_LONG_HEAD) {
            return Err(Refusal::new(431, "The request head is too long."));
        }
        Ok(())
    }

    fn start_line(&self) -> Result<(), Refusal> {
        let Start::Request { method, target, version } = &self.head.start else {
            return Err(bad("The first line is not a request line."));
        };
        self.http_version(version)?;
        match method.as_str() {
            "GET" => {}
            "POST" if self.fault(Fault::TAKES_POST) => {}
            other if other.eq_ignore_ascii_case("GET") && self.fault(Fault::METHOD_IN_ANY_CASE) => {}
            other if other.starts_with('G') && self.fault(Fault::METHOD_BY_FIRST_LETTER) => {}
            _ if self.fault(Fault::TAKES_ANY_METHOD) => {}
            "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH" | "TRACE" | "CONNECT" => {
                let refusal = Refusal::new(405, "A WebSocket handshake requires GET.").with("Allow", "GET");
                return Err(Refusal { head_only: method == "HEAD", ..refusal });
            }
            _ if self.fault(Fault::UNKNOWN_METHOD_GETS_400) => return Err(bad("The method is unknown.")),
            _ => return Err(Refusal::new(501, "The method is unknown.")),
        }
        self.target(target)
    }

    fn http_version(&self, version: &str) -> Result<(), Refusal> {
        match version.as_bytes() {
            _ if self.fault(Fault::TAKES_ANY_HTTP_VERSION) => Ok(()),
            b"HTTP/1.0" if self.fault(Fault::TAKES_HTTP_1_0) => Ok(()),
            b"HTTP/1.0" => Err(bad("A WebSocket handshake requires HTTP/1.1 or higher.")),
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'2'..=b'9'] if self.fault(Fault::WANTS_HTTP_1_1_EXACTLY) => {
                Err(Refusal::new(505, "The HTTP version is not supported."))
            }
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor] if minor.is_ascii_digit() => Ok(()),
            [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
                Err(Refusal::new(505, "The HTTP version is not supported."))
            }
            _ => Err(bad("The HTTP version is malformed.")),
        }
    }

    fn target(&self, target: &str) -> Result<(), Refusal> {
        if self.fault(Fault::TAKES_ANY_TARGET) {
            return Ok(());
        }
        if target.len() > MAX_TARGET {
            return Err(Refusal::new(414, "The request target is too long."));
        }
        if !target.bytes().all(|c| c.is_ascii_graphic() && c != b'#') {
            return Err(bad("The request target has an invalid character."));
        }
        if target.contains('?') && self.fault(Fault::REFUSES_QUERY) {
            return Err(bad("The request target has a query."));
        }
        if target.starts_with('/') {
            return Ok(());
        }
        let (scheme, rest) = target.split_once("://").unwrap_or_default();
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let known: &[&str] =
            if self.fault(Fault::TAKES_WS_TARGET) { &["http", "https", "ws"] } else { &["http", "https"] };
        let absolute = known.iter().any(|known| scheme.eq_ignore_ascii_case(known));
        if absolute && is_authority(authority) && !self.fault(Fault::REFUSES_ABSOLUTE_TARGET) {
            return Ok(());
        }
        Err(bad("The request target is neither a path nor an http URL."))
    }

    fn host(&self) -> Result<(), Refusal> {
        match self.lines("Host")[..] {
            [] if self.fault(Fault::TAKES_MISSING_HOST) => Ok(()),
            [b""] if self.fault(Fault::TAKES_EMPTY_HOST) => Ok(()),
            [value, ref others @ ..] if self.takes_again(value, others) => Ok(()),
            [] => Err(bad("Host is missing.")),
            [value] => {
                let valid = std::str::from_utf8(value).is_ok_and(is_authority);
                if valid || self.fault(Fault::TAKES_INVALID_HOST) { Ok(()) } else { Err(bad("Host is invalid.")) }
            }
            _ if self.fault(Fault::TAKES_HOST_TWICE) => Ok(()),
            _ => Err(bad("Host appears more than once.")),
        }
    }

    /// Whether a faulty server accepts a repeated field with the same value.
    fn takes_again(&self, first: &[u8], others: &[&[u8]]) -> bool {
        self.fault(Fault::TAKES_EQUAL_REPEATS) && others.iter().all(|other| *other == first)
    }

    /// Whether a faulty server accepts the keys of a 2010 draft.
    fn takes_old_draft(&self) -> bool {
        let has = |name: &str| self.head.all(name).next().is_some();
        self.fault(Fault::TAKES_OLD_DRAFT_KEYS) && (has("Sec-WebSocket-Key1") || has("Sec-WebSocket-Key2"))
    }

    /// The elements of a list over all its lines, without empty ones.
    fn list(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let has_empty = |value: &[u8]| value.split(|byte| *byte == b',').any(|member| member.trim_ascii().is_empty());
        if self.fault(Fault::EMPTY_ELEMENTS_REFUSED) && self.lines(name).into_iter().any(has_empty) {
            return Err(bad("A list has an empty element."));
        }
        Ok(self.head.list(name))
    }

    /// A body has no meaning here. Rejecting it ensures that its bytes are not read as frames.
    fn body(&self) -> Result<(), Refusal> {
        let lengths = self.lines("Content-Length");
        let coded = self.head.all("Transfer-Encoding").next().is_some();
        let empty = lengths.iter().all(|value| !value.is_empty() && value.iter().all(|c| *c == b'0'));
        let unseen = self.fault(Fault::REQUEST_BODY_READ_AS_FRAMES) || self.fault(Fault::TAKES_ANY_METHOD);
        if (coded || !empty) && !unseen {
            return Err(bad("The request has a body."));
        }
        Ok(())
    }

    /// Checks that only a faulty server makes.
    fn invalid_fields(&self) -> Result<(), Refusal> {
        if self.fault(Fault::REFUSES_UNKNOWN_FIELDS) {
            let usual = ["Origin", "User-Agent", "Cookie", "Pragma", "Cache-Control"];
            let known = |name: &str| KNOWN_FIELDS.iter().chain(&usual).any(|known| known.eq_ignore_ascii_case(name));
            if self.head.fields.iter().any(|field| !known(&field.name)) {
                return Err(bad("The request has an unknown field."));
            }
        }
        if self.fault(Fault::REFUSES_MISSING_ORIGIN) && self.lines("Origin").is_empty() {
            return Err(Refusal::new(403, "Origin is missing."));
        }
        let host_first = self.head.fields.first().is_some_and(|field| field.name.eq_ignore_ascii_case("Host"));
        if self.fault(Fault::REFUSES_FIELD_ORDER) && !host_first {
            return Err(bad("Host is not the first field."));
        }
        Ok(())
    }

    fn upgrade(&self) -> Result<(), Refusal> {
        let members = self.list("Upgrade")?;
        let found = members.iter().any(|member| {
            member == "websocket"
                || (member.eq_ignore_ascii_case("websocket") && !self.fault(Fault::UPGRADE_CASE_SENSITIVE))
                || (member.to_ascii_lowercase().contains("websocket") && self.fault(Fault::UPGRADE_BY_SUBSTRING))
        });
        let taken = if members.is_empty() {
            self.fault(Fault::TAKES_MISSING_UPGRADE)
        } else {
            self.fault(Fault::TAKES_OTHER_UPGRADE)
        };
        if found || taken { Ok(()) } else { Err(self.upgrade_required("Upgrade does not contain websocket.")) }
    }

    fn connection(&self) -> Result<(), Refusal> {
        let members = self.list("Connection")?;
        let found = members.iter().any(|member| {
            member == "Upgrade"
                || (member.eq_ignore_ascii_case("Upgrade") && !self.fault(Fault::CONNECTION_CASE_SENSITIVE))
        });
        let substring = members.iter().any(|member| member.to_ascii_lowercase().contains("upgrade"));
        let alone = members.len() == 1 || !self.fault(Fault::REFUSES_CONNECTION_LIST);
        if (found && alone)
            || (substring && self.fault(Fault::CONNECTION_BY_SUBSTRING))
            || self.fault(Fault::TAKES_MISSING_CONNECTION)
        {
            return Ok(());
        }
        Err(bad("Connection does not contain Upgrade."))
    }

    fn version(&self) -> Result<(), Refusal> {
        let value = match self.lines("Sec-WebSocket-Version")[..] {
            [] if self.fault(Fault::TAKES_MISSING_VERSION) || self.takes_old_draft() => return Ok(()),
            [] => {
                return Err(bad("Sec-WebSocket-Version is missing.").with("Sec-WebSocket-Version", "13"));
            }
            [value] => value,
            [value, ..] if self.fault(Fault::TAKES_VERSION_TWICE) => value,
            [.., value] if self.fault(Fault::LAST_VERSION_TAKEN) => value,
            [value, ref others @ ..] if self.takes_again(value, others) => value,
            _ => {
                return Err(bad("Sec-WebSocket-Version appears more than once.").with("Sec-WebSocket-Version", "13"));
            }
        };
        let draft = matches!(value, b"7" | b"8") && self.fault(Fault::TAKES_DRAFT_VERSIONS);
        if value == b"13" || draft || self.fault(Fault::TAKES_ANY_VERSION) {
            return Ok(());
        }
        let digits = value.iter().all(u8::is_ascii_digit) && (value.len() == 1 || value.first() != Some(&b'0'));
        let number = std::str::from_utf8(value).ok().filter(|_| digits).and_then(|text| text.parse::<u8>().ok());
        match number {
            Some(_) => Err(self.upgrade_required("The version is not supported.")),
            None => Err(bad("Sec-WebSocket-Version is not a valid version.").with("Sec-WebSocket-Version", "13")),
        }
    }

    fn upgrade_required(&self, why: &'static str) -> Refusal {
        let mut refusal = Refusal::new(426, why);
        if !self.fault(Fault::UPGRADE_REQUIRED_WITHOUT_UPGRADE) {
            refusal = refusal.with("Upgrade", "websocket");
        }
        if !self.fault(Fault::VERSION_REFUSED_WITHOUT_LIST) {
            refusal = refusal.with("Sec-WebSocket-Version", "13");
        }
        refusal
    }

    fn key(&self) -> Result<Vec<u8>, Refusal> {
        let key = match self.lines("Sec-WebSocket-Key")[..] {
            [] if self.fault(Fault::TAKES_MISSING_KEY) || self.takes_old_draft() => return Ok(Vec::new()),
            [] => return Err(bad("Sec-WebSocket-Key is missing.")),
            [key] => key,
            [key, ..] if self.fault(Fault::TAKES_KEY_TWICE) => key,
            [_, _, ..] if self.fault(Fault::ACCEPT_OF_JOINED_KEYS) => {
                return Ok(self.lines("Sec-WebSocket-Key").join(&b", "[..]));
            }
            [key, ref others @ ..] if self.takes_again(key, others) => key,
            _ => return Err(bad("Sec-WebSocket-Key appears more than once.")),
        };
        match BASE64.decode(key) {
            Ok(nonce) if nonce == [0; 16] && self.fault(Fault::REFUSES_ZERO_NONCE) => Err(bad("The key is all zeros.")),
            Ok(nonce) if nonce.len() == 16 || self.fault(Fault::TAKES_SHORT_KEY) => Ok(key.to_vec()),
            Ok(_) => Err(bad("The key is not 16 bytes long.")),
            Err(_) if self.fault(Fault::TAKES_KEY_NOT_BASE64) => Ok(key.to_vec()),
            Err(_) => Err(bad("The key is not base64.")),
        }
    }

    fn subprotocols(&self) -> Result<Vec<String>, Refusal> {
        let offered = self.head.list("Sec-WebSocket-Protocol");
        if self.fault(Fault::SUBPROTOCOL_SENT_BACK) {
            return Ok(offered);
        }
        let present = self.head.all("Sec-WebSocket-Protocol").next().is_some();
        if (present && offered.is_empty()) || !offered.iter().all(|name| is_token(name)) {
            return Err(bad("Sec-WebSocket-Protocol is not a list of tokens."));
        }
        let unknown = offered.first().is_some_and(|name| !SUBPROTOCOLS.contains(&name.as_str()));
        if unknown && self.fault(Fault::REFUSES_UNKNOWN_SUBPROTOCOL) {
            return Err(bad("The subprotocol is unknown."));
        }
        Ok(offered)
    }

    fn extensions(&self) -> Result<Vec<String>, Refusal> {
        let offered = self.head.list("Sec-WebSocket-Extensions");
        let present = self.head.all("Sec-WebSocket-Extensions").next().is_some();
        if present && self.fault(Fault::REFUSES_EXTENSIONS) {
            return Err(bad("Extensions are not accepted."));
        }
        if self.fault(Fault::EXTENSIONS_SENT_BACK) {
            return Ok(offered);
        }
        let right = (!present || !offered.is_empty()) && offered.iter().all(|member| is_extension(member));
        if !right && !self.fault(Fault::TAKES_MALFORMED_EXTENSIONS) {
            return Err(bad("Sec-WebSocket-Extensions is malformed."));
        }
        if self.fault(Fault::BAD_DEFLATE_OFFER_REFUSED) && has_invalid_offer(&offered) {
            return Err(bad("The offer of permessage-deflate is invalid."));
        }
        Ok(offered)
    }

    fn expectation(&self) -> Result<bool, Refusal> {
        let expected = self.head.list("Expect");
        if expected.iter().all(|member| member.eq_ignore_ascii_case("100-continue")) {
            return Ok(!expected.is_empty());
        }
        let refusal = Refusal::new(417, "The expectation is unknown.");
        Err(refusal.silent(self.fault(Fault::EXPECTATION_UNANSWERED)))
    }
}
