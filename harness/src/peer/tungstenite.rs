//! The correct peer with tungstenite's frames.
//!
//! Tungstenite drops a connection with an invalid opening handshake or invalid frames without sending anything. This
//! module sends what a correct endpoint sends in that situation: an HTTP error or a Close with a code.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tungstenite::error::ProtocolError;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role as FrameRole, WebSocketConfig};
use tungstenite::{Error, Message, Utf8Bytes};

use super::shutdown::{self, CloseOrder};
use super::{Conversation, End, MAX_MESSAGE, PeerError, STALL_TIMEOUT, Task};
use crate::vocabulary::Role;

/// Everything after the opening handshake. `early` are the bytes that followed its head.
pub(super) async fn converse<S>(stream: S, early: Vec<u8>, role: Role, task: Task) -> Result<Conversation, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let frame_role = match role {
        Role::Server => FrameRole::Server,
        Role::Client => FrameRole::Client,
    };
    let config = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    let mut socket = WebSocketStream::from_partially_read(stream, early, frame_role, Some(config)).await;
    let mut conversation = Conversation::default();
    process_messages(&mut socket, task, &mut conversation).await?;
    let order = match (conversation.end, role) {
        (End::Closed(_), Role::Client) => CloseOrder::Second,
        _ => CloseOrder::First,
    };
    shutdown::end_stream(&mut socket.into_inner(), order).await;
    Ok(conversation)
}

/// Converses until the connection is over.
///
/// # Errors
/// The other end does not read the data that is written to it.
async fn process_messages<S>(
    socket: &mut WebSocketStream<S>,
    task: Task,
    conversation: &mut Conversation,
) -> Result<(), PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let stalled = |_| PeerError::Stalled(STALL_TIMEOUT);
    while let Some(received) = socket.next().await {
        match received {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                conversation.messages += 1;
                if task == Task::Listen {
                    conversation.first.get_or_insert_with(|| message.into_data().to_vec());
                } else if timeout(STALL_TIMEOUT, socket.send(message)).await.map_err(stalled)?.is_err() {
                    break;
                }
            }
            // The pong is sent with the next read.
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Ok(Message::Close(frame)) => {
                conversation.end = End::Closed(frame.map(|frame| frame.code.into()));
                // This writes the answer. Everything after the Close is ignored.
                let _ = timeout(STALL_TIMEOUT, socket.flush()).await.map_err(stalled)?;
                break;
            }
            Err(error) => {
                if let Some(code) = code_for(&error) {
                    conversation.end = End::Failed(code.into());
                    let frame = CloseFrame { code, reason: Utf8Bytes::default() };
                    let _ = timeout(STALL_TIMEOUT, socket.close(Some(frame))).await.map_err(stalled)?;
                }
                break;
            }
        }
    }
    Ok(())
}

/// The close code for an error; `None` if the stream itself has ended.
fn code_for(error: &Error) -> Option<CloseCode> {
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some(CloseCode::Protocol),
        Error::Utf8(_) => Some(CloseCode::Invalid),
        Error::Capacity(_) => Some(CloseCode::Size),
        _ => None,
    }
}
