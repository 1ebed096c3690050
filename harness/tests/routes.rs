//! Routes to a server and from a client: Unix sockets in both roles, other addresses, a proxy, and what requests carry.
#![allow(missing_docs)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{PeerServer, ends_with, folder, output, results, text, wait, wsspec};
use wsspec_reports::results::Outcome;

const BOUND: Duration = Duration::from_secs(60);

fn passed(out: &std::path::Path) -> usize {
    results(out).cases.iter().filter(|case| case.outcome == Outcome::Pass).count()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

const PEER: &str = env!("CARGO_BIN_EXE_wsspec");

#[test]
fn a_server_that_is_started_on_a_unix_socket() {
    let socket = folder("socket").join("s");
    let start = format!("'{PEER}' peer server unix:{}", socket.display());
    let out = ends_with(&["run", "--start", &start, &format!("unix:{}", socket.display()), "1.1.*", "7.1.*"], 0).1;
    assert!(passed(&out) > 5);
}

#[test]
fn a_client_that_is_spawned_for_a_unix_socket() {
    let client = format!("'{PEER}' peer client {{url}} --connect-to unix:{{socket}}");
    let out = ends_with(&["run", "--client", &client, "1.1.*", "7.1.*", "handshake/client-request/*"], 0).1;
    assert!(passed(&out) > 8);
    // The URL can be put together by the command, and TLS stands over the socket too.
    let client = format!("'{PEER}' peer client wss://localhost{{path}} --connect-to unix:{{socket}} --ca {{ca}}");
    let out = ends_with(&["run", "--client", &client, "--tls", "1.1.*", "tls/*"], 0).1;
    assert!(passed(&out) > 10);
}

#[test]
fn a_client_that_calls_a_unix_socket_by_itself() {
    let out = folder("listen");
    let socket = out.join("s");
    // The file of one that has gone is in nobody's way.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let mut harness = wsspec();
    harness.args(["run", "--listen", &format!("unix:{}", socket.display()), "1.1.*", "7.1.*", "--out"]).arg(&out);
    let harness = harness.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("wsspec starts");
    while std::os::unix::net::UnixStream::connect(&socket).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut peer = wsspec();
    peer.args(["peer", "client", "ws://localhost", "--loop", "--connect-to", &format!("unix:{}", socket.display())]);
    let peer = output(peer, BOUND);
    assert!(peer.status.success(), "{}", text(&peer.stderr));
    let ran = wait(harness, BOUND);
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
    assert!(passed(&out) > 5);
    assert!(!socket.exists(), "the socket's file is left behind");
}

#[test]
fn a_name_that_is_connected_elsewhere() {
    let peer = PeerServer::start(None);
    let to = peer.url.trim_start_matches("ws://").trim_end_matches('/');
    let out = ends_with(&["run", "ws://staging.invalid/", "--connect-to", to, "1.1.*"], 0).1;
    let shown = std::fs::read_to_string(out.join("results.jsonl")).unwrap();
    assert!(shown.contains("Host: staging.invalid"));
}

/// A proxy that knows CONNECT and nothing else; `answer` in place of a tunnel. What it was asked is kept.
fn proxy(answer: Option<&'static str>) -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&asked);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || tunnel(client, answer, &kept));
        }
    });
    (address, asked)
}

fn tunnel(mut client: TcpStream, answer: Option<&str>, kept: &Mutex<String>) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    kept.lock().unwrap().clone_from(&head);
    if let Some(answer) = answer {
        return client.write_all(answer.as_bytes()).ok();
    }
    let server = TcpStream::connect(head.split(' ').nth(1)?).ok()?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n").ok()?;
    let pipe = |mut from: TcpStream, mut to: TcpStream| {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    };
    let (back, forth) = ((server.try_clone().ok()?, client.try_clone().ok()?), (client, server));
    std::thread::spawn(move || pipe(back.0, back.1));
    pipe(forth.0, forth.1);
    Some(())
}

#[test]
fn a_server_behind_a_proxy() {
    let peer = PeerServer::start(None);
    let (address, asked) = proxy(None);
    let out = ends_with(&["run", &peer.url, "--proxy", &format!("http://me:s3cret@{address}"), "1.1.*", "7.1.*"], 0).1;
    assert!(passed(&out) > 5);
    let asked = asked.lock().unwrap().clone();
    let to = peer.url.trim_start_matches("ws://").trim_end_matches('/');
    assert!(asked.starts_with(&format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n")), "{asked}");
    assert!(asked.contains("\r\nProxy-Authorization: Basic bWU6czNjcmV0\r\n"), "{asked}");
    assert!(!std::fs::read_to_string(out.join("results.jsonl")).unwrap().contains("s3cret"));
}

#[test]
fn a_proxy_that_makes_no_way_is_told() {
    let peer = PeerServer::start(None);
    let long: &'static str = Box::leak(format!("HTTP/1.1 200 {}", "x".repeat(40_000)).into_boxed_str());
    for (answer, user, word) in [
        ("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\n\r\n", "", "USER:PASSWORD@"),
        ("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\n\r\n", "me:wrong@", "rejects these credentials"),
        ("HTTP/1.1 403 No\r\n\r\n", "", "403"),
        ("SSH-2.0-x\r\n\r\n", "", "is not an HTTP proxy"),
        ("", "", "without a response"),
        (long, "", "too long"),
    ] {
        let (address, _) = proxy(Some(answer));
        let said = ends_with(&["run", &peer.url, "--proxy", &format!("http://{user}{address}"), "1.1.1"], 3).0;
        assert!(said.contains(word) && !said.contains("me:wrong"), "{word}: {said}");
    }
    let said = ends_with(&["run", &peer.url, "--proxy", &format!("http://127.0.0.1:{}", free_port()), "1.1.1"], 3).0;
    assert!(said.contains("cannot connect to the proxy"), "{said}");
}

#[test]
fn requests_carry_what_the_user_gives_them() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let kept = Arc::clone(&heads);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).unwrap_or(0);
            kept.lock().unwrap().push(text(&bytes[..count]));
            let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    let folder = folder("config");
    let config = folder.join("wsspec.yaml");
    std::fs::write(&config, "cookies: [b=2]\norigin: https://example.org\nsubprotocols: [chat]\n").unwrap();
    let arguments =
        ["run", &url, "--config", config.to_str().unwrap(), "--cookie", "a=1", "--bearer", "t0ken", "1.1.1"];
    ends_with(&arguments, 3);
    let heads = heads.lock().unwrap().join("\n");
    for line in [
        "Cookie: a=1; b=2\r\n",
        "Origin: https://example.org\r\n",
        "Sec-WebSocket-Protocol: chat\r\n",
        "Authorization: Bearer t0ken\r\n",
    ] {
        assert!(heads.contains(line), "{line}: {heads}");
    }
}

#[test]
fn credentials_stay_out_of_the_results() {
    let peer = PeerServer::start(None);
    let arguments =
        ["run", &peer.url, "--basic", "me:s3cret", "--cookie", "sid=c0de", "--header", "X-Tag: seen", "1.1.1"];
    let out = ends_with(&arguments, 0).1;
    let shown = std::fs::read_to_string(out.join("results.jsonl")).unwrap();
    for secret in ["s3cret", "c0de", "bWU6czNjcmV0"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    assert!(
        shown.contains("Authorization: [secret]")
            && shown.contains("Cookie: [secret]")
            && shown.contains("X-Tag: seen")
    );
}
