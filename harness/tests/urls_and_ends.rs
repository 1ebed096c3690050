//! URLs that cases give to clients, and the end of TCP, over real sockets.
#![allow(missing_docs)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use common::accept_handshake::accept_handshake;
use common::{folder, output, results, text, wsspec};
use wsspec_reports::read::Results;
use wsspec_reports::results::Outcome;

const BOUND: Duration = Duration::from_secs(120);

/// Plays cases and gives their results.
fn play(name: &str, arguments: &[&str]) -> Results {
    let out = folder(name);
    let mut command = wsspec();
    command.arg("run").args(arguments).args(["--no-gate", "--no-html", "--out"]).arg(&out);
    let ran = output(command, BOUND);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    results(&out)
}

/// Plays the cases of URLs against our own client with this fault.
fn urls(name: &str, fault: &str) -> Results {
    let client = format!("'{}' peer client --fault {fault} {{url}}", env!("CARGO_BIN_EXE_wsspec"));
    play(name, &["--client", &client, "handshake/client-url/*"])
}

fn outcome_of(results: &Results, id: &str) -> Outcome {
    let case = results.cases.iter().find(|case| case.case == id).unwrap_or_else(|| panic!("{id} was not played"));
    case.outcome
}

#[test]
fn a_right_client_takes_or_refuses_each_url() {
    let results = urls("urls-right", "none");
    for case in results.cases.iter().filter(|case| case.case.starts_with("handshake/client-url/")) {
        let fair = matches!(case.outcome, Outcome::Pass | Outcome::Lenient | Outcome::Unsupported);
        assert!(fair, "{}: {:?}", case.case, case.findings);
    }
    assert_eq!(outcome_of(&results, "handshake/client-url/user"), Outcome::Pass, "it is refused");
}

#[test]
fn a_client_that_refuses_a_right_url_or_sends_it_wrong_fails() {
    for (fault, case) in [
        ("scheme-case-sensitive", "scheme-in-upper-case"),
        ("empty-path-sent", "empty-path-with-a-query"),
        ("target-not-encoded", "other-letter-in-path"),
        ("user-in-host", "user"),
    ] {
        let results = urls(fault, fault);
        assert_eq!(outcome_of(&results, &format!("handshake/client-url/{case}")), Outcome::Fail, "{fault}");
    }
}

#[test]
fn a_client_that_crashes_on_a_url_does_not_refuse_it() {
    let peer = format!("'{}' peer client --fault none", env!("CARGO_BIN_EXE_wsspec"));
    // Only the URL with a user kills it.
    let client = format!("case {{url}} in *@*) kill -ABRT $$;; *) exec {peer} {{url}};; esac");
    let results = play("urls-crash", &["--client", &client, "handshake/client-url/user"]);
    let case = results.cases.iter().find(|case| case.case == "handshake/client-url/user").expect("it was played");
    assert_eq!(case.outcome, Outcome::Fail);
    assert!(case.findings.iter().any(|finding| finding.message.contains("SIGABRT")), "{:?}", case.findings);
}

#[test]
fn a_client_that_calls_by_itself_is_given_no_url() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let out = folder("urls-looping");
    let mut harness = wsspec();
    harness
        .args(["run", "--listen", &address, "handshake/client-url/user", "--no-gate", "--no-html", "--out"])
        .arg(&out);
    let running = std::thread::spawn(move || output(harness, BOUND));
    while TcpStream::connect(&address).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut client = wsspec();
    client.args(["peer", "client", "--loop", &format!("ws://{address}")]);
    assert_eq!(output(client, BOUND).status.code(), Some(0));
    assert_eq!(running.join().unwrap().status.code(), Some(0));
    assert_eq!(outcome_of(&results(&out), "handshake/client-url/user"), Outcome::Unsupported);
}

#[test]
fn a_client_that_cannot_be_run_is_no_client_that_refuses() {
    let out = folder("no-client");
    let mut command = wsspec();
    command.args(["run", "--client", "/nowhere/client {url}", "handshake/client-url/*", "--out"]).arg(&out);
    assert_eq!(output(command, BOUND).status.code(), Some(3));
}

/// A server that ends the closing handshake rightly, and then TCP by a reset.
fn resetting_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve_and_reset(stream));
        }
    });
    url
}

fn serve_and_reset(stream: TcpStream) -> Option<()> {
    let mut stream = accept_handshake(stream)?;
    loop {
        let mut head = [0; 6];
        stream.read_exact(&mut head).ok()?;
        let [first, length, key @ ..] = head;
        let mut payload = vec![0; usize::from(length & 0x7f)];
        stream.read_exact(&mut payload).ok()?;
        payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        let opcode = if first == 0x89 { 0x8a } else { first };
        let answer = [&[opcode, payload.len() as u8], &payload[..]].concat();
        stream.write_all(&answer).ok()?;
        if first == 0x88 {
            // What was written is on its way; the answer is read before the reset.
            std::thread::sleep(Duration::from_millis(50));
            socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).ok()?;
            return Some(());
        }
    }
}

#[test]
fn a_reset_behind_the_closing_handshake_is_lenient() {
    let url = resetting_server();
    let found = play("resets", &[&url, "closing/tcp/*"]);
    assert_eq!(outcome_of(&found, "closing/tcp/ends-with-fin"), Outcome::Lenient, "{:?}", found.cases);
    let server = format!("'{}' peer server 127.0.0.1:{{port}}", env!("CARGO_BIN_EXE_wsspec"));
    let found = play("fin", &["--start", &server, "ws://127.0.0.1:{port}/", "closing/tcp/*"]);
    assert_eq!(outcome_of(&found, "closing/tcp/ends-with-fin"), Outcome::Pass, "{:?}", found.cases);
}

#[test]
fn a_client_that_ends_tcp_first_or_leaves_is_lenient() {
    for (fault, case) in [
        ("client-ends-tcp-first", "closing/tcp/client-leaves-the-end-to-the-server"),
        ("closes-when-idle", "closing/tcp/client-stays-when-nothing-is-said"),
    ] {
        for (fault, outcome) in [(fault, Outcome::Lenient), ("none", Outcome::Pass)] {
            let client = format!("'{}' peer client --fault {fault} {{url}}", env!("CARGO_BIN_EXE_wsspec"));
            let results = play(&format!("{fault}-{}", outcome.name()), &["--client", &client, case]);
            assert_eq!(outcome_of(&results, case), outcome, "{fault}: {:?}", results.cases);
        }
    }
}
