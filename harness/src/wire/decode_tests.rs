use super::*;
use crate::wire::FrameSpec;
use crate::wire::deflate::{BlockKind, DeflateSpec, InflateError, deflate};

use DeviationKind::*;

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

fn decode(sender: Role, bytes: &[u8]) -> Vec<RxFrame> {
    let mut decoder = Decoder::new(sender, 1 << 20);
    decoder.push(bytes);
    std::iter::from_fn(|| decoder.next_frame()).collect()
}

/// The deviations of all frames, which must be the same as for one byte at a time.
fn deviations(sender: Role, bytes: &[u8]) -> Vec<(u64, DeviationKind)> {
    let frames = decode(sender, bytes);
    let mut decoder = Decoder::new(sender, 1 << 20);
    bytes.iter().for_each(|&byte| decoder.push(&[byte]));
    let single: Vec<_> = std::iter::from_fn(|| decoder.next_frame()).collect();
    assert_eq!(frames, single);
    frames.into_iter().flat_map(|frame| frame.deviations).map(|found| (found.offset, found.kind)).collect()
}

fn from_server(bytes: &[u8]) -> Vec<(u64, DeviationKind)> {
    deviations(Role::Server, bytes)
}

#[test]
fn frames_of_section_5_7_are_decoded() {
    let frames = decode(Role::Client, &[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    let [frame] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!(frame.payload, "Hello");
    assert_eq!((frame.offset, frame.head.mask), (0, Some(KEY)));
    assert!(frame.deviations.is_empty());

    let frames = decode(Role::Server, &[0x01, 3, 0x48, 0x65, 0x6c, 0x80, 2, 0x6c, 0x6f]);
    let payloads: Vec<_> = frames.iter().map(|frame| (frame.offset, frame.payload.clone())).collect();
    assert_eq!(payloads, [(0, Bytes::from("Hel")), (5, Bytes::from("lo"))]);
}

#[test]
fn violations_in_the_first_byte_are_reported() {
    assert_eq!(from_server(&[0xd2, 0]), [(0, ReservedBits(5))]);
    assert_eq!(from_server(&[0x8a, 0, 0x83, 0]), [(2, ReservedOpcode(3))]);
    assert_eq!(from_server(&[0x09, 0]), [(0, ControlFragmented)]);
    assert_eq!(from_server(&[0x0b, 0]), [(0, ReservedOpcode(11)), (0, ControlFragmented)]);
    assert_eq!(from_server(&[0x80, 0]), [(0, ContinuationWithoutStart)]);
    assert_eq!(from_server(&[0x88, 0, 0x89, 0, 0x88, 0]), [(2, FrameAfterClose), (4, FrameAfterClose)]);
}

#[test]
fn a_message_inside_another_replaces_it() {
    let frames = [0x02, 0, 0x89, 0, 0x81, 0, 0x80, 0];
    assert_eq!(from_server(&frames), [(4, MessageInsideMessage), (6, ContinuationWithoutStart)]);
    // The incomplete character of the first message does not make the second one invalid.
    let frames = [0x01, 1, 0xc3, 0x01, 1, 0xc3, 0x80, 1, 0xa9];
    assert_eq!(from_server(&frames), [(3, MessageInsideMessage)]);
}

#[test]
fn violations_of_the_mask_bit_are_reported_at_the_second_byte() {
    assert_eq!(deviations(Role::Client, &[0x8a, 0]), [(1, Unmasked)]);
    assert_eq!(from_server(&[0x8a, 0x80, 0, 0, 0, 0]), [(1, Masked)]);
}

#[test]
fn violations_of_the_length_are_reported_at_the_length_byte() {
    let mut bytes = vec![0x82, 126, 0, 125];
    bytes.resize(bytes.len() + 125, 0);
    bytes.extend([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(from_server(&bytes), [(2, LengthNotMinimal), (131, LengthNotMinimal)]);

    let mut ping = vec![0x89, 126, 0, 126];
    ping.resize(130, b'*');
    assert_eq!(from_server(&ping), [(2, ControlTooLong(126))]);
}

#[test]
fn close_bodies_are_checked() {
    assert_eq!(from_server(&[0x88, 1, 3]), [(2, CloseBodyOfOneByte)]);
    assert_eq!(from_server(&[0x88, 2, 0x03, 0xed]), [(2, CloseCode(1005))]);
    assert_eq!(from_server(&[0x88, 5, 0x03, 0xe8, b'a', 0xed, 0xa0]), [(6, CloseReasonNotUtf8)]);
    // An incomplete character is reported at the end of the reason.
    assert_eq!(from_server(&[0x88, 3, 0x03, 0xe8, 0xc3]), [(5, CloseReasonNotUtf8)]);
}

#[test]
fn text_is_checked_across_fragments_to_the_exact_byte() {
    // The second byte of the surrogate is in the second fragment, after a ping.
    let bytes = [0x01, 1, 0xed, 0x89, 0, 0x80, 3, 0xa0, 0x80, 0xff];
    assert_eq!(from_server(&bytes), [(7, TextNotUtf8)]);
    // A message that has failed is not reported again; the next one is.
    let bytes = [0x01, 1, 0xff, 0x00, 1, 0xff, 0x80, 1, 0xff, 0x81, 1, 0xff];
    assert_eq!(from_server(&bytes), [(2, TextNotUtf8), (11, TextNotUtf8)]);
    // Binary messages are not text.
    assert_eq!(from_server(&[0x02, 1, 0xff, 0x80, 1, 0xff]), []);
}

#[test]
fn text_that_ends_inside_a_character_fails_after_its_last_byte() {
    assert_eq!(from_server(&[0x01, 1, 0xc3, 0x80, 0]), [(5, TextNotUtf8)]);
    assert_eq!(from_server(&[0x81, 2, b'a', 0xc3]), [(4, TextNotUtf8)]);
    assert_eq!(from_server(&[0x01, 1, 0xc3, 0x80, 1, 0xa9]), []);
}

#[test]
fn masked_text_is_checked_unmasked() {
    let mut bytes = Vec::new();
    FrameSpec::new(Opcode::TEXT, &b"abc\xe2\x28"[..]).masked(KEY).write(&mut bytes);
    assert_eq!(deviations(Role::Client, &bytes), [(10, TextNotUtf8)]);
}

#[test]
fn a_frame_over_the_bound_stops_the_decoder() {
    for length in [1001, u64::MAX, 1 << 63, 1 << 40] {
        let mut bytes = vec![0x89, 0];
        let spec = FrameSpec { declared: Some(length), ..FrameSpec::new(Opcode::BINARY, "x") };
        spec.write(&mut bytes);
        bytes.extend([0x8a, 0]);
        let mut decoder = Decoder::new(Role::Server, 1000);
        bytes.iter().for_each(|byte| decoder.push(&[*byte]));
        assert_eq!(decoder.next_frame().map(|frame| frame.head.opcode), Some(Opcode::PING));
        assert_eq!(decoder.next_frame(), None);
        assert_eq!(decoder.overflow(), Some(spec.head()));
        assert_eq!(decoder.pending(), spec.head().bytes() as u64);
        let top_bit = Deviation { offset: 4, kind: LengthTopBit };
        assert_eq!(decoder.pending_deviations().contains(&top_bit), length >> 63 == 1);
        decoder.push(&[0; 1000]);
        assert!(decoder.buffer.is_empty());
    }
    // No bound allows a length with its top bit set.
    let mut decoder = Decoder::new(Role::Server, u64::MAX);
    decoder.push(&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    assert!(decoder.overflow().is_some());
}

#[test]
fn a_declared_length_allocates_no_memory() {
    let mut decoder = Decoder::new(Role::Server, u64::MAX >> 1);
    decoder.push(&[0x82, 127, 0, 0, 0x40, 0, 0, 0, 0, 0, 1, 2, 3]);
    assert_eq!(decoder.overflow(), None);
    assert_eq!((decoder.pending(), decoder.pending_head().map(|head| head.length)), (13, Some(1 << 46)));
    assert!(decoder.buffer.capacity() < 4096);
}

#[test]
fn violations_of_a_partial_frame_are_reported_at_once() {
    let mut decoder = Decoder::new(Role::Server, 1000);
    assert_eq!((decoder.pending(), decoder.pending_head()), (0, None));
    decoder.push(&[0xc1]);
    assert_eq!((decoder.pending(), decoder.pending_head()), (1, None));
    decoder.push(&[0x7d, b'a', 0xc3, 0x28]);
    assert_eq!(decoder.pending(), 5);
    let found = [(0, ReservedBits(4)), (4, TextNotUtf8)].map(|(offset, kind)| Deviation { offset, kind });
    assert_eq!(decoder.pending_deviations(), found);
    decoder.push(&[b'*'; 122]);
    assert_eq!(decoder.next_frame().map(|frame| frame.deviations), Some(found.to_vec()));
    assert_eq!(decoder.pending(), 0);
}

#[test]
fn the_buffer_can_be_filled_in_place() {
    let mut decoder = Decoder::new(Role::Server, 1000);
    decoder.buffer_mut().extend_from_slice(&[0x82, 2, 1]);
    decoder.advance();
    decoder.buffer_mut().extend_from_slice(&[2, 0x8a]);
    decoder.advance();
    assert_eq!(decoder.next_frame().map(|frame| frame.payload), Some(Bytes::from_static(&[1, 2])));
    assert_eq!(decoder.pending(), 1);
}

/// The frames of a server that compresses, read in one piece or byte by byte, and reported in pieces or completely.
fn read_deflated(bytes: &[u8], window: u8, takeover: bool, step: usize, in_pieces: bool) -> Vec<RxFrame> {
    let mut decoder = Decoder::new(Role::Server, 1 << 20);
    decoder.agree_deflate(window, takeover);
    decoder.report_in_pieces(in_pieces);
    let mut frames = Vec::new();
    for piece in bytes.chunks(step) {
        decoder.push(piece);
        while let Some(frame) = decoder.next_frame() {
            frames.push(frame);
        }
    }
    frames
}

fn kinds(frames: &[RxFrame]) -> Vec<DeviationKind> {
    frames.iter().flat_map(|frame| frame.deviations.iter().map(|one| one.kind.clone())).collect()
}

#[test]
fn compressed_messages_are_inflated_and_checked_against_the_negotiated_parameters() {
    let hello = b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00";
    let repeated = b"\xc1\x05\xf2\x00\x11\x00\x00";
    let messages = [&hello[..], repeated].concat();
    for step in [1, 3, 100] {
        let frames = read_deflated(&messages, 15, true, step, false);
        assert_eq!(frames.iter().map(|frame| frame.content().clone()).collect::<Vec<_>>(), ["Hello", "Hello"]);
        assert_eq!(kinds(&frames), []);
        assert_eq!(kinds(&read_deflated(&messages, 15, false, step, false)), [DeflateTakeover(4)]);
    }
    let text = "0123456789abcdef".repeat(30) + &"x".repeat(700) + &"0123456789abcdef".repeat(30);
    let data = deflate(text.as_bytes(), &DeflateSpec::default());
    let mut bytes = Vec::new();
    FrameSpec { rsv: 4, ..FrameSpec::new(Opcode::TEXT, data) }.write(&mut bytes);
    assert!(matches!(kinds(&read_deflated(&bytes, 8, true, 7, false))[..], [DeflateWindow { bits: 8, .. }]));
    assert_eq!(kinds(&read_deflated(&bytes, 11, true, 7, false)), []);
}

#[test]
fn violations_in_compressed_messages_are_reported_once() {
    for (bytes, expected) in [
        (&b"\xc1\x01\x07"[..], vec![Deflate(InflateError::BlockType)]),
        (b"\xc1\x00", vec![DeflateNothing]),
        (b"\xc1\x0b\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff", vec![DeflateTailKept]),
        (b"\xc1\x03\xf2\x48\xcd", vec![Deflate(InflateError::Unfinished)]),
        (b"\xc9\x00", vec![ReservedBits(4)]),
        (b"\x41\x03\xf2\x48\xcd\xc0\x04\xc9\xc9\x07\x00", vec![ReservedBits(4)]),
        (b"\xa1\x00", vec![ReservedBits(2)]),
        (b"\xc1\x05\xfa\xdf\xbf\x1d\x00", vec![TextNotUtf8]),
    ] {
        for step in [1, 100] {
            let found = kinds(&read_deflated(bytes, 15, true, step, false));
            if expected == [TextNotUtf8] {
                assert!(!found.is_empty(), "{bytes:02x?}");
            } else {
                assert_eq!(found, expected, "{bytes:02x?}");
            }
        }
    }
}

#[test]
fn long_frames_are_reported_in_pieces_and_bombs_are_bounded() {
    let long = vec![b'x'; 100_000];
    let mut bytes = Vec::new();
    FrameSpec::new(Opcode::BINARY, long.clone()).write(&mut bytes);
    for step in [1000, 40_000, 200_000] {
        let frames = read_deflated(&bytes, 15, true, step, true);
        let joined: Vec<u8> = frames.iter().flat_map(|frame| frame.payload.to_vec()).collect();
        assert!(joined == long && frames.iter().filter(|frame| !frame.more).count() == 1);
        let mut assembler = super::super::Assembler::new();
        let incoming: Vec<_> = frames.iter().filter_map(|frame| assembler.push(frame)).collect();
        assert!(matches!(&incoming[..], [super::super::Incoming::Binary(data)] if *data == long));
    }
    let bomb = deflate(&vec![0; 4 << 20], &DeflateSpec { kinds: vec![BlockKind::Fixed], ..DeflateSpec::default() });
    let mut bytes = Vec::new();
    FrameSpec { rsv: 4, ..FrameSpec::new(Opcode::BINARY, bomb) }.write(&mut bytes);
    let mut decoder = Decoder::new(Role::Server, 1 << 20);
    decoder.agree_deflate(15, true);
    decoder.push(&bytes);
    assert!(decoder.next_frame().is_none() && decoder.overflow().is_some());
}
