//! What a run reports while it is played.

use wsspec_reports::results::{CaseResult, End, Probe, Run};

/// One event of a run. Terminal, results file and reports are readers of these.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A target answered; what the probe found out.
    Probed(&'a Probe),
    /// All targets were probed; the header of the results. It comes once, before all cases.
    Started(&'a Run),
    /// A case is over, or a result of the whole run is known.
    CaseFinished(&'a CaseResult),
    /// Something that the user should know now.
    Note(&'a str),
    /// The run is over. Nothing follows.
    Finished(&'a End),
}

/// A reader of events. It is called in the course of the run, so it must not wait.
pub type Reader<'a> = &'a mut (dyn FnMut(Event<'_>) + Send);
