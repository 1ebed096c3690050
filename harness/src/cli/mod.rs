//! The command line: one file a subcommand.

mod arguments;
mod autobahn;
mod check;
mod config;
mod connection_args;
mod coverage;
mod demo;
mod diff;
mod explain;
mod generate;
mod interrupts;
mod kill_matrix;
mod list;
mod listen_args;
mod matrix;
mod peer;
mod peer_arguments;
mod replay;
mod report;
mod run;
mod run_plan;
mod suite;
mod target_run;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::run::{BaselineError, Exit};
use arguments::{Arguments, Command};

/// A message for the user, and the exit code that goes with it.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    fn usage(message: impl ToString) -> Self {
        Self::new(Exit::Usage, message.to_string())
    }
}

impl From<BaselineError> for Failure {
    fn from(error: BaselineError) -> Self {
        Self::usage(error)
    }
}

/// The command line's definition, for help, completions and the man page.
fn definition() -> clap::Command {
    let codes: Vec<String> = Exit::ALL.iter().map(|exit| format!("  {:>3}  {}", exit.code(), exit.meaning())).collect();
    Arguments::command().after_help(format!("Exit codes:\n{}", codes.join("\n")))
}

/// Reads the command line, does what it says, and gives the exit code.
pub fn main() -> ExitCode {
    let arguments = match definition().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no mistakes.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Held };
            let _ = error.print();
            return ExitCode::from(exit.code());
        }
    };
    arguments.color.apply();
    let result = match arguments.command {
        Command::Run(options) => run::run(*options),
        Command::Demo(options) => demo::demo(*options),
        Command::List(options) => list::list(&options),
        Command::Explain(options) => explain::explain(&options),
        Command::Check(options) => check::check(&options),
        Command::Coverage(options) => coverage::print(&options),
        Command::Replay(options) => replay::replay(&options),
        Command::Report(options) => report::report(&options),
        Command::Diff(options) => diff::diff(&options),
        Command::Matrix(options) => matrix::matrix(&options),
        Command::Peer(options) => peer::peer(options),
        Command::KillMatrix(options) => kill_matrix::kill_matrix(&options),
        Command::Generate(options) => generate::generate(&options),
    };
    match result {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            terminal::error(&failure.message);
            ExitCode::from(failure.exit.code())
        }
    }
}
