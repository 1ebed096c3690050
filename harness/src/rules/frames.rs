//! Rules for the frames that a target sends. The decoder records the deviations; a rule says which requirement each breaks.

use super::{Breach, BreachKind, Rule, View};

use crate::play::What;
use crate::vocabulary::{Direction, Role};
use crate::wire::close::CloseBody;
use crate::wire::{DeviationKind as Kind, Opcode};

/// Frames are masked as the role requires.
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
    let sent = sent_code(view);
    let mut breaches = by_deviation(view, |kind| match kind {
        Kind::CloseBodyOfOneByte => Some("rfc6455-5.5.1-close-code-two-bytes"),
        Kind::CloseReasonNotUtf8 => Some("rfc6455-5.5.1-close-reason-utf8"),
        // A code that the target only echoes, and that may be assigned in the future, is checked by the case (Z12, Z16).
        Kind::CloseCode(code) if sent == Some(*code) && matches!(code, 1004 | 1016..=2999 | 5000..) => None,
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
            if frame.head.opcode == Opcode::CLOSE && code == Some(1010) && sent != Some(1010) {
                let actual = "a server sent a Close frame with 1010, which only a client may use";
                breaches.push(Breach::sent("rfc6455-7.4.1-code-1010-not-by-server", actual, Some(event)));
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
    let mut breaches: Vec<Breach> = Vec::new();
    for (event, frame) in view.transcript.received_frames() {
        let head = &frame.head;
        if !frame.deviations.iter().any(|deviation| deviation.kind == Kind::FrameAfterClose) {
            continue;
        }
        // A pong or ping after the target's own Close frame breaks no requirement.
        let kind = match head.opcode {
            Opcode::PONG | Opcode::PING => continue,
            Opcode::CLOSE => BreachKind::SecondClose,
            _ => BreachKind::Plain,
        };
        let actual = format!("{} frame came after the target's own Close frame", named(head.opcode));
        // A flood after the Close frame is reported once.
        if !breaches.iter().any(|breach| breach.actual == actual) {
            breaches.push(Breach::sent("rfc6455-5.5.1-no-data-after-close", actual, Some(event)).of_kind(kind));
        }
    }
    breaches
}

/// An opcode with its article.
fn named(opcode: Opcode) -> String {
    if opcode.is_reserved() { format!("an {opcode}") } else { format!("a {opcode}") }
}

/// A breach for each deviation that `requirement_of` knows; the same requirement is reported once.
pub(super) fn by_deviation(view: &View<'_>, requirement_of: impl Fn(&Kind) -> Option<&'static str>) -> Vec<Breach> {
    let mut breaches: Vec<Breach> = Vec::new();
    for (event, frame) in view.transcript.received_frames() {
        for deviation in &frame.deviations {
            let Some(requirement) = requirement_of(&deviation.kind) else { continue };
            if breaches.iter().any(|breach| breach.requirement == requirement) {
                continue;
            }
            let length = frame.payload.length;
            let actual = format!(
                "{} frame of {length} {}, at byte {} of the stream: {}",
                named(frame.head.opcode),
                if length == 1 { "byte" } else { "bytes" },
                deviation.offset,
                deviation.kind
            );
            breaches.push(Breach::sent(requirement, actual, Some(event)));
        }
    }
    breaches
}
