// The diagram: lanes, roles by thickness, terms by colour and glyph, messages, and what was done to the cluster.

const GLYPHS = ["●", "▲", "■", "◆", "★", "⬟", "▼", "✚"];
const THICK = [3, 8, 16];
const DASHES = { plain: [], copy: [2, 3], late: [8, 3] };
const TOP = 30;
const MOST_ARROWS = 2500;
const MOST_MARKS = 12000;
const NOTABLE = new Set(["became", "truncated", "crashed", "started", "halted", "did_not_start"]);
const MARKED = new Set([...NOTABLE, "synced", "committed", "election_timeout", "requested", "torn", "failed", "disk"]);

const termHue = (term) => "--term-" + (term % 8);
const termGlyph = (term) => GLYPHS[term % 8];

class Diagram {
  constructor(run, canvas, colours) {
    this.run = run;
    this.canvas = canvas;
    this.colours = colours;
    this.segments = run.nodes.map((_, node) => this.segmentsOf(node));
    this.bands = this.bandsOf();
    this.notable = [];
    for (let place = 0; place < run.records; place++) if (NOTABLE.has(run.whats[place])) this.notable.push(place);
  }

  resize(width, height) {
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this, { width, height, lane: (height - TOP - 8) / this.run.head.nodes });
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.g = this.canvas.getContext("2d");
    this.g.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  y(node) {
    return TOP + (node + 0.5) * this.lane;
  }

  nodeAt(y) {
    return Math.min(Math.max(Math.floor((y - TOP) / this.lane), 0), this.run.head.nodes - 1);
  }

  // Stretches of one node's life with one role in one term, or down.
  segmentsOf(node) {
    const segments = [];
    const { from, to } = this.run.nodes[node];
    for (let row = from; row < to; row++) {
      const { moment, up, role, term } = this.run.frameRow(row);
      const last = segments[segments.length - 1];
      if (last && last.up === up && last.role === role && last.term === term) continue;
      const place = this.run.placeOf(moment);
      if (last) last.to = place;
      segments.push({ from: place, to: this.run.records - 1, up, role, term });
    }
    return segments;
  }

  // From a cut of links to the mending of all.
  bandsOf() {
    const bands = [];
    let open = [];
    for (let place = 0; place < this.run.records; place++) {
      const what = this.run.whats[place];
      if (what === "healed") {
        open.forEach((band) => { band.to = place; });
        open = [];
      } else if (what === "partitioned") {
        const { a, b } = this.run.record(place);
        const band = { from: place, to: this.run.records - 1, nodes: members(a, b), words: this.run.words(place) };
        bands.push(band);
        open.push(band);
      }
    }
    return bands;
  }

  draw(scene) {
    const { g } = this;
    Object.assign(this, scene);
    this.low = Math.max(0, this.axis.placeAt(this.view.from) - 1);
    this.high = Math.min(this.run.records - 1, this.axis.placeAt(this.view.to) + 1);
    g.clearRect(0, 0, this.width, this.height);
    g.font = "11px system-ui, sans-serif";
    g.textBaseline = "middle";
    this.drawBands();
    this.drawTicks();
    this.run.nodes.forEach((_, node) => this.drawLane(node));
    this.drawArrows();
    this.drawMarks();
    this.drawCursor();
  }

  x(place) {
    return this.view.x(this.axis.pos[place]);
  }

  faint(step) {
    return this.lit && !this.lit.has(step) ? 0.13 : 1;
  }

  drawTicks() {
    const { g } = this;
    g.fillStyle = this.colours.dim;
    g.strokeStyle = this.colours.rule;
    for (const { x, time } of this.axis.ticks(this.view, 110)) {
      g.beginPath();
      g.moveTo(x, 16);
      g.lineTo(x, this.height);
      g.stroke();
      g.fillText(seconds(time), x + 3, 9);
    }
  }

  drawBands() {
    const { g } = this;
    for (const [i, { from, to, nodes, words }] of this.bands.entries()) {
      if (to < this.low || from > this.high) continue;
      const x = Math.max(this.x(from), 0);
      const width = Math.max(Math.min(this.x(to), this.width) - x, 2);
      g.fillStyle = this.colours.band;
      nodes.forEach((node) => g.fillRect(x, this.y(node) - this.lane / 2, width, this.lane));
      g.fillRect(x, 17, width, 9);
      g.fillStyle = this.colours.text;
      const next = i + 1 < this.bands.length ? this.x(this.bands[i + 1].from) : this.width;
      if (next - x > 30) g.fillText(clipped(g, "≠ " + words, next - x - 6), x + 3, 22);
    }
  }

  drawLane(node) {
    const { g, colours } = this;
    const y = this.y(node);
    for (const { from, to, up, role, term } of this.segments[node]) {
      if (to < this.low || from > this.high) continue;
      const x = Math.max(this.x(from), -20);
      const end = Math.max(Math.min(this.x(to), this.width + 20), x + 1);
      if (!up) {
        this.hatch(x, y - 9, end - x, 18);
        continue;
      }
      const thick = THICK[role];
      g.fillStyle = colours[termHue(term)];
      g.globalAlpha = this.lit ? 0.75 : 1;
      g.fillRect(x, y - thick / 2, end - x, thick);
      g.globalAlpha = 1;
      const label = `${termGlyph(term)} ${term}`;
      if (end - Math.max(x, 26) > g.measureText(label).width + 8) {
        g.fillStyle = role === 2 ? colours.ground : colours.text;
        g.fillText(label, Math.max(x, 26) + 4, role === 2 ? y + 1 : y - 8);
      }
    }
    g.fillStyle = colours.ground;
    g.fillRect(0, y - 8, 24, 16);
    g.fillStyle = colours.text;
    g.font = "bold 12px system-ui, sans-serif";
    g.fillText(nodeName(node), 3, y);
    g.font = "11px system-ui, sans-serif";
  }

  hatch(x, y, width, height) {
    const { g } = this;
    g.save();
    g.beginPath();
    g.rect(x, y, width, height);
    g.clip();
    g.strokeStyle = this.colours.dim;
    g.beginPath();
    for (let at = Math.floor((x - height) / 7) * 7; at < x + width; at += 7) {
      g.moveTo(at, y + height);
      g.lineTo(at + height, y);
    }
    g.stroke();
    g.restore();
    g.strokeStyle = this.colours.dim;
    g.strokeRect(x, y, width, height);
  }

  // The messages that can be seen, heartbeats left out if they are folded.
  visibleFlights() {
    const { sent, end, reach } = this.run.flights;
    const found = [];
    for (let block = 0; block < reach.length; block++) {
      if (reach[block] < this.low || sent[block << 8] > this.high) continue;
      for (let i = block << 8; i < Math.min((block + 1) << 8, sent.length); i++) {
        if (end[i] < this.low || sent[i] > this.high || this.folding && this.run.folded[sent[i]]) continue;
        found.push(i);
      }
    }
    return found;
  }

  drawArrows() {
    let flights = this.visibleFlights();
    const all = flights.length;
    if (all > MOST_ARROWS) flights = flights.filter((i) => this.isLit(i) || this.run.c.kind[this.run.flights.sent[i]] < 2);
    if (flights.length > MOST_ARROWS) flights = flights.slice(0, MOST_ARROWS);
    this.omitted = all - flights.length;
    flights.filter((i) => !this.isLit(i)).forEach((i) => this.drawArrow(i, this.lit ? 0.1 : 0.75));
    flights.filter((i) => this.isLit(i)).forEach((i) => this.drawArrow(i, 1));
  }

  // Of what led there: messages from one lit step to another, and lost ones that a lit step sent.
  isLit(i) {
    if (!this.lit) return false;
    const { sent, end, fate } = this.run.flights;
    const { step } = this.run.c;
    return this.lit.has(step[sent[i]]) && (fate[i] !== 0 || this.lit.has(step[end[i]]));
  }

  drawArrow(i, alpha) {
    const { g, run, colours } = this;
    const { sent, end, fate, copy, late } = run.flights;
    const c = run.c;
    const place = sent[i];
    const [x0, y0, y1] = [this.x(place), this.y(c.node[place]), this.y(c.peer[place])];
    let x1 = this.x(end[i]);
    let y = y1;
    if (fate[i] !== 0 && end[i] === place) {
      x1 = x0 + Math.min(40, Math.max(12, this.view.scale));
      y = y0 + (y1 - y0) * 0.45;
    }
    g.globalAlpha = alpha;
    g.strokeStyle = g.fillStyle = colours[termHue(c.term[place])];
    g.lineWidth = this.lit && alpha === 1 ? 1.8 : 1.1;
    g.setLineDash(copy[i] ? DASHES.copy : late[i] ? DASHES.late : DASHES.plain);
    g.beginPath();
    g.moveTo(x0, y0);
    g.lineTo(x1, y);
    g.stroke();
    g.setLineDash([]);
    if (fate[i] === 0) this.arrowHead(x0, y0, x1, y, c.kind[place]);
    else if (fate[i] !== 6) this.cross(x1, y);
    g.lineWidth = 1;
    g.globalAlpha = 1;
  }

  // Filled for what asks for something, open for an answer.
  arrowHead(x0, y0, x1, y1, kind) {
    const { g } = this;
    const angle = Math.atan2(y1 - y0, x1 - x0);
    const back = 7;
    g.beginPath();
    g.moveTo(x1 - back * Math.cos(angle - 0.4), y1 - back * Math.sin(angle - 0.4));
    g.lineTo(x1, y1);
    g.lineTo(x1 - back * Math.cos(angle + 0.4), y1 - back * Math.sin(angle + 0.4));
    if (kind === 1 || kind === 3) g.stroke();
    else g.fill();
  }

  cross(x, y) {
    const { g } = this;
    g.lineWidth = 2;
    g.beginPath();
    g.moveTo(x - 4, y - 4);
    g.lineTo(x + 4, y + 4);
    g.moveTo(x + 4, y - 4);
    g.lineTo(x - 4, y + 4);
    g.stroke();
  }

  drawMarks() {
    const crowd = this.high - this.low > MOST_MARKS;
    const places = crowd ? this.notable.filter((place) => place >= this.low && place <= this.high) : range(this.low, this.high);
    for (const place of places) {
      const what = this.run.whats[place];
      if (!MARKED.has(what)) continue;
      this.g.globalAlpha = this.faint(this.run.c.step[place]);
      this.mark(what, this.x(place), this.y(this.run.c.node[place]), this.run.c.kind[place]);
    }
    this.g.globalAlpha = 1;
  }

  mark(what, x, y, kind) {
    const { g, colours } = this;
    g.fillStyle = g.strokeStyle = colours.text;
    g.beginPath();
    if (what === "synced") {
      g.moveTo(x, y + 9);
      g.lineTo(x, y + 15);
    } else if (what === "committed") {
      g.fillText("◆", x - 4, y + 21);
    } else if (what === "truncated") {
      g.fillStyle = colours.bad;
      g.fillText("✂", x - 4, y - 15);
    } else if (what === "election_timeout") {
      g.arc(x, y, 5, 0, 7);
    } else if (what === "requested") {
      g.moveTo(x - 3, y + 9);
      g.lineTo(x + 3, y + 9);
      g.lineTo(x, y + 4);
      g.fill();
    } else if (what === "became" && kind === 2) {
      g.fillText("♛", x - 5, y - 15);
    } else if (what === "crashed" || what === "halted" || what === "did_not_start" || what === "torn" || what === "failed" || what === "disk") {
      g.fillStyle = colours.bad;
      g.fillText(what === "crashed" || what === "halted" ? "✖" : "⚠", x - 4, y - 15);
    } else if (what === "started") {
      g.moveTo(x, y - 9);
      g.lineTo(x, y + 9);
    }
    g.stroke();
  }

  drawCursor() {
    const { g } = this;
    if (this.violation !== null) {
      g.fillStyle = g.strokeStyle = this.colours.bad;
      const at = this.view.x(this.axis.ofMoment(this.violation));
      g.setLineDash([4, 4]);
      g.beginPath();
      g.moveTo(at, 14);
      g.lineTo(at, this.height);
      g.stroke();
      g.setLineDash([]);
      const [said, after] = ["violation ▸", "◂ what came after"];
      g.fillText(said, at - g.measureText(said).width - 4, this.height - 7);
      g.fillStyle = this.colours.dim;
      const ends = this.x(this.run.records - 1);
      if (ends - at > g.measureText(after).width + 8) g.fillText(after, at + 5, this.height - 7);
    }
    const x = this.view.x(this.axis.ofMoment(this.moment));
    g.strokeStyle = this.colours.accent;
    g.lineWidth = 1.5;
    g.beginPath();
    g.moveTo(x, 14);
    g.lineTo(x, this.height);
    g.stroke();
    g.beginPath();
    if (this.run.c.moment_step[this.moment]) g.arc(x, this.y(this.run.c.moment_node[this.moment]), 9, 0, 7);
    g.stroke();
    g.lineWidth = 1;
  }

  // The step whose mark is nearest to a point: of the node whose lane it is in, if that has one nearby.
  stepNear(x, y) {
    const position = this.view.from + x / this.view.scale;
    const middle = Math.max(0, this.axis.placeAt(position));
    const node = this.nodeAt(y);
    let best = null;
    for (let place = Math.max(0, middle - 3000); place < Math.min(this.run.records, middle + 3000); place++) {
      const step = this.run.c.step[place];
      if (this.run.begin[step] !== place || this.lit && this.axis.mode === "story" && !this.lit.has(step)) continue;
      const away = Math.abs(this.x(place) - x) + (this.run.c.node[place] === node ? 0 : 30);
      if (!best || away < best.away) best = { step, away };
    }
    return best && best.step;
  }
}

function* range(low, high) {
  for (let place = low; place <= high; place++) yield place;
}

function clipped(g, text, width) {
  if (g.measureText(text).width <= width) return text;
  while (text && g.measureText(text + "…").width > width) text = text.slice(0, -1);
  return text + "…";
}

// The whole run in a strip, with the window on it.
class Minimap {
  constructor(diagram, canvas) {
    this.diagram = diagram;
    this.canvas = canvas;
  }

  resize(width, height) {
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this, { width, height });
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.g = this.canvas.getContext("2d");
    this.g.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.still = null;
  }

  x(position) {
    return position / this.axis.length * this.width;
  }

  draw({ axis, view, story, moment }) {
    const { g, width, height } = this;
    const { colours } = this.diagram;
    if (this.axis !== axis || !this.still || this.ground !== colours.ground) {
      this.axis = axis;
      this.ground = colours.ground;
      this.drawStill(story);
    }
    g.clearRect(0, 0, width, height);
    g.save();
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.drawImage(this.still, 0, 0);
    g.restore();
    g.fillStyle = colours.window;
    const from = this.x(view.from);
    g.fillRect(from, 0, Math.max(this.x(view.to) - from, 3), height);
    g.strokeStyle = colours.accent;
    g.strokeRect(from, 0.5, Math.max(this.x(view.to) - from, 3), height - 1);
    g.fillStyle = colours.accent;
    g.fillRect(this.x(axis.ofMoment(moment)) - 1, 0, 2, height);
  }

  drawStill(story) {
    const { diagram, axis, g, width, height } = this;
    g.clearRect(0, 0, width, height);
    const lane = height / diagram.segments.length;
    diagram.segments.forEach((segments, node) => {
      for (const { from, to, up, role, term } of segments) {
        const thick = up ? [1, 2, lane * 0.7][role] : lane * 0.5;
        g.fillStyle = up ? diagram.colours[termHue(term)] : diagram.colours.rule;
        const x = this.x(axis.pos[from]);
        g.fillRect(x, (node + 0.5) * lane - thick / 2, Math.max(this.x(axis.pos[to]) - x, 1), thick);
      }
    });
    g.fillStyle = diagram.colours.bad;
    story.forEach(({ moment }) => g.fillRect(this.x(axis.ofMoment(moment)) - 0.5, 0, 1.5, height));
    this.still = document.createElement("canvas");
    Object.assign(this.still, { width: this.canvas.width, height: this.canvas.height });
    this.still.getContext("2d").drawImage(this.canvas, 0, 0);
  }
}
