//! Compressed messages, between the frames and the codec: RFC 7692 sections 6 and 7.2.

use crate::wire::utf8::Validator;
use crate::wire::{FrameHead, FrameSpec, Opcode};

use super::super::faults::Fault;
use super::endpoint::{Endpoint, Failure, InFrame, NOT_UTF8, PROTOCOL, TOO_BIG};
use super::inflate::BAD_DATA;
use super::messages::Message;

/// RSV1, which marks the first frame of a compressed message.
pub(super) const RSV1: u8 = 4;

/// The length above which a faulty endpoint does not answer a compressed message, in bytes.
const LONG: usize = 1024 * 1024;

impl Endpoint {
    /// Whether the value of RSV1 is allowed here.
    pub(super) fn likes_rsv1(&self, set: bool, opcode: Opcode) -> bool {
        let starts = matches!(opcode, Opcode::TEXT | Opcode::BINARY);
        if !set {
            return !(starts && self.inflater.is_some() && self.fault(Fault::PLAIN_REFUSED_WHEN_AGREED));
        }
        let on_later =
            self.fault(Fault::RSV1_ON_CONTINUATION_PASSED_OVER) || self.fault(Fault::RSV1_ON_CONTINUATION_INFLATED);
        let on_control = self.fault(Fault::RSV1_ON_CONTROL_PASSED_OVER) || self.fault(Fault::RSV1_ON_CONTROL_ARMS);
        self.inflater.is_some()
            && (starts || (opcode == Opcode::CONTINUATION && on_later) || (opcode.is_control() && on_control))
    }

    /// Whether the message that starts with a frame is compressed.
    pub(super) fn begins_compressed(&mut self, head: &FrameHead) -> bool {
        let all = self.fault(Fault::PLAIN_INFLATED);
        let armed = std::mem::take(&mut self.scratch.armed);
        let Some(inflater) = &mut self.inflater else {
            return false;
        };
        inflater.begin();
        head.rsv & RSV1 != 0 || all || armed
    }

    /// Records RSV1 of a frame that does not start a message.
    pub(super) fn note_later_rsv1(&mut self, head: &FrameHead) {
        if head.rsv & RSV1 == 0 {
            return;
        }
        if head.opcode.is_control() {
            self.scratch.armed = self.fault(Fault::RSV1_ON_CONTROL_ARMS);
        } else if self.fault(Fault::RSV1_ON_CONTINUATION_INFLATED)
            && let Some(message) = &mut self.message
        {
            message.compressed = true;
        }
    }

    /// Whether the frame in progress is part of a compressed message.
    pub(super) fn is_in_compressed(&self) -> bool {
        let data = self.frame.as_ref().is_some_and(|frame| !frame.head.opcode.is_control());
        data && self.message.as_ref().is_some_and(|message| message.compressed)
    }

    /// Inflates the available payload of the frame in progress, and checks it if it is text.
    pub(super) fn inflate_piece(&mut self) -> Result<(), Failure> {
        let fault = self.fault;
        let is = |asked: Fault| fault == Some(asked);
        let (Some(frame), Some(message), Some(inflater)) = (&mut self.frame, &mut self.message, &mut self.inflater)
        else {
            return Ok(());
        };
        let piece = std::mem::take(&mut frame.payload);
        if frame.left > 0 && !piece.is_empty() && is(Fault::COMPRESSED_IN_PIECES_REFUSED) {
            return Err(BAD_DATA);
        }
        if is(Fault::UTF8_CHECKED_BEFORE_INFLATING) && message.opcode == Opcode::TEXT {
            message.validator.push(&piece).map_err(|_| NOT_UTF8)?;
        }
        if is(Fault::BAD_STREAM_DELIVERED) {
            message.as_it_came.extend_from_slice(&piece);
        }
        let start = message.bytes.len();
        if message.frames > 0 && is(Fault::FIRST_FRAGMENT_INFLATED_ONLY) {
            message.bytes.extend_from_slice(&piece);
        } else if !message.spoiled {
            let inflated = inflater.push(&piece, &mut message.bytes);
            self.weigh(inflated)?;
        }
        self.check_inflated(start)
    }

    /// Checks the bytes of the message from `start` on, if they are text.
    fn check_inflated(&mut self, start: usize) -> Result<(), Failure> {
        let unchecked = self.fault(Fault::INFLATED_TEXT_UNCHECKED) || self.fault(Fault::UTF8_CHECKED_BEFORE_INFLATING);
        let strict = self.checks_text_at_once() && !unchecked;
        match &mut self.message {
            Some(message) if message.opcode == Opcode::TEXT && strict => {
                let fresh = message.bytes.get(start..).unwrap_or_default();
                message.validator.push(fresh).map_err(|_| NOT_UTF8)
            }
            _ => Ok(()),
        }
    }

    /// Fails on data that does not inflate; faulty endpoints treat it in other ways.
    fn weigh(&mut self, inflated: Result<(), Failure>) -> Result<(), Failure> {
        let Err(failure) = inflated else {
            return Ok(());
        };
        let forgives = self.fault(Fault::BAD_STREAM_DELIVERED)
            || self.fault(Fault::BAD_STREAM_DELIVERED_IN_PART)
            || self.fault(Fault::BAD_STREAM_SKIPPED);
        let (true, Some(message)) = (forgives && failure != TOO_BIG, &mut self.message) else {
            return Err(failure);
        };
        message.spoiled = true;
        if let Some(inflater) = &mut self.inflater {
            inflater.forget();
        }
        Ok(())
    }

    /// Handles the end of a compressed message's frame. The message is in its place again by then.
    pub(super) fn end_compressed_frame(&mut self, fin: bool) -> Result<(), Failure> {
        let alone = self.fault(Fault::FRAGMENTS_INFLATED_ALONE);
        let (Some(message), Some(inflater)) = (&mut self.message, &mut self.inflater) else {
            return Ok(());
        };
        if !fin && !alone {
            return Ok(());
        }
        let start = message.bytes.len();
        if !message.spoiled {
            let inflated = inflater.finish(&mut message.bytes);
            if alone {
                inflater.forget();
                inflater.begin();
            }
            self.weigh(inflated)?;
        }
        self.check_inflated(start)
    }

    /// The content of a complete compressed message; `None` if a faulty endpoint drops it.
    pub(super) fn inflated(&mut self, mut message: Message) -> Option<Message> {
        let long = message.bytes.len() > LONG && self.fault(Fault::LONG_COMPRESSED_UNANSWERED);
        if long || (message.spoiled && self.fault(Fault::BAD_STREAM_SKIPPED)) {
            return None;
        }
        if message.spoiled && self.fault(Fault::BAD_STREAM_DELIVERED) {
            message.bytes = std::mem::take(&mut message.as_it_came);
            message.validator = Validator::new();
        }
        if self.fault(Fault::COMPRESSED_TEXT_IS_BINARY) {
            message.opcode = Opcode::BINARY;
        }
        if self.fault(Fault::COMPRESSED_BINARY_IS_TEXT) {
            message.opcode = Opcode::TEXT;
        }
        Some(message)
    }

    /// Records a plain message.
    pub(super) fn note_plain(&mut self) {
        if self.fault(Fault::PLAIN_RESETS_INFLATER)
            && let Some(inflater) = &mut self.inflater
        {
            inflater.forget();
        }
    }

    /// The effect of a control frame on a faulty endpoint when compression is agreed.
    pub(super) fn deflate_control(&mut self, frame: &mut InFrame) -> Result<(), Failure> {
        let mid_message = self.message.as_ref().is_some_and(|message| message.compressed);
        let (resets, inflates) = (self.fault(Fault::PING_RESETS_INFLATER), self.fault(Fault::PING_INFLATED));
        let (true, Some(inflater)) = (mid_message, &mut self.inflater) else {
            return Ok(());
        };
        if resets {
            inflater.forget();
            inflater.begin();
        }
        if inflates {
            let mut data = Vec::new();
            inflater.push(&frame.payload, &mut data).map_err(|_| PROTOCOL)?;
            frame.payload = data;
        }
        Ok(())
    }

    /// The frames of a data message, compressed if that was agreed.
    pub(super) fn data_frames(&mut self, opcode: Opcode, bytes: Vec<u8>) -> Vec<FrameSpec> {
        if self.fault(Fault::FLUSHES_STRIPPED_IN_FRAGMENTS) && self.deflater.is_some() {
            return self.flushed_fragments(opcode, &bytes);
        }
        let Some(payload) = self.deflater.as_mut().and_then(|deflater| deflater.message(&bytes)) else {
            return vec![FrameSpec::new(opcode, bytes)];
        };
        let rsv = if self.fault(Fault::COMPRESSED_WITHOUT_RSV1) { 0 } else { RSV1 };
        if self.fault(Fault::RSV1_ON_EVERY_FRAGMENT) {
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
        let mut flushed = |half| self.deflater.as_mut().and_then(|deflater| deflater.flushed(half)).unwrap_or_default();
        let (first, second) = (flushed(halves.0), flushed(halves.1));
        vec![
            FrameSpec { fin: false, rsv: RSV1, ..FrameSpec::new(opcode, first) },
            FrameSpec::new(Opcode::CONTINUATION, second),
        ]
    }

    /// Applies a faulty endpoint's changes to a control frame.
    pub(super) fn spoil_control(&mut self, spec: &mut FrameSpec) {
        let Some(deflater) = &mut self.deflater else {
            return;
        };
        if self.fault == Some(Fault::RSV1_SENT_ON_CONTROL) {
            spec.rsv = RSV1;
        }
        if self.fault == Some(Fault::CONTROL_COMPRESSED)
            && let Some(payload) = deflater.message(&spec.payload)
        {
            spec.rsv = RSV1;
            spec.payload = payload.into();
        }
    }
}
