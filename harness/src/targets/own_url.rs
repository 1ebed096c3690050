//! A spawned client that is given a URL of the case's own, and a listener of its own to call.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::listening::bind_both;
use super::spawned::{Accepted, SpawnError, SpawnedClient, Spawner, untrusted};
use crate::link::tls::ServerTls;
use crate::link::{Address, Link};
use crate::play::{Call, RequestOf, Settings, read_request};

/// How long a resolver may take.
const RESOLVE: Duration = Duration::from_secs(5);

/// What the connections of one client share.
struct Shared {
    tls: Option<ServerTls>,
    settings: Settings,
    /// Where its first request goes.
    first: std::sync::Mutex<Option<oneshot::Sender<RequestOf>>>,
    /// Why the last TLS handshake failed.
    trouble: std::sync::Mutex<Option<String>>,
}

impl Spawner {
    /// Spawns a client with the URL that `url` makes of the call, and waits for its request or its end. Each such client has
    /// a port of its own, on 127.0.0.1 and, where the machine has it, on ::1, so that the request can be wrong in every part.
    ///
    /// # Errors
    /// Why none came.
    pub async fn connect_client_at(
        &self,
        url: &(dyn Fn(&Call) -> String + Sync),
        path: &str,
        settings: &Settings,
    ) -> Result<SpawnedClient, SpawnError> {
        if let Address::Unix(_) = self.address {
            let why = "the command calls a Unix socket, and this case gives a URL whose host and port count";
            return Err(SpawnError::Unsupported(why.into()));
        }
        let listeners = Listeners::bind()
            .await
            .map_err(|error| SpawnError::Environment(format!("cannot listen on 127.0.0.1: {error}")))?;
        let address = Address::Tcp("127.0.0.1".into(), listeners.port);
        let call = Call { own_url: true, ..Call::of_client(address.to_string(), path).over_tls(self.is_secure()) };
        let url = url(&call);
        spoken(&url, self.is_secure()).map_err(SpawnError::Unsupported)?;
        listeners.offer(host_of(&url)).await.map_err(SpawnError::Unsupported)?;
        let (sender, receiver) = oneshot::channel();
        let shared = Arc::new(Shared {
            tls: self.shared.tls.clone(),
            settings: settings.clone(),
            first: Some(sender).into(),
            trouble: None.into(),
        });
        // Dropped at the end of the visit, and with it whoever still listens.
        let mut accepting = JoinSet::new();
        for listener in [Some(listeners.ipv4), listeners.ipv6].into_iter().flatten() {
            accepting.spawn(accept(listener, Arc::clone(&shared)));
        }
        let arrived = self.spawn(&url, path, &address, receiver).await;
        let trouble = shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (arrived, trouble) {
            (Ok((request, process)), _) => {
                Ok(SpawnedClient { arrival: Accepted::Request(Box::new(request)), call, process })
            }
            // It called, so that it has not refused the URL; what it would have asked for is not seen.
            (Err(SpawnError::NoCall(..) | SpawnError::TooSlow(_)), Some(trouble)) => {
                Err(SpawnError::Unsupported(trouble))
            }
            (Err(missed), _) => Err(missed),
        }
    }
}

/// Whether the scheme of a URL is what is spoken here, or none of a WebSocket at all; else what is missing.
fn spoken(url: &str, secure: bool) -> Result<(), String> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    if secure && scheme.eq_ignore_ascii_case("ws") {
        return Err("the case gives a ws URL, and this run has TLS".into());
    }
    if !secure && scheme.eq_ignore_ascii_case("wss") {
        return Err("the case gives a wss URL, and there is no TLS in this run; --tls makes it".into());
    }
    Ok(())
}

/// A port of both families.
struct Listeners {
    port: u16,
    ipv4: TcpListener,
    ipv6: Option<TcpListener>,
}

impl Listeners {
    async fn bind() -> std::io::Result<Self> {
        let (ipv4, ipv6) = bind_both().await?;
        Ok(Self { port: ipv4.local_addr()?.port(), ipv4, ipv6 })
    }

    /// Whether a right client that is given this host comes here; else why not.
    async fn offer(&self, host: &str) -> Result<(), String> {
        let listens = |address: IpAddr| match address {
            IpAddr::V4(address) => address == Ipv4Addr::LOCALHOST,
            IpAddr::V6(address) => address == Ipv6Addr::LOCALHOST && self.ipv6.is_some(),
        };
        if host.starts_with('[') {
            let literal = host.trim_matches(['[', ']']).parse().map(IpAddr::V6);
            return match literal {
                Ok(address) if !listens(address) => {
                    Err(format!("this machine has no IPv6 at {host}, which this case needs"))
                }
                _ => Ok(()),
            };
        }
        // What is no name of a resolver is the client's to refuse or to change.
        if host.parse::<Ipv4Addr>().is_ok() || !host.is_ascii() {
            return Ok(());
        }
        let found = tokio::time::timeout(RESOLVE, tokio::net::lookup_host((host, self.port))).await;
        let addresses: Vec<SocketAddr> = found.ok().and_then(Result::ok).into_iter().flatten().collect();
        if addresses.is_empty() || !addresses.iter().all(|address| listens(address.ip())) {
            return Err(format!("this machine does not know itself by the name {host}, which this case needs"));
        }
        Ok(())
    }
}

/// The host of a URL, an IPv6 address in brackets.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => place,
    }
}

/// Takes connections until the client's first request is there. What sends none, such as a probe of an address, is passed over.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut reading = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: give running cases time to end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        reading.spawn(receive(Link::from(stream), Arc::clone(&shared)));
    }
}

async fn receive(link: Link, shared: Arc<Shared>) -> Option<()> {
    let link = match &shared.tls {
        None => link,
        Some(tls) => match tls.accept(link, shared.settings.timeout).await {
            Ok(link) => link,
            Err(error) => {
                shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).replace(untrusted(&error));
                return None;
            }
        },
    };
    let request = read_request(link, &shared.settings).await.ok()?;
    let sender = shared.first.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    sender.send(request).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for (url, host) in [
            ("ws://127.0.0.1:80/x", "127.0.0.1"),
            ("WS://LOCALHOST:1?a:b", "LOCALHOST"),
            ("ws://u:p@h:1/@", "h"),
            ("ws://[::1]:9/", "[::1]"),
            ("ws://h#f", "h"),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }

    #[test]
    fn only_what_is_spoken_here_can_be_called() {
        for (url, secure, fits) in [
            ("WS://h/", false, true),
            ("WS://h/", true, false),
            ("wss://h/", true, true),
            ("wss://h/", false, false),
            ("http://h/", true, true),
        ] {
            assert_eq!(spoken(url, secure).is_ok(), fits, "{url}");
        }
    }

    #[tokio::test]
    async fn a_machine_offers_what_it_listens_on() {
        let listeners = Listeners { ipv6: None, ..Listeners::bind().await.unwrap() };
        assert_eq!(listeners.offer("127.0.0.1").await, Ok(()));
        let why = listeners.offer("[::1]").await.unwrap_err();
        assert!(why.contains("no IPv6"), "{why}");
        assert!(listeners.offer("nobody.invalid").await.is_err());
    }
}
