//! Clients that loop by themselves, in Autobahn's URL protocol.
//!
//! A client asks `/getCaseCount`, then `/runCase?case=N&agent=A` for each number from 1, and `/updateReports?agent=A` at the end.
//! Existing drivers work unchanged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Mutex, Notify, mpsc};
use tokio::time::Instant;
use wsspec_reports::results::CaseResult;

use super::called::{decode, lacks};
use super::delivery::Deliveries;
use super::engine::Stopped;
use super::record::record;
use crate::case::model::{
    Case, Certificate, Ends, Handshake, HeadExpect, HeadPatch, Level, Role, Send, SendFrame, SendKind, Source, Step,
    StepKind, TlsPart,
};
use crate::judge::{Verdict, judge};
use crate::link::tls::{Authority, CertificateTrouble, ServerTls};
use crate::link::{Address, AddressError, Link, Listening};
use crate::play::{Call, RequestOf, Settings, client_head, play_against_client, read_request};
use crate::wire::Opcode;
use crate::wire::handshake::Start;

/// How long a client may stay away between two calls before it is given up.
const IDLE: Duration = Duration::from_secs(60);

/// Why the harness cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No certificate can be made.
    #[error(transparent)]
    Certificate(#[from] CertificateTrouble),
    /// The address is in use, or none of this machine.
    #[error("cannot listen on {address}: {source}; choose another address, or stop what uses it")]
    Bind {
        /// The address as given.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
}

/// A harness that waits for clients.
#[derive(Debug)]
pub struct Listener {
    listening: Listening,
    tls: Option<ServerTls>,
    /// Where it listens: `HOST:PORT`, or the path of a Unix socket.
    pub address: String,
}

/// What a connection tells the run.
enum Told {
    /// A case was played.
    Case(usize, Box<CaseResult>),
    /// Something was asked.
    Alive,
    /// A case has begun.
    Began,
    /// The client wants reports: it is through.
    Through(String),
    /// It wants the harness to stop.
    Stop,
    /// A TLS handshake failed.
    NoTls(String),
}

/// What all connections share.
struct Shared {
    cases: Vec<Arc<Case>>,
    settings: Settings,
    deliveries: Deliveries,
    tls: Option<ServerTls>,
    host: String,
    replay: String,
    tell: mpsc::UnboundedSender<Told>,
    /// Outcome words by agent and case number, for `/getCaseStatus`.
    status: Mutex<BTreeMap<(String, usize), &'static str>>,
    changed: Notify,
}

impl Listener {
    /// Listens at `HOST:PORT` or `unix:PATH`, with TLS where there is an authority.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn bind(address: &str, authority: Option<&Authority>) -> Result<Self, ListenError> {
        let error = |source| ListenError::Bind { address: address.to_owned(), source };
        let listening = Listening::bind(&address.parse()?).await.map_err(error)?;
        let tls = authority.map(|authority| authority.server(Certificate::Right)).transpose()?;
        let address = listening.address().to_string();
        Ok(Self { listening, tls, address })
    }

    /// The URL that clients call, as its base.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "wss" } else { "ws" };
        match self.listening.address() {
            Address::Tcp(..) => format!("{scheme}://{}/", self.address),
            Address::Unix(path) => format!("{scheme}+unix:{}", path.display()),
        }
    }

    /// Serves until a client asks for its reports; returns the agent's name.
    ///
    /// # Errors
    /// When it was interrupted, or the client stays away.
    pub async fn serve(
        self,
        cases: &[Arc<Case>],
        settings: &Settings,
        deliveries: Deliveries,
        replay: &str,
        interrupt: &mut tokio::sync::watch::Receiver<bool>,
        each: &mut dyn FnMut(usize, CaseResult),
    ) -> Result<Option<String>, Stopped> {
        let (tell, mut told) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            cases: cases.to_vec(),
            settings: settings.clone(),
            deliveries,
            host: match self.listening.address() {
                Address::Tcp(..) => self.address.clone(),
                Address::Unix(_) => "localhost".to_owned(),
            },
            tls: self.tls,
            replay: replay.to_owned(),
            tell,
            status: Mutex::new(BTreeMap::new()),
            changed: Notify::new(),
        });
        let accepting = tokio::spawn(accept(self.listening, shared));
        let mut agent = None;
        let mut last: Option<Instant> = None;
        let mut flying = 0_usize;
        let mut trouble = None;
        let mut played = BTreeSet::new();
        // What the client has asked for at the end; cases that are still under way are waited for, but not for ever.
        let mut through: Option<(Option<String>, Instant)> = None;
        let result = loop {
            if let Some((name, _)) = through.as_ref().filter(|(_, until)| flying == 0 || *until <= Instant::now()) {
                break Ok(agent.or_else(|| name.clone()));
            }
            let patience = through.as_ref().map(|(_, until)| *until).or(last.map(|last| last + IDLE));
            let next = tokio::select! {
                next = told.recv() => next,
                () = sleep_until(patience) => {
                    if through.is_some() {
                        continue;
                    }
                    let why = trouble.map_or_else(String::new, |why| format!("; the last TLS handshake failed: {why}"));
                    break Err(Stopped::Dead(format!("the client has not called for {} s{why}", IDLE.as_secs())));
                }
                _ = interrupt.wait_for(|stop| *stop) => break Err(Stopped::Interrupted),
            };
            last = Some(Instant::now());
            match next {
                Some(Told::Began) => flying += 1,
                Some(Told::Case(number, result)) => {
                    flying = flying.saturating_sub(1);
                    agent = agent.or_else(|| result.agent.clone());
                    // A client may call again by itself when its connection broke; the first play counts.
                    if played.insert((result.agent.clone(), number)) {
                        each(number, *result);
                    }
                }
                Some(Told::Alive) => {}
                Some(Told::NoTls(why)) => trouble = Some(why),
                Some(Told::Through(name)) => through = Some((Some(name), Instant::now() + settings.patience * 2)),
                Some(Told::Stop) => through = Some((None, Instant::now() + settings.patience * 2)),
                None => break Ok(agent),
            }
        };
        accepting.abort();
        result
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

async fn accept(listening: Listening, shared: Arc<Shared>) {
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        let Ok(link) = listening.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        while tasks.try_join_next().is_some() {}
        tasks.spawn(serve_one(link, Arc::clone(&shared)));
    }
}

/// Does the TLS handshake, where there is one to be done.
async fn secure(link: Link, shared: &Shared) -> Option<Link> {
    let Some(tls) = &shared.tls else { return Some(link) };
    match tls.accept(link, shared.settings.patience).await {
        Ok(link) => Some(link),
        Err(error) => {
            let advice = "let the client trust the CA that --ca-out FILE writes";
            let _ = shared.tell.send(Told::NoTls(format!("{error}; {advice}")));
            None
        }
    }
}

async fn serve_one(link: Link, shared: Arc<Shared>) {
    let Some(link) = secure(link, &shared).await else { return };
    let Ok(request) = read_request(link, &shared.settings).await else { return };
    let Start::Request { target, .. } = &request.head.start else { return };
    let target = target.clone();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let parameter = |name: &str| {
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| decode(v))
    };
    let agent = parameter("agent").filter(|agent| !agent.is_empty());
    let number = parameter("casetuple").map_or_else(
        || parameter("case").and_then(|number| number.parse::<usize>().ok()?.checked_sub(1)),
        |id| shared.cases.iter().position(|case| case.autobahn.contains(&id)),
    );
    let chosen = number.and_then(|number| Some((number, shared.cases.get(number)?)));
    let _ = shared.tell.send(Told::Alive);
    match (path, chosen, agent) {
        ("/getCaseCount", ..) => answer(request, &shared, Some(shared.cases.len().to_string())).await,
        ("/getCaseInfo", Some((_, case)), _) => {
            let id = case.autobahn.first().unwrap_or(&case.id);
            let info = serde_json::json!({"id": id, "description": case.title});
            answer(request, &shared, Some(info.to_string())).await;
        }
        ("/runCase", Some((number, case)), Some(agent)) => {
            run_case(request, &shared, number, case, agent, &target).await
        }
        ("/getCaseStatus", Some((number, _)), Some(agent)) => {
            let word = status(&shared, (agent, number)).await;
            answer(request, &shared, Some(serde_json::json!({ "behavior": word }).to_string())).await;
        }
        ("/updateReports", _, Some(agent)) => {
            answer(request, &shared, None).await;
            let _ = shared.tell.send(Told::Through(agent));
        }
        ("/stopServer", ..) => {
            answer(request, &shared, None).await;
            let _ = shared.tell.send(Told::Stop);
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

async fn run_case(request: RequestOf, shared: &Shared, number: usize, case: &Arc<Case>, agent: String, target: &str) {
    let call = Call { role: Role::Client, host: shared.host.clone(), path: target.to_owned(), headers: Vec::new() };
    // A client may know this host by another name, such as localhost; what it calls itself by is not the case's matter.
    let call = match request.head.first("Host") {
        Some(host) if host.rsplit(':').next() == shared.host.rsplit(':').next() => Call { host, ..call },
        _ => call,
    };
    let name = request.head.first("User-Agent");
    let lacks = lacks(case, &request);
    let _ = shared.tell.send(Told::Began);
    // A looping client calls once for each case, so that each is played in one way.
    let delivery = shared.deliveries.of(case).first().copied().unwrap_or_default();
    let settings = Settings { delivery, ..shared.settings.clone() };
    let played = play_against_client(case, request, &call, &settings).await;
    let verdict = match lacks {
        Some(finding) => Verdict::of(vec![finding]),
        None => judge(case, &played, &call),
    };
    let mut result = record(case, Role::Client, &verdict, Some(&played), shared.replay.replace("{case}", &case.id));
    result.delivery = delivery.name().map(str::to_owned);
    result.agent = Some(agent.clone()).or(name);
    shared.status.lock().await.insert((agent, number), word_of(result.outcome));
    shared.changed.notify_waiters();
    let _ = shared.tell.send(Told::Case(number, Box::new(result)));
}

/// Autobahn's word for an outcome.
const fn word_of(outcome: wsspec_reports::results::Outcome) -> &'static str {
    use wsspec_reports::results::Outcome as O;
    match outcome {
        O::Pass => "OK",
        O::Lenient => "NON-STRICT",
        O::Info => "INFORMATIONAL",
        O::Unsupported => "UNIMPLEMENTED",
        O::Fail | O::Error => "FAILED",
    }
}

/// The word for a case; a case that is still under way is waited for.
async fn status(shared: &Shared, key: (String, usize)) -> &'static str {
    let deadline = Instant::now() + shared.settings.patience * 2;
    loop {
        let changed = shared.changed.notified();
        if let Some(word) = shared.status.lock().await.get(&key) {
            return word;
        }
        if tokio::time::timeout_at(deadline, changed).await.is_err() {
            return "FAILED";
        }
    }
}

/// Opens the connection, says `text` if there is one, and closes.
async fn answer(request: RequestOf, shared: &Shared, text: Option<String>) {
    let mut frames: Vec<SendFrame> =
        text.map(|text| SendFrame::plain(Opcode::TEXT, Bytes::from(text))).into_iter().collect();
    frames.push(SendFrame::plain(Opcode::CLOSE, Bytes::new()));
    let send = Send { kind: SendKind::Frames(frames), chop: None };
    let case = Case {
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
        handshake: Handshake {
            tls: TlsPart::default(),
            request: HeadPatch::default(),
            response: HeadPatch::default(),
            expect: Vec::<HeadExpect>::new(),
        },
        steps: vec![Step { kind: StepKind::Send(send), line: 0 }],
        ends: Ends::Clean,
        source: Source { file: "listen".into(), line: 0, yaml: "".into(), row: Vec::new() },
    };
    let call = Call { role: Role::Client, host: shared.host.clone(), path: "/".into(), headers: Vec::new() };
    play_against_client(&case, request, &call, &shared.settings).await;
}

async fn refuse(request: RequestOf, status: u16, body: &str) {
    let mut link = request.link;
    let octets = client_head(status, &[("Content-Type", "text/plain")], body);
    let mut at = 0;
    let mut buffer = [0; 512];
    while let Some(rest) = octets.get(at..).filter(|rest| !rest.is_empty()) {
        match link.exchange(rest, &mut buffer, false).await {
            crate::link::Exchange::Wrote(count) => at += count,
            _ => return,
        }
    }
    link.half_close().await;
    // The client's end, or a moment, so that no reset destroys the answer.
    let _ = tokio::time::timeout(Duration::from_secs(1), async { while link.read(&mut buffer).await.is_ok() {} }).await;
}
