//! The server's half of the opening handshake over a stream.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::wire::handshake::{Head, HeadReader};

use super::super::ending::{self, LEFT_OPEN, Order};
use super::super::faults::Fault;
use super::super::{PeerError, PeerKind};
use super::request::check_request;
use super::verdict::{Accepted, Refusal};
use super::{HEAD_TIME, MAX_HEAD, Opened, answer, deflate_answer, head_bound};

/// The result of reading a request.
struct Request {
    verdict: Result<Accepted, Refusal>,
    early: Vec<u8>,
    answered: bool,
}

/// Reads a request and answers it. Returns the bytes that followed the request head, and the negotiated parameters.
///
/// # Errors
/// A rejected request, after which this function has ended the stream, or a broken stream.
pub async fn open<S>(stream: &mut S, kind: PeerKind) -> Result<Opened, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let fault = kind.fault();
    let reading = read_request(stream, fault);
    let request = tokio::time::timeout(HEAD_TIME, reading).await.map_err(|_| PeerError::HeadTime(HEAD_TIME))??;
    let is = |asked: Fault| fault == Some(asked);
    match request.verdict {
        Ok(accepted) => {
            let mut deflate = None;
            if !request.answered {
                let sent_back = is(Fault::EXTENSIONS_SENT_BACK) && accepted.extensions_line.is_some();
                let answer = deflate_answer::answer(&accepted.extensions, fault);
                let answer = answer.filter(|_| kind.deflates() && !sent_back);
                let field = answer.as_ref().map(|answer| answer.field.as_str());
                stream.write_all(&answer::acceptance(&accepted, field, fault)).await?;
                deflate = answer.and_then(|answer| answer.agreed);
            }
            let early = if is(Fault::EARLY_FRAMES_LOST) { Vec::new() } else { request.early };
            Ok(Opened { early, deflate })
        }
        Err(refusal) => {
            let silent = refusal.silent || is(Fault::REFUSAL_STAYS_SILENT);
            if !silent {
                stream.write_all(&answer::refusal(&refusal)).await?;
            }
            if is(Fault::REFUSAL_OPENS) {
                return Ok(Opened { early: request.early, deflate: None });
            }
            let stays = silent || is(Fault::REFUSAL_STAYS_OPEN);
            ending::end(stream, if stays { Order::Never } else { Order::First }).await;
            Err(PeerError::Refused(refusal.status))
        }
    }
}

async fn read_request<S>(stream: &mut S, fault: Option<Fault>) -> Result<Request, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut reader = HeadReader::new(head_bound(fault));
    let mut buffer = vec![0; MAX_HEAD];
    let mut answered = false;
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            if fault == Some(Fault::EARLY_END_IGNORED) {
                tokio::time::sleep(LEFT_OPEN).await;
            }
            return Err(PeerError::Ended);
        }
        match reader.push(buffer.get(..read).unwrap_or_default()) {
            Ok(Some((head, early))) => {
                let verdict = check_request(&head, fault);
                return Ok(Request { verdict, early: early.to_vec(), answered });
            }
            Ok(None) => {}
            Err(_) => {
                if fault == Some(Fault::LONG_HEAD_HANGS) {
                    while stream.read(&mut buffer).await? > 0 {}
                    tokio::time::sleep(LEFT_OPEN).await;
                    return Err(PeerError::Ended);
                }
                let refusal = too_long(reader.pending());
                return Ok(refused(refusal.silent(fault == Some(Fault::LONG_HEAD_UNANSWERED))));
            }
        }
        if fault == Some(Fault::HEAD_IN_PIECES_REFUSED) {
            return Ok(refused(Refusal::new(400, "The request head is not complete.")));
        }
        if fault == Some(Fault::ACTS_BEFORE_HEAD_ENDS)
            && !answered
            && let Some(accepted) = key_so_far(reader.pending())
        {
            stream.write_all(&answer::acceptance(&accepted, None, fault)).await?;
            answered = true;
        }
    }
}

fn refused(refusal: Refusal) -> Request {
    Request { verdict: Err(refusal), early: Vec::new(), answered: false }
}

/// Which part of the head is too long: RFC 9112 section 3 and RFC 6585 section 5.
fn too_long(head: &[u8]) -> Refusal {
    if head.contains(&b'\n') {
        Refusal::new(431, "The request head is too long.")
    } else {
        Refusal::new(414, "The request target is too long.")
    }
}

/// The request as a server sees it that acts before the head is complete.
fn key_so_far(bytes: &[u8]) -> Option<Accepted> {
    let bytes = [bytes, b"\r\n\r\n"].concat();
    let (head, _): (Head, _) = HeadReader::new(MAX_HEAD + 4).push(&bytes).ok()??;
    let key = head.all("Sec-WebSocket-Key").next()?.value.to_vec();
    Some(Accepted { key, ..Accepted::default() })
}
