//! The zoo: both tables fit a screen, and say of each bug how soon it was found and how small it can be told.

use serde_json::{Value, json};
use whitewater_campaign::shrink::Size;
use whitewater_campaign::smallest::Smallest;
use whitewater_campaign::zoo::{Bag, Caught, Sighting};
use whitewater_check::property::Property;
use whitewater_report::zoo::{Hunted, document, json_lines, markdown, table};

/// The width of a screen that the tables are to fit.
const SCREEN: usize = 120;

type Seen = Option<(u64, &'static str)>;

fn bag(campaigns: &[(Seen, Seen)]) -> Bag {
    let sighting = |(seeds, what): (u64, &str)| Sighting { seeds, what: what.to_owned() };
    let caught = |&(early, outcome): &(Seen, Seen)| Caught {
        early: early.map(sighting),
        outcome: outcome.map(sighting),
        runs: 10,
    };
    Bag { campaigns: campaigns.iter().map(caught).collect() }
}

fn hunted(bug: Option<&'static str>, campaign: &'static str, properties: &[Property], bag: Bag) -> Hunted {
    Hunted {
        bug,
        about: "Something is wrong.",
        section: "§5.3",
        properties: properties.to_vec(),
        seen: &["somewhere#1", "elsewhere#2"],
        campaign,
        bag,
        smallest: None,
        hunt_ms: 7,
        shrink_ms: 0,
    }
}

/// A bug of safety that was shrunk, with names as long as any; one of progress; one that was missed; no bug.
fn zoo() -> Vec<Hunted> {
    use Property::{AcknowledgedMeansKept, CommittedByTheRule, LogMatching, Progress};
    let both = (Some((9, "committed_by_the_rule")), Some((1_029, "acknowledged_means_kept")));
    let safety = [CommittedByTheRule, AcknowledgedMeansKept];
    let smallest = Smallest {
        seed: 1_029,
        property: AcknowledgedMeansKept,
        from: Size { steps: 12_340, faults: 107, nodes: 5 },
        to: Size { steps: 31, faults: 2, nodes: 3 },
    };
    let late = (None, Some((20, "commit latency p50 at most 150.0ms")));
    vec![
        Hunted {
            smallest: Some(smallest),
            shrink_ms: 5,
            ..hunted(Some("forgets-sessions-with-the-leader"), "small", &safety, bag(&[both; 2]))
        },
        hunted(Some("redirects-to-itself"), "liveness", &[Progress], bag(&[late; 2])),
        hunted(Some("skips-replay"), "default", &[LogMatching], bag(&[(None, None), (None, None)])),
        hunted(None, "small", &[], bag(&[(None, None), (None, None)])),
    ]
}

#[test]
fn a_table_says_how_soon_and_another_how_small() {
    let text = table(&zoo()).to_string();
    let lines = [
        "     bug                               campaign  median  p90  outcome  early -> outcome",
        "ok   forgets-sessions-with-the-leader  small          9    9    1,029  committed_by_the_rule -> acknowledged_means_kept",
        "ok   redirects-to-itself               liveness      20   20       20  commit latency p50 at most 150.0ms",
        "x    skips-replay                      default        -    -        -  never",
        "     missed by 2 of 2 campaigns",
        "ok   (the correct node)                small          -    -",
        "",
        "     shrunk                            violated                  seed         steps    faults   nodes",
        "     forgets-sessions-with-the-leader  acknowledged_means_kept  1,029  12,340 -> 31  107 -> 2  5 -> 3",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    assert!(text.lines().all(|line| line.chars().count() <= SCREEN), "{text}");
}

#[test]
fn there_is_no_second_table_where_nothing_was_shrunk() {
    let text = table(&zoo()[1..]).to_string();
    assert!(!text.contains("shrunk") && text.lines().count() == 5, "{text}");
}

#[test]
fn what_is_found_where_nothing_is_wrong_is_said() {
    let found = bag(&[(None, None), (None, Some((4, "log_matching")))]);
    let text = table(&[hunted(None, "small", &[], found)]).to_string();
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert!(rows[0].starts_with("x    (the correct node)") && rows[0].ends_with("log_matching"), "{text}");
    assert_eq!(rows[1], "     something was found by 1 of 2 campaigns");
}

#[test]
fn the_file_to_keep_has_a_dash_where_no_run_was_shrunk() {
    let text = markdown(&zoo(), "whitewater zoo", (2, 1_000));
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(
        rows[1],
        "| forgets-sessions-with-the-leader | Something is wrong. | §5.3 | somewhere#1, elsewhere#2 | small | 9 | 9 \
         | 0 | committed_by_the_rule | acknowledged_means_kept | 1,029 | 12,340 -> 31 | 107 -> 2 |"
    );
    assert!(rows[2].ends_with("| 20 | - | - |"), "{}", rows[2]);
    let columns = rows[0].matches('|').count();
    assert!(text.lines().filter(|line| line.starts_with('|')).all(|row| row.matches('|').count() == columns));
    for head in rows[0].split('|').map(str::trim).skip(5).filter(|head| !head.is_empty()) {
        assert!(text.contains(&format!("*{head}*")), "{head} is explained:\n{text}");
    }
}

#[test]
fn programs_are_told_the_size_before_and_after() {
    let all: Value = serde_json::from_str(&document(&zoo(), "whitewater zoo", (2, 1_000), 3)).unwrap();
    let size =
        |steps: u32, faults: u32, nodes: u32| json!({"steps": steps, "faults": faults, "nodes": nodes});
    let shrunk = json!({
        "seed": "1029", "property": "acknowledged_means_kept", "from": size(12_340, 107, 5), "to": size(31, 2, 3)
    });
    assert_eq!((&all["bugs"][0]["shrunk"], &all["bugs"][1]["shrunk"]), (&shrunk, &Value::Null));
    assert_eq!(all["env"]["elapsed_ms"], 33);
    assert_eq!(all["env"]["shrink_ms"], json!([5, 0, 0, 0]));
    let lines = json_lines(&zoo());
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["shrunk"], shrunk);
}
