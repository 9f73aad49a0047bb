// What stands below the diagram: what led there, the step that is looked at, the nodes and their logs.
// Every text comes in as text; nothing of a run is ever taken for markup.

const $ = (id) => document.getElementById(id);

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value);
  }
  return made;
}

const stepLink = (step, text) => element("a", text || `step ${grouped(step)}`, { href: `#s=${step}`, class: "step" });

class Panels {
  constructor(run) {
    this.run = run;
    this.fillHead();
    this.fillStory();
  }

  fillHead() {
    const { head } = this.run;
    $("name").textContent = head.name;
    const bug = head.bug ? ` with the bug ${head.bug}` : "";
    $("subject").textContent = `${head.about} — ${head.system}${bug}, ${head.nodes} nodes, seed ${head.seed}, ` +
      `${grouped(head.steps)} steps, ${seconds(head.time_ns)}`;
    $("replay").textContent = head.replay;
    const box = $("finding");
    box.hidden = false;
    box.replaceChildren();
    const { finding } = head;
    if (!finding) {
      box.append(element("strong", head.standing === "held" ? "✓ all held" : "✗ not as expected"));
      head.unmet.forEach((text) => box.append(element("p", text)));
      box.classList.add(head.standing);
      return;
    }
    const title = element("p");
    title.append(element("strong", `✗ ${finding.title}`), ` ${finding.section} at `, stepLink(finding.step), `, ${seconds(finding.time)}`);
    box.append(title);
    finding.facts.forEach((fact) => {
      const line = element("p", fact.text + " at ");
      line.append(stepLink(fact.step));
      box.append(line);
    });
    head.early.forEach((early) => {
      const line = element("p", `early: ${early.title} at `, { class: "early" });
      line.append(stepLink(early.step), `: ${early.facts.map((fact) => fact.text).join("; ")} ${early.section}`);
      box.append(line);
    });
  }

  fillStory() {
    const { story, needs } = this.run.head;
    $("why").hidden = !story.length;
    $("story").replaceChildren(...story.map((line) => {
      const item = element("li", undefined, { "data-moment": line.moment, class: line.broken ? "broken" : undefined });
      item.append(this.link(line.moment), ` ${line.text}`);
      if (line.section) item.append(element("b", ` ${line.broken ? "breaks " : ""}${line.section}`, { class: "section" }));
      return item;
    }));
    $("needs").hidden = !needs.length;
    $("needs").querySelector("ul").replaceChildren(...needs.map(({ text, moment }) => {
      const item = element("li", moment === null ? text : undefined);
      if (moment !== null) item.append(this.link(moment, text));
      return item;
    }));
  }

  // To the step that is over at a moment, or to what was done to the cluster then.
  link(moment, text) {
    const step = this.run.c.moment_step[moment];
    return step ? stepLink(step, text) : element("a", text || seconds(this.run.c.moment_time[moment]), { href: `#m=${moment}`, class: "step" });
  }

  show(moment) {
    this.showStep(moment);
    this.showNodes(moment);
    this.showLogs(moment);
    document.querySelectorAll("#story li").forEach((item) => {
      item.toggleAttribute("aria-current", Number(item.dataset.moment) === moment);
    });
  }

  showStep(moment) {
    const { run } = this;
    const step = run.c.moment_step[moment];
    const who = step ? ` of ${nodeName(run.c.moment_node[moment])}` : "";
    $("step-title").textContent = (step ? `step ${grouped(step)}${who}` : "between steps") + ` at ${seconds(run.c.moment_time[moment])}`;
    const links = $("links");
    links.replaceChildren();
    if (step) this.addLinks(links, step);
    const shown = run.recordsAt(moment);
    const items = shown.slice(0, 60).map((place) => {
      const what = run.whats[place];
      const node = EVERYWHERE.has(what) ? "" : `${nodeName(run.c.node[place])}  `;
      return element("li", node + run.words(place), { class: what });
    });
    if (shown.length > 60) items.push(element("li", `and ${grouped(shown.length - 60)} more`, { class: "dim" }));
    $("happened").replaceChildren(...items);
  }

  addLinks(links, step) {
    const cause = this.run.causeOf(step);
    links.append("cause: ");
    if (cause) links.append(this.named(cause));
    else links.append("none");
    const effects = this.run.caused.get(step) || [];
    links.append("   effects: ");
    effects.slice(0, 12).forEach((effect, i) => links.append(i ? ", " : "", this.named(effect)));
    if (effects.length > 12) links.append(` and ${effects.length - 12} more`);
    if (!effects.length) links.append("none");
  }

  named(step) {
    const begin = this.run.begin[step];
    const node = begin >= 0 ? ` (${nodeName(this.run.c.node[begin])})` : "";
    return stepLink(step, `${grouped(step)}${node}`);
  }

  showNodes(moment) {
    const { run } = this;
    const rows = [["", "role", "term", "vote", "commit", "applied", "log ends at"]];
    const table = $("nodes");
    const head = element("tr");
    rows[0].forEach((title) => head.append(element("th", title, { scope: "col" })));
    const acting = run.c.moment_step[moment] ? run.c.moment_node[moment] : -1;
    const body = run.nodes.map((_, node) => {
      const now = run.frame(node, moment);
      const before = moment ? run.frame(node, moment - 1) : now;
      const row = element("tr", undefined, { "data-node": nodeName(node), class: node === acting ? "acting" : undefined });
      row.append(element("th", nodeName(node), { scope: "row" }));
      const vote = now.vote ? `${nodeName(now.vote - 1)} in ${now.storedTerm}` : "–";
      const cells = [["role", now.up ? ROLES[now.role] : "down"], ["term", now.up ? `${termGlyph(now.term)} ${now.term}` : `${now.storedTerm}`],
        ["vote", vote], ["commit", now.up ? now.commit : "–"], ["applied", now.up ? now.applied : "–"], ["last", now.up ? now.last : "–"]];
      cells.forEach(([name, text]) => {
        const changed = name in now && now[name] !== before[name];
        row.append(element("td", text, { "data-field": name, class: changed ? "changed" : undefined }));
      });
      return row;
    });
    table.replaceChildren(head, ...body);
  }

  // The part of the logs around the lowest commit index, which is where they differ.
  window(moment) {
    const frames = this.run.nodes.map((_, node) => this.run.frame(node, moment));
    const ends = this.run.nodes.map((_, node) => Math.max(frames[node].last, this.storedEnd(node, moment)));
    const high = Math.max(1, ...ends);
    const room = Math.max(8, Math.floor(($("cluster").clientWidth - 50) / 40));
    const lowest = Math.min(...frames.filter((frame) => frame.up).map((frame) => frame.commit), high);
    const low = Math.max(1, Math.min(high - room + 1, Math.max(lowest - 2, 1)));
    return { low, high: Math.min(high, low + room - 1) };
  }

  storedEnd(node, moment) {
    const { disk } = this.run.nodes[node];
    let end = 0;
    for (let i = disk.length - 1; i >= 0 && !end; i--) {
      if (disk[i].moment <= moment) return disk[i].from + disk[i].length - 1;
    }
    return end;
  }

  showLogs(moment) {
    const { low, high } = this.window(moment);
    const head = element("tr");
    head.append(element("th", ""));
    for (let index = low; index <= high; index++) head.append(element("th", index, { scope: "col" }));
    const rows = this.run.nodes.map((_, node) => this.logRow(node, moment, low, high));
    $("logs").replaceChildren(head, ...rows);
  }

  logRow(node, moment, low, high) {
    const { run } = this;
    const now = run.frame(node, moment);
    const disk = run.log(node, "disk", moment, low, high);
    const memory = now.up ? run.log(node, "memory", moment, low, high) : disk;
    const row = element("tr", undefined, { "data-node": nodeName(node), class: now.up ? undefined : "down" });
    row.append(element("th", nodeName(node), { scope: "row" }));
    memory.forEach((entry, i) => {
      const index = low + i;
      const durable = sameEntry(entry, disk[i]);
      row.append(entry ? this.entryCell(entry, index, now, durable) : element("td", "", { class: disk[i] ? "gone" : "none" }));
    });
    return row;
  }

  entryCell(entry, index, now, durable) {
    const committed = now.up && index <= now.commit;
    const applied = now.up && index <= now.applied;
    const covered = index <= now.covered;
    const marks = (committed ? "◆" : "") + (applied ? "●" : "");
    const what = `[${index}] of term ${entry.term}: ${entry.client ? commandName(entry.client, entry.serial) : "no command"}`;
    const title = what + (committed ? ", committed" : "") + (applied ? ", applied" : "") + (durable ? "" : ", not durable") + (covered ? ", in a snapshot" : "");
    const cell = element("td", undefined, { title, class: `entry${durable ? "" : " volatile"}${covered ? " covered" : ""}`, "data-term": entry.term, "data-index": index });
    cell.style.setProperty("--hue", `var(${termHue(entry.term)})`);
    cell.append(element("span", entry.term), element("small", marks));
    return cell;
  }
}

const sameEntry = (a, b) => Boolean(a && b && a.term === b.term && a.client === b.client && a.serial === b.serial);
