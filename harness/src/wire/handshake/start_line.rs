//! The first line of a head: RFC 9112 sections 3 and 4.

use std::ops::Range;

use super::list::is_space;
use super::parse::{Deviations, is_token};
use super::read::{HeadDeviationKind as Kind, Start};

/// Parses the start line at `line` in `raw`, without its end, and records its violations.
pub(super) fn parse(raw: &[u8], line: Range<usize>, deviations: &mut Deviations) -> Start {
    let bytes = raw.get(line.clone()).unwrap_or_default();
    let mut found = Deviations::default();
    let start = match bytes.starts_with(b"HTTP/") {
        true => status_line(bytes, &mut found),
        false => request_line(bytes, &mut found),
    };
    match start {
        Some(start) => {
            found.iter().for_each(|one| deviations.add(line.start + one.offset, one.kind.clone()));
            start
        }
        // A line without parts cannot be checked any further.
        None => {
            deviations.add(line.start, Kind::StartLine);
            Start::Malformed(text(bytes))
        }
    }
}

fn status_line(line: &[u8], deviations: &mut Deviations) -> Option<Start> {
    let version_end = line.iter().position(|&byte| is_space(byte))?;
    let (version, rest) = line.split_at_checked(version_end)?;
    let gap = rest.iter().take_while(|&&byte| is_space(byte)).count();
    record_gap(rest.get(..gap)?, version_end, deviations);
    record_version(version, 0, deviations);
    let rest = rest.get(gap..)?;
    let status_end = rest.iter().position(|&byte| is_space(byte)).unwrap_or(rest.len());
    let (status, reason) = rest.split_at_checked(status_end)?;
    let &[b'0'..=b'9', b'0'..=b'9', b'0'..=b'9'] = status else {
        return None;
    };
    let status = status.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    let after_status = version_end + gap + status_end;
    let reason = match reason.split_first() {
        None => {
            deviations.add(after_status, Kind::NoSpaceAfterStatus);
            reason
        }
        // Further spaces belong to the reason phrase, which may begin with any of them.
        Some((b' ', reason)) => reason,
        Some((_, reason)) => {
            deviations.add(after_status, Kind::StartLineSpaces);
            reason
        }
    };
    Some(Start::Response { version: text(version), status, reason: text(reason) })
}

fn request_line(line: &[u8], deviations: &mut Deviations) -> Option<Start> {
    let inner = |byte: &u8| !is_space(*byte);
    let first = line.iter().position(inner)?;
    let end = line.iter().rposition(inner)? + 1;
    let gap_after = |from: usize| Some(from + line.get(from..end)?.iter().position(|&o| is_space(o))?);
    let method_end = gap_after(first)?;
    let version_start = line.get(..end)?.iter().rposition(|&byte| is_space(byte))? + 1;
    let between = line.get(method_end..version_start)?;
    let target_start = method_end + between.iter().position(inner)?;
    let target_end = method_end + between.iter().rposition(inner)? + 1;
    let method = line.get(first..method_end)?;
    let target = line.get(target_start..target_end)?;
    let version = line.get(version_start..end)?;
    if !version.get(..5)?.eq_ignore_ascii_case(b"HTTP/") {
        return None;
    }
    if first > 0 {
        deviations.add(0, Kind::StartLineSpaces);
    }
    if !is_token(method) {
        deviations.add(first, Kind::StartLine);
    }
    record_gap(line.get(method_end..target_start)?, method_end, deviations);
    if let Some(space) = target.iter().position(|&byte| is_space(byte)) {
        deviations.add(target_start + space, Kind::StartLineSpaces);
    }
    record_gap(line.get(target_end..version_start)?, target_end, deviations);
    record_version(version, version_start, deviations);
    if end < line.len() {
        deviations.add(end, Kind::StartLineSpaces);
    }
    Some(Start::Request { method: text(method), target: text(target), version: text(version) })
}

/// Records a gap between two parts that is not one space, at the first byte that shows it.
fn record_gap(gap: &[u8], at: usize, deviations: &mut Deviations) {
    match gap {
        [b' '] => {}
        [b' ', ..] => deviations.add(at + 1, Kind::StartLineSpaces),
        _ => deviations.add(at, Kind::StartLineSpaces),
    }
}

/// Records a version that is not `HTTP/` with two digits and a dot between them.
fn record_version(version: &[u8], at: usize, deviations: &mut Deviations) {
    if !matches!(version, [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9']) {
        deviations.add(at, Kind::StartLine);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[u8]) -> (Start, Vec<(usize, Kind)>) {
        let mut deviations = Deviations::default();
        let start = parse(line, 0..line.len(), &mut deviations);
        (start, deviations.iter().map(|one| (one.offset, one.kind.clone())).collect())
    }

    fn request(method: &str, target: &str, version: &str) -> Start {
        let [method, target, version] = [method, target, version].map(str::to_owned);
        Start::Request { method, target, version }
    }

    fn response(version: &str, status: u16, reason: &str) -> Start {
        Start::Response { version: version.to_owned(), status, reason: reason.to_owned() }
    }

    #[test]
    fn valid_lines_have_no_deviation() {
        let valid = request("GET", "/chat?a=b", "HTTP/1.1");
        assert_eq!(read(b"GET /chat?a=b HTTP/1.1"), (valid, vec![]));
        let valid = response("HTTP/1.1", 101, "Switching Protocols");
        assert_eq!(read(b"HTTP/1.1 101 Switching Protocols"), (valid, vec![]));
        assert_eq!(read(b"HTTP/1.0 200 "), (response("HTTP/1.0", 200, ""), vec![]));
        assert_eq!(read(b"HTTP/1.1 101  x"), (response("HTTP/1.1", 101, " x"), vec![]));
    }

    #[test]
    fn extra_spaces_are_reported_at_their_offset() {
        let get = || request("GET", "/", "HTTP/1.1");
        assert_eq!(read(b"GET  / HTTP/1.1"), (get(), vec![(4, Kind::StartLineSpaces)]));
        assert_eq!(read(b"GET /\tHTTP/1.1"), (get(), vec![(5, Kind::StartLineSpaces)]));
        assert_eq!(read(b"GET /  HTTP/1.1"), (get(), vec![(6, Kind::StartLineSpaces)]));
        assert_eq!(read(b" GET / HTTP/1.1"), (get(), vec![(0, Kind::StartLineSpaces)]));
        assert_eq!(read(b"GET / HTTP/1.1 "), (get(), vec![(14, Kind::StartLineSpaces)]));
        let inner = request("GET", "/a b", "HTTP/1.1");
        assert_eq!(read(b"GET /a b HTTP/1.1"), (inner, vec![(6, Kind::StartLineSpaces)]));
        let ok = || response("HTTP/1.1", 101, "x");
        assert_eq!(read(b"HTTP/1.1  101 x"), (ok(), vec![(9, Kind::StartLineSpaces)]));
        assert_eq!(read(b"HTTP/1.1 101\tx"), (ok(), vec![(12, Kind::StartLineSpaces)]));
    }

    #[test]
    fn a_missing_space_after_the_status_is_reported() {
        let bare = response("HTTP/1.1", 101, "");
        assert_eq!(read(b"HTTP/1.1 101"), (bare, vec![(12, Kind::NoSpaceAfterStatus)]));
    }

    #[test]
    fn malformed_parts_are_kept_and_reported() {
        let malformed_part = request("GET", "/", "HTTP/1");
        assert_eq!(read(b"GET / HTTP/1"), (malformed_part, vec![(6, Kind::StartLine)]));
        let malformed_part = request("GET", "/", "http/1.1");
        assert_eq!(read(b"GET / http/1.1"), (malformed_part, vec![(6, Kind::StartLine)]));
        let malformed_part = request("G(T", "/", "HTTP/1.1");
        assert_eq!(read(b"G(T / HTTP/1.1"), (malformed_part, vec![(0, Kind::StartLine)]));
        let malformed_part = response("HTTP/2", 101, "");
        assert_eq!(read(b"HTTP/2 101 "), (malformed_part, vec![(0, Kind::StartLine)]));
    }

    #[test]
    fn other_lines_are_malformed() {
        for line in [
            "",
            " ",
            "GET",
            "GET /",
            "GET / ",
            "GET  HTTP/1.1",
            "GET / HTTQ/1.1",
            "SSH-2.0-x",
            "HTTP/1.1",
            "HTTP/1.1 ",
            "HTTP/1.1 10",
            "HTTP/1.1 1010 x",
            "HTTP/1.1 abc x",
            "HTTP/1.1  ",
        ] {
            let malformed = Start::Malformed(line.to_owned());
            assert_eq!(read(line.as_bytes()), (malformed, vec![(0, Kind::StartLine)]), "{line:?}");
        }
    }
}
