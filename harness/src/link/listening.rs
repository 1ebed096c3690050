//! A listener for clients: a TCP port or a Unix socket.

use std::io;
use std::path::PathBuf;

use tokio::net::TcpListener;

use super::address::Address;
use super::stream::Link;
use crate::os::{LocalListener, LocalStream, is_socket};

/// A listener. The drop removes the file of a Unix socket.
#[derive(Debug)]
pub struct Listening {
    listener: Listener,
    address: Address,
    /// Removes the file of a Unix socket.
    _file: Option<RemovedOnDrop>,
}

#[derive(Debug)]
enum Listener {
    Tcp(TcpListener),
    Unix(LocalListener),
}

#[derive(Debug)]
struct RemovedOnDrop(PathBuf);

impl Drop for RemovedOnDrop {
    fn drop(&mut self) {
        // It may have been removed already.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl TryFrom<TcpListener> for Listening {
    type Error = io::Error;

    fn try_from(listener: TcpListener) -> io::Result<Self> {
        let own = listener.local_addr()?;
        let address = Address::Tcp(own.ip().to_string(), own.port());
        Ok(Self { listener: Listener::Tcp(listener), address, _file: None })
    }
}

impl Listening {
    /// Listens at an address. A file of a Unix socket where nobody listens any more is replaced.
    ///
    /// # Errors
    /// The operating system's error.
    pub async fn bind(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp(host, port) => TcpListener::bind((host.as_str(), *port)).await?.try_into(),
            Address::Unix(path) => {
                let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
                if is_socket(path) && LocalStream::connect(path).await.is_err_and(refused) {
                    // The process that listened here has ended and left its file.
                    std::fs::remove_file(path)?;
                }
                let listener = Listener::Unix(LocalListener::bind(path)?);
                Ok(Self { listener, address: address.clone(), _file: Some(RemovedOnDrop(path.clone())) })
            }
        }
    }

    /// The address with the actual port.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Waits for a connection.
    ///
    /// # Errors
    /// The operating system's error, such as that there are no more file descriptors.
    pub async fn accept(&self) -> io::Result<Link> {
        match &self.listener {
            Listener::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                let _ = stream.set_nodelay(true);
                Ok(Link::from(stream))
            }
            Listener::Unix(listener) => Ok(Link::from(listener.accept().await?.0)),
        }
    }
}
