//! A server at a URL, or one that the run starts.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{Played, Target};
use crate::case::Case;
use crate::play::{PlayResult, Settings, play_against_server};
use crate::run::idle_connections;
use crate::run::probe::call;
use crate::targets::{Server, Usage};
use crate::vocabulary::Role;

/// How long the second of two connections may take to be served.
const SECOND: Duration = Duration::from_secs(1);

impl Target for Server {
    fn role(&self) -> Role {
        Role::Server
    }

    fn name(&self) -> String {
        self.url.clone()
    }

    fn is_local(&self) -> bool {
        // A server that the run starts belongs to the user, wherever it listens.
        self.command.is_some() || self.endpoint.address.is_local()
    }

    fn is_secure(&self) -> bool {
        self.endpoint.secure
    }

    fn is_fresh_for_each_case(&self) -> bool {
        false
    }

    fn start(&self, timeout: Duration) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move { Self::start(self, timeout).await.map_err(|error| error.to_string()) })
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(Self::stop(self))
    }

    fn play<'a>(&'a self, case: &'a Case, settings: &'a Settings) -> BoxFuture<'a, Played> {
        Box::pin(async move {
            let call = self.call();
            let connect = || async { self.connect(settings.timeout).await.ok() };
            let held = idle_connections::open(connect, &call, case.idle_connections, settings).await;
            let link = if case.handshake.tls.plain {
                self.connect_below(settings.timeout).await
            } else {
                self.connect(settings.timeout).await
            };
            let mut result = match link {
                Ok(link) => play_against_server(case, link, &call, settings).await,
                Err(error) => PlayResult::environment(format!("cannot connect to {}: {error}", self.endpoint.address)),
            };
            result.idle_connections = held.len();
            Played::new(result, call)
        })
    }

    fn serves_at_once<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let Ok(held) = self.connect(settings.timeout).await else { return true };
            let case = call();
            let second = tokio::time::timeout(SECOND, self.play(&case, settings)).await;
            drop(held);
            second.is_ok_and(|played| played.result.opened)
        })
    }

    fn death(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async move { Self::death(self).await.map(|death| death.to_string()) })
    }

    fn usage(&self) -> BoxFuture<'_, Option<Usage>> {
        Box::pin(std::future::ready(Self::usage(self)))
    }

    fn most_resident(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(std::future::ready(Self::most_resident(self)))
    }
}
