//! What went over the wire in a case, in order and with its time, in bounded memory.
//!
//! A target may send without end. A transcript keeps the first events, the last ones, and those between that a rule or a reader needs;
//! of a payload it keeps what [`Payload`] has.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::limits::Largest;
use super::payload::Payload;
use crate::link::tls::TlsFacts;
use crate::vocabulary::{Direction, Layer, PathEnd, StreamEnd};
use crate::wire::deflate::NegotiatedParams;
use crate::wire::handshake::Head;
use crate::wire::{Deviation, DeviationKind, FrameHead, Opcode};

/// Events that are shown before frames of a series are counted.
const UNFOLDED: usize = 12;
/// Events that are kept at the beginning and at the end.
const FIRST: usize = 160;
const LAST: usize = 40;
/// Events that are kept between: heads, Close frames and ends of a stream; frames with deviations, and how many of one kind.
const LANDMARKS: usize = 32;
const DEVIANT: usize = 32;
const DEVIANT_OF_A_KIND: usize = 4;
/// The most characters of a note.
const NOTE: usize = 1000;

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number, from 0. Events that were left out have had numbers too.
    pub number: usize,
    /// When, from the case's start.
    pub at: Duration,
    /// The protocol that it belongs to.
    pub layer: Layer,
    /// The connection that it belongs to.
    pub end: PathEnd,
    /// Which way; `None` for what goes neither way, such as a note.
    pub direction: Option<Direction>,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// A handshake head.
    Head(Arc<Head>),
    /// A frame.
    Frame(Box<TranscriptFrame>),
    /// Bytes that are not a whole frame.
    Bytes(Payload),
    /// The end of a direction.
    End(StreamEnd),
    /// Frames of messages, both ways, that are counted rather than shown one by one.
    More {
        /// Data frames that were sent.
        sent: u64,
        /// Bytes of their payloads.
        sent_bytes: u64,
        /// Frames that were received.
        received: u64,
        /// Bytes of their payloads.
        received_bytes: u64,
    },
    /// A note.
    Note(String),
}

/// A frame in a transcript.
#[derive(Clone, Debug)]
pub struct TranscriptFrame {
    /// Its head.
    pub head: FrameHead,
    /// Its payload, unmasked.
    pub payload: Payload,
    /// What is wrong with it.
    pub deviations: Vec<Deviation>,
    /// What it inflates to, where its message is compressed.
    pub inflated: Option<Payload>,
}

impl What {
    /// The protocol that an event of this kind belongs to.
    const fn layer(&self) -> Layer {
        match self {
            Self::Head(_) => Layer::Http1,
            Self::Frame(_) | Self::More { .. } => Layer::WebSocket,
            Self::End(StreamEnd::TlsTruncated) => Layer::Tls,
            Self::Bytes(_) | Self::End(_) => Layer::Tcp,
            Self::Note(_) => Layer::Harness,
        }
    }

    /// Whether it is kept for what it is: a head, a Close frame, the end of a stream.
    fn is_landmark(&self) -> bool {
        match self {
            Self::Head(_) | Self::End(_) => true,
            Self::Frame(frame) => frame.head.opcode == Opcode::CLOSE,
            Self::Bytes(_) | Self::More { .. } | Self::Note(_) => false,
        }
    }

    /// What is wrong with it, where it is a frame.
    fn deviations(&self) -> &[Deviation] {
        match self {
            Self::Frame(frame) => &frame.deviations,
            _ => &[],
        }
    }
}

/// The transcript of one case.
#[derive(Clone, Debug)]
pub struct Transcript {
    started: Instant,
    events: Vec<Event>,
    /// The number of the next event.
    next: usize,
    /// The key that the handshake was made with, as sent.
    pub key: String,
    /// Whether the request has exactly one key, of printable ASCII: only then is there one valid accept value.
    pub key_is_plain: bool,
    /// Whether the server switched to another protocol than WebSocket, as the case allows: no rule of WebSocket applies then.
    pub switched_elsewhere: bool,
    /// The request, as received from a client target.
    pub request: Option<Arc<Head>>,
    /// The response, as received from a server target.
    pub response: Option<Arc<Head>>,
    /// Subprotocols offered in the handshake.
    pub offered_subprotocols: Vec<String>,
    /// Extensions offered in the handshake.
    pub offered_extensions: Vec<String>,
    /// What was agreed for permessage-deflate, where it is in use.
    pub deflate: Option<NegotiatedParams>,
    /// Frames of messages that were sent, and the bytes of their payloads: what may come back.
    pub data_sent: (usize, u64),
    /// Bytes of messages that were sent, before compression.
    pub content_sent: u64,
    /// The largest amounts of messages that were sent.
    pub largest: Largest,
    /// Messages of series that were sent.
    pub messages_sent: u64,
    /// The number of the event from which on frames of messages are counted rather than shown.
    folding: Option<usize>,
    /// The number of the event at which we sent our Close frame.
    pub close_sent: Option<usize>,
    /// The number of the event at which the target's Close frame came.
    pub close_received: Option<usize>,
    /// Bytes that were written in all.
    pub sent: u64,
    /// What the TLS handshake showed, where there was one.
    pub tls: Option<TlsFacts>,
    /// The time of our last Ping or Close, while nothing came after it.
    asked: Option<Duration>,
    slowest_reaction: Duration,
}

impl Transcript {
    /// An empty transcript that starts now.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            events: Vec::with_capacity(16),
            next: 0,
            key: String::new(),
            key_is_plain: true,
            switched_elsewhere: false,
            request: None,
            response: None,
            offered_subprotocols: Vec::new(),
            offered_extensions: Vec::new(),
            deflate: None,
            data_sent: (0, 0),
            content_sent: 0,
            largest: Largest::default(),
            messages_sent: 0,
            folding: None,
            close_sent: None,
            close_received: None,
            sent: 0,
            tls: None,
            asked: None,
            slowest_reaction: Duration::ZERO,
        }
    }

    /// The time since its start.
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// The events that are kept, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The event of this number, where it is kept.
    pub fn event(&self, number: usize) -> Option<&Event> {
        let place = self.events.binary_search_by_key(&number, |event| event.number).ok()?;
        self.events.get(place)
    }

    /// The number of the last event.
    pub fn last(&self) -> Option<usize> {
        self.next.checked_sub(1)
    }

    /// The number of the last head that went this way.
    pub fn last_head(&self, direction: Direction) -> Option<usize> {
        let is_head = |event: &&Event| event.direction == Some(direction) && matches!(event.what, What::Head(_));
        self.events.iter().rev().find(is_head).map(|event| event.number)
    }

    /// From the next dozen of events on frames of messages are counted rather than shown, or no more.
    pub fn fold(&mut self, folding: bool) {
        self.folding = folding.then(|| self.next + UNFOLDED);
    }

    /// Whether a frame with this head is counted rather than shown, when nothing is wrong with it.
    pub fn is_folded(&self, head: &FrameHead) -> bool {
        let is_data = !head.opcode.is_control() && !head.opcode.is_reserved();
        is_data && self.folding.is_some_and(|from| self.next >= from)
    }

    /// Appends an event; returns its number.
    pub fn add(&mut self, direction: Direction, what: What) -> usize {
        self.append(Some(direction), what)
    }

    /// Appends a frame; returns its number. Its payload is computed only when it is shown.
    pub fn add_frame(
        &mut self,
        direction: Direction,
        head: FrameHead,
        deviations: Vec<Deviation>,
        payload: impl FnOnce() -> (Payload, Option<Payload>),
    ) -> usize {
        if direction == Direction::Out && !head.opcode.is_control() {
            self.data_sent = (self.data_sent.0 + 1, self.data_sent.1.saturating_add(head.length));
            self.largest.frame(&head);
        }
        if deviations.is_empty() && self.is_folded(&head) {
            return self.count(direction, &head);
        }
        let (payload, inflated) = payload();
        self.append(Some(direction), What::Frame(Box::new(TranscriptFrame { head, payload, deviations, inflated })))
    }

    /// Appends a note.
    pub fn note(&mut self, text: impl Into<String>) -> usize {
        let mut text = text.into();
        if let Some((at, _)) = text.char_indices().nth(NOTE) {
            text.truncate(at);
            text.push('…');
        }
        self.append(None, What::Note(text))
    }

    /// Counts a frame that is not shown.
    fn count(&mut self, direction: Direction, head: &FrameHead) -> usize {
        if !matches!(self.events.last(), Some(Event { what: What::More { .. }, .. })) {
            self.append(None, What::More { sent: 0, sent_bytes: 0, received: 0, received_bytes: 0 });
        }
        if let Some(Event { what: What::More { sent, sent_bytes, received, received_bytes }, .. }) =
            self.events.last_mut()
        {
            let (frames, bytes) =
                if direction == Direction::Out { (sent, sent_bytes) } else { (received, received_bytes) };
            (*frames, *bytes) = (*frames + 1, bytes.saturating_add(head.length));
        }
        self.last().unwrap_or(0)
    }

    fn append(&mut self, direction: Option<Direction>, what: What) -> usize {
        let (number, at) = (self.next, self.now());
        self.observe_reaction(direction, &what, at);
        self.next += 1;
        let (layer, end) = (what.layer(), PathEnd::Target);
        self.events.push(Event { number, at, layer, end, direction, what });
        if self.events.len() > FIRST + LANDMARKS + DEVIANT + 2 * LAST {
            self.thin_out();
        }
        number
    }

    /// Leaves out the events between the first and the last ones, except those that a rule or a reader needs.
    fn thin_out(&mut self) {
        let last = self.events.len() - LAST;
        let (mut place, mut landmarks, mut deviant) = (0, 0, 0);
        let mut kinds: HashMap<Discriminant<DeviationKind>, usize> = HashMap::new();
        self.events.retain(|event| {
            place += 1;
            if place <= FIRST || place > last {
                return true;
            }
            if event.what.is_landmark() && landmarks < LANDMARKS {
                landmarks += 1;
                return true;
            }
            let mut fresh = false;
            for deviation in event.what.deviations() {
                let count = kinds.entry(discriminant(&deviation.kind)).or_default();
                fresh |= *count < DEVIANT_OF_A_KIND;
                *count += 1;
            }
            let keep = fresh && deviant < DEVIANT;
            deviant += usize::from(keep);
            keep
        });
    }

    /// Leaves out what a long transcript has too much of. To be called when nothing more is added.
    pub fn finish(&mut self) {
        if self.events.len() > FIRST + LAST {
            self.thin_out();
        }
    }

    fn observe_reaction(&mut self, direction: Option<Direction>, what: &What, at: Duration) {
        let opcode = match what {
            What::Frame(frame) => Some(frame.head.opcode),
            _ => None,
        };
        let asked = self.asked.take();
        match (direction, opcode) {
            (Some(Direction::Out), Some(Opcode::PING | Opcode::CLOSE)) => self.asked = Some(at),
            (Some(Direction::In), Some(Opcode::PONG | Opcode::CLOSE)) => {
                let reaction = asked.map(|asked| at.saturating_sub(asked)).unwrap_or_default();
                self.slowest_reaction = self.slowest_reaction.max(reaction);
            }
            _ => {}
        }
    }

    /// The longest time from a Ping or Close of ours to the Pong or Close that is the next event: how slow the target is.
    pub fn slowest_reaction(&self) -> Duration {
        self.slowest_reaction
    }

    /// The frames that the target sent, as far as they are kept, with their events' numbers.
    pub fn received_frames(&self) -> impl Iterator<Item = (usize, &TranscriptFrame)> {
        self.events.iter().filter_map(|event| match (event.direction, &event.what) {
            (Some(Direction::In), What::Frame(frame)) => Some((event.number, &**frame)),
            _ => None,
        })
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::LengthForm;

    fn frame(transcript: &mut Transcript, opcode: Opcode, deviations: Vec<Deviation>) -> usize {
        let head = FrameHead { fin: true, rsv: 0, opcode, mask: None, form: LengthForm::Bits7, length: 1 };
        transcript.add_frame(Direction::In, head, deviations, || (Payload::of(b"x"), None))
    }

    #[test]
    fn a_flood_leaves_the_first_the_last_and_what_rules_need() {
        let mut transcript = Transcript::new();
        for number in 0..10_000 {
            assert_eq!(frame(&mut transcript, Opcode::TEXT, Vec::new()), number);
        }
        let unmasked = || vec![Deviation { offset: 0, kind: DeviationKind::Unmasked }];
        let deviant = frame(&mut transcript, Opcode::TEXT, unmasked());
        let close = frame(&mut transcript, Opcode::CLOSE, Vec::new());
        for _ in 0..100_000 {
            frame(&mut transcript, Opcode::BINARY, unmasked());
        }
        transcript.finish();
        assert!(transcript.events().len() <= FIRST + LAST + LANDMARKS + DEVIANT);
        for number in [0, FIRST - 1, deviant, close, 110_001] {
            assert_eq!(transcript.event(number).map(|event| event.number), Some(number));
        }
        assert!(transcript.event(5000).is_none());
        assert_eq!(transcript.last(), Some(110_001));
    }
}
