//! Tests of whole runs against targets that are made for them.

use futures_util::future::BoxFuture;
use wsspec_reports::results::Outcome as CaseOutcome;

use super::*;
use crate::run::{InProcessServer, Played};
use crate::vocabulary::Role;

/// A target that answers the probe, and whose play of other cases panics: a bug of the harness.
#[derive(Debug)]
struct Panicking(InProcessServer);

impl Target for Panicking {
    fn role(&self) -> Role {
        Role::Server
    }

    fn play<'a>(&'a self, case: &'a Case, settings: &'a Settings) -> BoxFuture<'a, Played> {
        assert!(case.id.starts_with("probe/"), "a bug on purpose");
        self.0.play(case, settings)
    }
}

fn echo() -> InProcessServer {
    InProcessServer::new(|io| crate::peer::serve_stream(io, crate::peer::PeerKind::Reference(None)))
}

fn plan(target: Arc<dyn Target>) -> Plan {
    let suite = crate::language::load_embedded().expect("the suite").into_cases();
    let role = target.role();
    let cases = suite.into_iter().filter(|case| case.id.starts_with("ping-pong/") && case.suits(role)).map(Arc::new);
    Plan {
        targets: vec![(target, cases.collect())],
        target: TargetInfo::default(),
        setup: Setup::default(),
        command: Vec::new(),
        replay: String::new(),
        options: Options::default(),
        gate: Some(Gate::default()),
        baseline: Baseline::default(),
        unproven: BTreeMap::new(),
        secrets: Secrets::default(),
    }
}

#[tokio::test]
async fn a_panic_in_a_case_is_a_bug_of_wsspec() {
    let outcome = plan(Arc::new(Panicking(echo()))).play(&CancellationToken::new(), &mut |_| {}).await;
    assert_eq!((outcome.exit, outcome.exit.code()), (Exit::Bug, 70));
    let end = outcome.results.end.expect("an end");
    assert!(end.stopped.as_deref().is_some_and(|why| why.contains("a bug on purpose")), "{end:?}");
    assert_eq!((end.exit, end.complete), (70, false));
}

#[tokio::test]
async fn a_dropped_sender_does_not_interrupt() {
    let cancel = CancellationToken::new();
    let child = cancel.child_token();
    drop(cancel);
    let outcome = plan(Arc::new(echo())).play(&child, &mut |_| {}).await;
    assert_eq!(outcome.exit, Exit::Held, "{:?}", outcome.broken);
}

#[tokio::test]
async fn a_cancelled_run_ends_with_complete_results() {
    let cancel = CancellationToken::new();
    let mut events = Vec::new();
    let outcome = plan(Arc::new(echo()))
        .play(&cancel, &mut |event| {
            if matches!(event, Event::CaseFinished(_)) {
                cancel.cancel();
            }
            events.push(match event {
                Event::Probed(_) => "probed",
                Event::Started(_) => "started",
                Event::CaseFinished(_) => "case",
                Event::Note(_) => "note",
                Event::Finished(_) => "finished",
            });
        })
        .await;
    assert_eq!(outcome.exit, Exit::Interrupted);
    assert_eq!((events[0], events[1], events.last().copied()), ("probed", "started", Some("finished")));
    assert!(outcome.results.end.is_some_and(|end| !end.complete));
}

#[tokio::test]
async fn the_sum_of_outcomes_is_the_number_of_cases_played() {
    use crate::peer::handshake::url::WsUrl;
    let client = crate::run::InProcessClient::new(|io, url| async move {
        let kind = crate::peer::PeerKind::Reference(None);
        crate::peer::call_stream(io, &WsUrl::parse_with_fault(&url, None)?, &[], kind).await
    });
    let outcome = plan(Arc::new(client)).play(&CancellationToken::new(), &mut |_| {}).await;
    let results = outcome.results;
    let whole = results.cases.iter().filter(|case| case.is_of_whole_run()).count();
    assert!(whole > 0 && results.whole());
    let sum: usize = results.end.as_ref().expect("an end").totals.values().sum();
    let counted: usize =
        CaseOutcome::ALL.iter().map(|one| results.cases.iter().filter(|c| c.outcome == *one).count()).sum();
    assert_eq!((sum, counted), (results.played(), results.played()));
    assert_eq!(results.played(), results.run.selected + whole);
    assert_eq!(results.played(), results.expected());
}
