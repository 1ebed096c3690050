//! Ctrl-C: the first press ends a run in order, the second at once.

use tokio::sync::watch;

use super::terminal;
use crate::run::Exit;

/// A flag that turns true at the first Ctrl-C; the second ends the process.
pub fn interrupts() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    // Before anybody hears that the run has begun.
    let presses = presses();
    tokio::spawn(async move {
        let Ok(mut presses) = presses else {
            // No signal can be had: the sender must live as long as the receiver.
            return sender.closed().await;
        };
        tokio::select! {
            _ = presses.recv() => {}
            // Another run may follow this one, with a flag of its own.
            () = sender.closed() => return,
        }
        terminal::say("interrupted: writing what was played; press Ctrl-C again to stop at once");
        let _ = sender.send(true);
        let _ = presses.recv().await;
        std::process::exit(Exit::Interrupted.code().into());
    });
    receiver
}

/// Each press of Ctrl-C from now on.
#[cfg(unix)]
fn presses() -> std::io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

/// Each press of Ctrl-C from now on.
#[cfg(windows)]
fn presses() -> std::io::Result<tokio::signal::windows::CtrlC> {
    tokio::signal::windows::ctrl_c()
}
