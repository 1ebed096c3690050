//! `wsspec run --autobahn`: a run as a configuration of Autobahn|Testsuite asks for it, and reports in its shape.

mod config;
mod pattern;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wsspec_reports::autobahn::{Part, files, stem};
use wsspec_reports::read::Results;
use wsspec_reports::results::TargetInfo;

use self::config::{Mode, Old, OldServer};
use self::pattern::{Pattern, choose};
use super::arguments::{self, Output};
use super::connection_args::{Way, is_secure};
use super::listen_args::Secured;
use super::run_plan::{RunPlan, TargetRun, write};
use super::{Failure, run, suite, terminal};
use crate::case::Case;
use crate::language::select::wildcard;
use crate::play::Settings;
use crate::run::{Exclusion, Exit, Gate, KnownFailure, Listener, Target};
use crate::targets::Server;
use crate::vocabulary::Role;

/// What a server is called there that gives no name, where patterns of names are held against it.
const UNKNOWN: &str = "UnknownServer";

/// What the command line and `wsspec.yaml` say.
pub struct Given {
    /// The options of `wsspec run`.
    pub options: arguments::Run,
    /// The command that starts the server.
    pub start: Option<String>,
    /// Patterns of cases; they narrow what the configuration chooses.
    pub words: Vec<String>,
    /// Fields for every request.
    pub headers: Vec<(String, String)>,
    /// The way to the servers.
    pub way: Way,
    /// TLS for clients that call.
    pub secured: Secured,
    /// Bounds, seed and timeout.
    pub settings: Settings,
    /// Whether the timeout was given.
    pub fixed_patience: bool,
    /// The gate.
    pub gate: Option<Gate>,
    /// Failures that are known.
    pub known: Vec<KnownFailure>,
}

/// Runs what the configuration at `path` asks for.
pub fn autobahn(path: &Path, given: Given) -> Result<Exit, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let shown = path.display().to_string();
    let old = config::read(&shown, &text).map_err(|diagnostics| suite::diagnostics(&diagnostics.0, &shown))?;
    for note in &old.notes {
        terminal::note(note);
    }
    let all = suite::select(&given.options.choice, &given.words)?;
    // What is excluded and not here is no trouble.
    for pattern in &old.cases {
        if !all.iter().any(|case| case.autobahn.iter().any(|number| pattern.fits(number))) {
            terminal::note(&format!("{shown}:{}: no case here fits `{pattern}`", pattern.line));
        }
    }
    let wanted = |number: &str| {
        let among = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.fits(number));
        (old.cases.is_empty() || among(&old.cases)) && !among(&old.exclude)
    };
    let cases = choose(&all, wanted);
    match &old.mode {
        Mode::Servers(servers) => run::block_on(play_servers(&old, servers, &cases, given)),
        Mode::Clients { listen, secure } => run::block_on(play_clients(&old, listen, *secure, &cases, given)),
    }
}

/// Whether an agent does not get a case of this number.
fn excluded(old: &Old, agent: &str, number: &str) -> bool {
    old.exclude_agent
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

async fn play_servers(old: &Old, servers: &[OldServer], cases: &[Arc<Case>], given: Given) -> Result<Exit, Failure> {
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
    let folder = report_folder(old, &given.options.output, "./reports/servers");
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
        // What is said of TLS holds for the servers that have it.
        let way =
            if some_secure && !is_secure(&server.url) { given.way.clone().without_tls() } else { given.way.clone() };
        match play_server(old, server, agent.clone(), &cases, &given, way, output).await {
            Ok((exit, results)) => {
                exits.push(exit);
                played.push((agent, results));
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
    write_report(&parts, &folder)?;
    terminal::say(&format!("report in the old shape: {}", folder.join("index.json").display()));
    Ok(worst(&exits))
}

async fn play_server(
    old: &Old,
    server: &OldServer,
    agent: Option<String>,
    cases: &[Arc<Case>],
    given: &Given,
    way: Way,
    output: Output,
) -> Result<(Exit, Results), Failure> {
    let called = agent.as_deref().unwrap_or(UNKNOWN);
    let cases = choose(cases, |number| !excluded(old, called, number));
    if cases.is_empty() {
        let message = format!("`exclude-agent-cases` leaves no case over for {called}");
        return Err(Failure::new(Exit::NothingSelected, message));
    }
    let mut headers = given.headers.clone();
    headers.extend(server.origin.iter().map(|origin| ("Origin".to_owned(), origin.clone())));
    let route = way.route(&server.url)?;
    let target = Server::new(&server.url, given.start.as_deref(), headers)
        .await
        .and_then(|server| server.by(route))
        .map_err(Failure::usage)?;
    let header =
        TargetInfo { role: "server".into(), url: Some(target.url.clone()), command: given.start.clone(), name: agent };
    run_plan(TargetRun::Paced(Target::Server(target)), cases, header, given, output)?.play().await
}

async fn play_clients(
    old: &Old,
    listen: &str,
    secure: bool,
    cases: &[Arc<Case>],
    mut given: Given,
) -> Result<Exit, Failure> {
    if given.start.is_some() {
        return Err(Failure::usage("--start starts a server, but this configuration tests clients; leave it out"));
    }
    if !given.way.is_empty() {
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
    listener.exclusions = old
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
    given.options.output.autobahn_report = Some(report_folder(old, &given.options.output, "./reports/clients"));
    let output = given.options.output.clone();
    run_plan(TargetRun::Listening(listener, None), cases, target, &given, output)?.run().await
}

fn run_plan(
    target_run: TargetRun,
    cases: Vec<Arc<Case>>,
    target: TargetInfo,
    given: &Given,
    output: Output,
) -> Result<RunPlan, Failure> {
    let baseline = run::baseline(&given.known, &cases, &given.options.choice)?;
    Ok(RunPlan {
        target_runs: vec![(target_run, cases)],
        target,
        gate: given.gate.clone(),
        output,
        settings: given.settings.clone(),
        fixed_patience: given.fixed_patience,
        unproven: BTreeMap::new(),
        baseline,
    })
}

fn report_folder(old: &Old, output: &Output, usual: &str) -> PathBuf {
    output.autobahn_report.clone().or_else(|| old.outdir.clone()).unwrap_or_else(|| usual.into())
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

/// Writes a report in the old shape into a folder.
pub fn write_report(parts: &[Part<'_>], folder: &Path) -> Result<(), Failure> {
    let files = files(parts).map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::new(Exit::NotWritten, format!("cannot make {}: {error}", folder.display())))?;
    files.iter().try_for_each(|file| write(&folder.join(&file.name), &file.text))
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
        let old = config::read("f", r#"{"exclude-agent-cases": {"A*": ["9.*", "2.1"]}}"#).unwrap();
        assert!(excluded(&old, "Abc", "9.1.1") && excluded(&old, "A", "2.1"));
        assert!(!excluded(&old, "Abc", "2.10") && !excluded(&old, "bA", "9.1.1"));
    }
}
