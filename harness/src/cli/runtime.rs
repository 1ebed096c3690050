//! The runtime of a command, and the signals that end it: the first one cancels, the second one stops at once.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::terminal;
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
        let mut signals = Signals::new();
        let mut command = std::pin::pin!(command(cancel.clone()));
        let result = tokio::select! {
            result = &mut command => result,
            () = signals.next() => {
                terminal::say("interrupted: writing the results so far; interrupt again to stop at once");
                cancel.cancel();
                tokio::select! {
                    result = &mut command => result,
                    () = signals.next() => Err(Failure::new(Exit::Interrupted, "stopped at once")),
                }
            }
        };
        // A signal that came during the reports did not change them, but it changes the exit code.
        let late = tokio::time::timeout(LATE, signals.next()).await.is_ok();
        result.map(|exit| if late { Exit::Interrupted } else { exit })
    });
    // Connections that others hold open need not be waited for.
    runtime.shutdown_background();
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

/// The signals that ask a process to end.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        // A signal that cannot be handled keeps its default action.
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    async fn next(&mut self) {
        std::future::poll_fn(|context| match self.0.iter_mut().any(|signal| signal.poll_recv(context).is_ready()) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        })
        .await;
    }
}

/// The signals that ask a process to end.
#[cfg(windows)]
struct Signals(Option<tokio::signal::windows::CtrlC>);

#[cfg(windows)]
impl Signals {
    fn new() -> Self {
        Self(tokio::signal::windows::ctrl_c().ok())
    }

    async fn next(&mut self) {
        match &mut self.0 {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
}
