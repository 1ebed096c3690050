//! What arrives on a connection: frames, gathered for the transcript and queued for the steps of the case, within the bounds of a case.

use bytes::Bytes;

use super::super::payload::{Gathered, LONG, Payload};
use super::super::transcript::What;
use super::{Message, Received, Session};
use crate::vocabulary::{Direction, StreamEnd};
use crate::wire::close::CloseBody;
use crate::wire::{Incoming, Opcode, RxFrame};

/// Contents up to this size are copied, so that they do not keep the whole buffer that they were read into.
const COPIED: usize = 128 << 10;
/// Inflated bytes that are looked at before other connections have a turn.
const TURN: u64 = 4 << 20;
/// The bytes of a line of HTTP in place of a frame that are kept.
const HTTP_LINE: usize = 200;
/// The most bytes that wait before the opening handshake is over.
const RAW: usize = 1 << 20;

impl Session<'_> {
    /// Looks at what was read: the frames in it, after the handshake.
    pub(super) fn received(&mut self) {
        self.backlog = false;
        if let Some(raw) = &mut self.raw {
            raw.truncate(RAW);
            return;
        }
        if self.flooded() {
            // Nothing of it is looked at, and nothing is kept.
            self.decoder.buffer_mut().clear();
            return;
        }
        let turn = self.inflated.saturating_add(TURN);
        self.decoder.advance();
        while let Some(frame) = self.decoder.next_frame() {
            self.take_frame(frame);
            if self.flooded() {
                break;
            }
            if self.inflated >= turn {
                self.backlog = true;
                return;
            }
        }
        if let Some(bytes) = self.decoder.stopped_at() {
            let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
            let line = String::from_utf8_lossy(line.get(..line.len().min(HTTP_LINE)).unwrap_or_default()).into_owned();
            if !self.over {
                let event = self.transcript.add(Direction::In, What::Bytes(Payload::of(bytes)));
                if self.transcript.close_received.is_none() {
                    self.enqueue(Received::Http(line), event);
                }
                self.over = true;
            }
            // Nothing of it is looked at again.
            self.decoder.buffer_mut().clear();
        } else if let Some(head) = self.decoder.overflow() {
            let (what, received) = if head.length > self.settings.max_payload {
                ("declares more bytes than are read", Received::TooLarge(head))
            } else {
                ("inflates to more bytes than are read", Received::InflatesTooFar(head))
            };
            let event = self.transcript.note(format!("a frame of {} bytes {what}", head.length));
            self.enqueue(received, event);
            self.over = true;
        } else if self.flooded() {
            self.flood = true;
            let event = self.transcript.note("the target sends more than any case allows; nothing more is read");
            self.enqueue(Received::Flood, event);
            self.over = true;
        }
    }

    fn take_frame(&mut self, frame: RxFrame) {
        self.frames += usize::from(!frame.more);
        self.inflated += frame.inflated.as_ref().map_or(0, Bytes::len) as u64;
        let of_message = !frame.head.opcode.is_control() && !frame.head.opcode.is_reserved();
        let (incoming, of_series) = if of_message && !self.awaited.is_empty() {
            (None, self.of_series(&frame))
        } else {
            (self.assembler.push(&frame), None)
        };
        let event = self.gather(&frame);
        if let Some(received) = of_series.filter(|_| self.transcript.close_received.is_none()) {
            match &received {
                Received::Echoed(_) => drop(self.awaited.pop_front()),
                _ => self.awaited.clear(),
            }
            self.enqueue(received, event);
            return;
        }
        let after_close = self.transcript.close_received.is_some();
        if frame.head.opcode == Opcode::CLOSE && !after_close {
            self.transcript.close_received = Some(event);
        }
        self.assembled.set(self.assembler.held());
        let message =
            |text, data| Received::Message(Message { text, data: own(data), length: self.assembler.length() });
        let received = match incoming {
            None => return,
            // A rule checks what follows the target's own Close.
            Some(_) if after_close => return,
            Some(Incoming::Text(data)) => message(true, data),
            Some(Incoming::Binary(data)) => message(false, data),
            Some(Incoming::Ping(data)) => Received::Ping(own(data)),
            Some(Incoming::Pong(data)) => {
                if let Some(at) = self.barriers.iter().position(|barrier| *barrier == data) {
                    self.barriers.drain(..=at);
                    Received::BarrierAnswered
                } else {
                    Received::Pong(own(data))
                }
            }
            Some(Incoming::Close(CloseBody { code, reason })) => {
                Received::Closed(Some(CloseBody { code, reason: own(reason) }), None)
            }
            Some(Incoming::Unknown(opcode, _)) => Received::Unknown(opcode),
        };
        self.enqueue(received, event);
    }

    /// Adds a frame to the transcript when it is whole; the number of the event that shows it.
    fn gather(&mut self, frame: &RxFrame) -> usize {
        let RxFrame { head, payload, deviations, inflated, at, more, .. } = frame;
        let of_series = !self.awaited.is_empty();
        if *at == 0 {
            let digest = !of_series || head.length <= LONG as u64;
            self.arriving = Gathered::new(digest && !self.transcript.is_folded(head));
            self.arriving_inflated = None;
        }
        if !self.transcript.is_folded(head) {
            self.arriving.push(payload);
            if let Some(inflated) = inflated {
                self.arriving_inflated.get_or_insert_default().push(inflated);
            }
        }
        if *more {
            return self.transcript.last().unwrap_or(0);
        }
        let (arriving, inflated) = (std::mem::take(&mut self.arriving), self.arriving_inflated.take());
        self.transcript
            .add_frame(Direction::In, *head, deviations.clone(), || (arriving.finish(), inflated.map(Gathered::finish)))
    }

    /// Whether more has come than the bounds of a case allow.
    pub(super) fn flooded(&self) -> bool {
        let transcript = &self.transcript;
        self.flood
            || self.frames > self.settings.max_frames.max(2 * transcript.data_sent.0)
            || self.link.received() > self.settings.max_received.max(transcript.data_sent.1.saturating_mul(2))
            || self.inflated > self.settings.max_inflated.max(transcript.content_sent.saturating_mul(2))
            || (self.assembler.held() > 0 && self.assembler.length() > self.settings.max_payload)
            || self.account.is_exceeded(self.most_held)
    }

    pub(super) fn ended(&mut self, kind: StreamEnd) {
        if self.end.is_none() {
            self.end = Some(kind);
            self.transcript.add(Direction::In, What::End(kind));
        }
        let closing = self.transcript.close_received.is_some();
        if self.raw.is_none() && !closing && !self.over {
            let event = self.transcript.last().unwrap_or(0);
            self.enqueue(Received::Closed(None, self.end), event);
            self.over = true;
        }
    }
}

/// The same bytes, without the rest of the buffer that they were read into.
fn own(bytes: Bytes) -> Bytes {
    if bytes.len() <= COPIED { Bytes::copy_from_slice(&bytes) } else { bytes }
}
