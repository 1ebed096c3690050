//! Autobahn's URL protocol, call by call, as clients in the wild speak it.
#![allow(missing_docs)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use common::{folder, results, text, wait, wsspec};
use tungstenite::{Message, WebSocket};

const BOUND: Duration = Duration::from_secs(60);

/// A harness that listens, in a process of its own.
struct Harness {
    child: Child,
    address: SocketAddr,
    out: std::path::PathBuf,
}

impl Harness {
    fn start(patterns: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let out = folder("listen");
        let mut command = wsspec();
        command.args(["run", "--listen", &address.to_string(), "--no-html", "--out", out.to_str().unwrap()]);
        let child = command.args(patterns).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while TcpStream::connect(address).is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { child, address, out }
    }

    /// One that a configuration of Autobahn's kind asks for.
    fn of_config(keys: &str) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let out = folder("listen");
        let config = out.join("fuzzingserver.json");
        std::fs::write(&config, format!("{{\"url\": \"ws://{address}\", \"outdir\": {:?}, {keys}}}", out.join("old")))
            .unwrap();
        let mut command = wsspec();
        command.args(["run", "--autobahn", config.to_str().unwrap(), "--no-html", "--out", out.to_str().unwrap()]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while TcpStream::connect(address).is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { child, address, out }
    }

    fn call(&self, path: &str) -> Result<WebSocket<TcpStream>, Option<u16>> {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        match tungstenite::client(format!("ws://{}{path}", self.address), stream) {
            Ok((socket, _)) => Ok(socket),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(response))) => {
                Err(Some(response.status().as_u16()))
            }
            Err(_) => Err(None),
        }
    }

    /// The texts that come in answer, and the Close behind them: no code is `None`.
    fn ask(&self, path: &str) -> (Vec<String>, Option<u16>) {
        let mut socket = self.call(path).unwrap();
        let mut texts = Vec::new();
        loop {
            match socket.read() {
                Ok(Message::Text(text)) => texts.push(text.to_string()),
                Ok(Message::Close(frame)) => {
                    let _ = socket.flush();
                    return (texts, frame.map(|frame| frame.code.into()));
                }
                other => panic!("{path}: {other:?}"),
            }
        }
    }

    /// Echoes through one case.
    fn play(&self, path: &str) {
        let mut socket = self.call(path).unwrap();
        while let Ok(message) = socket.read() {
            if message.is_text() || message.is_binary() {
                let _ = socket.send(message);
            }
        }
    }

    fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    fn end(self) -> (Option<i32>, wsspec_reports::read::Results) {
        let ran = wait(self.child, BOUND);
        eprintln!("{}", text(&ran.stderr));
        (ran.status.code(), results(&self.out))
    }
}

/// How many cases were played; the results of the whole run are not among them.
fn played(results: &wsspec_reports::read::Results) -> usize {
    results.cases.iter().filter(|case| !case.is_of_whole_run()).count()
}

#[test]
fn every_question_is_answered_as_it_was() {
    let harness = Harness::start(&["2.2", "2.3"]);
    assert_eq!(harness.ask("/getCaseCount"), (vec!["2".to_owned()], None));
    let (info, code) = harness.ask("/getCaseInfo?case=1");
    let info: serde_json::Value = serde_json::from_str(&info[0]).unwrap();
    assert_eq!((info["id"].as_str(), code), (Some("2.2"), None));
    assert!(!info["description"].as_str().unwrap().is_empty());
    let (info, _) = harness.ask("/getCaseInfo?casetuple=2.3");
    assert!(info[0].contains("\"2.3\""), "{info:?}");
    harness.play("/runCase?case=1&agent=My%20Client%2F1.0");
    let status = |path: &str| serde_json::from_str::<serde_json::Value>(&harness.ask(path).0[0]).unwrap();
    assert_eq!(status("/getCaseStatus?case=1&agent=My%20Client%2F1.0"), serde_json::json!({"behavior": "OK"}));
    harness.play("/runCase?casetuple=2.3&agent=My%20Client%2F1.0");
    assert_eq!(status("/getCaseStatus?casetuple=2.3&agent=My%20Client%2F1.0"), serde_json::json!({"behavior": "OK"}));
    assert_eq!(harness.ask("/updateReports?agent=My%20Client%2F1.0&shutdownOnComplete=true"), (Vec::new(), None));
    let (exit, results) = harness.end();
    assert_eq!(exit, Some(0));
    assert_eq!(played(&results), 2);
    assert!(
        results
            .cases
            .iter()
            .filter(|case| !case.autobahn.is_empty())
            .all(|case| case.agent.as_deref() == Some("My Client/1.0"))
    );
}

#[test]
fn the_status_of_a_case_under_way_waits_for_its_end() {
    let harness = Harness::start(&["1.1.2"]);
    let mut socket = harness.call("/runCase?case=1&agent=a").unwrap();
    let address = harness.address;
    let asked = std::thread::spawn(move || {
        let stream = TcpStream::connect(address).unwrap();
        let (mut socket, _) =
            tungstenite::client(format!("ws://{address}/getCaseStatus?case=1&agent=a"), stream).unwrap();
        socket.read().unwrap().to_string()
    });
    std::thread::sleep(Duration::from_millis(200));
    assert!(!asked.is_finished(), "the case goes on");
    while let Ok(message) = socket.read() {
        if message.is_text() {
            let _ = socket.send(message);
        }
    }
    // The client ends its side of the stream as well.
    drop(socket);
    assert_eq!(asked.join().unwrap(), "{\"behavior\":\"OK\"}");
    harness.ask("/updateReports?agent=a");
    assert_eq!(harness.end().0, Some(0));
}

#[test]
fn a_wrong_question_is_refused_and_does_no_harm() {
    let harness = Harness::start(&["2.2"]);
    for path in [
        "/runCase?case=1",
        "/runCase?agent=a",
        "/runCase?case=0&agent=a",
        "/runCase?case=2&agent=a",
        "/runCase?case=x&agent=a",
        "/runCase?casetuple=9.9.9&agent=a",
        "/getCaseStatus?case=1",
        "/updateReports",
        "/getCaseInfo",
    ] {
        assert_eq!(harness.call(path).err(), Some(Some(500)), "{path}");
    }
    assert_eq!(harness.call("/nothing").err(), Some(Some(404)));
    let page = harness.raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("/getCaseCount"), "{page}");
    let blank = harness.raw("GET /runCase?case=1&agent=My Client HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n");
    assert!(blank.starts_with("HTTP/1.1 400"), "{blank}");
    harness.play("/runCase?case=1&agent=a");
    harness.ask("/stopServer");
    let (exit, results) = harness.end();
    assert_eq!((exit, played(&results)), (Some(0), 1));
}

#[test]
fn a_case_that_a_client_does_not_get_is_opened_and_closed_and_not_recorded() {
    let harness = Harness::of_config(r#""cases": ["2.2", "2.3"], "exclude-agent-cases": {"Old*": ["2.3"]}"#);
    assert_eq!(harness.ask("/getCaseCount").0, ["2"]);
    harness.play("/runCase?case=1&agent=Older");
    assert_eq!(harness.ask("/runCase?case=2&agent=Older"), (Vec::new(), None));
    harness.ask("/updateReports?agent=Older");
    let (exit, results) = harness.end();
    assert_eq!((exit, played(&results)), (Some(0), 1));
    assert!(results.whole());
}

#[test]
fn several_clients_are_served_in_one_run() {
    let harness = Harness::start(&["2.2", "2.3", "--clients", "2"]);
    for agent in ["first", "second"] {
        for case in [2, 1] {
            harness.play(&format!("/runCase?case={case}&agent={agent}"));
        }
        harness.ask(&format!("/updateReports?agent={agent}"));
    }
    let (exit, results) = harness.end();
    assert_eq!((exit, played(&results)), (Some(0), 4));
    assert!(results.whole());
    let order: Vec<_> = results.cases.iter().take(4).map(|case| case.agent.as_deref().unwrap()).collect();
    assert_eq!(order, ["first", "first", "second", "second"]);
}

#[test]
fn a_client_that_stops_before_the_last_case_breaks_the_gate() {
    let harness = Harness::start(&["2.2", "2.3"]);
    harness.play("/runCase?case=1&agent=a");
    harness.ask("/updateReports?agent=a&shutdownOnComplete=yes");
    let (exit, results) = harness.end();
    assert_eq!(exit, Some(1));
    assert!(results.end.unwrap().stopped.unwrap().contains("1 of 2"));
}

#[test]
fn more_agents_than_announced_are_refused_at_some_point() {
    let harness = Harness::start(&["2.2"]);
    let codes: Vec<Option<u16>> = (0..20)
        .map(|agent| match harness.call(&format!("/runCase?case=1&agent=a{agent}")) {
            Ok(_) => Some(101),
            Err(code) => code,
        })
        .collect();
    assert!(codes[..8].iter().all(|code| *code == Some(101)) && codes[8..].iter().all(|code| *code == Some(503)));
    let long = "x".repeat(2000);
    assert_eq!(harness.call(&format!("/runCase?case=1&agent={long}")).err(), Some(Some(503)));
    harness.ask("/updateReports?agent=a0");
    harness.end();
}

#[test]
fn connections_without_a_request_do_not_keep_a_client_away() {
    let harness = Harness::start(&["2.2", "--timeout", "500ms"]);
    let silent: Vec<TcpStream> = (0..700).map_while(|_| TcpStream::connect(harness.address).ok()).collect();
    assert_eq!(silent.len(), 700);
    harness.play("/runCase?case=1&agent=a");
    harness.ask("/updateReports?agent=a");
    let (exit, results) = harness.end();
    assert_eq!((exit, played(&results)), (Some(0), 1));
}
