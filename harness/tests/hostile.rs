//! Targets that mean harm, or are mad: bounded in memory and time, and nothing of what was played is lost.
#![allow(missing_docs)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use wsspec::vocabulary::Role;

use common::accept_handshake::accept_handshake;
use common::{folder, output, results, text, wsspec};
use wsspec_reports::results::Outcome;

/// A server that shakes hands rightly and then does `deed` with each connection.
fn server(deed: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || accept_handshake(stream).map(deed));
        }
    });
    url
}

/// Plays a few cases; they must end in good time, without a pass, with bounded memory.
fn play(name: &str, url: &str) {
    let out = folder(name);
    let mut command = wsspec();
    command.args(["run", url, "2.*", "--timeout", "400ms", "--no-gate", "--no-html", "--out"]).arg(&out);
    let started = Instant::now();
    let ran = output(command, Duration::from_secs(60));
    assert!(started.elapsed() < Duration::from_secs(20), "{name} took {:?}", started.elapsed());
    let code = ran.status.code();
    assert!(matches!(code, Some(0 | 3)), "{name}: {code:?} {}", text(&ran.stderr));
    if code == Some(0) {
        let results = results(&out);
        assert!(!results.cases.is_empty());
        assert!(results.cases.iter().all(|case| case.outcome != Outcome::Pass), "{name} passes something");
    }
}

#[test]
fn a_gibibyte_is_declared() {
    play(
        "declared",
        &server(|mut stream| {
            let _ = stream.write_all(&[0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0]);
            std::thread::sleep(Duration::from_secs(5));
        }),
    );
}

#[test]
fn all_lengths_are_declared() {
    play(
        "top-bit",
        &server(|mut stream| {
            let _ = stream.write_all(&[0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3]);
            std::thread::sleep(Duration::from_secs(5));
        }),
    );
}

#[test]
fn frames_without_end() {
    play(
        "flood",
        &server(|mut stream| {
            let frames = [0x81, 1, b'x'].repeat(20_000);
            while stream.write_all(&frames).is_ok() {}
        }),
    );
}

#[test]
fn a_message_without_end() {
    play(
        "endless-message",
        &server(|mut stream| {
            let _ = stream.write_all(&[0x01, 0]);
            let fragment = [&[0x00_u8, 126, 0xff, 0xff][..], &vec![b'x'; 65535]].concat();
            while stream.write_all(&fragment).is_ok() {}
        }),
    );
}

#[test]
fn pings_without_end() {
    play(
        "pings",
        &server(|mut stream| {
            let pings = [0x89, 1, b'p'].repeat(1000);
            while stream.write_all(&pings).is_ok() {}
        }),
    );
}

#[test]
fn a_byte_now_and_then() {
    play(
        "dribble",
        &server(|mut stream| {
            for byte in [0x81_u8, 125].into_iter().chain(std::iter::repeat_n(b'x', 20)) {
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(300));
            }
        }),
    );
}

#[test]
fn a_head_without_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n");
                while stream.write_all(b"X-Filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n").is_ok() {}
            });
        }
    });
    let mut command = wsspec();
    command.args(["run", &url, "1.1.1", "--out"]).arg(folder("head"));
    let ran = output(command, Duration::from_secs(30));
    assert_eq!(ran.status.code(), Some(3), "{}", text(&ran.stderr));
    assert!(text(&ran.stderr).contains("head of more than"), "{}", text(&ran.stderr));
}

#[test]
fn a_server_that_dies_is_named_and_what_was_played_is_kept() {
    // It serves its first connections rightly, and is gone behind the first oversized ping.
    let out = folder("dies");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let (gone, went) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (fall, fell) = std::sync::mpsc::channel::<()>();
        listener.set_nonblocking(true).unwrap();
        loop {
            if fell.try_recv().is_ok() {
                break;
            }
            let Ok((stream, _)) = listener.accept() else {
                std::thread::sleep(Duration::from_millis(2));
                continue;
            };
            stream.set_nonblocking(false).unwrap();
            let fall = fall.clone();
            std::thread::spawn(move || {
                let _ = echo(stream).is_none_or(|bad| bad && fall.send(()).is_ok());
            });
        }
        drop(listener);
        let _ = gone.send(());
    });
    let url = format!("ws://127.0.0.1:{port}/");
    let mut command = wsspec();
    command.args(["run", &url, "7.1.1", "2.*", "--jobs", "1", "--timeout", "500ms", "--no-html", "--out"]).arg(&out);
    let ran = output(command, Duration::from_secs(60));
    let said = text(&ran.stderr);
    assert_eq!(ran.status.code(), Some(3), "{said}");
    assert!(said.contains("stopped accepting handshakes") && said.contains("126"), "{said}");
    let results = results(&out);
    assert!(!results.end.unwrap().complete);
    assert!(results.cases.iter().any(|case| case.outcome == Outcome::Pass), "what was played before is kept");
    assert!(went.recv_timeout(Duration::from_secs(1)).is_ok());
}

/// Echoes messages, answers pings and closes; true when an oversized control frame came.
fn echo(stream: TcpStream) -> Option<bool> {
    use wsspec::wire::{Decoder, FrameSpec, Opcode};
    let mut stream = accept_handshake(stream)?;
    let mut decoder = Decoder::new(Role::Client, 1 << 20);
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        decoder.push(&buffer[..count]);
        while let Some(frame) = decoder.next_frame() {
            let opcode = match frame.head.opcode {
                Opcode::PING if frame.payload.len() > 125 => return Some(true),
                Opcode::PING => Opcode::PONG,
                Opcode::PONG => continue,
                other => other,
            };
            let mut out = Vec::new();
            FrameSpec::new(opcode, frame.payload.clone()).write(&mut out);
            stream.write_all(&out).ok()?;
            if opcode == Opcode::CLOSE {
                return Some(false);
            }
        }
    }
}
