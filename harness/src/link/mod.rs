//! A byte stream to the target: TCP, a Unix socket, or a pipe in memory.

mod address;
mod stream;

pub use address::{Address, AddressError, Endpoint};
pub use stream::{Exchange, Link, ReadEnd};
