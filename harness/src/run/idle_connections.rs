//! Connections that stand open and silent beside a case, so that a server shows whether it serves the others meanwhile.

use wsspec_reports::results::Finding;

use crate::judge;
use crate::link::Link;
use crate::play::{Settings, open_connection};
use crate::targets::Server;
use crate::vocabulary::{Outcome, Phase};

/// Opens so many connections, or fewer where the server takes no more.
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

/// What is told of a server that takes fewer than the case wants.
pub fn fewer(open: usize, wanted: usize) -> Finding {
    let message = format!("{open} of {wanted} further connections open, and the next one does not");
    Finding { because: Some("Z22".into()), ..judge::plain(Phase::Connection, Outcome::Info, message) }
}
