//! A client that runs all cases of a server that offers the URLs of the Autobahn testsuite.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::handshake::url::{WsUrl, percent_encoded};
use super::{ConnectOptions, PeerError, PeerKind, Task, call};
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
    let answer = call(&count, without_fault, Task::Listen, None, &connector).await?.first.unwrap_or_default();
    let answer = String::from_utf8_lossy(&answer).trim().to_owned();
    let count: u32 = answer.parse().map_err(|_| PeerError::CaseCount(answer))?;

    let agent = format!("agent={}", percent_encoded(agent));
    let opening_lock = Arc::new(Mutex::new(()));
    let mut running = JoinSet::new();
    for number in 1..=count {
        if running.len() >= jobs.max(1) {
            finish_one(&mut running).await?;
        }
        let case = base.with_resource("/runCase", Some(format!("case={number}&{agent}")));
        let (opening_lock, connector) = (Arc::clone(&opening_lock), connector.clone());
        running.spawn(async move {
            match call(&case, kind, Task::Echo, Some(&opening_lock), &connector).await {
                Err(error @ PeerError::Connect { .. }) => Err(error),
                _ => Ok(()),
            }
        });
    }
    while !running.is_empty() {
        finish_one(&mut running).await?;
    }
    let reports = base.with_resource("/updateReports", Some(agent));
    call(&reports, without_fault, Task::Listen, None, &connector).await?;
    Ok(count)
}

async fn finish_one(running: &mut JoinSet<Result<(), PeerError>>) -> Result<(), PeerError> {
    match running.join_next().await {
        Some(Ok(result)) => result,
        // A case that panicked counts as a failed case.
        Some(Err(_)) | None => Ok(()),
    }
}
