//! `wsspec replay`: a case of an earlier run once more, with all that goes over the wire.

use std::sync::Arc;

use super::arguments;
use super::listen_args::{Folder, Secured};
use super::{Failure, report, run, suite};

use crate::judge::{self, judge};
use crate::play::{Scale, Settings};
use crate::run::{Exit, Target, record};
use crate::targets::{Server, Spawner};
use crate::vocabulary::{Phase, Role};

/// Replays.
pub fn replay(options: &arguments::Replay) -> Result<Exit, Failure> {
    let results = report::results(&options.results)?;
    let case = suite::one(&suite::load(&options.choice)?, &options.case)?;
    let played: Vec<&str> =
        results.cases.iter().filter(|result| result.case == case.id).map(|result| result.role.name()).collect();
    let role = match (options.role.as_deref(), played.as_slice()) {
        (Some(role), _) => role.to_owned(),
        (None, [role]) => (*role).to_owned(),
        (None, []) => return Err(Failure::usage(format!("{} was not played in that run", case.id))),
        (None, _) => return Err(Failure::usage("the case was played in both roles; say which with --role")),
    };
    let role = if role == "client" { Role::Client } else { Role::Server };
    let target = results.run.target;
    let seed = super::run_plan::seed(&results.run.seed)?;
    let timeout = results.run.probe.iter().find(|probe| probe.role == role).map(|probe| probe.timeout_ms);
    let scale = if results.run.scale == Scale::Full.name() { Scale::Full } else { Scale::Budget };
    let settings = Settings { seed, scale, ..Settings::default() };
    let settings = Settings { timeout: timeout.map_or(settings.timeout, std::time::Duration::from_millis), ..settings };
    run::block_on(async {
        // Files that a spawned client reads.
        let mut files: Option<Folder> = None;
        let under = match (role, target.command) {
            (Role::Client, Some(command)) => {
                let tls = target.url.as_deref().is_some_and(|url| url.starts_with("wss:"));
                let (called_by, own) = Secured { tls, ca_out: None }.called_by(&command)?;
                files = own;
                Target::Client(Spawner::new(&command, called_by, &settings).await.map_err(Failure::usage)?)
            }
            (Role::Client, None) => {
                return Err(Failure::usage(
                    "that client called by itself; play it again with `wsspec run --listen` and the case's id as the pattern",
                ));
            }
            (Role::Server, command) => {
                let url = options.url.clone().or(target.url).unwrap_or_default();
                let command = command.filter(|_| options.url.is_none());
                // The port of that run is not free for sure; the command says whether it can be another.
                let url = if command.as_deref().is_some_and(|command| command.contains("{port}")) {
                    with_free_port(&url)
                } else {
                    url
                };
                let (fields, route) = (options.fields.lines()?, options.way.route(&url)?);
                let server = Server::new(&url, command.as_deref(), fields).await.map_err(Failure::usage)?;
                let server = server.by(route).map_err(Failure::usage)?;
                server.start(settings.timeout).await.map_err(|error| Failure::new(Exit::Target, error.to_string()))?;
                Target::Server(server)
            }
        };
        let case = Arc::new(case.as_ref().clone());
        let (played, call, death) = under.play(&case, &settings).await;
        let mut verdict = judge(&case, &played, &call);
        if let Some(death) = death {
            let sentence = format!("the process {death}");
            verdict.add(judge::observed(Phase::Target, judge::Observation::ProcessEnded, sentence));
        }
        let result = record(&case, role, &verdict, Some(&played), String::new());
        let mut out = anstream::stdout();
        let written = wsspec_reports::summary::write_case(&mut out, &result, &results.run.requirements);
        if let Err(error) = written
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            return Err(Failure::new(Exit::NotWritten, format!("cannot write to standard output: {error}")));
        }
        if let Target::Server(server) = &under {
            server.stop().await;
        }
        drop(files);
        Ok(match verdict.outcome {
            crate::vocabulary::Outcome::Fail => Exit::NotHeld,
            crate::vocabulary::Outcome::Error => Exit::Target,
            _ => Exit::Held,
        })
    })
}

/// Puts `{port}` where the URL has its port.
fn with_free_port(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    format!("{scheme}://{host}:{{port}}{path}")
}
