//! An echo server that suffers from a ping of more than 125 bytes: `fragile HOW HOST:PORT`.
//!
//! The tests of wsspec play the suite against it. HOW is `dies` (at once), `dies-later` (behind a right answer), `swells` (keeps
//! memory) or `spins` (burns CPU for ever).
#![allow(missing_docs)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use wsspec::vocabulary::Role;
use wsspec::wire::close::CloseBody;
use wsspec::wire::{Decoder, FrameSpec, Opcode};

#[path = "../tests/common/accept_handshake.rs"]
mod accept_handshake;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (how, address) = (arguments.next().expect("HOW"), arguments.next().expect("HOST:PORT"));
    let listener = TcpListener::bind(address).expect("the address is free");
    for stream in listener.incoming().flatten() {
        let how = how.clone();
        std::thread::spawn(move || serve(stream, &how));
    }
}

fn serve(stream: TcpStream, how: &str) -> Option<()> {
    let mut stream = accept_handshake::accept_handshake(stream)?;
    let mut decoder = Decoder::new(Role::Client, 1 << 24);
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        decoder.push(&buffer[..count]);
        while let Some(frame) = decoder.next_frame() {
            let opcode = match frame.head.opcode {
                Opcode::PING if frame.payload.len() > 125 => return suffer(&mut stream, how),
                Opcode::PING => Opcode::PONG,
                Opcode::PONG => continue,
                other => other,
            };
            say(&mut stream, opcode, &frame.payload)?;
            if opcode == Opcode::CLOSE {
                return Some(());
            }
        }
    }
}

fn suffer(stream: &mut TcpStream, how: &str) -> Option<()> {
    if how == "dies" {
        eprintln!("an oversized ping: this is too much");
        std::process::abort();
    }
    say(stream, Opcode::CLOSE, &CloseBody::payload(1002, b""))?;
    stream.shutdown(std::net::Shutdown::Write).ok()?;
    match how {
        "dies-later" => {
            std::thread::sleep(Duration::from_millis(3));
            std::process::abort();
        }
        "swells" => std::mem::forget(vec![1_u8; 300 << 20]),
        _ => {
            std::thread::spawn(|| {
                loop {
                    std::hint::spin_loop();
                }
            });
        }
    }
    Some(())
}

fn say(stream: &mut TcpStream, opcode: Opcode, payload: &[u8]) -> Option<()> {
    let mut out = Vec::new();
    FrameSpec::new(opcode, payload.to_vec()).write(&mut out);
    stream.write_all(&out).ok()
}
