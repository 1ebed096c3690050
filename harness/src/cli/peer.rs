//! `wsspec peer`: an echo server or client, right or with a fault.

use super::arguments::{self, PeerRole};
use super::{Failure, run, terminal};
use crate::peer::{self, Fault, PeerKind};
use crate::run::Exit;

/// Serves or calls.
pub fn peer(options: arguments::Peer) -> Result<Exit, Failure> {
    run::block_on(async {
        match options.role {
            PeerRole::Server { address, kind } => {
                let kind = kind_of(&kind)?;
                let listener = tokio::net::TcpListener::bind(&address).await.map_err(|error| {
                    Failure::new(Exit::Target, format!("cannot listen on {address}: {error}; choose another address"))
                })?;
                let address = listener.local_addr().map_or(address, |address| address.to_string());
                terminal::say(&format!("echo server at ws://{address}/"));
                let served = peer::serve(listener, kind).await;
                served.map_err(|error| Failure::usage(error.to_string()))?;
            }
            PeerRole::Client { url, looping, jobs, kind } => {
                let kind = kind_of(&kind)?;
                let called = if looping {
                    peer::run_client_loop(url.trim_end_matches('/'), kind, "wsspec-peer", jobs).await.map(|_| ())
                } else {
                    peer::run_client(&url, kind).await.map(|_| ())
                };
                called.map_err(|error| Failure::new(Exit::Target, error.to_string()))?;
            }
        }
        Ok(Exit::Held)
    })
}

fn kind_of(options: &arguments::PeerKind) -> Result<PeerKind, Failure> {
    let fault = match options.fault.as_deref() {
        None => return Ok(PeerKind::Tungstenite),
        Some("none") => None,
        Some(name) => Some(fault_named(name)?),
    };
    Ok(if options.no_deflate { PeerKind::Plain(fault) } else { PeerKind::Ours(fault) })
}

/// The fault of this name.
pub(super) fn fault_named(name: &str) -> Result<Fault, Failure> {
    Fault::named(name).ok_or_else(|| {
        let hint = crate::case::suggest::nearest(name, Fault::all().map(Fault::name))
            .map_or_else(|| "`wsspec list --faults` shows all".to_owned(), |near| format!("did you mean `{near}`?"));
        Failure::usage(format!("there is no fault `{name}`; {hint}"))
    })
}
