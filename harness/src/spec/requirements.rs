//! What the RFCs require: the table that `proves` refers to.

use crate::vocabulary::{Level, Role};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The table: one requirement in each line. The first line has the names of the columns.
const TSV: &str = include_str!("../../data/requirements.tsv");
/// The number of columns of the table.
const COLUMNS: usize = 9;

/// The document of the requirements of wsspec itself, which no sentence of an RFC states.
pub const QUALITY: &str = "quality";

/// One duty or permission in an RFC, in our own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Its stable id, such as `rfc6455-5.5.3-pong-same-data`.
    pub id: &'static str,
    /// The RFC's number, `whatwg` for the WebSockets Standard, or [`QUALITY`] for what wsspec itself requires.
    pub rfc: &'static str,
    /// The section, and after a space a place in it: `4.1 req 7`.
    pub section: &'static str,
    /// Who is bound.
    pub role: Bound,
    /// How strongly.
    pub strength: Strength,
    /// The requirement.
    pub text: &'static str,
    /// Where it can be observed.
    pub testable: Testable,
    /// The stimulus, what must happen, and what is lenient.
    pub how: &'static str,
    /// The close codes or statuses that apply.
    pub codes: Vec<&'static str>,
}

/// Who a requirement binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Bound {
    /// Servers.
    Server,
    /// Clients.
    Client,
    /// Both endpoints.
    Both,
    /// Proxies and other intermediaries.
    Intermediary,
}

impl Bound {
    /// The word in the table.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether an endpoint of this role is bound.
    pub fn binds(self, role: Role) -> bool {
        match self {
            Self::Server => role == Role::Server,
            Self::Client => role == Role::Client,
            Self::Both => true,
            Self::Intermediary => false,
        }
    }
}

/// The keyword of a requirement (RFC 2119).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Strength {
    /// MUST.
    Must,
    /// MUST NOT.
    MustNot,
    /// SHOULD.
    Should,
    /// SHOULD NOT.
    ShouldNot,
    /// wsspec's own requirement.
    Quality,
    /// MAY.
    May,
}

impl Strength {
    /// The word in the table.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The level of a case that proves it.
    pub const fn level(self) -> Level {
        match self {
            Self::Must | Self::MustNot => Level::Must,
            Self::Should | Self::ShouldNot => Level::Should,
            Self::Quality => Level::Quality,
            Self::May => Level::May,
        }
    }
}

/// Where a requirement can be observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Testable {
    /// At the other end of the connection.
    Wire,
    /// In the API of the target.
    Api,
    /// With TLS, a proxy, a browser, HTTP/2 or several names.
    Env,
    /// Only inside the target.
    Local,
}

impl Testable {
    /// The word in the table.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Requirement {
    /// The level of a case that proves it.
    pub const fn level(&self) -> Level {
        self.strength.level()
    }

    /// A link to the section.
    pub fn url(&self) -> String {
        if self.rfc == QUALITY {
            return "https://github.com/wsspec/wsspec/blob/main/docs/report.md#quality".to_owned();
        }
        let section = self.section.split(' ').next().unwrap_or_default();
        if self.rfc == "whatwg" {
            let anchor = match section {
                "2.1" => "#websocket-connections",
                "2.2" => "#websocket-opening-handshake",
                "3.1" => "#interface-definition",
                "4" => "#feedback-from-the-protocol",
                "5" => "#ping-and-pong-frames",
                "7" => "#garbage-collection",
                _ => "",
            };
            return format!("https://websockets.spec.whatwg.org/{anchor}");
        }
        format!("https://www.rfc-editor.org/rfc/rfc{}#section-{section}", self.rfc)
    }

    /// The section in words: `RFC 6455, section 4.1, point 7 of the request`.
    pub fn place(&self) -> String {
        if self.rfc == QUALITY {
            return format!("wsspec, quality: {}", self.section);
        }
        let document = if self.rfc == "whatwg" { "WebSockets Standard".into() } else { format!("RFC {}", self.rfc) };
        let (section, finer) = self.section.split_once(' ').unwrap_or((self.section, ""));
        let finer = match finer.split_once(' ') {
            Some(("req", point)) => format!(", point {point} of the request"),
            Some(("resp", point)) => format!(", point {point} of the response"),
            Some(("conn", point)) => format!(", point {point} of the connection"),
            Some(("step", point)) => match point.split_once(' ') {
                Some((step, part)) => format!(", step {step} ({part})"),
                None => format!(", step {point}"),
            },
            Some((word, point)) => format!(", {word} {point}"),
            None if finer.is_empty() => String::new(),
            None => format!(", {finer}"),
        };
        format!("{document}, section {section}{finer}")
    }

    /// The verified erratum that the requirement follows: its number and link.
    pub fn erratum(&self) -> Option<(&'static str, String)> {
        let (_, rest) = self.how.split_once("[erratum ")?;
        let (number, _) = rest.split_once(']')?;
        Some((number, format!("https://www.rfc-editor.org/errata/eid{number}")))
    }

    /// Whether the RFC has no capitalized keyword there.
    pub fn by_text(&self) -> bool {
        self.how.contains("[text]")
    }
}

/// The whole table, parsed once.
static TABLE: LazyLock<(Vec<Requirement>, HashMap<&'static str, usize>)> = LazyLock::new(|| {
    let rows: Vec<Requirement> = TSV.lines().skip(1).filter_map(parse).collect();
    let index = rows.iter().enumerate().map(|(place, requirement)| (requirement.id, place)).collect();
    (rows, index)
});

/// One line of the table. Malformed lines are skipped; a test makes sure that there are none.
fn parse(line: &'static str) -> Option<Requirement> {
    let columns: [&str; COLUMNS] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
    let [id, rfc, section, role, level, text, testable, how, codes] = columns;
    Some(Requirement {
        id,
        rfc,
        section,
        role: role.parse().ok()?,
        strength: level.parse().ok()?,
        text,
        testable: testable.parse().ok()?,
        how,
        codes: codes.split_whitespace().collect(),
    })
}

/// All requirements in the order of the table.
pub fn all() -> &'static [Requirement] {
    &TABLE.0
}

/// The requirement of an id.
pub fn find(id: &str) -> Option<&'static Requirement> {
    TABLE.1.get(id).and_then(|&place| TABLE.0.get(place))
}

/// The strongest level of these requirements. Unknown ids are ignored.
pub fn strongest(ids: &[String]) -> Option<Level> {
    ids.iter().filter_map(|id| find(id)).map(Requirement::level).min()
}

/// Whether a text is a section of an RFC such as `rfc6455#section-5.5.2`, or an appendix such as `rfc7692#appendix-A`.
pub fn is_spec(text: &str) -> bool {
    let Some((number, place)) = text.strip_prefix("rfc").and_then(|rest| rest.split_once('#')) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits(number) && !number.starts_with('0');
    let section = place.strip_prefix("section-").is_some_and(|section| section.split('.').all(digits));
    let appendix = place.strip_prefix("appendix-").is_some_and(|appendix| {
        let mut parts = appendix.split('.');
        parts.next().is_some_and(|letter| letter.len() == 1 && letter.bytes().all(|c| c.is_ascii_uppercase()))
            && parts.all(digits)
    });
    number && (section || appendix)
}

/// The link to a section such as `rfc6455#section-5.5.2`.
pub fn spec_url(spec: &str) -> String {
    format!("https://www.rfc-editor.org/rfc/{spec}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_whole() {
        assert_eq!(TSV.lines().next().map(|line| line.split('\t').count()), Some(COLUMNS));
        for line in TSV.lines().skip(1) {
            assert!(parse(line).is_some(), "{line}");
        }
        assert_eq!(all().len(), TABLE.1.len(), "an id comes twice");
    }

    #[test]
    fn every_id_begins_with_its_document_and_section() {
        for requirement in all() {
            let section = requirement.section.split(' ').next().unwrap();
            let prefix = match requirement.rfc {
                QUALITY => "quality-".to_owned(),
                "whatwg" => format!("whatwg-{section}-"),
                number => format!("rfc{number}-{section}-"),
            };
            assert!(requirement.id.starts_with(&prefix), "{}", requirement.id);
            assert_eq!(requirement.rfc == QUALITY, requirement.strength == Strength::Quality, "{}", requirement.id);
            assert!(!requirement.text.is_empty() && requirement.text.ends_with('.'), "{}", requirement.id);
        }
    }

    #[test]
    fn links_and_places_leave_the_finer_place_out_of_the_anchor() {
        let key = find("rfc6455-4.1-key-16-bytes").unwrap();
        assert_eq!(key.url(), "https://www.rfc-editor.org/rfc/rfc6455#section-4.1");
        assert_eq!(key.place(), "RFC 6455, section 4.1, point 7 of the request");
        let pong = find("rfc6455-5.5.3-pong-same-data").unwrap();
        assert_eq!(pong.place(), "RFC 6455, section 5.5.3");
        assert_eq!(pong.level(), Level::Must);
        let browser = all().iter().find(|requirement| requirement.rfc == "whatwg").unwrap();
        assert!(browser.url().starts_with("https://websockets.spec.whatwg.org/#"));
        let steps = all().iter().find(|requirement| requirement.section == "4.2.2 step 4 version").unwrap();
        assert_eq!(steps.place(), "RFC 6455, section 4.2.2, step 4 (version)");
        assert!(all().iter().any(|requirement| requirement.erratum().is_some()));
    }

    #[test]
    fn places_in_rfcs_have_one_form() {
        for valid in ["rfc6455#section-5.5.2", "rfc9112#section-3", "rfc7692#appendix-A", "rfc6455#section-10.1"] {
            assert!(is_spec(valid), "{valid}");
        }
        for invalid in [
            "rfc6455",
            "RFC6455#section-5",
            "rfc6455#5.5",
            "rfc6455#section-",
            "rfc6455#section-5.",
            "rfc#section-1",
            "x",
        ] {
            assert!(!is_spec(invalid), "{invalid}");
        }
    }
}
