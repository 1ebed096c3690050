//! Inputs for the property tests: valid, almost valid and invalid data of a peer.
#![allow(dead_code, reason = "each test binary uses some of these")]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use wsspec::wire::{FrameSpec, LengthForm, Opcode};

/// A payload: text, almost valid text, any bytes, or long enough for each form of a length.
pub fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => ".{0,40}".prop_map(String::into_bytes),
        3 => almost_valid_text(),
        3 => vec(any::<u8>(), 0..160),
        1 => (select(vec![124, 125, 126, 127, 65535, 65536, 65537]), any::<u8>())
            .prop_map(|(length, byte)| vec![byte; length]),
    ]
}

/// A sequence of valid and invalid parts of characters.
pub fn almost_valid_text() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"a",
        b"\xc3",
        b"\xc3\xa9",
        b"\xe2\x82",
        b"\xe2\x82\xac",
        b"\xed",
        b"\xed\xa0",
        b"\xed\x9f\xbf",
        b"\xf0\x9f\x98",
        b"\xf0\x9f\x98\x80",
        b"\xf4\x8f",
        b"\xf4\x90",
        b"\xf4\x8f\xbf\xbf",
        b"\xe0\x80",
        b"\xe0\xa0\x80",
        b"\xc0",
        b"\xff",
        b"\x80",
        b"\xbf",
        "plain text of more than one vector's width".as_bytes(),
    ];
    vec(select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

/// Any frame, with a form that holds its length.
pub fn frame() -> impl Strategy<Value = FrameSpec> {
    let head = (any::<bool>(), 0_u8..8, 0_u8..16, any::<Option<[u8; 4]>>(), 0_usize..3);
    (head, payload()).prop_map(|((fin, rsv, opcode, mask, longer), payload)| {
        let forms = [LengthForm::Bits7, LengthForm::Bits16, LengthForm::Bits64];
        let shortest = LengthForm::shortest(payload.len() as u64);
        let first = forms.iter().position(|&form| form == shortest).unwrap_or(0);
        let form = forms.get(first + longer).copied();
        let opcode = Opcode::new(opcode);
        FrameSpec { fin, rsv, mask, form, ..FrameSpec::new(opcode, payload) }
    })
}

/// A message of a valid peer: in fragments, with a ping after the first of them.
#[derive(Clone, Debug)]
pub struct FragmentedMessage {
    pub text: bool,
    pub payload: Vec<u8>,
    pub splits: Vec<Index>,
    pub ping: Option<Vec<u8>>,
}

/// Messages of a valid peer, unmasked.
pub fn messages() -> impl Strategy<Value = Vec<FragmentedMessage>> {
    let ping = proptest::option::of(vec(any::<u8>(), 0..=125));
    let text = ".{0,60}".prop_map(|text| (true, text.into_bytes()));
    let binary = payload().prop_map(|payload| (false, payload));
    let message = (prop_oneof![text, binary], vec(any::<Index>(), 0..4), ping)
        .prop_map(|((text, payload), splits, ping)| FragmentedMessage { text, payload, splits, ping });
    vec(message, 0..5)
}

/// The frames of these messages; if `masked`, each has its own key.
pub fn frames_of(messages: &[FragmentedMessage], masked: bool) -> Vec<FrameSpec> {
    let mut frames = Vec::new();
    for message in messages {
        let mut splits: Vec<_> = message.splits.iter().map(|one| one.index(message.payload.len() + 1)).collect();
        splits.sort_unstable();
        splits.push(message.payload.len());
        let mut from = 0;
        for (at, &to) in splits.iter().enumerate() {
            let opcode = match (at, message.text) {
                (0, true) => Opcode::TEXT,
                (0, false) => Opcode::BINARY,
                _ => Opcode::CONTINUATION,
            };
            let fin = at + 1 == splits.len();
            frames.push(FrameSpec { fin, ..FrameSpec::new(opcode, message.payload[from..to].to_vec()) });
            from = to;
            if let (0, Some(data)) = (at, &message.ping) {
                frames.push(FrameSpec::new(Opcode::PING, data.clone()));
            }
        }
    }
    if masked {
        for (at, frame) in frames.iter_mut().enumerate() {
            frame.mask = Some((at as u32).wrapping_mul(0x9e37_79b9).to_le_bytes());
        }
    }
    frames
}

/// The bytes of frames, one after the other.
pub fn bytes_of(frames: &[FrameSpec]) -> Vec<u8> {
    let mut bytes = Vec::new();
    frames.iter().for_each(|frame| frame.write(&mut bytes));
    bytes
}

/// One change of a byte stream.
#[derive(Clone, Debug)]
pub enum Mutation {
    Flip(Index, u8),
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Truncate(Index),
}

/// A few changes.
pub fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let at = any::<Index>;
    let mutation = prop_oneof![
        4 => (at(), 0_u8..8).prop_map(|(at, bit)| Mutation::Flip(at, 1 << bit)),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        2 => (at(), select(inserts())).prop_map(|(at, bytes)| Mutation::Insert(at, bytes.to_vec())),
        1 => (at(), vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        1 => (at(), 1_usize..8).prop_map(|(at, count)| Mutation::Remove(at, count)),
        1 => (at(), 1_usize..20).prop_map(|(at, count)| Mutation::Repeat(at, count)),
        1 => at().prop_map(Mutation::Truncate),
    ];
    vec(mutation, 0..4)
}

fn inserts() -> Vec<&'static [u8]> {
    vec![
        b"\x88\x00",
        b"\x88\x02\x03\xe8",
        b"\x88\x02\x03\xf6",
        b"\x88\x02\x03\xed",
        b"\x88\x01\x03",
        b"\x89\x00",
        b"\x09\x00",
        b"\x80\x00",
        b"\x81\x00",
        b"\x01\x00",
        b"\x83\x00",
        b"\x88\x80\x00\x00\x00\x00",
        b"\x82\x7e\x00\x00",
        b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00",
        b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x01",
        b"\xff\xff\xff\xff",
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\n\r\n",
        b" ",
        b"\t",
        b":",
        b"\0",
        b",",
        b"\"",
        b"\xe9",
        b"\r\n ",
        b"HTTP/1.1 ",
    ]
}

/// The bytes after these changes.
pub fn mutated(mut bytes: Vec<u8>, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        let length = bytes.len();
        match mutation {
            Mutation::Insert(at, new) => {
                let at = at.index(length + 1);
                bytes.splice(at..at, new.iter().copied());
            }
            _ if length == 0 => {}
            Mutation::Flip(at, bit) => bytes[at.index(length)] ^= bit,
            Mutation::Set(at, byte) => bytes[at.index(length)] = *byte,
            Mutation::Remove(at, count) => {
                let at = at.index(length);
                bytes.drain(at..length.min(at + count));
            }
            Mutation::Repeat(at, count) => {
                let at = at.index(length);
                bytes.extend_from_within(at..length.min(at + count));
            }
            Mutation::Truncate(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
}

/// A change of one frame of a stream, which may make it invalid.
#[derive(Clone, Debug)]
pub enum FrameChange {
    LongerLengthForm,
    ToggleFin,
    ReservedBits(u8),
    Opcode(u8),
    ToggleMask,
    Payload(Vec<u8>),
    Repeat,
    Close(Vec<u8>),
}

fn frame_changes() -> impl Strategy<Value = Vec<(Index, FrameChange)>> {
    let one = prop_oneof![
        Just(FrameChange::LongerLengthForm),
        Just(FrameChange::ToggleFin),
        (1_u8..8).prop_map(FrameChange::ReservedBits),
        (0_u8..16).prop_map(FrameChange::Opcode),
        Just(FrameChange::ToggleMask),
        almost_valid_text().prop_map(FrameChange::Payload),
        select(vec![1, 2, 125, 126, 127]).prop_map(|size| FrameChange::Payload(vec![3; size])),
        select(vec![8, 9, 10]).prop_map(FrameChange::Opcode),
        Just(FrameChange::Repeat),
        vec(any::<u8>(), 0..4).prop_map(FrameChange::Close),
    ];
    vec((any::<Index>(), one), 0..4)
}

fn apply_frame_change(frames: &mut Vec<FrameSpec>, at: Index, change: FrameChange) {
    if frames.is_empty() {
        return;
    }
    let at = at.index(frames.len());
    let frame = &mut frames[at];
    match change {
        FrameChange::Repeat => {
            let repeated = frame.clone();
            frames.push(repeated);
        }
        FrameChange::Close(body) => {
            (frame.fin, frame.opcode, frame.payload) = (true, Opcode::CLOSE, body.into());
        }
        FrameChange::LongerLengthForm => {
            let longer = match LengthForm::shortest(frame.payload.len() as u64) {
                LengthForm::Bits7 => LengthForm::Bits16,
                _ => LengthForm::Bits64,
            };
            frame.form = Some(longer);
        }
        FrameChange::ToggleFin => frame.fin = !frame.fin,
        FrameChange::ReservedBits(bits) => frame.rsv = bits,
        FrameChange::Opcode(opcode) => frame.opcode = Opcode::new(opcode),
        FrameChange::ToggleMask => frame.mask = if frame.mask.is_some() { None } else { Some([9; 4]) },
        FrameChange::Payload(payload) => frame.payload = payload.into(),
    }
}

/// The bytes of a client (`masked`) or a server, sometimes with a Close at the end: valid except for a few changes of
/// frames, and then of bytes.
pub fn almost_valid_stream() -> impl Strategy<Value = Vec<u8>> {
    let close = proptest::option::weighted(0.3, (900_u16..5100, ".{0,20}"));
    let parts = (messages(), any::<bool>(), frame_changes(), close, mutations());
    parts.prop_map(|(messages, masked, changes, close, mutations)| {
        let mut frames = frames_of(&messages, masked);
        frames.extend(close.map(|(code, reason)| {
            let body = wsspec::wire::close::CloseBody::payload(code, reason.as_bytes());
            let frame = FrameSpec::new(Opcode::CLOSE, body);
            if masked { frame.masked([1, 2, 3, 4]) } else { frame }
        }));
        for (at, change) in changes {
            apply_frame_change(&mut frames, at, change);
        }
        mutated(bytes_of(&frames), &mutations)
    })
}

/// The head of a request or a response, valid except for a few changes, followed by some bytes.
pub fn almost_valid_head() -> impl Strategy<Value = Vec<u8>> {
    let start = select(vec![
        "GET /chat HTTP/1.1",
        "GET / HTTP/1.0",
        "POST /a%20b?c=d HTTP/1.1",
        "HTTP/1.1 101 Switching Protocols",
        "HTTP/1.1 400 ",
        "HTTP/1.0 200 OK",
        "HTTP/1.1 101",
    ]);
    let name = prop_oneof![
        select(vec!["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Extensions"])
            .prop_map(str::to_owned),
        "[!#-'*+.^_`|~0-9A-Za-z-]{1,12}",
    ];
    let value = prop_oneof![
        select(vec!["websocket", "keep-alive, Upgrade", "", "a; b=\"c,d\\\"\", e", "  x \t"]).prop_map(str::to_owned),
        "[ -~\t]{0,30}",
    ];
    let end = select(vec!["\r\n", "\r\n", "\r\n", "\n", "\r\n "]);
    let fields = vec((name, select(vec![": ", ":", ":\t", " : "]), value, end), 0..6);
    let after_head = vec(any::<u8>(), 0..6);
    (start, fields, after_head, mutations()).prop_map(|(start, fields, after_head, mutations)| {
        let mut head = format!("{start}\r\n").into_bytes();
        for (name, colon, value, end) in fields {
            head.extend_from_slice([&name, colon, &value, end].concat().as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head.extend_from_slice(&after_head);
        mutated(head, &mutations)
    })
}
