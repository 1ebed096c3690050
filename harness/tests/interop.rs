//! The suite against real servers and clients, both ways of testing clients included.
//!
//! Programs are installed by `harness/tests/interop/setup.sh core`; what is not installed is skipped, with a word.
//! A process for each case takes an interpreter more than a minute: a sample is played so, and all of it with
//! `WSSPEC_INTEROP=full`, which `make interop` sets. `docs/deviations.md` tells what the known failures are.
#![allow(missing_docs)]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{folder, output, results, text, wait, wsspec};
use wsspec_reports::read::Results;
use wsspec_reports::results::Outcome;

const BOUND: Duration = Duration::from_secs(240);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The command of a program in a role, or `None` with a word when it is not installed.
fn program(name: &str, role: &str) -> Option<Vec<String>> {
    let json = std::fs::read_to_string(root().join("harness/tests/interop/programs.json")).expect("programs.json");
    let programs: serde_json::Value = serde_json::from_str(&json).expect("programs.json is JSON");
    let entry = programs.as_array().unwrap().iter().find(|program| program["name"] == name).expect("a known program");
    let installed =
        Command::new(root().join("harness/tests/interop/version.sh")).arg(name).current_dir(root()).output();
    if !installed.is_ok_and(|out| out.status.success()) {
        eprintln!("SKIPPED: {name} is not installed; harness/tests/interop/setup.sh {name} installs it");
        return None;
    }
    Some(entry[role].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect())
}

fn quoted(words: &[String]) -> String {
    words
        .iter()
        .map(|word| if word.contains('{') { word.clone() } else { format!("'{word}'") })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Prints every verdict that is not a pass, and holds the failures against the known ones.
fn compare(name: &str, results: &Results, known: &[&str]) {
    let count = |outcome| results.cases.iter().filter(|case| case.outcome == outcome).count();
    println!(
        "{name}: {} pass, {} lenient, {} info, {} fail, {} unsupported, {} error",
        count(Outcome::Pass),
        count(Outcome::Lenient),
        count(Outcome::Info),
        count(Outcome::Fail),
        count(Outcome::Unsupported),
        count(Outcome::Error)
    );
    let failed: Vec<&str> = results
        .cases
        .iter()
        .filter(|case| matches!(case.outcome, Outcome::Fail | Outcome::Error))
        .map(|case| case.case.as_str())
        .collect();
    let matches =
        |pattern: &str, id: &str| pattern.strip_suffix('*').map_or(pattern == id, |start| id.starts_with(start));
    for case in &results.cases {
        if matches!(case.outcome, Outcome::Fail | Outcome::Error) {
            println!(
                "  {:?} {}: {}",
                case.outcome,
                case.case,
                case.findings.first().map_or("", |f| f.message.as_str())
            );
        }
    }
    let unknown: Vec<&&str> = failed.iter().filter(|id| !known.iter().any(|pattern| matches(pattern, id))).collect();
    assert!(unknown.is_empty(), "{name} fails cases that nobody has looked into: {unknown:?}");
    // What a sample leaves out is not stale, nor what a looping client has no part in.
    let played = results.cases.iter().filter(|case| case.outcome != Outcome::Unsupported);
    let played = |pattern: &str| played.clone().any(|case| matches(pattern, &case.case));
    let stale: Vec<&&str> =
        known.iter().filter(|pattern| played(pattern) && !failed.iter().any(|id| matches(pattern, id))).collect();
    assert!(stale.is_empty(), "{name} no longer fails {stale:?}: take them from the list");
}

fn server(name: &str, known: &[&str]) {
    let Some(command) = program(name, "server") else { return };
    let out = folder(name);
    let mut run = run();
    run.args(["--start", &quoted(&command), "ws://127.0.0.1:{port}/", "--no-gate", "--out"]);
    run.arg(&out);
    let ran = output(run, BOUND);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let results = results(&out);
    compare(&format!("{name} server"), &results, known);
    replay_failures(&results, &out);
}

/// Replays every failure of a run, which must fail again: a result holds all that its replay needs.
fn replay_failures(results: &Results, out: &Path) {
    for case in results.cases.iter().filter(|case| case.outcome == Outcome::Fail && case.number.is_some()) {
        let mut replay = wsspec();
        replay.current_dir(root()).env("INTEROP_DEFLATE", "1");
        replay.arg("replay").arg(out.join("results.jsonl")).arg(&case.case);
        let ran = output(replay, BOUND);
        assert_eq!(ran.status.code(), Some(1), "{}: {}{}", case.case, text(&ran.stdout), text(&ran.stderr));
    }
}

/// Plays a server over TLS: it must earn what it earns over TCP, and more in the cases of TLS's own.
fn server_over_tls(name: &str, known: &[&str]) {
    let Some(command) = program(name, "server") else { return };
    let out = folder(name);
    let (certificate, key) = (out.join("cert.pem"), out.join("key.pem"));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut run = run();
    run.env("INTEROP_TLS_CERT", &certificate).env("INTEROP_TLS_KEY", &key);
    run.args(["--start", &quoted(&command), "wss://127.0.0.1:{port}/", "--no-gate", "--ca"]).arg(&certificate);
    run.arg("--out").arg(&out);
    let ran = output(run, BOUND);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    compare(&format!("{name} server over TLS"), &results(&out), known);
}

/// Some of everything that a client can do wrong, few enough for an interpreter that is started for each.
const SAMPLE: &[&str] = &[
    "1.1.*",
    "2.*",
    "5.1*",
    "7.1.*",
    "7.9.1*",
    "fragmentation/close-*",
    "framing/masking/*",
    "handshake/client-request/*",
    "handshake/client-url/*",
    "closing/tcp/*",
    "handshake/response/1*",
    "handshake/response/accept-t*",
    "handshake/response/values-*",
    "handshake/response/status-line-*",
];

/// Whether everything is played.
fn full() -> bool {
    std::env::var_os("WSSPEC_INTEROP").is_some_and(|value| value == "full")
}

/// wsspec on its way to a program, which has permessage-deflate on. Without `WSSPEC_INTEROP=full` the long runs and the limits are
/// left out.
fn run() -> Command {
    let mut run = wsspec();
    run.current_dir(root()).env("INTEROP_DEFLATE", "1").arg("run");
    if !full() {
        run.args(["--exclude", "deflate/runs/*", "--exclude", "limits/*"]);
    }
    run
}

/// Plays a client that is spawned for each case: these cases, or all with `WSSPEC_INTEROP=full`.
fn client(name: &str, cases: &[&str], known: &[&str]) {
    let Some(command) = program(name, "client") else { return };
    let out = folder(name);
    let full = full();
    let mut run = run();
    run.args(["--client", &quoted(&command), "--no-gate", "--out"]).arg(&out);
    if !full {
        run.args(cases);
    }
    let ran = output(run, BOUND);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    compare(&format!("{name} client, spawned"), &results(&out), known);
}

/// Plays a spawned client over TLS.
fn client_over_tls(name: &str, known: &[&str]) {
    let Some(command) = program(name, "client") else { return };
    let out = folder(name);
    let ca = out.join("ca.pem");
    let mut run = run();
    run.env("INTEROP_TLS_CA", &ca).args(["--client", &quoted(&command), "--tls", "--ca-out"]);
    run.arg(&ca).args(["--no-gate", "--out"]).arg(&out).args(["tls/*", "1.1.*", "7.1.*", "handshake/client-request/*"]);
    let ran = output(run, BOUND);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    compare(&format!("{name} client over TLS, spawned"), &results(&out), known);
}

/// Plays a client that loops by itself: all cases, the refused handshakes too.
fn looping(name: &str, known: &[&str]) {
    looping_at(name, known, false);
}

/// The same, with TLS where it is asked for.
fn looping_at(name: &str, known: &[&str], tls: bool) {
    let Some(command) = program(name, "loop") else { return };
    let out = folder(name);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut run = run();
    run.args(["--listen", &address, "--no-gate", "--out"]).arg(&out).arg("*/*");
    let ca = out.join("ca.pem");
    if tls {
        run.args(["--tls", "--ca-out"]).arg(&ca);
    }
    let scheme = if tls { "wss" } else { "ws" };
    let harness = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("wsspec starts");
    while std::net::TcpStream::connect(&address).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let words: Vec<String> = command
        .iter()
        .map(|word| word.replace("{base}", &format!("{scheme}://{address}")).replace("{agent}", name))
        .collect();
    let mut client = Command::new(&words[0]);
    if tls {
        client.env("INTEROP_TLS_CA", &ca);
    }
    client.env("INTEROP_DEFLATE", "1");
    client.args(&words[1..]).current_dir(root()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut client = client.spawn().expect("the client starts");
    let ran = wait(harness, BOUND);
    let _ = client.kill();
    let _ = client.wait();
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    compare(&format!("{name} client, looping"), &results(&out), known);
}

/// Each is written down in docs/deviations.md.
const WS_SERVER: &[&str] = &[
    // RFC 9112 section 9.3: Node hands the bytes of a GET's body to the upgrade, and they are read as frames (Z47).
    "handshake/request/body-*",
    // RFC 9112 section 6.3: no 400 where the last transfer coding is not chunked.
    "handshake/request/transfer-encoding-*",
    // RFC 9112 section 3.2: Host missing, or there twice.
    "handshake/request/host-missing-is-refused",
    "handshake/request/host-twice-*",
    // RFC 9110 section 15.5.6: the 405 has no Allow.
    "handshake/request/405-names-the-methods-allowed",
    // RFC 6455 section 4.2.1 item 1, RFC 9110 section 7.8: HTTP below 1.1 is upgraded.
    "handshake/request/http-0-9-is-not-upgraded",
    "handshake/request/http-1-0-is-not-upgraded",
    // RFC 9112 section 5.1: a tab behind a value is kept.
    "handshake/request/values-with-*",
    // RFC 6455 sections 4.2.1 and 4.3: the version is read as a number in any notation of JavaScript's.
    "handshake/request/version-with-leading-*",
    "handshake/request/version-with-plus-sign-is-refused",
    "handshake/request/version-with-fraction-is-refused",
    "handshake/request/version-in-hexadecimal-is-refused",
    // RFC 9110 section 7.8: the 426 to a plain GET has no Upgrade.
    "handshake/request/426-to-a-plain-get-says-to-what-to-upgrade",
    // RFC 7692 section 7: windows are read as numbers in any notation of JavaScript's.
    "deflate/offers/invalid-server-window-*",
    "deflate/offers/invalid-client-window-*",
    // RFC 9110 section 5.6.1.2: a list with empty members gets 400 once permessage-deflate is on.
    "handshake/request/extension-unknown-with-empty-elements",
];

const WEBSOCKETS_SERVER: &[&str] = &[
    // RFC 7692 section 7.2.3.4: what comes behind a final block is lost.
    "deflate/blocks/final-*",
    "deflate/use/final-block-of-the-rfc",
    "deflate/use/empty-binary-as-a-final-block",
    // RFC 6455 section 4.2.2 (Z45): a ping that comes with the request gets its pong before the 101.
    "handshake/request/ping-with-the-head",
    // RFC 9112 section 3.2: Host missing, or there twice (python-websockets/websockets #1246: left out on purpose).
    "handshake/request/host-missing-is-refused",
    "handshake/request/host-twice-*",
    // RFC 6455 sections 4.2.2 and 4.4: the refusal of a version does not list 13.
    "handshake/request/version-0-is-answered-with-the-versions-known",
    "handshake/request/version-14-is-answered-with-the-versions-known",
    "handshake/request/version-25-is-answered-with-the-versions-known",
    "handshake/request/version-255-is-answered-with-the-versions-known",
];

const TOKIO_TUNGSTENITE_SERVER: &[&str] = &[
    // RFC 9112 section 6.3: no 400 for a Content-Length that is no number.
    "handshake/request/content-length-negative-is-refused",
    "handshake/request/content-length-in-letters-is-refused",
    "handshake/request/content-length-empty-is-refused",
    // RFC 9112 section 3.2: Host missing, or there twice.
    "handshake/request/host-missing-is-refused",
    "handshake/request/host-twice-*",
    // RFC 6455 sections 11.3.1 and 11.3.5 (Z35): of two keys or versions the first is taken.
    "handshake/request/key-twice-different-is-refused",
    "handshake/request/version-twice-13-then-8-is-refused",
    // RFC 9110 section 5.2: of several Connection lines only the first is read.
    "handshake/request/connection-on-two-lines",
    "handshake/request/connection-on-the-last-of-three-lines",
    // RFC 6455 section 4.2.1 item 4: a space is taken for the list's comma.
    "handshake/request/connection-list-without-comma-is-not-upgraded",
];

#[test]
fn npm_ws_server() {
    server("ws", WS_SERVER);
}

#[test]
fn pypi_websockets_server() {
    server("websockets", WEBSOCKETS_SERVER);
}

#[test]
fn tokio_tungstenite_server() {
    server("tokio-tungstenite", TOKIO_TUNGSTENITE_SERVER);
}

/// ws 8.23: the HTTP parser of Node (llhttp) keeps a tab behind the value of Upgrade and Connection, which RFC 9112 section 5.1
/// takes away, and sees no upgrade.
const WS_CLIENT: &[&str] = &[
    // RFC 9112 section 5.1: a tab behind a value is kept.
    "handshake/response/values-with-tabs-around",
    "handshake/response/values-with-mixed-space-around",
    // RFC 7692 section 7: windows are read as numbers in any notation of JavaScript's.
    "deflate/answers/wrong-server-window-with-*",
    "deflate/answers/wrong-client-window-with-*",
    // RFC 7692 section 5: of permessage-deflate twice, the first counts.
    "deflate/answers/wrong-permessage-deflate-twice-*",
    "deflate/answers/twice-on-two-lines-is-refused",
];

const WEBSOCKETS_CLIENT: &[&str] = &[
    // RFC 7692 section 7.2.3.4: what comes behind a final block is lost.
    "deflate/blocks/final-*",
    "deflate/use/final-block-of-the-rfc",
    "deflate/use/empty-binary-as-a-final-block",
    // RFC 9110 section 15.2: interim responses are passed over. The client takes the first response for the final one.
    "handshake/response/1*",
    "handshake/response/three-times-103-before-the-101",
    "handshake/response/unknown-interim-199-before-the-101",
    // RFC 3986 section 2.1: a space in the path is sent as it is, unless another character makes the client encode the path.
    "handshake/client-url/space-in-path",
];

const TUNGSTENITE_CLIENT: &[&str] = &[
    // RFC 6455 section 4.1: an extension that was not offered is taken.
    "deflate/answers/to-no-offer-*",
    // RFC 9110 section 15.2: interim responses are passed over. The client takes the first response for the final one.
    "handshake/response/1*",
    "handshake/response/three-times-103-before-the-101",
    "handshake/response/unknown-interim-199-before-the-101",
    // RFC 6455 section 3: the scheme in upper case is the same scheme, and the resource name begins with a slash.
    "handshake/client-url/scheme-in-upper-case",
    "handshake/client-url/empty-path-with-a-query",
    // RFC 6455 section 11.1.1, RFC 3986 section 2.1: other characters are sent as they are, in UTF-8.
    "handshake/client-url/other-letter-*",
    "handshake/client-url/emoji-in-path",
    // RFC 6455 section 4.1, step 3: Upgrade is one token of Connection. The client compares the first line as a whole.
    "handshake/response/connection-b*",
    "handshake/response/connection-list-with-tabs",
    "handshake/response/connection-list-without-space",
    "handshake/response/connection-on-the-second-line",
    "handshake/response/connection-with-empty-elements",
    // Section 11.3.3: Sec-WebSocket-Accept stands once. The client reads the first line alone.
    "handshake/response/accept-twice-right-then-wrong-is-refused",
    // Section 4.1, step 5, and section 9.1: an extension that was not offered fails the connection. The client reads no extensions.
    "handshake/response/extension-*",
    "handshake/response/deflate-with-*",
];

#[test]
fn npm_ws_client_spawned() {
    client("ws", SAMPLE, WS_CLIENT);
}

#[test]
fn npm_ws_client_looping() {
    looping("ws", WS_CLIENT);
}

#[test]
fn pypi_websockets_client_spawned() {
    client("websockets", SAMPLE, WEBSOCKETS_CLIENT);
}

#[test]
fn pypi_websockets_client_looping() {
    looping("websockets", WEBSOCKETS_CLIENT);
}

#[test]
fn npm_ws_over_tls() {
    server_over_tls("ws", WS_SERVER);
    client_over_tls("ws", WS_CLIENT);
    looping_at("ws", WS_CLIENT, true);
}

#[test]
fn pypi_websockets_over_tls() {
    server_over_tls("websockets", WEBSOCKETS_SERVER);
    client_over_tls("websockets", WEBSOCKETS_CLIENT);
    looping_at("websockets", WEBSOCKETS_CLIENT, true);
}

#[test]
fn tokio_tungstenite_client_spawned() {
    client("tokio-tungstenite", &[], TUNGSTENITE_CLIENT);
}

#[test]
fn tokio_tungstenite_client_looping() {
    looping("tokio-tungstenite", TUNGSTENITE_CLIENT);
}
