//! The example of an application's own cases: it passes as its page says, and it can fail.
#![allow(missing_docs)]

mod common;
#[allow(dead_code)]
#[path = "../examples/chat.rs"]
mod example;

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use common::{folder, output, results, text, wsspec};
use futures_util::{SinkExt as _, StreamExt as _};
use tungstenite::Message;
use tungstenite::client::IntoClientRequest as _;
use wsspec_reports::results::Outcome;

const COOKIE: &str = "session=4Qd0hV2";

/// Starts the chat on a thread of its own; returns its URL.
fn start(nameless: bool) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("ws://{}/chat", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { example::serve(tokio::net::TcpListener::from_std(listener)?, nameless).await })
    });
    url
}

fn play(url: &str, out: &Path) -> Output {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples/chat");
    let mut run = wsspec();
    run.args(["run", url, "chat/*", "--jobs", "32", "--header", &format!("Cookie: {COOKIE}"), "--timeout", "1s"]);
    run.arg("--cases").arg(cases).arg("--out").arg(out);
    output(run, Duration::from_secs(60))
}

#[test]
fn the_chat_keeps_its_promises_with_many_visitors() {
    let out = folder("chat");
    let ran = play(&start(false), &out);
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
    let results = results(&out);
    assert_eq!(results.cases.len(), 10);
    for case in &results.cases {
        assert_eq!(case.outcome, Outcome::Pass, "{}: {:?}", case.case, case.findings);
    }
}

#[test]
fn a_chat_that_forgets_the_name_fails_the_cases_about_it() {
    let out = folder("nameless");
    let ran = play(&start(true), &out);
    assert_eq!(ran.status.code(), Some(1), "{}{}", text(&ran.stdout), text(&ran.stderr));
    for case in &results(&out).cases {
        let expected = if case.case.ends_with("-with-a-name") { Outcome::Fail } else { Outcome::Pass };
        assert_eq!(case.outcome, expected, "{}: {:?}", case.case, case.findings);
    }
}

#[tokio::test]
async fn visitors_hear_each_other() {
    let url = start(false);
    let visitor = || async {
        let mut request = url.as_str().into_client_request().unwrap();
        request.headers_mut().insert("Cookie", COOKIE.parse().unwrap());
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        assert!(socket.next().await.unwrap().unwrap().into_text().unwrap().contains("welcome"));
        socket
    };
    let (mut first, mut second) = (visitor().await, visitor().await);
    first.send(Message::text(r#"{"content": "Hello"}"#)).await.unwrap();
    for socket in [&mut first, &mut second] {
        let received = tokio::time::timeout(Duration::from_secs(10), socket.next()).await.unwrap().unwrap().unwrap();
        assert!(received.into_text().unwrap().contains(r#""content":"Hello""#));
    }
}
