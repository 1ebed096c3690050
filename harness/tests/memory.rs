//! Hostile targets against the real command: its own memory and time stay bounded, whatever they send.
#![allow(missing_docs)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::accept_handshake::read_head;
use common::{folder, wsspec};
use flate2::{Compress, Compression, FlushCompress};

/// The most memory that the harness may have, in bytes.
const MEMORY: u64 = 512 << 20;
/// Bytes that each compressed frame inflates to, and how many of these frames answer one frame.
const INFLATED: usize = 60 << 20;
const BOMBS: usize = 400;

/// A compressed binary frame of some 61 KB, from a server, that inflates to 60 MiB.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let zeros = vec![0; 1 << 20];
    let mut compressor = Compress::new(Compression::best(), false);
    let mut data = Vec::with_capacity(1 << 20);
    for _ in 0..INFLATED >> 20 {
        compressor.compress_vec(&zeros, &mut data, FlushCompress::None).unwrap();
    }
    compressor.compress_vec(&[], &mut data, FlushCompress::Sync).unwrap();
    data.truncate(data.len() - 4);
    assert!(data.len() < 100 << 10, "{}", data.len());
    frame(0xc2, &data)
});

/// A frame of a server with this first byte.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        length @ 0..=125 => out.push(length as u8),
        length @ 126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
    out
}

/// The same frame from a client, with a masking key of zeros.
fn masked(frame: &[u8]) -> Vec<u8> {
    let head = match frame[1] {
        127 => 10,
        126 => 4,
        _ => 2,
    };
    [&[frame[0], frame[1] | 0x80], &frame[2..head], &[0; 4], &frame[head..]].concat()
}

/// Answers a request with a valid 101, which agrees to permessage-deflate where it is offered.
fn accept(mut stream: TcpStream) -> Option<TcpStream> {
    let head = read_head(&mut stream)?;
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))?;
    let accept = wsspec::wire::handshake::accept_for(key.trim().as_bytes());
    let deflate =
        if head.contains("permessage-deflate") { "Sec-WebSocket-Extensions: permessage-deflate\r\n" } else { "" };
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{deflate}\r\n"
    );
    stream.write_all(response.as_bytes()).ok()?;
    Some(stream)
}

/// A server that does `deed` with every connection.
fn server(deed: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || deed(stream));
        }
    });
    url
}

/// Writes `bytes` again and again until the harness takes no more.
fn endlessly(mut stream: TcpStream, bytes: &[u8]) {
    while stream.write_all(bytes).is_ok() {}
}

/// Reads and drops whatever comes.
fn drain(stream: &TcpStream) {
    let Ok(mut stream) = stream.try_clone() else { return };
    std::thread::spawn(move || {
        let mut buffer = [0; 65536];
        while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
    });
}

/// The high-water mark of a process's memory in bytes, as Linux reports it.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}

/// Runs the command until it ends, and checks its peak memory and its time.
fn bounded(name: &str, arguments: &[&str], bound: Duration) {
    watched(name, arguments, bound, true);
}

/// Runs the command, and checks its peak memory; it must end within `bound` where `ends` is set, else it is stopped then.
fn watched(name: &str, arguments: &[&str], bound: Duration, ends: bool) {
    let mut command = wsspec();
    command.args(arguments).args(["--no-gate", "--timeout", "1s", "--out"]).arg(folder(name));
    let started = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    loop {
        most = most.max(peak(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            eprintln!("{name}: peak {} MiB after {:?}, {status}", most >> 20, started.elapsed());
            assert!(matches!(status.code(), Some(0 | 1 | 3)), "{name}: {status}");
            break;
        }
        if started.elapsed() > bound || most > MEMORY {
            let _ = child.kill();
            let _ = child.wait();
            if !ends && most <= MEMORY {
                eprintln!("{name}: peak {} MiB in {bound:?}", most >> 20);
                return;
            }
            panic!("{name}: {} MiB after {:?}", most >> 20, started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(most < MEMORY, "{name}: {} MiB", most >> 20);
    assert!(!cfg!(target_os = "linux") || most > 0, "{name}: no peak was measured");
}

/// Answers every read with 400 compressed frames.
fn bombard(mut stream: TcpStream, bomb: &[u8]) {
    let mut buffer = [0; 65536];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {
        for _ in 0..BOMBS {
            if stream.write_all(bomb).is_err() {
                return;
            }
        }
    }
}

fn bombing() -> String {
    LazyLock::force(&BOMB);
    server(|stream| {
        if let Some(stream) = accept(stream) {
            bombard(stream, &BOMB);
        }
    })
}

/// Cases with and without permessage-deflate, of several kinds.
const CASES: [&str; 3] = ["2.*", "deflate/takeover/*", "deflate/windows/*"];

#[test]
fn deflate_bombs_one_case_at_a_time() {
    let url = bombing();
    bounded("bombs", &[&["run", &url, "--jobs", "1"][..], &CASES].concat(), Duration::from_secs(180));
}

#[test]
fn deflate_bombs_side_by_side() {
    let url = bombing();
    bounded("bombs-jobs", &[&["run", &url][..], &CASES].concat(), Duration::from_secs(180));
}

#[test]
fn many_connections_that_bombard_at_once() {
    let url = bombing();
    bounded(
        "bombs-many",
        &["run", &url, "--jobs", "64", "2.*", "deflate/use/*", "deflate/fragments/*"],
        Duration::from_secs(240),
    );
}

#[test]
fn endless_http_after_the_close_frame() {
    let url = server(|stream| {
        let Some(mut stream) = accept(stream) else { return };
        drain(&stream);
        let _ = stream.write_all(&frame(0x88, &1000_u16.to_be_bytes()));
        // Each part is read by itself, so that the second one begins where a frame would.
        for _ in 0..2 {
            std::thread::sleep(Duration::from_millis(50));
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        }
        endlessly(stream, &b"HTTP/1.1 200 OK\r\n".repeat(4096));
    });
    bounded("http", &["run", &url, "control/*", "--jobs", "64"], Duration::from_secs(120));
}

#[test]
fn an_endless_response_head() {
    let url = server(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n");
        endlessly(stream, b"X-Filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n");
    });
    bounded("head", &["run", &url, "handshake/*"], Duration::from_secs(60));
}

#[test]
fn interim_responses_without_end() {
    let url = server(|stream| {
        drain(&stream);
        let filler = format!("HTTP/1.1 102 Processing\r\nX-Filler: {}\r\n\r\n", "y".repeat(60 << 10));
        endlessly(stream, filler.as_bytes());
    });
    bounded("interim", &["run", &url, "handshake/*"], Duration::from_secs(60));
}

#[test]
fn endless_fragments() {
    let url = server(|stream| {
        let Some(mut stream) = accept(stream) else { return };
        drain(&stream);
        let _ = stream.write_all(&[0x01, 0]);
        endlessly(stream, &frame(0, &[b'x'; 65000]));
    });
    bounded("fragments", &["run", &url, "2.*", "framing/*"], Duration::from_secs(240));
}

#[test]
fn small_frames_with_faults() {
    let url = server(|stream| {
        let Some(stream) = accept(stream) else { return };
        drain(&stream);
        // Masked, reserved bits, a reserved opcode, a length that is not minimal: five deviations a frame.
        endlessly(stream, &[0x73, 0xfe, 0, 1, 0, 0, 0, 0, b'x'].repeat(10_000));
    });
    bounded("faulty-frames", &["run", &url, "2.*", "framing/*"], Duration::from_secs(240));
}

#[test]
fn a_header_flood() {
    let url = server(|mut stream| {
        if read_head(&mut stream).is_some() {
            let head = format!("HTTP/1.1 101 Switching Protocols\r\n{}\r\n", "a:\r\n".repeat(15_000));
            let _ = stream.write_all(head.as_bytes());
            drain(&stream);
            std::thread::sleep(Duration::from_secs(2));
        }
    });
    bounded("header-flood", &["run", &url, "handshake/*"], Duration::from_secs(120));
}

#[test]
fn one_byte_a_second() {
    let url = server(|stream| {
        let Some(mut stream) = accept(stream) else { return };
        drain(&stream);
        for byte in [0x81, 125].into_iter().chain(std::iter::repeat_n(b'x', 125)) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    bounded("dribble", &["run", &url, "2.*"], Duration::from_secs(60));
}

#[test]
fn ten_thousand_pings_at_once() {
    let url = server(|stream| {
        let Some(mut stream) = accept(stream) else { return };
        drain(&stream);
        let pings = frame(0x89, &[b'p'; 125]).repeat(10_000);
        while stream.write_all(&pings).is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    bounded("pings", &["run", &url, "2.*"], Duration::from_secs(120));
}

/// A free port of this machine, for a client that connects as soon as somebody listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs `wsspec run --listen` for a while against clients that connect again and again, and do `deed` with each connection.
fn clients(name: &str, cases: &[&str], deed: fn(TcpStream)) {
    const WHILE: Duration = Duration::from_secs(20);
    let address = format!("127.0.0.1:{}", free_port());
    for _ in 0..4 {
        let address = address.clone();
        std::thread::spawn(move || {
            let started = Instant::now();
            while started.elapsed() < WHILE {
                match TcpStream::connect(&address) {
                    Ok(stream) => deed(stream),
                    Err(_) => std::thread::sleep(Duration::from_millis(20)),
                }
            }
        });
    }
    let arguments = [&["run", "--listen", &address, "--clients", "1"][..], cases].concat();
    watched(name, &arguments, WHILE, false);
}

/// Asks for a case as a client does; the key is always the same.
fn call(stream: &mut TcpStream, extensions: &str) -> Option<()> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed) % 40 + 1;
    let request = format!(
        "GET /runCase?case={number}&agent=hostile HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extensions}\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    read_head(stream).map(|_| ())
}

#[test]
fn clients_that_send_deflate_bombs() {
    LazyLock::force(&BOMB);
    clients("client-bombs", &["deflate/use/*"], |mut stream| {
        if call(&mut stream, "Sec-WebSocket-Extensions: permessage-deflate\r\n").is_some() {
            bombard(stream, &masked(&BOMB));
        }
    });
}

#[test]
fn clients_with_endless_requests_and_fragments() {
    clients("client-endless", &["2.*"], |mut stream| {
        static TURN: AtomicU64 = AtomicU64::new(0);
        if TURN.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            let _ = stream.write_all(b"GET / HTTP/1.1\r\n");
            endlessly(stream, b"X-Filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n");
        } else if call(&mut stream, "").is_some() {
            let _ = stream.write_all(&[0x01, 0x80, 0, 0, 0, 0]);
            endlessly(stream, &masked(&frame(0, &[b'x'; 65000])));
        }
    });
}
