//! The runtime of a command, and the signals that end it: the first one cancels, the second one stops at once.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::terminal;
use crate::os::{StopSignals, kill_all_groups};
use crate::run::Exit;

/// How long a signal that came while no task could run may take to be seen.
const LATE: Duration = Duration::from_millis(1);

/// Runs a command on this thread: one core for the harness, the others for the target. The command gets a token that SIGINT, SIGTERM
/// and SIGHUP cancel. A second signal drops the command; processes that it started are killed.
pub fn block_on<R>(command: impl FnOnce(CancellationToken) -> R) -> Result<Exit, Failure>
where
    R: Future<Output = Result<Exit, Failure>>,
{
    let runtime = new_runtime()?;
    let result = runtime.block_on(async {
        let cancel = CancellationToken::new();
        // Before anything is written or started.
        let mut signals = StopSignals::new().ok();
        let mut command = std::pin::pin!(command(cancel.clone()));
        let result = tokio::select! {
            result = &mut command => result,
            () = next(&mut signals) => {
                terminal::say("interrupted: writing the results so far; interrupt again to stop at once");
                cancel.cancel();
                tokio::select! {
                    result = &mut command => result,
                    () = next(&mut signals) => Err(Failure::new(Exit::Interrupted, "stopped at once")),
                }
            }
        };
        // A signal that came during the reports did not change them, but it changes the exit code.
        let late = tokio::time::timeout(LATE, next(&mut signals)).await.is_ok();
        result.map(|exit| if late { Exit::Interrupted } else { exit })
    });
    // Connections that others hold open need not be waited for.
    runtime.shutdown_background();
    // Of a command that was stopped at once, processes may be left.
    kill_all_groups();
    result
}

/// Runs a command that writes nothing and that a signal may end at any time.
pub fn block_on_unwatched(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = new_runtime()?;
    let result = runtime.block_on(command);
    runtime.shutdown_background();
    result
}

fn new_runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Bug, format!("cannot start: {error}")))
}

/// Waits for a signal that asks this process to end; for ever where the system gives none.
async fn next(signals: &mut Option<StopSignals>) {
    match signals {
        Some(signals) => signals.next().await,
        None => std::future::pending().await,
    }
}
