//! A server's checks of a client's request: RFC 6455 section 4.2.1, RFC 9112 sections 2 to 6.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::wire::handshake::{Head, HeadDeviationKind, Start};

use super::super::faults::Fault;
use super::MAX_TARGET;
use super::decision::{AcceptedRequest, Rejection};
use super::deflate_server::has_invalid_offer;
use super::grammar::{is_authority, is_extension, is_token};
use super::head_faults::{KNOWN_FIELDS, apply_head_faults, stalls};

/// Base64 that ignores the pad bits, whose check RFC 4648 section 3.5 leaves optional.
pub(super) const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// The subprotocols that the servers support.
pub const SUBPROTOCOLS: [&str; 2] = ["chat", "superchat"];

fn bad_request(reason: &'static str) -> Rejection {
    Rejection::new(400, reason)
}

/// Checks a request head as strictly as the RFCs require, except for the effect of the fault.
///
/// # Errors
/// The response that rejects the request.
pub fn check_request(head: &Head, fault: Option<Fault>) -> Result<AcceptedRequest, Rejection> {
    let check = RequestCheck { head: &apply_head_faults(head, fault), fault };
    let malformed = |rejection: Rejection| rejection.unanswered(fault == Some(Fault::MALFORMED_HEAD_UNANSWERED));
    check.form().map_err(malformed)?;
    if fault == Some(Fault::TAKES_EVERY_GET) {
        return Ok(check.accept_unchecked());
    }
    check.stalls()?;
    check.start_line().map_err(|rejection| rejection.unanswered(fault == Some(Fault::BAD_REQUEST_LINE_UNANSWERED)))?;
    check.host()?;
    check.body()?;
    check.invalid_fields()?;
    check.upgrade()?;
    check.connection()?;
    check.version().map_err(|rejection| rejection.unanswered(fault == Some(Fault::BAD_VERSION_UNANSWERED)))?;
    let key = check.key()?;
    let offered = check.subprotocols()?;
    let extensions = check.extensions()?;
    let expects_continue = check.expectation()?;
    let subprotocol = offered.iter().find(|name| SUBPROTOCOLS.contains(&name.as_str())).cloned();
    let (protocol_line, extensions_line) =
        (check.first_line("Sec-WebSocket-Protocol"), check.first_line("Sec-WebSocket-Extensions"));
    Ok(AcceptedRequest { key, subprotocol, offered, protocol_line, extensions_line, extensions, expects_continue })
}

struct RequestCheck<'a> {
    head: &'a Head,
    fault: Option<Fault>,
}

impl RequestCheck<'_> {
    fn has(&self, fault: Fault) -> bool {
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
    fn accept_unchecked(&self) -> AcceptedRequest {
        AcceptedRequest { key: self.first_line("Sec-WebSocket-Key").unwrap_or_default(), ..AcceptedRequest::default() }
    }

    /// Heads that a faulty server never finishes processing.
    fn stalls(&self) -> Result<(), Rejection> {
        if stalls(self.head, self.fault) { Err(bad_request("The head is too large.").unanswered(true)) } else { Ok(()) }
    }

    fn form(&self) -> Result<(), Rejection> {
        for deviation in &self.head.deviations {
            let accepted = match deviation.kind {
                HeadDeviationKind::ObsText => true,
                HeadDeviationKind::LeadingEmptyLine => !self.has(Fault::REFUSES_LEADING_EMPTY_LINE),
                HeadDeviationKind::SpaceBeforeColon => self.has(Fault::TAKES_SPACE_BEFORE_COLON),
                HeadDeviationKind::StartLine => self.has(Fault::TAKES_ANY_HTTP_VERSION),
                HeadDeviationKind::NoColon | HeadDeviationKind::EmptyName | HeadDeviationKind::NameNotToken => {
                    self.has(Fault::MALFORMED_LINES_SKIPPED)
                }
                HeadDeviationKind::StartLineSpaces => self.has(Fault::TAKES_ANY_TARGET),
                _ => false,
            };
            if !accepted {
                return Err(bad_request("The request is malformed HTTP."));
            }
        }
        if self.head.raw.len() > 1024 && self.has(Fault::REFUSES_LONG_HEAD) {
            return Err(Rejection::new(431, "The request head is too long."));
        }
        Ok(())
    }

    fn start_line(&self) -> Result<(), Rejection> {
        let Start::Request { method, target, version } = &self.head.start else {
            return Err(bad_request("The first line is not a request line."));
        };
        self.http_version(version)?;
        match method.as_str() {
            "GET" => {}
            "POST" if self.has(Fault::TAKES_POST) => {}
            other if other.eq_ignore_ascii_case("GET") && self.has(Fault::METHOD_IN_ANY_CASE) => {}
            other if other.starts_with('G') && self.has(Fault::METHOD_BY_FIRST_LETTER) => {}
            _ if self.has(Fault::TAKES_ANY_METHOD) => {}
            "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH" | "TRACE" | "CONNECT" => {
                let rejection = Rejection::new(405, "A WebSocket handshake requires GET.").with_field("Allow", "GET");
                return Err(Rejection { head_only: method == "HEAD", ..rejection });
            }
            _ if self.has(Fault::UNKNOWN_METHOD_GETS_400) => return Err(bad_request("The method is unknown.")),
            _ => return Err(Rejection::new(501, "The method is unknown.")),
        }
        self.target(target)
    }

    fn http_version(&self, version: &str) -> Result<(), Rejection> {
        match version.as_bytes() {
            _ if self.has(Fault::TAKES_ANY_HTTP_VERSION) => Ok(()),
            b"HTTP/1.0" if self.has(Fault::TAKES_HTTP_1_0) => Ok(()),
            b"HTTP/1.0" => Err(bad_request("A WebSocket handshake requires HTTP/1.1 or higher.")),
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'2'..=b'9'] if self.has(Fault::WANTS_HTTP_1_1_EXACTLY) => {
                Err(Rejection::new(505, "The HTTP version is not supported."))
            }
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor] if minor.is_ascii_digit() => Ok(()),
            [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
                Err(Rejection::new(505, "The HTTP version is not supported."))
            }
            _ => Err(bad_request("The HTTP version is malformed.")),
        }
    }

    fn target(&self, target: &str) -> Result<(), Rejection> {
        if self.has(Fault::TAKES_ANY_TARGET) {
            return Ok(());
        }
        if target.len() > MAX_TARGET {
            return Err(Rejection::new(414, "The request target is too long."));
        }
        if !target.bytes().all(|c| c.is_ascii_graphic() && c != b'#') {
            return Err(bad_request("The request target has an invalid character."));
        }
        if target.contains('?') && self.has(Fault::REFUSES_QUERY) {
            return Err(bad_request("The request target has a query."));
        }
        if target.starts_with('/') {
            return Ok(());
        }
        let (scheme, rest) = target.split_once("://").unwrap_or_default();
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let schemes: &[&str] =
            if self.has(Fault::TAKES_WS_TARGET) { &["http", "https", "ws"] } else { &["http", "https"] };
        let absolute = schemes.iter().any(|known| scheme.eq_ignore_ascii_case(known));
        if absolute && is_authority(authority) && !self.has(Fault::REFUSES_ABSOLUTE_TARGET) {
            return Ok(());
        }
        Err(bad_request("The request target is neither a path nor an http URL."))
    }

    fn host(&self) -> Result<(), Rejection> {
        match self.lines("Host")[..] {
            [] if self.has(Fault::TAKES_MISSING_HOST) => Ok(()),
            [b""] if self.has(Fault::TAKES_EMPTY_HOST) => Ok(()),
            [value, ref others @ ..] if self.accepts_repeated(value, others) => Ok(()),
            [] => Err(bad_request("Host is missing.")),
            [value] => {
                let valid = std::str::from_utf8(value).is_ok_and(is_authority);
                if valid || self.has(Fault::TAKES_INVALID_HOST) { Ok(()) } else { Err(bad_request("Host is invalid.")) }
            }
            _ if self.has(Fault::TAKES_HOST_TWICE) => Ok(()),
            _ => Err(bad_request("Host appears more than once.")),
        }
    }

    /// Whether a faulty server accepts a repeated field with the same value.
    fn accepts_repeated(&self, first: &[u8], others: &[&[u8]]) -> bool {
        self.has(Fault::TAKES_EQUAL_REPEATS) && others.iter().all(|other| *other == first)
    }

    /// Whether a faulty server accepts the keys of a 2010 draft.
    fn accepts_draft_keys(&self) -> bool {
        let has = |name: &str| self.head.all(name).next().is_some();
        self.has(Fault::TAKES_OLD_DRAFT_KEYS) && (has("Sec-WebSocket-Key1") || has("Sec-WebSocket-Key2"))
    }

    /// The elements of a list over all its lines, without empty ones.
    fn list(&self, name: &str) -> Result<Vec<String>, Rejection> {
        let has_empty = |value: &[u8]| value.split(|byte| *byte == b',').any(|member| member.trim_ascii().is_empty());
        if self.has(Fault::EMPTY_ELEMENTS_REFUSED) && self.lines(name).into_iter().any(has_empty) {
            return Err(bad_request("A list has an empty element."));
        }
        Ok(self.head.list(name))
    }

    /// A body has no meaning here. Rejecting it ensures that its bytes are not read as frames.
    fn body(&self) -> Result<(), Rejection> {
        let lengths = self.lines("Content-Length");
        let has_transfer_encoding = self.head.all("Transfer-Encoding").next().is_some();
        let empty = lengths.iter().all(|value| !value.is_empty() && value.iter().all(|c| *c == b'0'));
        let ignored = self.has(Fault::REQUEST_BODY_READ_AS_FRAMES) || self.has(Fault::TAKES_ANY_METHOD);
        if (has_transfer_encoding || !empty) && !ignored {
            return Err(bad_request("The request has a body."));
        }
        Ok(())
    }

    /// Checks that only a faulty server makes.
    fn invalid_fields(&self) -> Result<(), Rejection> {
        if self.has(Fault::REFUSES_UNKNOWN_FIELDS) {
            let usual = ["Origin", "User-Agent", "Cookie", "Pragma", "Cache-Control"];
            let known = |name: &str| KNOWN_FIELDS.iter().chain(&usual).any(|known| known.eq_ignore_ascii_case(name));
            if self.head.fields.iter().any(|field| !known(&field.name)) {
                return Err(bad_request("The request has an unknown field."));
            }
        }
        if self.has(Fault::REFUSES_MISSING_ORIGIN) && self.lines("Origin").is_empty() {
            return Err(Rejection::new(403, "Origin is missing."));
        }
        let host_first = self.head.fields.first().is_some_and(|field| field.name.eq_ignore_ascii_case("Host"));
        if self.has(Fault::REFUSES_FIELD_ORDER) && !host_first {
            return Err(bad_request("Host is not the first field."));
        }
        Ok(())
    }

    fn upgrade(&self) -> Result<(), Rejection> {
        let members = self.list("Upgrade")?;
        let found = members.iter().any(|member| {
            member == "websocket"
                || (member.eq_ignore_ascii_case("websocket") && !self.has(Fault::UPGRADE_CASE_SENSITIVE))
                || (member.to_ascii_lowercase().contains("websocket") && self.has(Fault::UPGRADE_BY_SUBSTRING))
        });
        let accepted = if members.is_empty() {
            self.has(Fault::TAKES_MISSING_UPGRADE)
        } else {
            self.has(Fault::TAKES_OTHER_UPGRADE)
        };
        if found || accepted { Ok(()) } else { Err(self.upgrade_required("Upgrade does not contain websocket.")) }
    }

    fn connection(&self) -> Result<(), Rejection> {
        let members = self.list("Connection")?;
        let found = members.iter().any(|member| {
            member == "Upgrade"
                || (member.eq_ignore_ascii_case("Upgrade") && !self.has(Fault::CONNECTION_CASE_SENSITIVE))
        });
        let substring = members.iter().any(|member| member.to_ascii_lowercase().contains("upgrade"));
        let alone = members.len() == 1 || !self.has(Fault::REFUSES_CONNECTION_LIST);
        if (found && alone)
            || (substring && self.has(Fault::CONNECTION_BY_SUBSTRING))
            || self.has(Fault::TAKES_MISSING_CONNECTION)
        {
            return Ok(());
        }
        Err(bad_request("Connection does not contain Upgrade."))
    }

    fn version(&self) -> Result<(), Rejection> {
        let value = match self.lines("Sec-WebSocket-Version")[..] {
            [] if self.has(Fault::TAKES_MISSING_VERSION) || self.accepts_draft_keys() => return Ok(()),
            [] => {
                return Err(bad_request("Sec-WebSocket-Version is missing.").with_field("Sec-WebSocket-Version", "13"));
            }
            [value] => value,
            [value, ..] if self.has(Fault::TAKES_VERSION_TWICE) => value,
            [.., value] if self.has(Fault::LAST_VERSION_TAKEN) => value,
            [value, ref others @ ..] if self.accepts_repeated(value, others) => value,
            _ => {
                return Err(bad_request("Sec-WebSocket-Version appears more than once.")
                    .with_field("Sec-WebSocket-Version", "13"));
            }
        };
        let draft = matches!(value, b"7" | b"8") && self.has(Fault::TAKES_DRAFT_VERSIONS);
        if value == b"13" || draft || self.has(Fault::TAKES_ANY_VERSION) {
            return Ok(());
        }
        let valid_digits = value.iter().all(u8::is_ascii_digit) && (value.len() == 1 || value.first() != Some(&b'0'));
        let number = std::str::from_utf8(value).ok().filter(|_| valid_digits).and_then(|text| text.parse::<u8>().ok());
        match number {
            Some(_) => Err(self.upgrade_required("The version is not supported.")),
            None => {
                Err(bad_request("Sec-WebSocket-Version is not a valid version.")
                    .with_field("Sec-WebSocket-Version", "13"))
            }
        }
    }

    fn upgrade_required(&self, reason: &'static str) -> Rejection {
        let mut rejection = Rejection::new(426, reason);
        if !self.has(Fault::UPGRADE_REQUIRED_WITHOUT_UPGRADE) {
            rejection = rejection.with_field("Upgrade", "websocket");
        }
        if !self.has(Fault::VERSION_REFUSED_WITHOUT_LIST) {
            rejection = rejection.with_field("Sec-WebSocket-Version", "13");
        }
        rejection
    }

    fn key(&self) -> Result<Vec<u8>, Rejection> {
        let key = match self.lines("Sec-WebSocket-Key")[..] {
            [] if self.has(Fault::TAKES_MISSING_KEY) || self.accepts_draft_keys() => return Ok(Vec::new()),
            [] => return Err(bad_request("Sec-WebSocket-Key is missing.")),
            [key] => key,
            [key, ..] if self.has(Fault::TAKES_KEY_TWICE) => key,
            [_, _, ..] if self.has(Fault::ACCEPT_OF_JOINED_KEYS) => {
                return Ok(self.lines("Sec-WebSocket-Key").join(&b", "[..]));
            }
            [key, ref others @ ..] if self.accepts_repeated(key, others) => key,
            _ => return Err(bad_request("Sec-WebSocket-Key appears more than once.")),
        };
        match BASE64.decode(key) {
            Ok(nonce) if nonce == [0; 16] && self.has(Fault::REFUSES_ZERO_NONCE) => {
                Err(bad_request("The key is all zeros."))
            }
            Ok(nonce) if nonce.len() == 16 || self.has(Fault::TAKES_SHORT_KEY) => Ok(key.to_vec()),
            Ok(_) => Err(bad_request("The key is not 16 bytes long.")),
            Err(_) if self.has(Fault::TAKES_KEY_NOT_BASE64) => Ok(key.to_vec()),
            Err(_) => Err(bad_request("The key is not base64.")),
        }
    }

    fn subprotocols(&self) -> Result<Vec<String>, Rejection> {
        let offered = self.head.list("Sec-WebSocket-Protocol");
        if self.has(Fault::SUBPROTOCOL_SENT_BACK) {
            return Ok(offered);
        }
        let present = self.head.all("Sec-WebSocket-Protocol").next().is_some();
        if (present && offered.is_empty()) || !offered.iter().all(|name| is_token(name)) {
            return Err(bad_request("Sec-WebSocket-Protocol is not a list of tokens."));
        }
        let unknown = offered.first().is_some_and(|name| !SUBPROTOCOLS.contains(&name.as_str()));
        if unknown && self.has(Fault::REFUSES_UNKNOWN_SUBPROTOCOL) {
            return Err(bad_request("The subprotocol is unknown."));
        }
        Ok(offered)
    }

    fn extensions(&self) -> Result<Vec<String>, Rejection> {
        let offered = self.head.list("Sec-WebSocket-Extensions");
        let present = self.head.all("Sec-WebSocket-Extensions").next().is_some();
        if present && self.has(Fault::REFUSES_EXTENSIONS) {
            return Err(bad_request("Extensions are not accepted."));
        }
        if self.has(Fault::EXTENSIONS_SENT_BACK) {
            return Ok(offered);
        }
        let valid = (!present || !offered.is_empty()) && offered.iter().all(|member| is_extension(member));
        if !valid && !self.has(Fault::TAKES_MALFORMED_EXTENSIONS) {
            return Err(bad_request("Sec-WebSocket-Extensions is malformed."));
        }
        if self.has(Fault::BAD_DEFLATE_OFFER_REFUSED) && has_invalid_offer(&offered) {
            return Err(bad_request("The offer of permessage-deflate is invalid."));
        }
        Ok(offered)
    }

    fn expectation(&self) -> Result<bool, Rejection> {
        let expected = self.head.list("Expect");
        if expected.iter().all(|member| member.eq_ignore_ascii_case("100-continue")) {
            return Ok(!expected.is_empty());
        }
        let rejection = Rejection::new(417, "The expectation is unknown.");
        Err(rejection.unanswered(self.has(Fault::EXPECTATION_UNANSWERED)))
    }
}
