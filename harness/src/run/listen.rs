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
use tokio_util::sync::CancellationToken;
use wsspec_reports::results::CaseResult;

use super::delivery::Deliveries;
use super::engine::{Stopped, milliseconds, unasked};
use super::looping_client::{decode, lacks, refuse, word_of};
use super::record::record;
use crate::case::{Case, Certificate, Ends, Handshake, Send, SendFrame, SendKind, Source, Step, StepKind};
use crate::judge::{Verdict, judge};
use crate::language::select::wildcard;
use crate::link::tls::{Authority, CertificateTrouble, ServerTls};
use crate::link::{Address, AddressError, Link, Listening};
use crate::play::{Call, RequestOf, Settings, play_against_client, read_request};
use crate::vocabulary::{Level, Role};
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
    /// Which clients do not get which cases.
    pub exclusions: Vec<Exclusion>,
    /// How many clients, by their names, are to ask for their reports before the run is over.
    pub clients: usize,
}

/// Cases that some clients do not get: their connection opens and is closed, and nothing is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusion {
    /// A pattern of agents' names, from end to end; `*` stands for anything.
    pub agents: String,
    /// The cases, by their place in the run, from 0.
    pub numbers: BTreeSet<usize>,
}

/// How a loop of calls ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// The first client's name.
    pub agent: Option<String>,
    /// How many cases the clients do not get.
    pub excluded: usize,
}

/// What a connection tells the run.
enum ServerEvent {
    /// A case was played.
    Case(usize, Box<CaseResult>),
    /// Something was asked.
    Alive,
    /// A case has begun.
    Began,
    /// A client wants reports: it is through, and whether the harness is to stop.
    Through(String, bool),
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
    exclusions: Vec<Exclusion>,
    tell: mpsc::UnboundedSender<ServerEvent>,
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
        let tls = authority.map(|authority| authority.server(Certificate::Valid)).transpose()?;
        let address = listening.address().to_string();
        Ok(Self { listening, tls, address, exclusions: Vec::new(), clients: 1 })
    }

    /// The URL that clients call, as its base.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "wss" } else { "ws" };
        match self.listening.address() {
            Address::Tcp(..) => format!("{scheme}://{}/", self.address),
            Address::Unix(path) => format!("{scheme}+unix:{}", path.display()),
        }
    }

    /// Serves until all clients have asked for their reports, or one says that the harness is to stop; returns who they were.
    ///
    /// `each` gets the result of a case with its number, which counts over all clients.
    ///
    /// # Errors
    /// When it was interrupted, or the client stays away.
    pub async fn serve(
        self,
        cases: &[Arc<Case>],
        settings: &Settings,
        deliveries: Deliveries,
        replay: &str,
        cancel: &CancellationToken,
        each: &mut (dyn FnMut(CaseResult) + std::marker::Send),
    ) -> Result<Served, Stopped> {
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
            exclusions: self.exclusions.clone(),
            tell,
            status: Mutex::new(BTreeMap::new()),
            changed: Notify::new(),
        });
        let accepting = tokio::spawn(accept(self.listening, shared));
        // The clients in the order in which they came.
        let mut agents: Vec<String> = Vec::new();
        let mut ready = BTreeSet::new();
        let mut last: Option<Instant> = None;
        let mut flying = 0_usize;
        let mut trouble = None;
        let mut played = BTreeSet::new();
        // What the client has asked for at the end; cases that are still under way are waited for, but not for ever.
        let mut through: Option<(Option<String>, Instant)> = None;
        let result = loop {
            if let Some((name, _)) = through.as_ref().filter(|(_, until)| flying == 0 || *until <= Instant::now()) {
                break Ok(name.clone());
            }
            let timeout = through.as_ref().map(|(_, until)| *until).or(last.map(|last| last + IDLE));
            let next = tokio::select! {
                next = told.recv() => next,
                () = sleep_until(timeout) => {
                    if through.is_some() {
                        continue;
                    }
                    let why = trouble.map_or_else(String::new, |why| format!("; the last TLS handshake failed: {why}"));
                    break Err(Stopped::Dead(format!("the client has not called for {} s{why}", IDLE.as_secs())));
                }
                () = cancel.cancelled() => break Err(Stopped::Interrupted),
            };
            last = Some(Instant::now());
            match next {
                Some(ServerEvent::Began) => flying += 1,
                Some(ServerEvent::Case(number, result)) => {
                    flying = flying.saturating_sub(1);
                    let name = result.agent.clone().unwrap_or_default();
                    let place = agents.iter().position(|known| *known == name).unwrap_or_else(|| {
                        agents.push(name);
                        agents.len() - 1
                    });
                    // A client may call again by itself when its connection broke; the first play counts.
                    if played.insert((result.agent.clone(), number)) {
                        each(CaseResult { number: Some(place * cases.len() + number), ..*result });
                    }
                }
                Some(ServerEvent::Alive) => {}
                Some(ServerEvent::NoTls(why)) => trouble = Some(why),
                Some(ServerEvent::Through(name, stop)) => {
                    ready.insert(name.clone());
                    if stop || ready.len() >= self.clients {
                        through = Some((Some(name), Instant::now() + settings.timeout * 2));
                    }
                }
                Some(ServerEvent::Stop) => through = Some((None, Instant::now() + settings.timeout * 2)),
                None => break Ok(None),
            }
        };
        accepting.abort();
        result.map(|last| {
            let all: BTreeSet<&String> = agents.iter().chain(&ready).collect();
            let excluded = all.into_iter().map(|agent| excluded(&self.exclusions, agent).len()).sum();
            Served { agent: agents.into_iter().next().or(last), excluded }
        })
    }
}

/// The cases that this client does not get.
fn excluded(exclusions: &[Exclusion], agent: &str) -> BTreeSet<usize> {
    let fitting = exclusions.iter().filter(|one| wildcard(&one.agents, agent));
    fitting.flat_map(|one| one.numbers.iter().copied()).collect()
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
    match tls.accept(link, shared.settings.timeout).await {
        Ok(link) => Some(link),
        Err(error) => {
            let advice = "let the client trust the CA that --ca-out FILE writes";
            let _ = shared.tell.send(ServerEvent::NoTls(format!("{error}; {advice}")));
            None
        }
    }
}

async fn serve_one(link: Link, shared: Arc<Shared>) {
    let Some(link) = secure(link, &shared).await else { return };
    let Ok(request) = read_request(link, &shared.settings).await else { return };
    let target = match &request.head.start {
        Start::Request { target, .. } if !target.contains([' ', '\t']) => target.clone(),
        _ => return refuse(request, 400, "this is no request of HTTP; is there a blank in the URL?\n").await,
    };
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
    let _ = shared.tell.send(ServerEvent::Alive);
    match (path, chosen, agent) {
        ("/getCaseCount", ..) => answer(request, &shared, Some(shared.cases.len().to_string())).await,
        ("/getCaseInfo", Some((_, case)), _) => {
            let id = case.autobahn.first().unwrap_or(&case.id);
            let info = serde_json::json!({"id": id, "description": case.title});
            answer(request, &shared, Some(info.to_string())).await;
        }
        ("/runCase", Some((number, _)), Some(agent)) if excluded(&shared.exclusions, &agent).contains(&number) => {
            answer(request, &shared, None).await;
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
            let stop = parameter("shutdownOnComplete").is_some_and(|word| matches!(&*word, "true" | "yes"));
            let _ = shared.tell.send(ServerEvent::Through(agent, stop));
        }
        ("/stopServer", ..) => {
            answer(request, &shared, None).await;
            let _ = shared.tell.send(ServerEvent::Stop);
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
    let call = Call::of_client(shared.host.as_str(), target).over_tls(shared.tls.is_some());
    // A client may know this host by another name, such as localhost; what it calls itself by is not the case's matter.
    let call = match request.head.first("Host") {
        Some(host) if host.rsplit(':').next() == shared.host.rsplit(':').next() => Call { host, ..call },
        _ => call,
    };
    let name = request.head.first("User-Agent");
    let _ = shared.tell.send(ServerEvent::Began);
    // A looping client calls once for each case, so that each is played in one way.
    let delivery = shared.deliveries.of(case).first().copied().unwrap_or_default();
    let settings = Settings { delivery, ..shared.settings.with_current_timeout() };
    let left_out = lacks(case, &request).or_else(|| unasked(case, &settings));
    let played = match &left_out {
        // The client is let go with a right handshake and a closing handshake.
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
    let mut result = record(case, Role::Client, &verdict, Some(&played), shared.replay.replace("{case}", &case.id));
    result.delivery = delivery.name().map(str::to_owned);
    result.timeout_ms = (settings.timeout != shared.settings.timeout).then(|| milliseconds(settings.timeout));
    result.agent = Some(agent.clone()).or(name);
    shared.status.lock().await.insert((agent, number), word_of(result.outcome));
    shared.changed.notify_waiters();
    let _ = shared.tell.send(ServerEvent::Case(number, Box::new(result)));
}

/// The word for a case; a case that is still under way is waited for.
async fn status(shared: &Shared, key: (String, usize)) -> &'static str {
    let deadline = Instant::now() + shared.settings.timeout * 2;
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
    let call = Call::of_client(shared.host.as_str(), "/");
    play_against_client(&send_then_close(text), request, &call, &shared.settings).await;
}

/// A conversation that says `text`, if there is one, and closes.
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
