//! Ctrl-C, SIGTERM and SIGHUP: the first ends a run in order, the second at once.

use tokio::sync::watch;

use super::terminal;
use crate::os::{StopSignals, kill_all_groups};
use crate::run::Exit;

/// A flag that turns true at the first signal; the second ends the process.
pub fn interrupts() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    // The handlers are installed before anybody reads that the run has begun.
    let signals = StopSignals::new();
    tokio::spawn(async move {
        let Ok(mut signals) = signals else {
            // Without handlers the sender must live as long as the receiver.
            return sender.closed().await;
        };
        tokio::select! {
            () = signals.next() => {}
            // Another run may follow this one, with a flag of its own.
            () = sender.closed() => return,
        }
        terminal::say("interrupted: writing what was played; press Ctrl-C again to stop at once");
        let _ = sender.send(true);
        signals.next().await;
        // This exit drops nothing, so that the processes of the run are killed here.
        kill_all_groups();
        std::process::exit(Exit::Interrupted.code().into());
    });
    receiver
}
