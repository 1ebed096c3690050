use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use wsspec_reports::results::{CaseResult, Direction, Event, Finding, FrameEvent, What};

use super::*;

const TOKEN: &str = "Xy7+s3cr/t&W=q";

fn secrets(mark: impl FnOnce(&mut Marked)) -> Secrets {
    let mut marked = Marked::default();
    mark(&mut marked);
    Secrets::new(&marked).unwrap()
}

#[test]
fn a_secret_is_found_in_every_spelling() {
    let secrets = secrets(|marked| marked.field("Authorization", &format!("Bearer {TOKEN}")));
    let percent = percent_encoding::utf8_percent_encode(TOKEN, percent_encoding::NON_ALPHANUMERIC).to_string();
    let all_percent: String = TOKEN.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02X}")).collect();
    let longer = |before: &str| STANDARD.encode(format!("{before}{TOKEN} and more"));
    for spelling in [
        TOKEN.to_owned(),
        TOKEN.to_ascii_uppercase(),
        percent.clone(),
        percent.to_ascii_lowercase(),
        percent.replace('%', "%25"),
        all_percent,
        hex,
        TOKEN.replace('/', "\\/"),
        TOKEN.replace('&', "&amp;"),
        TOKEN.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
        TOKEN.bytes().map(|byte| format!("&#{byte};")).collect(),
        STANDARD.encode(TOKEN),
        URL_SAFE_NO_PAD.encode(TOKEN),
    ] {
        let text = format!("before {spelling} after");
        let hidden = secrets.text(&text);
        assert!(hidden.starts_with("before [secret]") && hidden.ends_with(" after"), "{text}: {hidden}");
    }
    for before in ["", "a", "ab", "abc"] {
        let text = longer(before);
        let hidden = secrets.text(&text);
        assert!(hidden.contains("[secret]"), "{text}: {hidden}");
    }
    assert_eq!(secrets.text("AUTHORIZATION:\r\n Bearer\r\n\t Xy7+s3cr/t&W=q\n"), "AUTHORIZATION:\r\n [secret]\n");
    assert_eq!(secrets.text("nothing to hide"), "nothing to hide");
}

#[test]
fn credentials_are_found_alone_and_in_base64() {
    let secrets = secrets(|marked| marked.field("Authorization", &format!("Basic {}", STANDARD.encode("me:s3cret"))));
    for text in ["s3cret", "me:s3cret", &STANDARD.encode("me:s3cret"), &STANDARD.encode("s3cret")] {
        assert!(secrets.text(text).starts_with("[secret]"), "{text}: {}", secrets.text(text));
    }
}

#[test]
fn a_url_hides_its_password_and_secret_parameters() {
    let found = secrets(|marked| marked.url("http://me:p%40ssw@h:1/?x=shown&access_token=T0ken"));
    assert_eq!(found.text("me:p@ssw p%40ssw T0ken shown"), "[secret] [secret] [secret] shown");
    let short = secrets(|marked| marked.url("ws://h/?key=ab&x=ab"));
    assert_eq!(short.text("GET /?key=ab&x=ab HTTP/1.1"), "GET /?key=[secret]&x=ab HTTP/1.1");
}

#[test]
fn a_short_secret_is_hidden_by_its_field_alone() {
    let secrets = secrets(|marked| marked.field("X-Api-Key", "ab"));
    let head = "GET /ab HTTP/1.1\r\nx-api-key: ab\r\nX-API-KEY:\n ab\nTable: ab\r\n\r\n";
    let hidden = "GET /ab HTTP/1.1\r\nx-api-key: [secret]\r\nX-API-KEY:\n [secret]\nTable: ab\r\n\r\n";
    assert_eq!(secrets.text(head), hidden);
}

#[test]
fn names_of_secret_fields() {
    for name in ["Authorization", "PROXY-AUTHORIZATION", "cookie", "X-Api-Key", "X-Token", "Client-Secret", "x-auth"] {
        assert!(is_secret_field(name), "{name}");
    }
    for name in ["Sec-WebSocket-Key", "Origin", "X-Tag", "Host"] {
        assert!(!is_secret_field(name), "{name}");
    }
}

#[test]
fn a_truncated_secret_is_hidden_as_well() {
    let secrets = secrets(|marked| marked.word("abcdefghijklmnop"));
    for (text, hidden) in [
        ("64 bytes \"xxabcdefg...\"", "64 bytes \"xx[secret]...\""),
        ("X: abcdefghij\n[100 bytes more]", "X: [secret]\n[100 bytes more]"),
        ("jklmnop and more", "[secret] and more"),
        ("abcdefghijklmno", "[secret]"),
        ("abc", "abc"),
    ] {
        assert_eq!(secrets.text(text), hidden);
    }
}

#[test]
fn a_long_secret_is_hidden_whole_and_in_part() {
    let long: String = (0..3000).map(|at| char::from(b'a' + (at * at % 23) as u8)).collect();
    let secrets = secrets(|marked| marked.word(&long));
    let hidden = secrets.text(&long).into_owned();
    assert_eq!(hidden.replace(SECRET, ""), "");
    assert!(!secrets.text(&long[..200]).contains(&long[130..140]));
}

fn frame(payload: &[u8]) -> Event {
    let payload = payload.iter().map(|byte| format!("{byte:02x}")).collect();
    Event {
        direction: Some(Direction::In),
        what: What::Frame(FrameEvent { opcode: 1, payload, ..FrameEvent::default() }),
        ..Event::default()
    }
}

#[test]
fn a_secret_in_payloads_is_hidden_also_across_frames() {
    let secrets = secrets(|marked| marked.word("t0psecret"));
    let mut frames: Vec<Event> = b"t0psecret".iter().map(|byte| frame(&[*byte])).collect();
    frames.push(frame(b"body: t0psecret!"));
    frames.push(frame(b"begins t0pse"));
    frames.push(frame(b"cret ends"));
    let hidden = secrets.case(CaseResult { transcript: frames, ..CaseResult::default() });
    let text: Vec<u8> = hidden
        .transcript
        .iter()
        .filter_map(|event| match &event.what {
            What::Frame(frame) => Some(frame.payload.as_bytes()),
            _ => None,
        })
        .flat_map(|hex| hex.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()))
        .collect();
    assert_eq!(String::from_utf8(text).unwrap(), "*********body: [secret]!begins ********* ends");
}

#[test]
fn a_secret_that_is_a_word_of_results_spoils_nothing() {
    let secrets = secrets(|marked| {
        for word in ["pass", "handshake", "note", "frame", "server", "text"] {
            marked.word(word);
        }
    });
    let finding = Finding { message: "a frame of the server".into(), by: "handshake".into(), ..Finding::default() };
    let result = CaseResult {
        findings: vec![finding],
        transcript: vec![frame(b"pass")],
        case: "framing/pass".into(),
        ..CaseResult::default()
    };
    let hidden = secrets.case(result.clone());
    assert_eq!(hidden.findings[0].message, "a [secret] of the [secret]");
    assert_eq!((hidden.outcome, hidden.case, hidden.transcript.len()), (result.outcome, result.case, 1));
}
