//! The arguments of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::connection_args::{Fields, RouteArgs};
use super::listen_args::Secured;
use super::peer_arguments::Peer;

/// A conformance and fuzz suite for WebSocket servers and clients. Each case is a conversation with the target; a failure is
/// reported with what was expected, what happened, and the requirement of the RFC that it violates.
#[derive(Debug, Parser)]
#[command(name = "wsspec", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// When to use colors
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    #[command(subcommand)]
    pub command: Command,
}

/// When output is colored. `auto` follows the terminal and NO_COLOR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Applies the choice to all output.
    pub fn apply(self) {
        let choice = match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play the suite against a server or a client
    Run(Box<Run>),
    /// Play the suite against the embedded tungstenite peers, in both roles
    Demo(Box<Demo>),
    /// List cases, requirements, zones or faults
    List(List),
    /// Explain what a case does and which requirements it tests
    Explain(Explain),
    /// Check case files and show each error in its place
    Check(Check),
    /// List the requirements of the RFCs that the suite does not test, or all of them
    Coverage(Coverage),
    /// Play a case of an earlier run again, under the same conditions, and show the conversation
    Replay(Box<Replay>),
    /// Write reports from the results of an earlier run
    Report(Report),
    /// Compare two runs; the exit code is 1 if any case got worse
    Diff(Diff),
    /// Show the results of many targets in one table
    Matrix(Matrix),
    /// Run an echo server or client: a correct one, or one with a fault
    Peer(Peer),
    /// Play the suite against every fault of the reference peer, and show which cases detect it
    #[command(hide = true)]
    KillMatrix(KillMatrix),
    /// Write the JSON schema of case files or results, or the seed corpus of the fuzz targets
    Generate(Generate),
}

/// Where cases come from, and which are left out.
#[derive(Clone, Debug, Default, Args)]
pub struct SuiteArgs {
    /// Add the case files of a folder, or one file; a case with a known id replaces the built-in one
    #[arg(long = "cases", value_name = "PATH")]
    pub cases: Vec<PathBuf>,
    /// Leave out the cases that fit this pattern
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
}

/// What a run writes, and how it is judged.
#[derive(Clone, Debug, Args)]
pub struct Output {
    /// The folder of results.jsonl and report.html
    #[arg(long, value_name = "DIR", default_value = "wsspec-report")]
    pub out: PathBuf,
    /// Do not write report.html
    #[arg(long)]
    pub no_html: bool,
    /// Also write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Also write a report in the format of Autobahn|Testsuite: index.json and a file for each case that has one of its numbers
    #[arg(long, value_name = "DIR")]
    pub autobahn_report: Option<PathBuf>,
    /// The pass rate that a level (must, should, may, info) or all cases must reach [default: all=100%]
    #[arg(long, value_name = "LEVEL=PERCENT%", action = clap::ArgAction::Append)]
    pub gate: Vec<String>,
    /// Count lenient as failed
    #[arg(long)]
    pub strict: bool,
    /// Report failures, but exit with 0
    #[arg(long, conflicts_with = "gate")]
    pub no_gate: bool,
    /// How many cases are played at once [default: 16; 1 if the target serves one connection at a time]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<usize>,
    /// How frames are split into writes: most cases whole and some in each other way (sample), all in one way, or each case in all ways
    #[arg(long, value_name = "WAY", default_value = "sample", value_parser = ["sample", "whole", "bytes", "splits", "joined", "all"])]
    pub delivery: String,
    /// Play long series in full length: a thousand round trips, a million fragments, unfinished messages of up to 64 MiB
    #[arg(long)]
    pub full: bool,
    /// Also play floods and other loads if the target is on another machine; be sure that it is yours
    #[arg(long)]
    pub allow_stress: bool,
    /// How long the target may take to react, such as 5s or 800ms [default: from its measured round trip, at least 3s]
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<String>,
    /// The seed of all random choices, decimal or 0x hexadecimal
    #[arg(long, value_name = "SEED", default_value = "0x5eed")]
    pub seed: String,
    /// Print only failures
    #[arg(long, short)]
    pub quiet: bool,
}

/// `wsspec run`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wsspec run ws://127.0.0.1:9001/
  wsspec run --start 'node echo.js {port}' ws://127.0.0.1:{port}/
  wsspec run ws://127.0.0.1:9001/ 'utf8/*' 7.* level:must
  wsspec run --client 'python3 client.py {url}'
  wsspec run --listen 127.0.0.1:9001
  wsspec run wss://localhost:9443/ --ca ca.pem
  wsspec run --client 'python3 client.py {url} {ca}' --tls
  wsspec run --autobahn fuzzingclient.json
  wsspec run ws://127.0.0.1:9001/ --gate must=100% --gate should=90% --junit junit.xml")]
pub struct Run {
    /// The server's URL (ws://HOST:PORT/PATH, wss://HOST:PORT/PATH or unix:FILE), then patterns of cases: an id (utf8/*), an Autobahn
    /// number (7.*), level:must, needs:echo or a requirement (rfc6455-5.5*) [default: all cases]
    #[arg(value_name = "URL|PATTERN")]
    pub words: Vec<String>,
    /// Start the server with this command, watch it, and restart it when it dies; {port} is a free port
    #[arg(long, value_name = "COMMAND")]
    pub start: Option<String>,
    /// Test a client: this command is started for each case. {url} is the URL to request, {socket} and {path} are a Unix socket and
    /// the request target, {ca} is the file of the CA with --tls
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["start", "listen"])]
    pub client: Option<String>,
    /// Test a client that requests its cases by itself, as Autobahn's test clients do; unix:FILE listens on a Unix socket
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "start")]
    pub listen: Option<String>,
    /// Run a fuzzingclient.json or fuzzingserver.json of Autobahn|Testsuite: its servers or clients, its cases, and a report in its
    /// format in its outdir; patterns narrow the choice of cases
    #[arg(long, value_name = "FILE", conflicts_with_all = ["client", "listen"])]
    pub autobahn: Option<PathBuf>,
    /// How many clients, by agent name, are tested before the run ends; for --listen and a fuzzingserver.json
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub clients: u16,
    /// The target's name in reports [default: a client's agent, the Server or User-Agent field, the URL]
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
    /// Known failures, a YAML list of {case, reason, until}: they count as failed, but do not break the gate
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// The configuration file [default: wsspec.yaml, if it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub choice: SuiteArgs,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten, next_help_heading = "Requests to a server")]
    pub fields: Fields,
    #[command(flatten, next_help_heading = "Connection to a server")]
    pub route_args: RouteArgs,
    #[command(flatten, next_help_heading = "TLS for clients")]
    pub secured: Secured,
}

/// `wsspec demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Patterns of cases [default: all cases]
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,
    #[command(flatten)]
    pub choice: SuiteArgs,
    #[command(flatten)]
    pub output: Output,
}

/// `wsspec list`.
#[derive(Debug, Args)]
pub struct List {
    /// Patterns of cases [default: all cases]
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,
    #[command(flatten)]
    pub choice: SuiteArgs,
    /// List requirements instead
    #[arg(long, group = "what")]
    pub requirements: bool,
    /// List the zones instead, in which valid implementations differ
    #[arg(long, group = "what")]
    pub zones: bool,
    /// List the faults of `wsspec peer` instead
    #[arg(long, group = "what")]
    pub faults: bool,
    /// Print one JSON object per line
    #[arg(long)]
    pub json: bool,
}

/// `wsspec explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A case's id, its Autobahn number, or a pattern
    pub case: String,
    #[command(flatten)]
    pub choice: SuiteArgs,
}

/// `wsspec check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Case files or folders [default: the built-in suite]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `wsspec coverage`.
#[derive(Debug, Args)]
pub struct Coverage {
    #[command(flatten)]
    pub choice: SuiteArgs,
    /// Also show the requirements that are tested
    #[arg(long)]
    pub all: bool,
    /// Print one JSON object per line, for all requirements
    #[arg(long)]
    pub json: bool,
}

/// `wsspec replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The results of the earlier run
    #[arg(value_name = "RESULTS.JSONL")]
    pub results: PathBuf,
    /// The case's id, or its Autobahn number
    pub case: String,
    #[command(flatten)]
    pub choice: SuiteArgs,
    /// Play against this server instead of the one of that run
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The role of the target, if the case was played in both
    #[arg(long, value_name = "ROLE", value_parser = ["server", "client"])]
    pub role: Option<String>,
    #[command(flatten, next_help_heading = "Requests to a server")]
    pub fields: Fields,
    #[command(flatten, next_help_heading = "Connection to a server")]
    pub route_args: RouteArgs,
}

/// `wsspec report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The results of a run
    #[arg(value_name = "RESULTS.JSONL")]
    pub results: PathBuf,
    /// Write the HTML report here
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write a JUnit report here
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a report in the format of Autobahn|Testsuite here
    #[arg(long, value_name = "DIR")]
    pub autobahn_report: Option<PathBuf>,
    /// The target's name in that report [default: the one in the results]
    #[arg(long, value_name = "NAME", requires = "autobahn_report")]
    pub agent: Option<String>,
    /// Count lenient as failed
    #[arg(long)]
    pub strict: bool,
}

/// `wsspec diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The results of the earlier run
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The results of the later run
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
}

/// `wsspec matrix`.
#[derive(Debug, Args)]
pub struct Matrix {
    /// The results of runs, each in a folder named after its target
    #[arg(value_name = "RESULTS.JSONL", required = true)]
    pub results: Vec<PathBuf>,
    /// Write the table as HTML here
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// `wsspec kill-matrix`.
#[derive(Debug, Args)]
pub struct KillMatrix {
    /// Patterns of cases [default: all cases]
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,
    #[command(flatten)]
    pub choice: SuiteArgs,
    /// Play only this fault; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub fault: Vec<String>,
    /// Write the whole table as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the table as an HTML page
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// How many threads play at once [default: one per core]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<usize>,
}

/// `wsspec generate`.
#[derive(Debug, Args)]
pub struct Generate {
    #[command(subcommand)]
    pub what: GenerateWhat,
}

/// What is generated.
#[derive(Debug, Subcommand)]
pub enum GenerateWhat {
    /// The JSON schema of case files
    Schema,
    /// The JSON schema of a line of results.jsonl
    ResultsSchema,
    /// What the cases send, as files for the fuzz targets
    Corpus {
        /// The folder; one folder per target is created in it
        folder: PathBuf,
    },
}
