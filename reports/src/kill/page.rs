//! The page of the kill matrix.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{CaseRow, FaultRow, Matrix};
use crate::results::Level;

const STYLE: &str = include_str!("../../templates/kill.css");
/// The number of case ids in the row of a fault.
const FIRST: usize = 4;

/// All that the page's template needs.
#[derive(Template)]
#[template(path = "kill.html")]
pub(super) struct Page<'a> {
    matrix: &'a Matrix,
    style: &'static str,
    style_hash: String,
    areas: Vec<(&'a str, Vec<FaultView<'a>>)>,
    topics: Vec<(&'a str, Vec<CaseView<'a>>)>,
    holes: Vec<Hole>,
    only_non_specific: Vec<String>,
    survived: usize,
}

/// A list of gaps.
struct Hole {
    title: &'static str,
    lines: Vec<String>,
}

/// A fault's row.
struct FaultView<'a> {
    fault: &'a FaultRow,
    /// How many cases fail, by level.
    fails: Vec<usize>,
    by_rule: usize,
    /// How many change their outcome without failing.
    otherwise: usize,
    first: Vec<&'a str>,
    more: usize,
    detected: bool,
}

/// A case's row.
struct CaseView<'a> {
    case: &'a CaseRow,
    clean: bool,
}

impl<'a> Page<'a> {
    pub(super) fn new(matrix: &'a Matrix) -> Self {
        let mut areas: Vec<(&str, Vec<FaultView>)> = Vec::new();
        for fault in &matrix.faults {
            let view = FaultView::of(fault);
            match areas.iter_mut().find(|(area, _)| *area == fault.area) {
                Some((_, faults)) => faults.push(view),
                None => areas.push((fault.area.as_str(), vec![view])),
            }
        }
        let mut topics: Vec<(&str, Vec<CaseView>)> = Vec::new();
        for case in &matrix.cases {
            let view = CaseView { case, clean: case.is_clean() };
            let topic = case.case.split('/').next().unwrap_or_default();
            match topics.iter_mut().find(|(name, _)| *name == topic) {
                Some((_, cases)) => cases.push(view),
                None => topics.push((topic, vec![view])),
            }
        }
        let named = |cases: Vec<&CaseRow>| cases.iter().map(|case| format!("{} ({})", case.case, case.role)).collect();
        let survived = matrix.survived();
        let holes = vec![
            Hole {
                title: "Faults that no case of the required level detects",
                lines: survived.iter().map(|fault| format!("{} ({})", fault.fault, fault.role)).collect(),
            },
            Hole { title: "Cases that detect no fault", lines: named(matrix.never_kill()) },
            Hole { title: "Cases that do not pass against the valid peers", lines: named(matrix.unclean()) },
        ];
        Self {
            matrix,
            style: STYLE,
            style_hash: STANDARD.encode(Sha256::digest(STYLE.as_bytes())),
            areas,
            topics,
            holes,
            only_non_specific: named(matrix.only_non_specific()),
            survived: survived.len(),
        }
    }
}

impl<'a> FaultView<'a> {
    fn of(fault: &'a FaultRow) -> Self {
        let at = |level: Level| fault.fails().filter(|detection| detection.level == level.name()).count();
        let fails = Level::ALL.map(at);
        let failed: usize = fails.iter().sum();
        // Those that fail come first.
        let first = fault
            .fails()
            .chain(fault.detections.iter().filter(|detection| !fault.fails().any(|other| other == *detection)));
        let first: Vec<&str> = first.take(FIRST).map(|detection| detection.case.as_str()).collect();
        Self {
            fails: fails.to_vec(),
            by_rule: fault.fails().filter(|detection| detection.by_rule()).count(),
            otherwise: fault.detections.len() - failed,
            more: fault.detections.len() - first.len(),
            first,
            detected: fault.is_detected(),
            fault,
        }
    }
}
