//! What a departure earns: the one place where outcomes are decided.

use crate::case::Case;
use crate::play::Departure;
use crate::rules::BreachKind;
use crate::vocabulary::{Because, Level, Outcome, RequirementId, Role, Zone};

/// What a departure earns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The outcome.
    pub outcome: Outcome,
    /// Why it is not worse.
    pub because: Option<Because>,
    /// The requirement that the departure itself breaks; `None` where it says nothing better than the case.
    pub requirement: Option<RequirementId>,
}

impl Ruling {
    const fn fail() -> Self {
        Self { outcome: Outcome::Fail, because: None, requirement: None }
    }

    fn lenient(because: impl Into<Because>) -> Self {
        Self { outcome: Outcome::Lenient, because: Some(because.into()), requirement: None }
    }

    fn info(because: impl Into<Because>) -> Self {
        Self { outcome: Outcome::Info, ..Self::lenient(because) }
    }

    fn unsupported(because: impl Into<Because>) -> Self {
        Self { outcome: Outcome::Unsupported, ..Self::lenient(because) }
    }

    fn citing(self, id: &'static str) -> Self {
        Self { requirement: Some(RequirementId::new(id)), ..self }
    }
}

/// What a departure in a case earns. A case whose level is `should` is lenient at worst where what was expected did not happen.
pub fn of_departure(departure: &Departure, role: Role, case: &Case) -> Ruling {
    let ruling = of(departure, role);
    if ruling.outcome == Outcome::Fail && !departure.is_variation() && case.level == Level::Should {
        let because = Because::text("the RFC says SHOULD here, so another reaction is allowed");
        return Ruling { outcome: Outcome::Lenient, because: Some(because), ..ruling };
    }
    ruling
}

fn of(departure: &Departure, role: Role) -> Ruling {
    match departure {
        Departure::Alternative { outcome, because } => {
            Ruling { outcome: *outcome, because: because.clone(), requirement: None }
        }
        Departure::NoCloseFrame => Ruling::lenient(Zone(1)).citing("rfc6455-7.1.7-failing-sends-close"),
        Departure::NoCode => Ruling::lenient(Zone(2)),
        // A code for invalid text has a zone of its own.
        Departure::OtherCode { expected, .. } if expected == &[1007] => Ruling::lenient(Zone(3)),
        Departure::OtherCode { .. } => Ruling::lenient(Zone(2)),
        Departure::NormalCode | Departure::OtherClosingCode(_) => {
            Ruling::lenient(Zone(6)).citing("rfc6455-5.5.1-close-code-echoed")
        }
        Departure::EndLeftToTimer => Ruling::lenient(Zone(7)).citing(stream_end(role)),
        Departure::LateEnd => Ruling::lenient(Zone(7)).citing(stream_end(role)),
        Departure::LimitMet => Ruling::lenient(Zone(22)),
        Departure::AcceptsUnread => Ruling::info(Zone(22)).citing("rfc6455-10.4-limits-protected"),
        Departure::TlsTruncated => Ruling::lenient(Because::text(
            "many implementations end TLS with a FIN alone, and the closing handshake was complete before it",
        ))
        .citing("rfc9112-9.8-tls-closure-alerts"),
        Departure::AnotherRequest => {
            Ruling::lenient(Because::in_zone(Zone(49), "the client keeps the connection for another HTTP request"))
        }
        Departure::EndLeftToServer => Ruling::lenient(Because::text(
            "the client accepts nothing more, and leaves it to the server to end the stream",
        )),
        Departure::CloseFrameUnopened => Ruling::lenient(Because::text(
            "the client sent a Close frame on a connection that never opened, and ended it",
        )),
        Departure::NoDeflate => Ruling::unsupported(Zone(24)),
        Departure::ProgramContinues => {
            Ruling::lenient(Because::text("the client does not connect, but its program continues"))
        }
        Departure::StreamLeftOpen => Ruling::fail().citing(stream_end(role)),
        Departure::Reset => Ruling::fail().citing("rfc6455-7.1.1-tcp-closed-cleanly"),
        Departure::EndedFirst => Ruling::fail().citing("rfc6455-7.1.1-server-closes-tcp-first"),
        Departure::NoServerName => Ruling::fail().citing("rfc6455-4.1-sni-sent"),
        Departure::Silence
        | Departure::AnotherOne
        | Departure::AnotherMessage
        | Departure::NoClosingHandshake
        | Departure::Closed
        | Departure::Continued
        | Departure::Handshake
        | Departure::TlsAccepted
        | Departure::Other => Ruling::fail(),
    }
}

/// The requirement to end the stream after both Close frames.
const fn stream_end(role: Role) -> &'static str {
    match role {
        Role::Server => "rfc6455-5.5.1-server-closes-tcp-at-once",
        Role::Client => "rfc6455-5.5.1-tcp-closed-after-both",
    }
}

/// What a broken rule earns.
pub fn of_breach(kind: BreachKind) -> Outcome {
    match kind {
        BreachKind::Plain => Outcome::Fail,
        // A duty of HTTP that most cases are not about; those that are fail by their own expectation.
        BreachKind::RefusalField
        // Most clients look at the status alone.
        | BreachKind::Http10Upgrade
        | BreachKind::NoSpaceAfterStatus
        // The stream has no more meaning after the first Close frame.
        | BreachKind::SecondClose => Outcome::Lenient,
        // RFC 7692 section 7.2.3.6 shows the byte 00 for an empty message; one without any byte inflates to the same.
        BreachKind::EmptyCompressedMessage => Outcome::Info,
    }
}

/// Something that was observed outside the conversation of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// The target's process ended.
    ProcessEnded,
    /// The target's process grew by so many bytes, more than what it was sent explains.
    ProcessGrew,
    /// The target's process was busy although nothing was asked of it.
    ProcessBusy,
    /// The server accepted fewer connections than the case opens.
    FewerConnections,
    /// The verdict depends on how the harness's bytes were split into writes.
    DependsOnDelivery,
    /// The target lacks something that the case needs.
    Lacks,
    /// A Sec-WebSocket-Key was used twice in a run.
    HandshakeKeyRepeats,
    /// Masking keys of a run repeat; whether most are one key.
    MaskingKeysRepeat {
        /// Whether more than half of the keys are the same.
        constant: bool,
    },
    /// Masking keys count up.
    MaskingKeysCount,
    /// A bit of the masking keys is not random.
    MaskingKeysBiased,
    /// The target's process had troubles that no case brings about alone.
    Unattributed,
}

/// What an observation outside the conversation earns.
pub fn of_observation(observation: Observation) -> Ruling {
    let statistics = || Ruling::lenient(Because::text("statistics only warn"));
    match observation {
        Observation::ProcessEnded | Observation::ProcessBusy => Ruling::fail(),
        Observation::ProcessGrew => Ruling::fail().citing("rfc6455-10.4-limits-protected"),
        Observation::FewerConnections => Ruling::info(Zone(22)),
        Observation::DependsOnDelivery => Ruling { outcome: Outcome::Info, ..Ruling::fail() },
        Observation::Lacks => Ruling { outcome: Outcome::Unsupported, ..Ruling::fail() },
        Observation::HandshakeKeyRepeats => Ruling::fail().citing("rfc6455-4.1-key-fresh"),
        Observation::MaskingKeysRepeat { constant: true } => Ruling::fail().citing("rfc6455-5.3-key-fresh-per-frame"),
        Observation::MaskingKeysRepeat { constant: false } => statistics().citing("rfc6455-5.3-key-fresh-per-frame"),
        Observation::MaskingKeysCount => Ruling::fail().citing("rfc6455-5.3-key-not-predictable"),
        Observation::MaskingKeysBiased => statistics().citing("rfc6455-5.3-key-strong-entropy"),
        Observation::Unattributed => Ruling::fail().citing("rfc6455-10.7-incoming-validated"),
    }
}
