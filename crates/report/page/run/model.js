// The run as something to ask: records by step, causes and effects, messages, and what every node was at every moment.
// It draws nothing.

const BEGINS = new Set(["started", "election_timeout", "interval", "received", "requested", "durable", "failed"]);
const FATES = ["arrives", "lost", "cut off", "dropped by an act", "cut on its way", "finds nobody", "still on its way"];

class Run {
  constructor({ head, columns }) {
    this.head = head;
    this.c = columns;
    this.records = columns.what.length;
    this.count = columns.moment_noted.length;
    columns.time = columns.micros.map((micros) => micros * 1000);
    columns.moment_time = columns.moment_noted.map((noted) => columns.time[Math.max(0, noted - 1)]);
    this.whats = Array.from(columns.what, (code) => head.whats[code]);
    this.indexSteps();
    this.indexEffects();
    this.folded = this.foldedRecords();
    this.nodes = this.cutByNode();
    this.flights = this.readFlights();
  }

  record(place) {
    const c = this.c;
    return {
      place, time: c.time[place], step: c.step[place], node: c.node[place], peer: c.peer[place], kind: c.kind[place],
      cause: c.back[place] ? c.step[place] - c.back[place] : 0, term: c.term[place], a: c.a[place], b: c.b[place],
      what: this.whats[place], act: this.head.acts[place],
    };
  }

  words(place) {
    const record = this.record(place);
    return WORDS[record.what](record);
  }

  line(place) {
    const { time, step, node, what } = this.record(place);
    const who = EVERYWHERE.has(what) ? "--" : nodeName(node);
    return `${seconds(time).padStart(12)}  ${String(step).padStart(6)}  ${who.padEnd(3)}  ${this.words(place)}`;
  }

  // Where each step begins, and at which moment it is over.
  indexSteps() {
    const last = this.c.step.reduce((most, step) => Math.max(most, step), 0);
    this.begin = new Int32Array(last + 1).fill(-1);
    for (let place = 0; place < this.records; place++) {
      const step = this.c.step[place];
      if (this.begin[step] < 0 && BEGINS.has(this.whats[place])) this.begin[step] = place;
    }
    this.end = new Int32Array(last + 1).fill(-1);
    for (let moment = 0; moment < this.count; moment++) {
      const step = this.c.moment_step[moment];
      if (step && this.end[step] < 0) this.end[step] = moment;
    }
  }

  // The steps that each step caused.
  indexEffects() {
    this.caused = new Map();
    for (let step = 1; step < this.begin.length; step++) {
      const cause = this.causeOf(step);
      if (!cause) continue;
      if (!this.caused.has(cause)) this.caused.set(cause, []);
      this.caused.get(cause).push(step);
    }
  }

  causeOf(step) {
    const place = this.begin[step];
    return place >= 0 ? this.record(place).cause : 0;
  }

  // What happens all the time and says nothing new: heartbeats, replies that repeat the last one, and timers of leaders.
  foldedRecords() {
    const folded = new Uint8Array(this.records);
    const replies = new Map();
    const { node, peer, kind, term, a, b } = this.c;
    for (let place = 0; place < this.records; place++) {
      const what = this.whats[place];
      if (what === "interval") folded[place] = 1;
      if (!FLIES.has(what) && what !== "received" && what !== "missed" && what !== "severed") continue;
      const sending = FLIES.has(what);
      if (kind[place] === 2) folded[place] = b[place] === 0 ? 1 : 0;
      if (kind[place] !== 3) continue;
      const link = (sending ? 4096 : 0) + node[place] * 64 + peer[place];
      const says = `${term[place]} ${a[place]} ${b[place]}`;
      folded[place] = replies.get(link) === says ? 1 : 0;
      replies.set(link, says);
    }
    return folded;
  }

  // The columns that hold all nodes one behind the other, cut apart.
  cutByNode() {
    const { frames, memory, disk } = this.head.counts;
    let frame = 0, change = [0, 0], entry = [0, 0];
    return frames.map((count, node) => {
      const from = frame;
      frame += count;
      const logs = ["memory", "disk"].map((name, which) => {
        const first = change[which];
        const changes = [];
        const lengths = this.c[name + "_length"];
        for (let i = first; i < first + this.head.counts[name][node]; i++) {
          changes.push({ moment: this.c[name + "_moment"][i], from: this.c[name + "_from"][i], at: entry[which], length: lengths[i] });
          entry[which] += lengths[i];
        }
        change[which] += this.head.counts[name][node];
        return changes;
      });
      return { from, to: frame, memory: logs[0], disk: logs[1] };
    });
  }

  // What a node was at a moment.
  frame(node, moment) {
    const { from, to } = this.nodes[node];
    const row = lastAtMost(this.c.frame_moment, moment, from, to);
    if (row < from) return { up: 0, role: 0, term: 0, commit: 0, applied: 0, last: 0, covered: 0, storedTerm: 0, vote: 0 };
    return this.frameRow(row);
  }

  frameRow(row) {
    const c = this.c;
    return {
      moment: c.frame_moment[row], up: c.frame_up[row], role: c.frame_role[row], term: c.frame_term[row],
      commit: c.frame_commit[row], applied: c.frame_applied[row], last: c.frame_last[row], covered: c.frame_covered[row],
      storedTerm: c.frame_stored_term[row], vote: c.frame_vote[row],
    };
  }

  // The entries of a node's log, in memory or on disk, between two indexes at a moment.
  log(node, which, moment, low, high) {
    const changes = this.nodes[node][which];
    const found = new Array(high - low + 1).fill(null);
    let limit = high + 1;
    let i = changes.length - 1;
    while (i >= 0 && changes[i].moment > moment) i--;
    for (; i >= 0 && limit > low; i--) {
      const { from, at, length } = changes[i];
      for (let index = Math.max(from, low); index < Math.min(from + length, limit); index++) {
        const entry = at + index - from;
        found[index - low] = { term: this.c[which + "_term"][entry], client: this.c[which + "_client"][entry], serial: this.c[which + "_serial"][entry] };
      }
      limit = Math.min(limit, from);
    }
    return found;
  }

  // Messages in the order of sending, with blocks that tell how far those in them reach.
  readFlights() {
    const { flight_sent: sent, flight_end: end, flight_fate: fate, flight_copy: copy, flight_late: late } = this.c;
    const reach = [];
    for (let i = 0; i < sent.length; i++) {
      const block = i >> 8;
      reach[block] = Math.max(reach[block] || 0, end[i]);
    }
    return { sent, end, fate, copy, late, reach };
  }

  // The moment of a step: its end, or the first one after it began.
  momentOf(step) {
    if (!(step > 0) || step >= this.end.length) return step > 0 ? this.count - 1 : 0;
    if (this.end[step] >= 0) return this.end[step];
    return this.begin[step] >= 0 ? this.momentAfter(this.begin[step]) : 0;
  }

  momentAfter(place) {
    return Math.min(lastAtMost(this.c.moment_noted, place, 0, this.count) + 1, this.count - 1);
  }

  // The records that were noted between the moment before and this one, and those of its step before that.
  recordsAt(moment) {
    const until = this.c.moment_noted[moment];
    const from = moment ? this.c.moment_noted[moment - 1] : 0;
    const places = [];
    const step = this.c.moment_step[moment];
    const begun = step ? this.begin[step] : -1;
    for (let place = begun < 0 ? from : Math.min(begun, from); place < until; place++) {
      if (place >= from || this.c.step[place] === step) places.push(place);
    }
    return places;
  }

  placeOf(moment) {
    return Math.max(0, this.c.moment_noted[moment] - 1);
  }
}

const FLIES = new Set(["sent", "lost", "cut", "dropped", "held"]);

// The last row whose value is at most `value`; one before the first if there is none.
function lastAtMost(column, value, from, to) {
  while (from < to) {
    const middle = (from + to) >> 1;
    if (column[middle] <= value) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}
