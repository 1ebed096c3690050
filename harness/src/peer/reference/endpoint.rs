//! The state machine: it receives the bytes of the other end and produces the bytes for it.

use crate::vocabulary::Role;
use crate::wire::{FrameHead, Opcode, mask};

use super::super::faults::Fault;
use super::super::handshake::deflate::NegotiatedParams;
use super::super::{Conversation, End, Task};
use super::deflate::Deflater;
use super::inflate::Inflater;
use super::messages::{Message, TextCheck};

/// Why an endpoint fails the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The matching close code.
    pub(super) code: u16,
    /// Whether a text message causes it.
    pub(super) in_text: bool,
}

/// A protocol error: 1002.
pub(super) const PROTOCOL_ERROR: Failure = Failure { code: 1002, in_text: false };
/// Text that is not valid UTF-8: 1007.
pub(super) const INVALID_TEXT: Failure = Failure { code: 1007, in_text: true };
/// A close reason that is not valid UTF-8: 1007.
pub(super) const INVALID_REASON: Failure = Failure { code: 1007, in_text: false };
/// Data that exceeds the endpoint's limits: 1009.
pub(super) const MESSAGE_TOO_BIG: Failure = Failure { code: 1009, in_text: false };

/// The state of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It reads frames.
    Open,
    /// The other end has sent a Close and has been answered.
    Closed,
    /// It has failed the connection.
    Failed,
}

/// A frame that is being read.
#[derive(Debug)]
pub(super) struct IncomingFrame {
    pub(super) head: FrameHead,
    /// The received payload, unmasked; bytes that were inflated are removed from it.
    pub(super) payload: Vec<u8>,
    /// How many bytes of the payload have arrived.
    pub(super) received: usize,
    /// How many bytes of the payload are still missing.
    pub(super) remaining: u64,
    /// Whether the payload is discarded and the frame has no effect.
    pub(super) skipped: bool,
}

/// An endpoint after the opening handshake.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(super) role: Role,
    pub(super) fault: Option<Fault>,
    pub(super) task: Task,
    pub(super) phase: Phase,
    /// The bytes of an incomplete frame header.
    pub(super) header: Vec<u8>,
    pub(super) frame: Option<IncomingFrame>,
    pub(super) message: Option<Message>,
    pub(super) text_check: TextCheck,
    /// The compressor for messages, if both ends agreed on compression.
    pub(super) deflater: Option<Deflater>,
    /// The decompressor for the other end's messages.
    pub(super) inflater: Option<Inflater>,
    /// Bytes for the other end.
    pub(super) output: Vec<u8>,
    pub(super) conversation: Conversation,
    pub(super) fault_state: FaultState,
}

/// State that only a faulty endpoint needs.
#[derive(Debug, Default)]
pub(super) struct FaultState {
    /// Data of pings whose pongs are delayed.
    pub(super) held_pings: Vec<Vec<u8>>,
    /// Data of the first ping.
    pub(super) first_ping: Option<Vec<u8>>,
    /// Delayed messages.
    pub(super) held_messages: Vec<(Opcode, Vec<u8>)>,
    /// The previous message.
    pub(super) previous_message: Vec<u8>,
    /// How many pings have arrived.
    pub(super) pings: u64,
    /// Whether RSV1 on a control frame marks the next message as compressed.
    pub(super) next_message_compressed: bool,
    /// How many frames have been written.
    pub(super) frames_written: u32,
    /// Whether the connection has failed but continues.
    pub(super) failed_before: bool,
}

impl Endpoint {
    /// An endpoint directly after the opening handshake, with the negotiated parameters of permessage-deflate.
    pub(crate) fn new(role: Role, fault: Option<Fault>, task: Task, deflate: Option<NegotiatedParams>) -> Self {
        let without_agreement = (fault == Some(Fault::COMPRESSES_WITHOUT_AGREEMENT)).then(NegotiatedParams::default);
        let mut endpoint = Self {
            role,
            fault,
            task,
            phase: Phase::Open,
            header: Vec::with_capacity(FrameHead::MAX_BYTES),
            frame: None,
            message: None,
            text_check: TextCheck::for_fault(fault),
            deflater: deflate.or(without_agreement).map(|negotiated| Deflater::new(negotiated, role, fault)),
            inflater: deflate.map(|negotiated| Inflater::new(negotiated, role, fault)),
            output: Vec::new(),
            conversation: Conversation::default(),
            fault_state: FaultState::default(),
        };
        if endpoint.has(Fault::GREETS) {
            endpoint.send(Opcode::TEXT, b"welcome".to_vec());
        }
        endpoint
    }

    /// Whether the endpoint has this fault.
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Whether it still reads.
    pub(crate) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Whether it has failed the connection.
    pub(crate) fn has_failed(&self) -> bool {
        self.phase == Phase::Failed
    }

    /// Removes and returns the bytes for the other end.
    pub(crate) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// The conversation so far.
    pub(crate) fn into_conversation(self) -> Conversation {
        self.conversation
    }

    /// Processes the bytes of one read. Bytes after the end of the connection are ignored.
    pub(crate) fn receive(&mut self, mut input: &[u8]) {
        if self.conversation.messages >= 500 && self.has(Fault::DEAF_AFTER_500_MESSAGES) {
            return;
        }
        if let ([read @ .., _], true) = (input, input.len() == 64 && self.has(Fault::READS_OF_64_BYTES_CUT)) {
            input = read;
        }
        let mut frames = 0;
        while self.is_open() || (self.phase == Phase::Closed && self.has(Fault::DATA_AFTER_CLOSE_ECHOED)) {
            match self.read_frame(&mut input) {
                Ok(true) if frames == 100 && self.has(Fault::FRAMES_OF_A_READ_BOUNDED) => break,
                Ok(true) => frames += 1,
                Ok(false) => break,
                Err(failure) => self.fail(failure),
            }
        }
        if self.has(Fault::HEAD_IN_PIECES_LOST) {
            self.header.clear();
        }
        self.finish_read();
    }

    /// Reads up to the end of a frame; returns `false` if the input ends before it.
    fn read_frame(&mut self, input: &mut &[u8]) -> Result<bool, Failure> {
        if self.frame.is_none() && !self.read_header(input)? {
            return Ok(false);
        }
        if !self.read_payload(input)? {
            return Ok(false);
        }
        if let Some(frame) = self.frame.take().filter(|frame| !frame.skipped) {
            self.handle_frame(frame)?;
        }
        if self.has(Fault::ONE_FRAME_A_READ) {
            *input = &[];
        }
        Ok(true)
    }

    /// Reads the available payload; returns `true` if it is complete.
    fn read_payload(&mut self, input: &mut &[u8]) -> Result<bool, Failure> {
        let from_each_read = self.has(Fault::UNMASKS_FROM_EACH_READ);
        let bounded = self.has(Fault::UNMASKS_64_KIB_ONLY);
        let Some(frame) = &mut self.frame else {
            return Ok(true);
        };
        let count = usize::try_from(frame.remaining).map_or(input.len(), |remaining| remaining.min(input.len()));
        let (piece, rest) = input.split_at(count);
        *input = rest;
        frame.remaining -= count as u64;
        let complete = frame.remaining == 0;
        let offset = frame.received;
        frame.received += count;
        if !frame.skipped {
            let start = frame.payload.len();
            frame.payload.extend_from_slice(piece);
            if let (Some(key), Some(mut new_bytes)) = (frame.head.mask, frame.payload.get_mut(start..)) {
                if bounded {
                    let end = new_bytes.len().min(65536_usize.saturating_sub(offset));
                    new_bytes = new_bytes.get_mut(..end).unwrap_or_default();
                }
                mask::apply(new_bytes, key, if from_each_read { 0 } else { offset });
            }
            if self.is_in_compressed_message() {
                self.inflate_piece()?;
            } else {
                self.check_text(start)?;
            }
        }
        Ok(complete)
    }

    /// Handles a complete frame.
    fn handle_frame(&mut self, mut frame: IncomingFrame) -> Result<(), Failure> {
        if let Some(key) = frame.head.mask
            && self.has(Fault::UNMASKS_WHOLE_WORDS_ONLY)
        {
            let whole = frame.payload.len() / 4 * 4;
            mask::apply(frame.payload.get_mut(whole..).unwrap_or_default(), key, whole);
        }
        if frame.head.opcode.is_control() { self.handle_control(frame) } else { self.handle_data(frame) }
    }

    /// Fails the connection: RFC 6455 section 7.1.7.
    fn fail(&mut self, failure: Failure) {
        if failure.in_text && self.has(Fault::BAD_UTF8_ENDS_NOTHING) {
            self.discard_message();
            return;
        }
        self.send_failure_close(failure.code);
        self.conversation.end = End::Failed(failure.code);
        if self.has(Fault::GOES_ON_AFTER_FAILING) && !self.fault_state.failed_before {
            self.fault_state.failed_before = true;
            return;
        }
        self.phase = Phase::Failed;
    }

    /// Discards the message in progress, and the rest of the frame in progress.
    fn discard_message(&mut self) {
        self.message = None;
        if let Some(frame) = &mut self.frame {
            frame.skipped = true;
        }
    }
}
