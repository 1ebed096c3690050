//! Inflates compressed messages as they arrive, and checks them against the negotiated parameters (RFC 7692 sections
//! 6.2 and 7.2).

use bytes::BytesMut;

use super::decode::DeviationKind;
use super::deflate::{Inflater, TAIL};
use super::utf8::Validator;

/// How many compressed bytes are inflated before the bound on a message is checked: they inflate to about four MiB at
/// most.
const SLICE: usize = 4 << 10;

/// The receiving half of permessage-deflate for one direction of a connection.
#[derive(Debug)]
pub(super) struct MessageInflater {
    inflater: Inflater,
    /// The sender's agreed window, in bits.
    window: u8,
    /// Whether the sender may refer to its earlier messages.
    takeover: bool,
    /// The validator of text that is valid so far.
    text: Option<Validator>,
    /// Whether the message in progress is compressed.
    compressed: bool,
    /// Whether the data has failed to inflate, so that all later data cannot be read either.
    failed: bool,
    reported: Reported,
    last_bytes: [u8; 4],
}

/// The violations that were already reported for the message in progress, so that each is reported once.
#[derive(Debug, Default)]
struct Reported {
    window: bool,
    takeover: bool,
}

impl MessageInflater {
    pub(super) fn new(window: u8, takeover: bool) -> Self {
        Self {
            inflater: Inflater::new(),
            window,
            takeover,
            text: None,
            compressed: false,
            failed: false,
            reported: Reported::default(),
            last_bytes: [1; 4],
        }
    }

    /// Begins a message, compressed or not.
    pub(super) fn begin(&mut self, compressed: bool, text: bool) {
        self.compressed = compressed;
        self.text = (compressed && text).then(Validator::new);
        self.reported = Reported::default();
        self.last_bytes = [1; 4];
        self.inflater.begin_message();
    }

    /// Whether the message in progress is compressed.
    pub(super) fn is_compressed(&self) -> bool {
        self.compressed
    }

    /// Reads the next bytes of a compressed message; `ends` is set with the last ones. The inflated data is appended to
    /// `out`, the violations to `found`; returns false if the message exceeds `bound` bytes.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        ends: bool,
        bound: u64,
        out: &mut BytesMut,
        found: &mut Vec<DeviationKind>,
    ) -> bool {
        let start = out.len();
        for slice in bytes.chunks(SLICE) {
            if self.failed {
                break;
            }
            if let Err(error) = self.inflater.push(slice, &mut |piece| out.extend_from_slice(piece)) {
                self.failed = true;
                found.push(DeviationKind::Deflate(error));
            }
            if self.inflater.blocks().output > bound {
                return false;
            }
        }
        for &byte in bytes.get(bytes.len().saturating_sub(4)..).unwrap_or_default() {
            self.last_bytes.rotate_left(1);
            self.last_bytes[3] = byte;
        }
        if ends && !self.failed {
            self.finish(out, found);
        }
        self.check_distances(found);
        self.compressed &= !ends;
        if let Some(validator) = &mut self.text {
            let inflated = out.get(start..).unwrap_or_default();
            let valid =
                validator.push(inflated).is_ok() && (!ends || self.failed || validator.clone().finish().is_ok());
            if !valid {
                found.push(DeviationKind::TextNotUtf8);
                self.text = None;
            }
        }
        true
    }

    fn finish(&mut self, out: &mut BytesMut, found: &mut Vec<DeviationKind>) {
        let empty = self.inflater.blocks().input == 0;
        if empty {
            // This is not a block; the earlier data ended on a byte boundary, so later data can still be read.
            found.push(DeviationKind::DeflateNothing);
        } else if let Err(error) = self.inflater.end_message(&mut |piece| out.extend_from_slice(piece)) {
            self.failed = true;
            let tail_kept = self.last_bytes == TAIL;
            found.push(if tail_kept { DeviationKind::DeflateTailKept } else { DeviationKind::Deflate(error) });
        }
    }

    /// Checks the distances against the negotiated parameters.
    fn check_distances(&mut self, found: &mut Vec<DeviationKind>) {
        let blocks = self.inflater.blocks();
        if blocks.largest_distance > 1 << self.window && !self.reported.window {
            self.reported.window = true;
            found.push(DeviationKind::DeflateWindow { distance: blocks.largest_distance, bits: self.window });
        }
        if blocks.before_message > 0 && !self.takeover && !self.reported.takeover {
            self.reported.takeover = true;
            found.push(DeviationKind::DeflateTakeover(blocks.before_message));
        }
    }
}
