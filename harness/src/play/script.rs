//! A whole case: the handshake, the steps, the ending.

use std::sync::Arc;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::departure::Departure;
use super::facts::{Actual, Expected, Fact, FactKind, PlayResult};
use super::heads::{self, RequestOf};
use super::http::speaks_http;
use super::negotiation;
use super::session::{Received, Session};
use super::settings::{Call, Settings};
use super::transcript::What;
use super::waiting::WaitResult;
use crate::case::{Case, Content, Ends, ExpectKind, Expectation, HeadPatch, Send, SendKind, StepKind};
use crate::link::Link;
use crate::vocabulary::{Direction, Outcome, Phase, StreamEnd};
use crate::wire::handshake::{Head, HeadReader};

/// Plays a case against a server over a fresh connection.
pub async fn play_against_server(case: &Case, link: Link, call: &Call, settings: &Settings) -> PlayResult {
    let mut rng = rng_of(case, call, settings);
    let key = heads::fresh_key(&mut rng);
    let mut play = Play::new(case, call, Session::new(link, call.role, settings, rng, longest_message(case)));
    let asking = case.handshake.deflate.as_ref().map(|ask| HeadPatch {
        extensions: [ask.offers.clone(), case.handshake.request.extensions.clone()].concat(),
        ..case.handshake.request.clone()
    });
    let patch = asking.as_ref().unwrap_or(&case.handshake.request);
    let head = heads::request(patch, call, &key);
    let transcript = &mut play.session.transcript;
    transcript.offered_subprotocols = heads::offered(&head, "Sec-WebSocket-Protocol");
    transcript.offered_extensions = heads::offered(&head, "Sec-WebSocket-Extensions");
    let keys = heads::lines(&head, "Sec-WebSocket-Key");
    transcript.key_is_plain = matches!(keys.as_slice(), [one] if heads::is_printable(one));
    transcript.key = keys.into_iter().next().unwrap_or(key);
    play.write_head(patch, head).await;
    if play.resets_after_head(patch) {
        return play.finish(true);
    }
    let opened = play.read_response().await;
    if case.ends == Ends::Refused && !opened && play.is_as_expected() {
        play.refused_by_server().await;
        return play.finish(false);
    }
    if opened && play.is_not_applicable() {
        return play.end_early().await;
    }
    if opened && play.lacks_deflate() {
        return play.without_deflate().await;
    }
    play.converse(opened).await
}

/// Plays a case against a client that has sent its request.
pub async fn play_against_client(case: &Case, request: RequestOf, call: &Call, settings: &Settings) -> PlayResult {
    let rng = rng_of(case, call, settings);
    let RequestOf { link, head, rest } = request;
    let mut play = Play::new(case, call, Session::new(link, call.role, settings, rng, longest_message(case)));
    let transcript = &mut play.session.transcript;
    let head = Arc::new(head);
    transcript.add(Direction::In, What::Head(Arc::clone(&head)));
    transcript.key = head.first("Sec-WebSocket-Key").unwrap_or_default();
    transcript.offered_subprotocols = head.list("Sec-WebSocket-Protocol");
    transcript.offered_extensions = head.list("Sec-WebSocket-Extensions");
    let (key, offered) = (transcript.key.clone(), transcript.offered_subprotocols.clone());
    play.check_head(&head);
    play.check_server_name();
    // A client that does not offer what the case is about gets a valid response, and nothing more is tested.
    let not_applicable = play.is_not_applicable();
    let extensions = play.session.transcript.offered_extensions.clone();
    play.session.transcript.request = Some(head);
    let answer = case.handshake.deflate.as_ref().and_then(|ask| negotiation::answer(ask, &extensions));
    let answering = match answer {
        _ if not_applicable => Some(HeadPatch::default()),
        Some(answer) => Some(HeadPatch {
            extensions: [vec![answer], case.handshake.response.extensions.clone()].concat(),
            ..case.handshake.response.clone()
        }),
        None => None,
    };
    let patch = answering.as_ref().unwrap_or(&case.handshake.response);
    let response = heads::response(patch, call, &key, &offered);
    if let Some(agreed) = head_of(&response).and_then(|head| negotiation::agreed_by(&extensions, &head)) {
        play.session.agree(agreed);
    }
    // A case with steps after a head that is not a 101 to us is for clients that accept it as one.
    let upgraded = status_of(&response) == Some(101) || !(case.steps.is_empty() || speaks_http(case));
    // Bytes that came before our answer are frames sent too early (section 4.1); a rule names them.
    let refusal = matches!(case.ends, Ends::Refused) && case.steps.is_empty() && !not_applicable;
    if upgraded && !(refusal && rest.is_empty()) {
        play.session.open(&rest);
    }
    play.write_head(patch, response).await;
    if play.resets_after_head(patch) {
        return play.finish(true);
    }
    if not_applicable {
        return play.end_early().await;
    }
    if play.lacks_deflate() {
        return play.without_deflate().await;
    }
    if matches!(case.ends, Ends::Refused) && play.is_as_expected() {
        play.refused(upgraded).await;
        return play.finish(false);
    }
    play.converse(upgraded).await
}

/// The longest message that the steps of a case send or expect, in bytes. Messages of a series are compared as they come.
fn longest_message(case: &Case) -> usize {
    fn sent(send: &Send) -> usize {
        match &send.kind {
            SendKind::Frames(frames) => frames.iter().map(|frame| frame.payload.len()).sum(),
            SendKind::Compressed(message) => message.payload.len(),
            SendKind::Bytes(bytes) => bytes.len(),
            SendKind::Together(all) => all.iter().map(sent).sum(),
            _ => 0,
        }
    }
    let sent: usize =
        case.steps.iter().map(|step| if let StepKind::Send(send) = &step.kind { sent(send) } else { 0 }).sum();
    let expected = case.steps.iter().flat_map(|step| match &step.kind {
        StepKind::Expect(expect) => expect.kind.expectations(),
        _ => Vec::new(),
    });
    let contents = expected.filter_map(|one| match one {
        Expectation::Message { content: Content::Equals(bytes) | Content::Contains(bytes), .. } => Some(bytes.len()),
        _ => None,
    });
    contents.fold(sent, usize::max)
}

/// Every choice of a case is drawn from the run's seed and the case's name.
fn rng_of(case: &Case, call: &Call, settings: &Settings) -> ChaCha8Rng {
    // FNV-1a: stable over versions and machines, which the standard library's hasher does not promise.
    let text = case.id.bytes().chain(call.role.name().bytes());
    let hash =
        text.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    ChaCha8Rng::seed_from_u64(hash ^ settings.seed)
}

fn status_of(response: &[u8]) -> Option<u16> {
    head_of(response)?.status()
}

fn head_of(response: &[u8]) -> Option<Head> {
    HeadReader::new(response.len().max(1)).push(response).ok().flatten().map(|(head, _)| head)
}

/// A case that is being played.
pub(super) struct Play<'a> {
    pub(super) case: &'a Case,
    pub(super) call: &'a Call,
    pub(super) session: Session<'a>,
    facts: Vec<Fact>,
    pub(super) timed_out: bool,
    opened: bool,
}

impl<'a> Play<'a> {
    /// In a box, because it is large and moved.
    fn new(case: &'a Case, call: &'a Call, session: Session<'a>) -> Box<Self> {
        Box::new(Self { case, call, session, facts: Vec::new(), timed_out: false, opened: false })
    }

    fn fact(&mut self, by: Phase, kind: FactKind, event: Option<usize>) {
        let at = self.session.transcript.now();
        self.facts.push(Fact { by, kind, at, event });
    }

    /// What was expected happened in another form.
    pub(super) fn departed(
        &mut self,
        by: Phase,
        expected: Expected,
        departure: Departure,
        actual: Actual,
        event: Option<usize>,
    ) {
        self.fact(by, FactKind::Departed { expected, departure, actual }, event);
    }

    /// What was expected did not happen.
    pub(super) fn unmet(&mut self, by: Phase, expected: Expected, actual: Actual, event: Option<usize>) {
        if let Actual::Received(received) = &actual
            && self.session.settings.accepted.refuses(
                &self.session.transcript.largest.amounts,
                received,
                self.call.role,
            )
        {
            return self.departed(by, expected, Departure::LimitMet, actual, event);
        }
        if matches!(actual, Actual::Silence(_) | Actual::OtherPong(..) | Actual::OtherMessage(..))
            || matches!(&actual, Actual::Received(Received::Closed(Some(_), None) | Received::BarrierAnswered))
        {
            self.timed_out = true;
        }
        self.fact(by, FactKind::unmet(expected, actual), event);
    }

    /// Whether everything that was expected so far has happened, in some form.
    pub(super) fn is_as_expected(&self) -> bool {
        self.facts.iter().all(|fact| fact.kind.is_variation())
    }

    /// Whether the target's head shows that the case does not apply to it.
    fn is_not_applicable(&self) -> bool {
        let unsupported = |departure: &Departure| {
            matches!(departure, Departure::NoDeflate | Departure::Alternative { outcome: Outcome::Unsupported, .. })
        };
        self.facts
            .iter()
            .any(|fact| matches!(&fact.kind, FactKind::Departed { departure, .. } if unsupported(departure)))
    }

    /// Whether the case needs compression, and it was not agreed as the case needs it.
    fn lacks_deflate(&self) -> bool {
        let agreed = self.session.transcript.deflate;
        self.case.handshake.deflate.as_ref().is_some_and(|ask| !negotiation::satisfies(ask, agreed, self.call.role))
    }

    /// A connection that opened without the compression that the case needs: it is closed, and nothing more is tested.
    async fn without_deflate(mut self: Box<Self>) -> PlayResult {
        let event = self.session.transcript.last_head(Direction::In);
        let actual = Actual::Head("an open connection without it".to_owned());
        self.departed(Phase::Handshake, Expected::Deflate, Departure::NoDeflate, actual, event);
        self.end_early().await
    }

    /// A connection to a target that the case does not apply to: it is closed, and nothing more is tested.
    async fn end_early(mut self: Box<Self>) -> PlayResult {
        self.opened = true;
        self.end_clean(Vec::new()).await;
        self.finish(false)
    }

    /// The steps and the ending.
    async fn converse(mut self: Box<Self>, opened: bool) -> PlayResult {
        self.opened = opened;
        if !opened && self.is_as_expected() && self.session.raw.is_some() && speaks_http(self.case) {
            self.converse_in_http().await;
            return self.finish(true);
        }
        if !opened || !self.is_as_expected() {
            return self.finish(!opened);
        }
        let mut optionals = Vec::new();
        for (number, step) in self.case.steps.iter().enumerate() {
            if self.session.is_over() && matches!(step.kind, StepKind::Send(_)) {
                // What the target has sent already is still to be compared with the next expectation.
                continue;
            }
            match &step.kind {
                StepKind::Send(send) if matches!(send.kind, SendKind::Reset) => {
                    self.session.flush().await;
                    self.session.transcript.note("the harness resets the connection");
                    return self.finish(true);
                }
                StepKind::Send(send) if matches!(send.kind, SendKind::Barrier) => self.session.barrier_and_wait().await,
                StepKind::Send(send) => self.session.send(send).await,
                StepKind::Series(series) => {
                    let by = Phase::Step(number + 1);
                    match self.session.series(series).await {
                        WaitResult::Matched(departed, event) => {
                            if let Some((departure, actual)) = departed {
                                self.departed(by, Expected::Series(Box::new(series.clone())), departure, actual, event);
                            }
                        }
                        WaitResult::Unmet(actual, event) => {
                            self.unmet(by, Expected::Series(Box::new(series.clone())), actual, event);
                            return self.finish(true);
                        }
                    }
                    if self.session.is_over() {
                        return self.finish(false);
                    }
                }
                StepKind::Expect(expect) => {
                    let by = Phase::Step(number + 1);
                    match self.session.expect(expect, &mut optionals).await {
                        WaitResult::Matched(None, _) => {}
                        WaitResult::Matched(Some((departure, actual)), event) => {
                            self.departed(by, Expected::Step(Box::new(expect.kind.clone())), departure, actual, event);
                        }
                        WaitResult::Unmet(actual, event) => {
                            self.unmet(by, Expected::Step(Box::new(expect.kind.clone())), actual, event);
                            return self.finish(true);
                        }
                    }
                    if !matches!(expect.kind, ExpectKind::Optional(_)) {
                        optionals.clear();
                        if self.session.is_over() {
                            return self.finish(false);
                        }
                    }
                }
            }
        }
        match self.case.ends {
            Ends::Clean | Ends::Fin | Ends::ServerClosesTcp | Ends::CloseNotify => self.end_clean(optionals).await,
            Ends::Refused => self.refused(true).await,
            Ends::Dropped => self.session.flush().await,
        }
        let drop_hard = self.case.ends == Ends::Dropped;
        self.finish(drop_hard)
    }

    fn finish(mut self: Box<Self>, reset: bool) -> PlayResult {
        if let Some(after) = self.session.late_end
            && self.is_as_expected()
        {
            let event = self.session.transcript.last();
            let actual = Actual::LateEnd(after);
            self.departed(Phase::Ending, Expected::StreamEnd, Departure::LateEnd, actual, event);
        }
        let ended_hard = self.session.end() == Some(StreamEnd::Reset);
        let abnormal = ended_hard || !self.is_as_expected();
        let ended = self.session.end().is_some();
        let transcript = self.session.finish(reset);
        let broke_off = self.opened && ended && transcript.close_received.is_none();
        PlayResult {
            transcript,
            facts: self.facts,
            timed_out: self.timed_out,
            opened: self.opened,
            abnormal,
            broke_off,
            idle_connections: 0,
        }
    }
}
