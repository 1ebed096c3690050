//! A spawned client that is given a URL of the case's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;

use super::client_listener::ClientListener;
use super::listening::bind_both;
use super::spawned::{Accepted, SpawnError, SpawnedClient, Spawner};
use crate::link::{Address, Listening};
use crate::play::{Call, Settings};

/// How long a resolver may take.
const RESOLVE: Duration = Duration::from_secs(5);

/// Spawns a client with the URL that `url` makes from the call, and waits for its request or its end. The listener has a port of
/// 127.0.0.1 and, where the machine has it, of ::1, and accepts a request that is invalid in every part.
///
/// # Errors
/// Why the client sent no request.
pub async fn connect_client_at(
    spawner: &Spawner,
    url: &(dyn Fn(&Call) -> String + Sync),
    path: &str,
    settings: &Settings,
) -> Result<SpawnedClient, SpawnError> {
    if spawner.placeholders.socket.is_some() {
        let why = "the command uses a Unix socket, and the host and port of the case's URL matter";
        return Err(SpawnError::Unsupported(why.into()));
    }
    let environment = |error| SpawnError::Environment(format!("cannot listen on 127.0.0.1: {error}"));
    let listeners = Listeners::bind().await.map_err(environment)?;
    let address = Address::Tcp("127.0.0.1".into(), listeners.port);
    let call = Call { own_url: true, ..Call::of_client(address.to_string(), path).over_tls(spawner.is_secure()) };
    let url = url(&call);
    check_scheme(&url, spawner.is_secure()).map_err(SpawnError::Unsupported)?;
    listeners.check_host(host_of(&url)).await.map_err(SpawnError::Unsupported)?;
    let listeners = listeners.into_listening().map_err(environment)?;
    let (listener, receiver) = ClientListener::new(listeners, spawner.tls.clone(), None, settings);
    match (spawner.spawn(&url, path, &address, receiver).await, listener.tls_failure()) {
        (Ok((request, process)), _) => Ok(SpawnedClient {
            accepted: Accepted::Request(Box::new(request)),
            call,
            process,
            _listener: Some(listener),
        }),
        // It connected, so that it has not rejected the URL. Its request is unknown.
        (Err(SpawnError::NoRequest(..) | SpawnError::TimedOut(_)), Some(failure)) => {
            Err(SpawnError::Unsupported(failure))
        }
        (Err(error), _) => Err(error),
    }
}

/// Checks that this run can serve the scheme of a URL, or that it is not one of WebSocket.
///
/// # Errors
/// What is missing.
fn check_scheme(url: &str, secure: bool) -> Result<(), String> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    if secure && scheme.eq_ignore_ascii_case("ws") {
        return Err("the case gives a ws URL, and this run has TLS".into());
    }
    if !secure && scheme.eq_ignore_ascii_case("wss") {
        return Err("the case gives a wss URL, and this run has no TLS; --tls turns it on".into());
    }
    Ok(())
}

/// Listeners at one port of both address families.
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

    fn into_listening(self) -> std::io::Result<Vec<Listening>> {
        [Some(self.ipv4), self.ipv6].into_iter().flatten().map(Listening::try_from).collect()
    }

    /// Checks that a client that is given this host connects to one of these listeners.
    ///
    /// # Errors
    /// Why it would not.
    async fn check_host(&self, host: &str) -> Result<(), String> {
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
        // A host that no resolver knows is for the client to reject or to convert.
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
    fn only_the_schemes_of_this_run_are_served() {
        for (url, secure, fits) in [
            ("WS://h/", false, true),
            ("WS://h/", true, false),
            ("wss://h/", true, true),
            ("wss://h/", false, false),
            ("http://h/", true, true),
        ] {
            assert_eq!(check_scheme(url, secure).is_ok(), fits, "{url}");
        }
    }

    #[tokio::test]
    async fn a_host_is_usable_when_it_leads_to_a_listener() {
        let listeners = Listeners { ipv6: None, ..Listeners::bind().await.unwrap() };
        assert_eq!(listeners.check_host("127.0.0.1").await, Ok(()));
        let why = listeners.check_host("[::1]").await.unwrap_err();
        assert!(why.contains("no IPv6"), "{why}");
        assert!(listeners.check_host("nobody.invalid").await.is_err());
    }
}
