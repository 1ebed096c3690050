//! `wsspec demo`: the embedded tungstenite peers in both roles, then the report.

use wsspec_reports::results::TargetInfo;

use super::arguments;
use super::run_plan::{RunPlan, TargetRun};
use super::{Failure, run, suite};

use crate::peer::{self, PeerKind};
use crate::run::{Baseline, Exit, Listener, Target};
use crate::secrets::Secrets;
use crate::targets::Server;
use crate::vocabulary::Role;

/// How many cases the embedded client has in flight.
const CLIENT_JOBS: usize = 8;

/// Runs.
pub fn demo(options: arguments::Demo) -> Result<Exit, Failure> {
    let (settings, fixed_patience) = run::settings(&options.output)?;
    let gate = run::gate(&options.output)?;
    let cases = suite::select(&options.choice, &options.patterns)?;
    let of_role = |role: Role| cases.iter().filter(|case| case.suits(role)).cloned().collect::<Vec<_>>();
    let address = start_server()?;
    run::block_on(async {
        let unreachable = |error: &dyn std::fmt::Display| Failure::new(Exit::Target, error.to_string());
        let server = Server::new(&format!("ws://{address}/"), None, Vec::new()).await.map_err(|e| unreachable(&e))?;
        let listener = Listener::bind("127.0.0.1:0", None).await.map_err(|e| unreachable(&e))?;
        let target_runs = vec![
            (TargetRun::Paced(Target::Server(server)), of_role(Role::Server)),
            (TargetRun::Listening(listener, Some(Box::new(start_client))), of_role(Role::Client)),
        ];
        let name = Some("tungstenite, embedded".to_owned());
        let target = TargetInfo { role: "both".into(), url: Some(format!("ws://{address}/")), command: None, name };
        let unproven = if options.patterns.is_empty() { run::unproven(&cases) } else { Default::default() };
        let (baseline, output) = (Baseline::default(), options.output);
        let secrets = Secrets::default();
        RunPlan { target_runs, target, gate, baseline, output, settings, fixed_patience, unproven, secrets }.run().await
    })
}

/// Starts the server peer on a thread of its own; returns its address.
fn start_server() -> Result<String, Failure> {
    let failed =
        |error: std::io::Error| Failure::new(Exit::Target, format!("cannot start the embedded server: {error}"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?.to_string();
    on_a_thread(async move {
        if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
            let served = peer::serve(listener, PeerKind::Tungstenite).await;
            if let Err(error) = served {
                super::terminal::error(&format!("the embedded server stopped: {error}"));
            }
        }
    });
    Ok(address)
}

fn start_client(url: &str) {
    let url = url.trim_end_matches('/').to_owned();
    on_a_thread(async move {
        if let Err(error) = peer::run_client_loop(&url, PeerKind::Tungstenite, "tungstenite", CLIENT_JOBS).await {
            super::terminal::error(&format!("the embedded client stopped: {error}"));
        }
    });
}

fn on_a_thread(future: impl Future<Output = ()> + Send + 'static) {
    std::thread::spawn(move || {
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            runtime.block_on(future);
        }
    });
}
