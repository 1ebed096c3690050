//! The server's half of the opening handshake over a stream.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::wire::handshake::{Head, HeadReader};

use super::super::faults::Fault;
use super::super::shutdown::{self, CloseOrder, STAY_OPEN};
use super::super::{PeerError, PeerKind};
use super::decision::{AcceptedRequest, Rejection};
use super::request::check_request;
use super::{HEAD_TIMEOUT, MAX_HEAD, OpeningResult, deflate_server, max_head, server_response};

/// The result of reading a request.
struct ReadRequest {
    decision: Result<AcceptedRequest, Rejection>,
    early: Vec<u8>,
    responded: bool,
}

/// Reads a request and answers it. Returns the bytes that followed the request head, and the negotiated parameters.
///
/// # Errors
/// A rejected request, after which this function has ended the stream, or a broken stream.
pub async fn open<S>(stream: &mut S, kind: PeerKind) -> Result<OpeningResult, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let fault = kind.fault();
    let reading = read_request(stream, fault);
    let request =
        tokio::time::timeout(HEAD_TIMEOUT, reading).await.map_err(|_| PeerError::HeadTimeout(HEAD_TIMEOUT))??;
    let has = |other: Fault| fault == Some(other);
    match request.decision {
        Ok(accepted) => {
            let mut deflate = None;
            if !request.responded {
                let extensions_sent_back = has(Fault::EXTENSIONS_SENT_BACK) && accepted.extensions_line.is_some();
                let response = deflate_server::respond(&accepted.extensions, fault);
                let response = response.filter(|_| kind.supports_deflate() && !extensions_sent_back);
                let field = response.as_ref().map(|response| response.field.as_str());
                stream.write_all(&server_response::switching_protocols(&accepted, field, fault)).await?;
                deflate = response.and_then(|response| response.negotiated);
            }
            let early = if has(Fault::EARLY_FRAMES_LOST) { Vec::new() } else { request.early };
            Ok(OpeningResult { early, deflate })
        }
        Err(rejection) => {
            let unanswered = rejection.unanswered || has(Fault::REFUSAL_STAYS_SILENT);
            if !unanswered {
                stream.write_all(&server_response::error_response(&rejection)).await?;
            }
            if has(Fault::REFUSAL_OPENS) {
                return Ok(OpeningResult { early: request.early, deflate: None });
            }
            let stays_open = unanswered || has(Fault::REFUSAL_STAYS_OPEN);
            shutdown::end_stream(stream, if stays_open { CloseOrder::Never } else { CloseOrder::First }).await;
            Err(PeerError::Rejected(rejection.status))
        }
    }
}

async fn read_request<S>(stream: &mut S, fault: Option<Fault>) -> Result<ReadRequest, PeerError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut reader = HeadReader::new(max_head(fault));
    let mut buffer = vec![0; MAX_HEAD];
    let mut responded = false;
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            if fault == Some(Fault::EARLY_END_IGNORED) {
                tokio::time::sleep(STAY_OPEN).await;
            }
            return Err(PeerError::Ended);
        }
        match reader.push(buffer.get(..read).unwrap_or_default()) {
            Ok(Some((head, early))) => {
                let decision = check_request(&head, fault);
                return Ok(ReadRequest { decision, early: early.to_vec(), responded });
            }
            Ok(None) => {}
            Err(_) => {
                if fault == Some(Fault::LONG_HEAD_HANGS) {
                    while stream.read(&mut buffer).await? > 0 {}
                    tokio::time::sleep(STAY_OPEN).await;
                    return Err(PeerError::Ended);
                }
                let rejection = too_long(reader.pending());
                return Ok(rejected(rejection.unanswered(fault == Some(Fault::LONG_HEAD_UNANSWERED))));
            }
        }
        if fault == Some(Fault::HEAD_IN_PIECES_REFUSED) {
            return Ok(rejected(Rejection::new(400, "The request head is not complete.")));
        }
        if fault == Some(Fault::ACTS_BEFORE_HEAD_ENDS)
            && !responded
            && let Some(accepted) = accept_partial_request(reader.pending())
        {
            stream.write_all(&server_response::switching_protocols(&accepted, None, fault)).await?;
            responded = true;
        }
    }
}

fn rejected(rejection: Rejection) -> ReadRequest {
    ReadRequest { decision: Err(rejection), early: Vec::new(), responded: false }
}

/// Which part of the head is too long: RFC 9112 section 3 and RFC 6585 section 5.
fn too_long(head: &[u8]) -> Rejection {
    if head.contains(&b'\n') {
        Rejection::new(431, "The request head is too long.")
    } else {
        Rejection::new(414, "The request target is too long.")
    }
}

/// The request as a server sees it that acts before the head is complete.
fn accept_partial_request(bytes: &[u8]) -> Option<AcceptedRequest> {
    let bytes = [bytes, b"\r\n\r\n"].concat();
    let (head, _): (Head, _) = HeadReader::new(MAX_HEAD + 4).push(&bytes).ok()??;
    let key = head.all("Sec-WebSocket-Key").next()?.value.to_vec();
    Some(AcceptedRequest { key, ..AcceptedRequest::default() })
}
