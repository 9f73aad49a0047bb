// A campaign: what failed and how often, what was seen and what never, and the zoo. Every text comes in as text.

const SVG = "http://www.w3.org/2000/svg";
const $ = (id) => document.getElementById(id);
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const percent = (part, whole) => whole ? (100 * part / whole).toFixed(part && part < whole / 100 ? 2 : 1) + " %" : "–";

function element(name, content, attributes = {}) {
  const made = document.createElement(name);
  for (const item of [content].flat()) if (item !== undefined && item !== null) made.append(item);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  return made;
}

function section(id, title, ...content) {
  $("campaign").append(element("section", [element("h2", title), ...content], { id }));
}

// Cells that are numbers stand at the right.
function table(titles, rows) {
  const cell = (name) => (value) => value instanceof Node && value.localName === name ? value
    : element(name, typeof value === "number" ? grouped(value) : value, { class: typeof value === "number" ? "number" : undefined });
  const numbers = titles.map((_, i) => rows.some((row) => typeof row[i] === "number"));
  const head = element("tr", titles.map((title, i) => element("th", title, { scope: "col", class: numbers[i] ? "number" : undefined })));
  const body = rows.map((row) => element("tr", row.map(cell("td"))));
  body.forEach((row) => [...row.children].forEach((made, i) => { made.dataset.title = titles[i]; }));
  return element("table", [element("thead", head), element("tbody", body)]);
}

function copied(command) {
  const button = element("button", "copy");
  button.addEventListener("click", () => navigator.clipboard.writeText(command).then(() => { button.textContent = "copied"; }));
  return [element("code", command), " ", ...(navigator.clipboard ? [button] : [])];
}

// What came of making a kind's smallest run smaller, and why it fails.
function told({ shrunk, why }) {
  const found = [];
  if (shrunk) {
    const { from, to, needs } = shrunk;
    found.push(element("div", `made smaller: ${grouped(from.steps)} to ${counted(to.steps, "step")}, ${grouped(from.faults)} to ${counted(to.faults, "fault")}` +
      (needs.length ? `; needs: ${needs.join("; ")}` : ""), { class: "dim" }));
  }
  if (why && why.length) {
    const line = ({ step, text, section, broken }) => element("li", [`step ${grouped(step)}: ${text} `, section && element("b", (broken ? "breaks " : "") + section)],
      { class: broken ? "broken" : undefined });
    found.push(element("details", [element("summary", "why"), element("ol", why.map(line))]));
  }
  return found;
}

const counted = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;

// What it all comes to, in a line.
function showWhole({ asked = {}, scenarios, kinds, total, earlier = [], hung = [] }) {
  const sum = (name) => scenarios.reduce((all, { runs }) => all + runs[name], 0);
  const bad = ["violated", "unmet", "nondeterministic"].map((name) => [name, sum(name)]).filter(([, count]) => count);
  const still = earlier.filter(({ fate }) => fate === "fails").length;
  if (still) bad.push(["earlier failures that are still there", still]);
  if (hung.length) bad.push(["hung", hung.length]);
  const words = bad.map(([name, count]) => `${grouped(count)} ${name}`).join(", ");
  const whom = asked.bug ? `, with the bug ${asked.bug}` : "";
  const line = element("p", [element("strong", bad.length ? `✗ ${words}` : "✓ all held"),
    ` in ${counted(total.runs, "run")} of ${counted(scenarios.length, "scenario")}${whom}; ${counted(kinds.length, "kind")} of failure`]);
  $("campaign").append(element("div", line, { id: "whole", class: bad.length ? "finding" : "finding held" }));
}

function bar(part, whole) {
  const made = element("span", "", { class: "rate", "aria-hidden": "true" });
  made.style.width = `${Math.max(1, Math.round(80 * part / Math.max(whole, 1)))}px`;
  return [made, percent(part, whole)];
}

function showScenarios({ scenarios }) {
  const rows = scenarios.map(({ shown, standing, seeds, total, runs }) => [shown, standing, `${grouped(seeds.first)} to ${grouped(seeds.last)}`,
    total.runs, runs.violated, Math.round(total.steps / Math.max(total.runs, 1)), Math.round(total.commits / Math.max(total.runs, 1)),
    Math.round(total.faults / Math.max(total.runs, 1))]);
  section("scenarios", "scenarios", table(["scenario", "standing", "seeds", "runs", "violated", "mean steps", "mean commits", "mean faults"], rows));
}

function showKinds({ kinds, scenarios }, commands, about) {
  if (!kinds.length) return section("kinds", "kinds of failure", element("p", "✓ nothing was violated"));
  const rows = kinds.map((kind) => {
    const all = scenarios.find(({ file }) => file === kind.scenario);
    const facts = [...kind.facts.map((fact) => element("div", fact)), ...told(kind)];
    const name = [element("strong", kind.property.replace(/_/g, " ")), element("div", kind.class + (scenarios.length > 1 ? `, ${all ? all.shown : kind.scenario}` : ""), { class: "dim" }), element("div", about[kind.property], { class: "dim" })];
    return [element("td", name), element("td", bar(kind.runs, all ? all.total.runs : 0)), kind.runs, element("td", facts, { class: "fact" }),
      element("td", `seed ${grouped(kind.seed)}, step ${grouped(kind.step)}`), element("td", kind.capsule ? copied(commands + kind.capsule) : "–")];
  });
  const words = "a kind is one property broken by one chain of events; early: a rule that was broken before anybody suffered from it; outcome: what a client or a log suffers";
  return section("kinds", "kinds of failure", element("p", words, { class: "dim" }),
    table(["property", "rate", "runs", "what happens in the smallest", "found at", "see it again"], rows));
}

// Which faults the smallest run of a kind has, by the property that it violates.
function showMatrix({ kinds }, capsules) {
  const cells = new Map();
  const faults = new Set();
  for (const { property, capsule } of kinds) {
    for (const fault of capsules[capsule] || []) {
      faults.add(fault);
      const row = cells.get(property) || new Map();
      cells.set(property, row.set(fault, (row.get(fault) || 0) + 1));
    }
  }
  if (!faults.size) return;
  const names = [...faults].sort();
  const most = Math.max(...[...cells.values()].flatMap((row) => [...row.values()]));
  const rows = [...cells].map(([property, row]) => [property.replace(/_/g, " "), ...names.map((name) => shade(row.get(name) || 0, most))]);
  section("matrix", "faults and properties", element("p", "how many kinds of failure have the fault in their smallest run", { class: "dim" }),
    table(["", ...names], rows));
}

function shade(count, most) {
  const cell = element("td", count ? String(count) : "·", { class: "shade" });
  if (count) cell.style.background = `color-mix(in srgb, var(--accent) ${Math.round(15 + 45 * count / most)}%, transparent)`;
  return cell;
}

function showMarkers({ total }, about) {
  const rows = Object.entries(total.markers).map(([name, count]) => [name, count || element("td", "never", { class: "never" }), element("td", about[name], { class: "dim" })]);
  const reached = rows.filter(([, count]) => count > 0).length;
  section("markers", `markers: ${reached} of ${rows.length} were reached`, table(["marker", "times", "what it is"], rows));
  const faults = Object.entries(total.faults_by_kind).filter(([, count]) => count > 0);
  section("faults", "faults that were done", table(["fault", "times"], faults));
}

const UNITS = { ns: (value) => value >= 1e9 ? `${(value / 1e9).toFixed(2)}s` : `${(value / 1e6).toFixed(1)}ms`, per_second: (value) => `${grouped(Math.round(value))}/s` };
const COUNTED = { steps: "Events handed to the nodes of a run.", commits: "Commands of clients that were committed and applied in a run." };

// What differs from run to run: how far each got, and what was measured. Many scenarios are folded, all but the first.
function showDistributions({ scenarios }, about) {
  const shown = scenarios.map((scenario) => [scenario.shown, figuresOf(scenario, about)]).filter(([, figures]) => figures.length);
  if (!shown.length) return;
  const parts = shown.map(([name, figures], i) => shown.length === 1 ? element("div", figures, { class: "figures" })
    : element("details", [element("summary", name), element("div", figures, { class: "figures" })], { open: i ? undefined : "" }));
  section("distributions", "distributions", element("p", "how high a bar is: how many values are that great; times stand on a logarithmic scale", { class: "dim" }), ...parts);
}

function figuresOf({ per_run: perRun = {}, histograms, measures }, about) {
  const counted = Object.entries(COUNTED).filter(([name]) => perRun[name] && perRun[name].count)
    .map(([name, words]) => figure(`${name} a run`, words, perRun[name], perRun[name].buckets, { say: (value) => grouped(Math.round(value)), what: "runs" }));
  const measured = measures.filter(({ count }) => count > 0).map((measure) => figure(measure.measure.replace(/_/g, " "), about[measure.measure], measure, histograms[measure.measure].buckets,
    { say: UNITS[measure.unit], what: "values", factor: measure.unit === "ns" }));
  return [...counted, ...measured];
}

function figure(title, about, numbers, buckets, how) {
  const { count, least, p50, p99, greatest, mean } = numbers;
  const [few, half, most, all, middle] = [least, p50, p99, greatest, mean].map(how.say);
  const words = `${grouped(count)} ${how.what} from ${few} to ${all}: half up to ${half}, 99 of 100 up to ${most}, mean ${middle}`;
  return element("figure", [element("h3", title), chart(numbers, buckets, how, `${title}: ${words}`), element("figcaption", [element("div", about), element("div", words)])]);
}

const CLASSES = 20;
const wide = (top) => top < 128 ? 1 : 2 ** (Math.floor(Math.log2(top)) - 6);

// Where classes begin and end: a whole number apart, or each the same factor wide, as suits times.
function edgesOf({ least, greatest }, factor) {
  const low = factor ? Math.max(least, 1) : least;
  const end = Math.max(greatest, low) + 1;
  if (factor) return Array.from({ length: CLASSES + 1 }, (_, i) => low * (end / low) ** (i / CLASSES));
  const step = Math.ceil((end - low) / CLASSES);
  return Array.from({ length: Math.ceil((end - low) / step) + 1 }, (_, i) => low + i * step);
}

// How many values are in each class. A bucket that is in two of them is shared out.
function classesOf(buckets, { least, greatest }, edges) {
  const classes = new Array(edges.length - 1).fill(0);
  for (const [top, count] of buckets) {
    const from = Math.max(Number(top) + 1 - wide(Number(top)), least);
    const to = Math.max(Math.min(Number(top), greatest) + 1, from + 1);
    classes.forEach((_, i) => { classes[i] += count * Math.max(Math.min(to, edges[i + 1]) - Math.max(from, edges[i]), 0) / (to - from); });
  }
  return classes;
}

function chart(numbers, buckets, { say, what, factor }, words) {
  const edges = edgesOf(numbers, factor);
  const classes = classesOf(buckets, numbers, edges);
  const most = Math.max(...classes);
  const [left, right, foot, room] = [44, 436, 128, 104];
  const width = (right - left) / classes.length;
  const svg = drawn("svg", { viewBox: "0 0 440 148", class: "chart", role: "img", "aria-label": words });
  const label = (text, x, y, anchor) => svg.append(drawn("text", { x, y, "text-anchor": anchor }, text));
  for (const part of [0, 1]) {
    svg.append(drawn("line", { x1: left, x2: right, y1: foot - room * part, y2: foot - room * part }));
    label(grouped(Math.round(most * part)), left - 5, foot - room * part + 4, "end");
  }
  classes.forEach((count, i) => svg.append(drawn("rect", { x: left + i * width + 0.5, width: Math.max(width - 1, 1), y: foot - room * count / most, height: room * count / most },
    drawn("title", {}, `${say(edges[i])} to ${say(edges[i + 1] - (factor ? 0 : 1))}: ${grouped(Math.round(count))} ${what}`))));
  const middle = Math.max(0, edges.findLastIndex((edge) => edge <= numbers.p50));
  const at = left + width * Math.min(middle + (numbers.p50 + (factor ? 0 : 0.5) - edges[middle]) / (edges[middle + 1] - edges[middle]), classes.length);
  svg.append(drawn("line", { x1: at, x2: at, y1: 14, y2: foot, class: "median" }));
  label(`median ${say(numbers.p50)}`, Math.min(Math.max(at, 90), 390), 10, "middle");
  const ends = edges.length - 1;
  for (const [part, anchor] of [[0, "start"], [ends >> 1, "middle"], [ends, "end"]]) {
    if (part || anchor === "start") label(say(edges[part]), left + width * part, 143, anchor);
  }
  return svg;
}

function drawn(name, attributes, content) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (content !== undefined) made.append(content);
  return made;
}

function showZoo(zoo) {
  const times = ({ median, missed }) => median === null ? "–" : `${median}${missed ? `, missed ${missed}` : ""}`;
  const planted = zoo.bugs.filter(({ bug }) => bug);
  const rows = planted.map(({ bug, section, campaign, first, early, outcome, seen }) => [bug, section, campaign, times(first), times(early), times(outcome),
    first.mostly || "–", seen.join(", ")]);
  section("zoo", `the zoo: ${planted.length} planted bugs`, element("p", `seeds until it was found, the median of ${zoo.campaigns} campaigns`, { class: "dim" }),
    table(["bug", "rule", "campaign", "seeds", "early", "outcome", "mostly by", "seen in"], rows));
}

async function open() {
  try {
    const { head } = await unpack($("data").textContent);
    if (head.summary) {
      showWhole(head.summary);
      showKinds(head.summary, head.replay, head.about);
      showScenarios(head.summary);
      showMatrix(head.summary, head.capsules);
      showDistributions(head.summary, head.about);
      showMarkers(head.summary, head.about);
    }
    if (head.zoo) showZoo(head.zoo);
    document.documentElement.dataset.ready = "yes";
  } catch (trouble) {
    $("trouble").textContent = `The tables cannot be shown here (${trouble.message}); the words stand below.`;
    $("words").open = true;
    document.documentElement.dataset.ready = "no";
  }
}

open();
