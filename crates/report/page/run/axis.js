// Where things stand from left to right. A place in the order of records has a position that only grows:
// in real time, with equal room for every step, or with room for the steps that led to the violation alone.

const WORLD = new Set(["crashed", "paused", "resumed", "partitioned", "healed", "act", "halted", "did_not_start", "disk", "settling"]);

class Axis {
  constructor(run, mode, lit, folded) {
    this.run = run;
    this.mode = mode;
    this.pos = new Float64Array(run.records);
    if (mode === "time") {
      for (let place = 0; place < run.records; place++) this.pos[place] = run.c.time[place] / 1e6;
    } else {
      this.sum(this.weights(mode === "story" && lit, folded));
    }
    this.length = run.records ? this.pos[run.records - 1] + 1 : 1;
  }

  weights(lit, folded) {
    const { run } = this;
    const crumb = lit ? Math.min(0.02, 0.4 * lit.size / run.records) : 0.02;
    return (place) => {
      const what = run.whats[place];
      const begins = BEGINS.has(what);
      if (!begins && !WORLD.has(what)) return 0;
      if (lit) return begins && lit.has(run.c.step[place]) ? 1 : crumb;
      return folded && run.folded[place] ? 0.02 : 1;
    };
  }

  sum(weight) {
    let at = 0;
    for (let place = 0; place < this.pos.length; place++) {
      at += weight(place);
      this.pos[place] = at;
    }
  }

  ofMoment(moment) {
    return this.run.records ? this.pos[this.run.placeOf(moment)] : 0;
  }

  // The last place that stands at a position or left of it.
  placeAt(position) {
    return lastAtMost(this.pos, position, 0, this.pos.length);
  }

  // Times for the upper edge: at places that are far enough from each other.
  ticks(view, room) {
    const ticks = [];
    let last = -Infinity;
    for (let x = room / 2; x < view.width; x += room) {
      const place = Math.max(0, this.placeAt(view.from + x / view.scale));
      const at = view.x(this.pos[place]);
      if (at - last < room * 0.8 || at < 0) continue;
      ticks.push({ x: at, time: this.run.c.time[place] });
      last = at;
    }
    return ticks;
  }
}

// A window on the axis: which position is at the left edge, and how many pixels one is wide.
class View {
  constructor(width) {
    this.width = width;
    this.from = 0;
    this.scale = 1;
  }

  x(position) {
    return (position - this.from) * this.scale;
  }

  get to() {
    return this.from + this.width / this.scale;
  }

  show(from, to) {
    this.scale = this.width / Math.max(to - from, 1e-6);
    this.from = from;
  }

  zoom(factor, x) {
    const fixed = this.from + x / this.scale;
    this.scale = Math.min(Math.max(this.scale * factor, 1e-6), 1e5);
    this.from = fixed - x / this.scale;
  }

  // Moves as little as is needed to have a position well inside.
  reveal(position) {
    const x = this.x(position);
    if (x >= this.width * 0.08 && x <= this.width * 0.92) return;
    this.from = position - this.width * 0.5 / this.scale;
  }

  // Never shows more than there is, and an edge beside it.
  clamp(length) {
    const edge = length * 0.02 + 1;
    this.scale = Math.max(this.scale, this.width / (length + 2 * edge));
    const room = this.width / this.scale;
    this.from = Math.min(Math.max(this.from, -edge), length + edge - room);
  }
}
