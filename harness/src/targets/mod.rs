//! What is under test: a server at a URL or started by us, a client that we spawn or that calls by itself.

mod called_by;
mod own_url;
mod process;
mod refusing;
mod server;
mod spawned;

pub use called_by::CommandPlaceholders;
pub use process::{Death, Process, ProcessError, Usage};
pub use server::{Server, Unreachable};
pub use spawned::{Accepted, SpawnError, SpawnedClient, Spawner, SpawnerError};
