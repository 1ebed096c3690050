//! What the harness sends over a connection, in the pieces that the case and the run choose.

use std::time::Duration;

use bytes::Bytes;
use rand::RngExt as _;
use tokio::time::Instant;

use super::super::payload::Payload;
use super::super::settings::Delivery;
use super::super::transcript::What;
use super::{Received, Session};
use crate::case::{Compressed, Masking, Send, SendFrame, SendKind, WriteSplit};
use crate::link::Exchange;
use crate::vocabulary::{Direction, Role, StreamEnd};
use crate::wire::Opcode;
use crate::wire::close::CloseBody;

/// How long a write must wait before the target is considered to accept no more.
const HELD_BACK: Duration = Duration::from_millis(400);
/// How many bytes of a write are delivered one by one.
const BYTEWISE: usize = 2048;

impl Session<'_> {
    /// Ends our direction; false when that was done before.
    pub async fn half_close(&mut self) -> bool {
        if self.half_closed {
            return false;
        }
        self.link.half_close().await;
        self.half_closed = true;
        self.transcript.add(Direction::Out, What::End(StreamEnd::Fin));
        true
    }

    /// Ends our direction without TLS's closure alert.
    pub(super) async fn truncate_tls(&mut self) {
        if !self.half_closed {
            self.link.truncate_tls().await;
            self.half_closed = true;
            self.transcript.add(Direction::Out, What::End(StreamEnd::TlsTruncated));
        }
    }

    /// Sends TLS's closure alert, after which we can send nothing.
    pub(super) async fn close_notify(&mut self) {
        self.link.close_notify().await;
        self.write_broken = true;
        self.transcript.note("the harness sends TLS's closure alert (close_notify), and no FIN");
    }

    /// Waits until a barrier is answered, or something ends the wait; what is received meanwhile is kept.
    pub async fn barrier_and_wait(&mut self) {
        self.barrier().await;
        let deadline = Instant::now() + self.settings.timeout;
        let mut kept = Vec::new();
        while let Some(item) = self.next_event(deadline, false).await {
            let last = matches!(
                item.received,
                Received::Closed(..)
                    | Received::Http(_)
                    | Received::TooLarge(_)
                    | Received::InflatesTooFar(_)
                    | Received::Flood
            );
            if item.received == Received::BarrierAnswered {
                break;
            }
            kept.push(item);
            if last {
                break;
            }
        }
        self.push_back(kept);
    }

    /// Writes bytes, whole or in pieces, reading what comes meanwhile.
    pub async fn write(&mut self, bytes: &[u8], split: Option<WriteSplit>) {
        let Some(split) = split else { return self.deliver(bytes).await };
        for (number, piece) in bytes.chunks(split.size.max(1)).enumerate() {
            if number > 0 {
                match split.pause {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => tokio::task::yield_now().await,
                }
            }
            self.write_piece(piece).await;
        }
    }

    /// Writes a head with what follows it in the same write. Heads have cases of their own for their delivery.
    pub async fn write_head(&mut self, bytes: &[u8], split: Option<WriteSplit>) {
        match split {
            Some(split) => self.write(bytes, Some(split)).await,
            None => self.write_piece(bytes).await,
        }
    }

    /// Writes bytes for which the case chooses no pieces.
    async fn deliver(&mut self, bytes: &[u8]) {
        match self.settings.delivery {
            Delivery::Whole | Delivery::Joined => self.write_piece(bytes).await,
            Delivery::Bytes => {
                let (start, rest) = bytes.split_at(bytes.len().min(BYTEWISE));
                for byte in start.chunks(1) {
                    self.write_piece(byte).await;
                    tokio::task::yield_now().await;
                }
                self.write_piece(rest).await;
            }
            Delivery::RandomSplits => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    // Short pieces are as likely as long ones, for heads of frames are short.
                    let most = if self.rng.random::<bool>() { 16 } else { rest.len() };
                    let size = self.rng.random_range(1..=most.min(rest.len()));
                    let (piece, later) = rest.split_at(size);
                    self.write_piece(piece).await;
                    tokio::task::yield_now().await;
                    rest = later;
                }
            }
        }
    }

    /// Writes the bytes that were to be joined with more.
    pub async fn flush(&mut self) {
        if !self.joined.is_empty() {
            let out = std::mem::take(&mut self.joined);
            self.write_piece(&out).await;
        }
    }

    pub(super) async fn write_piece(&mut self, mut piece: &[u8]) {
        // A target that neither reads nor ends must not hold us for ever.
        let mut deadline = Instant::now() + self.settings.timeout.max(Duration::from_secs(10));
        while (!piece.is_empty() || self.link.unflushed()) && !self.write_broken && !self.flooded() {
            if self.backlog {
                tokio::task::yield_now().await;
                self.received();
                continue;
            }
            let reading = self.end.is_none() && !self.unread;
            let until = if self.unread { Instant::now() + HELD_BACK } else { deadline };
            let into = self.raw.as_mut().unwrap_or(self.decoder.buffer_mut());
            match tokio::time::timeout_at(until, self.link.exchange(piece, into, reading)).await {
                Ok(Exchange::Wrote(count)) => piece = piece.get(count..).unwrap_or_default(),
                Ok(Exchange::Read(_)) => self.received(),
                Ok(Exchange::Ended(end)) => self.ended(end),
                Ok(Exchange::WriteBroken) => {
                    self.write_broken = true;
                    self.transcript.note("the target accepts no more bytes");
                }
                Err(_) if self.unread => {
                    // This is as it should be: nothing is read, so the target accepts no more. The rest is written while it is read.
                    self.unread = false;
                    deadline = Instant::now() + self.settings.timeout.max(Duration::from_secs(10));
                    let sent = self.link.sent();
                    self.transcript.note(format!("the target accepts no more after {sent} bytes; reading begins"));
                }
                Err(_) => {
                    self.write_broken = true;
                    self.transcript.note("the target has stopped reading, and nothing more can be written");
                }
            }
        }
    }

    /// Sends what a step of the case sends.
    pub async fn send(&mut self, send: &Send) {
        match &send.kind {
            SendKind::HalfClose => {
                self.flush().await;
                self.half_close().await;
            }
            SendKind::TlsTruncate => {
                self.flush().await;
                self.truncate_tls().await;
            }
            SendKind::CloseNotify => {
                self.flush().await;
                self.close_notify().await;
            }
            SendKind::Pause(time) => {
                self.flush().await;
                tokio::time::sleep(*time).await;
            }
            // A reset consumes the link, and a barrier waits: the script does both.
            SendKind::Reset | SendKind::Barrier => {}
            SendKind::Unfinished(series) => {
                self.flush().await;
                self.unfinished(series).await;
            }
            SendKind::Frames(_)
            | SendKind::Compressed(_)
            | SendKind::Bytes(_)
            | SendKind::Together(_)
            | SendKind::Rest(_) => {
                let mut out = std::mem::take(&mut self.out);
                out.clear();
                self.encode(send, &mut out);
                if self.settings.delivery == Delivery::Joined && send.split.is_none() && self.raw.is_none() {
                    self.joined.extend_from_slice(&out);
                } else {
                    self.flush().await;
                    self.write(&out, send.split).await;
                }
                self.out = out;
            }
        }
    }

    /// Appends a send's bytes to `out` and notes it in the transcript.
    pub fn encode(&mut self, send: &Send, out: &mut Vec<u8>) {
        match &send.kind {
            SendKind::Frames(frames) => {
                for frame in frames {
                    self.encode_frame(frame, None, out);
                }
            }
            SendKind::Compressed(message) => self.encode_compressed(message, out),
            SendKind::Bytes(bytes) => {
                // Whether a frame ends in them is the case's business.
                self.unfinished = false;
                self.transcript.add(Direction::Out, What::Bytes(Payload::of(bytes)));
                out.extend_from_slice(bytes);
            }
            SendKind::Rest(count) => {
                let count = count.unwrap_or(self.held.len()).min(self.held.len());
                let bytes: Bytes = self.held.drain(..count).collect();
                out.extend_from_slice(&bytes);
                self.unfinished &= !self.held.is_empty();
                self.transcript.add(Direction::Out, What::Bytes(Payload::of(&bytes)));
            }
            SendKind::Together(sends) => {
                for send in sends {
                    self.encode(send, out);
                }
            }
            SendKind::HalfClose
            | SendKind::CloseNotify
            | SendKind::TlsTruncate
            | SendKind::Reset
            | SendKind::Pause(_)
            | SendKind::Barrier
            | SendKind::Unfinished(_) => {}
        }
    }

    /// Compresses a message, cuts it and appends its frames.
    fn encode_compressed(&mut self, message: &Compressed, out: &mut Vec<u8>) {
        let data = Bytes::from(self.compressor().message(&message.payload));
        let length = message.payload.len() as u64;
        self.transcript.content_sent += length;
        self.transcript.largest.message(length);
        let sizes = message.fragmentation.sizes(data.len());
        let last = sizes.len().saturating_sub(1);
        let mut at = 0;
        for (place, size) in sizes.into_iter().enumerate() {
            let opcode = match place {
                0 if message.text => Opcode::TEXT,
                0 => Opcode::BINARY,
                _ => Opcode::CONTINUATION,
            };
            let mut frame = SendFrame::plain(opcode, data.slice(at..at + size));
            frame.fin = place == last;
            frame.rsv = if place == 0 { 4 } else { 0 };
            (frame.mask, frame.form) = (message.mask, message.form);
            // A reader wants to see what was compressed.
            self.encode_frame(&frame, (place == 0).then_some(&message.payload), out);
            at += size;
        }
    }

    /// Appends a frame to `out` and to the transcript, with what it was compressed from.
    fn encode_frame(&mut self, frame: &SendFrame, inflated: Option<&Bytes>, out: &mut Vec<u8>) {
        let mask = match frame.mask {
            Masking::ByRole => (self.role == Role::Server).then(|| self.rng.random()),
            Masking::Masked => Some(self.rng.random()),
            Masking::Key(key) => Some(key),
            Masking::Unmasked => None,
        };
        let spec = frame.spec(mask);
        let start = out.len();
        spec.write(out);
        if let Some(hold) = frame.hold {
            let keep = out.len() - hold.min(out.len() - start);
            self.held = out.split_off(keep);
            self.transcript.note(format!("the last {} bytes of the next frame are held back", self.held.len()));
        }
        self.unfinished = !self.held.is_empty()
            || frame.truncate.is_some_and(|keep| keep < out.len() - start)
            || frame.declared.is_some_and(|declared| declared > frame.payload.len() as u64);
        let event = if let Some(keep) = frame.truncate {
            out.truncate(start.saturating_add(keep).min(out.len()));
            self.transcript.add(Direction::Out, What::Bytes(Payload::of(out.get(start..).unwrap_or_default())))
        } else {
            let payload =
                || (Payload::of(&spec.payload), inflated.map(|bytes| Payload::begun(bytes, bytes.len() as u64)));
            self.transcript.add_frame(Direction::Out, spec.head(), Vec::new(), payload)
        };
        match frame.opcode {
            Opcode::PING => self.pings.push(frame.payload.clone()),
            Opcode::CLOSE if self.close_sent.is_none() => {
                self.close_sent = Some(CloseBody::read(&frame.payload).code);
                self.close_valid = frame.fin
                    && frame.rsv == 0
                    && mask.is_some() == (self.role == Role::Server)
                    && frame.payload.len() <= 125
                    && frame.declared.is_none()
                    && frame.truncate.is_none();
                self.transcript.close_sent = Some(event);
            }
            _ => {}
        }
    }

    pub(super) async fn send_plain(&mut self, opcode: Opcode, payload: Bytes) {
        let frame = SendFrame::plain(opcode, payload);
        self.flush().await;
        let pings = self.pings.len();
        let mut out = Vec::new();
        self.encode_frame(&frame, None, &mut out);
        self.pings.truncate(pings);
        self.write(&out, None).await;
    }

    /// Sends a ping with fresh data; its pong is received as [`Received::BarrierAnswered`].
    pub async fn barrier(&mut self) {
        if self.unfinished {
            return;
        }
        let mark: u32 = self.rng.random();
        // 15 bytes: no multiple of 4, so that a target that unmasks whole words only is found out.
        let payload = Bytes::from(format!("wsspec-{mark:08x}"));
        self.barriers.push(payload.clone());
        self.send_plain(Opcode::PING, payload).await;
    }

    /// Begins a closing handshake with 1000, unless a Close was sent.
    pub async fn close(&mut self) {
        if self.unfinished {
            // Inside a frame of ours a Close frame would be payload.
            self.half_close().await;
        } else if self.close_sent.is_none() {
            self.send_plain(Opcode::CLOSE, CloseBody::payload(1000, b"").into()).await;
        }
    }
}
