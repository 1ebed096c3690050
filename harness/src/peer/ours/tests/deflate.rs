//! permessage-deflate at the level of bytes: RFC 7692 section 7.2.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::vocabulary::Role;
use crate::wire::FrameSpec;

use super::super::super::faults::Fault;
use super::super::super::handshake::deflate::{Compressing, NegotiatedParams};
use super::super::super::{End, MAX_MESSAGE, Task};
use super::super::deflate::Deflater;
use super::super::endpoint::Endpoint;
use super::super::inflate::Inflater;
use super::{begin, frames, spec, toward};

const ROLES: [Role; 2] = [Role::Server, Role::Client];

fn compressed(opcode: u8, payload: &[u8]) -> FrameSpec {
    FrameSpec { rsv: 4, ..spec(opcode, payload) }
}

/// Both directions with this window and this use of context takeover.
fn both(takeover: bool, window_bits: u8) -> NegotiatedParams {
    let way = Compressing { takeover, window_bits };
    NegotiatedParams { server: way, client: way }
}

/// A conversation with an endpoint, whose output is inflated by the other end's decompressor.
struct Talk {
    endpoint: Endpoint,
    role: Role,
    inflater: Inflater,
}

impl Talk {
    fn new(role: Role, agreed: NegotiatedParams, fault: Option<Fault>) -> Self {
        let endpoint = Endpoint::new(role, fault, Task::Echo, Some(agreed));
        Self { endpoint, role, inflater: Inflater::new(agreed, role.other(), None) }
    }

    /// Sends frames in reads of this many bytes; returns the answers as RSV, opcode and inflated payload.
    fn say(&mut self, specs: &[FrameSpec], read: usize) -> Vec<(u8, u8, Vec<u8>)> {
        let bytes: Vec<u8> = specs.iter().flat_map(|spec| toward(self.role, spec.clone())).collect();
        bytes.chunks(read).for_each(|piece| self.endpoint.receive(piece));
        let said = frames(&self.endpoint.take_out()).into_iter().map(|frame| {
            assert!(frame.head.fin);
            let mut payload = frame.payload;
            if frame.head.rsv == 4 {
                let mut inflated = Vec::new();
                self.inflater.begin();
                self.inflater.push(&payload, &mut inflated).expect("a valid stream");
                self.inflater.finish(&mut inflated).expect("a valid stream");
                payload = inflated;
            }
            (frame.head.rsv, frame.head.opcode.value(), payload)
        });
        said.collect()
    }

    fn end(self) -> End {
        self.endpoint.into_conversation().end
    }
}

/// The answers of the correct endpoint to frames.
fn answers(role: Role, specs: &[FrameSpec]) -> (Vec<(u8, u8, Vec<u8>)>, End) {
    let mut talk = Talk::new(role, NegotiatedParams::default(), None);
    (talk.say(specs, usize::MAX), talk.end())
}

fn failed(code: u16) -> (Vec<(u8, u8, Vec<u8>)>, End) {
    (vec![(0, 8, code.to_be_bytes().to_vec())], End::Failed(code))
}

fn deflater(agreed: NegotiatedParams) -> Deflater {
    Deflater::new(agreed, Role::Client, None)
}

#[test]
fn the_examples_of_section_7_2_3_are_read() {
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
            let mut talk = Talk::new(role, NegotiatedParams::default(), None);
            for specs in examples {
                assert_eq!(talk.say(specs, read), [(4, 1, b"Hello".to_vec())], "{specs:?}");
            }
            for empty in [&b"\x00"[..], b"\x02\x00", b""] {
                assert_eq!(talk.say(&[compressed(2, empty)], read), [(4, 2, Vec::new())], "{empty:?}");
            }
        }
    }
}

#[test]
fn what_is_sent_is_as_section_7_2_3_has_it() {
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00".to_vec();
    let mut takes_over = deflater(NegotiatedParams::default());
    assert_eq!(takes_over.message(b"Hello"), Some(hello.clone()));
    assert_eq!(takes_over.message(b""), Some(vec![0]));
    assert_eq!(takes_over.message(b"Hello"), Some(b"\xf2\x00\x11\x00\x00".to_vec()));
    let mut alone = deflater(both(false, 15));
    for _ in 0..2 {
        assert_eq!(alone.message(b"Hello"), Some(hello.clone()));
    }
    let mut stored = deflater(both(true, 8));
    for _ in 0..2 {
        assert_eq!(stored.message(b"Hello"), Some(b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00".to_vec()));
    }
}

#[test]
fn final_blocks_and_plain_messages_leave_the_window() {
    for role in ROLES {
        let mut talk = Talk::new(role, NegotiatedParams::default(), None);
        let mut far = Deflater::new(NegotiatedParams::default(), role.other(), None);
        let mut sent = |text: &[u8]| compressed(1, &far.message(text).expect("a payload"));
        assert_eq!(talk.say(&[sent(b"Hello, hello")], 1), [(4, 1, b"Hello, hello".to_vec())]);
        // Two final blocks and an empty last one. The other end's window does not contain their message.
        let finals = b"\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00\x00";
        assert_eq!(talk.say(&[spec(1, b"\xc3\xa9"), spec(9, b"now")], 1).len(), 2);
        assert_eq!(talk.say(&[sent(b"Hello, hello")], 1), [(4, 1, b"Hello, hello".to_vec())]);
        assert_eq!(talk.say(&[compressed(1, finals)], 1), [(4, 1, b"HelloHello".to_vec())]);
        // It refers to the second Hello.
        assert_eq!(talk.say(&[compressed(1, b"\xf2\x00\x11\x00\x00")], 1), [(4, 1, b"Hello".to_vec())]);
        // Final blocks are not slower than others.
        assert_eq!(talk.say(&[compressed(1, &b"\x03\x00".repeat(50_000))], usize::MAX), [(4, 1, Vec::new())]);
    }
}

#[test]
fn every_agreement_goes_round() {
    let mut random = ChaCha8Rng::seed_from_u64(7692);
    let noise: Vec<u8> = (0..100_000).map(|_| random.random()).collect();
    let words = "compressible, so it is. ".repeat(9000).into_bytes();
    for role in ROLES {
        for agreed in (8..=15).flat_map(|bits| [both(true, bits), both(false, bits)]) {
            let mut talk = Talk::new(role, agreed, None);
            let mut far = Deflater::new(agreed, role.other(), None);
            for message in [&b"a"[..], &words, b"", &noise, &noise, &words, &noise[..40_000]] {
                let payload = far.message(message).expect("a payload");
                assert!(!payload.ends_with(b"\0\0\xff\xff"));
                let (first, second) = payload.split_at(payload.len() / 3);
                let specs =
                    [FrameSpec { fin: false, ..compressed(2, first) }, spec(9, b"x"), begin(0, b""), spec(0, second)];
                let said = talk.say(&specs, 5000);
                assert_eq!(said.len(), 2, "{agreed:?}");
                assert!(said[1] == (4, 2, message.to_vec()), "{agreed:?}: {} bytes", message.len());
            }
        }
    }
}

/// A repetition just outside the window is not found; one inside it is.
#[test]
fn windows_are_kept_to() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let noise: Vec<u8> = (0..32_768).map(|_| random.random()).collect();
    let sizes = |agreed: NegotiatedParams, fault: Option<Fault>, part: usize| {
        let mut deflater = Deflater::new(agreed, Role::Client, fault);
        let mut size = || deflater.message(&noise[..part]).expect("a payload").len();
        (size(), size())
    };
    for bits in 9..=14_u8 {
        let window = 1 << bits;
        let (first, again) = sizes(both(true, bits), None, window + 1);
        assert!(first > window && again > window, "{bits}: {first}, {again}");
        let (_, again) = sizes(both(true, bits), Some(Fault::DEFLATE_WINDOW_EXCEEDED), window + 1);
        assert!(again < window / 4, "{bits}: {again}");
        let (_, again) = sizes(both(true, bits), None, window / 4);
        assert!(again < window / 8, "{bits}: {again}");
    }
}

#[test]
fn what_breaks_the_extension_fails() {
    let bare = Compressing::default();
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
            assert_eq!(answers(role, &[compressed(1, payload)]), failed(1007), "{payload:02x?}");
        }
        for specs in [
            &[compressed(9, b"x")][..],
            &[compressed(8, b"\x03\xe8")],
            &[begin(1, b"x"), compressed(0, b"\0")],
            &[FrameSpec { fin: false, ..compressed(1, b"\xf2\x48") }, compressed(0, b"\xcd")],
            &[FrameSpec { rsv: 6, ..spec(1, b"\0") }],
            &[FrameSpec { rsv: 2, ..spec(1, b"x") }],
        ] {
            assert_eq!(answers(role, specs), failed(1002), "{specs:?}");
        }
        // Text is checked after inflating, and must not end inside a character.
        for text in [&b"\xed\xa0\x80"[..], b"ab\xc3"] {
            let payload = deflater(NegotiatedParams::default()).message(text).expect("a payload");
            assert_eq!(answers(role, &[compressed(1, &payload)]), failed(1007));
            assert_eq!(answers(role, &[compressed(2, &payload)]).0, [(4, 2, text.to_vec())]);
        }
        // Nothing was agreed.
        let mut plain = Endpoint::new(role, None, Task::Echo, None);
        plain.receive(&toward(role, compressed(1, b"\0")));
        assert!(plain.has_failed());
    }
    assert_eq!(bare, both(true, 15).server);
}

/// The bound applies to the inflated message, and holds before all of it is inflated.
#[test]
fn bombs_fail() {
    let mut far = deflater(NegotiatedParams::default());
    let right = far.message(&vec![0; MAX_MESSAGE]).expect("a payload");
    let mut talk = Talk::new(Role::Server, NegotiatedParams::default(), None);
    let said = talk.say(&[compressed(2, &right)], usize::MAX);
    assert!(said.len() == 1 && said[0].2.len() == MAX_MESSAGE);
    let more = deflater(NegotiatedParams::default()).message(&vec![0; MAX_MESSAGE + 1]).expect("a payload");
    assert_eq!(answers(Role::Server, &[compressed(2, &more)]), failed(1009));
    // The connection fails inside the frame, while most of it is still missing.
    let mut endpoint = Endpoint::new(Role::Client, None, Task::Echo, Some(NegotiatedParams::default()));
    let bomb = FrameSpec { declared: Some(1 << 20), ..compressed(2, &more) };
    endpoint.receive(&toward(Role::Client, bomb));
    assert!(endpoint.has_failed());
}

/// Damaged streams give the same answer however they are read, and at worst a failure.
#[test]
fn damage_is_seen_alike_in_all_reads() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let text = "a few words, a few words and more words".repeat(20);
    let (mut taken, mut refused) = (0, 0);
    for round in 0..400 {
        let mut far = deflater(NegotiatedParams::default());
        let mut payload = far.message(text.as_bytes()).expect("a payload");
        for _ in 0..round % 3 {
            let at = random.random_range(0..payload.len());
            payload[at] ^= 1 << random.random_range(0..8);
        }
        if round % 5 == 4 {
            payload.truncate(random.random_range(0..payload.len()));
        }
        let specs = [compressed(2, &payload), spec(9, b"x")];
        let mut whole = Talk::new(Role::Client, NegotiatedParams::default(), None);
        let mut single = Talk::new(Role::Client, NegotiatedParams::default(), None);
        let said = whole.say(&specs, usize::MAX);
        assert_eq!(said, single.say(&specs, 1), "{payload:02x?}");
        let end = whole.end();
        assert!(end == End::Lost || end == End::Failed(1007), "{end:?}");
        if end == End::Lost { taken += 1 } else { refused += 1 }
    }
    assert!(taken > 100 && refused > 100, "{taken}, {refused}");
}
