//! Reports on verdicts made by hand, held against what they should read like.

use crate::by_hand::{at, bounded, measured, subject, summary, unmet, verdict, violated};
use serde_json::Value;
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::summary::Summary;
use whitewater_campaign::twice::Difference;
use whitewater_check::observe::Kind;
use whitewater_check::types::NodeId;
use whitewater_report::entry::{Talk, entry};
use whitewater_report::events;
use whitewater_report::failure::{Shown, blocks};
use whitewater_report::json::{Document, End, Env};
use whitewater_report::line::Columns;
use whitewater_report::trace::Form;
use whitewater_sim::plan::Bound;
use whitewater_sim::trace::{Record, What};
use whitewater_sim::verdict::{Measured, Settling, Verdict};

#[test]
fn lines_stand_in_columns() {
    let one = SeedRange::one(1);
    let many = SeedRange::new(1, 500).unwrap();
    let (short, long) = (subject("a", one), subject("election/first-leader", many));
    let columns = Columns::of([&short, &long]);
    let first = columns.line(&short, &summary(one, vec![verdict(1)])).to_string();
    let second = columns.line(&long, &summary(many, vec![violated(3), verdict(4)])).to_string();
    assert_eq!(
        first,
        "  ok   a                        5 nodes  seed 1             2,310 steps      1 leader       0 faults      412 commits\n"
    );
    assert!(
        second.starts_with("  x    election/first-leader    5 nodes  seeds 1..500       4,620 steps"),
        "{second}"
    );
    assert!(second.ends_with("824 commits  violated in 1 of 2 runs\n"), "{second}");
}

#[test]
fn a_scenario_that_cannot_be_run_says_why() {
    let seeds = SeedRange::one(1);
    let mut refused = Summary::new(seeds);
    refused.refuse("noraft has no bug `x` to plant".to_owned());
    let subject = subject("a", seeds);
    let line = Columns::of([&subject]).line(&subject, &refused).to_string();
    assert_eq!(line, "  skip a  noraft has no bug `x` to plant\n");
}

#[test]
fn a_violation_explains_itself_and_ends_in_a_line_to_paste() {
    let seeds = SeedRange::one(7);
    let text =
        blocks(&subject("swarm", seeds), &summary(seeds, vec![violated(7)]), Shown::LastLines).to_string();
    let expected = "  \
  x state machine safety   t=2.318s  step 87  seed 7   <- §5.4.3
      n1 applied [2] c1#1 (term 1)   at 1.907s, step 61
      n5 applied [2] c2#1 (term 2)   at 2.318s, step 87
    early  committed by the rule, step 61: n1 led term 3 and committed [2] of term 1 by counting (3 times)   <- §5.4.2
    drawn  nodes = 5, network.loss = 0.12
    before the last 30 lines up to then; ordinary traffic and requests left out
";
    assert!(text.starts_with(expected), "{text}");
    let trace: Vec<&str> = text.lines().filter(|line| line.contains("applies [")).collect();
    assert_eq!(trace.len(), 30);
    assert!(trace[29].ends_with("0.040000s      40  n1   applies [40] c1#40"), "{}", trace[29]);
    let last = "    replay whitewater run scenarios/swarm.json --seed 7 --trace short";
    assert_eq!(text.lines().last(), Some(last));
}

#[test]
fn the_trace_of_a_failure_says_what_was_done() {
    let seeds = SeedRange::one(7);
    let mut verdict = violated(7);
    verdict.trace[19] = Record { what: What::Act, a: 1, ..verdict.trace[19] };
    let text = blocks(&subject("swarm", seeds), &summary(seeds, vec![verdict]), Shown::LastLines).to_string();
    let line = "       0.020000s      20  --   act 1: crash n2   One falls.\n";
    assert!(text.contains(line), "{text}");
}

/// A record of something that happened to a node at a step, in so many milliseconds.
fn record(step: u32, node: u8, what: What) -> Record {
    let node = NodeId(node);
    Record { time: u64::from(step) * 1_000_000, step, node, what, ..verdict(1).trace[0] }
}

/// The sections of the trace of a failure: the first line and how many follow, for each.
fn sections(verdict: Verdict) -> (String, Vec<(String, usize)>) {
    let seeds = SeedRange::one(7);
    let text = blocks(&subject("swarm", seeds), &summary(seeds, vec![verdict]), Shown::LastLines).to_string();
    let mut sections: Vec<(String, usize)> = Vec::new();
    for line in text.lines() {
        match line.trim_start().split_once(' ') {
            Some(("trace" | "before", _)) => sections.push((line.to_owned(), 0)),
            _ if line.contains("s  ") && line.starts_with("       ") => {
                sections.last_mut().expect("lines follow a head").1 += 1
            }
            _ => {}
        }
    }
    (text, sections)
}

#[test]
fn the_steps_of_the_facts_are_shown_in_full_however_long_ago() {
    let mut violated = violated(7);
    violated.trace = vec![record(61, 4, What::Sent(Kind::RequestVoteReply)), record(61, 4, What::Syncing)];
    violated.trace.extend((1_000..1_060).map(|step| record(step, 4, What::Applied)));
    violated.trace.extend((1_060..1_100).map(|step| record(step, 4, What::Requested)));
    violated.violation.as_mut().unwrap().at = at(2_000, 1_059);
    let (text, sections) = sections(violated);
    assert!(text.contains("0.061000s      61  n5   -> n1  RequestVote reply term 1"), "{text}");
    assert!(text.contains("0.061000s      61  n5   waits for its disk"), "{text}");
    assert!(!text.contains("is asked for"), "{text}");
    assert_eq!(sections.iter().map(|(_, lines)| *lines).collect::<Vec<_>>(), [3, 27], "{text}");
}

#[test]
fn what_the_nodes_that_are_named_did_comes_first() {
    let others = |violated: &mut Verdict, one_in: u32| {
        violated.trace = (100..200)
            .map(|step| record(step, if step.is_multiple_of(one_in) { 4 } else { 2 }, What::Applied))
            .collect();
    };
    let mut violated = violated(7);
    others(&mut violated, 2);
    let (text, of_named) = sections(violated.clone());
    assert!(of_named[0].0.contains("the last 30 lines of n5 and of the cluster as a whole"), "{text}");
    assert!(!text.contains("  n3   applies"), "{text}");
    others(&mut violated, 10);
    let (text, of_all) = sections(violated);
    assert_eq!(of_all[0].1, 30);
    assert!(
        text.contains("  n3   applies") && !of_all[0].0.contains("n5"),
        "too few to fill the lines: {text}"
    );
}

#[test]
fn an_unmet_expectation_shows_what_was_measured() {
    let seeds = SeedRange::new(1, 9).unwrap();
    let text = blocks(&subject("swarm", seeds), &summary(seeds, vec![unmet(5), unmet(4)]), Shown::LastLines)
        .to_string();
    let expected = "  \
  x not as expected   t=8.000s  2,310 steps  seed 4
      expected finally logs equal   measured no
    replay whitewater run scenarios/swarm.json --seed 4 --trace short
";
    assert_eq!(text, expected);
}

#[test]
fn what_was_never_seen_over_all_seeds_is_named() {
    let seeds = SeedRange::new(1, 2).unwrap();
    let sometimes = |seed| {
        let what = "sometimes truncated".to_owned();
        let expected = vec![Measured { what, measured: "never".to_owned(), held: false, over_seeds: true }];
        Verdict { expected, ..verdict(seed) }
    };
    let text =
        blocks(&subject("swarm", seeds), &summary(seeds, vec![sometimes(1), sometimes(2)]), Shown::Nothing);
    let expected = "  \
  x sometimes truncated   never in 2 runs
    replay whitewater run scenarios/swarm.json --seeds 1..2
";
    assert_eq!(text.to_string(), expected);
}

#[test]
fn a_bound_that_all_runs_together_do_not_keep_is_named() {
    let seeds = SeedRange::new(1, 2).unwrap();
    let runs = || vec![measured(1, &[100, 200]), measured(2, &[300])];
    let missed = bounded(seeds, Bound::AtMost(150_000_000), runs());
    let text = blocks(&subject("swarm", seeds), &missed, Shown::Nothing).to_string();
    let expected = "  \
  x election time p50 at most 150.0ms   measured 201.3ms of 3 in 2 runs
    replay whitewater run scenarios/swarm.json --seeds 1..2
";
    assert_eq!(text, expected);
    let subject = subject("swarm", seeds);
    let line = Columns::of([&subject]).line(&subject, &missed).to_string();
    assert!(line.starts_with("  x    swarm") && line.ends_with("  a bound was not kept\n"), "{line}");
    let kept = bounded(seeds, Bound::AtMost(250_000_000), runs());
    assert!(blocks(&subject, &kept, Shown::Nothing).is_empty());
}

#[test]
fn each_measure_has_a_line_and_a_lone_run_says_what_was_drawn() {
    let text = |seeds: SeedRange, verdicts, talk| {
        let (subject, summary) = (subject("swarm", seeds), summary(seeds, verdicts));
        let columns = Columns::of([&subject]);
        let text = entry(&subject, &summary, columns, Shown::LastLines, talk).to_string();
        text.lines().skip(1).map(|line| line.trim_start().to_owned()).collect::<Vec<_>>()
    };
    let one = |talk| text(SeedRange::one(1), vec![measured(1, &[150, 250])], talk);
    let election =
        "election time  p50 150.9ms  p90 250.0ms  p99 250.0ms  greatest 250.0ms  mean 200.0ms  of 2 values";
    assert_eq!(one(Talk::Quiet), Vec::<String>::new());
    assert_eq!(one(Talk::Normal), [election]);
    assert_eq!(
        one(Talk::Alone),
        [election, "faults  crash 2, ring 1", "drawn  chaos[0].swarm = crash, ring off"]
    );
    let seeds = SeedRange::new(1, 2).unwrap();
    let many = text(seeds, vec![measured(1, &[150]), measured(2, &[250])], Talk::Normal);
    assert_eq!(many, [election]);
}

#[test]
fn a_run_in_which_no_progress_was_possible_says_so() {
    let seeds = SeedRange::new(1, 2).unwrap();
    let stuck = Verdict { settling: Settling::Impossible, ..verdict(2) };
    let subject = subject("swarm", seeds);
    let line = Columns::of([&subject]).line(&subject, &summary(seeds, vec![verdict(1), stuck])).to_string();
    assert!(line.ends_with("commits  no progress was possible in 1 of 2 runs\n"), "{line}");
}

#[test]
fn nondeterminism_names_the_first_step_that_differs() {
    let seeds = SeedRange::one(3);
    let mut summary = summary(seeds, vec![verdict(3)]);
    summary.add_difference(Difference { seed: 3, step: Some(1_200), digests: (1, 2) });
    let text = blocks(&subject("swarm", seeds), &summary, Shown::LastLines).to_string();
    let expected = "  \
  x nondeterministic   seed 3
      two runs differ from step 1,200 on   digests 0x0000000000000001 and 0x0000000000000002
    replay whitewater run scenarios/swarm.json --seed 3 --twice
";
    assert_eq!(text, expected);
}

#[test]
fn nothing_is_said_where_nothing_went_wrong() {
    let seeds = SeedRange::one(3);
    assert!(
        blocks(&subject("swarm", seeds), &summary(seeds, vec![verdict(3)]), Shown::All(Form::Full))
            .is_empty()
    );
}

#[test]
fn the_document_holds_every_number_and_no_seed_is_rounded() {
    let seeds = SeedRange::one(u64::MAX);
    let (subject, summary) = (subject("swarm", seeds), summary(seeds, vec![violated(u64::MAX)]));
    let document = |threads| {
        let env = Env { version: "0.1.0", threads, elapsed_ms: 5 };
        let end = End::new(std::slice::from_ref(&summary), false, 1, env);
        Document::new(&[(&subject, &summary)], Shown::All(Form::Short), end).text()
    };
    let value: Value = serde_json::from_str(&document(2)).unwrap();
    assert_eq!(value.pointer("/format"), Some(&Value::from("whitewater/run")));
    assert_eq!(value.pointer("/exit"), Some(&Value::from(1)));
    assert_eq!(value.pointer("/summary/violated"), Some(&Value::from(1)));
    let scenario = value.pointer("/scenarios/0").unwrap();
    assert_eq!(value.pointer("/twice"), Some(&Value::from(false)));
    assert_eq!(scenario.pointer("/name"), Some(&Value::from("a")), "its own, whatever people are shown");
    assert_eq!(scenario.pointer("/digest"), Some(&Value::from("0x0000000000000abc")));
    assert_eq!(scenario.pointer("/seeds/first"), Some(&Value::from("18446744073709551615")));
    assert_eq!(
        scenario.pointer("/failures/0/violation/property"),
        Some(&Value::from("state_machine_safety"))
    );
    assert_eq!(scenario.pointer("/failures/0/early/0/count"), Some(&Value::from(3)));
    assert_eq!(scenario.pointer("/run/trace").and_then(Value::as_array).map(Vec::len), Some(40));
    assert_eq!(scenario.pointer("/total/markers/truncated"), Some(&Value::from(0)));
    let without_env = |text: &str| text.split("\"env\"").next().map(str::to_owned);
    assert_eq!(without_env(&document(2)), without_env(&document(1)));
}

#[test]
fn the_document_holds_what_was_measured_and_how_bounds_fared() {
    let seeds = SeedRange::new(1, 2).unwrap();
    let stalled = Verdict { settling: Settling::Stalled, ..measured(2, &[300]) };
    let summary = bounded(seeds, Bound::AtMost(150_000_000), vec![measured(1, &[100, 200]), stalled]);
    let env = Env { version: "0.1.0", threads: 1, elapsed_ms: 5 };
    let end = End::new(std::slice::from_ref(&summary), false, 3, env);
    let text = Document::new(&[(&subject("swarm", seeds), &summary)], Shown::Nothing, end).text();
    let value: Value = serde_json::from_str(&text).unwrap();
    let scenario = &value["scenarios"][0];
    let measure = &scenario["measures"][0];
    assert_eq!((&measure["measure"], &measure["unit"]), (&"election_time".into(), &"ns".into()));
    let numbers = ["count", "least", "p50", "p90", "p99", "greatest", "mean"];
    let numbers = numbers.map(|name| measure[name].as_u64().unwrap());
    assert_eq!(numbers, [3, 100_000_000, 201_326_591, 300_000_000, 300_000_000, 300_000_000, 200_000_000]);
    let bound = &scenario["expectations"][0];
    assert_eq!((&bound["held"], &bound["over_seeds"]), (&false.into(), &true.into()));
    assert_eq!(bound["measured"], "201.3ms of 3");
    let total = &value["total"];
    assert_eq!((&total["faults_by_kind"]["crash"], &total["faults_by_kind"]["wipe"]), (&4.into(), &0.into()));
    assert_eq!((&total["stalled"], &total["impossible"]), (&1.into(), &0.into()));
}

#[test]
fn an_expectation_is_judged_when_all_runs_are_done() {
    let held = |wanted: &str, held: &[bool], over_seeds| {
        let seeds: SeedRange = wanted.parse().unwrap();
        let run = |(seed, &held): (u64, &bool)| {
            let (what, measured) = ("something".to_owned(), String::new());
            Verdict { expected: vec![Measured { what, measured, held, over_seeds }], ..verdict(seed) }
        };
        let summary = summary(seeds, (1..).zip(held).map(run).collect());
        let env = Env { version: "0.1.0", threads: 1, elapsed_ms: 5 };
        let end = End::new(&[], false, 0, env);
        let text = Document::new(&[(&subject("swarm", seeds), &summary)], Shown::Nothing, end).text();
        let value: Value = serde_json::from_str(&text).unwrap();
        value["scenarios"][0]["expectations"][0]["held"].as_bool()
    };
    assert_eq!(held("1..2", &[true, false], false), Some(false));
    assert_eq!(held("1..2", &[true, false], true), Some(true));
    assert_eq!(held("1..2", &[false, false], true), Some(false));
    assert_eq!(held("1..3", &[true, false], true), None, "a run is missing");
    assert_eq!(held("1..1", &[false], true), None, "one seed is no campaign");
}

#[test]
fn events_are_a_header_a_line_for_each_record_and_the_verdict() {
    let mut violated = violated(7);
    violated.trace[0] = Record { what: What::Act, a: 1, ..violated.trace[0] };
    violated.trace[1] = Record { cause: 1, ..violated.trace[1] };
    violated.trace[2] = Record { cause: 3, ..violated.trace[2] };
    let lines: Vec<String> = events::lines(&subject("swarm", SeedRange::one(7)), &violated).collect();
    assert_eq!(lines.len(), 42);
    let expected = [
        r#"{"format":"whitewater/events","version":1,"line":"header","scenario":"swarm","seed":"7","system":"whitewater","bug":null,"nodes":5}"#,
        r#"{"line":"event","time_ns":1000000,"step":1,"cause":null,"node":null,"what":"act","act":1,"text":"act 1: crash n2   One falls."}"#,
        r#"{"line":"event","time_ns":2000000,"step":2,"cause":1,"node":"n1","what":"applied","index":2,"client":1,"serial":2}"#,
        r#"{"line":"event","time_ns":3000000,"step":3,"cause":null,"node":"n1","what":"applied","index":3,"client":1,"serial":3}"#,
    ];
    for (line, expected) in lines.iter().zip(expected) {
        assert_eq!(line, &format!("{expected}\n"));
    }
    let last = r#"{"line":"verdict","outcome":"violated","violation":"state_machine_safety","early":["committed_by_the_rule"],"steps":2310,"events":4000,"time_ns":8000000000,"digest":"0x0000000000000abc"}"#;
    assert_eq!(lines[41], format!("{last}\n"));
}
