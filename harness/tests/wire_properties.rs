//! What holds for any bytes and any frames.

mod support;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use support::{almost_right_head, almost_right_stream, almost_text, bytes_of, frame, frames_of, sayings};
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

fn cut<'a>(data: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(data.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for to in places.into_iter().chain([data.len()]) {
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
    fn frames_read_as_they_were_written(frames in vec(frame(), 0..6)) {
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
    fn no_split_changes_the_frames(bytes in almost_right_stream(), cuts in vec(any::<Index>(), 0..12)) {
        for sender in [Role::Client, Role::Server] {
            prop_assert_eq!(decode(sender, &cut(&bytes, &cuts)), decode(sender, &[&bytes]));
        }
    }

    #[test]
    fn right_streams_have_no_deviation(sayings in sayings(), masked in any::<bool>()) {
        let sender = if masked { Role::Client } else { Role::Server };
        let mut assembler = Assembler::new();
        let mut received_item = Vec::new();
        for frame in decode(sender, &[&bytes_of(&frames_of(&sayings, masked))]) {
            prop_assert!(frame.deviations.is_empty(), "{:?}", frame.deviations);
            received_item.extend(assembler.push(&frame));
        }
        let mut said = Vec::new();
        for saying in sayings {
            let payload = Bytes::from(saying.payload);
            let message = if saying.text { Incoming::Text(payload) } else { Incoming::Binary(payload) };
            let ping = saying.ping.map(|data| Incoming::Ping(data.into()));
            // A ping stands behind the first fragment: before the message is heard, where it has several.
            let first = if saying.cuts.is_empty() { [Some(message), ping] } else { [ping, Some(message)] };
            said.extend(first.into_iter().flatten());
        }
        prop_assert_eq!(received_item, said);
        prop_assert_eq!(assembler.held(), 0);
    }

    #[test]
    fn no_split_changes_a_head(bytes in almost_right_head(), cuts in vec(any::<Index>(), 0..12)) {
        prop_assert_eq!(read_head(&cut(&bytes, &cuts)), read_head(&[&bytes]));
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
        text in prop_oneof![almost_text(), vec(any::<u8>(), 0..80), ".{0,80}".prop_map(String::into_bytes)],
        cuts in vec(any::<Index>(), 0..12),
    ) {
        let expected = std::str::from_utf8(&text).err().map(|error| {
            let bad = &text[error.valid_up_to()..];
            // The longest start of the bad sequence that some text could go on from.
            let could_go_on = |length: &usize| {
                let start = std::str::from_utf8(&bad[..*length]);
                start.err().is_none_or(|error| error.error_len().is_none())
            };
            let longest = (0..=bad.len().min(3)).rev().find(could_go_on).unwrap_or(0);
            (error.valid_up_to() + longest) as u64
        });
        prop_assert_eq!(utf8::check(&text).err().map(|error| error.offset), expected);
        prop_assert_eq!(verdict(&cut(&text, &cuts)), expected);
    }

    #[test]
    fn masking_is_the_naive_loop_and_its_own_inverse(
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
    fn tungstenite_reads_our_frames(sayings in sayings()) {
        let frames = frames_of(&sayings, false);
        let mut socket = FrameSocket::new(std::io::Cursor::new(bytes_of(&frames)));
        for ours in frames {
            let theirs = socket.read(None).unwrap().unwrap();
            prop_assert_eq!(theirs.header().is_final, ours.fin);
            prop_assert_eq!(u8::from(theirs.header().opcode), ours.opcode.value());
            prop_assert_eq!(theirs.payload(), &ours.payload[..]);
        }
        prop_assert!(socket.read(None).unwrap().is_none());
    }

    #[test]
    fn we_read_the_frames_of_tungstenite(sayings in sayings(), masked in any::<bool>()) {
        let frames = frames_of(&sayings, masked);
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
fn tungstenite_hears_our_masked_messages() {
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
