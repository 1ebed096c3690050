//! The body of a Close frame: RFC 6455 sections 5.5.1 and 7.4.

use bytes::Bytes;

/// The code and reason of a Close frame.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CloseBody {
    /// The close code; `None` if the body is empty or has one byte.
    pub code: Option<u16>,
    /// The bytes after the code (valid UTF-8 from a correct peer).
    pub reason: Bytes,
}

impl CloseBody {
    /// Reads the payload of a Close frame. It rejects nothing: the decoder records the deviations.
    pub fn read(payload: &Bytes) -> Self {
        match payload.get(..2) {
            Some(code) => Self { code: Some(u16::from_be_bytes([code[0], code[1]])), reason: payload.slice(2..) },
            None => Self::default(),
        }
    }

    /// The payload of a Close frame with this code and reason.
    pub fn payload(code: u16, reason: &[u8]) -> Vec<u8> {
        let mut out = code.to_be_bytes().to_vec();
        out.extend_from_slice(reason);
        out
    }
}

/// Whether an endpoint may send this code in a Close frame today: registered codes, 3000-3999 and 4000-4999.
///
/// 1004, 1005, 1006 and 1015 are reserved, 1016-2999 are unassigned, and all others are outside the registry (section
/// 7.4, IANA).
pub const fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Whether this code means that the received data is invalid or not acceptable: 1002, 1003, 1007, 1009 and 1010 (section 7.4.1).
pub const fn reports_invalid(code: u16) -> bool {
    matches!(code, 1002 | 1003 | 1007 | 1009 | 1010)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_back() {
        let body = CloseBody::read(&Bytes::from(CloseBody::payload(1001, b"bye")));
        assert_eq!(body, CloseBody { code: Some(1001), reason: Bytes::from_static(b"bye") });
        for short in [&b""[..], b"\x03"] {
            assert_eq!(CloseBody::read(&Bytes::from_static(short)), CloseBody::default());
        }
    }

    #[test]
    fn codes_that_may_and_may_not_be_sent() {
        for code in [1000, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999] {
            assert!(may_be_sent(code), "{code}");
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            assert!(!may_be_sent(code), "{code}");
        }
    }
}
