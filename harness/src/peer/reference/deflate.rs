//! Compressing messages: RFC 7692 section 7.2.1.

use flate2::{Compress, Compression, FlushCompress, Status};

use super::super::faults::Fault;
use super::super::handshake::deflate::{CompressionParams, FULL_WINDOW, NegotiatedParams};
use crate::vocabulary::Role;

/// The bytes that end a flush and are removed from a message.
pub(super) const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// The smallest window that the library supports, in bits.
const MIN_WINDOW_BITS: u8 = 9;
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
    pub(super) fn new(negotiated: NegotiatedParams, role: Role, fault: Option<Fault>) -> Self {
        let has = |other: Fault| fault == Some(other);
        let CompressionParams { mut takeover, mut window_bits } = negotiated.for_sender(role);
        let other = negotiated.for_sender(role.other());
        if has(Fault::DEFLATE_WINDOWS_SWAPPED) {
            window_bits = other.window_bits;
        }
        if has(Fault::DEFLATE_TAKEOVERS_SWAPPED) {
            takeover = other.takeover;
        }
        if has(Fault::DEFLATE_WINDOW_EXCEEDED) || (window_bits == 8 && has(Fault::WINDOW_OF_8_EXCEEDED)) {
            window_bits = FULL_WINDOW;
        }
        if has(Fault::DEFLATE_TAKEOVER_KEPT) {
            takeover = true;
        }
        // The library does not support a window of 256 bytes. Stored blocks contain no references, so they are valid
        // for any window.
        let level = if window_bits < MIN_WINDOW_BITS { Compression::none() } else { Compression::new(LEVEL) };
        let header = has(Fault::ZLIB_HEADER_SENT);
        let raw = Compress::new_with_window_bits(level, header, window_bits.clamp(MIN_WINDOW_BITS, FULL_WINDOW));
        Self { raw, takeover, fault }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// The payload of a compressed message; `None` if the message is sent uncompressed.
    pub(super) fn compress_message(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if bytes.is_empty() {
            // One empty block: section 7.2.3.6.
            return Some(if self.has(Fault::EMPTY_COMPRESSED_TO_NOTHING) { Vec::new() } else { vec![0] });
        }
        if self.has(Fault::FINAL_BLOCK_SENT) {
            let payload = self.compress(bytes, FlushCompress::Finish);
            self.raw.reset();
            return payload;
        }
        let payload = self.compress_to_flush(bytes);
        if !self.takeover || payload.is_none() {
            self.raw.reset();
        }
        payload.filter(|payload| payload.len() < bytes.len() || !self.has(Fault::UNSHRUNK_SENT_PLAIN))
    }

    /// Compresses bytes up to a flush and removes its tail.
    pub(super) fn compress_to_flush(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut flushed = self.compress(bytes, FlushCompress::Sync)?;
        if !self.has(Fault::DEFLATE_TAIL_SENT) {
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
