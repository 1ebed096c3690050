//! The calls of clients that loop by themselves: what each connection asks for, and the case that it plays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use wsspec_reports::results::CaseResult;

use super::delivery::Deliveries;
use super::engine::{milliseconds, unasked};
use super::listen::Exclusion;
use super::looping_client::{decode, lacks, refuse, word_of};
use super::record::record;
use super::wildcard::wildcard;
use crate::case::{Case, Ends, Handshake, Send, SendFrame, SendKind, Source, Step, StepKind};
use crate::judge::{Verdict, judge};
use crate::link::tls::ServerTls;
use crate::link::{Link, Listening};
use crate::play::{Call, RequestOf, Settings, play_against_client, read_request};
use crate::vocabulary::{Level, Role};
use crate::wire::Opcode;
use crate::wire::handshake::Start;

/// How many connections are served at once. Others wait in the queue of the operating system.
const MAX_CONNECTIONS: usize = 512;
/// The longest name of an agent, in bytes.
const MAX_AGENT: usize = 256;

/// What a connection reports to the run.
pub(super) enum ServerEvent {
    /// A call was made.
    Called,
    /// A case has begun.
    CaseBegan,
    /// The case with this number has ended.
    CaseEnded(usize, Box<CaseResult>),
    /// The client with this name has ended and requests reports; whether the harness is to stop.
    ReportsRequested(String, bool),
    /// The client requests that the harness stops.
    StopRequested,
    /// A TLS handshake failed.
    TlsFailed(String),
}

/// What all connections share. The locks are never held across an await, and a panic leaves their contents valid.
pub(super) struct Calls {
    pub cases: Vec<Arc<Case>>,
    pub settings: Settings,
    pub deliveries: Deliveries,
    pub tls: Option<ServerTls>,
    /// What a client's Host field should be.
    pub host: String,
    /// The command that plays a case again.
    pub replay: String,
    pub exclusions: Vec<Exclusion>,
    /// How many agents may play.
    pub max_agents: usize,
    /// The agents that have played. They bound what is kept for them.
    pub agents: Mutex<BTreeSet<String>>,
    pub events: mpsc::Sender<ServerEvent>,
    /// Outcome words by agent and case number, for `/getCaseStatus`.
    pub status: Mutex<BTreeMap<(String, usize), &'static str>>,
    /// Notified when a status is added.
    pub changed: Notify,
}

impl Calls {
    /// Reports an event. Nobody receives it when the run has ended.
    async fn report(&self, event: ServerEvent) {
        let _ = self.events.send(event).await;
    }

    /// Whether an agent may play: it has played before, or there is room for another one.
    fn admits(&self, agent: &str) -> bool {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        agents.contains(agent)
            || (agent.len() <= MAX_AGENT && agents.len() < self.max_agents && agents.insert(agent.to_owned()))
    }
}

/// The cases that this client does not get.
pub(super) fn excluded(exclusions: &[Exclusion], agent: &str) -> BTreeSet<usize> {
    let fitting = exclusions.iter().filter(|one| wildcard(&one.agents, agent));
    fitting.flat_map(|one| one.numbers.iter().copied()).collect()
}

/// Accepts connections until it is dropped.
pub(super) async fn accept(listening: Listening, calls: Arc<Calls>) {
    let mut tasks = JoinSet::new();
    loop {
        while tasks.try_join_next().is_some() {}
        if tasks.len() >= MAX_CONNECTIONS {
            tasks.join_next().await;
        }
        let Ok(link) = listening.accept().await else {
            // Most likely there are no more file descriptors: running cases get time to end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        tasks.spawn(serve_one(link, Arc::clone(&calls)));
    }
}

/// Makes the TLS handshake, if the run has TLS.
async fn secure(link: Link, calls: &Calls) -> Option<Link> {
    let Some(tls) = &calls.tls else { return Some(link) };
    match tls.accept(link, calls.settings.timeout).await {
        Ok(link) => Some(link),
        Err(error) => {
            let advice = "let the client trust the CA that --ca-out FILE writes";
            calls.report(ServerEvent::TlsFailed(format!("{error}; {advice}"))).await;
            None
        }
    }
}

async fn serve_one(link: Link, calls: Arc<Calls>) {
    let Some(link) = secure(link, &calls).await else { return };
    let Ok(request) = read_request(link, &calls.settings).await else { return };
    let target = match &request.head.start {
        Start::Request { target, .. } if !target.contains([' ', '\t']) => target.clone(),
        _ => return refuse(request, 400, "this is not an HTTP request: is there a space in the URL?\n").await,
    };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let parameter = |name: &str| {
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| decode(v))
    };
    let agent = parameter("agent").filter(|agent| !agent.is_empty());
    let number = parameter("casetuple").map_or_else(
        || parameter("case").and_then(|number| number.parse::<usize>().ok()?.checked_sub(1)),
        |id| calls.cases.iter().position(|case| case.autobahn.contains(&id)),
    );
    let chosen = number.and_then(|number| Some((number, calls.cases.get(number)?)));
    calls.report(ServerEvent::Called).await;
    match (path, chosen, agent) {
        ("/getCaseCount", ..) => answer(request, &calls, Some(calls.cases.len().to_string())).await,
        ("/getCaseInfo", Some((_, case)), _) => {
            let id = case.autobahn.first().unwrap_or(&case.id);
            let info = serde_json::json!({"id": id, "description": case.title});
            answer(request, &calls, Some(info.to_string())).await;
        }
        ("/runCase", Some((number, _)), Some(agent)) if excluded(&calls.exclusions, &agent).contains(&number) => {
            answer(request, &calls, None).await;
        }
        ("/runCase" | "/updateReports", _, Some(agent)) if !calls.admits(&agent) => {
            refuse(request, 503, "too many agents, or a name that is too long: --clients N admits more\n").await;
        }
        ("/runCase", Some((number, case)), Some(agent)) => {
            run_case(request, &calls, number, case, agent, &target).await
        }
        ("/getCaseStatus", Some((number, _)), Some(agent)) => {
            let word = status(&calls, (agent, number)).await;
            answer(request, &calls, Some(serde_json::json!({ "behavior": word }).to_string())).await;
        }
        ("/updateReports", _, Some(agent)) => {
            answer(request, &calls, None).await;
            let stop = parameter("shutdownOnComplete").is_some_and(|word| matches!(&*word, "true" | "yes"));
            calls.report(ServerEvent::ReportsRequested(agent, stop)).await;
        }
        ("/stopServer", ..) => {
            answer(request, &calls, None).await;
            calls.report(ServerEvent::StopRequested).await;
        }
        ("/getCaseInfo" | "/runCase" | "/getCaseStatus" | "/updateReports", ..) => {
            refuse(request, 500, "a parameter is missing, or there is no such case\n").await;
        }
        ("/" | "/index.html", ..) if !request.head.has_token("Upgrade", "websocket") => {
            refuse(request, 200, "wsspec listens here for WebSocket clients: /getCaseCount, /runCase?case=N&agent=A, /updateReports?agent=A\n").await;
        }
        _ => refuse(request, 404, "wsspec knows no such path\n").await,
    }
}

async fn run_case(request: RequestOf, calls: &Calls, number: usize, case: &Arc<Case>, agent: String, target: &str) {
    let call = Call::of_client(calls.host.as_str(), target).over_tls(calls.tls.is_some());
    // A client may use another name of this host, such as localhost, which no case is about.
    let call = match request.head.first("Host") {
        Some(host) if host.rsplit(':').next() == calls.host.rsplit(':').next() => Call { host, ..call },
        _ => call,
    };
    let name = request.head.first("User-Agent");
    calls.report(ServerEvent::CaseBegan).await;
    // A looping client calls once for each case, so that each is played in one delivery.
    let delivery = calls.deliveries.of(case).first().copied().unwrap_or_default();
    let settings = Settings { delivery, ..calls.settings.with_current_timeout() };
    let left_out = lacks(case, &request).or_else(|| unasked(case, &settings));
    let played = match &left_out {
        // The client gets a valid opening handshake and a closing handshake.
        Some(_) => play_against_client(&send_then_close(None), request, &call, &settings).await,
        None => play_against_client(case, request, &call, &settings).await,
    };
    let verdict = match left_out {
        Some(finding) => Verdict::of(vec![finding]),
        None => judge(case, &played, &call),
    };
    if !verdict.outcome.is_broken() {
        settings.adaptive_timeout.observe(played.transcript.slowest_reaction());
    }
    let mut result = record(case, Role::Client, &verdict, Some(&played), calls.replay.replace("{case}", &case.id));
    result.delivery = delivery.name().map(str::to_owned);
    result.timeout_ms = (settings.timeout != calls.settings.timeout).then(|| milliseconds(settings.timeout));
    result.agent = Some(agent.clone()).or(name);
    calls.status.lock().unwrap_or_else(PoisonError::into_inner).insert((agent, number), word_of(result.outcome));
    calls.changed.notify_waiters();
    calls.report(ServerEvent::CaseEnded(number, Box::new(result))).await;
}

/// The word for a case. A case that is being played is waited for.
async fn status(calls: &Calls, key: (String, usize)) -> &'static str {
    let deadline = Instant::now() + calls.settings.timeout * 2;
    loop {
        let changed = calls.changed.notified();
        let known = calls.status.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        if let Some(word) = known {
            return word;
        }
        if tokio::time::timeout_at(deadline, changed).await.is_err() {
            return "FAILED";
        }
    }
}

/// Opens the connection, sends `text` if there is one, and closes.
async fn answer(request: RequestOf, calls: &Calls, text: Option<String>) {
    let call = Call::of_client(calls.host.as_str(), "/");
    play_against_client(&send_then_close(text), request, &call, &calls.settings).await;
}

/// A case that sends `text`, if there is one, and closes.
fn send_then_close(text: Option<String>) -> Case {
    let mut frames: Vec<SendFrame> =
        text.map(|text| SendFrame::plain(Opcode::TEXT, Bytes::from(text))).into_iter().collect();
    frames.push(SendFrame::plain(Opcode::CLOSE, Bytes::new()));
    let send = Send { kind: SendKind::Frames(frames), split: None };
    Case {
        id: "listen".into(),
        title: String::new(),
        note: None,
        group: String::new(),
        autobahn: Vec::new(),
        role: Some(Role::Client),
        spec: Vec::new(),
        proves: Vec::new(),
        level: Level::Info,
        needs: Vec::new(),
        handshake: Handshake::default(),
        steps: vec![Step { kind: StepKind::Send(send), line: 0 }],
        ends: Ends::Clean,
        stress: false,
        idle_connections: 0,
        measures: Vec::new(),
        source: Source { file: "listen".into(), line: 0, ..Source::default() },
    }
}
