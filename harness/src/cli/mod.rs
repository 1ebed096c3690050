//! The command line: one file for each subcommand.

mod arguments;
mod autobahn;
mod check;
mod config;
mod connection_args;
mod coverage;
mod demo;
mod diff;
mod execute;
mod explain;
mod failure;
mod generate;
mod kill_matrix;
mod list;
mod listen_args;
mod matrix;
mod peer;
mod peer_arguments;
mod replay;
mod report;
mod run;
mod runtime;
mod setup;
mod suite;
mod terminal;
mod values;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::run::Exit;
use arguments::{Arguments, Command};
use failure::Failure;

/// The command line's definition, for help, completions and the man page.
fn definition() -> clap::Command {
    let codes: Vec<String> = Exit::ALL.iter().map(|exit| format!("  {:>3}  {}", exit.code(), exit.meaning())).collect();
    Arguments::command().after_help(format!("Exit codes:\n{}", codes.join("\n")))
}

/// Reads the command line, runs the command, and returns the exit code.
pub fn main() -> ExitCode {
    let arguments = match definition().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are not errors.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Held };
            let _ = error.print();
            return ExitCode::from(exit.code());
        }
    };
    arguments.color.apply();
    // The panic's message is on standard error already.
    let result = catch_unwind(AssertUnwindSafe(|| command(arguments.command)))
        .unwrap_or_else(|_| Err(Failure::new(Exit::Bug, "wsspec itself failed; please report this")));
    match result {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            terminal::error(&failure.message);
            ExitCode::from(failure.exit.code())
        }
    }
}

/// Runs a command.
fn command(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Run(options) => run::run(*options),
        Command::Demo(options) => demo::demo(*options),
        Command::List(options) => list::list(&options),
        Command::Explain(options) => explain::explain(&options),
        Command::Check(options) => check::check(&options),
        Command::Coverage(options) => coverage::print(&options),
        Command::Replay(options) => replay::replay(*options),
        Command::Report(options) => report::report(&options),
        Command::Diff(options) => diff::diff(&options),
        Command::Matrix(options) => matrix::matrix(&options),
        Command::Peer(options) => peer::peer(options),
        Command::KillMatrix(options) => kill_matrix::kill_matrix(&options),
        Command::Generate(options) => generate::generate(&options),
    }
}
