//! All that went over the wire in a case, in order and with its time.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::link::tls::TlsFacts;
use crate::vocabulary::Direction;
use crate::vocabulary::StreamEnd;
use crate::wire::deflate::NegotiatedParams;
use crate::wire::handshake::Head;
use crate::wire::{Deviation, FrameHead, Opcode};

/// Events that are told before frames are counted.
const UNFOLDED: usize = 12;

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// When, from the case's start.
    pub at: Duration,
    /// Which way.
    pub dir: Direction,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// A handshake head, as bytes.
    Head(Bytes),
    /// A frame: its head, its unmasked payload, where its first byte stands in its direction's stream, what is wrong with it.
    Frame {
        /// Its head.
        head: FrameHead,
        /// Its payload, unmasked.
        payload: Bytes,
        /// What is wrong with it.
        deviations: Vec<Deviation>,
        /// What it inflates to, where its message is compressed.
        inflated: Option<Bytes>,
    },
    /// Bytes that are no whole frame.
    Bytes(Bytes),
    /// The end of a direction.
    End(StreamEnd),
    /// Frames of messages, both ways, that are not told one by one.
    More {
        /// Data frames that were sent.
        sent: u64,
        /// Bytes of their payloads.
        sent_bytes: u64,
        /// Frames that came.
        received: u64,
        /// Bytes of their payloads.
        received_bytes: u64,
    },
    /// A note.
    Note(String),
}

/// The transcript of one case.
#[derive(Clone, Debug)]
pub struct Transcript {
    started: Instant,
    /// The events in order.
    pub events: Vec<Event>,
    /// The key that the handshake was made with, as sent.
    pub key: String,
    /// Whether the request has exactly one key, of printable ASCII: only then is there one right accept value.
    pub key_is_plain: bool,
    /// Whether the server switched to another protocol than WebSocket, as the case allows: no rule of WebSocket holds then.
    pub switched_elsewhere: bool,
    /// The request, as received from a client target.
    pub request: Option<Head>,
    /// The response, as received from a server target.
    pub response: Option<Head>,
    /// Subprotocols offered in the handshake.
    pub offered_subprotocols: Vec<String>,
    /// Extensions offered in the handshake.
    pub offered_extensions: Vec<String>,
    /// What was agreed for permessage-deflate, where it is in use.
    pub deflate: Option<NegotiatedParams>,
    /// Frames of messages that were sent, and the bytes of their payloads: what may come back.
    pub said: (usize, u64),
    /// Messages of series that were sent.
    pub messages_sent: u64,
    /// Events from which on frames of messages are counted rather than told.
    folding: Option<usize>,
    /// The event at which we sent our Close frame.
    pub close_sent: Option<usize>,
    /// The event at which the target's Close frame came.
    pub close_received: Option<usize>,
    /// Bytes that were written in all.
    pub sent: u64,
    /// What the TLS handshake showed, where TLS stood between.
    pub tls: Option<TlsFacts>,
}

impl Transcript {
    /// An empty transcript that starts now.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            events: Vec::with_capacity(16),
            key: String::new(),
            key_is_plain: true,
            switched_elsewhere: false,
            request: None,
            response: None,
            offered_subprotocols: Vec::new(),
            offered_extensions: Vec::new(),
            deflate: None,
            said: (0, 0),
            messages_sent: 0,
            folding: None,
            close_sent: None,
            close_received: None,
            sent: 0,
            tls: None,
        }
    }

    /// The time since its start.
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// From the next dozen of events on frames of messages are counted rather than told, or no more.
    pub fn fold(&mut self, folding: bool) {
        self.folding = folding.then(|| self.events.len() + UNFOLDED);
    }

    /// Counts a frame that need not be told; false for any other event.
    fn folded(&mut self, dir: Direction, what: &What) -> bool {
        let What::Frame { head, deviations, .. } = what else { return false };
        let plain = deviations.is_empty() && !head.opcode.is_control() && !head.opcode.is_reserved();
        if !plain || self.folding.is_none_or(|from| self.events.len() < from) {
            return false;
        }
        if !matches!(self.events.last(), Some(Event { what: What::More { .. }, .. })) {
            let what = What::More { sent: 0, sent_bytes: 0, received: 0, received_bytes: 0 };
            self.events.push(Event { at: self.now(), dir: Direction::Note, what });
        }
        let Some(Event { what: What::More { sent, sent_bytes, received, received_bytes }, .. }) =
            self.events.last_mut()
        else {
            return false;
        };
        let (frames, bytes) = if dir == Direction::Out { (sent, sent_bytes) } else { (received, received_bytes) };
        (*frames, *bytes) = (*frames + 1, *bytes + head.length);
        true
    }

    /// Appends an event; returns its number.
    pub fn add(&mut self, dir: Direction, what: What) -> usize {
        if let (Direction::Out, What::Frame { head, .. }) = (dir, &what)
            && !head.opcode.is_control()
        {
            self.said = (self.said.0 + 1, self.said.1.saturating_add(head.length));
        }
        if self.folded(dir, &what) {
            return self.events.len() - 1;
        }
        self.events.push(Event { at: self.now(), dir, what });
        self.events.len() - 1
    }

    /// Appends a note.
    pub fn note(&mut self, text: impl Into<String>) -> usize {
        self.add(Direction::Note, What::Note(text.into()))
    }

    /// The longest time from a Ping or Close of ours to the Pong or Close that is the next event: how slow the target is.
    pub fn slowest_reaction(&self) -> Duration {
        let control = |event: &Event, dir: Direction, wanted: Opcode| {
            event.dir == dir
                && matches!(&event.what, What::Frame { head, .. } if head.opcode == wanted || head.opcode == Opcode::CLOSE)
        };
        let pairs = self.events.iter().zip(self.events.iter().skip(1));
        let reactions = pairs.filter(|(said, received)| {
            control(said, Direction::Out, Opcode::PING) && control(received, Direction::In, Opcode::PONG)
        });
        reactions.map(|(said, received)| received.at.saturating_sub(said.at)).max().unwrap_or_default()
    }

    /// The frames that the target sent, with their events' numbers.
    pub fn received_frames(&self) -> impl Iterator<Item = (usize, &FrameHead, &Bytes, &[Deviation])> {
        self.events.iter().enumerate().filter_map(|(number, event)| match (&event.dir, &event.what) {
            (Direction::In, What::Frame { head, payload, deviations, .. }) => {
                Some((number, head, payload, deviations.as_slice()))
            }
            _ => None,
        })
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self::new()
    }
}
