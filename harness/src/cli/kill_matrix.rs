//! `wsspec kill-matrix`: the proof that every case can fail.

use std::io::Write as _;

use wsspec_reports::kill::{CaseRow, Matrix};

use super::arguments;
use super::failure::Failure;
use super::{peer, suite};
use crate::mutation::{KillSettings, kill_matrix as play};
use crate::peer::Fault;
use crate::run::Exit;
use crate::run::write_file;

/// How many ids of cases are printed for a fault.
const FIRST: usize = 3;

/// Plays the matrix, prints it, and writes what was asked for. The gate holds when there is no hole.
pub fn kill_matrix(options: &arguments::KillMatrix) -> Result<Exit, Failure> {
    let cases = suite::select(&options.choice, &options.patterns)?;
    let faults: Vec<Fault> = match options.fault.as_slice() {
        [] => Fault::all().collect(),
        names => names.iter().map(|name| peer::fault_named(name)).collect::<Result<_, _>>()?,
    };
    let mut settings = KillSettings::default();
    settings.threads = options.jobs.unwrap_or(settings.threads);
    let bar = super::terminal::bar();
    let matrix = play(&cases, &faults, &settings, &|row, done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        bar.set_message(row.fault.clone());
    });
    bar.finish_and_clear();
    let matrix = matrix.map_err(|error| Failure::new(Exit::Bug, format!("cannot play in memory: {error}")))?;
    // Whoever reads our output may have seen enough.
    let _ = anstream::stdout().write_all(text(&matrix).as_bytes());
    if let Some(path) = &options.json {
        let json = serde_json::to_string(&matrix).map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
        write_file(path, &json)?;
    }
    if let Some(path) = &options.html {
        let html = wsspec_reports::kill::render(&matrix).map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
        write_file(path, &html)?;
    }
    // With some of the faults, some of the cases kill nothing.
    let whole = options.fault.is_empty();
    let holes = !matrix.unclean().is_empty()
        || (options.patterns.is_empty() && !matrix.survived().is_empty())
        || (whole && !matrix.never_kill().is_empty());
    Ok(if holes { Exit::NotHeld } else { Exit::Held })
}

/// The matrix for a terminal.
fn text(matrix: &Matrix) -> String {
    let mut out = String::new();
    for fault in &matrix.faults {
        let fails = fault.fails().count();
        let rules = fault.fails().filter(|detection| detection.by_rule()).count();
        let musts = fault.fails().filter(|detection| detection.level == "must").count();
        let first: Vec<&str> = fault.fails().take(FIRST).map(|detection| detection.case.as_str()).collect();
        out += &format!(
            "{:<40} {:<6} {fails:>4} fail ({musts} must, {rules} by rule), {:>4} differ{}  {}\n",
            fault.fault,
            fault.role,
            fault.detections.len() - fails,
            if fault.non_specific { ", non-specific" } else { "" },
            first.join(" ")
        );
    }
    let cases = |cases: Vec<&CaseRow>| -> Vec<String> {
        cases.iter().map(|case| format!("{} ({}, {})", case.case, case.role, case.level)).collect()
    };
    let survived = matrix.survived().iter().map(|fault| format!("{} ({})", fault.fault, fault.role)).collect();
    list(&mut out, "faults that no case detects as it must", survived);
    list(&mut out, "cases that kill only non-specific faults", cases(matrix.only_non_specific()));
    list(&mut out, "cases that kill no fault", cases(matrix.never_kill()));
    list(&mut out, "cases that valid peers do not pass", cases(matrix.unclean()));
    out += &format!(
        "\n{} faults in {} roles, {} cases in their roles, {} plays in {:.1} s\n",
        matrix.fault_count(),
        matrix.faults.len(),
        matrix.cases.len(),
        matrix.plays,
        matrix.seconds
    );
    out
}

fn list(out: &mut String, title: &str, lines: Vec<String>) {
    *out += &format!("\n{} {title}\n", lines.len());
    for line in lines {
        *out += &format!("  {line}\n");
    }
}
