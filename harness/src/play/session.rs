//! A connection while a case is played: writing, reading, pongs, barriers and the closing handshake.

mod receiving;
mod series;
mod writing;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rand_chacha::ChaCha8Rng;
use tokio::time::Instant;

use super::held::{Account, Charge};
use super::payload::{Gathered, Payload};
use super::settings::Settings;
use super::transcript::Transcript;

use crate::link::Link;
use crate::vocabulary::{Direction, Role, StreamEnd};
use crate::wire::close::CloseBody;
use crate::wire::deflate::{Compressor, NegotiatedParams};
use crate::wire::{Assembler, Decoder, FrameHead, Opcode};

/// The bytes of a message that are kept, where the case itself has none that is longer.
const MESSAGE: usize = 4 << 20;
/// Pings that are answered in one wait before its deadline counts for them too.
const MANY_PINGS: usize = 1000;
/// Bytes that a case may hold: what was received and not looked at yet.
const HELD: usize = 16 << 20;

/// What the target sent, in the terms of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A whole message.
    Message(Message),
    /// A Ping.
    Ping(Bytes),
    /// A Pong that answers no barrier.
    Pong(Bytes),
    /// The answer to a barrier.
    BarrierAnswered,
    /// A frame with a reserved opcode.
    Unknown(u8),
    /// The connection's end: the target's Close frame, if one came, and how the stream ended, if it did within the timeout.
    Closed(Option<CloseBody>, Option<StreamEnd>),
    /// A head of HTTP in place of a frame: its first line.
    Http(String),
    /// A frame that declares more bytes than the bound.
    TooLarge(FrameHead),
    /// A frame of a compressed message that inflates to more bytes than the bound.
    InflatesTooFar(FrameHead),
    /// More than the bounds of a case allow.
    Flood,
    /// The message of a series with this number came back whole.
    Echoed(usize),
    /// What came for the message of a series with this number is another.
    Differs {
        /// Its number, from 1.
        number: usize,
        /// How it differs, in a sentence.
        how: String,
    },
}

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whether it is text.
    pub text: bool,
    /// Its bytes; of a message that is far longer than any of the case, the first ones.
    pub data: Bytes,
    /// Its length in bytes.
    pub length: u64,
}

impl Message {
    /// Whether `data` is all of it.
    pub fn is_whole(&self) -> bool {
        self.data.len() as u64 == self.length
    }
}

/// Something received, with the transcript's event that shows it.
#[derive(Debug)]
pub(super) struct Item {
    pub received: Received,
    pub event: usize,
    /// Its bytes count as held as long as it is there.
    _charge: Charge,
}

/// A connection under play.
pub(super) struct Session<'a> {
    link: Link,
    role: Role,
    pub settings: &'a Settings,
    pub transcript: Transcript,
    decoder: Decoder,
    assembler: Assembler,
    queue: VecDeque<Item>,
    pub rng: ChaCha8Rng,
    out: Vec<u8>,
    /// Bytes that are written together with the next ones, in that delivery.
    joined: Vec<u8>,
    /// Bytes of the last frame that were held back.
    held: Vec<u8>,
    /// The pings of the case, in order.
    pub pings: Vec<Bytes>,
    barriers: Vec<Bytes>,
    /// The code of the Close that we sent: outer `None` when none was sent.
    pub close_sent: Option<Option<u16>>,
    /// Whether that Close frame was valid, so that the target could accept it as our part of the closing handshake.
    close_valid: bool,
    /// The last frame that we sent is not whole, so that nothing else can be sent.
    unfinished: bool,
    end: Option<StreamEnd>,
    /// How long the stream took to end after the closing handshake, when that was longer than the timeout.
    pub late_end: Option<Duration>,
    over: bool,
    frames: usize,
    /// Frames are read; before the handshake is done, bytes are.
    pub raw: Option<BytesMut>,
    write_broken: bool,
    half_closed: bool,
    /// The messages of a series that are awaited, in order.
    awaited: VecDeque<series::Awaited>,
    /// Nothing is read while we write, until the target accepts no more.
    unread: bool,
    /// The sending half of permessage-deflate, once it was needed.
    compressor: Option<Compressor>,
    /// Whether TCP stays open for a quiet time after the closing handshake with a client.
    pub holds: bool,
    /// Whether the client ended TCP in that time.
    pub went_first: bool,
    /// What the frame that arrives is kept as, and what it inflates to.
    arriving: Gathered,
    arriving_inflated: Option<Gathered>,
    /// Inflated bytes that were received in all.
    inflated: u64,
    /// Bytes that were read and are still to be looked at.
    backlog: bool,
    /// More came than the bounds of a case allow.
    flood: bool,
    /// What is held of what the target sent.
    account: Account,
    assembled: Charge,
    most_held: usize,
}

impl<'a> Session<'a> {
    /// A session in which the longest message that the case sends or expects has `longest` bytes.
    pub fn new(link: Link, role: Role, settings: &'a Settings, rng: ChaCha8Rng, longest: usize) -> Self {
        let mut transcript = Transcript::new();
        transcript.tls = link.tls().cloned();
        let account = Account::default();
        // As the beginning of a frame these bytes would break several rules at once.
        let http: &[u8] = if role == Role::Server { b"HTTP/" } else { b"GET " };
        let mut decoder = Decoder::new(role, settings.max_payload).stopping_at(http);
        decoder.report_in_pieces(true);
        Self {
            link,
            role,
            settings,
            transcript,
            decoder,
            assembler: Assembler::keeping(longest.saturating_add(1).max(MESSAGE)),
            queue: VecDeque::new(),
            rng,
            out: Vec::new(),
            joined: Vec::new(),
            held: Vec::new(),
            pings: Vec::new(),
            barriers: Vec::new(),
            close_sent: None,
            close_valid: false,
            unfinished: false,
            end: None,
            late_end: None,
            over: false,
            frames: 0,
            raw: Some(BytesMut::new()),
            write_broken: false,
            half_closed: false,
            awaited: VecDeque::new(),
            unread: false,
            compressor: None,
            holds: false,
            went_first: false,
            arriving: Gathered::default(),
            arriving_inflated: None,
            inflated: 0,
            backlog: false,
            flood: false,
            assembled: account.charge(0),
            account,
            most_held: longest.saturating_mul(4).max(HELD),
        }
    }

    /// permessage-deflate is in use from here on.
    pub fn agree(&mut self, agreed: NegotiatedParams) {
        self.transcript.deflate = Some(agreed);
        match self.role {
            Role::Server => self.decoder.agree_deflate(agreed.server_window, agreed.server_takeover),
            Role::Client => self.decoder.agree_deflate(agreed.client_window, agreed.client_takeover),
        }
    }

    /// From here on, what is read are frames, beginning with `rest`.
    pub fn open(&mut self, rest: &[u8]) {
        self.raw = None;
        if !rest.is_empty() {
            self.decoder.buffer_mut().extend_from_slice(rest);
            self.received();
        }
        if let Some(kind) = self.end {
            self.ended(kind);
        }
    }

    /// The target's role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether the connection's end was reported.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Ends the session: the link is dropped, or reset when `reset` is set.
    pub fn finish(mut self, reset: bool) -> Transcript {
        self.transcript.sent = self.link.sent();
        let deviations = self.decoder.pending_deviations().to_vec();
        if let Some(head) = self.decoder.pending_head().or(self.decoder.overflow())
            && !deviations.is_empty()
        {
            // A frame that never became whole can be invalid all the same.
            self.transcript.add_frame(Direction::In, head, deviations, || (Payload::default(), None));
        }
        self.transcript.finish();
        if reset {
            self.link.reset();
        } else {
            self.link.leave();
        }
        self.transcript
    }

    /// Whether the target is a client that has sent no byte of a frame: it may have rejected our response.
    pub fn may_have_refused(&self) -> bool {
        self.role == Role::Client && self.frames == 0 && self.decoder.pending() == 0
    }

    /// Whether these bytes contain a server's pong to a barrier.
    pub fn answers_a_barrier(&self, bytes: &[u8]) -> bool {
        self.barriers.iter().any(|data| {
            let pong = [&[0x8a, data.len() as u8], &data[..]].concat();
            bytes.windows(pong.len()).any(|window| window == pong)
        })
    }

    /// Whether our direction of the stream has ended.
    pub fn half_closed(&self) -> bool {
        self.half_closed
    }

    /// What is received next, or `None` at the deadline. Pings are answered and not returned unless `want_pings`.
    pub async fn next_event(&mut self, deadline: Instant, want_pings: bool) -> Option<Item> {
        self.flush().await;
        let mut pings = 0_usize;
        loop {
            while let Some(item) = self.queue.pop_front() {
                match &item.received {
                    Received::Ping(data) => {
                        let data = data.clone();
                        if self.close_sent.is_none() && !self.flooded() {
                            self.send_plain(Opcode::PONG, data).await;
                        }
                        if want_pings {
                            return Some(item);
                        }
                        // A target that pings without end must not hold us beyond the deadline.
                        pings += 1;
                        if pings > MANY_PINGS && Instant::now() >= deadline {
                            return None;
                        }
                    }
                    Received::Closed(body, None) if body.is_some() => {
                        let body = body.clone();
                        return Some(self.closing(body, item.event).await);
                    }
                    _ => return Some(item),
                }
            }
            if self.over || !self.read_some(deadline).await {
                return None;
            }
        }
    }

    /// Appends to what was received and not asked for yet.
    fn enqueue(&mut self, received: Received, event: usize) {
        let bytes = match &received {
            Received::Message(message) => message.data.len(),
            Received::Ping(data) | Received::Pong(data) => data.len(),
            Received::Closed(Some(body), _) => body.reason.len(),
            _ => 0,
        };
        let charge = self.account.charge(bytes);
        self.queue.push_back(Item { received, event, _charge: charge });
    }

    /// Puts back what was received, to be returned next.
    pub fn push_back(&mut self, items: Vec<Item>) {
        for item in items.into_iter().rev() {
            self.queue.push_front(item);
        }
    }

    /// The closing handshake after the target's Close frame: our answer, and the end of the stream.
    async fn closing(&mut self, body: Option<CloseBody>, event: usize) -> Item {
        // A target that rejected our invalid Close frame may wait for a valid one, as any peer would send.
        if self.unfinished {
            // Inside a frame of ours a Close frame would be payload.
            self.half_close().await;
        } else if self.close_sent.is_none() || !self.close_valid {
            let payload = match &body {
                Some(CloseBody { code: Some(code), .. }) if crate::wire::close::may_be_sent(*code) => {
                    CloseBody::payload(*code, b"")
                }
                _ => Vec::new(),
            };
            self.send_plain(Opcode::CLOSE, payload.into()).await;
        }
        if self.holds {
            let quiet = Instant::now() + self.settings.quiet;
            while self.end.is_none() && !self.flooded() && self.read_some(quiet).await {}
            self.went_first = self.end.is_some();
        }
        if self.role == Role::Client && self.end.is_none() {
            // A server ends TCP at once (section 5.5.1).
            self.half_close().await;
        }
        let started = Instant::now();
        self.read_to_end(started + self.settings.timeout).await;
        if self.end.is_none() && !self.flooded() && !self.settings.adaptive_timeout.ends_never() {
            self.read_to_end(started + self.settings.timeout + self.settings.late_end()).await;
            self.late_end = self.end.map(|_| started.elapsed());
            if self.end.is_none() {
                self.settings.adaptive_timeout.observe_endless();
            }
        }
        if self.end.is_none() {
            self.transcript.note("the stream stays open after the closing handshake");
        }
        self.over = true;
        Item { received: Received::Closed(body, self.end), event, _charge: self.account.charge(0) }
    }

    /// Reads until the stream ends, or to the deadline.
    async fn read_to_end(&mut self, deadline: Instant) {
        while self.end.is_none() && !self.flooded() && self.read_some(deadline).await {}
    }

    /// Reads once; false at the deadline or when nothing more can come.
    pub async fn read_some(&mut self, deadline: Instant) -> bool {
        if self.backlog {
            tokio::task::yield_now().await;
            self.received();
            return true;
        }
        if self.end.is_some() {
            return false;
        }
        let into = self.raw.as_mut().unwrap_or(self.decoder.buffer_mut());
        match tokio::time::timeout_at(deadline, self.link.read_into(into)).await {
            Err(_) => return false,
            Ok(Ok(_)) => self.received(),
            Ok(Err(end)) => self.ended(end),
        }
        true
    }

    /// How the stream ended, where it did.
    pub fn end(&self) -> Option<StreamEnd> {
        self.end
    }
}
