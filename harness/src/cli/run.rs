//! `wsspec run`: the suite against a server or a client.

use std::collections::BTreeMap;
use std::sync::Arc;

use wsspec_reports::results::TargetInfo;

use super::arguments::{self, Output, SuiteArgs};
use super::autobahn::{Given, autobahn};
use super::config::{self, Config};
use super::listen_args::Secured;
use super::run_plan::{self, RunPlan, TargetRun};
use super::{Failure, suite};
use crate::case::Case;
use crate::play::{AdaptiveTimeout, Scale, Settings};
use crate::run::{Baseline, Exit, Gate, KnownFailure, Listener, Target, coverage};
use crate::targets::{Server, Spawner};
use crate::vocabulary::Role;

/// Runs.
pub fn run(mut options: arguments::Run) -> Result<Exit, Failure> {
    let config = config::read(options.config.as_deref())?;
    let is_url = |word: &String| word.contains("://") || word.starts_with("unix:");
    let url = options.words.first().is_some_and(is_url).then(|| options.words.remove(0));
    if let Some(second) = options.words.iter().find(|word| is_url(word)) {
        return Err(Failure::usage(format!("`{second}` is a second URL; a run has one target")));
    }
    let Config { url: own_url, start: own_start, client: own_client, listen: own_listen, .. } = config.clone();
    let own_target = url.is_some() || options.start.is_some() || options.client.is_some() || options.listen.is_some();
    let (url, start, client, listen) = if own_target || options.autobahn.is_some() {
        (url, options.start.take(), options.client.take(), options.listen.take())
    } else {
        (own_url, own_start, own_client, own_listen)
    };
    if url.is_some() && (client.is_some() || listen.is_some()) {
        return Err(Failure::usage(
            "a URL names a server, but --client and --listen test clients; leave one of them out",
        ));
    }
    if let (Some(url), Some(path)) = (&url, &options.autobahn) {
        let path = path.display();
        return Err(Failure::usage(format!("`{url}` is a target, and {path} names its own; leave one of them out")));
    }
    options.choice.cases.extend(config.cases.iter().cloned());
    options.choice.exclude.extend(config.exclude.iter().map(|exclude| exclude.case.clone()));
    options.output.gate = or(std::mem::take(&mut options.output.gate), &config.gate);
    options.output.timeout = options.output.timeout.take().or_else(|| config.timeout.clone());
    options.output.jobs = options.output.jobs.or(config.jobs);
    let words = or(std::mem::take(&mut options.words), &config.select);
    if (client.is_some() || listen.is_some()) && !options.way.is_empty() {
        return Err(Failure::usage(
            "--ca, --insecure, --cert, --connect-to and --proxy are for servers; clients get TLS by --tls",
        ));
    }
    if client.is_none() && listen.is_none() && options.autobahn.is_none() && options.secured.tls {
        return Err(Failure::usage("--tls is for clients (--client, --listen); a server with TLS has a wss:// URL"));
    }
    let headers = std::mem::take(&mut options.fields).or(&config).lines()?;
    let way = std::mem::take(&mut options.way).or(&config);
    let secured = std::mem::take(&mut options.secured).or(&config);
    let mut known = config.baseline;
    if let Some(path) = &options.baseline {
        known.extend(config::read_baseline(path)?);
    }
    let (settings, fixed_patience) = settings(&options.output)?;
    let gate = gate(&options.output)?;
    if let Some(path) = options.autobahn.clone() {
        let given = Given { options, start, words, headers, way, secured, settings, fixed_patience, gate, known };
        return autobahn(&path, given);
    }
    let role = if client.is_some() || listen.is_some() { Role::Client } else { Role::Server };

    let mut cases = suite::select(&options.choice, &words)?;
    let unproven = if words.is_empty() { unproven(&cases) } else { BTreeMap::new() };
    cases.retain(|case| case.suits(role));
    if listen.is_some() && words.is_empty() {
        // A test client written for Autobahn knows no refused handshake, and may stop at the first.
        cases.retain(|case| case.opens());
    }
    if cases.is_empty() {
        return Err(Failure::new(
            Exit::NothingSelected,
            format!("none of the selected cases is for a {role}; `wsspec list` shows what there is"),
        ));
    }
    let baseline = baseline(&known, &cases, &options.choice)?;
    block_on(async {
        let (target_run, target) = match (client, listen) {
            (Some(command), _) => {
                let placeholders = secured.placeholders(&command)?;
                let spawner = Spawner::new(&command, placeholders, &settings).await.map_err(Failure::usage)?;
                let url = Some(spawner.url("/"));
                let target = TargetInfo { role: "client".into(), url, command: Some(command), name: options.agent };
                (TargetRun::Paced(Target::Client(spawner)), target)
            }
            (None, Some(address)) => {
                let bare = address.strip_prefix("ws://").or_else(|| address.strip_prefix("wss://"));
                let secured = Secured { tls: secured.tls || address.starts_with("wss://"), ..secured };
                let address = bare.map_or(address.as_str(), |bare| bare.trim_end_matches('/'));
                let mut listener = Listener::bind(address, secured.authority()?.as_ref())
                    .await
                    .map_err(|error| Failure::new(Exit::Target, error.to_string()))?;
                listener.clients = options.clients.into();
                let url = Some(listener.url());
                let target = TargetInfo { role: "client".into(), url, command: None, name: options.agent };
                (TargetRun::Listening(listener, None), target)
            }
            (None, None) => {
                let url = match (url, &start) {
                    (Some(url), _) => url,
                    (None, Some(_)) => "ws://127.0.0.1:{port}/".to_owned(),
                    (None, None) => {
                        return Err(Failure::usage(
                            "nothing to test: give a server's URL (ws://127.0.0.1:9001/), --client COMMAND or --listen HOST:PORT",
                        ));
                    }
                };
                let route = way.route(&url)?;
                let server = Server::new(&url, start.as_deref(), headers)
                    .await
                    .and_then(|server| server.by(route))
                    .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
                let target = TargetInfo {
                    role: "server".into(),
                    url: Some(server.url.clone()),
                    command: start,
                    name: options.agent,
                };
                (TargetRun::Paced(Target::Server(server)), target)
            }
        };
        let target_runs = vec![(target_run, cases)];
        let output = options.output;
        RunPlan { target_runs, target, gate, baseline, output, settings, fixed_patience, unproven }.run().await
    })
}

/// The failures that are known among these cases; the whole suite is read when an entry fits none of them.
pub(super) fn baseline(known: &[KnownFailure], cases: &[Arc<Case>], choice: &SuiteArgs) -> Result<Baseline, Failure> {
    Baseline::bind(known, cases, today(), || Ok(suite::load(choice)?.into_cases()))
}

/// The day, in UTC: the same on every machine.
fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}

/// The duties that could be seen on the wire and that nothing in the suite proves, with the reason and whether they are beyond a
/// run.
pub(super) fn unproven(cases: &[Arc<Case>]) -> BTreeMap<String, (String, bool)> {
    let covered = coverage(cases.iter().map(AsRef::as_ref));
    let unproven = covered.into_iter().filter(|one| one.counts() && !one.proven());
    unproven.map(|one| (one.requirement.id.to_owned(), (one.reason.unwrap_or_default(), one.beyond))).collect()
}

fn or(own: Vec<String>, other: &[String]) -> Vec<String> {
    if own.is_empty() { other.to_vec() } else { own }
}

/// Runs a future on this thread: one core for the harness, the others for the target.
pub(super) fn block_on(future: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Bug, format!("cannot start: {error}")))?;
    let result = runtime.block_on(future);
    // Connections that are held open by others need not be waited for.
    runtime.shutdown_background();
    result
}

/// Bounds, seed and timeout; whether the timeout was given.
pub(super) fn settings(output: &Output) -> Result<(Settings, bool), Failure> {
    let mut settings = Settings { seed: run_plan::seed(&output.seed)?, ..Settings::default() };
    if let Some(text) = &output.timeout {
        settings.timeout = run_plan::time(text)?;
        settings.barrier_after = settings.barrier_after.min(settings.timeout / 2);
        settings.adaptive_timeout = AdaptiveTimeout::fixed();
    }
    if output.full {
        settings.scale = Scale::Full;
    }
    Ok((settings, output.timeout.is_some()))
}

/// The gate that was asked for.
pub(super) fn gate(output: &Output) -> Result<Option<Gate>, Failure> {
    if output.no_gate {
        return Ok(None);
    }
    let mut gate = Gate { strict: output.strict, ..Gate::default() };
    if !output.gate.is_empty() {
        let words = output.gate.iter().flat_map(|text| text.split(','));
        gate.limits = words.map(str::parse).collect::<Result<_, _>>().map_err(Failure::usage)?;
    }
    Ok(Some(gate))
}
