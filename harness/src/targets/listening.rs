//! Whether a port is free before a server is started, and belongs to that server afterwards.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use tokio::net::TcpListener;

use super::process::Process;
use super::server_error::ServerError;
use crate::link::{Address, Endpoint, Route};
use crate::os::{Ownership, file_owner, port_owner};

/// How long a resolver may take.
const RESOLVE: Duration = Duration::from_secs(5);
/// How many ports are tried until one is free in both address families.
const ATTEMPTS: usize = 16;
/// How the error of a server looks whose port is in use, in lower case.
const IN_USE: [&str; 2] = ["eaddrinuse", "address already in use"];

/// A TCP port that is free on 127.0.0.1 and on ::1, where the machine has IPv6.
pub(super) async fn free_port() -> std::io::Result<u16> {
    Ok(bind_both().await?.0.local_addr()?.port())
}

/// Listeners at the same port of 127.0.0.1 and, where the machine has IPv6, of ::1.
pub(super) async fn bind_both() -> std::io::Result<(TcpListener, Option<TcpListener>)> {
    let mut attempts = 0;
    loop {
        let ipv4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match TcpListener::bind((Ipv6Addr::LOCALHOST, ipv4.local_addr()?.port())).await {
            Ok(ipv6) => return Ok((ipv4, Some(ipv6))),
            // Another process has the port there.
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && attempts < ATTEMPTS => attempts += 1,
            Err(_) => return Ok((ipv4, None)),
        }
    }
}

/// Checks that nothing listens yet where a server is about to be started.
///
/// # Errors
/// Who listens there.
pub(super) async fn check_unused(route: &Route, to: &Endpoint, timeout: Duration) -> Result<(), ServerError> {
    let Ok(link) = route.connect_below(to, timeout).await else { return Ok(()) };
    link.leave();
    let owner = match owner(route, to, None).await {
        Ownership::Other(owner) => Some(owner),
        Ownership::Group | Ownership::Unknown => None,
    };
    Err(ServerError::InUse { place: place(route.address(to)), owner })
}

/// Checks that the listener that was reached belongs to the process that was started, or to a child of it.
///
/// Where the system does not reveal it, a process that has ended or reports that its address is in use is an error.
///
/// # Errors
/// Who listens instead.
pub(super) async fn check_listener(
    route: &Route,
    to: &Endpoint,
    command: &str,
    process: &mut Process,
) -> Result<(), ServerError> {
    let other =
        |owner| ServerError::OtherListener { command: command.to_owned(), place: place(route.address(to)), owner };
    match owner(route, to, Some(process.group())).await {
        Ownership::Group => {}
        Ownership::Other(owner) => return Err(other(Some(owner))),
        Ownership::Unknown => {
            Process::last_lines_arrive().await;
            if process.has_written(&IN_USE) {
                return Err(other(None));
            }
        }
    }
    match process.ended().await {
        None => Ok(()),
        Some(death) if process.has_children() => Err(ServerError::InBackground { command: command.to_owned(), death }),
        Some(death) => {
            let address = to.address.to_string();
            Err(ServerError::DiedEarly { command: command.to_owned(), death, address })
        }
    }
}

/// Who listens where this route leads to. What is on another machine or after a proxy is unknown.
async fn owner(route: &Route, to: &Endpoint, group: Option<u32>) -> Ownership {
    if route.proxy.is_some() {
        return Ownership::Unknown;
    }
    match route.address(to) {
        Address::Unix(path) => file_owner(path, group),
        Address::Tcp(host, port) => {
            let resolved = tokio::time::timeout(RESOLVE, tokio::net::lookup_host((host.as_str(), *port))).await;
            let addresses: Vec<SocketAddr> = resolved.ok().and_then(Result::ok).into_iter().flatten().collect();
            if addresses.iter().all(|address| is_of_this_machine(address.ip())) {
                port_owner(&addresses, group)
            } else {
                Ownership::Unknown
            }
        }
    }
}

/// Whether an address belongs to this machine: only then can a socket be bound to it.
fn is_of_this_machine(address: IpAddr) -> bool {
    address.is_loopback() || UdpSocket::bind((address, 0)).is_ok()
}

fn place(address: &Address) -> String {
    match address {
        Address::Tcp(_, port) => format!("port {port}"),
        Address::Unix(path) => path.display().to_string(),
    }
}
