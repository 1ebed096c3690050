//! Compressing messages: RFC 7692 section 7.2.1.

use flate2::{Compress, Compression, FlushCompress, Status};

use super::super::faults::Fault;
use super::super::handshake::deflate::{Compressing, FULL_WINDOW, NegotiatedParams};
use crate::vocabulary::Role;

/// The bytes that end a flush and are removed from a message.
pub(super) const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// The smallest window that the library supports, in bits.
const LEAST_WINDOW: u8 = 9;
/// The compression level: fast, and with all kinds of blocks.
const LEVEL: u32 = 3;

/// The compressor for the messages of one end.
#[derive(Debug)]
pub(super) struct Deflater {
    raw: Compress,
    takeover: bool,
    fault: Option<Fault>,
}

impl Deflater {
    /// A compressor for the messages of the end in this role.
    pub(super) fn new(agreed: NegotiatedParams, role: Role, fault: Option<Fault>) -> Self {
        let is = |asked: Fault| fault == Some(asked);
        let Compressing { mut takeover, mut window_bits } = agreed.of(role);
        let other = agreed.of(role.other());
        if is(Fault::DEFLATE_WINDOWS_SWAPPED) {
            window_bits = other.window_bits;
        }
        if is(Fault::DEFLATE_TAKEOVERS_SWAPPED) {
            takeover = other.takeover;
        }
        if is(Fault::DEFLATE_WINDOW_EXCEEDED) || (window_bits == 8 && is(Fault::WINDOW_OF_8_EXCEEDED)) {
            window_bits = FULL_WINDOW;
        }
        if is(Fault::DEFLATE_TAKEOVER_KEPT) {
            takeover = true;
        }
        // The library does not support a window of 256 bytes. Stored blocks contain no references, so they are valid
        // for any window.
        let level = if window_bits < LEAST_WINDOW { Compression::none() } else { Compression::new(LEVEL) };
        let header = is(Fault::ZLIB_HEADER_SENT);
        let raw = Compress::new_with_window_bits(level, header, window_bits.clamp(LEAST_WINDOW, FULL_WINDOW));
        Self { raw, takeover, fault }
    }

    fn fault(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// The payload of a compressed message; `None` if the message is sent uncompressed.
    pub(super) fn message(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if bytes.is_empty() {
            // One empty block: section 7.2.3.6.
            return Some(if self.fault(Fault::EMPTY_COMPRESSED_TO_NOTHING) { Vec::new() } else { vec![0] });
        }
        if self.fault(Fault::FINAL_BLOCK_SENT) {
            let whole = self.compress(bytes, FlushCompress::Finish);
            self.raw.reset();
            return whole;
        }
        let payload = self.flushed(bytes);
        if !self.takeover || payload.is_none() {
            self.raw.reset();
        }
        payload.filter(|payload| payload.len() < bytes.len() || !self.fault(Fault::UNSHRUNK_SENT_PLAIN))
    }

    /// Compresses bytes up to a flush and removes its tail.
    pub(super) fn flushed(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut flushed = self.compress(bytes, FlushCompress::Sync)?;
        if !self.fault(Fault::DEFLATE_TAIL_SENT) {
            let kept = flushed.strip_suffix(&TAIL[..])?.len();
            flushed.truncate(kept);
        }
        Some(flushed)
    }

    /// `None` if the library fails, which is not expected.
    fn compress(&mut self, mut bytes: &[u8], flush: FlushCompress) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        loop {
            out.reserve(bytes.len() / 2 + 1024);
            let (read_before, written_before) = (self.raw.total_in(), out.len());
            let status = self.raw.compress_vec(bytes, &mut out, flush).ok()?;
            let read = usize::try_from(self.raw.total_in() - read_before).ok()?;
            bytes = bytes.get(read..)?;
            let stuck = read == 0 && out.len() == written_before;
            if status == Status::StreamEnd || (bytes.is_empty() && out.len() < out.capacity()) || stuck {
                return bytes.is_empty().then_some(out);
            }
        }
    }
}
