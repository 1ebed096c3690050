//! The requirements that a case proves by its expectations, in addition to those in `proves`.
//!
//! For example, a case with `expect: {fail: 1002}` shows that the target fails the connection by closing it, whatever its subject.
//! Coverage counts such requirements, so authors need not list them.

use crate::case::{Case, CloseExpect, Ends, ExpectKind, Expectation, HeadExpectKind, SendKind, StepKind};
use crate::vocabulary::{Outcome, Role};

/// The ids of the requirements that the expectations of this case prove for a target of this role.
pub fn implied(case: &Case, role: Role) -> Vec<&'static str> {
    let mut ids = Vec::new();
    if !case.suits(role) {
        return ids;
    }
    if role == Role::Client {
        // Every connection of a client goes directly to the harness.
        ids.push("rfc6455-4.1-proxy-none-direct");
    }
    let mut closes =
        case.opens() && matches!(case.ends, Ends::Clean | Ends::Fin | Ends::ServerClosesTcp | Ends::CloseNotify);
    for step in &case.steps {
        match &step.kind {
            StepKind::Expect(expect) => {
                for one in singles(&expect.kind) {
                    of_expectation(one, role, &mut ids);
                    closes |= matches!(one, Expectation::Close(_));
                }
            }
            StepKind::Send(send) if matches!(send.kind, SendKind::Barrier) => ids.push("rfc6455-5.5.2-ping-answered"),
            StepKind::Send(_) | StepKind::Series(_) => {}
        }
    }
    if closes {
        ids.extend(["rfc6455-5.5.1-tcp-closed-after-both", "rfc6455-7.1.2-closed-after-both"]);
        ids.extend(["rfc6455-7.3-closing-by-handshake", "rfc6455-7.1.2-close-starts-with-frame"]);
        if role == Role::Server {
            ids.extend(["rfc6455-5.5.1-server-closes-tcp-at-once", "rfc6455-7.1.1-server-closes-tcp-immediately"]);
            ids.push("rfc6455-7.1.1-server-closes-tcp-first");
        }
    }
    match role {
        Role::Client if case.ends == Ends::Refused => ids.push("rfc6455-7.2.1-client-fails-in-handshake"),
        Role::Server if case.ends == Ends::Refused => ids.push("rfc6455-7.2.2-server-abort-closes"),
        Role::Server if case.handshake.expect.iter().any(is_refusal) => {
            ids.push("rfc6455-10.7-invalid-in-handshake-status");
        }
        _ => {}
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn is_refusal(expect: &crate::case::HeadExpect) -> bool {
    matches!(&expect.kind, HeadExpectKind::Head { status, .. } if status.contains(&(400, 599)))
        && expect.outcome == Outcome::Pass
}

fn of_expectation(one: &Expectation, role: Role, ids: &mut Vec<&'static str>) {
    match one {
        Expectation::Fail(codes) => {
            ids.push(match role {
                Role::Server => "rfc6455-7.1.7-server-fails-by-closing",
                Role::Client => "rfc6455-7.1.7-client-fails-by-closing",
            });
            ids.extend(["rfc6455-7.1.7-failing-sends-close", "rfc6455-10.7-invalid-after-handshake-close"]);
            // A 1000 in answer to a violation hides the error, so it is lenient at best (Z2).
            ids.push("rfc6455-7.4.1-code-1000-normal");
            if codes.contains(&1002) {
                ids.push("rfc6455-7.4.1-code-1002-protocol-error");
            }
            if codes.contains(&1007) {
                ids.push("rfc6455-7.4.1-code-1007-bad-data");
            }
        }
        Expectation::Message { text: Some(_), .. } => {
            // A message that comes back complete was sent in frames.
            ids.extend([
                "rfc6455-6.1-send-in-frames",
                "rfc6455-6.1-send-transmits",
                "rfc6455-6.1-send-opcode-first-frame",
            ]);
            ids.extend(["rfc6455-6.1-send-fin-last-frame", "rfc6455-5.2-extension-data-zero"]);
            ids.extend(["rfc6455-5.2-mask-bit-means-key", "rfc6455-5.3-length-without-key"]);
            if role == Role::Client {
                ids.push("rfc6455-5.3-mask-keeps-length");
            }
        }
        Expectation::Pong(_) => ids.extend(["rfc6455-6.2-received-control-as-5-5", "rfc6455-5.5.2-pong-soon"]),
        Expectation::Close(CloseExpect::Same | CloseExpect::Empty | CloseExpect::Codes(_)) => {
            ids.extend(["rfc6455-6.2-received-control-as-5-5", "rfc6455-5.5.1-close-answered-soon"]);
        }
        _ => {}
    }
}

/// The single expectations that must be met in some way.
fn singles(kind: &ExpectKind) -> Vec<&Expectation> {
    match kind {
        ExpectKind::One(one) => vec![one],
        ExpectKind::AllOf(all) => all.iter().collect(),
        ExpectKind::OneOf(alternatives) => alternatives
            .iter()
            .filter(|alternative| alternative.outcome == Outcome::Pass)
            .flat_map(|alternative| &alternative.sequence)
            .collect(),
        ExpectKind::Optional(_) | ExpectKind::Nothing => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::requirements;

    #[test]
    fn every_implied_id_is_known_and_binds_the_role() {
        let suite = crate::language::load_embedded().unwrap();
        for role in [Role::Server, Role::Client] {
            for case in suite.cases() {
                for id in implied(case, role) {
                    let requirement = requirements::find(id).unwrap_or_else(|| panic!("{id} is unknown"));
                    assert!(requirement.role.binds(role), "{id} does not bind a {role}");
                }
            }
        }
    }
}
