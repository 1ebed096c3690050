//! permessage-deflate at the level of bytes: RFC 7692 section 7.2.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::vocabulary::Role;
use crate::wire::FrameSpec;

use super::super::super::faults::Fault;
use super::super::super::handshake::deflate::{CompressionParams, NegotiatedParams};
use super::super::super::{End, MAX_MESSAGE, Task};
use super::super::deflate::Deflater;
use super::super::endpoint::Endpoint;
use super::super::inflate::Inflater;
use super::{encode_for, fragment, frames, spec};

const ROLES: [Role; 2] = [Role::Server, Role::Client];

fn compressed(opcode: u8, payload: &[u8]) -> FrameSpec {
    FrameSpec { rsv: 4, ..spec(opcode, payload) }
}

/// Both directions with this window and this use of context takeover.
fn both_directions(takeover: bool, window_bits: u8) -> NegotiatedParams {
    let params = CompressionParams { takeover, window_bits };
    NegotiatedParams { server: params, client: params }
}

/// A conversation with an endpoint, whose output is inflated by the other end's decompressor.
struct Connection {
    endpoint: Endpoint,
    role: Role,
    inflater: Inflater,
}

impl Connection {
    fn new(role: Role, negotiated: NegotiatedParams, fault: Option<Fault>) -> Self {
        let endpoint = Endpoint::new(role, fault, Task::Echo, Some(negotiated));
        Self { endpoint, role, inflater: Inflater::new(negotiated, role.other(), None) }
    }

    /// Sends frames in reads of this many bytes; returns the responses as RSV, opcode and inflated payload.
    fn exchange(&mut self, specs: &[FrameSpec], read: usize) -> Vec<(u8, u8, Vec<u8>)> {
        let bytes: Vec<u8> = specs.iter().flat_map(|spec| encode_for(self.role, spec.clone())).collect();
        bytes.chunks(read).for_each(|piece| self.endpoint.receive(piece));
        let responses = frames(&self.endpoint.take_output()).into_iter().map(|frame| {
            assert!(frame.head.fin);
            let mut payload = frame.payload;
            if frame.head.rsv == 4 {
                let mut inflated = Vec::new();
                self.inflater.begin_message();
                self.inflater.push(&payload, &mut inflated).expect("a valid stream");
                self.inflater.finish_message(&mut inflated).expect("a valid stream");
                payload = inflated;
            }
            (frame.head.rsv, frame.head.opcode.value(), payload)
        });
        responses.collect()
    }

    fn end(self) -> End {
        self.endpoint.into_conversation().end
    }
}

/// The responses of an endpoint without a fault to these frames.
fn responses_to(role: Role, specs: &[FrameSpec]) -> (Vec<(u8, u8, Vec<u8>)>, End) {
    let mut connection = Connection::new(role, NegotiatedParams::default(), None);
    (connection.exchange(specs, usize::MAX), connection.end())
}

fn failed(code: u16) -> (Vec<(u8, u8, Vec<u8>)>, End) {
    (vec![(0, 8, code.to_be_bytes().to_vec())], End::Failed(code))
}

fn deflater(negotiated: NegotiatedParams) -> Deflater {
    Deflater::new(negotiated, Role::Client, None)
}

#[test]
fn the_examples_of_section_7_2_3_are_inflated() {
    const HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let first = FrameSpec { fin: false, ..compressed(1, &HELLO[..3]) };
    let examples: [&[FrameSpec]; 7] = [
        &[compressed(1, HELLO)],
        &[first, spec(0, &HELLO[3..])],
        &[compressed(1, b"\xf2\x00\x11\x00\x00")],
        &[compressed(1, b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00")],
        &[compressed(1, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00")],
        &[compressed(1, b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00")],
        &[FrameSpec { fin: false, ..compressed(1, HELLO) }, spec(0, b"")],
    ];
    for role in ROLES {
        for read in [usize::MAX, 1] {
            let mut connection = Connection::new(role, NegotiatedParams::default(), None);
            for specs in examples {
                assert_eq!(connection.exchange(specs, read), [(4, 1, b"Hello".to_vec())], "{specs:?}");
            }
            for empty in [&b"\x00"[..], b"\x02\x00", b""] {
                assert_eq!(connection.exchange(&[compressed(2, empty)], read), [(4, 2, Vec::new())], "{empty:?}");
            }
        }
    }
}

#[test]
fn messages_are_compressed_as_in_section_7_2_3() {
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00".to_vec();
    let mut with_takeover = deflater(NegotiatedParams::default());
    assert_eq!(with_takeover.compress_message(b"Hello"), Some(hello.clone()));
    assert_eq!(with_takeover.compress_message(b""), Some(vec![0]));
    assert_eq!(with_takeover.compress_message(b"Hello"), Some(b"\xf2\x00\x11\x00\x00".to_vec()));
    let mut no_takeover = deflater(both_directions(false, 15));
    for _ in 0..2 {
        assert_eq!(no_takeover.compress_message(b"Hello"), Some(hello.clone()));
    }
    let mut stored = deflater(both_directions(true, 8));
    for _ in 0..2 {
        assert_eq!(stored.compress_message(b"Hello"), Some(b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00".to_vec()));
    }
}

#[test]
fn final_blocks_and_uncompressed_messages_keep_the_window() {
    for role in ROLES {
        let mut connection = Connection::new(role, NegotiatedParams::default(), None);
        let mut other_end = Deflater::new(NegotiatedParams::default(), role.other(), None);
        let mut sent = |text: &[u8]| compressed(1, &other_end.compress_message(text).expect("a payload"));
        assert_eq!(connection.exchange(&[sent(b"Hello, hello")], 1), [(4, 1, b"Hello, hello".to_vec())]);
        // Two final blocks and an empty last one. The other end's window does not contain their message.
        let final_blocks = b"\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00\x00";
        assert_eq!(connection.exchange(&[spec(1, b"\xc3\xa9"), spec(9, b"now")], 1).len(), 2);
        assert_eq!(connection.exchange(&[sent(b"Hello, hello")], 1), [(4, 1, b"Hello, hello".to_vec())]);
        assert_eq!(connection.exchange(&[compressed(1, final_blocks)], 1), [(4, 1, b"HelloHello".to_vec())]);
        // It refers to the second Hello.
        assert_eq!(connection.exchange(&[compressed(1, b"\xf2\x00\x11\x00\x00")], 1), [(4, 1, b"Hello".to_vec())]);
        // Final blocks are not slower than others.
        assert_eq!(
            connection.exchange(&[compressed(1, &b"\x03\x00".repeat(50_000))], usize::MAX),
            [(4, 1, Vec::new())]
        );
    }
}

#[test]
fn messages_round_trip_with_all_parameters() {
    let mut random = ChaCha8Rng::seed_from_u64(7692);
    let incompressible: Vec<u8> = (0..100_000).map(|_| random.random()).collect();
    let compressible = "compressible, so it is. ".repeat(9000).into_bytes();
    for role in ROLES {
        for negotiated in (8..=15).flat_map(|bits| [both_directions(true, bits), both_directions(false, bits)]) {
            let mut connection = Connection::new(role, negotiated, None);
            let mut other_end = Deflater::new(negotiated, role.other(), None);
            for message in [
                &b"a"[..],
                &compressible,
                b"",
                &incompressible,
                &incompressible,
                &compressible,
                &incompressible[..40_000],
            ] {
                let payload = other_end.compress_message(message).expect("a payload");
                assert!(!payload.ends_with(b"\0\0\xff\xff"));
                let (first, second) = payload.split_at(payload.len() / 3);
                let specs = [
                    FrameSpec { fin: false, ..compressed(2, first) },
                    spec(9, b"x"),
                    fragment(0, b""),
                    spec(0, second),
                ];
                let responses = connection.exchange(&specs, 5000);
                assert_eq!(responses.len(), 2, "{negotiated:?}");
                assert!(responses[1] == (4, 2, message.to_vec()), "{negotiated:?}: {} bytes", message.len());
            }
        }
    }
}

/// A repetition just outside the window is not found; one inside it is.
#[test]
fn windows_are_respected() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let incompressible: Vec<u8> = (0..32_768).map(|_| random.random()).collect();
    let sizes = |negotiated: NegotiatedParams, fault: Option<Fault>, part: usize| {
        let mut deflater = Deflater::new(negotiated, Role::Client, fault);
        let mut size = || deflater.compress_message(&incompressible[..part]).expect("a payload").len();
        (size(), size())
    };
    for bits in 9..=14_u8 {
        let window = 1 << bits;
        let (first, second) = sizes(both_directions(true, bits), None, window + 1);
        assert!(first > window && second > window, "{bits}: {first}, {second}");
        let (_, second) = sizes(both_directions(true, bits), Some(Fault::DEFLATE_WINDOW_EXCEEDED), window + 1);
        assert!(second < window / 4, "{bits}: {second}");
        let (_, second) = sizes(both_directions(true, bits), None, window / 4);
        assert!(second < window / 8, "{bits}: {second}");
    }
}

#[test]
fn violations_of_the_extension_fail() {
    let default_params = CompressionParams::default();
    for role in ROLES {
        for payload in [
            &b"\x07"[..],
            b"\xff\xff\xff",
            b"\xf2\x48\xcd\xc9\xc9\x07",
            b"\xf2\x48\xcd",
            b"\x00\x05\x00\xfa\xff\x48\x65",
            b"\x00\x05\x00\xfa\xff\x48",
            b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff",
            b"\xf2\x00\x11\x00\x00",
            b"\xf3\x48\xcd\xc9\xc9\x07\x00Hello",
            b"\x78\x9c\xf2\x48\xcd\xc9\xc9\x07\x00",
        ] {
            assert_eq!(responses_to(role, &[compressed(1, payload)]), failed(1007), "{payload:02x?}");
        }
        for specs in [
            &[compressed(9, b"x")][..],
            &[compressed(8, b"\x03\xe8")],
            &[fragment(1, b"x"), compressed(0, b"\0")],
            &[FrameSpec { fin: false, ..compressed(1, b"\xf2\x48") }, compressed(0, b"\xcd")],
            &[FrameSpec { rsv: 6, ..spec(1, b"\0") }],
            &[FrameSpec { rsv: 2, ..spec(1, b"x") }],
        ] {
            assert_eq!(responses_to(role, specs), failed(1002), "{specs:?}");
        }
        // Text is checked after inflating, and must not end inside a character.
        for text in [&b"\xed\xa0\x80"[..], b"ab\xc3"] {
            let payload = deflater(NegotiatedParams::default()).compress_message(text).expect("a payload");
            assert_eq!(responses_to(role, &[compressed(1, &payload)]), failed(1007));
            assert_eq!(responses_to(role, &[compressed(2, &payload)]).0, [(4, 2, text.to_vec())]);
        }
        // Nothing was agreed.
        let mut without_deflate = Endpoint::new(role, None, Task::Echo, None);
        without_deflate.receive(&encode_for(role, compressed(1, b"\0")));
        assert!(without_deflate.has_failed());
    }
    assert_eq!(default_params, both_directions(true, 15).server);
}

/// The bound applies to the inflated message, and holds before all of it is inflated.
#[test]
fn deflate_bombs_fail() {
    let mut other_end = deflater(NegotiatedParams::default());
    let at_limit = other_end.compress_message(&vec![0; MAX_MESSAGE]).expect("a payload");
    let mut connection = Connection::new(Role::Server, NegotiatedParams::default(), None);
    let responses = connection.exchange(&[compressed(2, &at_limit)], usize::MAX);
    assert!(responses.len() == 1 && responses[0].2.len() == MAX_MESSAGE);
    let over_limit =
        deflater(NegotiatedParams::default()).compress_message(&vec![0; MAX_MESSAGE + 1]).expect("a payload");
    assert_eq!(responses_to(Role::Server, &[compressed(2, &over_limit)]), failed(1009));
    // The connection fails inside the frame, while most of it is still missing.
    let mut endpoint = Endpoint::new(Role::Client, None, Task::Echo, Some(NegotiatedParams::default()));
    let bomb = FrameSpec { declared: Some(1 << 20), ..compressed(2, &over_limit) };
    endpoint.receive(&encode_for(Role::Client, bomb));
    assert!(endpoint.has_failed());
}

/// Corrupt streams give the same result in any split into reads: the message or a failure.
#[test]
fn corrupt_streams_give_the_same_result_in_all_reads() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let text = "a few words, a few words and more words".repeat(20);
    let (mut delivered, mut failed_count) = (0, 0);
    for iteration in 0..400 {
        let mut other_end = deflater(NegotiatedParams::default());
        let mut payload = other_end.compress_message(text.as_bytes()).expect("a payload");
        for _ in 0..iteration % 3 {
            let at = random.random_range(0..payload.len());
            payload[at] ^= 1 << random.random_range(0..8);
        }
        if iteration % 5 == 4 {
            payload.truncate(random.random_range(0..payload.len()));
        }
        let specs = [compressed(2, &payload), spec(9, b"x")];
        let mut in_one_read = Connection::new(Role::Client, NegotiatedParams::default(), None);
        let mut byte_by_byte = Connection::new(Role::Client, NegotiatedParams::default(), None);
        let responses = in_one_read.exchange(&specs, usize::MAX);
        assert_eq!(responses, byte_by_byte.exchange(&specs, 1), "{payload:02x?}");
        let end = in_one_read.end();
        assert!(end == End::Lost || end == End::Failed(1007), "{end:?}");
        if end == End::Lost { delivered += 1 } else { failed_count += 1 }
    }
    assert!(delivered > 100 && failed_count > 100, "{delivered}, {failed_count}");
}
