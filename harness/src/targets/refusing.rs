//! A spawned client that is shown a certificate which it must refuse.

use tokio::sync::oneshot;

use super::spawned::{Accepted, SpawnError, SpawnedClient, Spawner, host_of};
use crate::case::Certificate;
use crate::link::{Address, Listening};
use crate::play::{Call, Settings, play_tls_refusal};

impl Spawner {
    /// Spawns a client for `path` and shows it this certificate. The certificate stands before the request that says whose
    /// connection it is, so that this client gets a port of its own.
    ///
    /// # Errors
    /// Why it did not connect.
    pub(super) async fn connect_client_refusing(
        &self,
        path: &str,
        shown: Certificate,
        settings: &Settings,
    ) -> Result<SpawnedClient, SpawnError> {
        let authority = self
            .shared
            .by
            .authority
            .as_ref()
            .ok_or_else(|| SpawnError::Unsupported("there is no TLS in this run; --tls makes it".into()))?;
        let tls = authority.server(shown).map_err(|error| SpawnError::Environment(error.to_string()))?;
        let address = match &self.address {
            Address::Tcp(host, _) => Address::Tcp(host.clone(), 0),
            // Short, as the path of a socket must be.
            Address::Unix(file) => Address::Unix(format!("{}-{:08x}", file.display(), rand::random::<u32>()).into()),
        };
        let listening = Listening::bind(&address)
            .await
            .map_err(|error| SpawnError::Environment(format!("cannot listen on {address}: {error}")))?;
        let address = listening.address().clone();
        let (sender, receiver) = oneshot::channel();
        let accepting = tokio::spawn(async move {
            if let Ok(link) = listening.accept().await {
                let _ = sender.send(link);
            }
            // Whoever comes after the first is not answered.
            std::future::pending::<()>().await;
        });
        let host = host_of(&address, true);
        let url = format!("{}://{host}{path}", self.scheme());
        let arrived = self.spawn(&url, path, &address, receiver).await;
        let connect_client = match arrived {
            Ok((link, process)) => {
                let played = play_tls_refusal(link, &tls, settings).await;
                let call = Call::of_client(host, path).over_tls(true);
                Ok(SpawnedClient { arrival: Accepted::Refusing(Box::new(played)), call, process })
            }
            Err(missed) => Err(missed),
        };
        accepting.abort();
        connect_client
    }
}
