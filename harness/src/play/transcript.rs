//! All that went over the wire in a case, in order and with its time.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::case::model::EndKind;
use crate::link::tls::TlsFacts;
use crate::wire::handshake::Head;
use crate::wire::{Deviation, FrameHead};

/// Which way octets went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the target.
    Out,
    /// From the target.
    In,
    /// Neither.
    Note,
}

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
    /// A handshake head, as octets.
    Head(Bytes),
    /// A frame: its head, its unmasked payload, where its first octet stands in its direction's stream, what is wrong with it.
    Frame {
        /// Its head.
        head: FrameHead,
        /// Its payload, unmasked.
        payload: Bytes,
        /// What is wrong with it.
        deviations: Vec<Deviation>,
    },
    /// Octets that are no whole frame.
    Octets(Bytes),
    /// The end of a direction.
    End(EndKind),
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
    /// The event at which we sent our Close frame.
    pub close_sent: Option<usize>,
    /// The event at which the target's Close frame came.
    pub close_received: Option<usize>,
    /// Octets that were written in all.
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

    /// Appends an event; returns its number.
    pub fn add(&mut self, dir: Direction, what: What) -> usize {
        self.events.push(Event { at: self.now(), dir, what });
        self.events.len() - 1
    }

    /// Appends a note.
    pub fn note(&mut self, text: impl Into<String>) -> usize {
        self.add(Direction::Note, What::Note(text.into()))
    }

    /// The frames that the target sent, with their events' numbers.
    pub fn received_frames(&self) -> impl Iterator<Item = (usize, &FrameHead, &Bytes, &[Deviation])> {
        self.events.iter().enumerate().filter_map(|(number, event)| match (&event.dir, &event.what) {
            (Direction::In, What::Frame { head, payload, deviations }) => {
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
