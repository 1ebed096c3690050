//! Compares the head reader with itself, with the head writer, and with the HTTP parser that tungstenite uses.

use bytes::Bytes;
use tungstenite::error::{Error, ProtocolError};
use tungstenite::handshake::client::Response;
use tungstenite::handshake::machine::TryParse;
use tungstenite::handshake::server::Request;
use tungstenite::http::HeaderMap;

use super::splits::splits;
use crate::wire::handshake::{Head, HeadDeviationKind, HeadError, HeadReader, HeadWriter, Start};

/// The largest head that is read here, in bytes.
const MAX_HEAD: usize = 4096;

/// What a reader returns for a stream: a head and the bytes after it, or what it has so far.
type Reading = Result<Result<(Head, Bytes), Vec<u8>>, HeadError>;

/// Checks a client's head: no split changes it, its offsets are inside it, a head without a deviation writes back to
/// the same bytes, and tungstenite's parser reads the same values from it.
pub fn handshake_request(data: &[u8]) {
    if let Some(head) = check(data) {
        let parsed = Request::try_parse(data);
        let must_parse = match &head.start {
            Start::Request { target, version, .. } => is_plain_target(target) && is_known_version(version),
            _ => false,
        };
        compare(&head, parsed.map(|done| done.map(|(size, head)| (size, head.headers().clone()))), must_parse);
    }
}

/// Checks a server's head in the same way as [`handshake_request`].
pub fn handshake_response(data: &[u8]) {
    if let Some(head) = check(data) {
        let parsed = Response::try_parse(data);
        let must_parse = match &head.start {
            Start::Response { version, reason, .. } => reason.is_ascii() && is_known_version(version),
            _ => false,
        };
        compare(&head, parsed.map(|done| done.map(|(size, head)| (size, head.headers().clone()))), must_parse);
    }
}

fn read(pieces: &[&[u8]]) -> Reading {
    let mut reader = HeadReader::new(MAX_HEAD);
    let mut pieces = pieces.iter();
    while let Some(piece) = pieces.next() {
        if let Some((head, rest)) = reader.push(piece)? {
            let rest = [&rest, &pieces.as_slice().concat()[..]].concat();
            return Ok(Ok((head, rest.into())));
        }
    }
    Ok(Err(reader.pending().to_vec()))
}

/// Checks what holds for any input; returns the head if it is complete.
fn check(data: &[u8]) -> Option<Head> {
    let [whole, others @ ..] = splits(data);
    let reading = read(&whole);
    for pieces in others {
        assert_eq!(read(&pieces), reading);
    }
    let (head, rest) = match reading {
        Ok(Ok(done)) => done,
        Ok(Err(pending)) => {
            assert_eq!(pending, data);
            assert!(data.len() <= MAX_HEAD);
            return None;
        }
        Err(HeadError::TooLong(max)) => {
            assert!(max == MAX_HEAD && data.len() > MAX_HEAD);
            return None;
        }
    };
    assert!(head.raw.len() <= MAX_HEAD);
    assert_eq!([&head.raw[..], &rest].concat(), data);
    check_positions(&head);
    if head.deviations.is_empty() {
        check_written(&head);
    }
    Some(head)
}

/// Checks that all offsets point at the parts to which they belong.
fn check_positions(head: &Head) {
    assert!(head.deviations.is_sorted_by_key(|found| found.offset));
    assert!(head.deviations.iter().all(|found| found.offset < head.raw.len()));
    assert!(head.fields.is_sorted_by_key(|field| field.offset));
    for field in &head.fields {
        let line = &head.raw[field.offset..];
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        assert_eq!(String::from_utf8_lossy(name).trim_end_matches([' ', '\t']), field.name);
        let edges = [field.value.first(), field.value.last()];
        assert!(!edges.contains(&Some(&b' ')) && !edges.contains(&Some(&b'\t')));
        let members = head.list(&field.name);
        assert!(members.iter().all(|member| !member.is_empty()));
    }
}

/// Checks that a valid head that is written from its parts is read as the same parts.
fn check_written(head: &Head) {
    let start = match &head.start {
        Start::Request { method, target, version } => format!("{method} {target} {version}"),
        Start::Response { version, status, reason } => format!("{version} {status:03} {reason}"),
        Start::Malformed(line) => panic!("no deviation recorded in {line:?}"),
    };
    let mut writer = HeadWriter::new(start);
    head.fields.iter().for_each(|field| writer.add(&field.name, &field.value[..]));
    let Ok(Ok((reread, rest))) = read(&[&writer.write()]) else {
        panic!("{head:?} does not read back as written");
    };
    assert!(rest.is_empty() && reread.deviations.is_empty());
    assert_eq!(reread.start, head.start);
    let parts = |head: &Head| {
        let fields = head.fields.iter();
        fields.map(|field| (field.name.clone(), field.value.clone())).collect::<Vec<_>>()
    };
    assert_eq!(parts(&reread), parts(head));
}

/// Compares the head with tungstenite's parser, which rejects what the head reader records. `must_parse` states whether that parser
/// should accept the start line.
fn compare(head: &Head, parsed: Result<Option<(usize, HeaderMap)>, Error>, must_parse: bool) {
    match parsed {
        Ok(Some((size, fields))) => {
            assert_eq!(size, head.raw.len());
            assert_eq!(fields.len(), head.fields.len());
            for name in fields.keys() {
                let values = head.all(name.as_str()).map(|field| &field.value[..]);
                let parsed_values = fields.get_all(name).iter().map(|value| value.as_bytes());
                assert!(values.eq(parsed_values), "{name}");
            }
        }
        // Its other reasons to reject a head concern content and not form: method, version, number of fields.
        Ok(None) | Err(Error::Protocol(ProtocolError::HttparseError(_))) if must_parse => {
            let is_allowed = |kind: &HeadDeviationKind| *kind == HeadDeviationKind::ObsText;
            assert!(
                !head.deviations.iter().all(|found| is_allowed(&found.kind)),
                "{parsed:?} for a head without a deviation: {head:?}"
            );
        }
        _ => {}
    }
}

/// Whether a target has only bytes that tungstenite's parser accepts; the head reader does not check the form of a target.
fn is_plain_target(target: &str) -> bool {
    target.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/?&=.-_~%:".contains(&byte))
}

/// Whether tungstenite's parser knows the version; the head reader accepts any well-formed version.
fn is_known_version(version: &str) -> bool {
    matches!(version, "HTTP/1.0" | "HTTP/1.1")
}
