//! A client that plays all cases of a server which speaks the Autobahn testsuite's URLs.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::handshake::url::{WsUrl, percent_encoded};
use super::{PeerError, PeerKind, Task, Way, call};
use crate::vocabulary::Role;

/// Asks for the case count, plays each case by its number with `jobs` connections in flight, then asks for the reports. Returns the
/// number of cases played.
///
/// The fault shows in the cases only: the questions around them are put by the same peer without it.
///
/// # Errors
/// A bad URL, a fault that does not show in a client, no connection, or an answer that is no number. A case that goes
/// wrong on an open connection is the server's to judge and ends nothing.
pub async fn run_client_loop(url: &str, kind: PeerKind, agent: &str, jobs: usize) -> Result<u32, PeerError> {
    run_client_loop_by(url, kind, agent, jobs, Way::default()).await
}

/// The same with a say in the way to the server.
///
/// # Errors
/// As of [`run_client_loop`], and a failed TLS handshake.
pub async fn run_client_loop_by(
    url: &str,
    kind: PeerKind,
    agent: &str,
    jobs: usize,
    way: Way,
) -> Result<u32, PeerError> {
    kind.check(Role::Client)?;
    let base: WsUrl = url.parse()?;
    let way = way.opened(&base, kind)?;
    let right = kind.right();
    let count = base.with_resource("/getCaseCount", None);
    let answer = call(&count, right, Task::Listen, None, &way).await?.first.unwrap_or_default();
    let answer = String::from_utf8_lossy(&answer).trim().to_owned();
    let count: u32 = answer.parse().map_err(|_| PeerError::CaseCount(answer))?;

    let agent = format!("agent={}", percent_encoded(agent));
    let opening = Arc::new(Mutex::new(()));
    let mut running = JoinSet::new();
    for number in 1..=count {
        if running.len() >= jobs.max(1) {
            finish_one(&mut running).await?;
        }
        let case = base.with_resource("/runCase", Some(format!("case={number}&{agent}")));
        let (opening, way) = (Arc::clone(&opening), way.clone());
        running.spawn(async move {
            match call(&case, kind, Task::Echo, Some(&opening), &way).await {
                Err(error @ PeerError::Connect { .. }) => Err(error),
                _ => Ok(()),
            }
        });
    }
    while !running.is_empty() {
        finish_one(&mut running).await?;
    }
    let reports = base.with_resource("/updateReports", Some(agent));
    call(&reports, right, Task::Listen, None, &way).await?;
    Ok(count)
}

async fn finish_one(running: &mut JoinSet<Result<(), PeerError>>) -> Result<(), PeerError> {
    match running.join_next().await {
        Some(Ok(result)) => result,
        // A case that panicked is a case that went wrong.
        Some(Err(_)) | None => Ok(()),
    }
}
