//! A transcript as a timeline.

use crate::bytes::{DumpLine, dump, from_hex, to_hex};
use crate::describe::{OneLine, event_line};
use crate::html::Piece;
use crate::html::bits::{close_meaning, invalid_payload, rows};
use crate::results::{CaseResult, Direction, Event, Finding, FrameEvent, Outcome, What};
use crate::text::{one_line, shorten};

/// How many events are shown of a case's beginning and of its end: of a pass, and of all else.
const SHOWN_OF_PASS: (usize, usize) = (40, 20);
const SHOWN: (usize, usize) = (300, 100);
/// How many bytes are dumped at most, and how many characters of a head are shown.
const DUMPED: usize = 1024;
const HEAD: usize = 16 * 1024;

/// One line of the timeline.
pub(crate) struct EventView {
    /// Its place in the transcript.
    pub index: usize,
    /// When, in milliseconds.
    pub at: String,
    /// The classes: the direction, and `found` with an outcome where a finding points at it.
    pub class: String,
    pub arrow: &'static str,
    /// `sent` or `actual`, for those who do not see the arrow.
    pub word: &'static str,
    pub line: OneLine,
    /// The details that can be expanded.
    pub detail: Option<Vec<Piece>>,
    /// Whether it is unfolded from the start.
    pub open: bool,
    /// Its deviations, and the findings that refer to it.
    pub wrong: Vec<String>,
    /// Events that are left out in front of it.
    pub skipped: usize,
}

/// The timeline of a case.
pub(crate) fn events(case: &CaseResult) -> Vec<EventView> {
    let (first, last) = if case.outcome == Outcome::Pass { SHOWN_OF_PASS } else { SHOWN };
    let length = case.transcript.len();
    let pointed = |index: usize| case.findings.iter().any(|finding| finding.event == Some(index));
    let mut views = Vec::new();
    let mut skipped = 0;
    for (index, event) in case.transcript.iter().enumerate() {
        if index >= first && index + last < length && !pointed(index) {
            skipped += 1;
            continue;
        }
        views.push(view(case, index, event, std::mem::take(&mut skipped)));
    }
    views
}

fn view(case: &CaseResult, index: usize, event: &Event, skipped: usize) -> EventView {
    let findings: Vec<&Finding> = case.findings.iter().filter(|finding| finding.event == Some(index)).collect();
    let (class, arrow, word) = match event.direction {
        Some(Direction::Out) => ("out", "→", "sent"),
        Some(Direction::In) => ("in", "←", "received"),
        None => ("note", "", ""),
    };
    let mut wrong = Vec::new();
    if let What::Frame(frame) = &event.what {
        wrong.clone_from(&frame.wrong);
    }
    let found = match worst(&findings) {
        None if event.direction == Some(Direction::In) && !wrong.is_empty() => {
            Some(if case.outcome == Outcome::Pass { Outcome::Fail } else { case.outcome })
        }
        worst => worst,
    };
    // A deviation of the frame is shown once; the findings are shown above the conversation.
    if wrong.is_empty() {
        wrong = findings.iter().map(|finding| format!("{}: {}", finding.by, shorten(&finding.message, 400))).collect();
    }
    EventView {
        index,
        at: format!("{:.2}", event.at_ms),
        class: found.map_or_else(|| class.into(), |outcome| format!("{class} found {}", outcome.name())),
        arrow,
        word,
        line: event_line(&event.what),
        detail: detail(case, event),
        open: found.is_some(),
        wrong,
        skipped,
    }
}

/// The most serious outcome of these findings.
fn worst(findings: &[&Finding]) -> Option<Outcome> {
    Outcome::ALL.into_iter().find(|&outcome| findings.iter().any(|finding| finding.outcome == outcome))
}

fn detail(case: &CaseResult, event: &Event) -> Option<Vec<Piece>> {
    match &event.what {
        What::Head { text } => Some(vec![Piece::plain(shorten(&text.replace("\r\n", "\n"), HEAD).trim_end())]),
        What::Frame(frame) => Some(frame_detail(frame, event.direction, case.role.name())),
        What::Bytes { length, hex } => {
            let bytes = from_hex(hex);
            let shown = &bytes[..bytes.len().min(DUMPED)];
            let mut pieces = dumped(dump(shown, 0, None));
            left_out(&mut pieces, *length, shown.len());
            Some(pieces)
        }
        What::End { .. } | What::Note { .. } => None,
    }
}

fn frame_detail(frame: &FrameEvent, direction: Option<Direction>, role: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for row in rows(frame, direction, role) {
        push(&mut pieces, Piece { text: row.text, mark: row.wrong });
        push(&mut pieces, Piece::plain("\n"));
    }
    let payload = from_hex(&frame.payload);
    let shown = &payload[..payload.len().min(DUMPED)];
    if !shown.is_empty() {
        let unmasked = if frame.mask.is_some() { ", unmasked" } else { "" };
        let meaning = close_meaning(frame, shown).map(|meaning| format!(": {meaning}")).unwrap_or_default();
        push(&mut pieces, Piece::plain(format!("\npayload{unmasked}{meaning}\n")));
        let mark = invalid_payload(frame, shown);
        for piece in dumped(dump(shown, 0, mark.as_ref())) {
            push(&mut pieces, piece);
        }
    }
    let tail = from_hex(&frame.tail);
    let tail = &tail[..tail.len().min(DUMPED)];
    left_out(&mut pieces, frame.length, shown.len() + tail.len());
    if !tail.is_empty() {
        let start = frame.length.saturating_sub(tail.len() as u64);
        for piece in dumped(dump(tail, start, None)) {
            push(&mut pieces, piece);
        }
    }
    if let Some(digest) = &frame.digest {
        push(&mut pieces, Piece::plain(format!("SHA-1 of the payload starts with {}\n", one_line(digest))));
    }
    if let Some(inflated) = &frame.inflated {
        let bytes = from_hex(&inflated.hex);
        let shown = &bytes[..bytes.len().min(DUMPED)];
        push(&mut pieces, Piece::plain(format!("\ninflated: {} bytes\n", inflated.length)));
        dumped(dump(shown, 0, None)).into_iter().for_each(|piece| push(&mut pieces, piece));
        left_out(&mut pieces, inflated.length, shown.len());
    }
    if pieces.is_empty() {
        pieces.push(Piece::plain(to_hex(&from_hex(&frame.head))));
    }
    pieces
}

fn left_out(pieces: &mut Vec<Piece>, length: u64, shown: usize) {
    let missing = length.saturating_sub(shown as u64);
    if missing > 0 {
        push(pieces, Piece::plain(format!("…     {missing} bytes are not recorded here\n")));
    }
}

fn dumped(lines: Vec<DumpLine>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for line in lines {
        let marked = line.marked();
        let [before, mark, after] = line.hex;
        let [text_before, text_mark, text_after] = line.ascii;
        let parts = [
            (format!("{}  {before}", line.offset), false),
            (mark, marked),
            (format!("{after}{}  {text_before}", line.gap), false),
            (text_mark, marked),
            (format!("{text_after}\n"), false),
        ];
        for (text, mark) in parts {
            push(&mut pieces, Piece { text, mark });
        }
    }
    pieces
}

/// Appends a piece, joined to the one before it where both are plain: fewer elements make a smaller page.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match pieces.last_mut() {
        Some(last) if !last.mark && !piece.mark => last.text.push_str(&piece.text),
        _ if piece.text.is_empty() => {}
        _ => pieces.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Inflated;

    #[test]
    fn what_a_compressed_message_says_is_shown() {
        let inflated = Some(Inflated { length: 5, hex: "48656c6c6f".into() });
        let (head, payload) = ("c107".into(), "f248cdc9c90700".into());
        let frame = FrameEvent {
            fin: true,
            rsv: 4,
            opcode: 1,
            form: 7,
            length: 7,
            head,
            payload,
            inflated,
            ..FrameEvent::default()
        };
        let text: String =
            frame_detail(&frame, Some(Direction::In), "server").into_iter().map(|piece| piece.text).collect();
        assert!(text.contains("inflated: 5 bytes") && text.contains("Hello"), "{text}");
    }
}
