//! Capsules: a failing run as a scenario file that needs nothing else to happen again.
//!
//! A capsule is the scenario with everything that the seed drew written out, and what was found beside it. Its
//! run goes to its own end, whatever ended the run that it was made of. It does not know where it is kept.

use crate::ladder::encode;
use crate::leg::{Leg, MakeRunner};
use whitewater_check::finding::Finding;
use whitewater_check::property::Property;
use whitewater_sim::plan::Plan;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scenario::found::{Found, ShrunkFrom};
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::Verdict;

/// The text of a capsule for a run of `plan` that came to `verdict`, with its ladder. `schema` is where editors
/// find the schema from the place of the capsule.
#[must_use]
pub fn capsule(
    leg: &Leg<'_>,
    plan: &Plan,
    verdict: &Verdict,
    finding: &Finding,
    schema: Option<&str>,
) -> String {
    let found = found(verdict, finding);
    pointed(leg.scenario.resolved(plan, Some(&found)), schema)
}

/// The text of a capsule for a plan that was made smaller from another run, by running it once more. `None` when
/// it does not violate the property.
#[must_use]
pub fn small_capsule(
    plan: &Plan,
    property: Property,
    runner: MakeRunner,
    from: &ShrunkFrom,
    schema: Option<&str>,
) -> Option<String> {
    let settings = Settings { keep: Keep::Nothing, ladder: true, ..Settings::default() };
    let verdict = runner().run(plan.clone(), &settings).ok()?;
    let finding = verdict.found_of(property)?;
    let found = Found { shrunk_from: Some(from.clone()), ..found(&verdict, finding) };
    let about = format!(
        "{} is violated. This is what is left of seed {} of `{}`: {} of {} steps, and every fault that is left is \
         needed.",
        property.title(),
        from.seed,
        from.scenario,
        found.step,
        from.steps
    );
    let text = Scenario::written(plan, Some(&found), &about);
    Some(match schema {
        None => text,
        Some(schema) => {
            let schema = schema.replace('\\', "\\\\").replace('"', "\\\"");
            text.replacen("{\n", &format!("{{\n  \"$schema\": \"{schema}\",\n"), 1)
        }
    })
}

/// What a run found, for its capsule.
pub(crate) fn found(verdict: &Verdict, finding: &Finding) -> Found {
    Found {
        property: finding.property,
        step: u64::from(finding.at.step.max(1)),
        time: Some(finding.at.time),
        digest: verdict.digest,
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        system: Some(verdict.system.clone()),
        facts: facts(finding),
        ladder: Some(encode(&verdict.ladder)),
        shrunk_from: None,
    }
}

/// The scenario of one run with everything that the seed drew written out, of which nobody knows what it finds.
#[must_use]
pub fn written_out(leg: &Leg<'_>, seed: u64, schema: Option<&str>) -> String {
    pointed(leg.scenario.resolved(&leg.plan(seed), None), schema)
}

/// The facts of a finding, in words.
#[must_use]
pub fn facts(finding: &Finding) -> Vec<String> {
    finding.facts.iter().map(|fact| fact.text.clone()).collect()
}

/// A file with the place of its schema replaced.
fn pointed(text: String, schema: Option<&str>) -> String {
    const SCHEMA: &str = "  \"$schema\": ";
    let Some(schema) = schema else { return text };
    let line = |line: &str| match line.starts_with(SCHEMA) {
        true => format!("{SCHEMA}\"{}\",\n", schema.replace('\\', "\\\\").replace('"', "\\\"")),
        false => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}
