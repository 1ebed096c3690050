//! Both halves against each other over a pipe.

use std::time::Duration;

use bytes::BytesMut;

use super::super::{Exchange, Link};
use super::*;
use crate::case::Certificate;
use crate::vocabulary::StreamEnd;

const TIME: Duration = Duration::from_secs(5);

async fn pair(
    kind: Certificate,
    host: &str,
    client: Option<ClientTls>,
) -> (Result<Link, TlsError>, Result<Link, TlsError>) {
    let authority = Authority::new().unwrap();
    let client =
        client.unwrap_or_else(|| ClientTls::new(Trust::Authorities(vec![authority.certificate()]), None).unwrap());
    let server = authority.server(kind).unwrap();
    let (near, far) = tokio::io::duplex(1 << 16);
    tokio::join!(client.connect(near.into(), host, TIME), server.accept(far.into(), TIME))
}

async fn send(link: &mut Link, bytes: &[u8]) {
    let mut at = 0;
    while at < bytes.len() || link.unflushed() {
        match link.exchange(&bytes[at..], &mut BytesMut::new(), false).await {
            Exchange::Wrote(count) => at += count,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn bytes_are_counted_inside_and_the_name_is_seen() {
    let (near, far) = pair(Certificate::Valid, "localhost", None).await;
    let (mut near, mut far) = (near.unwrap(), far.unwrap());
    send(&mut near, b"hello").await;
    let mut buffer = [0; 64];
    assert_eq!(far.read(&mut buffer).await, Ok(5));
    assert_eq!((near.sent(), far.received(), &buffer[..5]), (5, 5, &b"hello"[..]));
    assert_eq!(far.tls().unwrap().server_name.as_deref(), Some(&b"localhost"[..]));
    assert_eq!(far.tls().unwrap().version, "TLS 1.3");
}

#[tokio::test]
async fn an_address_is_no_server_name() {
    for host in ["127.0.0.1", "::1"] {
        let far = pair(Certificate::Valid, host, None).await.1.unwrap();
        assert_eq!(far.tls().unwrap().server_name, None);
    }
}

#[tokio::test]
async fn the_ends_of_a_stream_are_distinguished() {
    for (how, end) in [
        (0, StreamEnd::Fin),
        (1, StreamEnd::Fin),
        (2, StreamEnd::TlsTruncated),
        (3, StreamEnd::TlsTruncated),
        (4, StreamEnd::Fin),
    ] {
        let (near, far) = pair(Certificate::Valid, "localhost", None).await;
        let (mut near, mut far) = (near.unwrap(), far.unwrap());
        send(&mut near, b"last").await;
        let mut kept = None;
        match how {
            0 => near.half_close().await,
            1 => near.close_notify().await,
            2 => near.truncate_tls().await,
            _ => {}
        }
        match how {
            3 => drop(near),
            4 => near.leave(),
            _ => kept = Some(near),
        }
        let mut buffer = [0; 64];
        assert_eq!(far.read(&mut buffer).await, Ok(4));
        assert_eq!(far.read(&mut buffer).await, Err(end), "{how}");
        if let Some(mut near) = kept {
            // Reading continues after our end.
            send(&mut far, b"answer").await;
            assert_eq!(near.read(&mut buffer).await, Ok(6), "{how}");
        }
    }
}

#[tokio::test]
async fn invalid_certificates_are_refused_with_advice() {
    for kind in [Certificate::WrongHost, Certificate::Untrusted, Certificate::Expired] {
        let (near, far) = pair(kind, "localhost", None).await;
        let message = near.unwrap_err().to_string();
        assert!(message.contains("--ca") && message.contains("--insecure"), "{message}");
        // The alert comes, though the client had more to write before it.
        assert!(matches!(far, Err(TlsError::Alert(_))), "{kind:?}: {far:?}");
        let trusting = ClientTls::new(Trust::Anything, None).unwrap();
        assert!(pair(kind, "localhost", Some(trusting)).await.0.is_ok());
    }
}

#[tokio::test]
async fn data_that_is_not_tls_is_reported() {
    let client = ClientTls::new(Trust::Anything, None).unwrap();
    let (near, far) = tokio::io::duplex(1 << 16);
    let mut far = Link::from(far);
    let (near, ()) =
        tokio::join!(client.connect(near.into(), "localhost", TIME), send(&mut far, b"HTTP/1.1 400 Bad\r\n\r\n"));
    assert!(matches!(near, Err(TlsError::NotTls)), "{near:?}");
}

#[test]
fn a_name_is_read_as_it_appears_in_the_hello() {
    let name = b"127.0.0.1";
    let entry = [&[0, 0, name.len() as u8], &name[..]].concat();
    let list = [&[0, entry.len() as u8], &entry[..]].concat();
    let extension = [&[0, 0, 0, list.len() as u8], &list[..]].concat();
    let body =
        [&[3, 3][..], &[7; 32], &[0], &[0, 2, 0x13, 1], &[1, 0], &[0, extension.len() as u8], &extension].concat();
    let message = [&[1, 0, 0, body.len() as u8], &body[..]].concat();
    let (first, second) = message.split_at(20);
    let record = |part: &[u8]| [&[22, 3, 1, 0, part.len() as u8], part].concat();
    let bytes = [record(first), record(second)].concat();
    assert_eq!(server_name(&bytes).as_deref(), Some(&name[..]));
    for length in 0..bytes.len() {
        assert_eq!(server_name(&bytes[..length]), None);
    }
    assert_eq!(server_name(b"GET / HTTP/1.1\r\n\r\n"), None);
}

proptest::proptest! {
    #[test]
    fn any_hello_is_read(bytes in proptest::collection::vec(0_u8..40, 0..200)) {
        let _ = server_name(&bytes);
        // More is read after the valid head of a record and of a message.
        let length = bytes.len() as u8;
        let head = [22, 3, 1, 0, length.saturating_add(4), 1, 0, 0, length];
        let _ = server_name(&[&head[..], &bytes].concat());
    }
}
