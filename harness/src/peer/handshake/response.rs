//! A client's checks of a server's response: RFC 6455 section 4.1, RFC 9112 sections 2 to 5.

use crate::wire::handshake::{Head, HeadDeviationKind, Start, accept_for};

use super::super::PeerKind;
use super::super::faults::Fault;
use super::deflate::NegotiatedParams;
use super::deflate_client;
use super::head_faults::{KNOWN_FIELDS, apply_head_faults};

/// Why a response does not open the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// It is malformed HTTP.
    #[error("the response is malformed HTTP/1.1")]
    Malformed,
    /// Its final status is not 101.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// Upgrade is missing or is not websocket.
    #[error("the response does not upgrade to websocket")]
    Upgrade,
    /// Connection is missing or lacks the Upgrade token.
    #[error("the response's Connection field lacks Upgrade")]
    Connection,
    /// Sec-WebSocket-Accept is missing, incorrect or repeated.
    #[error("the response's accept value does not match the key")]
    Accept,
    /// It names a subprotocol that was not offered, or more than one.
    #[error("the response names a subprotocol that was not offered")]
    Subprotocol,
    /// Its Sec-WebSocket-Extensions is malformed, or names an extension that was not offered.
    #[error("the response names an extension that was not offered")]
    Extension,
    /// It agrees to permessage-deflate in an invalid way: RFC 7692 sections 5 and 7.
    #[error("the response agrees to permessage-deflate in an invalid way")]
    Deflate,
    /// It has a property that only a faulty client rejects.
    #[error("the response has a property that this client rejects")]
    RejectedByFault,
}

/// The kind of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// A 1xx other than 101, which is followed by the final response (RFC 9110 section 15.2).
    Interim,
    /// The 101 that opens the connection, with the negotiated parameters of permessage-deflate.
    Open(Option<NegotiatedParams>),
}

/// Checks a response head as strictly as the RFCs require, except for the effect of the fault. `offered` are the
/// offered subprotocols; a peer with permessage-deflate also offered that.
///
/// # Errors
/// Why the connection does not open.
pub fn check_response(head: &Head, key: &str, offered: &[&str], kind: PeerKind) -> Result<Response, ResponseError> {
    let fault = kind.fault();
    let check = ResponseCheck { head: &apply_head_faults(head, fault), fault };
    check.form()?;
    if check.status()? == Response::Interim {
        return Ok(Response::Interim);
    }
    if check.has(Fault::LOOKS_AT_STATUS_ONLY) || (head.status() != Some(101) && check.has(Fault::OPENS_ON_ERROR)) {
        return Ok(Response::Open(None));
    }
    check.upgrade()?;
    check.connection()?;
    check.accept(key)?;
    check.subprotocol(offered)?;
    let deflate = check.extensions(kind.supports_deflate())?;
    check.invalid_fields()?;
    Ok(Response::Open(deflate))
}

struct ResponseCheck<'a> {
    head: &'a Head,
    fault: Option<Fault>,
}

impl ResponseCheck<'_> {
    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn form(&self) -> Result<(), ResponseError> {
        // A client replaces a fold with a space (RFC 9112 section 5.2); the reader has done so already.
        let accepted = |kind: &HeadDeviationKind| {
            use HeadDeviationKind as Kind;
            match kind {
                Kind::ObsText | Kind::Folded => true,
                Kind::NoSpaceAfterStatus => !self.has(Fault::WANTS_SPACE_AFTER_STATUS),
                Kind::StartLine | Kind::StartLineSpaces => self.has(Fault::STATUS_LINE_UNCHECKED),
                Kind::SpaceBeforeColon => self.has(Fault::TAKES_SPACE_BEFORE_COLON_IN_RESPONSE),
                Kind::LeadingEmptyLine => self.has(Fault::EMPTY_LINE_BEFORE_RESPONSE_SKIPPED),
                Kind::NoColon | Kind::EmptyName | Kind::NameNotToken => self.has(Fault::MALFORMED_LINES_SKIPPED),
                _ => false,
            }
        };
        if self.head.deviations.iter().all(|deviation| accepted(&deviation.kind)) {
            Ok(())
        } else {
            Err(ResponseError::Malformed)
        }
    }

    fn status(&self) -> Result<Response, ResponseError> {
        if self.has(Fault::STATUS_LINE_UNCHECKED) {
            return Ok(Response::Open(None));
        }
        let Start::Response { version, status, reason } = &self.head.start else {
            return Err(ResponseError::Malformed);
        };
        let minor = version.strip_prefix("HTTP/1.").unwrap_or_default();
        let accepted_1_0 = minor == "0" && self.has(Fault::TAKES_HTTP_1_0_IN_RESPONSE);
        if !matches!(minor.as_bytes(), [b'1'..=b'9']) && !accepted_1_0 {
            return Err(ResponseError::Malformed);
        }
        match *status {
            101 if reason != "Switching Protocols" && self.has(Fault::REFUSES_REASON_PHRASE) => {
                Err(ResponseError::RejectedByFault)
            }
            101 => Ok(Response::Open(None)),
            100..=199 if !self.has(Fault::INTERIM_RESPONSE_TAKEN_FOR_FINAL) => Ok(Response::Interim),
            200 if self.has(Fault::TAKES_STATUS_200) => Ok(Response::Open(None)),
            _ if self.has(Fault::TAKES_ANY_STATUS) || self.has(Fault::OPENS_ON_ERROR) => Ok(Response::Open(None)),
            status => Err(ResponseError::Status(status)),
        }
    }

    fn upgrade(&self) -> Result<(), ResponseError> {
        let members = self.head.list("Upgrade");
        let accepted = match &members[..] {
            [] => self.has(Fault::TAKES_RESPONSE_WITHOUT_UPGRADE),
            [one] if one == "websocket" => true,
            [one] if one.eq_ignore_ascii_case("websocket") => !self.has(Fault::RESPONSE_UPGRADE_CASE_SENSITIVE),
            _ if members.iter().any(|member| member == "websocket") => {
                self.has(Fault::UPGRADE_LIST_IN_RESPONSE) || self.has(Fault::TAKES_OTHER_UPGRADE_IN_RESPONSE)
            }
            _ => self.has(Fault::TAKES_OTHER_UPGRADE_IN_RESPONSE),
        };
        if accepted { Ok(()) } else { Err(ResponseError::Upgrade) }
    }

    fn connection(&self) -> Result<(), ResponseError> {
        let members = self.head.list("Connection");
        let found = members.iter().any(|member| member.eq_ignore_ascii_case("Upgrade"));
        let accepted = match members.len() {
            0 => self.has(Fault::TAKES_RESPONSE_WITHOUT_CONNECTION),
            _ if !found => self.has(Fault::TAKES_OTHER_CONNECTION_IN_RESPONSE),
            1 => true,
            _ => !self.has(Fault::REFUSES_CONNECTION_LIST_IN_RESPONSE),
        };
        if accepted { Ok(()) } else { Err(ResponseError::Connection) }
    }

    fn accept(&self, key: &str) -> Result<(), ResponseError> {
        let lines: Vec<&[u8]> = self.head.all("Sec-WebSocket-Accept").map(|field| &field.value[..]).collect();
        let expected = accept_for(key.as_bytes());
        let value = match lines[..] {
            [] if self.has(Fault::TAKES_MISSING_ACCEPT) => return Ok(()),
            [_, ..] if self.has(Fault::TAKES_WRONG_ACCEPT) => return Ok(()),
            [.., value] if self.has(Fault::LAST_ACCEPT_TAKEN) => value,
            [value] => value,
            [value, _, ..] if self.has(Fault::TAKES_ACCEPT_TWICE) => value,
            _ => return Err(ResponseError::Accept),
        };
        let same = value == expected.as_bytes()
            || (value.eq_ignore_ascii_case(expected.as_bytes()) && self.has(Fault::ACCEPT_IN_ANY_CASE));
        if same { Ok(()) } else { Err(ResponseError::Accept) }
    }

    fn subprotocol(&self, offered: &[&str]) -> Result<(), ResponseError> {
        let chosen: Vec<&[u8]> = self.head.all("Sec-WebSocket-Protocol").map(|field| &field.value[..]).collect();
        let valid = match chosen[..] {
            [] => true,
            [one] => offered.iter().any(|offered| offered.as_bytes() == one),
            _ => false,
        };
        if !valid && !self.has(Fault::TAKES_UNOFFERED_SUBPROTOCOL) {
            return Err(ResponseError::Subprotocol);
        }
        Ok(())
    }

    /// The negotiated parameters, if permessage-deflate was offered.
    fn extensions(&self, offered: bool) -> Result<Option<NegotiatedParams>, ResponseError> {
        if self.head.all("Sec-WebSocket-Extensions").next().is_none() {
            return Ok(None);
        }
        let members = self.head.list("Sec-WebSocket-Extensions");
        let checked =
            if offered { deflate_client::check_response(&members, self.fault) } else { Err(ResponseError::Extension) };
        match checked {
            Err(_) if self.has(Fault::TAKES_UNOFFERED_EXTENSION) => Ok(None),
            Err(ResponseError::Deflate) if self.has(Fault::BAD_DEFLATE_ANSWER_PASSED_OVER) => Ok(None),
            checked => checked,
        }
    }

    fn invalid_fields(&self) -> Result<(), ResponseError> {
        if self.has(Fault::REFUSES_EXTRA_FIELDS) {
            let known = |name: &str| KNOWN_FIELDS.iter().any(|known| known.eq_ignore_ascii_case(name));
            if self.head.fields.iter().any(|field| !known(&field.name)) {
                return Err(ResponseError::RejectedByFault);
            }
        }
        Ok(())
    }
}
