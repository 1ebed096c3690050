//! What a run plays its cases against.

use std::net::SocketAddr;

use crate::run::{Listener, Target};
use crate::vocabulary::Role;

/// One target of a run.
pub enum TargetRun {
    /// One that is played at our pace.
    Paced(Target),
    /// Clients that call by themselves; what is called with the URL as soon as it is served.
    Listening(Listener, Option<OnServing>),
}

/// Starts a client of our own at the time when it is waited for.
pub type OnServing = Box<dyn FnOnce(&str) + Send>;

impl TargetRun {
    /// The target's role.
    pub const fn role(&self) -> Role {
        match self {
            Self::Paced(under) => under.role(),
            Self::Listening(..) => Role::Client,
        }
    }

    /// Whether it is on this machine for certain.
    pub fn is_local(&self) -> bool {
        match self {
            // What we start ourselves is ours, wherever it listens.
            Self::Paced(Target::Server(server)) => server.command.is_some() || server.endpoint.address.is_local(),
            Self::Paced(Target::Client(_)) => true,
            Self::Listening(listener, _) => {
                listener.address.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
            }
        }
    }

    /// How many targets play the cases.
    pub const fn clients(&self) -> usize {
        match self {
            Self::Paced(_) => 1,
            Self::Listening(listener, _) => listener.clients,
        }
    }
}
