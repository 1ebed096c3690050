//! The header of the results: what is run, against what, and how.

use std::collections::BTreeMap;

use wsspec_reports::results::{self, Probe, RequirementId, RequirementText, Run, Setup};

use super::engine::milliseconds;
use super::plan::Plan;
use crate::rules;
use crate::spec::{requirements, zones};

/// The header of a run that has found out this much of its targets.
pub(super) fn header(plan: &Plan, probe: Vec<Probe>, name: Option<String>) -> Run {
    let mut target = plan.target.clone();
    target.name = target.name.or(name);
    Run {
        schema: results::SCHEMA,
        tool: format!("wsspec {}", env!("CARGO_PKG_VERSION")),
        command: plan.command.clone(),
        seed: format!("{:#x}", plan.options.settings.seed),
        target,
        probe,
        setup: Setup {
            timeout_ms: milliseconds(plan.options.settings.timeout),
            delivery: plan.options.deliveries.name().into(),
            stress: plan.options.allow_stress || plan.targets.iter().all(|(target, _)| target.is_local()),
            ..plan.setup.clone()
        },
        started: jiff::Timestamp::now().to_string(),
        selected: plan.selected(),
        scale: plan.options.settings.scale.name().into(),
        requirements: requirement_texts(plan),
        zones: zones::all().iter().map(|zone| (zone.id.to_string(), zone.text.to_owned())).collect(),
    }
}

/// The requirements that the cases and the rules cite, and those that nothing proves.
fn requirement_texts(plan: &Plan) -> BTreeMap<RequirementId, RequirementText> {
    let mut texts: BTreeMap<RequirementId, RequirementText> = BTreeMap::new();
    let of_rules = rules::ALL.iter().flat_map(|rule| rule.requirements.iter().copied());
    let cases = plan.targets.iter().flat_map(|(_, cases)| cases.iter());
    let of_cases = cases.flat_map(|case| case.proves.iter().map(AsRef::as_ref));
    for id in of_cases.chain(of_rules).chain(plan.unproven.keys().map(String::as_str)) {
        if let Some(requirement) = requirements::find(id)
            && !texts.contains_key(id)
        {
            let rules = rules::ALL.iter().filter(|rule| rule.requirements.contains(&id));
            let text = RequirementText {
                level: requirement.strength.name().into(),
                text: requirement.text.into(),
                place: requirement.place(),
                url: requirement.url(),
                role: requirement.role.name().into(),
                rules: rules.map(|rule| rule.name.to_owned()).collect(),
                unproven: plan.unproven.get(id).map(|(reason, _)| reason.clone()),
                beyond: plan.unproven.get(id).is_some_and(|(_, beyond)| *beyond),
            };
            texts.insert(id.to_owned().into(), text);
        }
    }
    texts
}
