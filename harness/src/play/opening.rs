//! The opening handshake of a case: our head is sent, and the target's is compared with what the case expects.

use std::sync::Arc;

use tokio::time::Instant;

use super::departure::Departure;
use super::facts::{Actual, Expected};
use super::heads::{self, TemplateVars};
use super::negotiation;
use super::payload::Payload;
use super::script::Play;
use super::session::Received;
use super::transcript::What;
use super::waiting::first_bytes;
use crate::case::{HeadExpectKind, HeadPatch, SendKind, Template};
use crate::vocabulary::{Direction, Outcome, Phase};
use crate::wire::handshake::{Head, HeadReader, Start};

impl Play<'_> {
    /// Whether a case resets the connection after our head; nothing more can happen on it.
    pub(super) fn resets_after_head(&mut self, patch: &HeadPatch) -> bool {
        let resets = patch.then.iter().any(|send| matches!(send.kind, SendKind::Reset));
        if resets {
            self.session.transcript.note("the harness resets the connection");
        }
        resets
    }

    /// Writes a head with what the patch puts around it.
    pub(super) async fn write_head(&mut self, patch: &HeadPatch, head: Vec<u8>) {
        let key = self.session.transcript.key.clone();
        let words = TemplateVars::of(self.call, &key);
        let mut out = Vec::with_capacity(head.len());
        let around = |template: &Option<Template>| template.as_ref().map(|template| words.fill(template));
        if let Some(before) = around(&patch.before) {
            out.extend_from_slice(&before);
            self.session.transcript.add(Direction::Out, What::Bytes(Payload::of(&before)));
        }
        out.extend_from_slice(&head);
        self.session.transcript.add(Direction::Out, What::Head(Arc::new(Head::of(head.into()))));
        if let Some(body) = around(&patch.body) {
            out.extend_from_slice(&body);
            self.session.transcript.add(Direction::Out, What::Bytes(Payload::of(&body)));
        }
        for send in &patch.then {
            self.session.encode(send, &mut out);
        }
        self.session.write_head(&out, patch.split).await;
        for send in &patch.then {
            if matches!(
                send.kind,
                SendKind::HalfClose | SendKind::CloseNotify | SendKind::TlsTruncate | SendKind::Pause(_)
            ) {
                self.session.send(send).await;
            }
        }
    }

    /// Reads a server's response and ignores its interim ones; true when the connection opened as the case wants it.
    pub(super) async fn read_response(&mut self) -> bool {
        let settings = self.session.settings;
        let mut reader = HeadReader::new(settings.max_head);
        let started = Instant::now();
        let deadline = started + settings.timeout;
        let expected = || Expected::Head(self.case.handshake.expect.clone());
        loop {
            let bytes = self.session.raw.as_mut().map(|raw| raw.split()).unwrap_or_default();
            let head = match reader.push(&bytes) {
                Err(_) => {
                    let (expected, actual) = (expected(), Actual::HeadTooLong(settings.max_head));
                    self.unmet(Phase::Handshake, expected, actual, None);
                    return false;
                }
                Ok(head) => head,
            };
            if let Some((head, rest)) = head {
                let head = Arc::new(head);
                self.session.transcript.add(Direction::In, What::Head(Arc::clone(&head)));
                if matches!(head.status(), Some(100 | 102..=199)) {
                    reader = HeadReader::new(settings.max_head);
                    self.session.raw = Some(rest.as_ref().into());
                    // Interim responses without end must not hold us beyond the deadline.
                    if Instant::now() >= deadline {
                        return self.no_response(&[], started);
                    }
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

    fn judge_response(&mut self, head: Arc<Head>, rest: &[u8]) -> bool {
        if matches!(head.start, Start::Malformed(_) | Start::Request { .. }) {
            let text = String::from_utf8_lossy(&first_bytes(&head.raw)).into_owned();
            let expected = Expected::Head(self.case.handshake.expect.clone());
            self.unmet(Phase::Handshake, expected, Actual::NoHead(text), None);
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

    /// The stream ended, or the timeout, before a whole head came.
    fn no_response(&mut self, pending: &[u8], started: Instant) -> bool {
        let Some(kind) = self.session.end() else {
            let expected = Expected::Head(self.case.handshake.expect.clone());
            let actual = if pending.is_empty() {
                Actual::Silence(started.elapsed())
            } else {
                Actual::NoHead(String::from_utf8_lossy(&first_bytes(pending)).into_owned())
            };
            self.timed_out = true;
            self.unmet(Phase::Handshake, expected, actual, None);
            return false;
        };
        let event = self.session.transcript.last();
        let expect = &self.case.handshake.expect;
        match expect.iter().find(|one| matches!(one.kind, HeadExpectKind::End)) {
            Some(one) if one.outcome != Outcome::Pass => {
                let departure = Departure::Alternative { outcome: one.outcome, because: one.because.clone() };
                let actual = Actual::Received(Received::Closed(None, Some(kind)));
                self.departed(Phase::Handshake, Expected::Head(expect.clone()), departure, actual, event);
            }
            Some(_) => {}
            None => {
                let expected = Expected::Head(expect.clone());
                self.unmet(Phase::Handshake, expected, Actual::Received(Received::Closed(None, Some(kind))), event);
            }
        }
        false
    }

    /// Compares the target's head with the case; true when it is as expected.
    pub(super) fn check_head(&mut self, head: &Head) -> bool {
        let key = self.session.transcript.key.clone();
        let words = TemplateVars::of(self.call, &key);
        let event = self.session.transcript.last();
        let expect = &self.case.handshake.expect;
        if expect.is_empty() {
            if let Some(status) = head.status().filter(|status| *status != 101) {
                let actual = Actual::Head(status.to_string());
                self.unmet(Phase::Handshake, Expected::Head(Vec::new()), actual, event);
                return false;
            }
            return true;
        }
        let mut mismatch = None;
        for one in expect {
            match heads::fits(&one.kind, head, &words) {
                Ok(()) => {
                    if one.outcome != Outcome::Pass {
                        let departure = Departure::Alternative { outcome: one.outcome, because: one.because.clone() };
                        let actual = Actual::Head(start_of(head));
                        self.departed(Phase::Handshake, Expected::Head(expect.clone()), departure, actual, event);
                        return one.outcome != Outcome::Fail;
                    }
                    return true;
                }
                Err(why) => mismatch = mismatch.or(Some(why)),
            }
        }
        let actual = Actual::Field(mismatch.unwrap_or_default());
        self.unmet(Phase::Handshake, Expected::Head(expect.clone()), actual, event);
        false
    }
}

fn start_of(head: &Head) -> String {
    match &head.start {
        Start::Request { method, target, .. } => format!("the request {method} {target}"),
        Start::Response { status, .. } => status.to_string(),
        Start::Malformed(text) => format!("`{text}`"),
    }
}
