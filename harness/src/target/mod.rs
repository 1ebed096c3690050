//! What is under test: a server at a URL or started by us, a client that we spawn or that calls by itself.

mod own_url;
mod process;
mod server;
mod spawned;

pub use process::{Death, Process, ProcessError, Usage};
pub use server::{NotReached, Server};
pub use spawned::{Missed, Spawner, SpawnerError, Visit};
