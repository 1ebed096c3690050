//! `wsspec replay`: one case of an earlier run again, under the conditions of that run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wsspec_reports::results::Run;

use super::failure::Failure;
use super::listen_args::Secured;
use super::runtime::block_on;
use super::{arguments, report, setup, suite, terminal};
use crate::run::{Exit, Listener, LoopingClient, Replay, Target};
use crate::secrets::{SECRET, Secrets};
use crate::targets::{Server, Spawner};
use crate::vocabulary::{Outcome, Role};

/// Replays a case.
pub fn replay(mut options: arguments::Replay) -> Result<Exit, Failure> {
    let mut marked = options.fields.secrets()?;
    options.route_args.proxy.iter().chain(&options.url).for_each(|url| marked.url(url));
    let secrets = Secrets::new(&marked).map_err(Failure::usage)?;
    terminal::hide(&secrets);
    let results = report::results(&options.results)?;
    let role = options.role.as_deref().map(|word| if word == "client" { Role::Client } else { Role::Server });
    let replay = Replay::find(&results, &options.case, role, || suite::load(&options.choice).ok())?;
    let run = results.run;
    for file in
        [&mut options.route_args.ca, &mut options.route_args.cert, &mut options.route_args.key].into_iter().flatten()
    {
        *file = std::path::absolute(&*file).unwrap_or_else(|_| file.clone());
    }
    enter(&run.setup.directory);
    block_on(async |cancel| {
        let target = target(&replay, &run, options).await?;
        let result = secrets.case(replay.play(target, &cancel).await?);
        let mut out = anstream::stdout();
        let written = wsspec_reports::summary::write_case(&mut out, &result, &run.requirements);
        if let Err(error) = written
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            return Err(Failure::new(Exit::NotWritten, format!("cannot write to standard output: {error}")));
        }
        Ok(match result.outcome {
            Outcome::Fail => Exit::NotHeld,
            Outcome::Error => Exit::Target,
            _ => Exit::Held,
        })
    })
}

/// Goes to the working directory of the run, in which its commands and files are.
fn enter(directory: &str) {
    if !directory.is_empty()
        && let Err(error) = std::env::set_current_dir(PathBuf::from(directory))
    {
        terminal::note(&format!("the working directory of the run, {directory}, cannot be used: {error}"));
    }
}

/// The target of the run.
async fn target(replay: &Replay, run: &Run, options: arguments::Replay) -> Result<Arc<dyn Target>, Failure> {
    let recorded = &run.target;
    match replay.role {
        Role::Server => {
            let url = options.url.clone().or_else(|| run.setup.url.clone()).or_else(|| recorded.url.clone());
            let url = url.unwrap_or_default();
            if url.contains(SECRET) {
                return Err(Failure::usage(
                    "the URL of that run contains a secret, which results do not keep: give it with --url",
                ));
            }
            let command = recorded.command.as_deref().filter(|_| options.url.is_none());
            let fields = setup::fields(&run.setup, options.fields.lines()?);
            let route = setup::route_args(&run.setup, options.route_args).route(&url)?;
            let server = Server::new(&url, command, fields).await.and_then(|server| server.by(route));
            Ok(Arc::new(server.map_err(Failure::usage)?))
        }
        Role::Client => {
            let url = recorded.url.as_deref().unwrap_or_default();
            let tls = url.starts_with("wss");
            match &recorded.command {
                Some(command) => {
                    let placeholders = Secured { tls, ca_out: None }.placeholders(command)?;
                    let spawner = Spawner::new(command, placeholders).map_err(Failure::usage)?;
                    Ok(Arc::new(spawner))
                }
                None => {
                    let secured = Secured { tls, ca_out: ca_file(run) };
                    let listener = Listener::bind(&listen_address(url), secured.authority()?.as_ref())
                        .await
                        .map_err(|error| Failure::new(Exit::Target, error.to_string()))?;
                    terminal::say(&format!("waiting for a client at {} (it gets one case)", listener.url()));
                    Ok(Arc::new(LoopingClient::new(listener, None)))
                }
            }
        }
    }
}

/// Where a run that waited for clients wrote the certificate of its CA.
fn ca_file(run: &Run) -> Option<PathBuf> {
    run.setup.ca.as_deref().map(Path::new).map(Path::to_path_buf)
}

/// The address to listen on, from the URL that clients called.
fn listen_address(url: &str) -> String {
    if let Some((_, path)) = url.split_once("+unix:") {
        return format!("unix:{path}");
    }
    let place = url.split_once("://").map_or(url, |(_, place)| place);
    place.trim_end_matches('/').to_owned()
}
