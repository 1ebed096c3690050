//! Rules over the frames that a target sends. The decoder has seen the deviations; a rule says which duty each breaks.

use super::{Breach, Rule, View};

use crate::play::What;
use crate::vocabulary::{Direction, Outcome, Role};
use crate::wire::close::CloseBody;
use crate::wire::{DeviationKind as Kind, Opcode};

/// Frames are masked as the role demands.
pub static MASKING: Rule = Rule {
    name: "masking",
    requirements: &[
        "rfc6455-5.1-client-masks-all",
        "rfc6455-5.1-server-never-masks",
        "rfc6455-5.3-masked-flag-set",
        "rfc6455-5.5.1-client-close-masked",
        "rfc6455-6.1-send-client-masks",
    ],
    check: |view| {
        by_deviation(view, |kind| match kind {
            Kind::Unmasked => Some("rfc6455-5.1-client-masks-all"),
            Kind::Masked => Some("rfc6455-5.1-server-never-masks"),
            _ => None,
        })
    },
};

/// No reserved bit and no reserved opcode is used.
pub static RESERVED: Rule = Rule {
    name: "reserved",
    requirements: &[
        "rfc6455-5.2-rsv-zero-when-sending",
        "rfc6455-5.2-opcodes-sent-are-defined",
        "rfc6455-5.8-extensions-negotiated",
    ],
    check: |view| {
        by_deviation(view, |kind| match kind {
            Kind::ReservedBits(_) => Some("rfc6455-5.2-rsv-zero-when-sending"),
            Kind::ReservedOpcode(_) => Some("rfc6455-5.2-opcodes-sent-are-defined"),
            _ => None,
        })
    },
};

/// Lengths have their shortest form, and no top bit.
pub static LENGTH: Rule = Rule {
    name: "length",
    requirements: &["rfc6455-5.2-length-minimal-when-sending", "rfc6455-5.2-length-64-msb-zero"],
    check: |view| {
        by_deviation(view, |kind| match kind {
            Kind::LengthNotMinimal => Some("rfc6455-5.2-length-minimal-when-sending"),
            Kind::LengthTopBit => Some("rfc6455-5.2-length-64-msb-zero"),
            _ => None,
        })
    },
};

/// Control frames are whole and short.
pub static CONTROL: Rule = Rule {
    name: "control-frames",
    requirements: &[
        "rfc6455-5.5-control-max-125",
        "rfc6455-5.5-control-fragmented-never-sent",
        "rfc6455-5.4-control-not-fragmented",
    ],
    check: |view| {
        by_deviation(view, |kind| match kind {
            Kind::ControlTooLong(_) => Some("rfc6455-5.5-control-max-125"),
            Kind::ControlFragmented => Some("rfc6455-5.5-control-fragmented-never-sent"),
            _ => None,
        })
    },
};

/// Fragments come in their order and are not mixed.
pub static FRAGMENTS: Rule = Rule {
    name: "fragments",
    requirements: &[
        "rfc6455-5.4-unfragmented-form",
        "rfc6455-5.4-fragmented-form",
        "rfc6455-5.4-fragments-not-interleaved",
    ],
    check: |view| {
        by_deviation(view, |kind| match kind {
            Kind::ContinuationWithoutStart => Some("rfc6455-5.4-unfragmented-form"),
            Kind::MessageInsideMessage => Some("rfc6455-5.4-fragmented-form"),
            _ => None,
        })
    },
};

/// Text is UTF-8.
pub static UTF8: Rule = Rule {
    name: "utf8",
    requirements: &["rfc6455-5.6-text-is-utf8"],
    check: |view| by_deviation(view, |kind| matches!(kind, Kind::TextNotUtf8).then_some("rfc6455-5.6-text-is-utf8")),
};

/// Close bodies have a code that may be sent, and a reason in UTF-8.
pub static CLOSE_BODY: Rule = Rule {
    name: "close-body",
    requirements: &[
        "rfc6455-5.5.1-close-code-two-bytes",
        "rfc6455-5.5.1-close-reason-utf8",
        "rfc6455-7.4.1-code-1004-reserved",
        "rfc6455-7.4.1-code-1005-never-sent",
        "rfc6455-7.4.1-code-1006-never-sent",
        "rfc6455-7.4.1-code-1015-never-sent",
        "rfc6455-7.4.1-code-1010-not-by-server",
        "rfc6455-7.4.2-codes-0-999-unused",
        "rfc6455-7.4.2-codes-1000-2999-by-standard",
        "rfc6455-7.4.2-codes-5000-up-undefined",
    ],
    check: close_body,
};

fn close_body(view: &View<'_>) -> Vec<Breach> {
    let asked = sent_code(view);
    let mut breaches = by_deviation(view, |kind| match kind {
        Kind::CloseBodyOfOneByte => Some("rfc6455-5.5.1-close-code-two-bytes"),
        Kind::CloseReasonNotUtf8 => Some("rfc6455-5.5.1-close-reason-utf8"),
        // Echoing a code of which nobody can know the future is the case's to judge (Z12, Z16), as it was ours first.
        Kind::CloseCode(code) if asked == Some(*code) && matches!(code, 1004 | 1016..=2999 | 5000..) => None,
        Kind::CloseCode(1004) => Some("rfc6455-7.4.1-code-1004-reserved"),
        Kind::CloseCode(1005) => Some("rfc6455-7.4.1-code-1005-never-sent"),
        Kind::CloseCode(1006) => Some("rfc6455-7.4.1-code-1006-never-sent"),
        Kind::CloseCode(1015) => Some("rfc6455-7.4.1-code-1015-never-sent"),
        Kind::CloseCode(..1000) => Some("rfc6455-7.4.2-codes-0-999-unused"),
        Kind::CloseCode(1000..=2999) => Some("rfc6455-7.4.2-codes-1000-2999-by-standard"),
        Kind::CloseCode(_) => Some("rfc6455-7.4.2-codes-5000-up-undefined"),
        _ => None,
    });
    if view.role == Role::Server {
        for (event, frame) in view.transcript.received_frames() {
            let code = CloseBody::read(&frame.payload.head).code;
            // A server that only sends back our own 1010 does not use it.
            if frame.head.opcode == Opcode::CLOSE && code == Some(1010) && asked != Some(1010) {
                let message = "the server closes with 1010, which only a client may use";
                breaches.push(Breach::fail("rfc6455-7.4.1-code-1010-not-by-server", message, Some(event)));
            }
        }
    }
    breaches
}

/// The code of the Close that we sent first.
fn sent_code(view: &View<'_>) -> Option<u16> {
    let event = view.transcript.event(view.transcript.close_sent?)?;
    match (event.direction, &event.what) {
        (Some(Direction::Out), What::Frame(frame)) => CloseBody::read(&frame.payload.head).code,
        _ => None,
    }
}

/// No data follows the target's own Close frame.
pub static AFTER_CLOSE: Rule = Rule {
    name: "after-close",
    requirements: &["rfc6455-5.5.1-no-data-after-close", "rfc6455-6.1-send-when-open"],
    check: after_close,
};

fn after_close(view: &View<'_>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (event, frame) in view.transcript.received_frames() {
        let head = &frame.head;
        if !frame.deviations.iter().any(|deviation| deviation.kind == Kind::FrameAfterClose) {
            continue;
        }
        // A pong or ping that crosses the own Close breaks no word of the text.
        let outcome = match head.opcode {
            Opcode::PONG | Opcode::PING => continue,
            Opcode::CLOSE => Outcome::Lenient,
            _ => Outcome::Fail,
        };
        breaches.push(Breach {
            requirement: "rfc6455-5.5.1-no-data-after-close",
            outcome,
            message: format!("a {} frame came behind the target's own Close frame", head.opcode),
            event: Some(event),
        });
    }
    breaches
}

/// A breach for each deviation that `requirement_of` knows; the same one is told once.
pub(super) fn by_deviation(view: &View<'_>, requirement_of: impl Fn(&Kind) -> Option<&'static str>) -> Vec<Breach> {
    let mut breaches: Vec<Breach> = Vec::new();
    for (event, frame) in view.transcript.received_frames() {
        for deviation in &frame.deviations {
            let Some(requirement) = requirement_of(&deviation.kind) else { continue };
            if breaches.iter().any(|breach| breach.requirement == requirement) {
                continue;
            }
            let message = format!(
                "a {} frame of {} bytes at byte {} of the stream: {}",
                frame.head.opcode, frame.payload.length, deviation.offset, deviation.kind
            );
            breaches.push(Breach::fail(requirement, message, Some(event)));
        }
    }
    breaches
}
