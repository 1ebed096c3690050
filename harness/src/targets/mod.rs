//! What is under test: a server at a URL or started by the harness, or a client that the harness spawns.

mod client_listener;
mod listening;
mod own_url;
mod placeholders;
mod process;
mod refusing;
mod server;
mod server_error;
mod spawned;

pub use crate::os::Usage;
pub use own_url::connect_client_at;
pub use placeholders::{CommandPlaceholders, UnknownPlaceholder};
pub use process::{Death, Process, ProcessError};
pub use server::Server;
pub use server_error::ServerError;
pub use spawned::{Accepted, SpawnError, SpawnedClient, Spawner, SpawnerError};
