//! Properties of wire for any bytes and any frames.

mod support;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use support::{almost_valid_head, almost_valid_stream, almost_valid_text, bytes_of, frame, frames_of, messages};
use tungstenite::protocol::frame::coding::OpCode;
use tungstenite::protocol::frame::{Frame, FrameHeader, FrameSocket};
use wsspec::vocabulary::Role;
use wsspec::wire::handshake::{Head, HeadError, HeadReader};
use wsspec::wire::utf8::{self, Validator};
use wsspec::wire::{Assembler, Decoder, Incoming, RxFrame, mask};

const MAX_PAYLOAD: u64 = 1 << 20;

fn decode(sender: Role, pieces: &[&[u8]]) -> Vec<RxFrame> {
    let mut decoder = Decoder::new(sender, MAX_PAYLOAD);
    pieces.iter().for_each(|piece| decoder.push(piece));
    std::iter::from_fn(|| decoder.next_frame()).collect()
}

fn split<'a>(data: &'a [u8], splits: &[Index]) -> Vec<&'a [u8]> {
    let mut positions: Vec<_> = splits.iter().map(|one| one.index(data.len() + 1)).collect();
    positions.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for to in positions.into_iter().chain([data.len()]) {
        pieces.push(&data[from..to]);
        from = to;
    }
    pieces
}

fn read_head(pieces: &[&[u8]]) -> Result<Option<(Head, Vec<u8>)>, HeadError> {
    let mut reader = HeadReader::new(1000);
    for (at, piece) in pieces.iter().enumerate() {
        if let Some((head, rest)) = reader.push(piece)? {
            return Ok(Some((head, [&rest[..], &pieces[at + 1..].concat()].concat())));
        }
    }
    Ok(None)
}

fn verdict(pieces: &[&[u8]]) -> Option<u64> {
    let mut validator = Validator::new();
    let pushed = pieces.iter().try_for_each(|piece| validator.push(piece));
    pushed.and_then(|()| validator.finish()).err().map(|error| error.offset)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn frames_are_read_as_they_were_written(frames in vec(frame(), 0..6)) {
        let bytes = bytes_of(&frames);
        let read = decode(Role::Client, &[&bytes]);
        prop_assert_eq!(read.len(), frames.len());
        let mut offset = 0;
        for (read, written) in read.iter().zip(&frames) {
            prop_assert_eq!(read.head, written.head());
            prop_assert_eq!(&read.payload, &written.payload);
            prop_assert_eq!(read.offset, offset);
            offset += read.head.bytes() as u64 + read.head.length;
        }
        prop_assert_eq!(offset, bytes.len() as u64);
    }

    #[test]
    fn no_split_changes_the_frames(bytes in almost_valid_stream(), splits in vec(any::<Index>(), 0..12)) {
        for sender in [Role::Client, Role::Server] {
            prop_assert_eq!(decode(sender, &split(&bytes, &splits)), decode(sender, &[&bytes]));
        }
    }

    #[test]
    fn valid_streams_have_no_deviation(messages in messages(), masked in any::<bool>()) {
        let sender = if masked { Role::Client } else { Role::Server };
        let mut assembler = Assembler::new();
        let mut received = Vec::new();
        for frame in decode(sender, &[&bytes_of(&frames_of(&messages, masked))]) {
            prop_assert!(frame.deviations.is_empty(), "{:?}", frame.deviations);
            received.extend(assembler.push(&frame));
        }
        let mut expected = Vec::new();
        for message in messages {
            let payload = Bytes::from(message.payload);
            let incoming = if message.text { Incoming::Text(payload) } else { Incoming::Binary(payload) };
            let ping = message.ping.map(|data| Incoming::Ping(data.into()));
            // The ping follows the first fragment: it is received before a message of several fragments is complete.
            let first = if message.splits.is_empty() { [Some(incoming), ping] } else { [ping, Some(incoming)] };
            expected.extend(first.into_iter().flatten());
        }
        prop_assert_eq!(received, expected);
        prop_assert_eq!(assembler.held(), 0);
    }

    #[test]
    fn no_split_changes_a_head(bytes in almost_valid_head(), splits in vec(any::<Index>(), 0..12)) {
        prop_assert_eq!(read_head(&split(&bytes, &splits)), read_head(&[&bytes]));
    }

    #[test]
    fn nothing_panics_on_any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        decode(Role::Client, &[&bytes]);
        decode(Role::Server, &[&bytes]);
        let _ = read_head(&[&bytes]);
        verdict(&[&bytes]);
    }

    #[test]
    fn utf8_agrees_with_std(
        text in prop_oneof![almost_valid_text(), vec(any::<u8>(), 0..80), ".{0,80}".prop_map(String::into_bytes)],
        splits in vec(any::<Index>(), 0..12),
    ) {
        let expected = std::str::from_utf8(&text).err().map(|error| {
            let invalid = &text[error.valid_up_to()..];
            // The longest start of the invalid sequence that a valid text can contain.
            let is_valid_prefix = |length: &usize| {
                let start = std::str::from_utf8(&invalid[..*length]);
                start.err().is_none_or(|error| error.error_len().is_none())
            };
            let longest = (0..=invalid.len().min(3)).rev().find(is_valid_prefix).unwrap_or(0);
            (error.valid_up_to() + longest) as u64
        });
        prop_assert_eq!(utf8::check(&text).err().map(|error| error.offset), expected);
        prop_assert_eq!(verdict(&split(&text, &splits)), expected);
    }

    #[test]
    fn masking_equals_the_byte_loop_and_is_its_own_inverse(
        data in vec(any::<u8>(), 0..100),
        key in any::<[u8; 4]>(),
        offset in 0_usize..1000,
    ) {
        let naive: Vec<u8> = data.iter().zip(offset..).map(|(byte, at)| byte ^ key[at % 4]).collect();
        let mut masked = data.clone();
        mask::apply(&mut masked, key, offset);
        prop_assert_eq!(&masked, &naive);
        mask::apply(&mut masked, key, offset);
        prop_assert_eq!(masked, data);
    }

    #[test]
    fn tungstenite_reads_the_frames_of_wire(messages in messages()) {
        let frames = frames_of(&messages, false);
        let mut socket = FrameSocket::new(std::io::Cursor::new(bytes_of(&frames)));
        for frame in frames {
            let read = socket.read(None).unwrap().unwrap();
            prop_assert_eq!(read.header().is_final, frame.fin);
            prop_assert_eq!(u8::from(read.header().opcode), frame.opcode.value());
            prop_assert_eq!(read.payload(), &frame.payload[..]);
        }
        prop_assert!(socket.read(None).unwrap().is_none());
    }

    #[test]
    fn wire_reads_the_frames_of_tungstenite(messages in messages(), masked in any::<bool>()) {
        let frames = frames_of(&messages, masked);
        let mut bytes = Vec::new();
        for frame in &frames {
            let header = FrameHeader {
                is_final: frame.fin,
                opcode: OpCode::from(frame.opcode.value()),
                mask: frame.mask,
                ..FrameHeader::default()
            };
            Frame::from_payload(header, frame.payload.clone()).format(&mut bytes).unwrap();
        }
        prop_assert_eq!(&bytes, &bytes_of(&frames));
        let sender = if masked { Role::Client } else { Role::Server };
        for (read, written) in decode(sender, &[&bytes]).iter().zip(&frames) {
            prop_assert!(read.deviations.is_empty());
            prop_assert_eq!((&read.payload, read.head), (&written.payload, written.head()));
        }
    }
}

#[test]
fn tungstenite_receives_masked_messages() {
    let mut bytes = Vec::new();
    for size in [0, 125, 126, 65535, 65536] {
        let frame = wsspec::wire::FrameSpec::new(wsspec::wire::Opcode::BINARY, vec![7; size]);
        frame.masked([1, 2, 3, 4]).write(&mut bytes);
    }
    let stream = std::io::Cursor::new(bytes);
    let role = tungstenite::protocol::Role::Server;
    let mut socket = tungstenite::WebSocket::from_raw_socket(stream, role, None);
    for size in [0, 125, 126, 65535, 65536] {
        assert_eq!(socket.read().unwrap(), tungstenite::Message::binary(vec![7; size]));
    }
}
