//! A client that runs all cases of a server that offers the URLs of the Autobahn testsuite.

use tokio::task::JoinSet;

use super::handshake::url::{WsUrl, percent_encoded};
use super::{ConnectOptions, OpenConnection, PeerError, PeerKind, Task};
use crate::vocabulary::Role;

/// Requests the case count, runs each case by its number with `jobs` connections in flight, then requests the reports.
/// Returns the number of cases.
///
/// The fault has an effect only in the cases: the requests around them are made by the same peer without it.
///
/// # Errors
/// An invalid URL, a fault without an effect in a client, a failed connection, or a case count that is not a number.
/// The server judges a case that fails on an open connection; it does not end the loop.
pub async fn run_client_loop(url: &str, kind: PeerKind, agent: &str, jobs: usize) -> Result<u32, PeerError> {
    run_client_loop_with(url, kind, agent, jobs, ConnectOptions::default()).await
}

/// Does the same with these options for the connection.
///
/// # Errors
/// As for [`run_client_loop`], and a failed TLS handshake.
pub async fn run_client_loop_with(
    url: &str,
    kind: PeerKind,
    agent: &str,
    jobs: usize,
    options: ConnectOptions,
) -> Result<u32, PeerError> {
    kind.check_role(Role::Client)?;
    let base: WsUrl = url.parse()?;
    let connector = options.into_connector(&base, kind)?;
    let without_fault = kind.without_fault();
    let count = base.with_resource("/getCaseCount", None);
    let counting = OpenConnection::new(&count, without_fault, &connector).await?;
    let answer = counting.converse(without_fault, Task::Listen).await?.first.unwrap_or_default();
    let answer = String::from_utf8_lossy(&answer).trim().to_owned();
    let count: u32 = answer.parse().map_err(|_| PeerError::CaseCount(answer))?;

    let agent = format!("agent={}", percent_encoded(agent));
    let mut running = JoinSet::new();
    for number in 1..=count {
        if running.len() >= jobs.max(1) {
            // However it ended, or even if it panicked: the server judges the case.
            running.join_next().await;
        }
        let case = base.with_resource("/runCase", Some(format!("case={number}&{agent}")));
        // One opening handshake at a time: RFC 6455 section 4.1 forbids two to the same address.
        match OpenConnection::new(&case, kind, &connector).await {
            Ok(connection) => drop(running.spawn(connection.converse(kind, Task::Echo))),
            Err(error @ PeerError::Connect { .. }) => return Err(error),
            // The server judges the case.
            Err(_) => {}
        }
    }
    while running.join_next().await.is_some() {}
    let reports = base.with_resource("/updateReports", Some(agent));
    OpenConnection::new(&reports, without_fault, &connector).await?.converse(without_fault, Task::Listen).await?;
    Ok(count)
}
