//! What a case would send, as bytes without a connection: the seeds of the fuzz targets.

use super::heads;
use super::settings::Call;
use crate::case::{Case, Masking, Send, SendKind};
use crate::vocabulary::Role;
use crate::wire::deflate::Compressor;
use crate::wire::{FrameSpec, Opcode};

/// The key of RFC 6455 section 1.3: seeds do not change from run to run.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The heads that a case sends, each with the name of the fuzz target that reads such heads.
pub fn heads_of(case: &Case) -> Vec<(&'static str, Vec<u8>)> {
    let call = |role| Call { role, ..Call::of_client("127.0.0.1:9001", "/") };
    let mut seeds = Vec::new();
    if case.suits(Role::Server) {
        seeds.push(("handshake_request", heads::request(&case.handshake.request, &call(Role::Server), KEY)));
    }
    if case.suits(Role::Client) {
        let response = heads::response(&case.handshake.response, &call(Role::Client), KEY, &[]);
        seeds.push(("handshake_response", response));
    }
    seeds
}

/// Appends what a send writes toward a server, masked with a fixed key.
pub fn bytes_of(send: &Send, out: &mut Vec<u8>) {
    match &send.kind {
        SendKind::Frames(frames) => {
            for frame in frames {
                let start = out.len();
                let mask = match frame.mask {
                    Masking::ByRole | Masking::Masked => Some([0x37, 0xfa, 0x21, 0x3d]),
                    Masking::Key(key) => Some(key),
                    Masking::Unmasked => None,
                };
                frame.spec(mask).write(out);
                if let Some(keep) = frame.truncate {
                    out.truncate(start.saturating_add(keep).min(out.len()));
                }
            }
        }
        SendKind::Compressed(message) => {
            let data = Compressor::new(15, true).message(&message.payload);
            let opcode = if message.text { Opcode::TEXT } else { Opcode::BINARY };
            FrameSpec { rsv: 4, ..FrameSpec::new(opcode, data) }.masked([0x37, 0xfa, 0x21, 0x3d]).write(out);
        }
        SendKind::Bytes(bytes) => out.extend_from_slice(bytes),
        SendKind::Together(sends) => sends.iter().for_each(|send| bytes_of(send, out)),
        SendKind::Unfinished(_)
        | SendKind::Rest(_)
        | SendKind::HalfClose
        | SendKind::CloseNotify
        | SendKind::TlsTruncate
        | SendKind::Reset
        | SendKind::Pause(_)
        | SendKind::Barrier => {}
    }
}
