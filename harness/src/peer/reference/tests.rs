//! The endpoint without input and output: the output of an endpoint without a fault.

mod deflate;
mod fault_effects;

use crate::vocabulary::Role;
use crate::wire::{FrameHead, FrameSpec, LengthForm, Opcode, mask};

use super::super::{End, Task};
use super::endpoint::Endpoint;

/// One frame as it was written, with its key separate from its content.
#[derive(Clone, Debug, PartialEq)]
struct WrittenFrame {
    head: FrameHead,
    masked: bool,
    payload: Vec<u8>,
}

/// The frames in a peer's output; a truncated last frame keeps the bytes that are present.
fn frames(mut bytes: &[u8]) -> Vec<WrittenFrame> {
    let mut written = Vec::new();
    while let Some((head, size)) = FrameHead::read(bytes) {
        let rest = &bytes[size..];
        let (payload, remaining) = rest.split_at((head.length as usize).min(rest.len()));
        let mut payload = payload.to_vec();
        if let Some(key) = head.mask {
            mask::apply(&mut payload, key, 0);
        }
        written.push(WrittenFrame { head: FrameHead { mask: None, ..head }, masked: head.mask.is_some(), payload });
        bytes = remaining;
    }
    written
}

/// The bytes of a frame that an endpoint in this role receives.
fn encode_for(role: Role, spec: FrameSpec) -> Vec<u8> {
    let spec = match role {
        Role::Server if spec.mask.is_none() => spec.masked(*b"\x01\x82\x33\x0f"),
        _ => spec,
    };
    let mut output = Vec::new();
    spec.write(&mut output);
    output
}

fn spec(opcode: u8, payload: &[u8]) -> FrameSpec {
    FrameSpec::new(Opcode::new(opcode), payload.to_vec())
}

fn fragment(opcode: u8, payload: &[u8]) -> FrameSpec {
    FrameSpec { fin: false, ..spec(opcode, payload) }
}

/// The responses of an endpoint without a fault: opcodes with payloads, and how it ends.
fn responses_to(role: Role, reads: &[Vec<u8>]) -> (Vec<(u8, Vec<u8>)>, End) {
    let mut endpoint = Endpoint::new(role, None, Task::Echo, None);
    let mut output = endpoint.take_output();
    for read in reads {
        endpoint.receive(read);
        output.extend(endpoint.take_output());
    }
    let responses = frames(&output).into_iter().map(|frame| {
        assert_eq!(frame.masked, role == Role::Client);
        assert!(frame.head.fin && frame.head.rsv == 0);
        (frame.head.opcode.value(), frame.payload)
    });
    (responses.collect(), endpoint.into_conversation().end)
}

fn failed(code: u16) -> (Vec<(u8, Vec<u8>)>, End) {
    (vec![(8, code.to_be_bytes().to_vec())], End::Failed(code))
}

#[test]
fn a_faultless_endpoint_echoes_and_closes() {
    for role in [Role::Server, Role::Client] {
        let frames = vec![
            fragment(1, b"He"),
            spec(9, b"ping"),
            spec(10, b"pong"),
            fragment(0, b""),
            spec(0, b"llo"),
            spec(2, b"\xff"),
            spec(8, b"\x0b\xb8bye"),
            spec(1, b"late"),
        ];
        let bytes: Vec<u8> = frames.into_iter().flat_map(|spec| encode_for(role, spec)).collect();
        let expected = (
            vec![(10, b"ping".to_vec()), (1, b"Hello".to_vec()), (2, vec![0xff]), (8, vec![0x0b, 0xb8])],
            End::Closed(Some(3000)),
        );
        assert_eq!(responses_to(role, std::slice::from_ref(&bytes)), expected);
        let byte_by_byte: Vec<Vec<u8>> = bytes.iter().map(|byte| vec![*byte]).collect();
        assert_eq!(responses_to(role, &byte_by_byte), expected);
    }
}

#[test]
fn a_faultless_endpoint_fails_at_the_first_invalid_byte() {
    for role in [Role::Server, Role::Client] {
        let truncated = |spec: FrameSpec, bytes: usize| vec![encode_for(role, spec)[..bytes].to_vec()];
        // The first two bytes are enough.
        for invalid in [
            FrameSpec { rsv: 4, ..spec(1, b"x") },
            spec(3, b"x"),
            spec(11, b""),
            spec(0, b"x"),
            fragment(9, b"x"),
            spec(9, &[0; 126]),
        ] {
            assert_eq!(responses_to(role, &truncated(invalid, 2)), failed(1002));
        }
        let complete_header = |length: u64, form: Option<LengthForm>| {
            let spec = FrameSpec { declared: Some(length), form, ..spec(2, b"") };
            vec![encode_for(role, spec)]
        };
        assert_eq!(responses_to(role, &complete_header(1 << 63, None)), failed(1002));
        assert_eq!(responses_to(role, &complete_header(5, Some(LengthForm::Bits64))), failed(1002));
        assert_eq!(responses_to(role, &complete_header((64 << 20) + 1, None)), failed(1009));
        // The connection fails inside the frame, at the byte that makes the text invalid.
        let text = FrameSpec { declared: Some(1000), ..spec(1, b"\xc3\xa9\xed\xa0") };
        let bytes = encode_for(role, text);
        let (last, before) = bytes.split_last().expect("bytes");
        let mut endpoint = Endpoint::new(role, None, Task::Echo, None);
        endpoint.receive(before);
        assert!(endpoint.is_open() && endpoint.take_output().is_empty());
        assert_eq!(responses_to(role, &[before.to_vec(), vec![*last]]), failed(1007));
        assert_eq!(responses_to(role, &[encode_for(role, spec(1, b"\xe2\x82"))]), failed(1007));
    }
    let mut invalid_mask = Vec::new();
    spec(1, b"x").write(&mut invalid_mask);
    assert_eq!(responses_to(Role::Server, &[invalid_mask]), failed(1002));
    let mut invalid_mask = Vec::new();
    spec(1, b"x").masked([1; 4]).write(&mut invalid_mask);
    assert_eq!(responses_to(Role::Client, &[invalid_mask]), failed(1002));
}

#[test]
fn close_bodies_are_checked() {
    for (body, code) in
        [(&b"\x03"[..], 1002), (b"\x03\xed", 1002), (b"\x00\x00", 1002), (b"\xff\xff", 1002), (b"\x03\xe8\xff", 1007)]
    {
        let bytes = encode_for(Role::Server, spec(8, body));
        assert_eq!(responses_to(Role::Server, &[bytes]), failed(code));
    }
    let bytes = encode_for(Role::Server, spec(8, b""));
    assert_eq!(responses_to(Role::Server, &[bytes]), (vec![(8, Vec::new())], End::Closed(None)));
}

/// If only the size of each fragment were limited, a message could exceed the limit.
#[test]
fn the_limit_applies_to_the_sum_of_the_fragments() {
    let half = vec![0; 40 << 20];
    let reads = [encode_for(Role::Client, fragment(2, &half)), encode_for(Role::Client, spec(0, &half))];
    assert_eq!(responses_to(Role::Client, &reads), failed(1009));
}
