//! Runs an endpoint over a stream.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;

use super::super::faults::Fault;
use super::super::handshake::OpeningResult;
use super::super::shutdown::{self, CloseOrder};
use super::super::{Conversation, MAX_MESSAGE, PeerError, STALL_TIMEOUT, Task};
use super::endpoint::Endpoint;
use crate::vocabulary::Role;

/// How many bytes may be pending for the other end before reading stops: two of the largest messages.
const MAX_PENDING: usize = 2 * MAX_MESSAGE;

/// How long a client that leaves an idle connection waits.
const IDLE_TIME: Duration = Duration::from_millis(50);

/// Bytes for the other end, and how many of them are written already.
#[derive(Default)]
struct PendingOutput {
    bytes: Vec<u8>,
    written: usize,
}

impl PendingOutput {
    fn add(&mut self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        if self.unwritten().is_empty() {
            (self.bytes, self.written) = (bytes, 0);
        } else {
            self.bytes.drain(..self.written);
            self.written = 0;
            self.bytes.extend_from_slice(&bytes);
        }
    }

    fn unwritten(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }
}

/// Everything after the opening handshake.
pub(in crate::peer) async fn converse<S>(
    mut stream: S,
    opening: &OpeningResult,
    role: Role,
    fault: Option<Fault>,
    task: Task,
) -> Result<Conversation, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut endpoint = Endpoint::new(role, fault, task, opening.deflate);
    endpoint.receive(&opening.early);
    drive(&mut stream, &mut endpoint).await?;
    if endpoint.is_open() && fault == Some(Fault::STREAM_END_IGNORED) {
        tokio::time::sleep(shutdown::STAY_OPEN).await;
    }
    shutdown::end_stream(&mut stream, close_order(&endpoint, role, fault)).await;
    Ok(endpoint.into_conversation())
}

/// Who ends the stream: after the closing handshake the server does, after a failure this end does, and if the other
/// end has ended it already there is nothing to wait for.
pub(super) fn close_order(endpoint: &Endpoint, role: Role, fault: Option<Fault>) -> CloseOrder {
    if endpoint.has_failed() {
        let stays_open = fault == Some(Fault::TCP_LEFT_OPEN_AFTER_FAILING);
        return if stays_open { CloseOrder::Never } else { CloseOrder::First };
    }
    if endpoint.is_open() {
        return CloseOrder::First;
    }
    match role {
        Role::Server if fault == Some(Fault::TCP_LEFT_OPEN) => CloseOrder::Never,
        Role::Client if fault == Some(Fault::CLIENT_ENDS_TCP_FIRST) => CloseOrder::First,
        Role::Server => CloseOrder::First,
        Role::Client => CloseOrder::Second,
    }
}

/// Reads and writes concurrently until the connection is over and everything is written.
async fn drive<S>(stream: &mut S, endpoint: &mut Endpoint) -> Result<(), PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut buffer = vec![0; 64 * 1024];
    let mut pending = PendingOutput::default();
    let mut stream_ended = false;
    let mut stall_deadline = Instant::now() + STALL_TIMEOUT;
    let mut last_received = Instant::now();
    let closes_when_idle = endpoint.closes_when_idle();
    loop {
        let was_written = pending.unwritten().is_empty();
        pending.add(endpoint.take_output());
        let all_written = pending.unwritten().is_empty();
        if was_written && !all_written {
            stall_deadline = Instant::now() + STALL_TIMEOUT;
        }
        let reads = endpoint.is_open() && !stream_ended;
        if all_written && !reads {
            writer.flush().await?;
            return Ok(());
        }
        tokio::select! {
            read = reader.read(&mut buffer), if reads && pending.unwritten().len() < MAX_PENDING => {
                match read? {
                    0 => stream_ended = true,
                    read => endpoint.receive(buffer.get(..read).unwrap_or_default()),
                }
                last_received = Instant::now();
            }
            () = tokio::time::sleep_until(last_received + IDLE_TIME), if closes_when_idle && reads => {
                endpoint.close_idle();
            }
            written = writer.write(pending.unwritten()), if !all_written => {
                pending.written += written?;
                stall_deadline = Instant::now() + STALL_TIMEOUT;
            }
            () = tokio::time::sleep_until(stall_deadline), if !all_written => {
                return Err(PeerError::Stalled(STALL_TIMEOUT));
            }
        }
    }
}
