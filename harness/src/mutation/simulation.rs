//! A case against a reference peer in memory, in a time of its own.
//!
//! Both are in one task with a pipe between them. Time passes only when neither has anything to do, and then at once: a peer that
//! sends nothing costs no timeout, a slow machine makes no case fail, and the same case and peer give the same verdict. Cases that
//! need TLS have it over the pipe.

use std::io;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::runtime::Runtime;

use crate::case::{Case, Certificate, Need};
use crate::link::Link;
use crate::link::tls::{Authority, ClientTls, ServerTls, Trust};
use crate::peer::handshake::request::SUBPROTOCOLS;
use crate::peer::handshake::url::WsUrl;
use crate::peer::{self, PeerKind};
use crate::play::{
    Call, PlayResult, Settings, play_against_client, play_against_server, play_tls_refusal, play_without_call,
    read_request, url_of,
};
use crate::run::{Played, Target};
use crate::vocabulary::Role;

/// Bytes that the pipe holds before a writer waits.
const PIPE: usize = 64 << 10;
/// The port in the URLs; nobody listens there.
const PORT: u16 = 9001;

/// A runtime in which waiting costs nothing, and what the peers need.
#[derive(Debug)]
pub struct Simulation {
    runtime: Runtime,
    settings: Settings,
    tls: Arc<Tls>,
    /// Whether all cases are played over TLS.
    secure: bool,
}

/// What TLS needs in both roles.
#[derive(Debug)]
struct Tls {
    authority: Authority,
    server: ServerTls,
    client: ClientTls,
}

impl Tls {
    fn new() -> io::Result<Self> {
        let authority = Authority::new().map_err(io::Error::other)?;
        let server = authority.server(Certificate::Valid).map_err(io::Error::other)?;
        let trust = Trust::Authorities(vec![authority.certificate()]);
        let client = ClientTls::new(trust, None).map_err(io::Error::other)?;
        Ok(Self { authority, server, client })
    }
}

impl Simulation {
    /// A simulation with a clock of its own.
    ///
    /// # Errors
    /// The system's error when it gives no runtime or no keys.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        Ok(Self { runtime, settings, tls: Arc::new(Tls::new()?), secure: false })
    }

    /// The same with TLS for all cases.
    pub fn over_tls(self) -> Self {
        Self { secure: true, ..self }
    }

    /// Plays a case against a peer in this role. The peer is not probed for what the case needs.
    pub fn play(&self, case: &Case, role: Role, kind: PeerKind) -> (PlayResult, Call) {
        let peer = SimulatedPeer { role, kind, tls: Arc::clone(&self.tls), secure: self.secure };
        let played = self.runtime.block_on(Target::play(&peer, case, &self.settings));
        (played.result, played.call)
    }
}

/// A reference peer at the other end of a pipe in memory.
#[derive(Clone, Debug)]
pub struct SimulatedPeer {
    role: Role,
    kind: PeerKind,
    tls: Arc<Tls>,
    secure: bool,
}

impl Target for SimulatedPeer {
    fn role(&self) -> Role {
        self.role
    }

    fn name(&self) -> String {
        format!("{:?}", self.kind)
    }

    fn is_secure(&self) -> bool {
        self.secure
    }

    fn play<'a>(&'a self, case: &'a Case, settings: &'a Settings) -> BoxFuture<'a, Played> {
        Box::pin(async move {
            let (near, far) = tokio::io::duplex(PIPE);
            let (near, far) = (Link::from(near), Link::from(far));
            let secure = self.secure || case.needs.contains(&Need::Tls);
            let (result, call) = match self.role {
                Role::Server => self.serve(case, settings, near, far, secure).await,
                Role::Client => self.connect(case, settings, near, far, secure).await,
            };
            Played::new(result, call)
        })
    }
}

impl SimulatedPeer {
    /// Plays a case against a server.
    async fn serve(&self, case: &Case, settings: &Settings, near: Link, far: Link, secure: bool) -> (PlayResult, Call) {
        let call = Call::of_server(format!("127.0.0.1:{PORT}"), "/", Vec::new()).over_tls(secure);
        let play = async {
            if !secure || case.handshake.tls.plain {
                return play_against_server(case, near, &call, settings).await;
            }
            match self.tls.client.connect(near, "127.0.0.1", settings.timeout).await {
                Ok(near) => play_against_server(case, near, &call, settings).await,
                Err(error) => PlayResult::environment(error.to_string()),
            }
        };
        let tls = secure.then_some(&self.tls.server);
        let result = run_with_peer(peer::serve_link(far, self.kind, tls), play).await;
        (result, call)
    }

    /// Plays a case against a client.
    async fn connect(
        &self,
        case: &Case,
        settings: &Settings,
        near: Link,
        far: Link,
        secure: bool,
    ) -> (PlayResult, Call) {
        let host = if case.handshake.tls.is_named() { "localhost" } else { "127.0.0.1" };
        let call = Call::of_client(format!("{host}:{PORT}"), format!("/{}", case.id)).over_tls(secure);
        let (url, call) = match url_of(case, &call) {
            Some(url) => (url, Call { own_url: true, ..call }),
            None => {
                let scheme = if secure { "wss" } else { "ws" };
                let path = format!("{}?agent=wsspec", call.path);
                (format!("{scheme}://{}{path}", call.host), Call { path, ..call })
            }
        };
        let url = match WsUrl::parse_with_fault(&url, self.kind.fault()) {
            Ok(url) => url,
            Err(error) => return (play_without_call(case, format!("{error}"), false), call),
        };
        let offered: &[&str] = if case.needs.contains(&Need::Subprotocol) { &SUBPROTOCOLS } else { &[] };
        let trust = Trust::Authorities(vec![self.tls.authority.certificate()]);
        let tls = match peer::handshake::tls::client_config(trust, self.kind.fault()) {
            Ok(tls) => tls,
            Err(error) => return (PlayResult::environment(error.to_string()), call),
        };
        let peer = peer::call_link(far, &url, offered, self.kind, secure.then_some(&tls));
        let result = run_with_peer(peer, self.receive(case, settings, near, secure, &call)).await;
        (result, call)
    }

    /// Plays a case against the client at the other end.
    async fn receive(&self, case: &Case, settings: &Settings, near: Link, secure: bool, call: &Call) -> PlayResult {
        let shown = case.handshake.tls.certificate;
        if shown != Certificate::Valid || case.handshake.tls.refused() {
            return match self.tls.authority.server(shown) {
                Ok(tls) => play_tls_refusal(near, &tls, settings).await,
                Err(error) => PlayResult::environment(error.to_string()),
            };
        }
        let near = if secure {
            match self.tls.server.accept(near, settings.timeout).await {
                Ok(near) => near,
                Err(error) => return PlayResult::environment(error.to_string()),
            }
        } else {
            near
        };
        match read_request(near, settings).await {
            Ok(request) => play_against_client(case, request, call, settings).await,
            Err(sentence) => PlayResult::environment(sentence),
        }
    }
}

/// Runs both until the play is over; then the peer is dropped, whatever it waits for.
async fn run_with_peer(peer: impl Future, play: impl Future<Output = PlayResult>) -> PlayResult {
    tokio::pin!(play);
    tokio::select! {
        biased;
        played = &mut play => played,
        _ = peer => play.await,
    }
}
