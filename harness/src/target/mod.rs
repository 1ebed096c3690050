//! What is under test: a server at a URL or started by us, a client that we spawn or that calls by itself.

mod process;
mod server;
mod spawned;

pub use process::{Death, Process, ProcessError, Usage};
pub use server::{NotReached, Server};
pub use spawned::{Arrival, CalledBy, Spawner, SpawnerError, Visit};
