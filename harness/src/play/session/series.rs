//! A series of messages, each compared with what comes back as it arrives: nothing long is ever held whole.

use bytes::Bytes;
use rand::RngExt as _;
use tokio::time::{Duration, Instant};

use super::super::departure::Departure;
use super::super::facts::Actual;
use super::super::limits::may_mean_a_limit;
use super::super::matching::leaves_tcp;
use super::super::payload::Payload;
use super::super::scale::{Place, Places, joined, pieces};
use super::super::waiting::WaitResult;
use super::{Received, Session};
use crate::case::{Fragmentation, Series, WriteSplit};
use crate::vocabulary::{Direction, Role};
use crate::wire::deflate::Compressor;
use crate::wire::{FrameHead, LengthForm, Opcode, RxFrame, mask};

/// Bytes that are gathered before they are written.
const GATHER: usize = 128 << 10;
/// What a frame costs in addition to its bytes, as bytes.
const FRAME: u64 = 32;
/// More bytes than the buffers of the system hold in both directions: a target that accepts them while nothing is read holds them.
const BUFFERS: u64 = 32 << 20;
/// Bytes a second that even a slow target handles: a long message may take the timeout and this time.
const SLOWEST: u64 = 512 << 10;

/// The message that is awaited, as far as it has come.
#[derive(Debug)]
pub(in crate::play) struct Awaited {
    source: Bytes,
    place: Place,
    text: bool,
    /// Its number, from 1.
    number: usize,
    /// Bytes that came and were as sent.
    come: usize,
    begun: bool,
}

impl Awaited {
    /// Takes a piece of a message; returns a result when the message is whole, or is not the awaited one.
    fn take(&mut self, frame: &RxFrame) -> Option<Received> {
        let opcode = frame.head.opcode;
        if frame.at == 0 && opcode != Opcode::CONTINUATION {
            let wanted = if self.text { Opcode::TEXT } else { Opcode::BINARY };
            if opcode != wanted || self.begun {
                let what = if self.begun { "another message begins inside it" } else { "it has the other type" };
                return Some(self.differs(what.to_owned()));
            }
            self.begun = true;
        } else if !self.begun {
            return None;
        }
        {
            let mut rest: &[u8] = frame.content();
            let left = Place {
                at: (self.place.at + self.come).checked_rem(self.source.len()).unwrap_or(0),
                length: self.place.length - self.come,
            };
            for piece in pieces(&self.source, left) {
                let count = piece.len().min(rest.len());
                let (now, later) = rest.split_at(count);
                if now != &piece[..count] {
                    let same = now.iter().zip(&piece).take_while(|(a, b)| a == b).count();
                    return Some(self.differs(format!("byte {} differs", self.come + same)));
                }
                self.come += count;
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            if !rest.is_empty() {
                return Some(self.differs(format!("it is longer than the {} bytes sent", self.place.length)));
            }
        }
        if !frame.head.fin || frame.more {
            return None;
        }
        if self.come < self.place.length {
            let short = format!("it ends after {} of {} bytes", self.come, self.place.length);
            return Some(self.differs(short));
        }
        Some(Received::Echoed(self.number))
    }

    fn differs(&self, how: String) -> Received {
        Received::Differs { number: self.number, how }
    }
}

impl Session<'_> {
    /// The result of a series for a piece of a message; `None` when the message is not over.
    pub(super) fn of_series(&mut self, frame: &RxFrame) -> Option<Received> {
        self.awaited.front_mut().and_then(|awaited| awaited.take(frame))
    }

    /// Plays a series.
    pub async fn series(&mut self, series: &Series) -> WaitResult {
        self.flush().await;
        let count = self.settings.scale.count(series);
        if count < series.count {
            let scale = format!("{count} of {} messages are played at this scale", series.count);
            self.transcript.note(scale);
        }
        self.transcript.fold(true);
        let mut waited = WaitResult::Matched(None, None);
        let fragmentation = self.settings.scale.fragmentation(series);
        let size = self.settings.scale.size(series);
        if fragmentation != series.fragmentation || size < series.size {
            self.transcript.note("not all of the fragments are sent at this scale");
        }
        let series = &Series { fragmentation, size, ..series.clone() };
        let shared = self.shared_messages(series, count);
        self.unread = series.unread;
        // Messages that were sent and did not come back yet.
        let mut under_way = 0_usize;
        let mut places = Places::new(series).take(count).enumerate().peekable();
        while let Some((number, place)) = places.next() {
            let source = series.source.clone();
            let awaited = Awaited { source, place, text: series.text, number: number + 1, come: 0, begun: false };
            self.awaited.push_back(awaited);
            under_way += 1;
            match &shared {
                Some(messages) => {
                    let data = messages.get(number).cloned().unwrap_or_default();
                    self.write_message(series, &[data], true, true).await;
                }
                None if series.compress => {
                    let bytes = joined(&series.source, place);
                    let data = self.compressor().message(&bytes);
                    self.write_message(series, &[data.into()], true, true).await;
                }
                None => {
                    let all: Vec<Bytes> = pieces(&series.source, place).collect();
                    self.write_message(series, &all, false, true).await;
                }
            }
            self.transcript.messages_sent += 1;
            let length = place.length as u64;
            self.transcript.content_sent += length;
            self.transcript.largest.message(length);
            if self.unread && places.peek().is_some() {
                continue;
            }
            let mut accepted_all = self.unread && self.link.sent() > BUFFERS;
            self.unread = false;
            let several = under_way > 1;
            for _ in 0..std::mem::take(&mut under_way) {
                waited = self.echo_of(series, place).await;
                if !matches!(waited, WaitResult::Matched(None, _)) {
                    accepted_all = false;
                    break;
                }
            }
            if !matches!(waited, WaitResult::Matched(None, _)) || several {
                if accepted_all {
                    let actual = Actual::SentUnread(self.link.sent());
                    waited = WaitResult::Matched(Some((Departure::AcceptsUnread, actual)), None);
                }
                break;
            }
        }
        self.unread = false;
        if shared.is_some() {
            // Its window does not have the contents that the shared messages left at the target.
            self.compressor = None;
        }
        self.awaited.clear();
        self.transcript.fold(false);
        waited
    }

    /// Sends a message that is never finished, as much of it as the scale allows and the target takes.
    pub(super) async fn unfinished(&mut self, series: &Series) {
        let length = self.settings.scale.unfinished(series);
        let all: Vec<Bytes> = pieces(&series.source, Place { at: 0, length }).collect();
        self.transcript.fold(true);
        let before = self.transcript.data_sent.0;
        self.write_message(series, &all, false, false).await;
        self.transcript.fold(false);
        let frames = self.transcript.data_sent.0 - before;
        self.transcript.note(format!(
            "{frames} fragments of a message without an end are sent, {} bytes each",
            match series.fragmentation {
                Fragmentation::Every { size, .. } => size,
                _ => length,
            }
        ));
    }

    /// The compressor of this connection.
    pub(super) fn compressor(&mut self) -> &mut Compressor {
        let (window, takeover) = self.transcript.deflate.map_or((15, true), |agreed| agreed.of(self.role.other()));
        self.compressor.get_or_insert_with(|| Compressor::new(window, takeover))
    }

    /// Messages that other cases may have compressed already, where none was sent before on this connection.
    fn shared_messages(&self, series: &Series, count: usize) -> Option<std::sync::Arc<[Bytes]>> {
        let agreed = self.transcript.deflate.filter(|_| series.compress && self.compressor.is_none())?;
        let (window, takeover) = agreed.of(self.role.other());
        self.settings.shared.compressed(series, count, window, takeover)
    }

    /// Waits for the echo of the message just sent. As long as its bytes come, the timeout begins anew.
    async fn echo_of(&mut self, series: &Series, place: Place) -> WaitResult {
        let started = Instant::now();
        let timeout = series.within.unwrap_or(self.settings.timeout);
        let frames = series.fragmentation.count(place.length) as u64;
        let slow = Duration::from_secs((place.length as u64 + frames * FRAME) / SLOWEST);
        let most = started + (timeout + slow) * 4;
        loop {
            let before = self.link.received();
            let Some(item) = self.next_event((Instant::now() + timeout + slow).min(most), false).await else {
                if self.link.received() > before && Instant::now() < most {
                    continue;
                }
                return WaitResult::Unmet(Actual::Silence(started.elapsed()), None);
            };
            match item.received {
                Received::Echoed(_) => return WaitResult::Matched(None, Some(item.event)),
                Received::Pong(_) | Received::BarrierAnswered => {}
                Received::Message(..) if !self.settings.strict_messages => {}
                Received::Closed(ref body, how)
                    if series.may_refuse
                        && (how.is_some() || leaves_tcp(self.role, body.as_ref().and_then(|body| body.code))) =>
                {
                    let code = body.as_ref().and_then(|body| body.code);
                    if may_mean_a_limit(code) {
                        let departed = (Departure::LimitMet, Actual::Received(item.received));
                        return WaitResult::Matched(Some(departed), Some(item.event));
                    }
                    return WaitResult::Unmet(Actual::Received(item.received), Some(item.event));
                }
                received => return WaitResult::Unmet(Actual::Received(received), Some(item.event)),
            }
        }
    }

    /// Writes one message in its fragments, as far as the target reads it; without an end when it is not `finished`.
    async fn write_message(&mut self, series: &Series, parts: &[Bytes], compressed: bool, finished: bool) {
        let length = parts.iter().map(Bytes::len).sum();
        let mut sizes = series.fragmentation.fragments(length).enumerate().peekable();
        let mut parts = PartReader { parts, at: 0 };
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        while let Some((place, size)) = sizes.next() {
            let opcode = match place {
                0 if series.text => Opcode::TEXT,
                0 => Opcode::BINARY,
                _ => Opcode::CONTINUATION,
            };
            let head = FrameHead {
                fin: finished && sizes.peek().is_none(),
                rsv: if compressed && place == 0 { 4 } else { 0 },
                opcode,
                mask: (self.role == Role::Server).then(|| self.rng.random()),
                form: LengthForm::shortest(size as u64),
                length: size as u64,
            };
            head.write(&mut out);
            let mut first = Bytes::new();
            let mut done = 0;
            while done < size && !self.is_over() {
                let piece = parts.next((size - done).min(GATHER));
                if piece.is_empty() {
                    break;
                }
                let start = out.len();
                out.extend_from_slice(&piece);
                if let Some(key) = head.mask {
                    mask::apply(&mut out[start..], key, done);
                }
                if done == 0 {
                    first = piece.clone();
                }
                done += piece.len();
                self.write_gathered(&mut out, series.split, GATHER).await;
            }
            let payload = || (Payload::begun(&first, head.length), None);
            self.transcript.add_frame(Direction::Out, head, Vec::new(), payload);
            self.write_gathered(&mut out, series.split, GATHER).await;
            if self.is_over() || self.write_broken || self.transcript.close_received.is_some() {
                break;
            }
        }
        self.write_gathered(&mut out, series.split, 1).await;
        self.out = out;
    }

    /// Writes what was gathered when it has come to `enough` bytes.
    async fn write_gathered(&mut self, out: &mut Vec<u8>, split: Option<WriteSplit>, enough: usize) {
        if out.len() >= enough {
            match split {
                Some(_) => self.write(out, split).await,
                None => self.write_piece(out).await,
            }
            out.clear();
        }
    }
}

/// Bytes taken from parts in order.
struct PartReader<'a> {
    parts: &'a [Bytes],
    at: usize,
}

impl PartReader<'_> {
    /// The next bytes, `most` at most, as far as one part goes; empty at the end.
    fn next(&mut self, most: usize) -> Bytes {
        while let Some(part) = self.parts.first() {
            if self.at < part.len() {
                let end = part.len().min(self.at + most);
                let piece = part.slice(self.at..end);
                self.at = end;
                return piece;
            }
            self.parts = self.parts.get(1..).unwrap_or_default();
            self.at = 0;
        }
        Bytes::new()
    }
}
