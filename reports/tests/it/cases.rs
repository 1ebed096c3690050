//! The cases of the made-up run.

use wsspec_reports::results::{CaseResult, Direction, Finding, Measured, Outcome};

use crate::frames::{Frame, Talk, close, frame};

struct Spec<'a> {
    id: &'a str,
    role: &'a str,
    level: &'a str,
    outcome: Outcome,
    group: &'a str,
    title: &'a str,
    autobahn: &'a str,
    requirement: &'a str,
    spec: &'a str,
    yaml: &'a str,
}

fn case(spec: Spec<'_>, talk: Talk, findings: Vec<Finding>) -> CaseResult {
    let duration = talk.events.last().map_or(0.1, |event| event.at_ms);
    let topic = spec.id.split('/').next().unwrap_or_default();
    CaseResult {
        delivery: None,
        known: None,
        case: spec.id.into(),
        role: spec.role.parse().unwrap(),
        agent: None,
        level: spec.level.parse().unwrap(),
        outcome: spec.outcome,
        title: spec.title.into(),
        group: spec.group.into(),
        autobahn: spec.autobahn.split_whitespace().map(Into::into).collect(),
        requirements: spec.requirement.split_whitespace().map(|id| id.to_owned().into()).collect(),
        spec: vec![format!("rfc6455#section-{}", spec.spec)],
        findings,
        measured: measured(spec.id),
        duration_ms: ((duration + 0.06) * 100.0).round() / 100.0,
        plays: 1,
        handshake_key: None,
        transcript: talk.events,
        transcript_cut: false,
        file: format!("cases/{topic}/{topic}.yaml"),
        line: 14,
        yaml: if spec.yaml.is_empty() {
            format!("- id: {}\n  title: {}\n  steps: []\n", spec.id, spec.title)
        } else {
            spec.yaml.into()
        },
        row: Vec::new(),
        replay: format!("wsspec replay wsspec-report/results.jsonl {}", spec.id),
        ..CaseResult::default()
    }
}

/// What two of the cases measure.
fn measured(case: &str) -> Vec<Measured> {
    let one = |measure: &str, amount, refused: Option<&str>| Measured {
        measure: measure.into(),
        amount,
        refused: refused.map(Into::into),
    };
    match case {
        "limits/largest-message" => vec![one("largest-message", 16 << 20, Some("close 1009"))],
        "fragmentation/ping-between-fragments" => {
            vec![one("largest-message", 65_536, None), one("most-fragments", 1000, None)]
        }
        _ => Vec::new(),
    }
}

fn finding(outcome: Outcome, by: &str, message: &str, line: usize, event: usize) -> Finding {
    Finding {
        by: by.into(),
        outcome,
        message: message.into(),
        line: Some(line),
        event: Some(event),
        ..Finding::default()
    }
}

pub fn cases() -> Vec<CaseResult> {
    let mut cases = Vec::new();
    for size in [0usize, 1, 124, 125] {
        let payload = vec![b'*'; size];
        let talk = Talk::opened().sent(frame(9, &payload).masked()).actual(frame(10, &payload)).closed();
        let id = format!("ping-pong/echoes-payload-{size}");
        let title = format!("A pong carries the ping's payload of {size} bytes");
        let spec = Spec {
            id: &id,
            role: "server",
            level: "must",
            outcome: Outcome::Pass,
            group: "Ping and pong",
            title: &title,
            autobahn: if size == 125 { "2.4" } else { "2.2" },
            requirement: "rfc6455-5.5.3-pong-same-data",
            spec: "5.5.2",
            yaml: "- id: ping-pong/echoes-payload-${size}\n  title: A pong carries the ping's payload of ${size} bytes\n  autobahn: \"2.2\"\n  \
                proves: [rfc6455-5.5.3-pong-same-data]\n  matrix: {size: [0, 1, 124, 125]}\n  steps:\n    - send: {ping: {repeat: \"*\", \
                bytes: \"${size}\"}}\n    - expect: {pong: same}\n",
        };
        cases.push(CaseResult { row: vec![("size".into(), size.to_string())], ..case(spec, talk, Vec::new()) });
    }
    cases.push(oversized_ping());
    cases.push(reserved_bits());
    cases.push(invalid_utf8());
    cases.push(unmasked_client());
    cases.push(died());
    cases.extend(lenient());
    cases.extend(others());
    cases
}

fn oversized_ping() -> CaseResult {
    let talk = Talk::opened()
        .note("step 1")
        .sent(frame(9, &[b'*'; 126]).masked().wrong("a control frame has 126 bytes of payload, 125 are allowed"))
        .note("step 2")
        .actual(frame(10, &[b'*'; 126]).wrong("a control frame has 126 bytes of payload, 125 are allowed"))
        .closed();
    let mut step = finding(
        Outcome::Fail,
        "step 2",
        "expected the connection to fail with 1002, got a pong of 126 bytes after 0.22 ms",
        20,
        5,
    );
    step.requirement = Some("rfc6455-5.5-control-over-125-fails".into());
    let mut rule = finding(Outcome::Fail, "rule control-size", "the target sent a pong of 126 bytes", 20, 5);
    rule.requirement = Some("rfc6455-5.5-control-over-125-fails".into());
    let spec = Spec {
        id: "ping-pong/oversized-ping-fails",
        role: "server",
        level: "must",
        outcome: Outcome::Fail,
        group: "Ping and pong",
        title: "A ping of 126 bytes fails the connection",
        autobahn: "2.5",
        requirement: "rfc6455-5.5-control-over-125-fails",
        spec: "5.5",
        yaml: "- id: ping-pong/oversized-ping-fails\n  title: A ping of 126 bytes fails the connection\n  autobahn: \"2.5\"\n  proves: \
            [rfc6455-5.5-control-over-125-fails]\n  steps:\n    - send: {frame: {opcode: ping, payload: {repeat: \"*\", bytes: 126}}}\n    \
            - expect: {fail: 1002}\n",
    };
    case(spec, talk, vec![step, rule])
}

fn reserved_bits() -> CaseResult {
    let mut odd = frame(1, b"Hello").wrong("RSV1 is set, but no extension was agreed");
    odd.rsv = 4;
    odd.form = Some(16);
    let odd = odd.wrong("a length of 5 stands in 16 bits");
    let talk = Talk::opened().sent(frame(1, b"Hello").masked()).actual(odd).closed();
    let mut rule =
        finding(Outcome::Fail, "rule reserved-bits", "RSV1 is set in a text frame, but no extension was agreed", 18, 3);
    rule.requirement = Some("rfc6455-5.2-rsv-zero-when-sending".into());
    let spec = Spec {
        id: "framing/text-is-echoed",
        role: "server",
        level: "must",
        outcome: Outcome::Fail,
        group: "Text and binary messages",
        title: "A text message of 5 bytes comes back",
        autobahn: "1.1.2 6.1.2",
        requirement: "rfc6455-5.2-length-16-bit",
        spec: "5.6",
        yaml: "- id: framing/text-is-echoed\n  title: A text message of 5 bytes comes back\n  needs: [echo]\n  steps:\n    - echo: {text: Hello}\n",
    };
    case(spec, talk, vec![rule])
}

fn invalid_utf8() -> CaseResult {
    let bad = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited";
    let talk = Talk::opened()
        .note("step 1")
        .sent(frame(1, bad).masked().wrong("the payload is not UTF-8 from byte 11"))
        .note("step 2")
        .after(250.0)
        .note("nothing came for 250 ms")
        .sent(frame(9, b"barrier-91c2").masked())
        .actual(frame(10, b"barrier-91c2"))
        .end(Direction::Out, "fin");
    let mut step = finding(
        Outcome::Fail,
        "step 2",
        "expected the connection to fail with 1007, but the target stayed silent for 250 ms and then answered a ping",
        21,
        7,
    );
    step.requirement = Some("rfc6455-8.1-invalid-utf8-fails".into());
    let spec = Spec {
        id: "utf8/surrogate-fails",
        role: "server",
        level: "must",
        outcome: Outcome::Fail,
        group: "Text that is not UTF-8",
        title: "A text message with a surrogate code point fails the connection",
        autobahn: "6.20.1",
        requirement: "rfc6455-8.1-invalid-utf8-fails",
        spec: "8.1",
        yaml: "- id: utf8/surrogate-fails\n  title: A text message with a surrogate code point fails the connection\n  autobahn: \"6.20.1\"\n  \
            proves: [rfc6455-8.1-invalid-utf8-fails]\n  steps:\n    - send:  # the first half is valid, so that a check on the whole message alone shows\n        \
            text: {concat: [κόσμε, {hex: \"ed a0 80\"}, edited]}\n    - expect: {fail: 1007}\n",
    };
    CaseResult { plays: 2, ..case(spec, talk, vec![step]) }
}

fn unmasked_client() -> CaseResult {
    let talk = Talk::default()
        .head(Direction::In, "GET /runCase?case=12 HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        .head(Direction::Out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n\r\n")
        .sent(frame(2, &(0u8..=255).collect::<Vec<_>>()))
        .actual(frame(2, &(0u8..=255).collect::<Vec<_>>()).wrong("a client's frame is not masked"))
        .sent(close(1002, "unmasked frame"))
        .end(Direction::In, "reset");
    let mut rule =
        finding(Outcome::Fail, "rule masking", "the client sent a binary frame of 256 bytes without a mask", 18, 3);
    rule.requirement = Some("rfc6455-5.1-client-masks-all".into());
    let spec = Spec {
        id: "framing/binary-256-is-echoed",
        role: "client",
        level: "must",
        outcome: Outcome::Fail,
        group: "Text and binary messages",
        title: "A binary message of 256 bytes comes back",
        autobahn: "1.2.5",
        requirement: "rfc6455-5.2-length-16-bit rfc6455-5.1-client-masks-all",
        spec: "5.2",
        yaml: "- id: framing/binary-256-is-echoed\n  title: A binary message of 256 bytes comes back\n  needs: [echo]\n  steps:\n    - echo: {binary: {utf8: [U+0000..U+00FF]}}\n",
    };
    case(spec, talk, vec![rule])
}

fn died() -> CaseResult {
    let talk = Talk::opened()
        .bytes(
            Direction::Out,
            &[0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x37, 0xfa, 0x21, 0x3d],
            14,
        )
        .after(1.4)
        .end(Direction::In, "reset")
        .note("the target's process ended: signal 6 (SIGABRT)");
    let mut error = finding(
        Outcome::Error,
        "target",
        "the process died of signal 6 (SIGABRT) after a length of 9223372036854775807; its last line: RangeError: Array buffer allocation failed",
        18,
        4,
    );
    error.event = Some(4);
    let spec = Spec {
        id: "limits/huge-declared-length",
        role: "server",
        level: "should",
        outcome: Outcome::Error,
        group: "Lengths that lie",
        title: "A frame that declares 2^63 - 1 bytes does no harm",
        autobahn: "",
        requirement: "",
        spec: "10.4",
        yaml: "- id: limits/huge-declared-length\n  title: A frame that declares 2^63 - 1 bytes does no harm\n  level: should\n  steps:\n    - send: {raw: {hex: \"82ff 7fff ffff ffff ffff 37fa213d\"}}\n",
    };
    case(spec, talk, vec![error])
}

fn lenient() -> Vec<CaseResult> {
    let talk = Talk::opened()
        .sent(close(3000, "").masked())
        .actual(close(1000, ""))
        .end(Direction::In, "fin")
        .end(Direction::Out, "fin");
    let mut step = finding(Outcome::Lenient, "step 2", "expected the Close to have 3000, got 1000", 18, 3);
    step.zone = "Z6".parse().ok();
    step.requirement = Some("rfc6455-5.5.1-close-code-echoed".into());
    let close_case = Spec {
        id: "close/code-3000-is-echoed",
        role: "server",
        level: "may",
        outcome: Outcome::Lenient,
        group: "The closing handshake",
        title: "The answer to a Close with 3000 has the same code",
        autobahn: "7.7.10",
        requirement: "rfc6455-5.5.1-close-code-echoed",
        spec: "5.5.1",
        yaml: "- id: close/code-3000-is-echoed\n  title: The answer to a Close with 3000 has the same code\n  steps:\n    - send: {close: 3000}\n    - expect: {close: same}\n",
    };
    let refused = Talk::default()
        .head(Direction::Out, "GET / HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n")
        .end(Direction::In, "fin");
    let mut bare = finding(
        Outcome::Lenient,
        "handshake",
        "expected a status of 400 to 599, got the end of the stream without a response",
        17,
        1,
    );
    bare.zone = "Z29".parse().ok();
    let version = Spec {
        id: "handshake/request/version-8-is-refused",
        role: "server",
        level: "must",
        outcome: Outcome::Lenient,
        group: "Server checks the request",
        title: "A request for version 8 is refused",
        autobahn: "",
        requirement: "rfc6455-4.4-version-unsupported",
        spec: "4.4",
        yaml: "- id: handshake/request/version-8-is-refused\n  title: A request for version 8 is refused\n  handshake:\n    expect: refused\n    request: {set: {Sec-WebSocket-Version: \"8\"}}\n",
    };
    vec![case(close_case, talk, vec![step]), case(version, refused, vec![bare])]
}

fn others() -> Vec<CaseResult> {
    let spec = |id, role, level, outcome, group, title| Spec {
        id,
        role,
        level,
        outcome,
        group,
        title,
        autobahn: "",
        requirement: "",
        spec: "7.1.1",
        yaml: "",
    };
    let big = Talk::opened()
        .sent(frame(2, &vec![7; 70_000]).masked())
        .actual(close(1009, "message too big"))
        .end(Direction::In, "fin");
    let limit = finding(
        Outcome::Info,
        "step 2",
        "the target takes messages of up to 65536 bytes and refuses longer ones with 1009",
        15,
        3,
    );
    let none = Finding {
        by: "handshake".into(),
        outcome: Outcome::Unsupported,
        message: "the target did not agree to permessage-deflate".into(),
        ..Finding::default()
    };
    let fragments = Talk::opened()
        .sent(Frame { fin: false, ..frame(1, b"Hel") }.masked())
        .sent(frame(9, b"between").masked())
        .actual(frame(10, b"between"))
        .sent(frame(0, b"lo").masked())
        .actual(frame(1, b"Hello"))
        .closed();
    vec![
        case(
            spec(
                "limits/largest-message",
                "server",
                "info",
                Outcome::Info,
                "Lengths that lie",
                "How long a message may be",
            ),
            big,
            vec![limit],
        ),
        case(
            spec(
                "deflate/echoes-compressed-text",
                "server",
                "must",
                Outcome::Unsupported,
                "Compressed messages",
                "A compressed text message comes back",
            ),
            Talk::opened().closed(),
            vec![none.clone()],
        ),
        case(
            spec(
                "deflate/echoes-compressed-text",
                "client",
                "must",
                Outcome::Unsupported,
                "Compressed messages",
                "A compressed text message comes back",
            ),
            Talk::default(),
            vec![none],
        ),
        case(
            spec(
                "fragmentation/ping-between-fragments",
                "server",
                "must",
                Outcome::Pass,
                "Fragmented messages",
                "A ping between two fragments is answered at once",
            ),
            fragments,
            Vec::new(),
        ),
        case(
            spec(
                "close/server-closes-first",
                "server",
                "should",
                Outcome::Pass,
                "The closing handshake",
                "The server is the first to close the TCP connection",
            ),
            Talk::opened().closed(),
            Vec::new(),
        ),
    ]
}
