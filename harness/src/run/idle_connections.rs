//! Connections that stay open and silent during a case, to show whether a server serves others meanwhile.

use wsspec_reports::results::Finding;

use crate::judge::{self, Observation};
use crate::link::Link;
use crate::play::{Call, Settings, open_connection};
use crate::vocabulary::Phase;

/// Opens `count` connections with `connect`, or fewer if the server accepts no more.
pub async fn open<R>(connect: impl Fn() -> R + Sync, call: &Call, count: usize, settings: &Settings) -> Vec<Link>
where
    R: Future<Output = Option<Link>> + Send,
{
    let mut held = Vec::with_capacity(count);
    while held.len() < count {
        let Some(link) = connect().await else { break };
        let Some(link) = open_connection(link, call, settings, held.len() as u64).await else { break };
        held.push(link);
    }
    held
}

/// The finding for a server that accepts fewer than the case needs.
pub fn fewer(open: usize, wanted: usize) -> Finding {
    let sentence = format!("expected {wanted} more connections to open, got {open}");
    judge::observed(Phase::Connection, Observation::FewerConnections, sentence)
}
