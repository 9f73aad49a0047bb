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
  const head = element("tr", titles.map((title) => element("th", title, { scope: "col" })));
  return element("table", [element("thead", head), element("tbody", rows.map((row) => element("tr", row.map(cell("td")))))]);
}

function copied(command) {
  const button = element("button", "copy");
  button.addEventListener("click", () => navigator.clipboard.writeText(command).then(() => { button.textContent = "copied"; }));
  return [element("code", command), " ", ...(navigator.clipboard ? [button] : [])];
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
  section("scenarios", "scenarios", table(["scenario", "standing", "seeds", "runs", "violated", "steps a run", "commits a run", "faults a run"], rows));
}

function showKinds({ kinds, scenarios }, commands) {
  if (!kinds.length) return section("kinds", "kinds of failure", element("p", "✓ nothing was violated"));
  const rows = kinds.map((kind) => {
    const all = scenarios.find(({ file }) => file === kind.scenario);
    const facts = kind.facts.map((fact) => element("div", fact));
    return [kind.property, kind.class, element("td", facts, { class: "fact" }), element("td", bar(kind.runs, all ? all.total.runs : 0)), kind.runs, kind.seed, kind.step,
      element("td", kind.capsule ? copied(commands + kind.capsule) : "–")];
  });
  return section("kinds", "kinds of failure", table(["property", "class", "the smallest run", "rate", "runs", "seed", "step", "again"], rows));
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
  const rows = [...cells].map(([property, row]) => [property, ...names.map((name) => shade(row.get(name) || 0, most))]);
  section("matrix", "faults and properties", element("p", "how many kinds of failure have the fault in their smallest run", { class: "dim" }),
    table(["", ...names], rows));
}

function shade(count, most) {
  const cell = element("td", count ? String(count) : "·", { class: "shade" });
  if (count) cell.style.background = `color-mix(in srgb, var(--accent) ${Math.round(15 + 45 * count / most)}%, transparent)`;
  return cell;
}

function showMarkers({ total }) {
  const rows = Object.entries(total.markers).map(([name, count]) => [name, count || element("td", "never", { class: "never" })]);
  const reached = rows.filter(([, count]) => count > 0).length;
  section("markers", `markers: ${reached} of ${rows.length} were reached`, table(["marker", "times"], rows));
  const faults = Object.entries(total.faults_by_kind).filter(([, count]) => count > 0);
  section("faults", "faults that were done", table(["fault", "times"], faults));
}

const UNITS = { ns: (value) => value >= 1e9 ? `${(value / 1e9).toFixed(2)}s` : `${(value / 1e6).toFixed(1)}ms` };

// Values in twenty classes that each are the same factor wide.
function showMeasures({ scenarios }) {
  const figures = scenarios.flatMap(({ shown, histograms, measures }) => measures.filter(({ count }) => count > 0).map((measure) => {
    const say = UNITS[measure.unit] || grouped;
    const { p50, p99, count } = measure;
    const caption = `${shown}: ${measure.measure.replace(/_/g, " ")}, ${grouped(count)} values, half up to ${say(p50)}, 99 of 100 up to ${say(p99)}`;
    return element("figure", [chart(histograms[measure.measure].buckets, say, caption), element("figcaption", caption)]);
  }));
  if (figures.length) section("measures", "what was measured", ...figures);
}

function chart(buckets, say, caption) {
  const values = buckets.map(([top, count]) => [Math.max(Number(top), 1), count]);
  const low = Math.log(Math.min(...values.map(([value]) => value)));
  const high = Math.max(Math.log(Math.max(...values.map(([value]) => value))), low + 1e-6);
  const classes = new Array(20).fill(0);
  values.forEach(([value, count]) => { classes[Math.min(19, Math.floor(20 * (Math.log(value) - low) / (high - low)))] += count; });
  const most = Math.max(...classes);
  const svg = drawn("svg", { viewBox: "0 0 440 130", class: "chart", role: "img", "aria-label": caption });
  svg.append(drawn("line", { x1: 0, x2: 440, y1: 110, y2: 110 }));
  classes.forEach((count, i) => svg.append(drawn("rect", { x: i * 22 + 1, width: 20, y: 110 - 100 * count / most, height: 100 * count / most })));
  [0, 0.5, 1].forEach((part) => {
    const label = drawn("text", { x: 4 + 432 * part, y: 125, "text-anchor": ["start", "middle", "end"][part * 2] });
    label.textContent = say(Math.round(Math.exp(low + part * (high - low))));
    svg.append(label);
  });
  return svg;
}

function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
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
      showKinds(head.summary, head.replay);
      showScenarios(head.summary);
      showMatrix(head.summary, head.capsules);
      showMeasures(head.summary);
      showMarkers(head.summary);
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
