//! Inflating messages: RFC 7692 section 7.2.2. Whatever was agreed, the window has the maximum size.

use flate2::{Decompress, FlushDecompress, Status};

use super::super::MAX_MESSAGE;
use super::super::faults::Fault;
use super::super::handshake::deflate::NegotiatedParams;
use super::deflate::TAIL;
use super::endpoint::{Failure, MESSAGE_TOO_BIG};
use crate::vocabulary::Role;

/// Bytes that are not DEFLATE blocks, or that end inside one: 1007.
pub(super) const INVALID_DEFLATE: Failure = Failure { code: 1007, in_text: false };

/// The largest window of DEFLATE, in bytes.
const WINDOW: usize = 32 * 1024;

/// How many bytes are inflated before the bound is checked.
const OUTPUT_CHUNK: usize = 32 * 1024;

/// An empty final block. After a tail it ends the stream, unless the message ended inside a block.
const EMPTY_FINAL_BLOCK: [u8; 5] = [1, 0, 0, 0xff, 0xff];

/// The number of final blocks in a message after which the window is no longer kept, because keeping it takes time.
const MAX_FINAL_BLOCKS: usize = 1024;

/// The length above which faulty peers drop a message, in bytes.
const LONG_MESSAGE: usize = 1024 * 1024;

/// The decompressor for the other end's messages.
#[derive(Debug)]
pub(super) struct Inflater {
    raw: Decompress,
    /// The most recently inflated bytes.
    window: Vec<u8>,
    takeover: bool,
    /// Whether the message has contained any bytes.
    started: bool,
    /// Whether the last byte ended a final block.
    stream_ended: bool,
    /// How many final blocks the message has had.
    final_blocks: usize,
    /// The buffer for the next inflated bytes.
    chunk: Vec<u8>,
    /// The behavior of a faulty decompressor from now on.
    after_final_block: AfterFinalBlock,
    fault: Option<Fault>,
}

/// The behavior of a faulty decompressor after a final block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AfterFinalBlock {
    /// Correct behavior.
    Continue,
    /// It ignores the rest of this message.
    IgnoreMessage,
    /// It ignores all further input.
    IgnoreAll,
    /// It copies the bytes without inflating them.
    Copy,
}

impl Inflater {
    /// A decompressor for the messages that the end in this role receives.
    pub(super) fn new(negotiated: NegotiatedParams, role: Role, fault: Option<Fault>) -> Self {
        let swapped = fault == Some(Fault::DEFLATE_TAKEOVERS_SWAPPED);
        let sender = if swapped { role } else { role.other() };
        let takeover = negotiated.for_sender(sender).takeover && fault != Some(Fault::INFLATE_TAKEOVER_LOST);
        Self {
            raw: Decompress::new(false),
            window: Vec::new(),
            takeover,
            started: false,
            stream_ended: false,
            final_blocks: 0,
            chunk: vec![0; OUTPUT_CHUNK],
            after_final_block: AfterFinalBlock::Continue,
            fault,
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Begins a message.
    pub(super) fn begin_message(&mut self) {
        (self.started, self.stream_ended, self.final_blocks) = (false, false, 0);
        if self.after_final_block != AfterFinalBlock::IgnoreAll {
            self.after_final_block = AfterFinalBlock::Continue;
        }
    }

    /// Inflates the next bytes of a message and appends the result to `out`.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        if let (false, Some(first)) = (self.started, bytes.first()) {
            self.started = true;
            self.check_block_type(*first)?;
        }
        if self.has(Fault::FIRST_FLUSH_ENDS_MESSAGE)
            && let Some(at) = bytes.windows(TAIL.len()).position(|window| window == TAIL)
        {
            self.inflate(bytes.get(..at + TAIL.len()).unwrap_or_default(), out, false)?;
            self.after_final_block = AfterFinalBlock::IgnoreMessage;
            return Ok(());
        }
        self.inflate(bytes, out, false)
    }

    /// Checks of a message's first block that only a faulty decompressor makes.
    fn check_block_type(&self, first: u8) -> Result<(), Failure> {
        let rejected = match first >> 1 & 3 {
            0 => self.has(Fault::STORED_BLOCKS_REFUSED),
            1 => self.has(Fault::FIXED_BLOCKS_REFUSED),
            2 => self.has(Fault::DYNAMIC_BLOCKS_REFUSED),
            _ => false,
        };
        if rejected { Err(INVALID_DEFLATE) } else { Ok(()) }
    }

    /// Ends a message: the tail that the sender removed is appended, and the stream must then be between two blocks.
    pub(super) fn finish_message(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        // An empty payload is not a block and does not change the stream. A final block that ends the message is
        // complete without a tail.
        let needs_tail_check =
            self.started && !self.stream_ended && self.after_final_block == AfterFinalBlock::Continue;
        if needs_tail_check && !self.has(Fault::DEFLATE_TAIL_NOT_ADDED) {
            let before = out.len();
            let tail_result = self.inflate(&TAIL, out, true).and_then(|()| self.inflate(&EMPTY_FINAL_BLOCK, out, true));
            // If these bytes inflate to something, they have completed a truncated block.
            let complete = tail_result.is_ok() && self.stream_ended && out.len() == before;
            if !complete && !self.has(Fault::CUT_STREAM_DELIVERED) {
                return tail_result.and(Err(INVALID_DEFLATE));
            }
            if !complete {
                self.restart_stream();
            }
        }
        if !self.takeover {
            self.reset();
        }
        if self.has(Fault::INFLATE_WINDOW_SMALL) {
            let surplus = self.window.len().saturating_sub(4096);
            self.window.drain(..surplus);
            self.restart_stream();
        }
        if out.len() > LONG_MESSAGE && self.has(Fault::INFLATED_CUT_AT_1_MIB) {
            out.truncate(LONG_MESSAGE);
        }
        Ok(())
    }

    /// Starts again without a window.
    pub(super) fn reset(&mut self) {
        self.window.clear();
        self.restart_stream();
    }

    /// Starts a new stream and keeps the window.
    fn restart_stream(&mut self) {
        self.raw.reset(false);
        // A new stream accepts every window of up to 32 KiB.
        let _ = self.raw.set_dictionary(&self.window);
    }

    /// Inflates bytes that were received, or that this end has appended (`is_tail`).
    fn inflate(&mut self, mut bytes: &[u8], out: &mut Vec<u8>, is_tail: bool) -> Result<(), Failure> {
        let bound = if self.has(Fault::INFLATED_UNBOUNDED) { 4 * MAX_MESSAGE } else { MAX_MESSAGE };
        loop {
            match self.after_final_block {
                AfterFinalBlock::Continue => {}
                AfterFinalBlock::IgnoreMessage | AfterFinalBlock::IgnoreAll => return Ok(()),
                AfterFinalBlock::Copy => {
                    out.extend_from_slice(bytes);
                    return Ok(());
                }
            }
            let (read_before, written_before) = (self.raw.total_in(), self.raw.total_out());
            let flush = FlushDecompress::None;
            let status = self.raw.decompress(bytes, &mut self.chunk, flush).map_err(|_| INVALID_DEFLATE)?;
            let difference = |before: u64, now: u64| usize::try_from(now - before).map_err(|_| INVALID_DEFLATE);
            let read = difference(read_before, self.raw.total_in())?;
            let written = difference(written_before, self.raw.total_out())?;
            bytes = bytes.get(read..).unwrap_or_default();
            self.append_output(written, out);
            if out.len() > bound {
                return Err(MESSAGE_TOO_BIG);
            }
            self.stream_ended = status == Status::StreamEnd || (self.stream_ended && read == 0);
            if status == Status::StreamEnd {
                self.end_stream(is_tail)?;
            } else if read == 0 && written == 0 && !bytes.is_empty() {
                return Err(INVALID_DEFLATE);
            }
            if bytes.is_empty() && written < self.chunk.len() {
                return Ok(());
            }
        }
    }

    /// Appends inflated bytes to the message and the window.
    fn append_output(&mut self, written: usize, out: &mut Vec<u8>) {
        let new_bytes = self.chunk.get(..written).unwrap_or_default();
        self.window.extend_from_slice(new_bytes);
        let surplus = self.window.len().saturating_sub(WINDOW);
        self.window.drain(..surplus);
        let capacity =
            if self.fault == Some(Fault::INFLATES_INTO_ONE_BUFFER) { 65536 - out.len().min(65536) } else { written };
        out.extend_from_slice(new_bytes.get(..capacity.min(written)).unwrap_or_default());
    }

    /// The data after a final block is a new stream: section 7.2.3.4.
    fn end_stream(&mut self, is_tail: bool) -> Result<(), Failure> {
        if !is_tail {
            if self.has(Fault::FINAL_BLOCK_REFUSED) {
                return Err(INVALID_DEFLATE);
            }
            if self.has(Fault::FINAL_BLOCK_ENDS_ALL) {
                self.after_final_block = AfterFinalBlock::IgnoreAll;
            }
            if self.has(Fault::BLOCKS_BEHIND_FINAL_LOST) {
                self.after_final_block = AfterFinalBlock::IgnoreMessage;
            }
            if self.has(Fault::BYTES_BEHIND_FINAL_COPIED) {
                self.after_final_block = AfterFinalBlock::Copy;
            }
        }
        self.final_blocks += 1;
        if self.final_blocks > MAX_FINAL_BLOCKS {
            self.window.clear();
        }
        self.restart_stream();
        Ok(())
    }
}
