//! What is printed while a run goes on.

use std::borrow::Cow;
use std::io::{IsTerminal as _, Write as _};
use std::sync::OnceLock;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use wsspec_reports::results::{CaseResult, Outcome};
use wsspec_reports::summary::style;

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
    anstream::eprintln!("{ERROR}error{ERROR:#}: {}", shown(message));
}

/// Something that was passed over, on standard error.
pub fn note(message: &str) {
    anstream::eprintln!("{NOTE}note{NOTE:#}: {}", shown(message));
}

/// A line of information on standard error.
pub fn say(message: &str) {
    anstream::eprintln!("{}", shown(message));
}

/// A bar on standard error; it shows nothing where that is no terminal.
pub fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Shows how far a run is: a bar on a terminal, plain lines for what fails elsewhere.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins, with so many cases to come.
    pub fn new(cases: usize, quiet: bool) -> Self {
        let bar = (std::io::stderr().is_terminal() && !quiet).then(bar);
        if let Some(bar) = &bar {
            bar.set_length(cases as u64);
        }
        Self { bar }
    }

    /// Tells of one case.
    pub fn case(&self, result: &CaseResult) {
        if matches!(result.outcome, Outcome::Fail | Outcome::Error) && result.known.is_none() {
            let style = style(result.outcome);
            let message = shown(result.findings.first().map_or("", |finding| finding.message.as_str()));
            // What came from the target must not steer the terminal.
            let message: String = message.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
            let role = &result.role;
            let line = format!("{style}{:<5}{style:#} {} ({role}): {message}", result.outcome.name(), result.case);
            match &self.bar {
                Some(bar) => bar.suspend(|| anstream::eprintln!("{line}")),
                None => anstream::eprintln!("{line}"),
            }
        }
        if let Some(bar) = &self.bar {
            bar.inc(1);
            bar.set_message(result.case.clone());
        }
    }

    /// Ends.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let _ = std::io::stderr().flush();
    }
}
