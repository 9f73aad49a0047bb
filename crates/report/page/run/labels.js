// Words on the diagram, each where it happens: the lines of the story, who leads, and what was cut away.
// They are elements of the page, so that they can be read, found and clicked on.

const MOST_LABELS = 40;
const WIDEST = 300;
const BELOW = 11;

const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

// Signs stand between a lane and what is above it, where there is room for both.
const above = (diagram) => diagram.lane < 100 ? 16 : 21;

class Labels {
  constructor(run, layer, choose) {
    Object.assign(this, { run, layer, choose });
    this.all = [...this.storyLabels(), ...this.recordLabels()];
  }

  storyLabels() {
    return this.run.head.story.map((line, i) => ({
      moment: line.moment, step: line.step, node: line.node, text: `${i + 1}  ${line.text}`, short: String(i + 1),
      kind: line.broken ? "broken" : "told", weight: line.broken ? 0 : 1,
    }));
  }

  // New leaders that the story does not name, and entries that were cut away or overwritten.
  recordLabels() {
    const labels = [];
    const { finding } = this.run.head;
    const told = new Set(this.run.head.story.filter(({ text }) => text.includes("leader")).map(({ step }) => step));
    for (let place = 0; place < this.run.records; place++) {
      const what = this.run.whats[place];
      const leads = what === "became" && this.run.c.kind[place] === 2;
      if (!leads && what !== "truncated") continue;
      const { node, step, term } = this.run.record(place);
      if (leads && told.has(step)) continue;
      const text = leads ? `${nodeName(node)} leads term ${term}` : this.cutWords(place);
      labels.push({ place, step, node, text, short: leads ? "♛" : "✂", kind: leads ? "leader" : "cut", weight: leads ? 2 : finding && step > finding.step ? 1 : 3 });
    }
    return labels;
  }

  // What stood at the first index that was cut away, and what stands there when the step is over.
  cutWords(place) {
    const { run } = this;
    const { node, step, a, b } = run.record(place);
    const index = a + 1;
    const after = run.momentOf(step);
    const [held] = run.log(node, "memory", after - 1, index, index);
    const [holds] = run.log(node, "memory", after, index, index);
    const more = b > index ? ` to [${b}]` : "";
    const of = held ? ` of term ${held.term}` : "";
    if (!holds) return `${nodeName(node)} cuts away [${index}]${more}${of}`;
    return `${nodeName(node)} overwrites [${index}]${more}${of} with an entry of term ${holds.term}`;
  }

  x(label, axis, view) {
    return view.x(label.place === undefined ? axis.ofMoment(label.moment) : axis.pos[label.place]);
  }

  // Puts what can be seen where it belongs; what finds no room keeps its number or sign only.
  place({ axis, view, lit }, diagram) {
    const seen = this.all
      .map((label) => ({ ...label, x: this.x(label, axis, view) }))
      .filter(({ x, kind, step }) => x >= 20 && x <= view.width && (!lit || kind === "told" || kind === "broken" || lit.has(step)));
    seen.sort((a, b) => a.weight - b.weight || a.x - b.x);
    const taken = [];
    const placed = seen.slice(0, MOST_LABELS).map((label) => this.element(label, taken, diagram, view));
    this.layer.replaceChildren(...placed.filter((element) => element));
  }

  // In as many lines as there is room for between a lane and the next. A number may stand beyond other words.
  element(label, taken, diagram, view) {
    const lines = Math.max(1, Math.floor(((diagram.lane - above(diagram) - BELOW) / 2 - 4) / 14));
    const broken = label.kind === "broken";
    const words = label.text.length * (broken ? 7.6 : 6.6);
    const share = broken ? 0.5 : 0.3;
    const wide = Math.min(words < 180 ? words + 14 : Math.max(180, words / lines * 1.25 + 14), Math.max(WIDEST, view.width * share), view.width - 30);
    const beyond = lines * 14 + 8;
    for (const [text, width, rows, rise] of [[label.text, wide, lines, 0], [label.short, 22, 1, 0], [label.short, 22, 1, beyond]]) {
      const left = Math.max(24, Math.min(label.x - 8, view.width - width));
      for (const side of ["above", "below"]) {
        const y = diagram.y(label.node);
        const height = rows * 14 + 6;
        const top = side === "above" ? y - above(diagram) - rise - height : y + BELOW + rise;
        const box = { left: left - 2, right: left + width + 2, top, bottom: top + height };
        if (rise && (top < 14 || box.bottom > diagram.height) || taken.some((other) => overlap(box, other))) continue;
        taken.push(box);
        return this.button(label, text, { left, width, lines, side, rise, y }, diagram);
      }
    }
    return null;
  }

  button(label, text, { left, width, lines, side, rise, y }, diagram) {
    const button = document.createElement("button");
    button.className = `label ${label.kind} ${side}`;
    button.append(element("span", text));
    button.title = label.text;
    Object.assign(button.dataset, { step: label.step, node: nodeName(label.node), text: label.text });
    Object.assign(button.style, { left: `${left}px`, maxWidth: `${width}px` });
    button.style[side === "above" ? "bottom" : "top"] = `${side === "above" ? diagram.height - y + above(diagram) + rise : y + BELOW + rise}px`;
    button.firstChild.style.webkitLineClamp = lines;
    button.addEventListener("click", () => this.choose(label));
    return button;
  }
}
