// A record of the trace in words, the same as the command prints.

const MESSAGES = ["RequestVote", "RequestVote reply", "AppendEntries", "AppendEntries reply", "message", "InstallSnapshot"];
const ROLES = ["follower", "candidate", "leader"];
const DISKS = ["its disk works again", "its disk stands still", "its disk fails", "its disk is full",
  "synced records of its disk are damaged", "its disk is emptied"];
const CLOGGED = ["what it sends and receives is held on its way", "what it should receive is held on its way",
  "what it sends is held on its way"];

const nodeName = (node) => "n" + (node + 1);
const entries = (count) => count + (count === 1 ? " entry" : " entries");
const commandName = (client, serial) => client ? `c${client}#${serial}` : "no command";
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const seconds = (nanos) => (Math.floor(nanos / 1000) / 1e6).toFixed(6) + "s";

// The nodes of a set that stands in two halves of 32 bits.
function members(low, high) {
  const names = [];
  for (let node = 0; node < 63; node++) {
    const half = node < 32 ? low : high;
    if (Math.floor(half / 2 ** (node % 32)) % 2) names.push(node);
  }
  return names;
}

function messageWords({ kind, term, a, b }) {
  const says = ["", b === 1 ? ", granted" : ", refused",
    b === 0 ? `, heartbeat after [${a}]` : `, ${entries(b)} after [${a}]`,
    b === 1 ? `, holds up to [${a}]` : ", rejected", "", `, up to [${a}]`];
  return `${MESSAGES[kind]} term ${term}${says[kind]}`;
}

function cutWords({ kind, a, b }) {
  const names = members(a, b).map(nodeName).join(" ");
  return [`cut off, each for itself: ${names}`, `hear nobody: ${names}`, `heard by nobody: ${names}`,
    `the cluster is split, groups are made of ${names}`, `two halves see each other only through ${names}`,
    "every node sees its neighbours only"][kind];
}

const to = (r, remark) => `-> ${nodeName(r.peer)}  ${messageWords(r)}${remark}`;
const from = (r, remark) => `<- ${nodeName(r.peer)}  ${messageWords(r)}${remark}`;

const WORDS = {
  started: (r) => r.b === 0 ? `starts in term ${r.term} with ${entries(r.a)}`
    : `starts in term ${r.term} with a snapshot up to [${r.b}] and ${entries(r.a - r.b)}`,
  election_timeout: () => "election timer runs out",
  interval: () => "interval timer runs out",
  received: (r) => from(r, ""),
  requested: (r) => `is asked for c${r.a}#${r.b}`,
  durable: () => "sync is through",
  sent: (r) => to(r, ""),
  lost: (r) => to(r, "  (lost)"),
  cut: (r) => to(r, "  (the link is cut)"),
  severed: (r) => from(r, "  (on its way when the link was cut)"),
  dropped: (r) => to(r, "  (dropped by an act)"),
  held: (r) => to(r, "  (held back by an act)"),
  missed: (r) => from(r, "  (nobody is there)"),
  wrote: (r) => r.b === 0 ? `writes term ${r.term}` : `writes ${entries(r.b)} from [${r.a}] on`,
  wrote_snapshot: (r) => `writes a snapshot up to [${r.a}] of term ${r.term}${r.a === r.b ? "" : `, with the state after [${r.b}]`}`,
  restored: (r) => `restores the state up to [${r.b}] from a snapshot${r.a === r.b ? "" : ` up to [${r.a}]`}`,
  syncing: () => "waits for its disk",
  synced: (r) => r.a === 1 ? "1 written record is durable" : `${r.a} written records are durable`,
  applied: (r) => r.a === 0 ? `applies [${r.term}], no command` : `applies [${r.term}] c${r.a}#${r.b}`,
  replied: (r) => `answers c${r.a}#${r.b}, applied at [${r.term}]`,
  refused: (r) => `refuses c${r.a}#${r.b}`,
  became: (r) => `is ${ROLES[r.kind]} in term ${r.term}, log ends at [${r.a}]`,
  committed: (r) => `commit index ${r.a} -> ${r.b}`,
  truncated: (r) => `cuts its log after [${r.a}], it ended at [${r.b}]`,
  crashed: (r) => `crashes: of ${r.a + r.b} write${r.a + r.b === 1 ? "" : "s"} not synced, ${r.b} lost`,
  paused: () => "stands still",
  resumed: () => "goes on",
  partitioned: cutWords,
  healed: () => "links are mended",
  released: (r) => r.a === 1 ? "1 message that was held back goes on its way" : `${r.a} messages that were held back go on their way`,
  act: (r) => r.act || `act ${r.a}`,
  torn: (r) => `a record is torn: ${r.a} of its ${entries(r.b)} can be read, in part`,
  failed: () => "a write or sync comes back as an error",
  halted: () => "gives up and stops",
  did_not_start: () => "does not start: its disk holds damaged records",
  disk: (r) => DISKS[r.kind],
  clogged: (r) => CLOGGED[r.kind],
  unclogged: () => "what was held goes on its way",
  clock_rate: (r) => `its clock goes at ${String(r.a / 1e6)} times its rate`,
  asked: (r) => `a client asks for c${r.a}#${r.b}`,
  asked_again: (r) => `a client asks for c${r.a}#${r.b} again`,
  request_lost: (r) => `c${r.a}#${r.b} is lost on its way to it`,
  answer_lost: (r) => `its answer to c${r.a}#${r.b} is lost`,
  answered: (r) => `a client has the answer to c${r.a}#${r.b}`,
  settling: () => "faults end, the cluster settles",
};

const EVERYWHERE = new Set(["partitioned", "healed", "released", "act", "settling"]);
