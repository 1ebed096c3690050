//! TLS: the same verdicts as over plain TCP, and what stands on the command line for it.
#![allow(missing_docs)]

mod common;

use std::time::Duration;

use common::{ends_with, folder, output, results, text, wsspec};
use wsspec::case::Need;
use wsspec::language::suite;
use wsspec::mutation::{Earned, KillSettings, ROLES, VALID_PEERS, in_parallel, is_long_running};
use wsspec::peer::PeerKind;
use wsspec_reports::results::Outcome;

const BOUND: Duration = Duration::from_secs(120);

/// All of the suite, in memory: a faulty peer now and then, so that verdicts other than a pass are compared too.
#[test]
fn the_whole_suite_says_the_same_over_tls() {
    let cases = suite::load_embedded().expect("the suite").into_cases();
    let faults = ["no-pong", "no-close-reply", "early-end-ignored"].map(|name| PeerKind::Reference(name.parse().ok()));
    let mut plays = Vec::new();
    for role in ROLES {
        for case in cases.iter().filter(|case| case.suits(role) && !case.needs.contains(&Need::Tls)) {
            // Long series say nothing more of TLS when others play them too.
            let most = if is_long_running(case) { 1 } else { VALID_PEERS.len() + faults.len() };
            let kinds = VALID_PEERS.iter().map(|(_, kind)| *kind).chain(faults).take(most);
            let fits = |kind: &PeerKind| kind.fault().is_none_or(|fault| fault.fits(role));
            plays.extend(kinds.filter(fits).map(|kind| (role, case, kind)));
        }
    }
    let earned = |secure| {
        let settings = KillSettings { secure, ..KillSettings::default() };
        in_parallel(&plays, &settings, |simulation, &(role, case, kind)| {
            Earned::by_playing(simulation, case, role, kind)
        })
        .expect("a runtime")
    };
    let mut other = Vec::new();
    for ((below, above), (role, _, kind)) in earned(false).iter().zip(&earned(true)).zip(&plays) {
        if (below.outcome, &below.by, &below.info) != (above.outcome, &above.by, &above.info) {
            other.push(format!("{} ({role:?}, {kind:?}): {below:?}, over TLS {above:?}", below.case));
        }
    }
    let compared = plays.len();
    assert!(compared > 4000, "{compared}");
    assert!(other.is_empty(), "{} of {compared}: {other:#?}", other.len());
}

struct TlsPeer {
    child: std::process::Child,
    url: String,
    ca: std::path::PathBuf,
}

impl TlsPeer {
    fn start(more: &[&str]) -> Self {
        let ca = folder("ca").join("ca.pem");
        let mut command = wsspec();
        command.args(["peer", "server", "127.0.0.1:0", "--tls", "--ca-out"]).arg(&ca).args(more);
        let mut child = command.stderr(std::process::Stdio::piped()).spawn().expect("the peer starts");
        let mut line = String::new();
        let stderr = child.stderr.take().expect("piped");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stderr), &mut line).expect("it says where it is");
        let url = line.trim().rsplit(' ').next().expect("a URL").to_owned();
        assert!(url.starts_with("wss://"), "the peer says `{line}`");
        Self { child, url, ca }
    }
}

impl Drop for TlsPeer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_over_tls_holds_the_gate_with_the_whole_suite() {
    let peer = TlsPeer::start(&[]);
    let out = ends_with(&["run", &peer.url, "--ca", peer.ca.to_str().unwrap(), "--no-html"], 0).1;
    let results = results(&out);
    let passed = |id: &str| results.cases.iter().any(|case| case.case == id && case.outcome == Outcome::Pass);
    for id in ["tls/ends/with-a-closure-alert", "tls/plain/a-request-without-tls", "tls/records/a-record-for-each-byte"]
    {
        assert!(passed(id), "{id}");
    }
    assert!(results.cases.iter().all(|case| case.outcome != Outcome::Error));
}

#[test]
fn a_client_is_given_urls_of_the_cases_own_over_tls() {
    let client = format!("{} peer client {{url}} --ca {{ca}} --fault none", wsspec().get_program().display());
    let words = ["handshake/client-url/*", "closing/tcp/*", "tls/certificates/*"];
    let out = ends_with(&[&["run", "--client", &client, "--tls", "--no-html"], &words[..]].concat(), 0).1;
    let ran = results(&out);
    assert!(ran.cases.len() > 15, "{}", ran.cases.len());
    assert!(ran.cases.iter().all(|case| !matches!(case.outcome, Outcome::Error | Outcome::Unsupported)));
    let recorded = std::fs::read_to_string(out.join("results.jsonl")).unwrap();
    assert!(
        recorded.contains("with the alert UnknownCA") && recorded.contains("with the alert CertificateExpired"),
        "{recorded}"
    );
    // One that is wrong in its URLs is wrong over TLS too.
    let wrong = client.replace("--fault none", "--fault scheme-case-sensitive");
    let out =
        ends_with(&["run", "--client", &wrong, "--tls", "--no-html", "handshake/client-url/scheme-in-upper-case"], 1).1;
    assert!(results(&out).cases.iter().all(|case| case.outcome == Outcome::Fail));
}

#[test]
fn a_configuration_of_autobahn_may_ask_for_tls() {
    let peer = TlsPeer::start(&[]);
    let (dir, ca) = (folder("autobahn-tls"), peer.ca.to_str().unwrap());
    let file = dir.join("fuzzingclient.json");
    let outdir = dir.join("old").display().to_string();
    let config =
        serde_json::json!({"outdir": outdir, "servers": [{"agent": "Mine", "url": peer.url}], "cases": ["1.1.*"]});
    std::fs::write(&file, config.to_string()).unwrap();
    ends_with(&["run", "--autobahn", file.to_str().unwrap(), "--ca", ca, "--no-html"], 0);
    let index = std::fs::read_to_string(dir.join("old/index.json")).unwrap();
    assert!(index.contains("1.1.1") && !index.contains("FAILED"), "{index}");
    ends_with(&["run", "--autobahn", file.to_str().unwrap(), "--tls"], 2);
}

#[test]
fn certificates_that_are_not_trusted_are_told_with_what_to_do() {
    let peer = TlsPeer::start(&[]);
    let other = TlsPeer::start(&[]);
    let said = ends_with(&["run", &peer.url, "1.1.1"], 3).0;
    assert!(said.contains("--ca FILE") && said.contains("--insecure"), "{said}");
    assert!(ends_with(&["run", &peer.url, "1.1.1", "--ca", other.ca.to_str().unwrap()], 3).0.contains("--ca FILE"));
    ends_with(&["run", &peer.url, "1.1.1", "--insecure"], 0);
    // The certificate is for localhost, whatever the address.
    let port = peer.url.trim_end_matches('/').rsplit(':').next().unwrap();
    let (ca, to) = (peer.ca.to_str().unwrap(), format!("127.0.0.1:{port}"));
    ends_with(&["run", "wss://localhost:1/", "1.1.1", "--ca", ca, "--connect-to", &to], 0);
    let said = ends_with(&["run", "wss://elsewhere.invalid/", "1.1.1", "--ca", ca, "--connect-to", &to], 3).0;
    assert!(said.contains("elsewhere.invalid"), "{said}");
}

#[test]
fn what_does_not_fit_together_is_told() {
    for (arguments, word) in [
        (&["run", "ws://127.0.0.1:1/", "--insecure"][..], "wss://"),
        (&["run", "wss://127.0.0.1:1/", "--tls"], "--tls is for clients"),
        (&["run", "--client", "x {url}", "--insecure"], "--tls"),
        (&["run", "--client", "x {url} {ca}"], "--tls"),
        (&["run", "wss://127.0.0.1:1/", "--ca", "/no/such/file"], "PEM"),
        (&["run", "ws://127.0.0.1:1/", "--proxy", "127.0.0.1:3128"], "http://HOST:PORT"),
        (&["run", "ws://127.0.0.1:1/", "--basic", "me"], "USER:PASSWORD"),
        (&["run", "--listen", "9001"], "HOST:PORT"),
    ] {
        let mut command = wsspec();
        command.args(arguments).arg("--out").arg(folder("usage"));
        let ran = output(command, BOUND);
        let said = text(&ran.stderr);
        assert!(
            ran.status.code().is_some_and(|code| code == 2 || code == 3) && said.contains(word),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn a_plain_server_behind_a_wss_url_is_told() {
    let peer = common::PeerServer::start(None);
    let said = ends_with(&["run", &peer.url.replace("ws://", "wss://"), "--insecure", "--timeout", "400ms"], 3).0;
    assert!(said.contains("plain ws://"), "{said}");
}

fn client(more: &str) -> String {
    format!("'{}' peer client {{url}} {more}", env!("CARGO_BIN_EXE_wsspec"))
}

#[test]
fn a_spawned_client_over_tls_holds_the_gate() {
    let command = client("--ca {ca}");
    let out = ends_with(
        &["run", "--client", &command, "--tls", "1.1.*", "2.*", "7.1.*", "tls/*", "handshake/client-request/*"],
        0,
    )
    .1;
    let results = results(&out);
    let of = |id: &str| results.cases.iter().find(|case| case.case == id).map(|case| case.outcome);
    for id in ["untrusted-is-refused", "wrong-host-is-refused", "expired-is-refused", "the-host-is-named"] {
        assert_eq!(of(&format!("tls/certificates/{id}")), Some(Outcome::Pass), "{id}");
    }
}

#[test]
fn a_spawned_client_that_takes_any_certificate_fails() {
    let out = ends_with(&["run", "--client", &client("--insecure"), "--tls", "tls/certificates/*"], 1).1;
    let results = results(&out);
    for case in results.cases.iter().filter(|case| case.case.ends_with("-is-refused")) {
        assert_eq!(case.outcome, Outcome::Fail, "{}", case.case);
        assert!(case.findings[0].message.contains("the request `GET /"), "{}", case.findings[0].message);
    }
    assert_eq!(results.cases.iter().filter(|case| case.outcome == Outcome::Fail).count(), 3);
}

#[test]
fn a_spawned_client_that_does_not_know_the_ca_is_told() {
    let said = ends_with(&["run", "--client", &client(""), "--tls", "1.1.1"], 3).0;
    assert!(said.contains("{ca}"), "{said}");
}

#[test]
fn without_tls_the_cases_of_tls_are_unsupported() {
    let peer = common::PeerServer::start(None);
    let results = results(&ends_with(&["run", &peer.url, "tls/*"], 0).1);
    assert!(!results.cases.is_empty());
    assert!(results.cases.iter().all(|case| case.outcome == Outcome::Unsupported));
}

#[test]
fn a_looping_client_over_tls_holds_the_gate() {
    let out = folder("listen");
    let ca = out.join("ca.pem");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut harness = wsspec();
    harness
        .args(["run", "--listen", &format!("127.0.0.1:{port}"), "--tls", "--ca-out"])
        .arg(&ca)
        .arg("--out")
        .arg(&out);
    let pipe = std::process::Stdio::piped;
    let harness = harness.stdout(pipe()).stderr(pipe()).spawn().expect("wsspec starts");
    let base = format!("wss://localhost:{port}");
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut peer = wsspec();
    peer.args(["peer", "client", &base, "--loop", "--jobs", "8", "--ca"]).arg(&ca);
    peer.args(["--connect-to", &format!("127.0.0.1:{port}")]);
    let peer = output(peer, BOUND);
    assert!(peer.status.success(), "{}", text(&peer.stderr));
    let ran = common::wait(harness, BOUND);
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
    let results = results(&out);
    let named = results.cases.iter().find(|case| case.case == "tls/certificates/the-host-is-named").unwrap();
    assert_eq!(named.outcome, Outcome::Pass);
    assert!(results.cases.len() > 500);
}

/// A server that asks for a certificate, and the files of one that it takes.
fn server_that_asks(folder: &std::path::Path) -> String {
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let of_client = rcgen::generate_simple_self_signed(["client".to_owned()]).unwrap();
    std::fs::write(folder.join("server.pem"), own.cert.pem()).unwrap();
    std::fs::write(folder.join("client.pem"), of_client.cert.pem()).unwrap();
    std::fs::write(folder.join("client.key"), of_client.signing_key.serialize_pem()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(of_client.cert.der().clone()).unwrap();
    let asks =
        rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone()).build().unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(asks)
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("wss://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let stream = acceptor.accept(stream).await.ok()?;
                    wsspec::peer::serve_stream(stream, PeerKind::Tungstenite).await.ok()
                });
            }
        });
    });
    url
}

#[test]
fn a_server_that_asks_for_a_certificate() {
    let folder = folder("mutual");
    let url = server_that_asks(&folder);
    let file = |name: &str| folder.join(name).display().to_string();
    let (ca, cert, key) = (file("server.pem"), file("client.pem"), file("client.key"));
    ends_with(&["run", &url, "--ca", &ca, "--cert", &cert, "--key", &key, "1.1.*", "7.1.*"], 0);
    let said = ends_with(&["run", &url, "--ca", &ca, "1.1.1"], 3).0;
    assert!(said.contains("CertificateRequired") || said.contains("the end of the stream"), "{said}");
    let said = ends_with(&["run", &url, "--ca", &ca, "--cert", &key, "--key", &key, "1.1.1"], 2).0;
    assert!(said.contains("has no certificate"), "{said}");
}
