//! The listener of one spawned client.
//!
//! Each client gets a listener of its own. So a failed TLS handshake belongs to the client that made it, and what one client does
//! is never attributed to another.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::link::tls::{ServerTls, TlsError};
use crate::link::{Link, Listening};
use crate::play::{RequestOf, Settings, read_request};
use crate::wire::handshake::Start;

/// How many connections of one client are read at once.
const MAX_CONNECTIONS: usize = 64;

/// Accepts the connections of one client. The drop ends all its tasks.
#[derive(Debug)]
pub(super) struct ClientListener {
    _accepting: JoinSet<()>,
    shared: Arc<Shared>,
}

/// What the connections of one client share. A panic in one of them leaves it valid.
#[derive(Debug)]
struct Shared {
    tls: Option<ServerTls>,
    settings: Settings,
    /// The path that the request must ask for; `None` for any.
    path: Option<String>,
    /// Takes the first request.
    first: Mutex<Option<oneshot::Sender<RequestOf>>>,
    /// Why the last TLS handshake failed.
    tls_failure: Mutex<Option<String>>,
}

impl ClientListener {
    /// Accepts connections, and sends the first request for `path` through the receiver. Other connections are read and dropped.
    pub(super) fn new(
        listeners: Vec<Listening>,
        tls: Option<ServerTls>,
        path: Option<String>,
        settings: &Settings,
    ) -> (Self, oneshot::Receiver<RequestOf>) {
        let (sender, receiver) = oneshot::channel();
        let first = Some(sender).into();
        let shared = Arc::new(Shared { tls, settings: settings.clone(), path, first, tls_failure: Mutex::default() });
        let mut accepting = JoinSet::new();
        for listener in listeners {
            accepting.spawn(accept(listener, Arc::clone(&shared)));
        }
        (Self { _accepting: accepting, shared }, receiver)
    }

    /// Why the client's last TLS handshake failed, if one did.
    pub(super) fn tls_failure(&self) -> Option<String> {
        self.shared.tls_failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn accept(listener: Listening, shared: Arc<Shared>) {
    let mut reading = JoinSet::new();
    loop {
        while reading.try_join_next().is_some() {}
        if reading.len() >= MAX_CONNECTIONS {
            reading.join_next().await;
        }
        match listener.accept().await {
            Ok(link) => {
                reading.spawn(receive(link, Arc::clone(&shared)));
            }
            // Most likely there are no more file descriptors: running cases get time to end.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Reads a request. A connection without a request that is waited for, such as a retry after the case has ended, is dropped.
async fn receive(link: Link, shared: Arc<Shared>) {
    let link = match &shared.tls {
        None => link,
        Some(tls) => match tls.accept(link, shared.settings.timeout).await {
            Ok(link) => link,
            Err(error) => {
                shared.tls_failure.lock().unwrap_or_else(PoisonError::into_inner).replace(with_advice(&error));
                return;
            }
        },
    };
    let Ok(request) = read_request(link, &shared.settings).await else { return };
    if shared.path.as_deref().is_some_and(|path| path_of(&request) != Some(path)) {
        return;
    }
    let sender = shared.first.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(sender) = sender {
        // The receiver has been dropped when the client has ended.
        let _ = sender.send(request);
    }
}

/// The path of the request target, which may have the absolute form (RFC 9112 section 3.2.2).
fn path_of(request: &RequestOf) -> Option<&str> {
    let Start::Request { target, .. } = &request.head.start else { return None };
    let absolute = ["http://", "https://"].into_iter().find_map(|scheme| target.strip_prefix(scheme));
    Some(absolute.map_or(target.as_str(), |rest| rest.find('/').map_or("/", |at| &rest[at..])))
}

fn with_advice(error: &TlsError) -> String {
    format!(
        "its TLS handshake failed: {error}; let it trust the CA whose file is {{ca}} in the command (or --ca-out FILE)"
    )
}
