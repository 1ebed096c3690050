//! Runs an endpoint over a stream.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;

use super::super::ending::{self, Order};
use super::super::faults::Fault;
use super::super::handshake::Opened;
use super::super::{Conversation, MAX_MESSAGE, PeerError, STALL, Task};
use super::endpoint::Endpoint;
use crate::vocabulary::Role;

/// How many bytes may be pending for the other end before reading stops: two of the largest messages.
const MAX_WAITING: usize = 2 * MAX_MESSAGE;

/// How long a client that leaves an idle connection waits.
const IDLE: Duration = Duration::from_millis(50);

/// Bytes for the other end, and how many of them are written already.
#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    written: usize,
}

impl Waiting {
    fn add(&mut self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        if self.rest().is_empty() {
            (self.bytes, self.written) = (bytes, 0);
        } else {
            self.bytes.drain(..self.written);
            self.written = 0;
            self.bytes.extend_from_slice(&bytes);
        }
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }
}

/// Everything after the opening handshake.
pub(in crate::peer) async fn converse<S>(
    mut stream: S,
    opened: &Opened,
    role: Role,
    fault: Option<Fault>,
    task: Task,
) -> Result<Conversation, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut endpoint = Endpoint::new(role, fault, task, opened.deflate);
    endpoint.receive(&opened.early);
    talk(&mut stream, &mut endpoint).await?;
    if endpoint.is_open() && fault == Some(Fault::STREAM_END_IGNORED) {
        tokio::time::sleep(ending::LEFT_OPEN).await;
    }
    ending::end(&mut stream, order(&endpoint, role, fault)).await;
    Ok(endpoint.into_conversation())
}

/// Who ends the stream: after the closing handshake the server does, after a failure this end does, and if the other
/// end has ended it already there is nothing to wait for.
pub(super) fn order(endpoint: &Endpoint, role: Role, fault: Option<Fault>) -> Order {
    if endpoint.has_failed() {
        let stays = fault == Some(Fault::TCP_LEFT_OPEN_AFTER_FAILING);
        return if stays { Order::Never } else { Order::First };
    }
    if endpoint.is_open() {
        return Order::First;
    }
    match role {
        Role::Server if fault == Some(Fault::TCP_LEFT_OPEN) => Order::Never,
        Role::Client if fault == Some(Fault::CLIENT_ENDS_TCP_FIRST) => Order::First,
        Role::Server => Order::First,
        Role::Client => Order::Second,
    }
}

/// Reads and writes concurrently until the connection is over and everything is written.
async fn talk<S>(stream: &mut S, endpoint: &mut Endpoint) -> Result<(), PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut buffer = vec![0; 64 * 1024];
    let mut waiting = Waiting::default();
    let mut ended = false;
    let mut stall = Instant::now() + STALL;
    let mut said = Instant::now();
    let leaves = endpoint.leaves_when_idle();
    loop {
        let idle_before = waiting.rest().is_empty();
        waiting.add(endpoint.take_out());
        let idle = waiting.rest().is_empty();
        if idle_before && !idle {
            stall = Instant::now() + STALL;
        }
        let reads = endpoint.is_open() && !ended;
        if idle && !reads {
            writer.flush().await?;
            return Ok(());
        }
        tokio::select! {
            read = reader.read(&mut buffer), if reads && waiting.rest().len() < MAX_WAITING => {
                match read? {
                    0 => ended = true,
                    read => endpoint.receive(buffer.get(..read).unwrap_or_default()),
                }
                said = Instant::now();
            }
            () = tokio::time::sleep_until(said + IDLE), if leaves && reads => {
                endpoint.leave();
            }
            written = writer.write(waiting.rest()), if !idle => {
                waiting.written += written?;
                stall = Instant::now() + STALL;
            }
            () = tokio::time::sleep_until(stall), if !idle => {
                return Err(PeerError::Stalled(STALL));
            }
        }
    }
}
