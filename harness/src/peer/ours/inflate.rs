//! Inflating messages: RFC 7692 section 7.2.2. Whatever was agreed, the window has the maximum size.

use flate2::{Decompress, FlushDecompress, Status};

use super::super::MAX_MESSAGE;
use super::super::faults::Fault;
use super::super::handshake::deflate::NegotiatedParams;
use super::deflate::TAIL;
use super::endpoint::{Failure, TOO_BIG};
use crate::vocabulary::Role;

/// Bytes that are not DEFLATE blocks, or that end inside one: 1007.
pub(super) const BAD_DATA: Failure = Failure { code: 1007, in_text: false };

/// The largest window of DEFLATE, in bytes.
const WINDOW: usize = 32 * 1024;

/// How many bytes are inflated before the bound is checked.
const STEP: usize = 32 * 1024;

/// An empty final block. After a tail it ends the stream, unless the message ended inside a block.
const END: [u8; 5] = [1, 0, 0, 0xff, 0xff];

/// The number of final blocks in a message after which the window is no longer kept, because keeping it takes time.
const MAX_FINALS: usize = 1024;

/// The length above which faulty peers drop a message, in bytes.
const LONG: usize = 1024 * 1024;

/// The decompressor for the other end's messages.
#[derive(Debug)]
pub(super) struct Inflater {
    raw: Decompress,
    /// The most recently inflated bytes.
    window: Vec<u8>,
    takeover: bool,
    /// Whether the message has contained any bytes.
    begun: bool,
    /// Whether the last byte ended a final block.
    ended: bool,
    /// How many final blocks the message has had.
    finals: usize,
    /// The buffer for the next inflated bytes.
    step: Vec<u8>,
    /// The behavior of a faulty decompressor from now on.
    mood: AfterFinalBlock,
    fault: Option<Fault>,
}

/// The behavior of a faulty decompressor after a final block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AfterFinalBlock {
    /// Correct behavior.
    Right,
    /// It ignores the rest of this message.
    Idle,
    /// It ignores all further input.
    Dead,
    /// It copies the bytes without inflating them.
    Copying,
}

impl Inflater {
    /// A decompressor for the messages that the end in this role receives.
    pub(super) fn new(agreed: NegotiatedParams, role: Role, fault: Option<Fault>) -> Self {
        let swapped = fault == Some(Fault::DEFLATE_TAKEOVERS_SWAPPED);
        let sender = if swapped { role } else { role.other() };
        let takeover = agreed.of(sender).takeover && fault != Some(Fault::INFLATE_TAKEOVER_LOST);
        Self {
            raw: Decompress::new(false),
            window: Vec::new(),
            takeover,
            begun: false,
            ended: false,
            finals: 0,
            step: vec![0; STEP],
            mood: AfterFinalBlock::Right,
            fault,
        }
    }

    fn fault(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Begins a message.
    pub(super) fn begin(&mut self) {
        (self.begun, self.ended, self.finals) = (false, false, 0);
        if self.mood != AfterFinalBlock::Dead {
            self.mood = AfterFinalBlock::Right;
        }
    }

    /// Inflates the next bytes of a message and appends the result to `out`.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        if let (false, Some(first)) = (self.begun, bytes.first()) {
            self.begun = true;
            self.likes_block(*first)?;
        }
        if self.fault(Fault::FIRST_FLUSH_ENDS_MESSAGE)
            && let Some(at) = bytes.windows(TAIL.len()).position(|window| window == TAIL)
        {
            self.inflate(bytes.get(..at + TAIL.len()).unwrap_or_default(), out, false)?;
            self.mood = AfterFinalBlock::Idle;
            return Ok(());
        }
        self.inflate(bytes, out, false)
    }

    /// Checks of a message's first block that only a faulty decompressor makes.
    fn likes_block(&self, first: u8) -> Result<(), Failure> {
        let refused = match first >> 1 & 3 {
            0 => self.fault(Fault::STORED_BLOCKS_REFUSED),
            1 => self.fault(Fault::FIXED_BLOCKS_REFUSED),
            2 => self.fault(Fault::DYNAMIC_BLOCKS_REFUSED),
            _ => false,
        };
        if refused { Err(BAD_DATA) } else { Ok(()) }
    }

    /// Ends a message: the tail that the sender removed is appended, and the stream must then be between two blocks.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        // An empty payload is not a block and does not change the stream. A final block that ends the message is
        // complete without a tail.
        let checks = self.begun && !self.ended && self.mood == AfterFinalBlock::Right;
        if checks && !self.fault(Fault::DEFLATE_TAIL_NOT_ADDED) {
            let before = out.len();
            let checked = self.inflate(&TAIL, out, true).and_then(|()| self.inflate(&END, out, true));
            // If these bytes inflate to something, they have completed a truncated block.
            let whole = checked.is_ok() && self.ended && out.len() == before;
            if !whole && !self.fault(Fault::CUT_STREAM_DELIVERED) {
                return checked.and(Err(BAD_DATA));
            }
            if !whole {
                self.restart();
            }
        }
        if !self.takeover {
            self.forget();
        }
        if self.fault(Fault::INFLATE_WINDOW_SMALL) {
            let surplus = self.window.len().saturating_sub(4096);
            self.window.drain(..surplus);
            self.restart();
        }
        if out.len() > LONG && self.fault(Fault::INFLATED_CUT_AT_1_MIB) {
            out.truncate(LONG);
        }
        Ok(())
    }

    /// Starts again without a window.
    pub(super) fn forget(&mut self) {
        self.window.clear();
        self.restart();
    }

    /// Starts a new stream and keeps the window.
    fn restart(&mut self) {
        self.raw.reset(false);
        // A new stream accepts every window of up to 32 KiB.
        let _ = self.raw.set_dictionary(&self.window);
    }

    /// Inflates bytes that were received, or that this end has appended (`behind`).
    fn inflate(&mut self, mut bytes: &[u8], out: &mut Vec<u8>, behind: bool) -> Result<(), Failure> {
        let bound = if self.fault(Fault::INFLATED_UNBOUNDED) { 4 * MAX_MESSAGE } else { MAX_MESSAGE };
        loop {
            match self.mood {
                AfterFinalBlock::Right => {}
                AfterFinalBlock::Idle | AfterFinalBlock::Dead => return Ok(()),
                AfterFinalBlock::Copying => {
                    out.extend_from_slice(bytes);
                    return Ok(());
                }
            }
            let (read_before, written_before) = (self.raw.total_in(), self.raw.total_out());
            let flush = FlushDecompress::None;
            let status = self.raw.decompress(bytes, &mut self.step, flush).map_err(|_| BAD_DATA)?;
            let moved = |before: u64, now: u64| usize::try_from(now - before).map_err(|_| BAD_DATA);
            let read = moved(read_before, self.raw.total_in())?;
            let written = moved(written_before, self.raw.total_out())?;
            bytes = bytes.get(read..).unwrap_or_default();
            self.keep(written, out);
            if out.len() > bound {
                return Err(TOO_BIG);
            }
            self.ended = status == Status::StreamEnd || (self.ended && read == 0);
            if status == Status::StreamEnd {
                self.end_stream(behind)?;
            } else if read == 0 && written == 0 && !bytes.is_empty() {
                return Err(BAD_DATA);
            }
            if bytes.is_empty() && written < self.step.len() {
                return Ok(());
            }
        }
    }

    /// Appends inflated bytes to the message and the window.
    fn keep(&mut self, written: usize, out: &mut Vec<u8>) {
        let fresh = self.step.get(..written).unwrap_or_default();
        self.window.extend_from_slice(fresh);
        let surplus = self.window.len().saturating_sub(WINDOW);
        self.window.drain(..surplus);
        let room =
            if self.fault == Some(Fault::INFLATES_INTO_ONE_BUFFER) { 65536 - out.len().min(65536) } else { written };
        out.extend_from_slice(fresh.get(..room.min(written)).unwrap_or_default());
    }

    /// The data after a final block is a new stream: section 7.2.3.4.
    fn end_stream(&mut self, behind: bool) -> Result<(), Failure> {
        if !behind {
            if self.fault(Fault::FINAL_BLOCK_REFUSED) {
                return Err(BAD_DATA);
            }
            if self.fault(Fault::FINAL_BLOCK_ENDS_ALL) {
                self.mood = AfterFinalBlock::Dead;
            }
            if self.fault(Fault::BLOCKS_BEHIND_FINAL_LOST) {
                self.mood = AfterFinalBlock::Idle;
            }
            if self.fault(Fault::BYTES_BEHIND_FINAL_COPIED) {
                self.mood = AfterFinalBlock::Copying;
            }
        }
        self.finals += 1;
        if self.finals > MAX_FINALS {
            self.window.clear();
        }
        self.restart();
        Ok(())
    }
}
