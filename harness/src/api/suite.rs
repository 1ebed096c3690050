//! The cases of a run, and how they are played.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use wsspec_reports::results::{Setup, TargetInfo};

use super::{Error, Report, Target};
use crate::case::Case;
use crate::language::{self, LoadError, Selection};
use crate::play::{AdaptiveTimeout, Scale};
use crate::run::{Baseline, Exit, Options, Plan};

/// A selection of cases, ready to be run.
///
/// ```no_run
/// # mod my_server { pub async fn serve(io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite) {} }
/// # async fn test() -> Result<(), wsspec::Error> {
/// let target = wsspec::Target::in_process(|io| my_server::serve(io));
/// let report = wsspec::Suite::builtin().select(["framing/*", "level:must"])?.run(target).await?;
/// report.assert_gate(wsspec::Gate::must(1.0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Suite {
    files: Vec<PathBuf>,
    patterns: Vec<String>,
    exclude: Vec<String>,
    options: Options,
}

impl Suite {
    /// The built-in suite.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }

    /// Adds a case file, or all case files below a folder. A case with a known id replaces the built-in one.
    ///
    /// # Errors
    /// Files that cannot be read or that have errors.
    pub fn with_cases(mut self, path: impl AsRef<Path>) -> Result<Self, Error> {
        self.files.push(path.as_ref().to_owned());
        self.load()?;
        Ok(self)
    }

    /// Plays only cases that fit at least one of these patterns: an id (`utf8/*`), an Autobahn number (`7.*`), `level:must`,
    /// `needs:echo` or a requirement (`rfc6455-5.5*`). Without a selection all cases are played.
    ///
    /// # Errors
    /// A pattern that cannot be read, or that fits no case.
    pub fn select<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Result<Self, Error> {
        self.patterns.extend(patterns.into_iter().map(Into::into));
        self.chosen()?;
        Ok(self)
    }

    /// Leaves out cases that fit one of these patterns.
    ///
    /// # Errors
    /// A pattern that cannot be read, or that fits no case.
    pub fn exclude<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Result<Self, Error> {
        self.exclude.extend(patterns.into_iter().map(Into::into));
        self.chosen()?;
        Ok(self)
    }

    /// Fixes how long the target may take to react; by default it follows the target's round trip, at least 3 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        let settings = &mut self.options.settings;
        settings.timeout = timeout;
        settings.barrier_after = settings.barrier_after.min(timeout / 2);
        settings.adaptive_timeout = AdaptiveTimeout::fixed();
        self.options.fixed_timeout = true;
        self
    }

    /// Fixes how many cases are in flight at once.
    #[must_use]
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.options.jobs = Some(jobs);
        self
    }

    /// Fixes the seed of every random choice.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.settings.seed = seed;
        self
    }

    /// Plays long series whole: up to a million fragments and messages of 64 MiB.
    #[must_use]
    pub fn full(mut self) -> Self {
        self.options.settings.scale = Scale::Full;
        self
    }

    /// Plays the cases against a target. A target that stops answering ends the run early; the report records this, and no gate holds.
    ///
    /// # Errors
    /// A target that cannot be reached, or for which no case is selected.
    pub async fn run(self, target: Target) -> Result<Report, Error> {
        let chosen = self.chosen()?;
        let secrets = target.secrets()?;
        let target = target.open().await?;
        let role = target.role();
        let cases: Vec<Arc<Case>> = chosen.into_iter().filter(|case| case.suits(role)).collect();
        if cases.is_empty() {
            return Err(Error::NothingSelected(role.to_string()));
        }
        let info = TargetInfo { role: role.name().into(), url: None, command: None, name: Some(target.name()) };
        let plan = Plan {
            targets: vec![(target, cases.clone())],
            target: info,
            setup: Setup::default(),
            command: Vec::new(),
            replay: String::new(),
            options: self.options,
            gate: None,
            baseline: Baseline::default(),
            unproven: BTreeMap::new(),
            secrets,
        };
        let outcome = plan.play(&CancellationToken::new(), &mut |_| {}).await;
        let why = || outcome.results.end.as_ref().and_then(|end| end.stopped.clone()).unwrap_or_default();
        match outcome.exit {
            Exit::Target if outcome.results.cases.is_empty() => Err(Error::Target(why())),
            Exit::Bug => Err(Error::Bug(why())),
            _ => Ok(Report { results: outcome.results, cases }),
        }
    }

    /// All cases.
    fn load(&self) -> Result<language::Suite, Error> {
        let failed = |error: LoadError| Error::Cases(error.to_string());
        let mut suite = language::load_embedded().map_err(failed)?;
        if !self.files.is_empty() {
            suite.merge(language::suite::load_paths(&self.files).map_err(failed)?);
        }
        Ok(suite)
    }

    /// The chosen cases.
    fn chosen(&self) -> Result<Vec<Arc<Case>>, Error> {
        let suite = self.load()?;
        let failed = |error: language::SelectError| Error::Pattern(error.to_string());
        let selection = Selection::parse(&self.patterns, &self.exclude).map_err(failed)?;
        selection.choose(suite.cases()).map_err(failed)?;
        Ok(suite.into_cases().into_iter().filter(|case| selection.fits(case)).map(Arc::new).collect())
    }
}
