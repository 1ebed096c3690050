//! `wsspec run`: the suite against a server or a client.

use std::collections::BTreeMap;
use std::sync::Arc;

use wsspec_reports::results::TargetInfo;

use super::arguments;
use super::autobahn::{Given, autobahn};
use super::config::{self, Config};
use super::connection_args::{RouteArgs, command_line};
use super::execute::{execute, replay_command};
use super::failure::Failure;
use super::listen_args::Secured;
use super::runtime::block_on;
use super::{setup, suite, terminal, values};
use crate::run::{Exit, Listener, LoopingClient, Plan, Target};
use crate::secrets::Secrets;
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
    if (client.is_some() || listen.is_some()) && !options.route_args.is_empty() {
        return Err(Failure::usage(
            "--ca, --insecure, --cert, --connect-to and --proxy are for servers; clients get TLS by --tls",
        ));
    }
    if client.is_none() && listen.is_none() && options.autobahn.is_none() && options.secured.tls {
        return Err(Failure::usage("--tls is for clients (--client, --listen); a server with TLS has a wss:// URL"));
    }
    let fields = std::mem::take(&mut options.fields).or(&config);
    let route_args = std::mem::take(&mut options.route_args).or(&config);
    let mut marked = fields.secrets()?;
    route_args.proxy.iter().chain(&url).for_each(|url| marked.url(url));
    let headers = fields.lines()?;
    let secured = std::mem::take(&mut options.secured).or(&config);
    let mut known = config.baseline;
    if let Some(path) = &options.baseline {
        known.extend(config::read_baseline(path)?);
    }
    let play = values::options(&options.output)?;
    let gate = values::gate(&options.output)?;
    if let Some(path) = options.autobahn.clone() {
        let given = Given { options, start, words, headers, marked, route_args, secured, play, gate, known };
        return autobahn(&path, given);
    }
    let secrets = Secrets::new(&marked).map_err(Failure::usage)?;
    terminal::hide(&secrets);
    let role = if client.is_some() || listen.is_some() { Role::Client } else { Role::Server };

    let mut cases = suite::select(&options.choice, &words)?;
    let unproven = if words.is_empty() { values::unproven(&cases) } else { BTreeMap::new() };
    cases.retain(|case| case.suits(role));
    if listen.is_some() && words.is_empty() {
        // A test client written for Autobahn knows no refused handshake, and may stop at the first.
        cases.retain(|case| case.opens());
    }
    if cases.is_empty() {
        return Err(Failure::new(
            Exit::NothingSelected,
            format!("none of the selected cases is for a {role}; `wsspec list` shows all cases"),
        ));
    }
    let baseline = values::baseline(&known, &cases, &options.choice)?;
    block_on(async |cancel| {
        let (target, info, setup): (Arc<dyn Target>, _, _) = match (client, listen) {
            (Some(command), _) => {
                let placeholders = secured.placeholders(&command)?;
                let spawner = Spawner::new(&command, placeholders).map_err(Failure::usage)?;
                let url = Some(spawner.url());
                let info = TargetInfo { role: "client".into(), url, command: Some(command), name: options.agent };
                (Arc::new(spawner), info, setup::record(None, &[], &RouteArgs::default()))
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
                let info = TargetInfo { role: "client".into(), url, command: None, name: options.agent };
                let client = LoopingClient::new(listener, None);
                (Arc::new(client), info, setup::record(None, &[], &RouteArgs::default()))
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
                let (route, setup) = (route_args.route(&url)?, setup::record(Some(&url), &headers, &route_args));
                let server = Server::new(&url, start.as_deref(), headers)
                    .await
                    .and_then(|server| server.by(route))
                    .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
                let url = Some(server.url.clone());
                let info = TargetInfo { role: "server".into(), url, command: start, name: options.agent };
                (Arc::new(server), info, setup)
            }
        };
        let plan = Plan {
            targets: vec![(target, cases)],
            target: info,
            setup,
            command: command_line(),
            replay: replay_command(&options.output),
            options: play,
            gate,
            baseline,
            unproven,
            secrets,
        };
        Ok(execute(plan, &options.output, &cancel).await?.0)
    })
}

fn or(own: Vec<String>, other: &[String]) -> Vec<String> {
    if own.is_empty() { other.to_vec() } else { own }
}
