//! A spawned client that is shown a certificate which it must reject.

use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::spawned::{Accepted, SpawnError, SpawnedClient, Spawner, host_of};
use crate::case::Certificate;
use crate::play::{Call, Settings, play_tls_refusal};

/// Spawns a client for `path` and shows it this certificate.
///
/// # Errors
/// Why it did not connect.
pub(super) async fn connect_client_refusing(
    spawner: &Spawner,
    path: &str,
    shown: Certificate,
    settings: &Settings,
) -> Result<SpawnedClient, SpawnError> {
    let authority = spawner
        .placeholders
        .authority
        .as_ref()
        .ok_or_else(|| SpawnError::Unsupported("this run has no TLS; --tls turns it on".into()))?;
    let tls = authority.server(shown).map_err(|error| SpawnError::Environment(error.to_string()))?;
    let listening = spawner.listen().await?;
    let address = listening.address().clone();
    let (sender, receiver) = oneshot::channel();
    let mut accepting = JoinSet::new();
    accepting.spawn(async move {
        if let Ok(link) = listening.accept().await {
            let _ = sender.send(link);
        }
        // Connections after the first are not answered.
        std::future::pending::<()>().await;
    });
    let host = host_of(&address, true);
    let url = format!("{}://{host}{path}", spawner.scheme());
    let (link, process) = spawner.spawn(&url, path, &address, receiver).await?;
    let played = play_tls_refusal(link, &tls, settings).await;
    let accepted = Accepted::InvalidCertificate(Box::new(played));
    Ok(SpawnedClient { accepted, call: Call::of_client(host, path).over_tls(true), process, _listener: None })
}
