//! What is printed during a run and at its end.

use std::borrow::Cow;
use std::io::{IsTerminal as _, Write as _};
use std::sync::OnceLock;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use wsspec_reports::read::Results;
use wsspec_reports::results::{CaseResult, Outcome};
use wsspec_reports::summary::style;

use super::failure::Failure;
use crate::run::{Event, Exit};
use crate::secrets::Secrets;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// The secrets of this process, which no message contains.
static SECRETS: OnceLock<Secrets> = OnceLock::new();

/// Hides these secrets in all messages from now on. Only the first call counts.
pub fn hide(secrets: &Secrets) {
    SECRETS.get_or_init(|| secrets.clone());
}

fn shown(message: &str) -> Cow<'_, str> {
    SECRETS.get().map_or(Cow::Borrowed(message), |secrets| secrets.text(message))
}

/// Prints an error, and what to do about it, to standard error.
pub fn error(message: &str) {
    say(&format!("{ERROR}error{ERROR:#}: {message}"));
}

/// Prints a note, such as that something was ignored, to standard error.
pub fn note(message: &str) {
    say(&format!("{NOTE}note{NOTE:#}: {message}"));
}

/// Prints a line to standard error. A closed terminal must not end the run.
pub fn say(message: &str) {
    let _ = writeln!(anstream::stderr(), "{}", shown(message));
}

/// Prints the summary of a run.
pub fn summary(results: &Results, strict: bool, report: Option<String>) -> Result<(), Failure> {
    let options = wsspec_reports::summary::Options { strict, report, ..Default::default() };
    let mut out = anstream::stdout();
    match wsspec_reports::summary::write(&mut out, results, &options) {
        // The reader of standard output may have closed it.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::NotWritten, format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// A progress bar on standard error. It shows nothing if that is not a terminal.
pub fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Shows the progress of a run: a bar on a terminal, and a line for each failure.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins; `cases` are to be played.
    pub fn new(cases: usize, quiet: bool) -> Self {
        let bar = (std::io::stderr().is_terminal() && !quiet).then(bar);
        if let Some(bar) = &bar {
            bar.set_length(cases as u64);
        }
        Self { bar }
    }

    /// Shows an event.
    pub fn read(&self, event: Event<'_>) {
        match event {
            Event::CaseFinished(result) => self.case(result),
            Event::Note(text) => self.line(text),
            Event::Probed(_) | Event::Started(_) | Event::Finished(_) => {}
        }
    }

    /// Prints a line above the bar.
    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(text)),
            None => say(text),
        }
    }

    /// Shows one case.
    fn case(&self, result: &CaseResult) {
        if matches!(result.outcome, Outcome::Fail | Outcome::Error) && result.known.is_none() {
            let style = style(result.outcome);
            let message = result.findings.first().map_or("", |finding| finding.message.as_str());
            // Bytes of the target must not control the terminal.
            let message: String = message.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
            let role = &result.role;
            let line = format!("{style}{:<5}{style:#} {} ({role}): {message}", result.outcome.name(), result.case);
            self.line(&line);
        }
        if let Some(bar) = &self.bar {
            bar.inc(1);
            bar.set_message(result.case.clone());
        }
    }

    /// Removes the bar.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let _ = std::io::stderr().flush();
    }
}
