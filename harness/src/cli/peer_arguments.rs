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
        /// The URL to call, or with --loop the base of Autobahn's protocol
        url: String,
        /// Play through all cases of a fuzzing server, in Autobahn's URL protocol
        #[arg(long = "loop")]
        looping: bool,
        /// How many cases are in flight at once with --loop
        #[arg(long, default_value_t = 1)]
        jobs: usize,
        /// Trust certificates signed by the CAs in this PEM file [default: those that the system trusts]
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// Take any certificate of a wss:// server
        #[arg(long, conflicts_with = "ca")]
        insecure: bool,
        /// Connect there, in place of the URL's host and port
        #[arg(long, value_name = "HOST:PORT|unix:FILE")]
        connect_to: Option<String>,
        #[command(flatten)]
        kind: PeerKind,
    },
}

/// Right, or wrong in one way.
#[derive(Debug, Args)]
pub struct PeerKind {
    /// Be wrong in this way (see wsspec list --faults); `none` is our own right peer; without it tungstenite's
    #[arg(long, value_name = "NAME")]
    pub fault: Option<String>,
    /// Neither offer nor take permessage-deflate; tungstenite's peer never does
    #[arg(long)]
    pub no_deflate: bool,
}
