//! The table of faults: every named way in which the reference implementation can violate the protocol.
//!
//! Each area has one file with its rows. A row defines a constant of [`Fault`], and the affected code checks for it in
//! one place, as in `if self.has(Fault::NO_PONG)`. To add a fault, add a row and that one check.

mod client_handshake;
mod close;
mod control;
mod deflate;
mod deflate_handshake;
mod echo;
mod fragmentation;
mod framing;
mod head;
mod limits;
mod server_handshake;
mod server_request;
mod tls;
mod utf8;

use std::fmt;
use std::str::FromStr;

use crate::vocabulary::Role;

/// The part of the protocol that a fault affects. Its name on the command line and in reports is in kebab case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::Display)]
#[strum(serialize_all = "kebab-case")]
pub enum Area {
    /// TLS below the connection: RFC 6455 section 4.1, the list on connections, item 5.
    Tls,
    /// The server's half of the opening handshake: RFC 6455 section 4.2.
    ServerHandshake,
    /// The client's half of the opening handshake: RFC 6455 section 4.1.
    ClientHandshake,
    /// The head of a request or response, independent of its content: RFC 9112 sections 2 to 5.
    Head,
    /// Bits, lengths, opcodes and masking of frames: RFC 6455 sections 5.1 to 5.3.
    Framing,
    /// Pings and pongs: RFC 6455 section 5.5.
    Control,
    /// Fragmented messages: RFC 6455 section 5.4.
    Fragmentation,
    /// Text messages: RFC 6455 sections 5.6 and 8.1.
    Utf8,
    /// Closing and failing the connection: RFC 6455 sections 5.5.1 and 7.
    Close,
    /// The echoed message.
    Echo,
    /// Compressed messages and their negotiation: RFC 7692.
    Deflate,
    /// Large inputs: long messages, many fragments, many frames. RFC 6455 section 10.4.
    Limits,
}

/// The roles in which a fault has an effect: `server`, `client` or `both`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum FaultRole {
    /// Only as a server.
    Server,
    /// Only as a client.
    Client,
    /// In both roles.
    Both,
}

/// A row of the table.
#[derive(Debug)]
pub struct FaultInfo {
    /// Its name in kebab case, which is unique in the table.
    pub name: &'static str,
    /// The roles in which it has an effect.
    pub role: FaultRole,
    /// The part of the protocol that it affects.
    pub area: Area,
    /// How the peer violates the protocol, in one sentence.
    pub sentence: &'static str,
    /// The ids of the requirements that it violates.
    pub requirements: &'static [&'static str],
    /// Why no case fails on it although it violates a requirement: a zone, or a phrase. Cases still report it.
    pub tolerated: Option<&'static str>,
}

/// One way to violate the protocol. Two faults are equal when their names are equal.
#[derive(Clone, Copy)]
pub struct Fault(&'static FaultInfo);

impl Fault {
    /// Every fault, area by area.
    pub fn all() -> impl Iterator<Item = Self> {
        [
            tls::ALL,
            server_handshake::ALL,
            server_request::ALL,
            client_handshake::ALL,
            head::ALL,
            framing::ALL,
            control::ALL,
            fragmentation::ALL,
            utf8::ALL,
            close::ALL,
            echo::ALL,
            deflate_handshake::ALL,
            deflate::ALL,
            limits::ALL,
        ]
        .into_iter()
        .flatten()
        .copied()
    }

    /// Finds the fault with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|fault| fault.name() == name)
    }

    /// Its row in the table.
    pub const fn info(self) -> &'static FaultInfo {
        self.0
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether it has an effect in this role.
    pub const fn fits(self, role: Role) -> bool {
        matches!(
            (self.0.role, role),
            (FaultRole::Both, _) | (FaultRole::Server, Role::Server) | (FaultRole::Client, Role::Client)
        )
    }
}

impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || self.0.name == other.0.name
    }
}

impl Eq for Fault {}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.name)
    }
}

/// The error for a name that no fault has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault named {0:?}")]
pub struct UnknownFault(String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::named(name).ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

/// Defines an area's rows: a constant of [`Fault`] for each row, and `ALL` with all of them in order.
macro_rules! faults {
    (@tolerated) => { None };
    (@tolerated $reason:literal) => { Some($reason) };
    ($area:ident; $(
        $id:ident, $name:literal, $role:ident, $sentence:literal, [$($requirement:literal),* $(,)?] $(, $reason:literal)?;
    )*) => {
        use super::{Area, Fault, FaultInfo, FaultRole};

        impl Fault {
            $(
                #[doc = $sentence]
                pub const $id: Self = Self(&FaultInfo {
                    name: $name,
                    role: FaultRole::$role,
                    area: Area::$area,
                    sentence: $sentence,
                    requirements: &[$($requirement),*],
                    tolerated: super::faults!(@tolerated $($reason)?),
                });
            )*
        }

        /// The area's faults in the order of the table.
        pub(super) const ALL: &[Fault] = &[$(Fault::$id),*];
    };
}
use faults;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn names_are_unique_kebab_case_words() {
        let mut seen = BTreeSet::new();
        for fault in Fault::all() {
            let name = fault.name();
            assert!(seen.insert(name), "{name} appears twice in the table");
            assert!(
                name.split('-')
                    .all(|word| !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())),
                "{name} is not in kebab case"
            );
            let sentence = fault.info().sentence;
            assert!(sentence.ends_with('.') && !sentence.contains('\n'), "{name}");
            assert_eq!(name.parse::<Fault>(), Ok(fault));
        }
        assert!(seen.len() >= 400);
        assert!("no-such-fault".parse::<Fault>().is_err());
    }

    #[test]
    fn areas_and_roles_are_named() {
        let names = [Area::Tls, Area::ServerHandshake, Area::ClientHandshake, Area::Utf8].map(|area| area.to_string());
        assert_eq!(names, ["tls", "server-handshake", "client-handshake", "utf8"]);
        let names = [FaultRole::Server, FaultRole::Client, FaultRole::Both].map(|role| role.to_string());
        assert_eq!(names, ["server", "client", "both"]);
    }

    #[test]
    fn requirements_exist() {
        let table = include_str!("../../../data/requirements.tsv");
        let known: BTreeSet<&str> = table.lines().filter_map(|line| line.split('\t').next()).collect();
        for fault in Fault::all() {
            assert!(!fault.info().requirements.is_empty(), "{fault} violates no requirement");
            for id in fault.info().requirements {
                assert!(known.contains(id), "{fault} refers to the unknown requirement {id}");
            }
        }
    }

    /// A fault that no code checks for would have no effect.
    #[test]
    fn every_fault_is_checked_in_the_code() {
        let peer_folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/peer");
        let mut code = String::new();
        for folder in ["reference", "handshake"] {
            for entry in std::fs::read_dir(peer_folder.join(folder)).expect("the peer's folder") {
                let path = entry.expect("an entry").path();
                if path.is_file() {
                    code += &std::fs::read_to_string(path).expect("a source file");
                }
            }
        }
        let words: Vec<&str> = code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).collect();
        let table: String = std::fs::read_dir(peer_folder.join("faults"))
            .expect("the table's folder")
            .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("a file"))
            .collect();
        for fault in Fault::all() {
            let row = table
                .lines()
                .find(|line| line.contains(&format!(", \"{}\", ", fault.name())))
                .unwrap_or_else(|| panic!("{fault} has no row of the usual form"));
            let id = row.trim().split(',').next().expect("an id");
            assert!(words.contains(&format!("Fault::{id}").as_str()), "{id} is not used");
        }
    }
}
