//! A story that nothing can break tells nothing: without the rule that it is about, each of these fails.

use std::fs;
use std::path::Path;
use whitewater_check::property::Property;
use whitewater_check::types::{Command, NodeId};
use whitewater_raft::message::Body;
use whitewater_raft::rules::{self, Rules, Splice, View};
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::replica::{Boot, System, Unsupported};
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::{Scenario, Seeds};
use whitewater_sim::verdict::{Outcome, Verdict};
use whitewater_systems::whitewater::{Server, Whitewater};

/// A way to break the table of rules.
trait Breaks {
    fn apply(rules: &mut Rules<Command>);
}

/// Our node without one of its rules.
struct Without<B>(Whitewater, std::marker::PhantomData<B>);

impl<B: Breaks> System for Without<B> {
    type Replica = Server;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        let mut rules = Rules::PAPER;
        B::apply(&mut rules);
        Ok(Self(Whitewater::configure(choice)?.with_rules(rules), std::marker::PhantomData))
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Server>) -> Server {
        self.0.start(boot, effects)
    }
}

fn tell<B: Breaks>(story: &str) -> Verdict {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(story);
    let text = fs::read_to_string(path).expect("the story can be read");
    let scenario = Scenario::parse(story, &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]));
    let seed = match scenario.seeds() {
        Seeds::Fixed(seed) | Seeds::Free(Some(seed)) => seed,
        Seeds::Free(None) => 1,
    };
    let mut course = Course::<Without<B>>::new();
    course.run(scenario.plan(seed), &Settings::default()).expect("it is our node")
}

#[track_caller]
fn assert_breaks<B: Breaks>(story: &str) {
    assert_eq!(tell::<Nothing>(story).outcome(), Outcome::Held, "{story} holds with every rule in place");
    let verdict = tell::<B>(story);
    assert_ne!(verdict.outcome(), Outcome::Held, "{story} tells nothing: {:#?}", verdict.expected);
}

struct Nothing;

impl Breaks for Nothing {
    fn apply(_: &mut Rules<Command>) {}
}

struct ComparingLogs;

impl Breaks for ComparingLogs {
    fn apply(rules: &mut Rules<Command>) {
        rules.log_up_to_date = |_| true;
    }
}

#[test]
fn stale_log_needs_the_comparison_of_logs() {
    assert_breaks::<ComparingLogs>("election/stale-log.json");
}

struct ComparingTerms;

impl Breaks for ComparingTerms {
    fn apply(rules: &mut Rules<Command>) {
        rules.log_up_to_date = |view| {
            let length = view.state.log.last_index();
            matches!(view.message.body, Body::RequestVote { last_log_index, .. } if last_log_index >= length)
        };
    }
}

#[test]
fn stale_log_needs_the_term_of_the_last_entry_before_its_index() {
    assert_breaks::<ComparingTerms>("election/stale-log.json");
}

struct CheckingThePreviousEntry;

impl Breaks for CheckingThePreviousEntry {
    fn apply(rules: &mut Rules<Command>) {
        rules.previous_matches = |_| true;
    }
}

#[test]
fn figure_7_needs_the_check_of_the_previous_entry() {
    assert_breaks::<CheckingThePreviousEntry>("paper/figure-7.json");
}

struct DeletingWhatFollowsAConflict;

fn keep_the_tail(view: &View<'_, Command>) -> Option<Splice> {
    rules::splice(view).map(|splice| Splice { keep_tail: true, ..splice })
}

impl Breaks for DeletingWhatFollowsAConflict {
    fn apply(rules: &mut Rules<Command>) {
        rules.splice = keep_the_tail;
    }
}

#[test]
fn figure_7_needs_the_deletion_of_what_follows_a_conflict() {
    assert_breaks::<DeletingWhatFollowsAConflict>("paper/figure-7.json");
}

struct CommittingOnlyOnesOwnTerm;

impl Breaks for CommittingOnlyOnesOwnTerm {
    fn apply(rules: &mut Rules<Command>) {
        rules.commits_by_counting = |_, _| true;
    }
}

#[test]
fn figure_8_needs_the_rule_about_earlier_terms() {
    assert_breaks::<CommittingOnlyOnesOwnTerm>("paper/figure-8.json");
    let verdict = tell::<CommittingOnlyOnesOwnTerm>("paper/figure-8.json");
    let lost = verdict.violation.expect("the entry is committed and then lost");
    assert_eq!((lost.property, lost.at.node), (Property::LeaderCompleteness, NodeId(4)));
}

struct SteppingDown;

fn never_while_leading(view: &View<'_, Command>) -> bool {
    view.state.role != whitewater_raft::types::Role::Leader && rules::adopt_term(view)
}

impl Breaks for SteppingDown {
    fn apply(rules: &mut Rules<Command>) {
        rules.adopt_term = never_while_leading;
    }
}

#[test]
fn one_way_needs_a_leader_that_steps_down_at_a_higher_term() {
    assert_breaks::<SteppingDown>("partition/one-way.json");
}

#[test]
fn leader_pause_needs_it_too() {
    assert_breaks::<SteppingDown>("process/leader-pause.json");
}

struct KeepingWhatMatches;

impl Breaks for KeepingWhatMatches {
    fn apply(rules: &mut Rules<Command>) {
        rules.splice = |view| {
            let Body::AppendEntries { prev_log_index, .. } = view.message.body else { return None };
            Some(Splice { from: prev_log_index + 1, skip: 0, keep_tail: false })
        };
    }
}

#[test]
fn late_message_needs_matching_entries_to_be_kept() {
    assert_breaks::<KeepingWhatMatches>("network/late-message.json");
}

struct CountingVoters;

impl Breaks for CountingVoters {
    fn apply(rules: &mut Rules<Command>) {
        rules.election_quorum = |voters| voters / 2;
    }
}

#[test]
fn split_vote_needs_a_majority_of_votes() {
    assert_breaks::<CountingVoters>("election/split-vote.json");
}
