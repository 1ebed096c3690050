//! What cases are played against: one trait for servers, spawned clients, looping clients, and peers in this process.

mod in_process;
mod looping;
mod server;
mod spawned;

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::listen::Listener;
use crate::case::Case;
use crate::play::{Call, PlayResult, Settings};
use crate::targets::Usage;
use crate::vocabulary::Role;

pub(super) use in_process::message_of;
pub use in_process::{InProcessClient, InProcessServer};
pub use looping::{LoopingClient, OnServing};

/// What came of one case.
#[derive(Debug)]
pub struct Played {
    /// The transcript and the facts of each step.
    pub result: PlayResult,
    /// How the target was called.
    pub call: Call,
    /// How a target that exists for this case alone crashed, as a sentence that begins with what crashed.
    pub crash: Option<String>,
}

impl Played {
    /// A play without a crash.
    pub const fn new(result: PlayResult, call: Call) -> Self {
        Self { result, call, crash: None }
    }
}

/// A target of a run. All cases are played through this trait; it has no opinion on what it observes.
pub trait Target: fmt::Debug + Send + Sync {
    /// The target's role.
    fn role(&self) -> Role;

    /// Its URL or its command, for messages.
    fn name(&self) -> String {
        format!("the {} in this process", self.role())
    }

    /// Whether it certainly runs on this machine. A target that may be elsewhere returns false, so that it gets no load.
    fn is_local(&self) -> bool {
        true
    }

    /// Whether connections use TLS.
    fn is_secure(&self) -> bool {
        false
    }

    /// Whether each case gets a fresh instance, so that a crash cannot affect another case.
    fn is_fresh_for_each_case(&self) -> bool {
        true
    }

    /// Starts the target's process, where it has one, and waits until it can be reached. Called again after its death.
    ///
    /// # Errors
    /// Why it cannot be reached, as a sentence.
    fn start(&self, timeout: Duration) -> BoxFuture<'_, Result<(), String>> {
        let _ = timeout;
        Box::pin(async { Ok(()) })
    }

    /// Stops the target's process, where it has one.
    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// Plays one case over a fresh connection.
    fn play<'a>(&'a self, case: &'a Case, settings: &'a Settings) -> BoxFuture<'a, Played>;

    /// Whether a second connection is served while a first one is open.
    fn serves_at_once<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, bool> {
        let _ = settings;
        Box::pin(async { true })
    }

    /// How the target's process ended, if it has one and it did.
    fn death(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async { None })
    }

    /// The resources that the target's process used so far, where they are known.
    fn usage(&self) -> BoxFuture<'_, Option<Usage>> {
        Box::pin(async { None })
    }

    /// The peak of the resident memory of the target's process, in bytes.
    fn most_resident(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async { None })
    }

    /// The listener of a client that requests its cases by itself. It can be taken once.
    fn take_listener(&self) -> Option<(Listener, Option<OnServing>)> {
        None
    }

    /// How many instances play all cases.
    fn instances(&self) -> usize {
        1
    }
}
