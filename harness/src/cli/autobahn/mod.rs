//! `wsspec run --autobahn`: a run by a configuration of Autobahn|Testsuite, and reports in its format.

mod config;
mod pattern;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use wsspec_reports::autobahn::{Part, stem};
use wsspec_reports::results::{Setup, TargetInfo};

use self::config::{AutobahnConfig, AutobahnServer, Mode};
use self::pattern::{Pattern, choose};
use super::arguments::{self, Output};
use super::connection_args::{RouteArgs, command_line, is_secure};
use super::execute::{execute, replay_command};
use super::failure::Failure;
use super::listen_args::Secured;
use super::runtime::block_on;
use super::{setup, suite, terminal, values};
use crate::case::Case;
use crate::run::{
    Exclusion, Exit, Gate, KnownFailure, Listener, LoopingClient, Options, Plan, Target, wildcard, write_autobahn,
};
use crate::secrets::{Marked, Secrets};
use crate::targets::Server;
use crate::vocabulary::Role;

/// The name of a server without one, for patterns of names.
const UNKNOWN: &str = "UnknownServer";

/// The options of the command line and of `wsspec.yaml`.
pub struct Given {
    /// The options of `wsspec run`.
    pub options: arguments::Run,
    /// The command that starts the server.
    pub start: Option<String>,
    /// Patterns of cases; they narrow what the configuration chooses.
    pub words: Vec<String>,
    /// Fields for every request.
    pub headers: Vec<(String, String)>,
    /// The secrets among them and in the route to the servers.
    pub marked: Marked,
    /// The route to the servers.
    pub route_args: RouteArgs,
    /// TLS for clients that call.
    pub secured: Secured,
    /// How cases are played.
    pub play: Options,
    /// The gate.
    pub gate: Option<Gate>,
    /// Failures that are known.
    pub known: Vec<KnownFailure>,
}

/// Runs the configuration at `path`.
pub fn autobahn(path: &Path, mut given: Given) -> Result<Exit, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let shown = path.display().to_string();
    let config = config::read(&shown, &text).map_err(|diagnostics| suite::diagnostics(&diagnostics.0, &shown))?;
    if let Mode::Servers(servers) = &config.mode {
        servers.iter().for_each(|server| given.marked.url(&server.url));
    }
    terminal::hide(&Secrets::new(&given.marked).map_err(Failure::usage)?);
    for note in &config.notes {
        terminal::note(note);
    }
    let all = suite::select(&given.options.choice, &given.words)?;
    // An excluded case that does not exist is not an error.
    for pattern in &config.cases {
        if !all.iter().any(|case| case.autobahn.iter().any(|number| pattern.fits(number))) {
            terminal::note(&format!("{shown}:{}: no case here fits `{pattern}`", pattern.line));
        }
    }
    let wanted = |number: &str| {
        let among = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.fits(number));
        (config.cases.is_empty() || among(&config.cases)) && !among(&config.exclude)
    };
    let cases = choose(&all, wanted);
    match &config.mode {
        Mode::Servers(servers) => block_on(async |cancel| play_servers(&config, servers, &cases, given, &cancel).await),
        Mode::Clients { listen, secure } => {
            block_on(async |cancel| play_clients(&config, listen, *secure, &cases, given, &cancel).await)
        }
    }
}

/// Whether an agent does not get a case of this number.
fn excluded(config: &AutobahnConfig, agent: &str, number: &str) -> bool {
    config
        .exclude_agent
        .iter()
        .any(|(names, patterns)| wildcard(names, agent) && patterns.iter().any(|pattern| pattern.fits_whole(number)))
}

fn of_role(cases: &[Arc<Case>], role: Role) -> Result<Vec<Arc<Case>>, Failure> {
    let cases: Vec<Arc<Case>> = cases.iter().filter(|case| case.suits(role)).cloned().collect();
    if cases.is_empty() {
        let message = format!("the configuration chooses no case for a {role}; `wsspec list` shows the numbers");
        return Err(Failure::new(Exit::NothingSelected, message));
    }
    Ok(cases)
}

async fn play_servers(
    config: &AutobahnConfig,
    servers: &[AutobahnServer],
    cases: &[Arc<Case>],
    given: Given,
    cancel: &CancellationToken,
) -> Result<Exit, Failure> {
    if given.secured.tls {
        return Err(Failure::usage("--tls is for clients that call; a server with TLS has a wss:// URL"));
    }
    if given.start.is_some() && servers.len() > 1 {
        return Err(Failure::usage(
            "--start starts one server, but the configuration names several; leave one of them",
        ));
    }
    if given.options.agent.is_some() && servers.len() > 1 {
        return Err(Failure::usage("--agent names one target, but the configuration has several; write `agent` there"));
    }
    let cases = of_role(cases, Role::Server)?;
    let folder = report_folder(config, &given.options.output, "./reports/servers");
    let mut played = Vec::new();
    let mut exits = Vec::new();
    let mut stems = BTreeSet::new();
    let some_secure = servers.iter().any(|server| is_secure(&server.url));
    for server in servers {
        let agent = given.options.agent.clone().or_else(|| server.agent.clone());
        let name = stem(agent.as_deref().unwrap_or(&server.url));
        let name = (1..)
            .map(|number| if number == 1 { name.clone() } else { format!("{name}_{number}") })
            .find(|name| stems.insert(name.clone()))
            .unwrap_or_default();
        terminal::say(&format!("{} at {}", agent.as_deref().unwrap_or(UNKNOWN), server.url));
        let output = output_of(&given.options.output, &name, servers.len() > 1);
        // The options for TLS apply to the servers that use it.
        let route_args = if some_secure && !is_secure(&server.url) {
            given.route_args.clone().without_tls()
        } else {
            given.route_args.clone()
        };
        let ran = match plan_server(config, server, agent.clone(), &cases, &given, route_args, &output).await {
            Ok(plan) => execute(plan, &output, cancel).await,
            Err(failure) => Err(failure),
        };
        match ran {
            Ok((exit, results)) => {
                exits.push(exit);
                // A server that could not be played has nothing to show.
                if !results.cases.is_empty() {
                    played.push((agent, results));
                }
            }
            // The others are still to be played.
            Err(failure) => {
                terminal::error(&failure.message);
                exits.push(failure.exit);
            }
        }
        if exits.last() == Some(&Exit::Interrupted) {
            break;
        }
    }
    let parts: Vec<Part<'_>> =
        played.iter().map(|(agent, results)| Part { agent: agent.as_deref(), results }).collect();
    write_autobahn(&parts, &folder)?;
    terminal::say(&format!("report in Autobahn's format: {}", folder.join("index.json").display()));
    Ok(worst(&exits))
}

async fn plan_server(
    config: &AutobahnConfig,
    server: &AutobahnServer,
    agent: Option<String>,
    cases: &[Arc<Case>],
    given: &Given,
    route_args: RouteArgs,
    output: &Output,
) -> Result<Plan, Failure> {
    let name = agent.as_deref().unwrap_or(UNKNOWN);
    let cases = choose(cases, |number| !excluded(config, name, number));
    if cases.is_empty() {
        let message = format!("`exclude-agent-cases` leaves no case for {name}");
        return Err(Failure::new(Exit::NothingSelected, message));
    }
    let mut headers = given.headers.clone();
    headers.extend(server.origin.iter().map(|origin| ("Origin".to_owned(), origin.clone())));
    let route = route_args.route(&server.url)?;
    let setup = setup::record(Some(&server.url), &headers, &route_args);
    let target = Server::new(&server.url, given.start.as_deref(), headers)
        .await
        .and_then(|server| server.by(route))
        .map_err(Failure::usage)?;
    let header =
        TargetInfo { role: "server".into(), url: Some(target.url.clone()), command: given.start.clone(), name: agent };
    plan(Arc::new(target), cases, header, setup, given, output)
}

async fn play_clients(
    config: &AutobahnConfig,
    listen: &str,
    secure: bool,
    cases: &[Arc<Case>],
    mut given: Given,
    cancel: &CancellationToken,
) -> Result<Exit, Failure> {
    if given.start.is_some() {
        return Err(Failure::usage("--start starts a server, but this configuration tests clients; leave it out"));
    }
    if !given.route_args.is_empty() {
        return Err(Failure::usage(
            "--ca, --insecure, --cert, --connect-to and --proxy are for servers; clients get TLS by --tls or a wss:// URL",
        ));
    }
    let cases = of_role(cases, Role::Client)?;
    let secured = Secured { tls: given.secured.tls || secure, ..given.secured.clone() };
    let mut listener = Listener::bind(listen, secured.authority()?.as_ref())
        .await
        .map_err(|error| Failure::new(Exit::Target, error.to_string()))?;
    listener.clients = given.options.clients.into();
    listener.exclusions = config
        .exclude_agent
        .iter()
        .map(|(names, patterns)| {
            // A case that is excluded under one of its numbers is left out.
            let out =
                |case: &Case| case.autobahn.iter().any(|number| patterns.iter().any(|one| one.fits_whole(number)));
            let numbers = cases.iter().enumerate().filter(|(_, case)| out(case)).map(|(at, _)| at).collect();
            Exclusion { agents: names.clone(), numbers }
        })
        .collect();
    let url = Some(listener.url());
    let target = TargetInfo { role: "client".into(), url, command: None, name: given.options.agent.clone() };
    given.options.output.autobahn_report = Some(report_folder(config, &given.options.output, "./reports/clients"));
    let output = given.options.output.clone();
    let client = Arc::new(LoopingClient::new(listener, None));
    let plan = plan(client, cases, target, setup::record(None, &[], &RouteArgs::default()), &given, &output)?;
    Ok(execute(plan, &output, cancel).await?.0)
}

fn plan(
    target: Arc<dyn Target>,
    cases: Vec<Arc<Case>>,
    info: TargetInfo,
    setup: Setup,
    given: &Given,
    output: &Output,
) -> Result<Plan, Failure> {
    let baseline = values::baseline(&given.known, &cases, &given.options.choice)?;
    Ok(Plan {
        targets: vec![(target, cases)],
        target: info,
        setup,
        command: command_line(),
        replay: replay_command(output),
        options: given.play.clone(),
        gate: given.gate.clone(),
        baseline,
        unproven: BTreeMap::new(),
        secrets: Secrets::new(&given.marked).map_err(Failure::usage)?,
    })
}

fn report_folder(config: &AutobahnConfig, output: &Output, usual: &str) -> PathBuf {
    output.autobahn_report.clone().or_else(|| config.outdir.clone()).unwrap_or_else(|| usual.into())
}

/// The output of one of several servers: a folder of its own, and a JUnit file that no other writes.
fn output_of(output: &Output, name: &str, several: bool) -> Output {
    let junit = output.junit.as_ref().map(|path| match path.file_stem().filter(|_| several) {
        Some(stem) => {
            let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
            path.with_file_name(format!("{}-{name}{ending}", stem.to_string_lossy()))
        }
        None => path.clone(),
    });
    Output { out: output.out.join(name), junit, autobahn_report: None, ..output.clone() }
}

/// The exit code of several runs: the most serious.
fn worst(exits: &[Exit]) -> Exit {
    const ORDER: [Exit; 8] = [
        Exit::Interrupted,
        Exit::Bug,
        Exit::NotWritten,
        Exit::Usage,
        Exit::Target,
        Exit::NothingSelected,
        Exit::NotHeld,
        Exit::Held,
    ];
    ORDER.into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::Held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_exit_counts() {
        assert_eq!(worst(&[Exit::Held, Exit::NotHeld, Exit::Held]), Exit::NotHeld);
        assert_eq!(worst(&[Exit::Target, Exit::NotHeld]), Exit::Target);
        assert_eq!(worst(&[]), Exit::Held);
    }

    #[test]
    fn agents_are_excluded_from_end_to_end() {
        let config = config::read("f", r#"{"exclude-agent-cases": {"A*": ["9.*", "2.1"]}}"#).unwrap();
        assert!(excluded(&config, "Abc", "9.1.1") && excluded(&config, "A", "2.1"));
        assert!(!excluded(&config, "Abc", "2.10") && !excluded(&config, "bA", "9.1.1"));
    }
}
