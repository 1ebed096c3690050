//! The arguments of `wsspec peer`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::listen_args::Secured;

/// `wsspec peer`.
#[derive(Debug, Args)]
pub struct Peer {
    #[command(subcommand)]
    pub role: PeerRole,
}

/// The roles of a peer.
#[derive(Debug, Subcommand)]
pub enum PeerRole {
    /// An echo server
    Server {
        /// Where to listen
        #[arg(value_name = "HOST:PORT|unix:FILE", default_value = "127.0.0.1:9001")]
        address: String,
        #[command(flatten)]
        secured: Secured,
        #[command(flatten)]
        kind: PeerKind,
    },
    /// An echo client
    Client {
        /// The URL to request; with --loop, the base URL of a fuzzing server
        url: String,
        /// Request all cases of a fuzzing server, as Autobahn's test clients do
        #[arg(long = "loop")]
        looping: bool,
        /// How many cases are requested at once with --loop
        #[arg(long, default_value_t = 1)]
        jobs: usize,
        /// Trust certificates signed by the CAs in this PEM file [default: those that the system trusts]
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// Accept any certificate of a wss:// server
        #[arg(long, conflicts_with = "ca")]
        insecure: bool,
        /// Connect to this address instead of the URL's host and port
        #[arg(long, value_name = "HOST:PORT|unix:FILE")]
        connect_to: Option<String>,
        #[command(flatten)]
        kind: PeerKind,
    },
}

/// A correct peer, or one with a fault.
#[derive(Debug, Args)]
pub struct PeerKind {
    /// Have this fault (see wsspec list --faults); `none` is wsspec's own correct peer [default: tungstenite's peer]
    #[arg(long, value_name = "NAME")]
    pub fault: Option<String>,
    /// Neither offer nor accept permessage-deflate; tungstenite's peer never does
    #[arg(long)]
    pub no_deflate: bool,
}
