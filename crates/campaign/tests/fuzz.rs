//! Campaigns that hunt, over a system that does what its seed says.

mod obedient;

use obedient::{OBEDIENT, SCENARIO};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use whitewater_campaign::fuzz::{Fuzz, How, Job, Records, Results};
use whitewater_campaign::group::Group;
use whitewater_campaign::leg::{MakeRunner, Overrides};
use whitewater_campaign::seeds::SeedRange;
use whitewater_check::property::Property;
use whitewater_sim::plan::Plan;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::scenario::{Scenario, Seeds};
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::Verdict;

/// Keeps capsules in memory, or fails to.
#[derive(Default)]
struct Shelf {
    full: bool,
    kept: Mutex<BTreeMap<String, String>>,
    failed: Mutex<BTreeSet<u64>>,
}

impl Records for Shelf {
    fn capsule(&self, name: &str, text: &str) -> io::Result<String> {
        if self.full {
            return Err(io::Error::other("the shelf is full"));
        }
        self.kept.lock().expect("no test panics in here").insert(name.to_owned(), text.to_owned());
        Ok(format!("shelf/{name}"))
    }

    fn begins(&self, _: usize, job: &Job, seed: u64) {
        assert!(job.seeds.first() <= seed && seed <= job.seeds.last());
    }

    fn failed(&self, failure: &Group) {
        self.failed.lock().expect("no test panics in here").insert(failure.seed);
    }
}

fn job(seeds: &str, runner: MakeRunner) -> Job {
    // A capsule is called after its scenario, so each job has one of its own.
    let text = SCENARIO.replacen("made-up", &format!("made-up-{}", seeds.replace("..", "-")), 1);
    let scenario = Scenario::parse("made-up.json", &text).expect("it is a scenario");
    let file = format!("{seeds}.json");
    let seeds = seeds.parse().expect("it is a range");
    Job { scenario, file, seeds, overrides: Overrides::default(), runner, schema: None }
}

fn how(threads: usize, shard: &str) -> How {
    let settings = Settings { keep: Keep::Nothing, ..Settings::default() };
    How { settings, threads, shard: shard.parse().expect("it is a shard"), named: 3 }
}

fn finish(fuzz: Fuzz) -> Results {
    while !fuzz.is_over() {
        thread::park_timeout(Duration::from_secs(60));
    }
    fuzz.results()
}

fn hunt(ranges: &[&str], threads: usize, shard: &str) -> (Results, Arc<Shelf>) {
    let shelf = Arc::new(Shelf::default());
    let jobs = ranges.iter().map(|range| job(range, OBEDIENT)).collect();
    let fuzz = Fuzz::start(jobs, how(threads, shard), Arc::clone(&shelf) as Arc<dyn Records>);
    (finish(fuzz), shelf)
}

#[test]
fn neither_threads_nor_order_show_in_the_results() {
    let ranges = ["1..19", "21..95", "0..0", "18446744073709551600..18446744073709551615", "100..450"];
    let (one, shelf) = hunt(&ranges, 1, "1/1");
    for threads in [2, 3, 8] {
        let (many, other_shelf) = hunt(&ranges, threads, "1/1");
        assert!(format!("{many:?}") == format!("{one:?}"), "{threads} threads come to something else");
        assert_eq!(*other_shelf.kept.lock().unwrap(), *shelf.kept.lock().unwrap());
    }
}

#[test]
fn shards_come_to_what_the_whole_comes_to() {
    let ranges = ["21..95", "100..300", "7..7"];
    let (whole, _) = hunt(&ranges, 2, "1/1");
    let mut sum: Option<Results> = None;
    for shard in ["3/3", "1/3", "2/3"] {
        let (part, _) = hunt(&ranges, 2, shard);
        assert!(part.summaries.iter().any(|summary| !summary.is_complete()), "a shard is not all");
        match &mut sum {
            None => sum = Some(part),
            Some(sum) => {
                sum.summaries
                    .iter_mut()
                    .zip(&part.summaries)
                    .for_each(|(mine, theirs)| mine.merge(theirs, 3));
            }
        }
    }
    let same = format!("{:?}", sum.unwrap().summaries) == format!("{:?}", whole.summaries);
    assert!(same, "the sum of the shards differs from the whole");
    assert!(whole.summaries.iter().all(|summary| summary.is_complete()));
}

#[test]
fn failures_are_grouped_and_the_smallest_has_a_capsule() {
    let (results, shelf) = hunt(&["1..90"], 4, "1/1");
    let summary = &results.summaries[0];
    assert_eq!((summary.violated, summary.unmet, summary.held), (9, 9, 72));
    assert_eq!(summary.failing, [3, 7, 13].into(), "the lowest three are named");
    let [group] = &results.groups[..] else { panic!("one kind: {:?}", results.groups) };
    assert_eq!((group.property, group.runs, group.seed, group.step), (Property::LogMatching, 9, 3, 2));
    assert_eq!((group.scenario.as_str(), group.bug.as_deref()), ("1..90.json", Some("a-bug")));
    assert_eq!(group.facts, ["a fact"]);
    assert_eq!(*shelf.failed.lock().unwrap(), (3..90).step_by(10).collect());
    let kept = shelf.kept.lock().unwrap();
    let [(name, text)] = &kept.iter().collect::<Vec<_>>()[..] else { panic!("one capsule: {kept:?}") };
    assert_eq!(group.capsule, Some(format!("shelf/{name}")));
    let capsule = Scenario::parse(name, text).expect("a capsule is a scenario");
    let found = capsule.found().expect("and says what was found");
    assert_eq!(
        (capsule.seeds(), found.property, found.step, found.digest),
        (Seeds::Fixed(3), Property::LogMatching, 2, 21)
    );
    assert!(found.ladder.is_some() && found.version.is_some());
}

#[test]
fn what_cannot_be_kept_is_told_of_and_the_results_are_there() {
    let shelf = Arc::new(Shelf { full: true, ..Shelf::default() });
    let results = finish(Fuzz::start(vec![job("1..30", OBEDIENT)], how(2, "1/1"), shelf));
    assert_eq!(results.trouble.as_deref(), Some("the shelf is full"));
    assert_eq!((results.groups[0].runs, &results.groups[0].capsule), (3, &None));
}

#[test]
fn the_first_run_of_each_scenario_is_done_twice() {
    let (results, _) = hunt(&["1..1", "20..20"], 1, "1/1");
    assert_eq!(results.summaries[0].repeated, 1);
    let difference = results.summaries[1].difference.expect("the digest of seed 20 hangs on the runs before");
    assert_eq!((difference.seed, difference.step, results.summaries[1].differing), (20, Some(2), 1));
    assert_eq!(results.summaries[1].failing, [20].into());
    let (many, _) = hunt(&["1000..3000"], 2, "1/1");
    let repeated = many.summaries[0].repeated;
    assert!((10..=40).contains(&repeated), "{repeated} of 2,001 is not about one of a hundred");
}

#[test]
fn a_campaign_that_is_stopped_has_done_the_lowest_seeds() {
    let fuzz = Fuzz::start(
        vec![job("100..18446744073709551615", OBEDIENT)],
        how(3, "1/1"),
        Arc::new(Shelf::default()),
    );
    while fuzz.progress().done < 50 {
        thread::yield_now();
    }
    fuzz.stop();
    let results = finish(fuzz);
    let runs = results.summaries[0].totals.runs;
    assert!(runs >= 50);
    assert_eq!(results.taken, [SeedRange::new(100, 99 + runs)], "all of them, and no other");
}

#[test]
#[should_panic(expected = "a mistake of the program")]
fn a_panic_of_the_program_itself_comes_through() {
    hunt(&["90..200"], 2, "1/1");
}

/// Never comes back from seed 7.
struct Stuck(Box<dyn Runner>);

impl Runner for Stuck {
    fn run(&mut self, plan: Plan, settings: &Settings) -> Result<Verdict, Unsupported> {
        match plan.seed {
            7 => loop {
                thread::park();
            },
            _ => self.0.run(plan, settings),
        }
    }
}

#[test]
fn a_run_that_does_not_come_back_holds_up_nobody_else() {
    let fuzz = Fuzz::start(
        vec![job("1..60", || Box::new(Stuck(OBEDIENT())))],
        how(2, "1/1"),
        Arc::new(Shelf::default()),
    );
    while fuzz.progress().done < 59 {
        thread::yield_now();
    }
    while fuzz.posts().iter().flatten().count() > 1 {
        thread::yield_now();
    }
    let post = fuzz.posts().into_iter().flatten().next().expect("one is under way");
    assert_eq!((post.job, post.seed, fuzz.is_over()), (0, 7, false));
    let results = fuzz.results();
    assert_eq!((results.summaries[0].totals.runs, results.summaries[0].is_complete()), (59, false));
}
