//! What can be asked of a debugger: the words, and the commands that they make.
//!
//! One table has every command with its names, what it takes and what it does; parsing, help and completion read
//! it. It knows how many nodes there are, and nothing of runs.

use crate::debug::traps::{Trap, Watched, node, shortened};
use whitewater_check::types::{Index, Nanos, NodeId};
use whitewater_sim::plan::{Act, Direction, Target};
use whitewater_sim::predicate::{Mistake, nearest};
use whitewater_sim::scenario::duration;

/// The longest line that is read, in bytes.
const LONGEST: usize = 2_000;

/// How many lines of the trace are shown when nobody says how many.
const LINES: usize = 20;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Where one is.
    Where,
    /// So many moments on.
    Step(usize),
    /// So many moments back.
    Back(usize),
    /// On to where a trap closes or a finding shows.
    Continue,
    /// Back to there.
    ReverseContinue,
    /// To a place.
    Go(Goal),
    /// Stop here from now on.
    Break(Trap),
    /// What one stops for.
    Breaks,
    /// Stops for it no longer; without a number for nothing.
    Delete(Option<u32>),
    /// A node, or all.
    Print(Option<NodeId>),
    /// The log of a node from an index on; from 0: its end.
    Log(NodeId, Index),
    /// The disk of a node.
    Disk(NodeId),
    /// The messages on their way.
    Net,
    /// What clients wait for.
    Clients,
    /// The last lines of the trace up to here.
    Trace(usize),
    /// What led here.
    Cause,
    /// Why the run fails.
    Why,
    /// Do something to the cluster here, for a while or for good.
    Act(Act, Option<Nanos>),
    /// Do something to a message that is on its way.
    Message(Meddling, usize),
    /// Take back what was done last.
    Undo,
    /// Write this path as a scenario into a file.
    Save(String),
    /// What there is to ask for; of one command, what it takes.
    Help(Option<&'static Verb>),
    /// Leave.
    Quit,
}

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// To where there were so many steps.
    Step(u32),
    /// To the last moment up to this time.
    Time(Nanos),
    /// To where the first finding shows that ended the run, or else the first.
    Violation,
    /// To where the break with this number first comes about.
    Hit(u32),
    /// To the first moment.
    Start,
    /// To the last moment.
    End,
}

/// What is done to a message that is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meddling {
    /// It is lost.
    Drop,
    /// It arrives when the cluster settles, or never.
    Hold,
    /// It arrives now.
    Deliver,
}

/// A command as it can be typed.
pub struct Verb {
    /// Its names; the first is the one that help shows.
    pub names: &'static [&'static str],
    /// What it takes.
    pub takes: &'static str,
    /// What it does.
    pub about: &'static str,
    read: fn(&mut Words<'_>) -> Result<Command, Mistake>,
}

/// Every command, in the order of the help.
pub const VERBS: [Verb; 34] = [
    verb(&["s", "step"], "[N]", "on, by a step or by what was done to the cluster", |words| {
        words.count(1).map(Command::Step)
    }),
    verb(&["rs", "reverse-step", "back"], "[N]", "back, in the same way", |words| {
        words.count(1).map(Command::Back)
    }),
    verb(&["c", "continue"], "", "on to the next break or finding, or to the end", |_| Ok(Command::Continue)),
    verb(&["rc", "reverse-continue"], "", "back to the last break or finding, or to the start", |_| {
        Ok(Command::ReverseContinue)
    }),
    verb(&["g", "goto"], "STEP|TIME|violation|start|end", "to a place", |words| {
        words.goal().map(Command::Go)
    }),
    verb(&["where"], "", "where one is, and what happened there", |_| Ok(Command::Where)),
    verb(
        &["b", "break"],
        "PREDICATE|WHAT changes",
        "stop for it: break count(leaders) > 1, break leader changes",
        |words| words.trap().map(Command::Break),
    ),
    verb(&["w", "watch"], "leader|n3.commit|term", "stop when it changes", |words| {
        words.watched().map(|watched| Command::Break(Trap::Changes(watched)))
    }),
    verb(&["breaks"], "", "what one stops for", |_| Ok(Command::Breaks)),
    verb(&["delete"], "[N]", "stop for it no longer; without a number for nothing", |words| {
        words.maybe_number("the number of a break").map(Command::Delete)
    }),
    verb(&["p", "print"], "[NODE]", "a node, or all", |words| words.maybe_node().map(Command::Print)),
    verb(&["log"], "NODE [INDEX]", "its log from an index on, else its end", |words| {
        Ok(Command::Log(words.node()?, words.maybe_number("an index")?.map_or(0, u64::from)))
    }),
    verb(&["disk"], "NODE", "what its disk holds", |words| words.node().map(Command::Disk)),
    verb(&["net"], "", "the messages on their way, each with its number", |_| Ok(Command::Net)),
    verb(&["clients"], "", "what clients wait for", |_| Ok(Command::Clients)),
    verb(&["t", "trace"], "[N]", "the last lines of the trace up to here", |words| {
        words.count(LINES).map(Command::Trace)
    }),
    verb(&["cause"], "", "what led to this step", |_| Ok(Command::Cause)),
    verb(&["why"], "", "the story of the violation, and the rules that were broken", |_| Ok(Command::Why)),
    verb(
        &["crash"],
        "NODE.. [for TIME]",
        "crash it here and now; this and what follows leaves the recorded path",
        |words| words.act(Act::Crash),
    ),
    verb(&["restart"], "NODE..", "start it again", |words| words.act(Act::Restart)),
    verb(&["pause"], "NODE.. [for TIME]", "let it stand still", |words| words.act(Act::Pause)),
    verb(&["resume"], "NODE..", "let it go on", |words| words.act(Act::Resume)),
    verb(&["isolate"], "NODE.. [for TIME]", "cut it off from everybody", |words| {
        words.act(|target| Act::Isolate(target, Direction::Both))
    }),
    verb(
        &["partition"],
        "NODE.. | NODE.. [for TIME]",
        "only nodes of one group reach each other; the rest is one more",
        |words| words.partition(),
    ),
    verb(&["heal"], "", "mend all cuts", |_| Ok(Command::Act(Act::Heal, None))),
    verb(&["timeout"], "NODE..", "let its election timer run out", |words| words.act(Act::Timeout)),
    verb(&["request"], "NODE..", "ask it for a write", |words| words.act(|target| Act::Request(target, 1))),
    verb(&["drop"], "MESSAGE", "lose a message that is on its way, by its number in net", |words| {
        words.message(Meddling::Drop)
    }),
    verb(&["hold"], "MESSAGE", "let it not arrive before the cluster settles", |words| {
        words.message(Meddling::Hold)
    }),
    verb(&["deliver"], "MESSAGE", "let it arrive here and now", |words| words.message(Meddling::Deliver)),
    verb(&["undo"], "", "take back what was done last", |_| Ok(Command::Undo)),
    verb(&["save"], "FILE", "write this path as a scenario", |words| words.file().map(Command::Save)),
    verb(&["h", "help", "?"], "[COMMAND]", "what there is", |words| words.topic().map(Command::Help)),
    verb(&["q", "quit", "exit"], "", "leave", |_| Ok(Command::Quit)),
];

const fn verb(
    names: &'static [&'static str],
    takes: &'static str,
    about: &'static str,
    read: fn(&mut Words<'_>) -> Result<Command, Mistake>,
) -> Verb {
    Verb { names, takes, about, read }
}

impl Command {
    /// The command that a line spells, for a cluster of so many nodes; `None` when there is nothing in it.
    ///
    /// # Errors
    ///
    /// When it spells none.
    pub fn parse(line: &str, nodes: u8) -> Result<Option<Self>, Mistake> {
        let mut words = Words { line, at: 0, nodes };
        let Some((at, name)) = words.next() else { return Ok(None) };
        if line.len() > LONGEST {
            let message = format!("a command has at most {LONGEST} bytes");
            return Err(Mistake { at: 0, width: 1, message, help: None });
        }
        let Some(verb) = Verb::named(name) else {
            let known = VERBS.iter().flat_map(|verb| verb.names.iter().copied());
            let help = nearest(name, known).map(|word| format!("did you mean `{word}`?"));
            let message = format!("there is no command `{}`; `help` names them all", shortened(name));
            return Err(Mistake { at, width: name.len(), message, help });
        };
        let command = (verb.read)(&mut words)?;
        match words.next() {
            None => Ok(Some(command)),
            Some((at, word)) => {
                let message = format!("`{name}` takes no `{}` here", shortened(word));
                Err(Mistake {
                    at,
                    width: word.len(),
                    message,
                    help: Some(format!("usage: {}", verb.usage())),
                })
            }
        }
    }
}

impl Verb {
    /// The command with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.names.contains(&name))
    }

    /// How it is typed.
    #[must_use]
    pub fn usage(&self) -> String {
        let text = format!("{} {}", self.names.join("|"), self.takes);
        text.trim_end().to_owned()
    }
}

impl std::fmt::Debug for Verb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Verb").field(&self.names[0]).finish()
    }
}

impl PartialEq for Verb {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

/// The words of a line, one after the other.
struct Words<'a> {
    line: &'a str,
    at: usize,
    nodes: u8,
}

impl<'a> Words<'a> {
    /// The next word and its place.
    fn next(&mut self) -> Option<(usize, &'a str)> {
        let (at, rest) = self.rest();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.at = at + end;
        (end > 0).then(|| (at, &rest[..end]))
    }

    /// All that is left, and its place.
    fn rest(&self) -> (usize, &'a str) {
        let rest = self.line[self.at..].trim_start();
        (self.line.len() - rest.len(), rest.trim_end())
    }

    /// All that is left, taken.
    fn take_rest(&mut self) -> (usize, &'a str) {
        let (at, rest) = self.rest();
        self.at = self.line.len();
        (at, rest)
    }

    /// The next word, or that it is missing.
    fn expect(&mut self, what: &str) -> Result<(usize, &'a str), Mistake> {
        self.next().ok_or_else(|| mistake(self.line.len(), "", format!("expected {what}, found the end")))
    }

    fn maybe_number(&mut self, what: &str) -> Result<Option<u32>, Mistake> {
        let Some((at, word)) = self.next() else { return Ok(None) };
        number(word)
            .map(Some)
            .ok_or_else(|| mistake(at, word, format!("expected {what}, found `{}`", shortened(word))))
    }

    fn count(&mut self, ordinary: usize) -> Result<usize, Mistake> {
        Ok(self.maybe_number("how many")?.map_or(ordinary, |count| count as usize))
    }

    fn node(&mut self) -> Result<NodeId, Mistake> {
        let (at, name) = self.expect("a node such as n3")?;
        node(name, at, self.nodes)
    }

    fn maybe_node(&mut self) -> Result<Option<NodeId>, Mistake> {
        if self.rest().1.is_empty() { Ok(None) } else { self.node().map(Some) }
    }

    fn goal(&mut self) -> Result<Goal, Mistake> {
        let (at, word) = self.expect("a step, a time such as 2.318s, `violation`, `start` or `end`")?;
        let named = [("violation", Goal::Violation), ("start", Goal::Start), ("end", Goal::End)];
        if let Some((_, goal)) = named.iter().find(|(name, _)| *name == word) {
            return Ok(*goal);
        }
        if let Some(step) = number(word) {
            return Ok(Goal::Step(step));
        }
        duration::parse(word).map(Goal::Time).map_err(|_| {
            let message = format!(
                "expected a step, a time such as 2.318s, `violation`, `start` or `end`, found `{}`",
                shortened(word)
            );
            let help =
                nearest(word, named.map(|(name, _)| name)).map(|word| format!("did you mean `{word}`?"));
            Mistake { help, ..mistake(at, word, message) }
        })
    }

    fn trap(&mut self) -> Result<Trap, Mistake> {
        let (at, text) = self.take_rest();
        Trap::parse(text, self.nodes).map_err(|mistake| Mistake { at: at + mistake.at, ..mistake })
    }

    fn watched(&mut self) -> Result<Watched, Mistake> {
        let (at, text) = self.expect("what to watch: `leader`, `term`, `n3.commit`")?;
        Watched::parse(text, self.nodes).map_err(|mistake| Mistake { at: at + mistake.at, ..mistake })
    }

    fn file(&mut self) -> Result<String, Mistake> {
        match self.take_rest() {
            (at, "") => Err(mistake(at, "", "expected the file to write, found the end".to_owned())),
            (_, file) => Ok(file.to_owned()),
        }
    }

    fn topic(&mut self) -> Result<Option<&'static Verb>, Mistake> {
        let Some((at, word)) = self.next() else { return Ok(None) };
        let unknown = || mistake(at, word, format!("there is no command `{}`", shortened(word)));
        Verb::named(word).map(Some).ok_or_else(unknown)
    }

    fn message(&mut self, meddling: Meddling) -> Result<Command, Mistake> {
        let what = "the number of a message, as `net` shows it";
        let (at, word) = self.expect(what)?;
        let number = number(word.trim_start_matches('#'));
        let number = number
            .ok_or_else(|| mistake(at, word, format!("expected {what}, found `{}`", shortened(word))))?;
        Ok(Command::Message(meddling, number as usize))
    }

    /// Something that is done to nodes, perhaps for a time.
    fn act(&mut self, act: impl Fn(Target) -> Act) -> Result<Command, Mistake> {
        let mut set = self.node()?.bit();
        loop {
            match self.next() {
                None => return Ok(Command::Act(act(Target::Nodes(set)), None)),
                Some((at, "for")) => {
                    let act = act(Target::Nodes(set));
                    return Ok(Command::Act(act.clone(), Some(self.lasts(&act, at)?)));
                }
                Some((at, name)) => set |= node(name, at, self.nodes)?.bit(),
            }
        }
    }

    /// How long an act lasts, when it is one that can end.
    fn lasts(&mut self, act: &Act, at: usize) -> Result<Nanos, Mistake> {
        let can_end = matches!(act, Act::Crash(_) | Act::Pause(_) | Act::Isolate(..) | Act::Partition(_));
        if !can_end {
            return Err(mistake(at, "for", "this is done once; there is nothing that could last".to_owned()));
        }
        let (at, word) = self.expect("a time such as 500ms")?;
        let time = duration::parse(word).ok().filter(|time| *time > 0);
        time.ok_or_else(|| {
            mistake(at, word, format!("expected a time such as 500ms, found `{}`", shortened(word)))
        })
    }

    fn partition(&mut self) -> Result<Command, Mistake> {
        let mut groups = vec![0];
        loop {
            let word = self.next();
            let act = || Act::Partition(groups.iter().copied().filter(|group| *group != 0).collect());
            match word {
                None | Some((_, "for")) if groups == [0] => {
                    let message = "expected a node such as n3".to_owned();
                    return Err(mistake(self.line.len(), "", message));
                }
                None => return Ok(Command::Act(act(), None)),
                Some((at, "for")) => return Ok(Command::Act(act(), Some(self.lasts(&act(), at)?))),
                Some((_, "|")) => groups.push(0),
                Some((at, name)) => {
                    let bit = node(name, at, self.nodes)?.bit();
                    if groups.iter().any(|group| group & bit != 0) {
                        return Err(mistake(at, name, format!("{name} is in a group already")));
                    }
                    *groups.last_mut().expect("there is a group from the beginning") |= bit;
                }
            }
        }
    }
}

/// A whole number, perhaps with its thousands apart.
fn number(word: &str) -> Option<u32> {
    let digits: String = word.chars().filter(|c| *c != ',').collect();
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn mistake(at: usize, word: &str, message: String) -> Mistake {
    Mistake { at, width: word.len().max(1), message, help: None }
}
