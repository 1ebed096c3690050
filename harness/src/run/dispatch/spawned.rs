//! A client that is spawned for each case.

use futures_util::future::BoxFuture;

use super::{Played, Target};
use crate::case::Case;
use crate::play::{Call, PlayResult, Settings, play_against_client, play_without_call, url_of};
use crate::targets::{Accepted, Death, SpawnError, Spawner, connect_client_at};
use crate::vocabulary::Role;

impl Target for Spawner {
    fn role(&self) -> Role {
        Role::Client
    }

    fn name(&self) -> String {
        self.command.clone()
    }

    fn is_secure(&self) -> bool {
        Self::is_secure(self)
    }

    fn play<'a>(&'a self, case: &'a Case, settings: &'a Settings) -> BoxFuture<'a, Played> {
        Box::pin(play(self, case, settings))
    }
}

async fn play(spawner: &Spawner, case: &Case, settings: &Settings) -> Played {
    let path = format!("/{}", case.id);
    let connected = match &case.handshake.url {
        Some(_) => {
            let url = |call: &Call| url_of(case, call).unwrap_or_default();
            connect_client_at(spawner, &url, &path, settings).await
        }
        None => spawner.connect_client(&path, case.handshake.tls, settings).await,
    };
    let (result, call, death) = match connected {
        Err(error) => {
            let call = Call::of_client(spawner.host(), path).over_tls(spawner.is_secure());
            let (result, death) = without_request(case, error);
            (result, call, death)
        }
        Ok(client) => {
            let (call, mut process) = (client.call, client.process);
            let result = match client.accepted {
                Accepted::Request(request) => play_against_client(case, *request, &call, settings).await,
                Accepted::InvalidCertificate(result) => *result,
            };
            let death = tokio::time::timeout(settings.timeout, process.wait()).await.ok().flatten();
            process.stop().await;
            (result, call, death)
        }
    };
    let crash = death.filter(|death| death.crashed).map(|death| format!("the client's process {death}"));
    Played { result, call, crash }
}

/// What it means that a client sent no request.
fn without_request(case: &Case, error: SpawnError) -> (PlayResult, Option<Death>) {
    let has_own_url = case.handshake.url.is_some();
    match error {
        SpawnError::Unsupported(sentence) => (PlayResult::unsupported(sentence), None),
        SpawnError::NoRequest(why, death) if has_own_url => (play_without_call(case, why, false), death),
        SpawnError::TimedOut(why) if has_own_url => (play_without_call(case, why, true), None),
        SpawnError::Environment(why) | SpawnError::NoRequest(why, _) | SpawnError::TimedOut(why) => {
            (PlayResult::environment(why), None)
        }
    }
}
