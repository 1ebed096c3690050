//! A whole case: the handshake, the steps, the ending.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use tokio::time::Instant;

use super::facts::{By, Expected, Fact, FactKind, Got, Played};
use super::heads::{self, RequestOf, Words};
use super::http::speaks_http;
use super::negotiation;
use super::session::{Heard, Session};
use super::settings::{Call, Settings};
use super::transcript::{Direction, What};
use super::waiting::{Waited, first_octets};
use crate::case::model::{
    Case, EndKind, Ends, ExpectKind, HeadExpectKind, HeadPatch, Outcome, SendKind, StepKind, Template,
};
use crate::link::Link;
use crate::wire::handshake::{Head, HeadReader, Start};

/// Plays a case against a server over a fresh connection.
pub async fn play_against_server(case: &Case, link: Link, call: &Call, settings: &Settings) -> Played {
    let mut rng = rng_of(case, call, settings);
    let key = heads::fresh_key(&mut rng);
    let mut play = Play::new(case, call, Session::new(link, call.role, settings, rng));
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
    let opened = play.read_response().await;
    if case.ends == Ends::Refused && !opened && play.facts_are_good() {
        play.refused_by_server().await;
        return play.finish(false);
    }
    if opened && case.handshake.deflate.is_some() && play.session.transcript.deflate.is_none() {
        return play.without_deflate().await;
    }
    play.converse(opened).await
}

/// Plays a case against a client that has sent its request.
pub async fn play_against_client(case: &Case, request: RequestOf, call: &Call, settings: &Settings) -> Played {
    let rng = rng_of(case, call, settings);
    let RequestOf { link, head, rest } = request;
    let mut play = Play::new(case, call, Session::new(link, call.role, settings, rng));
    let transcript = &mut play.session.transcript;
    transcript.add(Direction::In, What::Head(head.raw.clone()));
    transcript.key = head.first("Sec-WebSocket-Key").unwrap_or_default();
    transcript.offered_subprotocols = head.list("Sec-WebSocket-Protocol");
    transcript.offered_extensions = head.list("Sec-WebSocket-Extensions");
    let (key, offered) = (transcript.key.clone(), transcript.offered_subprotocols.clone());
    play.check_head(&head);
    play.check_server_name();
    let extensions = play.session.transcript.offered_extensions.clone();
    play.session.transcript.request = Some(head);
    let answer = case.handshake.deflate.as_ref().and_then(|ask| negotiation::answer(ask, &extensions));
    let answering = answer.as_ref().map(|answer| HeadPatch {
        extensions: [vec![answer.to_string()], case.handshake.response.extensions.clone()].concat(),
        ..case.handshake.response.clone()
    });
    let patch = answering.as_ref().unwrap_or(&case.handshake.response);
    let response = heads::response(patch, call, &key, &offered);
    if let Some(agreed) = head_of(&response).and_then(|head| negotiation::agreed_by(&extensions, &head)) {
        play.session.agree(agreed);
    }
    // Steps behind a head that is no 101 for us speak to a client that takes it for one.
    let upgraded = status_of(&response) == Some(101) || !(case.steps.is_empty() || speaks_http(case));
    // Octets that came before our answer are frames sent too early (section 4.1); a rule names them.
    let refusal = matches!(case.ends, Ends::Refused) && case.steps.is_empty();
    if upgraded && !(refusal && rest.is_empty()) {
        play.session.open(&rest);
    }
    play.write_head(patch, response).await;
    if case.handshake.deflate.is_some() && answer.is_none() {
        return play.without_deflate().await;
    }
    if matches!(case.ends, Ends::Refused) && play.facts_are_good() {
        play.refused(upgraded).await;
        return play.finish(false);
    }
    play.converse(upgraded).await
}

/// Every choice of a case is drawn from the run's seed and the case's name.
fn rng_of(case: &Case, call: &Call, settings: &Settings) -> ChaCha8Rng {
    // FNV-1a: stable over versions and machines, which the standard library's hasher does not promise.
    let text = case.id.bytes().chain(call.role.name().bytes());
    let hash =
        text.fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x100_0000_01b3));
    ChaCha8Rng::seed_from_u64(hash ^ settings.seed)
}

fn status_of(response: &[u8]) -> Option<u16> {
    head_of(response)?.status()
}

fn head_of(response: &[u8]) -> Option<Head> {
    HeadReader::new(response.len().max(1)).push(response).ok().flatten().map(|(head, _)| head)
}

/// A case under way.
pub(super) struct Play<'a> {
    pub(super) case: &'a Case,
    pub(super) call: &'a Call,
    pub(super) session: Session<'a>,
    facts: Vec<Fact>,
    timed_out: bool,
    opened: bool,
}

impl<'a> Play<'a> {
    fn new(case: &'a Case, call: &'a Call, session: Session<'a>) -> Self {
        Self { case, call, session, facts: Vec::new(), timed_out: false, opened: false }
    }

    pub(super) fn fact(&mut self, by: By, kind: FactKind, event: Option<usize>) {
        let at = self.session.transcript.now();
        self.facts.push(Fact { by, kind, at, event });
    }

    pub(super) fn broken(&mut self, by: By, expected: Expected, got: Got, event: Option<usize>) {
        if matches!(got, Got::Silence(_) | Got::OtherPong(..) | Got::OtherMessage(..))
            || matches!(&got, Got::Heard(Heard::Closed(Some(_), None)))
        {
            self.timed_out = true;
        }
        self.fact(by, FactKind::Broken { expected, got }, event);
    }

    pub(super) fn facts_are_good(&self) -> bool {
        !self.facts.iter().any(|fact| !matches!(fact.kind, FactKind::Met { .. }))
    }

    /// Writes a head with what the patch puts around it.
    async fn write_head(&mut self, patch: &HeadPatch, head: Vec<u8>) {
        let key = self.session.transcript.key.clone();
        let words = Words::of(self.call, &key);
        let mut out = Vec::with_capacity(head.len());
        let around = |template: &Option<Template>| template.as_ref().map(|template| words.fill(template));
        if let Some(before) = around(&patch.before) {
            out.extend_from_slice(&before);
            self.session.transcript.add(Direction::Out, What::Octets(before));
        }
        out.extend_from_slice(&head);
        let shown = heads::without_secrets(head, self.call);
        self.session.transcript.add(Direction::Out, What::Head(shown.into()));
        if let Some(body) = around(&patch.body) {
            out.extend_from_slice(&body);
            self.session.transcript.add(Direction::Out, What::Octets(body));
        }
        for send in &patch.then {
            self.session.encode(send, &mut out);
        }
        self.session.write_head(&out, patch.chop).await;
        for send in &patch.then {
            if matches!(send.kind, SendKind::HalfClose | SendKind::CloseNotify | SendKind::Cut | SendKind::Pause(_)) {
                self.session.send(send).await;
            }
        }
    }

    /// Reads a server's response, its interim ones passed over; true when the connection opened as the case wants it.
    async fn read_response(&mut self) -> bool {
        let settings = self.session.settings;
        let mut reader = HeadReader::new(settings.max_head);
        let started = Instant::now();
        let deadline = started + settings.patience;
        let expected = || Expected::Head(self.case.handshake.expect.clone());
        loop {
            let octets = self.session.raw.as_mut().map(|raw| raw.split()).unwrap_or_default();
            let head = match reader.push(&octets) {
                Err(_) => {
                    let (expected, got) = (expected(), Got::HeadTooLong(settings.max_head));
                    self.broken(By::Handshake, expected, got, None);
                    return false;
                }
                Ok(head) => head,
            };
            if let Some((head, rest)) = head {
                self.session.transcript.add(Direction::In, What::Head(head.raw.clone()));
                if matches!(head.status(), Some(100 | 102..=199)) {
                    reader = HeadReader::new(settings.max_head);
                    self.session.raw = Some(rest.as_ref().into());
                    continue;
                }
                return self.judge_response(head, &rest);
            }
            if self.session.read_some(deadline).await {
                continue;
            }
            return self.no_response(reader.pending(), started);
        }
    }

    fn judge_response(&mut self, head: Head, rest: &[u8]) -> bool {
        if matches!(head.start, Start::Malformed(_) | Start::Request { .. }) {
            let text = String::from_utf8_lossy(&first_octets(&head.raw)).into_owned();
            let expected = Expected::Head(self.case.handshake.expect.clone());
            self.broken(By::Handshake, expected, Got::NoHead(text), None);
            return false;
        }
        let fits = self.check_head(&head);
        let elsewhere = fits && self.case.handshake.expect.iter().any(|one| heads::is_other_protocol(&one.kind, &head));
        let upgraded = head.status() == Some(101) && !elsewhere;
        self.session.transcript.switched_elsewhere = elsewhere;
        self.session.transcript.response = Some(head);
        if upgraded {
            let transcript = &self.session.transcript;
            let agreed = transcript
                .response
                .as_ref()
                .and_then(|head| negotiation::agreed_by(&transcript.offered_extensions, head));
            if let Some(agreed) = agreed {
                self.session.agree(agreed);
            }
            self.session.open(rest);
        } else {
            self.session.raw = Some(rest.into());
        }
        fits && upgraded
    }

    /// The stream ended, or patience did, before a whole head came.
    fn no_response(&mut self, pending: &[u8], started: Instant) -> bool {
        let Some(kind) = self.session.end() else {
            let expected = Expected::Head(self.case.handshake.expect.clone());
            let got = if pending.is_empty() {
                Got::Silence(started.elapsed())
            } else {
                Got::NoHead(String::from_utf8_lossy(&first_octets(pending)).into_owned())
            };
            self.timed_out = true;
            self.broken(By::Handshake, expected, got, None);
            return false;
        };
        let event = self.session.transcript.events.len().checked_sub(1);
        let expect = &self.case.handshake.expect;
        match expect.iter().find(|one| matches!(one.kind, HeadExpectKind::End)) {
            Some(one) if one.outcome != Outcome::Pass => {
                let (outcome, because) = (one.outcome, one.because.clone().unwrap_or_default());
                let got = Got::Heard(Heard::Closed(None, Some(kind)));
                self.fact(By::Handshake, FactKind::Met { outcome, because, got }, event);
            }
            Some(_) => {}
            None => {
                let expected = Expected::Head(expect.clone());
                self.broken(By::Handshake, expected, Got::Heard(Heard::Closed(None, Some(kind))), event);
            }
        }
        false
    }

    /// Holds the target's head against the case; true when it fits.
    fn check_head(&mut self, head: &Head) -> bool {
        let key = self.session.transcript.key.clone();
        let words = Words::of(self.call, &key);
        let event = self.session.transcript.events.len().checked_sub(1);
        let expect = &self.case.handshake.expect;
        if expect.is_empty() {
            if let Some(status) = head.status().filter(|status| *status != 101) {
                let got = Got::Head(format!("the status {status}"));
                self.broken(By::Handshake, Expected::Head(Vec::new()), got, event);
                return false;
            }
            return true;
        }
        let mut mismatch = None;
        for one in expect {
            match heads::fits(&one.kind, head, &words) {
                Ok(()) => {
                    if one.outcome != Outcome::Pass {
                        let (outcome, because) = (one.outcome, one.because.clone().unwrap_or_default());
                        let got = Got::Head(start_of(head));
                        self.fact(By::Handshake, FactKind::Met { outcome, because, got }, event);
                        return outcome != Outcome::Fail;
                    }
                    return true;
                }
                Err(sentence) => mismatch = mismatch.or(Some(sentence)),
            }
        }
        let got = Got::Field(mismatch.unwrap_or_default());
        self.broken(By::Handshake, Expected::Head(expect.clone()), got, event);
        false
    }

    /// A connection that opened without the compression that the case asks for: nothing more is asked of it (Z24).
    async fn without_deflate(mut self) -> Played {
        self.opened = true;
        let event = self.session.transcript.events.iter().rposition(|event| matches!(event.what, What::Head(_)));
        let got = Got::Head("an opened connection without permessage-deflate as it is asked for".to_owned());
        let kind = FactKind::Met { outcome: Outcome::Unsupported, because: "Z24".to_owned(), got };
        self.fact(By::Handshake, kind, event);
        self.end_clean(Vec::new()).await;
        self.finish(false)
    }

    /// The steps and the ending.
    async fn converse(mut self, opened: bool) -> Played {
        self.opened = opened;
        if !opened && self.facts_are_good() && self.session.raw.is_some() && speaks_http(self.case) {
            self.converse_in_http().await;
            return self.finish(true);
        }
        if !opened || !self.facts_are_good() {
            return self.finish(!opened);
        }
        let mut optionals = Vec::new();
        for (number, step) in self.case.steps.iter().enumerate() {
            if self.session.is_over() && matches!(step.kind, StepKind::Send(_)) {
                // What the target has already said is still to be heard by the next expectation.
                continue;
            }
            match &step.kind {
                StepKind::Send(send) if matches!(send.kind, SendKind::Reset) => {
                    self.session.flush().await;
                    self.session.transcript.note("the harness resets the connection");
                    return self.finish(true);
                }
                StepKind::Send(send) if matches!(send.kind, SendKind::Fence) => self.session.fence_and_wait().await,
                StepKind::Send(send) => self.session.send(send).await,
                StepKind::Series(series) => {
                    let by = By::Step(number + 1, step.line);
                    match self.session.series(series).await {
                        Waited::Met(earned, event) => {
                            if let Some((outcome, because, got)) = earned {
                                self.fact(by, FactKind::Met { outcome, because, got }, event);
                            }
                        }
                        Waited::Broken(got, event) => {
                            self.broken(by, Expected::Series(Box::new(series.clone())), got, event);
                            return self.finish(true);
                        }
                    }
                    if self.session.is_over() {
                        return self.finish(false);
                    }
                }
                StepKind::Expect(expect) => {
                    let by = By::Step(number + 1, step.line);
                    match self.session.expect(expect, &mut optionals).await {
                        Waited::Met(None, _) => {}
                        Waited::Met(Some((outcome, because, got)), event) => {
                            self.fact(by, FactKind::Met { outcome, because, got }, event);
                        }
                        Waited::Broken(got, event) => {
                            self.broken(by, Expected::Step(Box::new(expect.kind.clone())), got, event);
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
            Ends::Clean | Ends::Fin | Ends::Held | Ends::Notified => self.end_clean(optionals).await,
            Ends::Refused => self.refused(true).await,
            Ends::Dropped => self.session.flush().await,
        }
        let drop_hard = self.case.ends == Ends::Dropped;
        self.finish(drop_hard)
    }

    fn finish(self, reset: bool) -> Played {
        let ended_hard = self.session.end() == Some(EndKind::Reset);
        let abnormal = ended_hard || !self.facts_are_good();
        let ended = self.session.end().is_some();
        let transcript = self.session.finish(reset);
        let broke_off = self.opened && ended && transcript.close_received.is_none();
        Played {
            transcript,
            facts: self.facts,
            timed_out: self.timed_out,
            opened: self.opened,
            abnormal,
            broke_off,
            beside: 0,
        }
    }
}

fn start_of(head: &Head) -> String {
    match &head.start {
        Start::Request { method, target, .. } => format!("the request {method} {target}"),
        Start::Response { status, .. } => format!("the status {status}"),
        Start::Malformed(text) => format!("`{text}`"),
    }
}
