import { median } from "../load/latencies.ts";
import { AGENT_SUBJECTS } from "../rows/agent-cycle.ts";
import { AUDIT_SUBJECTS } from "../rows/audit.ts";
import { CYCLE_SUBJECTS } from "../rows/cycle.ts";
import { EMBEDDED_SUBJECTS } from "../rows/embedded-cycle.ts";
import type { Result } from "./result.ts";
import { shareOf, summarize } from "./summary.ts";

/** What is reached, and what is not gone over. */
export type Bound = "least" | "most";

/** A share of 0.6 is 60 %; a multiple of 7 is 7x. */
export type Unit = "share" | "multiple" | "ms" | "s" | "kB" | "entries/s" | "people";

/** A goal of the design's performance table and what was measured of it. */
export interface GoalReading {
  row: "P1" | "P2" | "P3" | "P6" | "P7" | "P8" | "P9" | "P12" | "P13" | "P14" | "P15" | "P16";
  what: string;
  unit: Unit;
  measured: number;
  bound: Bound;
  goal: number;
  isMet: boolean;
}

type Reading = Omit<GoalReading, "row" | "isMet">;

/** The goals that this run can tell of. They count in a full run on a machine that does nothing else. */
export function readGoals(result: Result): GoalReading[] {
  const readings: [GoalReading["row"], Reading[]][] = [
    ["P1", readCycle(result)],
    ["P2", readWakeUps(result)],
    ["P3", readAgentCycle(result)],
    ["P6", readWaiters(result)],
    ["P7", readEmbeddedCycle(result)],
    ["P8", readAudit(result)],
    ["P9", readStarts(result)],
    ["P12", readAutomaticGate(result)],
    ["P13", readPolicy(result)],
    ["P14", readControl(result)],
    ["P15", readFirstHeldCalls(result)],
    ["P16", readQuestions(result)],
  ];
  return readings.flatMap(([row, all]) =>
    all.map((reading) => ({ row, ...reading, isMet: isReached(reading) })),
  );
}

function isReached({ measured, bound, goal }: Reading): boolean {
  return bound === "least" ? measured >= goal : measured <= goal;
}

function readCycle({ cycle, plan }: Result): Reading[] {
  if (cycle === undefined) return [];
  const clients = plan.clients.at(-1) ?? 1;
  const summaries = summarize(cycle.cells);
  const against = (subject: string): number => shareOf(summaries, clients, CYCLE_SUBJECTS.product, subject);
  const share = against(CYCLE_SUBJECTS.bare);
  return [
    atLeast("share", `share of the bare server, ${clients} clients`, share, 0.6),
    // Under this the design of the hot path is wrong, whatever the goal for later is.
    atLeast(
      "share",
      `share of the bare server, ${clients} clients: the least that the design must reach`,
      share,
      0.4,
    ),
    atLeast("multiple", `cycles of LangGraph.js, ${clients} clients`, against(CYCLE_SUBJECTS.langgraph), 7),
    atLeast("multiple", `cycles of DBOS, ${clients} clients`, against(CYCLE_SUBJECTS.dbos), 4),
  ];
}

function readWakeUps({ wakeUps }: Result): Reading[] {
  if (wakeUps === undefined) return [];
  const { p50Ms, p99Ms } = wakeUps.afterAcceptance;
  return [
    atMost("ms", "accepted by one instance, told by another: p50", p50Ms, 3),
    atMost("ms", "accepted by one instance, told by another: p99", p99Ms, 15),
  ];
}

function readAgentCycle({ agentCycle, plan }: Result): Reading[] {
  if (agentCycle === undefined) return [];
  const clients = plan.agentClients.at(-1) ?? 1;
  const { product, langgraph } = AGENT_SUBJECTS;
  const multiple = shareOf(summarize(agentCycle.cells), clients, product, langgraph);
  return [atLeast("multiple", `an agent's cycles of LangGraph.js, ${clients} clients`, multiple, 3)];
}

function readWaiters({ waiters }: Result): Reading[] {
  if (waiters === undefined) return [];
  return [atMost("kB", `memory of each of ${waiters.clients} open event streams`, waiters.rssKb, 25)];
}

function readAudit({ audit, plan }: Result): Reading[] {
  if (audit === undefined) return [];
  const clients = plan.clients.at(-1) ?? 1;
  const { product, without } = AUDIT_SUBJECTS;
  const cost = 1 - shareOf(summarize(audit.cells), clients, product, without);
  return [
    atMost("share", `what the audit log takes of the cycles, ${clients} clients`, cost, 0.1),
    atMost("ms", "from an event to its place in the log: p99", audit.lag.p99Ms, 500),
    atLeast("entries/s", "verification of an export", audit.verification.entriesPerSecond, 100_000),
  ];
}

function readStarts({ starts }: Result): Reading[] {
  if (starts === undefined) return [];
  return [
    atMost("s", "start on an existing folder until /ready", median(starts.again), 1.5),
    atMost("s", "first start until /ready", median(starts.first), 6),
  ];
}

function readFirstHeldCalls({ firstHeldCalls }: Result): Reading[] {
  if (firstHeldCalls === undefined) return [];
  const seconds = median(firstHeldCalls.map((call) => call.seconds));
  return [
    atMost("s", "empty folder, packages installed, init, start, first held call executed", seconds, 60),
  ];
}

function readAutomaticGate({ automaticGate }: Result): Reading[] {
  if (automaticGate === undefined) return [];
  return [atMost("ms", "a gate that need not wait, in process: p99", automaticGate.p99Ms, 1)];
}

function readPolicy({ policy }: Result): Reading[] {
  if (policy === undefined) return [];
  return [atMost("ms", `a policy of ${policy.rules} rules, one action: p99`, policy.indexed.p99Ms, 1)];
}

function readControl({ control }: Result): Reading[] {
  if (control === undefined) return [];
  return [
    atMost("ms", "paused at one instance, told by another: p99", control.pause.p99Ms, 100),
    atMost("ms", "cancelled at one instance, told by another: p99", control.cancel.p99Ms, 100),
  ];
}

function readQuestions({ questions }: Result): Reading[] {
  if (questions === undefined) return [];
  const { people, astray, memory } = questions;
  return [
    atMost("people", `of ${people} who answered, without a run that ended with their own answer`, astray, 0),
    // Where the system does not tell a process's memory there is nothing to compare.
    ...(memory.none === 0
      ? []
      : [atMost("share", `memory of a start over ${people} open questions`, memory.all / memory.none, 1.1)]),
  ];
}

function readEmbeddedCycle({ embeddedCycle, plan }: Result): Reading[] {
  if (embeddedCycle === undefined) return [];
  const clients = plan.embeddedClients;
  const summaries = summarize(embeddedCycle.cells);
  const share = shareOf(summaries, clients, EMBEDDED_SUBJECTS.product, EMBEDDED_SUBJECTS.statements);
  return [atLeast("share", `share of PGlite's own rate for the same SQL, ${clients} clients`, share, 0.4)];
}

function atLeast(unit: Unit, what: string, measured: number, goal: number): Reading {
  return { unit, what, measured, bound: "least", goal };
}

function atMost(unit: Unit, what: string, measured: number, goal: number): Reading {
  return { unit, what, measured, bound: "most", goal };
}
