//! Each fault of the endpoint shows in one of these conversations.

use crate::wire::{FrameSpec, LengthForm};

use super::super::super::Role;
use super::super::super::faults::{Area, Fault};
use super::{Snapshot, answers, begin, failed, play, spec, toward};

/// Conversations that together show each fault of the endpoint.
fn conversations(role: Role) -> Vec<Vec<Vec<u8>>> {
    let all =
        |specs: Vec<FrameSpec>| vec![specs.into_iter().map(|spec| toward(role, spec)).collect::<Vec<_>>().concat()];
    let apart = |specs: Vec<FrameSpec>| specs.into_iter().map(|spec| toward(role, spec)).collect::<Vec<_>>();
    let declared = |length: u64| all(vec![FrameSpec { declared: Some(length), ..spec(2, b"abc") }]);
    let text = |octets: &[u8]| all(vec![spec(1, octets), spec(1, b"after")]);
    let close = |code: u16, reason: &[u8]| all(vec![spec(8, &[&code.to_be_bytes(), reason].concat())]);
    let mut list = vec![
        all(vec![spec(1, b"Hello"), spec(2, b"\x00\xff"), spec(9, b"x"), spec(8, b"\x03\xe8")]),
        apart(vec![spec(1, b"one"), spec(1, b"two"), spec(8, b"")]),
        all((0..12).map(|n| spec(1, &[b'a' + n])).collect()),
        all(vec![spec(1, b""), spec(2, b"")]),
        all(vec![spec(9, b""), spec(9, b"a\0b"), spec(9, b"c"), spec(9, &[b'*'; 125]), spec(10, b"pong")]),
        all(vec![begin(1, b"ab"), spec(9, b"\xff"), begin(0, b"cd"), begin(0, b""), spec(0, b"ef")]),
        all(vec![begin(2, b"\xc3"), spec(0, b"\xff")]),
        all(vec![begin(1, b"\xc3"), spec(0, b"\xa9"), begin(1, b"x"), spec(0, b"")]),
        all(vec![begin(1, b""), spec(0, b"rest"), begin(1, b"bad"), spec(0, b"\xff"), spec(1, b"x")]),
        all(std::iter::once(begin(2, b"0")).chain((1..20).map(|n| begin(0, &[n]))).chain([spec(0, b".")]).collect()),
        all(vec![begin(1, b"ab"), spec(8, b"\x03\xe8")]),
        all(vec![spec(0, b"stray"), spec(1, b"next")]),
        all(vec![begin(1, b"ab"), spec(1, b"inside"), spec(0, b"cd")]),
        all(vec![spec(1, b"bad \xff"), spec(1, b"next")]),
        text(b"\xc3"),
        text(b"\xed\xa0\x80"),
        text(b"\xc0\xaf"),
        text(b"\xf4\x90\x80\x80"),
        text("\u{fffe}".as_bytes()),
        text("😀".as_bytes()),
        text(b"a\0b"),
        text("\u{feff}a\r\nb".as_bytes()),
        all(vec![spec(1, b"x"), spec(8, b"\x03\xe8"), spec(1, b"late")]),
        close(1000, b"\xff"),
        close(1001, b""),
        close(1005, b""),
        close(999, b""),
        close(3000, b""),
        close(4999, &[b'r'; 123]),
        all(vec![spec(8, b"")]),
        all(vec![spec(8, b"\x03")]),
        all(vec![begin(9, b"frag"), spec(1, b"x")]),
        all(vec![spec(9, &[b'*'; 126])]),
        all(vec![FrameSpec { form: Some(LengthForm::Bits16), ..spec(1, b"long form") }]),
        declared(u64::MAX),
        declared(1 << 62),
        declared((1 << 32) + 3),
        declared(1 << 20),
        all(vec![FrameSpec { declared: Some(60 << 20), ..spec(2, b"") }]),
    ];
    for rsv in 1..8 {
        list.push(all(vec![FrameSpec { rsv, ..spec(1, b"rsv") }]));
    }
    list.push(all(vec![FrameSpec { rsv: 4, ..spec(9, b"rsv") }]));
    list.push(all(vec![begin(1, b"a"), FrameSpec { rsv: 2, ..spec(0, b"rsv") }]));
    list.extend((3..8).chain(11..16).map(|opcode| all(vec![spec(opcode, b"odd"), spec(1, b"x")])));
    for length in [125, 126, 127, 4097, 32768, 65535, 65536, 100_000] {
        let payload: Vec<u8> = (0..length).map(|n| b'a' + (n % 23) as u8).collect();
        list.push(all(vec![spec(1, &payload)]));
        list.push(all(vec![spec(2, &payload)]));
    }
    let mut zero_key = Vec::new();
    spec(1, b"key").masked([0; 4]).write(&mut zero_key);
    let mut unmasked = Vec::new();
    spec(1, b"no key").write(&mut unmasked);
    list.extend([vec![zero_key], vec![unmasked]]);
    let whole = toward(role, spec(1, b"in pieces"));
    list.push(whole.iter().map(|octet| vec![*octet]).collect());
    list
}

#[test]
fn each_fault_of_the_endpoint_shows() {
    let handshake = [Area::ServerHandshake, Area::ClientHandshake];
    let mut hidden = Vec::new();
    for role in [Role::Server, Role::Client] {
        let list = conversations(role);
        let right: Vec<Snapshot> = list.iter().map(|reads| play(role, None, reads)).collect();
        for fault in Fault::all().filter(|fault| fault.fits(role)) {
            if handshake.contains(&fault.info().area) || fault == Fault::FRAGMENT_LIMIT_NOT_SUMMED {
                continue;
            }
            let shows = list.iter().zip(&right).any(|(reads, right)| play(role, Some(fault), reads) != *right);
            if !shows {
                hidden.push((role, fault));
            }
        }
    }
    assert!(hidden.is_empty(), "{hidden:?}");
}

/// A limit on each fragment alone lets a message grow over it.
#[test]
fn fragments_are_summed() {
    let half = vec![0; 40 << 20];
    let reads = [toward(Role::Client, begin(2, &half)), toward(Role::Client, spec(0, &half))];
    assert_eq!(answers(Role::Client, &reads), failed(1009));
    let wrong = play(Role::Client, Some(Fault::FRAGMENT_LIMIT_NOT_SUMMED), &reads);
    assert_eq!(wrong.frames.concat().first().map(|frame| frame.payload.len()), Some(80 << 20));
}
