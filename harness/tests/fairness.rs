//! Servers that do right in an unusual way, and what may not be said of them.
#![allow(missing_docs)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use common::accept_handshake::read_head;
use common::{folder, output, results, text, wsspec};
use wsspec_reports::results::{CaseResult, Outcome};

/// A server that answers each request head with what `answer` makes of it, then speaks frames with `talk`.
fn server(answer: fn(&str) -> String, talk: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let head = read_head(&mut stream)?;
                stream.write_all(answer(&head).as_bytes()).ok()?;
                talk(stream);
                Some(())
            });
        }
    });
    url
}

/// The 101 for the last key of a request.
fn switch(head: &str) -> String {
    let key = head.lines().rev().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap_or_default();
    let accept = wsspec::wire::handshake::accept_for(key.trim().as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Reads a frame of up to 125 bytes: its first byte, whether it is masked, its unmasked payload.
fn frame_of(stream: &mut TcpStream) -> Option<(u8, bool, Vec<u8>)> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).ok()?;
    let masked = head[1] & 0x80 != 0;
    let mut key = [0; 4];
    if masked {
        stream.read_exact(&mut key).ok()?;
    }
    let mut payload = vec![0; usize::from(head[1] & 0x7f)];
    stream.read_exact(&mut payload).ok()?;
    payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    Some((head[0], masked, payload))
}

/// Echoes text, answers pings, and ends the connection only when both sides have sent a Close that is sound.
fn strict(mut stream: TcpStream) {
    let mut closed = false;
    while let Some((first, masked, payload)) = frame_of(&mut stream) {
        if closed && masked && first == 0x88 {
            return;
        }
        closed |= !masked;
        let reply = match first {
            _ if !masked => [&[0x88, 2][..], &1002_u16.to_be_bytes()].concat(),
            0x89 => [&[0x8a, payload.len() as u8][..], &payload].concat(),
            _ => [&[first, payload.len() as u8][..], &payload].concat(),
        };
        if stream.write_all(&reply).is_err() || first == 0x88 && masked {
            return;
        }
    }
}

fn play(name: &str, url: &str, case: &str) -> CaseResult {
    let out = folder(name);
    let mut command = wsspec();
    command.args(["run", url, case, "--timeout", "1s", "--no-gate", "--no-html", "--out"]).arg(&out);
    let ran = output(command, Duration::from_secs(60));
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    results(&out).cases.into_iter().find(|record| record.case == case).expect("the case was played")
}

#[test]
fn a_switch_to_http_2_where_it_was_asked_for() {
    let answer = |head: &str| {
        if head.contains("Upgrade: h2c") {
            // The server's connection preface follows at once, which is no frame of WebSocket.
            let preface = "\0\0\0\u{4}\0\0\0\0\0";
            format!("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n{preface}")
        } else {
            switch(head)
        }
    };
    let record =
        play("h2c", &server(answer, strict), "handshake/request/upgrade-to-h2c-is-not-answered-with-websocket");
    assert_eq!(record.outcome, Outcome::Info, "{:?}", record.findings);
    assert_eq!(record.findings.len(), 1, "no rule of WebSocket holds behind it: {:?}", record.findings);
}

#[test]
fn a_close_that_is_refused_is_followed_by_a_good_one() {
    let record = play("good-close", &server(switch, strict), "framing/masking/unmasked-close-to-a-server");
    assert_eq!(record.outcome, Outcome::Pass, "{:?}", record.findings);
}

#[test]
fn of_two_keys_no_accept_value_is_the_right_one() {
    let record = play("two-keys", &server(switch, strict), "handshake/request/key-twice-different-is-refused");
    assert_eq!(record.outcome, Outcome::Fail);
    assert!(record.findings.iter().all(|finding| finding.by == "handshake".into()), "{:?}", record.findings);
}

/// Speaks as [`strict`], and ends TCP only some time after the closing handshake, which is longer than the timeout.
fn ends_late(stream: TcpStream) {
    let kept = stream.try_clone();
    strict(stream);
    std::thread::sleep(Duration::from_millis(1600));
    drop(kept);
}

#[test]
fn an_end_of_the_stream_that_comes_late() {
    let record = play("late-end", &server(switch, ends_late), "closing/handshake/normal");
    assert_eq!(record.outcome, Outcome::Lenient, "{:?}", record.findings);
    assert!(record.findings[0].message.contains("the end of the stream"), "{:?}", record.findings);
}

/// Speaks as [`strict`], and leaves the stream open after the closing handshake.
fn ends_never(stream: TcpStream) {
    std::mem::forget(stream.try_clone());
    strict(stream);
}

#[test]
fn an_end_of_the_stream_that_never_comes_is_a_failure() {
    let record = play("no-end", &server(switch, ends_never), "closing/handshake/normal");
    assert_eq!(record.outcome, Outcome::Fail, "{:?}", record.findings);
}

/// Answers pings at once, and fails the connection for an unmasked frame after `delay`.
fn fails_after(mut stream: TcpStream, delay: Duration) {
    let mut failing = None;
    while let Some((first, masked, payload)) = frame_of(&mut stream) {
        if !masked {
            let stream = stream.try_clone();
            failing = Some(std::thread::spawn(move || {
                std::thread::sleep(delay);
                stream.and_then(|mut stream| {
                    stream.write_all(&[&[0x88, 2][..], &1002_u16.to_be_bytes()].concat())?;
                    stream.shutdown(std::net::Shutdown::Both)
                })
            }));
        } else if first == 0x89 {
            let _ = stream.write_all(&[&[0x8a, payload.len() as u8][..], &payload].concat());
        }
    }
    drop(failing);
}

/// A case in which a server must fail the connection and is sent nothing after the violation.
const VIOLATION: &str = "framing/masking/unmasked-text-to-a-server";

#[test]
fn a_pong_before_the_failure() {
    let url = server(switch, |stream| fails_after(stream, Duration::from_millis(600)));
    let record = play("pong-first", &url, VIOLATION);
    assert_eq!(record.outcome, Outcome::Pass, "{:?}", record.findings);
}

#[test]
fn a_pong_without_a_failure_is_one() {
    let url = server(switch, |stream| fails_after(stream, Duration::from_secs(20)));
    let record = play("pong-only", &url, VIOLATION);
    assert_eq!(record.outcome, Outcome::Fail, "{:?}", record.findings);
}

#[test]
fn http_after_the_101_is_one_finding() {
    let answer = |head: &str| format!("{}HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", switch(head));
    let record = play("http", &server(answer, strict), "closing/handshake/normal");
    assert_eq!((record.outcome, record.findings.len()), (Outcome::Fail, 1), "{:?}", record.findings);
    assert!(record.findings[0].message.contains("HTTP/1.1 400 Bad Request"), "{:?}", record.findings);
}

#[test]
fn a_case_can_reset_the_connection_after_its_head() {
    let folder = folder("reset-case");
    let cases = folder.join("reset.yaml");
    let case = "group: Resets\ncases:\n  - id: own/reset\n    title: A reset follows the request\n    role: server\n    \
                level: must\n    handshake: {request: {then: [reset]}}\n    ends: dropped\n";
    std::fs::write(&cases, case).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let head = read_head(&mut stream)?;
                stream.write_all(switch(&head).as_bytes()).ok()?;
                let mut buffer = [0; 64];
                match stream.read(&mut buffer) {
                    Err(error) => drop(sender.send(error.kind())),
                    Ok(0) => {}
                    Ok(_) => strict(stream),
                }
                Some(())
            });
        }
    });
    let mut command = wsspec();
    command.args(["run", &url, "own/reset", "--timeout", "1s", "--no-gate", "--no-html", "--cases"]).arg(&cases);
    command.arg("--out").arg(&folder);
    let ran = output(command, Duration::from_secs(60));
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let seen: Vec<_> = receiver.try_iter().collect();
    assert!(seen.contains(&std::io::ErrorKind::ConnectionReset), "{seen:?}");
}
