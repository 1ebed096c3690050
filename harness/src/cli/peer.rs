//! `wsspec peer`: an echo server or client, correct or with a fault.

use super::failure::Failure;
use super::peer_arguments::{self as arguments, PeerRole};
use super::runtime::block_on_unwatched;
use super::{connection_args, terminal};
use crate::case::Certificate;
use crate::link::{Address, Listening};
use crate::peer::{self, Fault, PeerKind};
use crate::run::Exit;

/// Serves or calls.
pub fn peer(options: arguments::Peer) -> Result<Exit, Failure> {
    block_on_unwatched(async {
        match options.role {
            PeerRole::Server { address, secured, kind } => {
                let kind = kind_of(&kind)?;
                let place: Address = address.parse().map_err(Failure::usage)?;
                let listening = Listening::bind(&place).await.map_err(|error| {
                    Failure::new(Exit::Target, format!("cannot listen on {address}: {error}; choose another address"))
                })?;
                let made = secured.authority()?.map(|authority| authority.server(Certificate::Valid)).transpose();
                let tls = made.map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
                let scheme = if tls.is_some() { "wss" } else { "ws" };
                let url = match listening.address() {
                    Address::Tcp(..) => format!("{scheme}://{}/", listening.address()),
                    Address::Unix(path) => format!("unix:{}", path.display()),
                };
                terminal::say(&format!("echo server at {url}"));
                let served = peer::serve_on(listening, kind, tls).await;
                served.map_err(|error| Failure::usage(error.to_string()))?;
            }
            PeerRole::Client { url, looping, jobs, ca, insecure, connect_to, kind } => {
                let kind = kind_of(&kind)?;
                let trust =
                    connection_args::RouteArgs { ca, insecure, ..connection_args::RouteArgs::default() }.trust()?;
                let connect_to = connect_to.as_deref().map(str::parse).transpose().map_err(Failure::usage)?;
                let options = peer::ConnectOptions { trust, connect_to };
                let called = if looping {
                    let base = url.trim_end_matches('/');
                    peer::run_client_loop_with(base, kind, "wsspec-peer", jobs, options).await.map(|_| ())
                } else {
                    peer::run_client_with(&url, kind, options).await.map(|_| ())
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
    Ok(if options.no_deflate { PeerKind::ReferenceWithoutDeflate(fault) } else { PeerKind::Reference(fault) })
}

/// The fault of this name.
pub(super) fn fault_named(name: &str) -> Result<Fault, Failure> {
    Fault::named(name).ok_or_else(|| {
        let hint = crate::diagnostics::suggest::nearest(name, Fault::all().map(Fault::name))
            .map_or_else(|| "`wsspec list --faults` shows all".to_owned(), |near| format!("did you mean `{near}`?"));
        Failure::usage(format!("there is no fault `{name}`; {hint}"))
    })
}
