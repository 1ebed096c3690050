//! Each fault in compressed messages, and each fault that needs large inputs, changes the output of an endpoint.

use crate::vocabulary::Role;
use crate::wire::FrameSpec;

use super::super::super::faults::{Area, Fault};
use super::super::super::handshake::deflate::{CompressionParams, NegotiatedParams};
use super::super::super::handshake::{deflate_client, deflate_server};
use super::super::super::{MAX_MESSAGE, Task};
use super::super::deflate::Deflater;
use super::super::endpoint::Endpoint;
use super::{WrittenFrame, encode_for, fragment, frames, spec};

/// The input of an endpoint, in reads of this many bytes.
struct Script {
    negotiated: Option<NegotiatedParams>,
    specs: Vec<FrameSpec>,
    read: usize,
}

fn compressed(opcode: u8, payload: &[u8]) -> FrameSpec {
    FrameSpec { rsv: 4, ..spec(opcode, payload) }
}

/// Bytes without repetitions.
fn incompressible(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// Messages compressed one after the other.
fn compressed_messages(negotiated: NegotiatedParams, role: Role, messages: &[&[u8]]) -> Vec<FrameSpec> {
    let mut other_end = Deflater::new(negotiated, role.other(), None);
    messages.iter().map(|message| compressed(2, &other_end.compress_message(message).expect("a payload"))).collect()
}

/// Conversations with compressed messages.
fn deflate_scripts(role: Role) -> Vec<Script> {
    const HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let full = CompressionParams::default();
    let no_takeover = CompressionParams { takeover: false, ..full };
    let narrow = CompressionParams { window_bits: 9, ..full };
    let eight = CompressionParams { window_bits: 8, ..full };
    let (compressible, incompressible) = (b"one word and one word and another ".repeat(60), incompressible(20_000));
    let repeated: &[&[u8]] = &[&compressible, b"", &compressible, &incompressible, &incompressible, &compressible];
    let mut scripts = Vec::new();
    for (own, other_end) in
        [(full, full), (no_takeover, full), (full, no_takeover), (narrow, full), (full, narrow), (eight, full)]
    {
        let negotiated = match role {
            Role::Server => NegotiatedParams { server: own, client: other_end },
            Role::Client => NegotiatedParams { server: other_end, client: own },
        };
        scripts.push(Script {
            negotiated: Some(negotiated),
            specs: compressed_messages(negotiated, role, repeated),
            read: usize::MAX,
        });
    }
    let negotiated = Some(NegotiatedParams::default());
    let mut add = |specs: Vec<FrameSpec>| scripts.push(Script { negotiated, specs, read: usize::MAX });
    let repeated = compressed(1, b"\xf2\x00\x11\x00\x00");
    let first = |payload: &[u8]| FrameSpec { fin: false, ..compressed(1, payload) };
    add(vec![fragment(1, b"He"), compressed(0, b"\xca\xc9\xc9\x07\x00"), spec(1, b"plain")]);
    add(vec![compressed(9, b"x"), spec(1, HELLO), spec(1, b"plain")]);
    add(vec![first(&HELLO[..3]), spec(9, b"now"), spec(0, &HELLO[3..]), spec(9, b"later")]);
    add(vec![compressed(1, HELLO), spec(1, b"plain"), repeated.clone(), spec(8, b"\x03\xe8")]);
    add(vec![compressed(1, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), repeated.clone()]);
    add(vec![compressed(1, b"\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), repeated]);
    add(vec![compressed(1, b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"), spec(1, b"plain")]);
    add(vec![compressed(1, HELLO), compressed(1, &HELLO[..5]), compressed(1, HELLO)]);
    add(vec![compressed(2, b"\xf2\x48\xff\xff\xff\xff"), compressed(1, HELLO)]);
    add(vec![compressed(1, b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00")]);
    let bad_text = Deflater::new(NegotiatedParams::default(), role.other(), None)
        .compress_message(b"\xff\xfe")
        .expect("a payload");
    add(vec![compressed(1, &bad_text)]);
    scripts.push(Script { negotiated, specs: vec![compressed(1, HELLO)], read: 5 });
    scripts.push(Script { negotiated: None, specs: vec![spec(1, b"word word word word")], read: usize::MAX });
    // The long messages come last, because most faults have an effect on an earlier script.
    let long = [vec![7; (1 << 20) + 5], vec![7; MAX_MESSAGE + 5]];
    let long = long.iter().map(|message| compressed_messages(NegotiatedParams::default(), role, &[message]));
    scripts.extend(long.map(|specs| Script { negotiated, specs, read: usize::MAX }));
    scripts
}

/// Conversations with large inputs.
fn large_input_scripts(role: Role) -> Vec<Script> {
    let fragments = |count: usize, payload: &[u8]| {
        let mut specs = vec![fragment(2, payload)];
        specs.extend(vec![fragment(0, payload); count - 2]);
        specs.push(spec(0, payload));
        specs
    };
    let split_character = ["x".repeat(65_535), "é".to_owned()].concat();
    // Header, key and payload are 64 bytes.
    let head = if role == Role::Server { 6 } else { 2 };
    let specs = vec![
        vec![spec(1, &b"x".repeat(64 - head))],
        vec![spec(2, &incompressible(65_535)), spec(2, &incompressible(70_000)), spec(2, b"x")],
        vec![spec(1, split_character.as_bytes())],
        vec![fragment(2, &incompressible(70_000)), spec(9, b"now"), spec(0, b"")],
        fragments(70_000, b"x"),
        [vec![fragment(1, b"a")], vec![fragment(0, b""); 200], vec![spec(0, b"b")]].concat(),
        vec![spec(1, &b"m".repeat(100)); 1200],
        vec![spec(9, b"p"); 300],
        vec![spec(2, &incompressible((1 << 20) + 9))],
        vec![spec(2, &incompressible((1 << 24) + 9))],
    ];
    specs.into_iter().map(|specs| Script { negotiated: None, specs, read: 60_000 }).collect()
}

/// The output of an endpoint, without its keys.
fn responses(role: Role, fault: Option<Fault>, script: &Script) -> Vec<WrittenFrame> {
    let mut endpoint = Endpoint::new(role, fault, Task::Echo, script.negotiated);
    let bytes: Vec<u8> = script.specs.iter().flat_map(|spec| encode_for(role, spec.clone())).collect();
    bytes.chunks(script.read).for_each(|piece| endpoint.receive(piece));
    frames(&endpoint.take_output())
}

/// Whether a fault of the handshake changes the negotiated parameters.
fn changes_negotiation(fault: Fault, role: Role) -> bool {
    let members = |field: &str| field.split(',').map(|member| member.trim().to_owned()).collect::<Vec<_>>();
    let name = |parameters: &str| format!("permessage-deflate; {parameters}");
    let parameters = [
        "foo=1",
        "server_no_context_takeover",
        "client_no_context_takeover",
        "server_no_context_takeover=1",
        "server_max_window_bits",
        "server_max_window_bits=10",
        "server_max_window_bits=\"10\"",
        "server_max_window_bits=16",
        "server_max_window_bits=010",
        "server_max_window_bits=x",
        "client_max_window_bits",
        "client_max_window_bits=10",
        "server_no_context_takeover; server_no_context_takeover",
    ];
    let mut fields: Vec<String> = parameters.iter().map(|parameters| name(parameters)).collect();
    fields.extend(["x", "permessage-deflate, permessage-deflate; server_no_context_takeover"].map(str::to_owned));
    fields.push("permessage-deflate; foo, permessage-deflate".to_owned());
    fields.iter().map(|field| members(field)).any(|offers| match role {
        Role::Server => deflate_server::respond(&offers, Some(fault)) != deflate_server::respond(&offers, None),
        Role::Client => {
            deflate_client::check_response(&offers, Some(fault)) != deflate_client::check_response(&offers, None)
                || deflate_client::offer(Some(fault)) != deflate_client::offer(None)
        }
    })
}

#[test]
fn every_fault_of_deflate_and_limits_changes_the_output() {
    // These concern complete heads, and the tests of the handshake cover them.
    let tested_elsewhere = [Fault::BAD_DEFLATE_OFFER_REFUSED, Fault::BAD_DEFLATE_ANSWER_PASSED_OVER];
    let mut without_effect = Vec::new();
    for role in [Role::Server, Role::Client] {
        for (area, scripts) in [(Area::Deflate, deflate_scripts(role)), (Area::Limits, large_input_scripts(role))] {
            let expected: Vec<Vec<WrittenFrame>> = scripts.iter().map(|script| responses(role, None, script)).collect();
            for fault in Fault::all().filter(|fault| fault.info().area == area && fault.fits(role)) {
                let mut pairs = scripts.iter().zip(&expected);
                let has_effect = tested_elsewhere.contains(&fault)
                    || changes_negotiation(fault, role)
                    || pairs.any(|(script, expected)| responses(role, Some(fault), script) != *expected);
                if !has_effect {
                    without_effect.push((fault, role));
                }
            }
        }
    }
    assert!(without_effect.is_empty(), "{without_effect:?}");
}
