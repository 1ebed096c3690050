//! Compares the decoder with itself and with the encoder.

use super::splits::splits;
use super::text::first_invalid;
use crate::vocabulary::Role;
use crate::wire::{Assembler, Decoder, Deviation, DeviationKind, FrameHead, FrameSpec, Incoming, Opcode, RxFrame};

/// Everything that a decoder reports about a stream.
#[derive(Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) frames: Vec<RxFrame>,
    pub(super) overflow: Option<FrameHead>,
    pub(super) pending: u64,
    pub(super) pending_head: Option<FrameHead>,
    pub(super) pending_deviations: Vec<Deviation>,
}

/// Reads the pieces with one decoder.
pub(super) fn read(sender: Role, max_payload: u64, pieces: &[&[u8]]) -> Reading {
    let mut decoder = Decoder::new(sender, max_payload);
    let mut frames = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        frames.extend(std::iter::from_fn(|| decoder.next_frame()));
    }
    Reading {
        frames,
        overflow: decoder.overflow(),
        pending: decoder.pending(),
        pending_head: decoder.pending_head(),
        pending_deviations: decoder.pending_deviations().to_vec(),
    }
}

/// Checks that no split changes what the decoder reports, that every frame writes back to the bytes from which it was
/// read, that every offset is inside the part to which it belongs, and that text is judged as the standard library
/// judges it.
pub fn frames(data: &[u8]) {
    for sender in [Role::Client, Role::Server] {
        for max_payload in [200, 1 << 16] {
            let [whole, others @ ..] = splits(data);
            let reading = read(sender, max_payload, &whole);
            for pieces in others {
                assert_eq!(read(sender, max_payload, &pieces), reading);
            }
            check_positions(data, &reading, max_payload);
            check_messages(data, &reading.frames);
        }
    }
}

/// Checks that frames follow each other without a gap, and write back to the bytes from which they were read.
fn check_positions(data: &[u8], reading: &Reading, max_payload: u64) {
    let mut at = 0;
    for frame in &reading.frames {
        assert_eq!(frame.offset as usize, at);
        assert!(frame.head.length <= max_payload);
        assert_eq!(frame.head.length, frame.payload.len() as u64);
        let mut written = Vec::new();
        spec(frame).write(&mut written);
        let end = at + written.len();
        assert_eq!(data.get(at..end), Some(&written[..]));
        check_offsets(&frame.deviations, at, end);
        at = end;
    }
    match reading.overflow {
        None => assert_eq!(reading.pending as usize, data.len() - at),
        Some(head) => assert_eq!(reading.pending as usize, head.bytes()),
    }
    check_offsets(&reading.pending_deviations, at, data.len());
}

fn check_offsets(deviations: &[Deviation], start: usize, end: usize) {
    assert!(deviations.is_sorted_by_key(|found| found.offset));
    for found in deviations {
        assert!((start as u64..=end as u64).contains(&found.offset), "{found:?}");
    }
}

/// The frame as it would be written.
fn spec(frame: &RxFrame) -> FrameSpec {
    FrameSpec {
        fin: frame.head.fin,
        rsv: frame.head.rsv,
        opcode: frame.head.opcode,
        mask: frame.head.mask,
        form: Some(frame.head.form),
        declared: None,
        payload: frame.payload.clone(),
    }
}

/// Checks that messages hold no more than what arrived, and that a text is invalid exactly where the standard library
/// finds it invalid.
fn check_messages(data: &[u8], frames: &[RxFrame]) {
    let mut assembler = Assembler::new();
    let mut arrived = 0;
    // The position on the wire of each byte of the message in progress, and where its text was found invalid.
    let mut positions: Vec<u64> = Vec::new();
    let mut invalid: Option<u64> = None;
    for frame in frames {
        arrived += frame.payload.len();
        if matches!(frame.head.opcode, Opcode::TEXT | Opcode::BINARY) {
            positions.clear();
            invalid = None;
        }
        let payload = frame.offset + frame.head.bytes() as u64;
        let end = payload + frame.head.length;
        if !frame.head.opcode.is_control() && !frame.head.opcode.is_reserved() {
            positions.extend(payload..end);
        }
        for found in &frame.deviations {
            if found.kind == DeviationKind::TextNotUtf8 {
                assert_eq!(invalid.replace(found.offset), None, "reported twice for one message");
            }
        }
        if frame.head.opcode == Opcode::CLOSE {
            let reason = frame.payload.get(2..).unwrap_or_default();
            let reported = frame.deviations.iter();
            let reported = reported.filter(|found| found.kind == DeviationKind::CloseReasonNotUtf8);
            let expected = first_invalid(reason).map(|at| payload + 2 + at);
            assert!(reported.map(|found| found.offset).eq(expected));
        }
        let held = assembler.held();
        match assembler.push(frame) {
            Some(Incoming::Text(text)) => {
                let expected = first_invalid(&text).map(|at| *positions.get(at as usize).unwrap_or(&end));
                assert_eq!(invalid, expected);
                assert!(text.len() <= held + frame.payload.len());
            }
            Some(Incoming::Binary(_)) => assert_eq!(invalid, None),
            _ => {}
        }
        assert!(assembler.held() <= arrived && arrived <= data.len());
    }
}
