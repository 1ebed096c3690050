//! A plan is played: the terminal, the results file and the reports read its events.

use tokio_util::sync::CancellationToken;
use wsspec_reports::read::Results;

use super::arguments::Output;
use super::failure::Failure;
use super::terminal::{self, Progress};
use crate::run::{Exit, Plan, ReportFiles, ResultsWriter};

/// Plays a plan and writes all its files; the results as well, for a report over several runs.
pub async fn execute(plan: Plan, output: &Output, cancel: &CancellationToken) -> Result<(Exit, Results), Failure> {
    let selected = plan.selected();
    if selected == 0 {
        return Err(Failure::new(Exit::NothingSelected, "no case is selected; `wsspec list` shows all cases"));
    }
    let mut writer = ResultsWriter::create(&results_path(output))
        .map_err(|error| Failure::new(Exit::NotWritten, format!("{error}; choose another folder with --out")))?;
    let html = output.out.join("report.html");
    // The page of an earlier run must not be taken for that of this one, however it ends.
    let _ = std::fs::remove_file(&html);
    let files = ReportFiles {
        html: (!output.no_html).then_some(html),
        junit: output.junit.clone(),
        autobahn: output.autobahn_report.clone(),
    };
    let strict = plan.strict();
    let progress = Progress::new(selected, output.quiet);
    let mut reader = |event: crate::run::Event<'_>| {
        writer.read(event);
        progress.read(event);
    };
    let outcome = plan.play(cancel, &mut reader).await;
    progress.end();
    let reported = files.write(&outcome.results);
    let page = files.html.as_ref().filter(|_| reported.is_ok()).map(|path| path.display().to_string());
    terminal::summary(&outcome.results, strict, page)?;
    for sentence in &outcome.broken {
        terminal::error(&format!("gate: {sentence}"));
    }
    if let Some(why) = outcome.results.end.as_ref().and_then(|end| end.stopped.as_deref()) {
        match outcome.exit {
            Exit::Target | Exit::Bug => terminal::error(why),
            _ => terminal::error(&format!("gate: not all cases were played: {why}")),
        }
    }
    writer.close()?;
    reported?;
    Ok((outcome.exit, outcome.results))
}

/// Where the results of a run go.
pub fn results_path(output: &Output) -> std::path::PathBuf {
    output.out.join("results.jsonl")
}

/// The command that replays a case, with `{case}` for its id.
pub fn replay_command(output: &Output) -> String {
    format!("wsspec replay {} '{{case}}'", results_path(output).display())
}
