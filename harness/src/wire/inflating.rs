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
pub(super) struct Inflating {
    inflater: Inflater,
    /// The sender's agreed window, in bits.
    window: u8,
    /// Whether the sender may refer to its earlier messages.
    takeover: bool,
    /// The validator of text that is valid so far.
    text: Option<Validator>,
    /// Whether the message in progress is compressed.
    active: bool,
    /// Whether the data has failed to inflate, so that all later data cannot be read either.
    broken: bool,
    told: Reported,
    last: [u8; 4],
}

/// The violations that were already reported for the message in progress, so that each is reported once.
#[derive(Debug, Default)]
struct Reported {
    window: bool,
    takeover: bool,
}

impl Inflating {
    pub(super) fn new(window: u8, takeover: bool) -> Self {
        Self {
            inflater: Inflater::new(),
            window,
            takeover,
            text: None,
            active: false,
            broken: false,
            told: Reported::default(),
            last: [1; 4],
        }
    }

    /// Begins a message, compressed or not.
    pub(super) fn begin(&mut self, compressed: bool, text: bool) {
        self.active = compressed;
        self.text = (compressed && text).then(Validator::new);
        self.told = Reported::default();
        self.last = [1; 4];
        self.inflater.begin_message();
    }

    /// Whether the message in progress is compressed.
    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    /// Reads the next bytes of a compressed message; `ends` is set with the last ones. The inflated data is appended to
    /// `out`, the violations to `found`; returns false if the message exceeds `bound` bytes.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        ends: bool,
        bound: u64,
        out: &mut BytesMut,
        found: &mut Vec<DeviationKind>,
    ) -> bool {
        let start = out.len();
        for slice in bytes.chunks(SLICE) {
            if self.broken {
                break;
            }
            if let Err(error) = self.inflater.push(slice, &mut |piece| out.extend_from_slice(piece)) {
                self.broken = true;
                found.push(DeviationKind::Deflate(error));
            }
            if self.inflater.blocks().output > bound {
                return false;
            }
        }
        for &byte in bytes.get(bytes.len().saturating_sub(4)..).unwrap_or_default() {
            self.last.rotate_left(1);
            self.last[3] = byte;
        }
        if ends && !self.broken {
            self.end(out, found);
        }
        self.police(found);
        self.active &= !ends;
        if let Some(validator) = &mut self.text {
            let fresh = out.get(start..).unwrap_or_default();
            let right = validator.push(fresh).is_ok() && (!ends || self.broken || validator.clone().finish().is_ok());
            if !right {
                found.push(DeviationKind::TextNotUtf8);
                self.text = None;
            }
        }
        true
    }

    fn end(&mut self, out: &mut BytesMut, found: &mut Vec<DeviationKind>) {
        let nothing = self.inflater.blocks().input == 0;
        if nothing {
            // This is not a block; the earlier data ended on a byte boundary, so later data can still be read.
            found.push(DeviationKind::DeflateNothing);
        } else if let Err(error) = self.inflater.end_message(&mut |piece| out.extend_from_slice(piece)) {
            self.broken = true;
            let kept = self.last == TAIL;
            found.push(if kept { DeviationKind::DeflateTailKept } else { DeviationKind::Deflate(error) });
        }
    }

    /// Checks the distances against the negotiated parameters.
    fn police(&mut self, found: &mut Vec<DeviationKind>) {
        let blocks = self.inflater.blocks();
        if blocks.largest_distance > 1 << self.window && !self.told.window {
            self.told.window = true;
            found.push(DeviationKind::DeflateWindow { distance: blocks.largest_distance, bits: self.window });
        }
        if blocks.before_message > 0 && !self.takeover && !self.told.takeover {
            self.told.takeover = true;
            found.push(DeviationKind::DeflateTakeover(blocks.before_message));
        }
    }
}
