//! Clients that request their cases by themselves, in Autobahn's URL protocol.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;

use super::{Played, Target};
use crate::case::Case;
use crate::play::{Call, PlayResult, Settings};
use crate::run::listen::Listener;
use crate::vocabulary::Role;

/// Starts a client once its URL is served.
pub type OnServing = Box<dyn FnOnce(&str) + Send>;

/// A listener, and who calls it.
pub struct LoopingClient {
    url: String,
    address: String,
    clients: usize,
    waiting: Mutex<Option<(Listener, Option<OnServing>)>>,
}

impl LoopingClient {
    /// Clients that call this listener; `on_serving` starts one.
    pub fn new(listener: Listener, on_serving: Option<OnServing>) -> Self {
        Self {
            url: listener.url(),
            address: listener.address.clone(),
            clients: listener.clients,
            waiting: Mutex::new(Some((listener, on_serving))),
        }
    }
}

impl fmt::Debug for LoopingClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopingClient").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Target for LoopingClient {
    fn role(&self) -> Role {
        Role::Client
    }

    fn name(&self) -> String {
        self.url.clone()
    }

    fn is_local(&self) -> bool {
        self.address.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
    }

    fn is_fresh_for_each_case(&self) -> bool {
        false
    }

    fn play<'a>(&'a self, _: &'a Case, _: &'a Settings) -> BoxFuture<'a, Played> {
        let sentence = "a looping client requests its cases by itself".to_owned();
        let call = Call::of_client(self.address.as_str(), "/");
        Box::pin(async move { Played::new(PlayResult::environment(sentence), call) })
    }

    fn take_listener(&self) -> Option<(Listener, Option<OnServing>)> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn instances(&self) -> usize {
        self.clients
    }
}
