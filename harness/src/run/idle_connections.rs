//! Connections that are open and idle while a case is played, so that a server shows whether it serves the others meanwhile.

use wsspec_reports::results::Finding;

use crate::judge::{self, Observation};
use crate::link::Link;
use crate::play::{Settings, open_connection};
use crate::targets::Server;
use crate::vocabulary::Phase;

/// Opens so many connections, or fewer where the server accepts no more.
pub async fn open(server: &Server, count: usize, settings: &Settings) -> Vec<Link> {
    let call = server.call();
    let mut held = Vec::with_capacity(count);
    while held.len() < count {
        let Ok(link) = server.connect(settings.timeout).await else { break };
        let Some(link) = open_connection(link, &call, settings, held.len() as u64).await else { break };
        held.push(link);
    }
    held
}

/// What is reported of a server that accepts fewer than the case opens.
pub fn fewer(open: usize, wanted: usize) -> Finding {
    let sentence = format!("expected {wanted} more connections to open, got {open}");
    judge::observed(Phase::Connection, Observation::FewerConnections, sentence)
}
