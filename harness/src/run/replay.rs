//! One case of an earlier run, played again as it was played then.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tokio_util::sync::CancellationToken;
use wsspec_reports::read::Results;
use wsspec_reports::results::{CaseResult, Run};

use super::delivery::Deliveries;
use super::dispatch::Target;
use super::engine::{Engine, Stopped};
use super::record::record;
use super::{Capabilities, fit};
use crate::case::{Case, Source};
use crate::judge::Verdict;
use crate::language::suite::{self, Suite};
use crate::play::Settings;
use crate::vocabulary::Role;

/// Why a case cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The run has no such case.
    #[error("{0} was not played in that run")]
    NotPlayed(String),
    /// The case was played in both roles.
    #[error("{0} was played in both roles; choose one with --role")]
    BothRoles(String),
    /// It is a result of the whole run.
    #[error("{0} is a result of the whole run, not of one case; run the suite again")]
    WholeRun(String),
    /// The results do not include the case itself.
    #[error("the results do not include {0} itself: {1}")]
    NoCase(String, String),
    /// The seed cannot be read.
    #[error("`{0}` in the results is not a seed")]
    Seed(String),
    /// The target cannot be reached, or no longer answers.
    #[error("{0}")]
    Target(String),
    /// It was cancelled.
    #[error("interrupted")]
    Interrupted,
    /// A bug in wsspec.
    #[error("{0}")]
    Bug(String),
}

impl From<Stopped> for ReplayError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Dead(why) => Self::Target(why),
            Stopped::Interrupted => Self::Interrupted,
            Stopped::Bug(why) => Self::Bug(why),
        }
    }
}

/// A case with the settings of the run in which it was played.
#[derive(Debug)]
pub struct Replay {
    case: Arc<Case>,
    /// The role in which the target was played.
    pub role: Role,
    /// The settings of the run, for this case.
    pub settings: Settings,
    capabilities: Capabilities,
}

impl Replay {
    /// Finds a case in the results of a run by its id or Autobahn number. `suite` is used for results without definitions.
    ///
    /// # Errors
    /// A case that was not played, or that the results do not define.
    pub fn find(
        results: &Results,
        word: &str,
        role: Option<Role>,
        suite: impl FnOnce() -> Option<Suite>,
    ) -> Result<Self, ReplayError> {
        let named = |result: &&CaseResult| result.case == word || result.autobahn.iter().any(|number| number == word);
        let fits = |result: &&CaseResult| role.is_none_or(|role| result.role == role);
        let found: Vec<&CaseResult> = results.cases.iter().filter(named).filter(fits).collect();
        let Some(first) = found.first() else { return Err(ReplayError::NotPlayed(word.to_owned())) };
        if first.is_of_whole_run() {
            return Err(ReplayError::WholeRun(first.case.clone()));
        }
        if found.iter().any(|other| other.role != first.role) {
            return Err(ReplayError::BothRoles(first.case.clone()));
        }
        Ok(Self {
            case: Arc::new(case_of(first, suite)?),
            role: first.role,
            settings: fit::replayed(&results.run, first, seed(&results.run)?),
            capabilities: fit::capabilities(&results.run, first.role),
        })
    }

    /// Starts the target where it has a process, plays the case alone, and checks what it did to the process.
    ///
    /// # Errors
    /// A target that cannot be reached, or a cancelled replay.
    pub async fn play(&self, target: Arc<dyn Target>, cancel: &CancellationToken) -> Result<CaseResult, ReplayError> {
        let played = tokio::select! {
            played = self.play_on(Arc::clone(&target), cancel) => played,
            () = cancel.cancelled() => Err(ReplayError::Interrupted),
        };
        target.stop().await;
        played
    }

    async fn play_on(&self, target: Arc<dyn Target>, cancel: &CancellationToken) -> Result<CaseResult, ReplayError> {
        let deliveries = Deliveries::Only(self.settings.delivery);
        if let Some((listener, _)) = target.take_listener() {
            let mut results = Vec::new();
            let cases = [Arc::clone(&self.case)];
            let mut each = |result: CaseResult| results.push(result);
            listener.serve(&cases, &self.settings, deliveries, "", cancel, &mut each).await?;
            return results.pop().ok_or_else(|| ReplayError::Target("the client did not request the case".to_owned()));
        }
        target.start(self.settings.timeout).await.map_err(ReplayError::Target)?;
        let engine = Engine {
            target,
            settings: self.settings.clone(),
            jobs: 1,
            deliveries,
            capabilities: self.capabilities.clone(),
            replay: String::new(),
            unattributed: Mutex::default(),
        };
        if let Some(why) = engine.unfit(&self.case) {
            return Ok(record(&self.case, self.role, &Verdict::of(vec![why]), None, String::new()));
        }
        let (done, _) = engine.alone(0, Arc::clone(&self.case)).await?;
        Ok(*done.result)
    }
}

/// The case of a result: from its definition, or from the suite for results without one.
fn case_of(result: &CaseResult, suite: impl FnOnce() -> Option<Suite>) -> Result<Case, ReplayError> {
    let missing = |why: String| ReplayError::NoCase(result.case.clone(), why);
    if result.definition.is_empty() {
        let suite = suite().ok_or_else(|| missing("and no suite can be read".to_owned()))?;
        let found = suite.get(&result.case).cloned();
        return found.ok_or_else(|| missing("it is not in the suite; add it with --cases".to_owned()));
    }
    let mut files = BTreeMap::new();
    for (path, text) in &result.attachments {
        let bytes = STANDARD.decode(text).map_err(|error| missing(format!("{path}: {error}")))?;
        files.insert(path.clone(), Bytes::from(bytes));
    }
    let case = suite::read_definition(&result.definition, files).map_err(|error| missing(error.to_string()))?;
    let source = Source {
        file: result.file.as_str().into(),
        line: result.line,
        yaml: result.yaml.as_str().into(),
        row: result.row.clone(),
        ..case.source
    };
    Ok(Case { source, ..case })
}

/// The seed of a run.
fn seed(run: &Run) -> Result<u64, ReplayError> {
    let digits = run.seed.strip_prefix("0x").unwrap_or(&run.seed);
    u64::from_str_radix(digits, 16).map_err(|_| ReplayError::Seed(run.seed.clone()))
}
