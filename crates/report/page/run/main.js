// The page as a whole: where one looks, and what keys, buttons, the pointer and the address do about it.

const MARGIN = 1.2;

class Page {
  constructor(run) {
    this.run = run;
    this.moment = 0;
    this.playing = 0;
    this.lit = new Set(run.head.lit);
    this.only = run.head.story.length > 0;
    this.folding = true;
    $("run").hidden = false;
    $("stage").style.setProperty("--nodes", run.head.nodes);
    this.panels = new Panels(run);
    this.colours = {};
    this.readColours();
    this.diagram = new Diagram(run, $("lanes"), this.colours);
    this.map = new Minimap(this.diagram, $("map"));
    this.labels = new Labels(run, $("labels"), (label) => this.choose(label.step, label.moment));
    this.view = new View(1);
    this.buildAxis(this.only ? "story" : "order");
    this.listen();
    this.resize();
    this.fit();
    if (!this.followAddress()) this.select(this.opening(), false);
    fillSigns();
  }

  opening() {
    const { finding, story } = this.run.head;
    if (finding) {
      // What is looked for in a crash shows later than the step before it.
      const { moment_time: times } = this.run.c;
      const moment = this.run.momentOf(finding.step);
      return times[moment] < finding.time ? lastAtMost(times, finding.time, 0, this.run.count) : moment;
    }
    return story.length ? story[story.length - 1].moment : 0;
  }

  buildAxis(mode) {
    this.axis = new Axis(this.run, mode, this.lit.size ? this.lit : null, this.folding);
    $("axis").value = mode;
  }

  setAxis(mode) {
    this.buildAxis(mode);
    this.fit();
  }

  resize() {
    const stage = $("stage");
    this.diagram.resize(stage.clientWidth, stage.clientHeight);
    this.map.resize($("map").clientWidth, $("map").clientHeight);
    const middle = this.view.from + this.view.width / this.view.scale / 2;
    const span = this.view.width / this.view.scale;
    this.view.width = stage.clientWidth;
    this.view.show(middle - span / 2, middle + span / 2);
    this.redraw();
  }

  // All of what led there, or of a short run; the beginning of a long one.
  fit() {
    const marks = this.axis.mode === "time" || !this.only ? [] : [...this.lit].map((step) => this.run.begin[step]).filter((place) => place >= 0);
    const positions = marks.map((place) => this.axis.pos[place]);
    const [low, high] = positions.length ? [Math.min(...positions), Math.max(...positions)] : [0, this.axis.length];
    const edge = Math.max((high - low) * 0.06, 0.5 * MARGIN);
    this.view.show(low - edge, high + edge * 1.6);
    this.redraw();
  }

  redraw() {
    this.frame = this.frame || requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.frame = 0;
    this.view.clamp(this.axis.length);
    const scene = { axis: this.axis, view: this.view, lit: this.only && this.lit.size ? this.lit : null, folding: this.folding,
      moment: this.moment, story: this.run.head.story, violation: this.run.head.finding ? this.opening() : null };
    this.diagram.draw(scene);
    this.map.draw(scene);
    this.labels.place(scene, this.diagram);
    const { omitted } = this.diagram;
    $("omitted").textContent = omitted ? `${grouped(omitted)} messages are too close to be drawn; zoom in` : "";
  }

  select(moment, reveal = true) {
    this.moment = Math.min(Math.max(moment, 0), this.run.count - 1);
    const step = this.run.c.moment_step[this.moment];
    const address = step ? `#s=${step}` : `#m=${this.moment}`;
    if (location.hash !== address) history.replaceState(null, "", address);
    $("scrub").value = this.moment;
    $("where").textContent = `${this.stepWords(step)}   ${seconds(this.run.c.moment_time[this.moment])}`;
    this.panels.show(this.moment);
    if (reveal) this.view.reveal(this.axis.ofMoment(this.moment));
    this.redraw();
  }

  // What comes after a violation is no part of the run that was judged.
  stepWords(step) {
    const { steps } = this.run.head;
    if (!step) return "between steps";
    return step > steps ? `step ${grouped(step)}, ${grouped(step - steps)} after the violation` : `step ${grouped(step)} of ${grouped(steps)}`;
  }

  choose(step, moment) {
    this.select(moment === undefined ? this.run.momentOf(step) : moment);
  }

  followAddress() {
    const asked = /^#([sm])=(\d+)$/.exec(location.hash);
    if (!asked) return false;
    const number = Number(asked[2]);
    this.select(asked[1] === "s" ? this.run.momentOf(number) : number);
    return true;
  }

  // The next moment that is worth a look: all of them, or those of what led there while only that is lit.
  step(by) {
    const { run } = this;
    let moment = this.moment + by;
    const dull = (at) => at > 0 && at < run.count - 1 && (this.only && this.axis.mode === "story"
      ? !this.lit.has(run.c.moment_step[at])
      : this.folding && run.c.moment_step[at] > 0 && run.folded[run.begin[run.c.moment_step[at]]] === 1);
    while (dull(moment)) moment += Math.sign(by);
    this.select(moment);
    return moment < run.count - 1;
  }

  stepOnNode(by) {
    const node = this.run.c.moment_node[this.moment];
    let moment = this.moment + by;
    while (moment > 0 && moment < this.run.count - 1 && !(this.run.c.moment_step[moment] && this.run.c.moment_node[moment] === node)) moment += by;
    this.select(moment);
  }

  line(by) {
    const moments = this.run.head.story.map((line) => line.moment);
    const next = by > 0 ? moments.find((moment) => moment > this.moment) : moments.findLast((moment) => moment < this.moment);
    if (next !== undefined) this.select(next);
  }

  cause() {
    const cause = this.run.causeOf(this.run.c.moment_step[this.moment]);
    if (cause) this.choose(cause);
  }

  effect() {
    const effects = this.run.caused.get(this.run.c.moment_step[this.moment]);
    if (effects) this.choose(effects[0]);
  }

  play() {
    if (this.playing) {
      clearInterval(this.playing);
      this.playing = 0;
    } else {
      if (this.moment >= this.run.count - 1) this.select(0);
      const pace = Number($("pace").value);
      const wait = Math.max(900 / pace, 30);
      const steps = Math.max(1, Math.round(pace * wait / 900));
      this.playing = setInterval(() => {
        if (!this.step(steps)) this.play();
      }, wait);
    }
    $("play").textContent = this.playing ? "❚❚ pause" : "▶ play";
  }

  zoom(factor, x = this.view.width / 2) {
    this.view.zoom(factor, x);
    this.redraw();
  }

  toggle(name) {
    if (name === "lit") this.only = !this.only && this.lit.size > 0;
    if (name === "folded") this.folding = !this.folding;
    $("lit").checked = this.only;
    $("folded").checked = this.folding;
    if (name === "folded" || this.axis.mode === "story") this.setAxis(this.only || this.axis.mode === "time" ? this.axis.mode : "order");
    this.view.reveal(this.axis.ofMoment(this.moment));
    this.redraw();
  }

  shade() {
    const root = document.documentElement;
    const dark = root.style.colorScheme ? root.style.colorScheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.style.colorScheme = dark ? "light" : "dark";
    this.readColours();
    this.redraw();
  }

  // Canvas wants colours as they come out, not as the style sheet says them.
  readColours() {
    const probe = element("i");
    document.body.append(probe);
    const names = ["text", "dim", "rule", "ground", "band", "bad", "accent", "window", ...range(0, 7)];
    for (const name of names) {
      const property = typeof name === "number" ? termHue(name) : "--" + name;
      probe.style.color = `var(${property})`;
      this.colours[typeof name === "number" ? property : name] = getComputedStyle(probe).color;
    }
    probe.remove();
  }

  listen() {
    const { view } = this;
    const click = { first: () => this.select(0), last: () => this.select(this.run.count - 1), back: () => this.step(-1), next: () => this.step(1),
      play: () => this.play(), violation: () => this.select(this.opening()), nearer: () => this.zoom(1.5), farther: () => this.zoom(1 / 1.5),
      fit: () => this.fit(), shade: () => this.shade(), help: () => $("keys").showModal(),
      copy: () => navigator.clipboard.writeText(this.run.head.replay).then(() => { $("copy").textContent = "copied"; }) };
    for (const [id, does] of Object.entries(click)) $(id).addEventListener("click", does);
    $("copy").hidden = !navigator.clipboard;
    $("violation").disabled = this.run.head.standing === "held";
    $("axis").querySelector("[value=story]").disabled = !this.lit.size;
    $("lit").disabled = !this.lit.size;
    $("lit").checked = this.only;
    $("scrub").max = this.run.count - 1;
    $("scrub").addEventListener("input", () => this.select(Number($("scrub").value)));
    $("axis").addEventListener("change", () => this.setAxis($("axis").value));
    $("pace").addEventListener("change", () => { if (this.playing) { this.play(); this.play(); } });
    for (const id of ["lit", "folded"]) $(id).addEventListener("change", () => this.toggle(id));
    addEventListener("hashchange", () => this.followAddress());
    addEventListener("resize", () => this.resize());
    addEventListener("keydown", (event) => this.key(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.readColours(); this.redraw(); });
    this.drag($("stage"), (x, by) => { view.from -= by / view.scale; }, (x, y) => {
      const step = this.diagram.stepNear(x, y);
      if (step) this.choose(step);
    });
    const jump = (x) => { view.from = x / this.map.width * this.axis.length - view.width / view.scale / 2; };
    this.drag($("map"), jump, jump);
    $("stage").addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  // A pointer that moves pans, one that does not chooses. A second finger zooms.
  drag(on, pan, tap) {
    const down = new Map();
    let moved = 0;
    const x = (event) => event.clientX - on.getBoundingClientRect().left;
    on.addEventListener("pointerdown", (event) => {
      if (event.target.closest("button")) return;
      on.setPointerCapture(event.pointerId);
      down.set(event.pointerId, x(event));
      moved = 0;
    });
    on.addEventListener("pointermove", (event) => {
      const last = down.get(event.pointerId);
      if (last === undefined) return;
      const other = [...down].find(([id]) => id !== event.pointerId);
      const now = x(event);
      moved += Math.abs(now - last);
      if (other) this.view.zoom(Math.max(Math.abs(now - other[1]), 5) / Math.max(Math.abs(last - other[1]), 5), (now + other[1]) / 2);
      else if (moved > 3) pan(now, now - last);
      down.set(event.pointerId, now);
      this.redraw();
    });
    const up = (event) => {
      if (down.delete(event.pointerId) && moved <= 3) tap(x(event), event.clientY - on.getBoundingClientRect().top);
      this.redraw();
    };
    on.addEventListener("pointerup", up);
    on.addEventListener("pointercancel", (event) => down.delete(event.pointerId));
  }

  wheel(event) {
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.view.from += (event.deltaX || event.deltaY) / this.view.scale;
    else this.view.zoom(Math.exp(-event.deltaY / 400), event.clientX - $("stage").getBoundingClientRect().left);
    this.redraw();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open || event.target.matches("select, input[type=range]")) return;
    if (event.key === " " && event.target.matches("button, input, summary")) return;
    const far = event.shiftKey ? 20 : 1;
    const keys = { ArrowLeft: () => this.step(-far), ArrowRight: () => this.step(far), ArrowUp: () => this.stepOnNode(-1), ArrowDown: () => this.stepOnNode(1),
      Home: () => this.select(0), End: () => this.select(this.run.count - 1), " ": () => this.play(), "[": () => this.line(-1), "]": () => this.line(1),
      c: () => this.cause(), e: () => this.effect(), v: () => this.select(this.opening()), "+": () => this.zoom(1.5), "=": () => this.zoom(1.5),
      "-": () => this.zoom(1 / 1.5), 0: () => this.fit(), l: () => this.toggle("lit"), h: () => this.toggle("folded"), t: () => this.nextAxis(),
      d: () => this.shade(), "?": () => $("keys").showModal() };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  nextAxis() {
    const modes = this.lit.size ? ["story", "order", "time"] : ["order", "time"];
    this.setAxis(modes[(modes.indexOf(this.axis.mode) + 1) % modes.length]);
    this.view.reveal(this.axis.ofMoment(this.moment));
  }
}

function fillSigns() {
  const signs = ["thin, thick, thickest line: follower, candidate, leader; colour, sign and number: its term", "hatched: down",
    "filled arrow: a request; open arrow: the answer; ×: it was lost, cut or dropped, or nobody was there",
    "dotted arrow: the second copy of a message; dashed: it was overtaken by a later one", "small line below: a sync is through; ◆: the commit index went up",
    "○ an election timer ran out; △ a client asks; ♛ a new leader; ✂ entries are cut away; ✖ a crash; ⚠ the disk", "shaded, with ≠: links are cut"];
  $("signs").replaceChildren(...signs.map((sign) => element("li", sign)));
}

async function open() {
  try {
    window.page = new Page(new Run(await unpack($("data").textContent)));
    document.documentElement.dataset.ready = "yes";
  } catch (trouble) {
    $("trouble").textContent = `The run cannot be drawn here (${trouble.message}); its words stand below.`;
    $("words").open = true;
    document.documentElement.dataset.ready = "no";
  }
}

open();
