//! Ways to a target other than IPv4, conversations that stay HTTP, and targets that write scripts into all that they say.
#![allow(missing_docs)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use common::{folder, output, results, text, wsspec};
use wsspec::peer::{PeerKind, serve_stream};
use wsspec_reports::results::Outcome;

const BOUND: Duration = Duration::from_secs(60);

fn passes(url: &str, patterns: &[&str], more: &[&str]) {
    let out = folder("links");
    let mut command = wsspec();
    command.arg("run").arg(url).args(patterns).args(more).arg("--out").arg(&out);
    let ran = output(command, BOUND);
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
    assert!(results(&out).cases.iter().any(|case| case.outcome == Outcome::Pass));
}

#[test]
fn a_server_on_ipv6() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        eprintln!("SKIPPED: this machine has no IPv6");
        return;
    };
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let start = format!("'{}' peer server [::1]:{port}", env!("CARGO_BIN_EXE_wsspec"));
    passes(&format!("ws://[::1]:{port}/"), &["1.1.*", "2.*", "7.1.*", "handshake/request/host*"], &["--start", &start]);
}

#[test]
fn a_server_on_a_unix_socket() {
    let path = folder("unix").join("s");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::UnixListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve_stream(stream, PeerKind::Tungstenite));
            }
        });
    });
    passes(&format!("unix:{}", path.display()), &["1.*", "2.*", "5.*", "7.1.*", "handshake/request/version*"], &[]);
}

/// A plain HTTP server that answers each request with 200 and its target, and WebSocket requests to `/` as a server must.
fn http_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve_http(&stream));
        }
    });
    url
}

fn serve_http(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let target = head.split(' ').nth(1)?.to_owned();
        let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
        let mut out = stream;
        let Some(key) = key else {
            let response =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nX-Target: {target}\r\n\r\n{target}", target.len());
            out.write_all(response.as_bytes()).ok()?;
            continue;
        };
        let accept = wsspec::wire::handshake::accept_for(key.trim().as_bytes());
        let response = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        out.write_all(response.as_bytes()).ok()?;
        // Pings and Closes are answered as they come: masked with some key, of less than 126 bytes.
        loop {
            let mut head = [0; 6];
            reader.read_exact(&mut head).ok()?;
            let mut payload = vec![0; usize::from(head[1] & 0x7f)];
            reader.read_exact(&mut payload).ok()?;
            wsspec::wire::mask::apply(&mut payload, [head[2], head[3], head[4], head[5]], 0);
            let first = if head[0] == 0x89 { 0x8a } else { head[0] };
            if matches!(first, 0x8a | 0x88) {
                out.write_all(&[&[first, payload.len() as u8], &payload[..]].concat()).ok()?;
            }
            if first == 0x88 {
                return None;
            }
        }
    }
}

#[test]
fn a_conversation_that_stays_http() {
    let folder = folder("http");
    let case = r#"
group: HTTP goes on
role: server
cases:
  - id: mine/two-requests
    title: A second request on the same connection is answered
    level: must
    handshake:
      request: {remove: [Upgrade, Connection, Sec-WebSocket-Key, Sec-WebSocket-Version]}
      expect: {status: 200}
    steps:
      - send: {raw: "GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n"}
      - expect: {http: {status: 200, header: {X-Target: /TARGET}}}
"#;
    let file = folder.join("mine.yaml");
    let url = http_server();
    let play = |target: &str, out: &str| {
        // The body of the first answer stands before the second head: it is one byte, the slash.
        std::fs::write(&file, case.replace("/TARGET", target)).unwrap();
        let mut command = wsspec();
        command
            .args(["run", &url, "mine/*", "--no-html", "--timeout", "1s", "--cases"])
            .arg(&file)
            .arg("--out")
            .arg(folder.join(out));
        output(command, BOUND).status.code()
    };
    assert_eq!(play("/second", "right"), Some(0));
    assert_eq!(play("/third", "wrong"), Some(1));
    std::fs::write(&file, case.replace("raw: \"GET /second HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n\"", "ping: x"))
        .unwrap();
    let mut command = wsspec();
    command.arg("check").arg(&file);
    let ran = output(command, BOUND);
    assert_eq!(ran.status.code(), Some(2));
    assert!(text(&ran.stderr).contains("was upgraded"), "{}", text(&ran.stderr));
}

#[test]
fn a_target_that_writes_scripts_into_all_that_it_says() {
    const ATTACK: &str = "<script>alert(1)</script>";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut head = [0; 4096];
                let count = stream.read(&mut head).unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..count]).into_owned();
                let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap_or_default();
                let accept = wsspec::wire::handshake::accept_for(key.trim().as_bytes());
                let response = format!(
                    "HTTP/1.1 101 {ATTACK}\r\nServer: {ATTACK}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {ATTACK}\r\nSec-WebSocket-Extensions: {ATTACK}\r\nX-{ATTACK}: {ATTACK}\r\n\r\n"
                );
                let _ = stream.write_all(response.as_bytes());
                for opcode in [0x81, 0x89, 0x8a] {
                    let _ = stream.write_all(&[&[opcode, ATTACK.len() as u8], ATTACK.as_bytes()].concat());
                }
                let close = [&[0x88, (ATTACK.len() + 2) as u8, 0x03, 0xe8], ATTACK.as_bytes()].concat();
                let _ = stream.write_all(&close);
                std::thread::sleep(Duration::from_millis(300));
            });
        }
    });
    let out = folder("scripts");
    let junit = out.join("junit.xml");
    let mut command = wsspec();
    command.args([
        "run",
        &url,
        "1.1.*",
        "2.*",
        "handshake/request/subprotocol*",
        "--no-gate",
        "--timeout",
        "500ms",
        "--junit",
    ]);
    command.arg(&junit).arg("--out").arg(&out);
    let ran = output(command, BOUND);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    for file in [out.join("report.html"), junit] {
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(!written.contains("<script>alert"), "{} holds the script", file.display());
        assert!(written.contains("alert(1)"), "what the target said is told");
    }
}
