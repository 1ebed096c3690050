//! The library as its users call it, and the examples that show it.
#![allow(missing_docs)]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use common::folder;
use wsspec::peer::handshake::url::WsUrl;
use wsspec::peer::{PeerKind, call_stream, serve_stream};
use wsspec::{Error, Gate, Outcome, Suite, Target};

#[allow(dead_code)]
#[path = "../examples/in_process_axum.rs"]
mod axum;
#[allow(dead_code)]
#[path = "../examples/in_process_tokio_websockets.rs"]
mod tokio_websockets;
#[allow(dead_code)]
#[path = "../examples/in_process_tungstenite.rs"]
mod tungstenite;

fn server(kind: PeerKind) -> Target {
    Target::in_process(move |io| serve_stream(io, kind))
}

fn faulty(name: &str) -> PeerKind {
    PeerKind::Reference(Some(name.parse().expect("a fault")))
}

#[tokio::test]
async fn the_example_with_tungstenite_conforms() {
    tungstenite::conforms().await.unwrap();
}

#[tokio::test]
async fn the_example_with_tokio_websockets_conforms() {
    tokio_websockets::conforms().await.unwrap();
}

#[tokio::test]
async fn the_example_with_axum_conforms() {
    axum::conforms().await.unwrap();
}

#[tokio::test]
async fn a_valid_server_in_this_process_holds_the_gate() {
    let report =
        Suite::builtin().select(["framing/*", "ping-pong/*"]).unwrap().run(server(PeerKind::Reference(None))).await;
    let report = report.unwrap();
    assert!(report.cases().len() > 50 && report.failures().count() == 0);
    report.assert_gate(Gate::must(1.0).should(1.0));
    let folder = folder("library");
    report.write_html(folder.join("report.html")).unwrap();
    report.write_results(folder.join("results.jsonl")).unwrap();
    assert!(common::results(&folder).whole());
}

#[tokio::test]
async fn a_failed_gate_is_a_readable_list() {
    let suite = Suite::builtin().select(["2.2", "1.1.2"]).unwrap().timeout(Duration::from_millis(300));
    let report = suite.run(server(faulty("no-pong"))).await.unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| report.assert_gate(Gate::must(1.0)))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    for part in ["ping-pong/ping-with-text", "RFC 6455, section 5.5.2", "wsspec explain ping-pong/ping-with-text"] {
        assert!(message.contains(part), "`{part}` is missing: {message}");
    }
    let file = folder("gate").join("wsspec.yaml");
    std::fs::write(&file, "url: ws://127.0.0.1:1/\nbaseline: [{case: '2.2', reason: we know}]\n").unwrap();
    report.assert_gate(Gate::must(1.0).baseline(&file).unwrap());
    std::fs::write(&file, "- {case: 'no/such', reason: we know}\n").unwrap();
    assert!(report.check(&Gate::must(1.0).baseline(&file).unwrap()).is_err());
    assert!(matches!(Gate::must(1.0).baseline("no/such/file"), Err(Error::Baseline { .. })));
}

#[tokio::test]
async fn a_panic_of_the_server_fails_its_case() {
    let target = Target::in_process(|io| async move {
        let _ = serve_stream(io, PeerKind::Reference(None)).await;
        panic!("out of bounds");
    });
    let report = Suite::builtin().select(["1.1.2"]).unwrap().run(target).await.unwrap();
    let failure = report.failures().next().expect("a failure");
    assert!(failure.findings.iter().any(|finding| finding.message.contains("panicked: out of bounds")), "{failure:?}");
}

#[tokio::test]
async fn a_client_in_this_process_is_tested() {
    let client = |kind: PeerKind| {
        Target::client_in_process(move |io, url| async move {
            let url = WsUrl::parse_with_fault(&url, kind.fault())?;
            call_stream(io, &url, &[], kind).await
        })
    };
    let suite = Suite::builtin().select(["framing/*", "ping-pong/*"]).unwrap().timeout(Duration::from_millis(500));
    let report = suite.clone().run(client(PeerKind::Reference(None))).await.unwrap();
    report.assert_gate(Gate::all(1.0));
    let sum: usize = report.cases().iter().filter(|case| case.case.starts_with("whole-run/")).count();
    assert!(sum > 0, "the whole run of a client has results");
    let report = suite.run(client(faulty("no-pong"))).await.unwrap();
    assert!(report.cases().iter().any(|case| case.outcome == Outcome::Fail));
}

#[tokio::test]
async fn errors_say_what_is_wrong() {
    assert!(matches!(Suite::builtin().select(["no/such/*"]), Err(Error::Pattern(_))));
    assert!(matches!(Suite::builtin().with_cases("no/such/file.yaml"), Err(Error::Cases(_))));
    let suite = Suite::builtin().select(["1.1.2"]).unwrap();
    let error = suite.run(Target::url("ws://127.0.0.1:1/")).await.unwrap_err();
    assert!(matches!(error, Error::Target(_)), "{error}");
}
