//! Compressed messages, between the frames and the codec: RFC 7692 sections 6 and 7.2.

use crate::wire::utf8::Validator;
use crate::wire::{FrameHead, FrameSpec, Opcode};

use super::super::faults::Fault;
use super::endpoint::{Endpoint, Failure, INVALID_TEXT, IncomingFrame, MESSAGE_TOO_BIG, PROTOCOL_ERROR};
use super::inflate::INVALID_DEFLATE;
use super::messages::Message;

/// RSV1, which marks the first frame of a compressed message.
pub(super) const RSV1: u8 = 4;

/// The length above which a faulty endpoint does not answer a compressed message, in bytes.
const LONG: usize = 1024 * 1024;

impl Endpoint {
    /// Whether the value of RSV1 is allowed here.
    pub(super) fn is_valid_rsv1(&self, set: bool, opcode: Opcode) -> bool {
        let starts = matches!(opcode, Opcode::TEXT | Opcode::BINARY);
        if !set {
            return !(starts && self.inflater.is_some() && self.has(Fault::PLAIN_REFUSED_WHEN_AGREED));
        }
        let accepted_on_later =
            self.has(Fault::RSV1_ON_CONTINUATION_PASSED_OVER) || self.has(Fault::RSV1_ON_CONTINUATION_INFLATED);
        let accepted_on_control = self.has(Fault::RSV1_ON_CONTROL_PASSED_OVER) || self.has(Fault::RSV1_ON_CONTROL_ARMS);
        self.inflater.is_some()
            && (starts
                || (opcode == Opcode::CONTINUATION && accepted_on_later)
                || (opcode.is_control() && accepted_on_control))
    }

    /// Whether the message that starts with a frame is compressed.
    pub(super) fn starts_compressed(&mut self, head: &FrameHead) -> bool {
        let inflates_all = self.has(Fault::PLAIN_INFLATED);
        let next_message_compressed = std::mem::take(&mut self.fault_state.next_message_compressed);
        let Some(inflater) = &mut self.inflater else {
            return false;
        };
        inflater.begin_message();
        head.rsv & RSV1 != 0 || inflates_all || next_message_compressed
    }

    /// Records RSV1 of a frame that does not start a message.
    pub(super) fn record_later_rsv1(&mut self, head: &FrameHead) {
        if head.rsv & RSV1 == 0 {
            return;
        }
        if head.opcode.is_control() {
            self.fault_state.next_message_compressed = self.has(Fault::RSV1_ON_CONTROL_ARMS);
        } else if self.has(Fault::RSV1_ON_CONTINUATION_INFLATED)
            && let Some(message) = &mut self.message
        {
            message.compressed = true;
        }
    }

    /// Whether the frame in progress is part of a compressed message.
    pub(super) fn is_in_compressed_message(&self) -> bool {
        let data = self.frame.as_ref().is_some_and(|frame| !frame.head.opcode.is_control());
        data && self.message.as_ref().is_some_and(|message| message.compressed)
    }

    /// Inflates the available payload of the frame in progress, and checks it if it is text.
    pub(super) fn inflate_piece(&mut self) -> Result<(), Failure> {
        let fault = self.fault;
        let has = |other: Fault| fault == Some(other);
        let (Some(frame), Some(message), Some(inflater)) = (&mut self.frame, &mut self.message, &mut self.inflater)
        else {
            return Ok(());
        };
        let piece = std::mem::take(&mut frame.payload);
        if frame.remaining > 0 && !piece.is_empty() && has(Fault::COMPRESSED_IN_PIECES_REFUSED) {
            return Err(INVALID_DEFLATE);
        }
        if has(Fault::UTF8_CHECKED_BEFORE_INFLATING) && message.opcode == Opcode::TEXT {
            message.validator.push(&piece).map_err(|_| INVALID_TEXT)?;
        }
        if has(Fault::BAD_STREAM_DELIVERED) {
            message.uninflated.extend_from_slice(&piece);
        }
        let start = message.bytes.len();
        if message.frames > 0 && has(Fault::FIRST_FRAGMENT_INFLATED_ONLY) {
            message.bytes.extend_from_slice(&piece);
        } else if !message.inflate_failed {
            let inflated = inflater.push(&piece, &mut message.bytes);
            self.check_inflate_result(inflated)?;
        }
        self.check_inflated(start)
    }

    /// Checks the bytes of the message from `start` on, if they are text.
    fn check_inflated(&mut self, start: usize) -> Result<(), Failure> {
        let unchecked = self.has(Fault::INFLATED_TEXT_UNCHECKED) || self.has(Fault::UTF8_CHECKED_BEFORE_INFLATING);
        let strict = self.checks_text_incrementally() && !unchecked;
        match &mut self.message {
            Some(message) if message.opcode == Opcode::TEXT && strict => {
                let new_bytes = message.bytes.get(start..).unwrap_or_default();
                message.validator.push(new_bytes).map_err(|_| INVALID_TEXT)
            }
            _ => Ok(()),
        }
    }

    /// Fails on data that does not inflate; faulty endpoints treat it in other ways.
    fn check_inflate_result(&mut self, inflated: Result<(), Failure>) -> Result<(), Failure> {
        let Err(failure) = inflated else {
            return Ok(());
        };
        let tolerates = self.has(Fault::BAD_STREAM_DELIVERED)
            || self.has(Fault::BAD_STREAM_DELIVERED_IN_PART)
            || self.has(Fault::BAD_STREAM_SKIPPED);
        let (true, Some(message)) = (tolerates && failure != MESSAGE_TOO_BIG, &mut self.message) else {
            return Err(failure);
        };
        message.inflate_failed = true;
        if let Some(inflater) = &mut self.inflater {
            inflater.reset();
        }
        Ok(())
    }

    /// Handles the end of a compressed message's frame. `self.message` still holds the message.
    pub(super) fn end_compressed_frame(&mut self, fin: bool) -> Result<(), Failure> {
        let separately = self.has(Fault::FRAGMENTS_INFLATED_ALONE);
        let (Some(message), Some(inflater)) = (&mut self.message, &mut self.inflater) else {
            return Ok(());
        };
        if !fin && !separately {
            return Ok(());
        }
        let start = message.bytes.len();
        if !message.inflate_failed {
            let inflated = inflater.finish_message(&mut message.bytes);
            if separately {
                inflater.reset();
                inflater.begin_message();
            }
            self.check_inflate_result(inflated)?;
        }
        self.check_inflated(start)
    }

    /// The content of a complete compressed message; `None` if a faulty endpoint drops it.
    pub(super) fn complete_compressed(&mut self, mut message: Message) -> Option<Message> {
        let long = message.bytes.len() > LONG && self.has(Fault::LONG_COMPRESSED_UNANSWERED);
        if long || (message.inflate_failed && self.has(Fault::BAD_STREAM_SKIPPED)) {
            return None;
        }
        if message.inflate_failed && self.has(Fault::BAD_STREAM_DELIVERED) {
            message.bytes = std::mem::take(&mut message.uninflated);
            message.validator = Validator::new();
        }
        if self.has(Fault::COMPRESSED_TEXT_IS_BINARY) {
            message.opcode = Opcode::BINARY;
        }
        if self.has(Fault::COMPRESSED_BINARY_IS_TEXT) {
            message.opcode = Opcode::TEXT;
        }
        Some(message)
    }

    /// Records that a message was not compressed.
    pub(super) fn record_uncompressed(&mut self) {
        if self.has(Fault::PLAIN_RESETS_INFLATER)
            && let Some(inflater) = &mut self.inflater
        {
            inflater.reset();
        }
    }

    /// The effect of a control frame on a faulty endpoint when compression is agreed.
    pub(super) fn apply_control_frame_faults(&mut self, frame: &mut IncomingFrame) -> Result<(), Failure> {
        let mid_message = self.message.as_ref().is_some_and(|message| message.compressed);
        let (resets, inflates) = (self.has(Fault::PING_RESETS_INFLATER), self.has(Fault::PING_INFLATED));
        let (true, Some(inflater)) = (mid_message, &mut self.inflater) else {
            return Ok(());
        };
        if resets {
            inflater.reset();
            inflater.begin_message();
        }
        if inflates {
            let mut data = Vec::new();
            inflater.push(&frame.payload, &mut data).map_err(|_| PROTOCOL_ERROR)?;
            frame.payload = data;
        }
        Ok(())
    }

    /// The frames of a data message, compressed if that was agreed.
    pub(super) fn data_frames(&mut self, opcode: Opcode, bytes: Vec<u8>) -> Vec<FrameSpec> {
        if self.has(Fault::FLUSHES_STRIPPED_IN_FRAGMENTS) && self.deflater.is_some() {
            return self.flushed_fragments(opcode, &bytes);
        }
        let Some(payload) = self.deflater.as_mut().and_then(|deflater| deflater.compress_message(&bytes)) else {
            return vec![FrameSpec::new(opcode, bytes)];
        };
        let rsv = if self.has(Fault::COMPRESSED_WITHOUT_RSV1) { 0 } else { RSV1 };
        if self.has(Fault::RSV1_ON_EVERY_FRAGMENT) {
            let (first, second) = payload.split_at(payload.len() / 2);
            return vec![
                FrameSpec { fin: false, rsv, ..FrameSpec::new(opcode, first.to_vec()) },
                FrameSpec { rsv, ..FrameSpec::new(Opcode::CONTINUATION, second.to_vec()) },
            ];
        }
        vec![FrameSpec { rsv, ..FrameSpec::new(opcode, payload) }]
    }

    /// Two fragments that are flushed separately and both lack their tail.
    fn flushed_fragments(&mut self, opcode: Opcode, bytes: &[u8]) -> Vec<FrameSpec> {
        let halves = bytes.split_at(bytes.len() / 2);
        let mut flushed =
            |half| self.deflater.as_mut().and_then(|deflater| deflater.compress_to_flush(half)).unwrap_or_default();
        let (first, second) = (flushed(halves.0), flushed(halves.1));
        vec![
            FrameSpec { fin: false, rsv: RSV1, ..FrameSpec::new(opcode, first) },
            FrameSpec::new(Opcode::CONTINUATION, second),
        ]
    }

    /// Applies a faulty endpoint's changes to a control frame.
    pub(super) fn corrupt_control_frame(&mut self, spec: &mut FrameSpec) {
        let Some(deflater) = &mut self.deflater else {
            return;
        };
        if self.fault == Some(Fault::RSV1_SENT_ON_CONTROL) {
            spec.rsv = RSV1;
        }
        if self.fault == Some(Fault::CONTROL_COMPRESSED)
            && let Some(payload) = deflater.compress_message(&spec.payload)
        {
            spec.rsv = RSV1;
            spec.payload = payload.into();
        }
    }
}
