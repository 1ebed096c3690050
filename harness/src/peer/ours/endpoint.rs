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
pub(super) const PROTOCOL: Failure = Failure { code: 1002, in_text: false };
/// Text that is not valid UTF-8: 1007.
pub(super) const NOT_UTF8: Failure = Failure { code: 1007, in_text: true };
/// A close reason that is not valid UTF-8: 1007.
pub(super) const BAD_REASON: Failure = Failure { code: 1007, in_text: false };
/// Data that exceeds the endpoint's limits: 1009.
pub(super) const TOO_BIG: Failure = Failure { code: 1009, in_text: false };

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
pub(super) struct InFrame {
    pub(super) head: FrameHead,
    /// The received payload, unmasked; bytes that were inflated are removed from it.
    pub(super) payload: Vec<u8>,
    /// How many bytes of the payload have arrived.
    pub(super) seen: usize,
    /// How many bytes of the payload are still missing.
    pub(super) left: u64,
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
    pub(super) head: Vec<u8>,
    pub(super) frame: Option<InFrame>,
    pub(super) message: Option<Message>,
    pub(super) text_check: TextCheck,
    /// The compressor for messages, if both ends agreed on compression.
    pub(super) deflater: Option<Deflater>,
    /// The decompressor for the other end's messages.
    pub(super) inflater: Option<Inflater>,
    /// Bytes for the other end.
    pub(super) out: Vec<u8>,
    pub(super) conversation: Conversation,
    pub(super) scratch: Scratch,
}

/// State that only a faulty endpoint needs.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Data of pings whose pongs are delayed.
    pub(super) held_pings: Vec<Vec<u8>>,
    /// Data of the first ping.
    pub(super) first_ping: Option<Vec<u8>>,
    /// Delayed messages.
    pub(super) held_messages: Vec<(Opcode, Vec<u8>)>,
    /// The previous message.
    pub(super) buffer: Vec<u8>,
    /// How many pings have arrived.
    pub(super) pings: u64,
    /// Whether RSV1 on a control frame marks the next message as compressed.
    pub(super) armed: bool,
    /// How many frames have been written.
    pub(super) frames_written: u32,
    /// Whether the connection has failed but continues.
    pub(super) failed: bool,
}

impl Endpoint {
    /// An endpoint directly after the opening handshake, with the negotiated parameters of permessage-deflate.
    pub(crate) fn new(role: Role, fault: Option<Fault>, task: Task, deflate: Option<NegotiatedParams>) -> Self {
        let unagreed = (fault == Some(Fault::COMPRESSES_WITHOUT_AGREEMENT)).then(NegotiatedParams::default);
        let mut endpoint = Self {
            role,
            fault,
            task,
            phase: Phase::Open,
            head: Vec::with_capacity(FrameHead::MAX_BYTES),
            frame: None,
            message: None,
            text_check: TextCheck::of(fault),
            deflater: deflate.or(unagreed).map(|agreed| Deflater::new(agreed, role, fault)),
            inflater: deflate.map(|agreed| Inflater::new(agreed, role, fault)),
            out: Vec::new(),
            conversation: Conversation::default(),
            scratch: Scratch::default(),
        };
        if endpoint.fault(Fault::GREETS) {
            endpoint.send(Opcode::TEXT, b"welcome".to_vec());
        }
        endpoint
    }

    /// Whether the endpoint has this fault.
    pub(super) fn fault(&self, fault: Fault) -> bool {
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
    pub(crate) fn take_out(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The conversation so far.
    pub(crate) fn into_conversation(self) -> Conversation {
        self.conversation
    }

    /// Processes the bytes of one read. Bytes after the end of the connection are ignored.
    pub(crate) fn receive(&mut self, mut input: &[u8]) {
        if self.conversation.messages >= 500 && self.fault(Fault::DEAF_AFTER_500_MESSAGES) {
            return;
        }
        if let ([read @ .., _], true) = (input, input.len() == 64 && self.fault(Fault::READS_OF_64_BYTES_CUT)) {
            input = read;
        }
        let mut frames = 0;
        while self.is_open() || (self.phase == Phase::Closed && self.fault(Fault::DATA_AFTER_CLOSE_ECHOED)) {
            match self.step(&mut input) {
                Ok(true) if frames == 100 && self.fault(Fault::FRAMES_OF_A_READ_BOUNDED) => break,
                Ok(true) => frames += 1,
                Ok(false) => break,
                Err(failure) => self.fail(failure),
            }
        }
        if self.fault(Fault::HEAD_IN_PIECES_LOST) {
            self.head.clear();
        }
        self.end_of_read();
    }

    /// Reads up to the end of a frame; returns `false` if the input ends before it.
    fn step(&mut self, input: &mut &[u8]) -> Result<bool, Failure> {
        if self.frame.is_none() && !self.read_head(input)? {
            return Ok(false);
        }
        if !self.read_payload(input)? {
            return Ok(false);
        }
        if let Some(frame) = self.frame.take().filter(|frame| !frame.skipped) {
            self.take_frame(frame)?;
        }
        if self.fault(Fault::ONE_FRAME_A_READ) {
            *input = &[];
        }
        Ok(true)
    }

    /// Reads the available payload; returns `true` if it is complete.
    fn read_payload(&mut self, input: &mut &[u8]) -> Result<bool, Failure> {
        let from_each_read = self.fault(Fault::UNMASKS_FROM_EACH_READ);
        let bounded = self.fault(Fault::UNMASKS_64_KIB_ONLY);
        let Some(frame) = &mut self.frame else {
            return Ok(true);
        };
        let take = usize::try_from(frame.left).map_or(input.len(), |left| left.min(input.len()));
        let (piece, rest) = input.split_at(take);
        *input = rest;
        frame.left -= take as u64;
        let complete = frame.left == 0;
        let offset = frame.seen;
        frame.seen += take;
        if !frame.skipped {
            let start = frame.payload.len();
            frame.payload.extend_from_slice(piece);
            if let (Some(key), Some(mut fresh)) = (frame.head.mask, frame.payload.get_mut(start..)) {
                if bounded {
                    let end = fresh.len().min(65536_usize.saturating_sub(offset));
                    fresh = fresh.get_mut(..end).unwrap_or_default();
                }
                mask::apply(fresh, key, if from_each_read { 0 } else { offset });
            }
            if self.is_in_compressed() {
                self.inflate_piece()?;
            } else {
                self.check_text(start)?;
            }
        }
        Ok(complete)
    }

    /// Handles a complete frame.
    fn take_frame(&mut self, mut frame: InFrame) -> Result<(), Failure> {
        if let Some(key) = frame.head.mask
            && self.fault(Fault::UNMASKS_WHOLE_WORDS_ONLY)
        {
            let whole = frame.payload.len() / 4 * 4;
            mask::apply(frame.payload.get_mut(whole..).unwrap_or_default(), key, whole);
        }
        if frame.head.opcode.is_control() { self.take_control(frame) } else { self.take_data(frame) }
    }

    /// Fails the connection: RFC 6455 section 7.1.7.
    fn fail(&mut self, failure: Failure) {
        if failure.in_text && self.fault(Fault::BAD_UTF8_ENDS_NOTHING) {
            self.drop_message();
            return;
        }
        self.send_failure(failure.code);
        self.conversation.end = End::Failed(failure.code);
        if self.fault(Fault::GOES_ON_AFTER_FAILING) && !self.scratch.failed {
            self.scratch.failed = true;
            return;
        }
        self.phase = Phase::Failed;
    }

    /// Discards the message in progress, and the rest of the frame in progress.
    fn drop_message(&mut self) {
        self.message = None;
        if let Some(frame) = &mut self.frame {
            frame.skipped = true;
        }
    }
}
