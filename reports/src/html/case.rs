//! A case as the page shows it.

use crate::html::Piece;
use crate::html::conversation::{EventView, events};
use crate::results::{CaseResult, Finding, RequirementId, RequirementText, Run};
use crate::text::{duration, shorten};
use crate::totals::topic;

/// The longest finding that is shown, in characters.
const MESSAGE: usize = 4000;

/// A case with its place on the page.
pub(crate) struct CaseView<'a> {
    pub case: &'a CaseResult,
    /// Its place among the cases, for the ids of elements.
    pub index: usize,
    pub topic: &'a str,
    /// The fragment that leads to it, `case=ID&role=server`.
    pub fragment: String,
    /// Words that the search finds in addition to those that are visible.
    pub find: String,
    pub duration: String,
    /// The first finding, in a line.
    pub first: Option<String>,
    pub findings: Vec<FindingView<'a>>,
    pub events: Vec<EventView>,
    /// The requirements that it proves, with their texts where these are known.
    pub proves: Vec<(&'a str, Option<&'a RequirementText>)>,
    /// Places in specifications: the words and the link.
    pub spec: Vec<(String, String)>,
    /// The numbers in front of the YAML's lines.
    pub numbers: String,
    pub yaml: Vec<Piece>,
}

/// A finding with all that explains it.
pub(crate) struct FindingView<'a> {
    pub finding: &'a Finding,
    pub message: String,
    pub requirement: Option<(&'a str, Option<&'a RequirementText>)>,
    /// Why the outcome is not worse: the zone, a sentence, or both.
    pub reason: Option<String>,
    /// The zone's text, where the reason names a zone.
    pub zone: Option<&'a str>,
    /// The text of the line that it points at, where that line is here.
    pub source: Option<&'a str>,
    /// The event that it points at, where that event is here.
    pub event: Option<usize>,
}

impl<'a> CaseView<'a> {
    pub(crate) fn new(run: &'a Run, index: usize, case: &'a CaseResult) -> Self {
        let lookup = |id: &'a RequirementId| (id.as_str(), run.requirements.get(id));
        let findings: Vec<FindingView> = case
            .findings
            .iter()
            .map(|finding| FindingView {
                finding,
                message: shorten(&finding.message, MESSAGE).into(),
                requirement: finding.requirement.as_ref().map(lookup),
                reason: finding.reason(),
                zone: finding.zone.and_then(|zone| run.zones.get(&zone.to_string())).map(String::as_str),
                source: finding
                    .line
                    .and_then(|line| case.yaml.lines().nth(line.checked_sub(case.line)?))
                    .map(str::trim),
                event: finding.event.filter(|&event| event < case.transcript.len()),
            })
            .collect();
        let first = case
            .findings
            .first()
            .map(|finding| shorten(finding.message.lines().next().unwrap_or_default(), 240).into());
        let agent = case.agent.as_ref().map(|agent| format!("&agent={}", encode(agent))).unwrap_or_default();
        Self {
            case,
            index,
            topic: topic(&case.case),
            fragment: format!("case={}&role={}{agent}", encode(&case.case), case.role),
            find: format!("{} {}", case.requirements.join(" "), case.spec.join(" ")),
            duration: duration(case.duration_ms),
            first,
            findings,
            events: events(case),
            proves: case.requirements.iter().map(lookup).collect(),
            spec: case.spec.iter().filter_map(|place| spec_link(place)).collect(),
            numbers: (case.line..).take(case.yaml.lines().count()).map(|line| format!("{line}\n")).collect(),
            yaml: yaml(case),
        }
    }

    /// The reference of a requirement's text if it is one that a browser may follow.
    pub(crate) fn link(url: &str) -> Option<&str> {
        (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
    }
}

/// The YAML with the lines marked that findings point at.
fn yaml(case: &CaseResult) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (number, line) in (case.line..).zip(case.yaml.lines()) {
        let line = format!("{line}\n");
        if case.findings.iter().any(|finding| finding.line == Some(number)) {
            pieces.push(Piece::marked(line));
        } else {
            match pieces.last_mut() {
                Some(last) if !last.mark => last.text.push_str(&line),
                _ => pieces.push(Piece::plain(line)),
            }
        }
    }
    pieces
}

/// `rfc6455#section-5.5.2` as words and a link. Any other form has no link.
fn spec_link(place: &str) -> Option<(String, String)> {
    let (document, section) = place.split_once('#').unwrap_or((place, ""));
    let number = document
        .strip_prefix("rfc")
        .filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !section.chars().all(fits) {
        return None;
    }
    let words = section.replacen("section-", "section ", 1);
    let anchor = if section.is_empty() { String::new() } else { format!("#{section}") };
    Some((
        format!("RFC {number} {words}").trim_end().into(),
        format!("https://www.rfc-editor.org/rfc/rfc{number}{anchor}"),
    ))
}

/// Percent-encodes the characters that need it in the value of a fragment.
pub(crate) fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:@".contains(&byte) {
            out.push(byte.into());
        } else {
            // Writing to a String does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_become_links() {
        let link = |place| spec_link(place).map(|(words, url)| format!("{words} <{url}>"));
        let expected = "RFC 6455 section 5.5.2 <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2>";
        assert_eq!(link("rfc6455#section-5.5.2").as_deref(), Some(expected));
        assert_eq!(link("rfc7692").as_deref(), Some("RFC 7692 <https://www.rfc-editor.org/rfc/rfc7692>"));
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(link("rfc6455#\"onclick="), None);
    }

    #[test]
    fn fragments_are_encoded() {
        assert_eq!(encode("ping-pong/a b&c=é"), "ping-pong/a%20b%26c%3D%C3%A9");
    }

    #[test]
    fn only_web_links_are_followed() {
        assert_eq!(CaseView::link("javascript:alert(1)"), None);
        assert_eq!(CaseView::link("https://example.org/"), Some("https://example.org/"));
    }
}
