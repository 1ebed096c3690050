//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::connection_args::{Fields, Way};
use super::listen_args::Secured;
use super::peer_arguments::Peer;

/// WebSocket conformance and fuzz suite: plays YAML-described conversations with a server or a client and says what broke,
/// why, and by which line of which RFC.
#[derive(Debug, Parser)]
#[command(name = "wsspec", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    #[command(subcommand)]
    pub command: Command,
}

/// When output is coloured. NO_COLOR is obeyed with `auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Sets the choice for all that is printed.
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
    /// Say what a case does and what it proves
    Explain(Explain),
    /// Check case files, and show mistakes where they stand
    Check(Check),
    /// Say which requirements of the RFCs the suite proves, and which it does not
    Coverage(Coverage),
    /// Play a case of an earlier run again, and show all that goes over the wire
    Replay(Box<Replay>),
    /// Write reports from the results of an earlier run
    Report(Report),
    /// Say what got worse or better between two runs, and exit with 1 when something got worse
    Diff(Diff),
    /// Put the results of many targets in one table
    Matrix(Matrix),
    /// Be an echo server or client: a right one, or one with a fault
    Peer(Peer),
    /// Play every fault of the reference peer through the suite, and show what sees it
    #[command(hide = true)]
    KillMatrix(KillMatrix),
    /// Write the JSON schema of case files or results, the seed corpus of the fuzz targets
    Generate(Generate),
}

/// Which cases there are, and which of them are meant.
#[derive(Clone, Debug, Default, Args)]
pub struct SuiteArgs {
    /// Add case files, or replace cases of the same id: a folder or a file
    #[arg(long = "cases", value_name = "PATH")]
    pub cases: Vec<PathBuf>,
    /// Leave out cases, by the same patterns
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
}

/// What a run writes, and how it is judged.
#[derive(Clone, Debug, Args)]
pub struct Output {
    /// The folder for results.jsonl and report.html
    #[arg(long, value_name = "DIR", default_value = "wsspec-report")]
    pub out: PathBuf,
    /// Write no report.html
    #[arg(long)]
    pub no_html: bool,
    /// Write a JUnit report as well
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a report in the shape of Autobahn|Testsuite as well: index.json and a file a case, for cases that have its numbers
    #[arg(long, value_name = "DIR")]
    pub autobahn_report: Option<PathBuf>,
    /// The pass rate that must be reached, for a level (must, should, may, info) or all [default: all=100%]
    #[arg(long, value_name = "LEVEL=PERCENT%", action = clap::ArgAction::Append)]
    pub gate: Vec<String>,
    /// Count lenient as failed
    #[arg(long)]
    pub strict: bool,
    /// Play all and report, but exit with 0 whatever failed
    #[arg(long, conflicts_with = "gate")]
    pub no_gate: bool,
    /// How many cases are in flight at once [default: 16; 1 for a target that serves one connection at a time]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<usize>,
    /// In which pieces frames are written: most cases whole and some in each way, all in one way, or each case in all ways
    #[arg(long, value_name = "WAY", default_value = "sample", value_parser = ["sample", "whole", "bytes", "splits", "joined", "all"])]
    pub delivery: String,
    /// Play long series whole: a thousand round trips, a million fragments, messages without end up to 64 MiB
    #[arg(long)]
    pub full: bool,
    /// Play floods and other loads against a host that is not this machine as well; be sure that it is yours
    #[arg(long)]
    pub allow_stress: bool,
    /// How long a target may take to react, such as 5s or 800ms [default: from the probe and the run, at least 3s]
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<String>,
    /// The seed of every random choice, decimal or 0x hexadecimal
    #[arg(long, value_name = "SEED", default_value = "0x5eed")]
    pub seed: String,
    /// Say only what failed
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
    /// The server's URL (ws://HOST:PORT/PATH, wss://HOST:PORT/PATH or unix:FILE), then patterns of cases: an id (utf8/*), an Autobahn number (7.*),
    /// level:must, needs:echo, a requirement (rfc6455-5.5*); without patterns all
    #[arg(value_name = "URL|PATTERN")]
    pub words: Vec<String>,
    /// Start the server with this command, watch it, and start it again when it dies; {port} is a free port
    #[arg(long, value_name = "COMMAND")]
    pub start: Option<String>,
    /// Test a client: this command is spawned for each case, with {url} for its URL; {socket} and {path} for a Unix socket and
    /// the request target, {ca} for the CA's file with --tls
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["start", "listen"])]
    pub client: Option<String>,
    /// Test a client that calls by itself, in Autobahn's URL protocol; unix:FILE listens on a Unix socket
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "start")]
    pub listen: Option<String>,
    /// Run what a fuzzingclient.json or fuzzingserver.json of Autobahn|Testsuite asks for: its servers or clients, the cases with its
    /// numbers, and the report in its shape in its outdir; patterns of cases narrow its choice
    #[arg(long, value_name = "FILE", conflicts_with_all = ["client", "listen"])]
    pub autobahn: Option<PathBuf>,
    /// How many clients call, by their agents' names, before the run is over; for --listen and a fuzzingserver.json
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub clients: u16,
    /// The target's name in reports [default: a client's agent, the Server or User-Agent field, the URL]
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
    /// Failures that are known, a YAML list of {case, reason, until}: they count as failed, and the gate lets them pass while they are
    /// there
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// The configuration file [default: wsspec.yaml, where there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub choice: SuiteArgs,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten, next_help_heading = "Requests to a server")]
    pub fields: Fields,
    #[command(flatten, next_help_heading = "The way to a server")]
    pub way: Way,
    #[command(flatten, next_help_heading = "TLS for clients")]
    pub secured: Secured,
}

/// `wsspec demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Patterns of cases; without them all
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
    /// Patterns of cases; without them all
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,
    #[command(flatten)]
    pub choice: SuiteArgs,
    /// List requirements instead
    #[arg(long, group = "what")]
    pub requirements: bool,
    /// List the zones in which good implementations differ instead
    #[arg(long, group = "what")]
    pub zones: bool,
    /// List the faults of `wsspec peer` instead
    #[arg(long, group = "what")]
    pub faults: bool,
    /// One JSON object a line
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
    /// Case files or folders; without them the suite that is built in
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `wsspec coverage`.
#[derive(Debug, Args)]
pub struct Coverage {
    #[command(flatten)]
    pub choice: SuiteArgs,
    /// Show the requirements that are proven as well
    #[arg(long)]
    pub all: bool,
    /// One JSON object a line, all requirements
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
    /// Another server than the one of that run
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The role, where the case was played in both
    #[arg(long, value_name = "ROLE", value_parser = ["server", "client"])]
    pub role: Option<String>,
    #[command(flatten, next_help_heading = "Requests to a server")]
    pub fields: Fields,
    #[command(flatten, next_help_heading = "The way to a server")]
    pub way: Way,
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
    /// Write a report in the shape of Autobahn|Testsuite here
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
    /// The results of runs, each in a folder with the target's name
    #[arg(value_name = "RESULTS.JSONL", required = true)]
    pub results: Vec<PathBuf>,
    /// Write the table as HTML here
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// `wsspec kill-matrix`.
#[derive(Debug, Args)]
pub struct KillMatrix {
    /// Patterns of cases; without them all
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,
    #[command(flatten)]
    pub choice: SuiteArgs,
    /// Only this fault; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub fault: Vec<String>,
    /// Write the whole table as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the table as an HTML page
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// How many threads play at once [default: one a core]
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
        /// The folder; one folder a target is made in it
        folder: PathBuf,
    },
}
