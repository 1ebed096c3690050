//! A byte stream to the target: TCP, a Unix socket, or a pipe in memory, with TLS above it if required.

mod address;
mod listening;
mod proxy;
mod route;
mod stream;
pub mod tls;
mod wire;

pub use address::{Address, AddressError, Endpoint};
pub use listening::Listening;
pub use proxy::{Proxy, ProxyError};
pub use route::{ConnectError, Route, connect};
pub use stream::{Exchange, Link};
