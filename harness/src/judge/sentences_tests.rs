use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::case::{Send, SendFrame, SendKind};
use crate::judge::policy::Ruling;
use crate::vocabulary::{Because, Phase, RequirementId, Zone};
use crate::wire::Opcode;

fn ping(size: usize) -> Send {
    let frame = SendFrame::plain(Opcode::PING, Bytes::from(vec![b'x'; size]));
    Send { kind: SendKind::Frames(vec![frame]), split: None }
}

fn found(sent: &[Send], expected: &Expected, actual: &Actual, because: Option<Because>) -> results::Finding {
    let sent = sent.iter().collect();
    let outcome = if because.is_some() { Outcome::Lenient } else { Outcome::Fail };
    worded(&Finding {
        phase: Phase::Step(2),
        ruling: Ruling { outcome, because, requirement: None },
        requirement: Some(RequirementId::new("rfc6455-5.5-control-max-125")),
        subject: Subject::Departure { role: Role::Server, sent, expected, actual },
        at: Some(Duration::from_micros(200)),
        line: Some(7),
        event: Some(3),
        ending: None,
    })
}

fn step(one: Expectation) -> Expected {
    Expected::Step(Box::new(ExpectKind::One(one)))
}

#[test]
fn a_finding_says_what_was_sent_what_must_happen_and_what_happened() {
    let pong = Actual::Received(Received::Pong(Bytes::from(vec![b'x'; 126])));
    let finding = found(&[ping(126)], &step(Expectation::Fail(vec![1002])), &pong, None);
    assert_eq!(
        finding.message,
        "after a ping of 126 bytes: expected the connection to fail with 1002, got a pong of 126 bytes after 0.2 ms"
    );
    assert_eq!(finding.expected.as_deref(), Some("the connection to fail with 1002"));
    assert_eq!(finding.actual.as_deref(), Some("a pong of 126 bytes"));
    assert_eq!((finding.at_ms, finding.line, finding.event), (Some(0.2), Some(7), Some(3)));
}

#[test]
fn silence_names_what_did_not_come() {
    let silence = Actual::Silence(Duration::from_secs(3));
    let finding = found(&[ping(1)], &step(Expectation::Pong(PongContent::Same)), &silence, None);
    assert_eq!(finding.message, "after a ping of 1 byte: no pong within 3.0 s");
    let nothing = Expected::Step(Box::new(ExpectKind::Nothing));
    assert_eq!(found(&[], &nothing, &silence, None).message, "no pong to a barrier within 3.0 s");
    assert_eq!(found(&[], &Expected::CleanClose, &silence, None).message, "no Close frame within 3.0 s");
}

#[test]
fn a_refusal_reads_as_one_and_lenient_alternatives_are_not_expected() {
    let head = |status: &[(u16, u16)], outcome| HeadExpect {
        kind: HeadExpectKind::Head {
            status: status.to_vec(),
            accept: false,
            method: None,
            target: None,
            fields: Vec::new(),
        },
        outcome,
        because: None,
    };
    let end = HeadExpect { kind: HeadExpectKind::End, outcome: Outcome::Lenient, because: Some(Zone(29).into()) };
    let heads = vec![head(&[(400, 599)], Outcome::Pass), head(&[(102, 399)], Outcome::Lenient), end];
    let finding = found(&[], &Expected::Head(heads), &Actual::Head("101".to_owned()), None);
    assert_eq!(finding.message, "expected a refusal (4xx/5xx), got 101 after 0.2 ms");
}

#[test]
fn a_zone_and_its_sentence_are_data() {
    let end = Actual::Received(Received::Closed(None, Some(StreamEnd::Fin)));
    let because = Because::in_zone(Zone(1), "the server ends the stream");
    let finding = found(&[ping(126)], &step(Expectation::Fail(vec![1002])), &end, Some(because));
    assert_eq!((finding.zone, finding.because.as_deref()), (Some(Zone(1)), Some("the server ends the stream")));
    assert_eq!(finding.actual.as_deref(), Some("the end of the stream (FIN) without a Close frame"));
}

#[test]
fn where_everything_is_only_reported_nothing_is_expected() {
    let any = HeadExpect {
        kind: HeadExpectKind::End,
        outcome: Outcome::Info,
        because: Some(Because::text("the server ends the stream")),
    };
    let finding = found(&[], &Expected::Head(vec![any]), &Actual::Head("101".to_owned()), None);
    assert_eq!((finding.message.as_str(), finding.expected), ("got 101 after 0.2 ms", None));
}
