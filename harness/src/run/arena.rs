//! A case against a reference peer in memory, in a time of its own.
//!
//! Both stand in one task with a pipe between them. Time passes only when neither has anything to do, and then at once: a peer that
//! says nothing costs no patience, a slow machine makes no case fail, and the same case and peer give the same verdict.

use std::io;

use tokio::runtime::Runtime;

use crate::case::model::{Case, Need, Role};
use crate::peer::handshake::request::SUBPROTOCOLS;
use crate::peer::handshake::url::WsUrl;
use crate::peer::{self, PeerKind};
use crate::play::{
    Call, Played, Settings, play_against_client, play_against_server, play_without_call, read_request, url_of,
};

/// Octets that the pipe holds before a writer waits.
const PIPE: usize = 64 << 10;
/// The port that the peers believe in; nobody listens there.
const PORT: u16 = 9001;

/// Where a case meets a peer.
#[derive(Debug)]
pub struct Arena {
    runtime: Runtime,
    settings: Settings,
}

impl Arena {
    /// An arena with a clock of its own.
    ///
    /// # Errors
    /// What the system says when it gives no runtime.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        Ok(Self { runtime, settings })
    }

    /// Plays a case against a peer in this role. The peer is not asked whether it has what the case needs.
    pub fn play(&self, case: &Case, role: Role, kind: PeerKind) -> (Played, Call) {
        let (near, far) = tokio::io::duplex(PIPE);
        let settings = &self.settings;
        match role {
            Role::Server => {
                let host = format!("127.0.0.1:{PORT}");
                let call = Call::of_server(host, "/", Vec::new());
                let play = play_against_server(case, near.into(), &call, settings);
                let played = self.runtime.block_on(beside(peer::serve_stream(far, kind), play));
                (played, call)
            }
            Role::Client => {
                let (host, path) = (format!("127.0.0.1:{PORT}"), format!("/{}", case.id));
                let (url, call) = match url_of(case, &host, &path) {
                    Some(url) => (url, Call { own_url: true, ..Call::of_client(host, path) }),
                    None => {
                        let path = format!("{path}?agent=wsspec");
                        (format!("ws://{host}{path}"), Call::of_client(host, path))
                    }
                };
                let url = match WsUrl::given(&url, kind.fault()) {
                    Ok(url) => url,
                    Err(error) => return (play_without_call(case, format!("{error}"), false), call),
                };
                let offered: &[&str] = if case.needs.contains(&Need::Subprotocol) { &SUBPROTOCOLS } else { &[] };
                let play = async {
                    match read_request(near.into(), settings).await {
                        Ok(request) => play_against_client(case, request, &call, settings).await,
                        Err(sentence) => Played::environment(sentence),
                    }
                };
                let peer = peer::call_stream(far, &url, offered, kind);
                let played = self.runtime.block_on(beside(peer, play));
                (played, call)
            }
        }
    }
}

/// Runs both until the play is over; then the peer is dropped, whatever it waits for.
async fn beside(peer: impl Future, play: impl Future<Output = Played>) -> Played {
    tokio::pin!(play);
    tokio::select! {
        biased;
        played = &mut play => played,
        _ = peer => play.await,
    }
}
