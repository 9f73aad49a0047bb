//! With which claims to begin: for each property those that its facts contradict each other about.

use crate::film::Moment;
use crate::why::Line;
use crate::why::slice::{Claim, Slice, Told};
use crate::why::words::{commands_in, index_in, term_in};
use whitewater_check::finding::{Fact, Finding};
use whitewater_check::property::Property;
use whitewater_check::types::{Entry, Index, NodeId};
use whitewater_sim::verdict::Outcome;

impl Slice<'_> {
    /// Begins with what was found first; where nothing was, with what keeps the cluster from getting on.
    pub(super) fn begin(&mut self) {
        if self.film.moments().is_empty() {
            return;
        }
        let verdict = self.verdict;
        match verdict.found().next() {
            Some(finding) => self.begin_with(finding),
            None if verdict.outcome() == Outcome::Unmet => self.stalled(),
            None => {}
        }
    }

    /// When all claims are looked into: what checkers found on the way and no line says; and where nothing is to be
    /// told, what happened last.
    pub(super) fn supplement(&mut self) {
        if self.film.moments().is_empty() {
            return;
        }
        let verdict = self.verdict;
        let first = verdict.found().next();
        let until = first.map_or(u64::MAX, |finding| finding.at.time);
        for early in verdict.early.iter().map(|early| &early.finding).filter(|early| early.at.time <= until) {
            self.found(early, first == Some(early));
        }
        if let Some(first) = first.filter(|_| self.told.len() < 2) {
            self.what_it_was_doing(first);
        }
    }

    /// An early finding is a line by itself, unless there is one that says what was wrong with the step.
    fn found(&mut self, finding: &Finding, first: bool) {
        let (step, node) = (finding.at.step, finding.at.node);
        let there = |told: &Told| (told.line.at.step, told.line.at.node) == (step, node);
        let said = self.told.iter().any(|told| told.line.broken && there(told));
        let broken = self.told.iter().any(|told| told.line.broken);
        if said || !first && broken && !self.told.iter().any(there) {
            return;
        }
        let texts: Vec<&str> = finding.facts.iter().map(|fact| fact.text.as_str()).collect();
        let place = self.film.noted(self.film.end_of(step, node)).saturating_sub(1);
        let line = Line {
            at: finding.at,
            text: texts.join("; "),
            section: finding.property.section().into(),
            broken: true,
        };
        self.add(if first { 240 } else { 150 }, place, line);
    }

    fn begin_with(&mut self, finding: &Finding) {
        let facts: Vec<About> = finding.facts.iter().map(|fact| self.about(fact)).collect();
        let (first, last) = (facts.first().copied(), facts.last().copied());
        let (Some(first), Some(last)) = (first, last) else { return };
        match finding.property {
            Property::ElectionSafety | Property::ElectedByAQuorum => {
                facts.iter().for_each(|fact| self.leads(fact, finding))
            }
            Property::LeaderCompleteness => self.incomplete(finding, &facts),
            Property::StateMachineSafety if self.of_a_snapshot(finding, &facts) => {}
            Property::StateMachineSafety => self.parted(&facts),
            Property::LogMatching => self.mismatched(&facts),
            Property::LeaderAppendOnly => {
                self.ask_index(last, |node, index, moment| Claim::Lost(node, index, moment.saturating_sub(1)))
            }
            Property::AcknowledgedMeansKept | Property::CommitDurability => self.not_durable(finding, &facts),
            Property::Linearizability | Property::LogOrder => self.contradicting_answers(finding),
            Property::ExactlyOnce => self.again(finding, first, last),
            Property::CommittedByTheRule => self.ask_index(last, Claim::Committed),
            Property::OneVoteATerm | Property::PersistBeforeSend | Property::TermsGoUp => {
                self.promised(finding, &facts)
            }
            Property::Monotonicity => self.commit_falls(last.node, last.moment),
            Property::Progress => self.stalled(),
            Property::Panicked | Property::Audit => self.what_it_was_doing(finding),
        }
    }

    fn about(&self, fact: &Fact) -> About {
        let node = fact.at.node;
        let moment = self.film.end_of(fact.at.step, node);
        About { node, moment, index: index_in(&fact.text), term: term_in(&fact.text) }
    }

    fn ask_index(&mut self, fact: About, claim: impl Fn(NodeId, Index, Moment) -> Claim) {
        if let Some(index) = fact.index {
            self.ask(claim(fact.node, index, fact.moment));
        }
    }

    fn leads(&mut self, fact: &About, finding: &Finding) {
        let Some(term) = fact.term.or_else(|| term_in(&finding.facts.last()?.text)) else { return };
        self.ask(Claim::Led(finding.at.node, term));
        self.ask(Claim::Led(fact.node, term));
    }

    /// What is held at an index is what all this is about.
    fn contest(&mut self, fact: About) -> Option<(Index, Entry)> {
        let index = fact.index?;
        let held = self.film.entry(fact.node, index, fact.moment)?;
        self.contested = Some((index, held));
        self.contested
    }

    fn incomplete(&mut self, finding: &Finding, facts: &[About]) {
        let leads = |fact: &&Fact| fact.text.contains("leads term");
        let place = finding.facts.iter().position(|fact| leads(&fact)).unwrap_or(facts.len() - 1);
        let (leader, holder) = (facts[place], facts[facts.len() - 1 - place]);
        self.contest(holder);
        self.ask_index(holder, Claim::Committed);
        if let Some(term) = leader.term {
            self.ask(Claim::Led(leader.node, term));
        }
        self.also_lost(leader.node, leader.moment);
    }

    /// A node does not hold the contested entry: when it did, how it lost it.
    fn also_lost(&mut self, node: NodeId, until: Moment) {
        let Some((index, held)) = self.contested else { return };
        if self.film.entry(node, index, until) != Some(held) {
            self.ask(Claim::Lost(node, index, 0));
        }
    }

    /// Two nodes have applied different things.
    fn parted(&mut self, facts: &[About]) {
        let entries: Vec<Option<Entry>> =
            facts.iter().map(|fact| self.film.entry(fact.node, fact.index?, fact.moment)).collect();
        if let [Some(a), Some(b)] = entries[..]
            && a != b
        {
            self.contest(facts[0]);
        }
        facts.iter().for_each(|fact| self.ask_index(*fact, Claim::Applied));
        if let [a, b] = facts {
            let (Some(index), true) = (a.index.or(b.index), entries[0] != entries[entries.len() - 1]) else {
                return;
            };
            self.ask(Claim::Committed(a.node, index, a.moment));
            self.ask(Claim::Committed(b.node, index, b.moment));
            self.ask(Claim::Lost(b.node, index, 0));
        }
    }

    /// Whether a snapshot with a wrong state in it is what this is about; if so, how it came to be is asked for.
    fn of_a_snapshot(&mut self, finding: &Finding, facts: &[About]) -> bool {
        let of_one = |fact: &Fact| fact.text.contains(" a snapshot up to ");
        let Some(place) = finding.facts.iter().position(of_one) else { return false };
        let writes = finding.facts[place].text.contains(" writes ");
        self.ask_index(facts[place], if writes { Claim::Wrote } else { Claim::Restored });
        true
    }

    /// Two logs have the same index and term and are not the same.
    fn mismatched(&mut self, facts: &[About]) {
        let [a, b] = facts else { return };
        let Some(index) = a.index else { return };
        self.ask(Claim::Holds(b.node, index, b.moment));
        self.ask(Claim::Holds(a.node, index, a.moment));
        let differ =
            |at: &Index| self.film.entry(a.node, *at, a.moment) != self.film.entry(b.node, *at, b.moment);
        let Some(first) = (1..index).find(differ) else { return };
        let same = |at: &Index| {
            let term = |fact: &About| self.film.entry(fact.node, *at, fact.moment).map(|held| held.term);
            term(a) == term(b)
        };
        let joined = (first..=index).find(same).unwrap_or(index);
        for at in [joined, first] {
            self.ask(Claim::Holds(b.node, at, b.moment));
            self.ask(Claim::Holds(a.node, at, a.moment));
        }
    }

    /// An entry that counts as committed is not on a majority of disks.
    fn not_durable(&mut self, finding: &Finding, facts: &[About]) {
        let told = |fact: &Fact| fact.text.contains("committed") || !commands_in(&fact.text).is_empty();
        let place = finding.facts.iter().position(told).unwrap_or(0);
        let first = facts[place];
        let command = commands_in(&finding.facts[place].text).first().copied();
        command.into_iter().for_each(|command| self.ask(Claim::Answered(command)));
        let Some(index) = first.index.or_else(|| index_in(&finding.facts.last()?.text)) else { return };
        let fact = About { index: Some(index), ..first };
        if self.contest(fact).is_none() {
            return;
        }
        self.ask_index(fact, Claim::Committed);
        let now = self.film.end_of(finding.at.step, finding.at.node);
        self.all().for_each(|node| self.also_lost(node, now));
    }

    fn contradicting_answers(&mut self, finding: &Finding) {
        let commands = finding.facts.iter().rev().flat_map(|fact| commands_in(&fact.text));
        let answered = |command: &_| {
            let history = self.verdict.history.as_ref();
            history
                .and_then(|history| history.get(*command))
                .is_some_and(|recorded| recorded.answer.is_some())
        };
        let commands: Vec<_> = commands.filter(answered).collect();
        commands.into_iter().for_each(|command| self.ask(Claim::Answered(command)));
    }

    fn again(&mut self, finding: &Finding, first: About, last: About) {
        let command = finding.facts.iter().find_map(|fact| commands_in(&fact.text).first().copied());
        let (Some(command), Some(from), Some(to)) = (command, first.index, last.index) else { return };
        self.twice(command, (from, first.node), (to, last.node));
        self.ask(Claim::Holds(first.node, from, first.moment));
        self.ask(Claim::Holds(last.node, to, last.moment));
    }

    fn promised(&mut self, finding: &Finding, facts: &[About]) {
        let node = finding.at.node;
        let terms = facts.iter().filter_map(|fact| fact.term);
        if let Some(term) = terms.max().filter(|_| finding.property != Property::TermsGoUp) {
            self.ask(Claim::Voted(node, term));
        }
        if finding.property == Property::TermsGoUp {
            let now = self.film.end_of(finding.at.step, node);
            self.falls(node, 0, now);
        }
        self.before_crash(finding);
    }

    /// The event of the step that was found, where there is nothing better to tell.
    fn what_it_was_doing(&mut self, finding: &Finding) {
        let node = finding.at.node;
        let moment = self.film.end_of(finding.at.step, node);
        let holds = finding.facts.iter().find_map(|fact| index_in(&fact.text));
        let anybody = |index: &Index| self.all().any(|node| self.film.entry(node, *index, moment).is_some());
        if let Some(index) = holds.filter(anybody) {
            let text = format!("at [{index}] there are then: {}", self.who_holds(index, moment));
            self.tell(120, node, moment, "", text);
        }
        self.steps_to(finding.at.step);
    }
}

/// What a fact is about, as far as its words and its place tell.
#[derive(Clone, Copy, Debug)]
struct About {
    node: NodeId,
    moment: Moment,
    index: Option<Index>,
    term: Option<u64>,
}
