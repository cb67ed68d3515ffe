import { AGENT_SUBJECTS } from "../rows/agent-cycle.ts";
import { AUDIT_SUBJECTS, type AuditResult } from "../rows/audit.ts";
import { CYCLE_SUBJECTS, type CountedCycles, type CycleResult } from "../rows/cycle.ts";
import { EMBEDDED_SUBJECTS } from "../rows/embedded-cycle.ts";
import type { ControlTimes } from "../load/control-generator.ts";
import type { Times, WakeUps } from "../load/wake-up-generator.ts";
import type { EvaluationTimes } from "../rows/policy.ts";
import type { QuestionsResult } from "../rows/questions.ts";
import type { FirstHeldCall } from "../rows/first-held-call.ts";
import type { StartTimes } from "../rows/start.ts";
import { median } from "../load/latencies.ts";
import type { Plan } from "../plan.ts";
import { renderTable } from "./markdown-table.ts";
import { isBusy } from "./machine.ts";
import { renderCosts, renderGoals, renderRates } from "./render-tables.ts";
import type { Result } from "./result.ts";
import { summarize } from "./summary.ts";

/** The whole report in Markdown, readable in a terminal too. */
export function renderReport(result: Result): string {
  const {
    cycle,
    wakeUps,
    agentCycle,
    waiters,
    embeddedCycle,
    audit,
    starts,
    firstHeldCalls,
    automaticGate,
    policy,
    control,
    questions,
    plan,
  } = result;
  const sections = [
    "# Measurements",
    renderCircumstances(result),
    "## Goals",
    renderGoals(result),
    ...(isBusy(result.machine)
      ? ["The machine was busy with something else when this run began: take it again when it is quiet."]
      : []),
    ...(plan.name === "quick"
      ? ["A quick run: it shows that the benchmark works, not how fast Holdpoint is."]
      : []),
  ];
  if (cycle !== undefined) {
    sections.push(
      "## P1: a hold created and decided, on PostgreSQL",
      renderRates(summarize(cycle.cells), CYCLE_SUBJECTS.bare),
      "### Where the time goes",
      renderCosts(summarize(cycle.cells), plan.clients.at(-1) ?? 1),
      renderRoundTrips("bare server", cycle.roundTrips.bare),
      renderRoundTrips("Holdpoint", cycle.roundTrips.product),
      renderStored(cycle),
    );
  }
  if (wakeUps !== undefined) {
    sections.push("## P2: decided at one instance, waited for at another", renderWakeUps(wakeUps, plan));
  }
  if (agentCycle !== undefined) {
    const summaries = summarize(agentCycle.cells);
    sections.push(
      "## P3: a run with one gated call, from its start to its answer",
      renderRates(summaries, AGENT_SUBJECTS.langgraph),
      renderCosts(summaries, plan.agentClients.at(-1) ?? 1),
    );
  }
  if (waiters !== undefined) {
    sections.push(
      `## P6: ${waiters.clients} event streams open at one instance`,
      renderTable(
        ["memory each", "after 10 events", "of it heap", "all open", "all told"],
        [
          [
            `${waiters.rssKb.toFixed(1)} kB`,
            `${waiters.rssKbAfterEvents.toFixed(1)} kB`,
            `${waiters.heapKb.toFixed(1)} kB`,
            `${(waiters.openedMs / 1_000).toFixed(1)} s`,
            `${median(waiters.toldMs).toFixed(0)} ms`,
          ],
        ],
      ),
    );
  }
  if (embeddedCycle !== undefined) {
    const summaries = summarize(embeddedCycle.cells);
    sections.push(
      "## P7: the same on PGlite, fsync on",
      renderRates(summaries, EMBEDDED_SUBJECTS.statements),
      renderCosts(summaries, plan.embeddedClients),
    );
  }
  if (audit !== undefined) {
    const summaries = summarize(audit.cells);
    sections.push(
      "## P8: the audit log",
      renderRates(summaries, AUDIT_SUBJECTS.without),
      renderCosts(summaries, plan.clients.at(-1) ?? 1),
      renderAudit(audit),
    );
  }
  if (starts !== undefined) {
    sections.push("## P9: from `holdpoint start` to /ready, embedded database", renderStarts(starts));
  }
  if (firstHeldCalls !== undefined) {
    sections.push("## P15: from an empty folder to the first held call", renderFirstCalls(firstHeldCalls));
  }
  if (automaticGate !== undefined) {
    const times = renderEvaluations([["an action that proceeds", automaticGate]]);
    sections.push("## P12: a gate that need not wait, in process", times);
  }
  if (policy !== undefined) {
    const times = renderEvaluations([
      ["each rule names a tool", policy.indexed],
      ["no rule names a tool", policy.unindexed],
    ]);
    sections.push(`## P13: ${policy.rules} rules, one action`, times);
  }
  if (control !== undefined) {
    sections.push("## P14: paused and cancelled at one instance, watched at another", renderControl(control));
  }
  if (questions !== undefined) {
    sections.push("## P16: end users who answer in their own time", renderQuestions(questions));
  }
  return `${sections.join("\n\n")}\n`;
}

function renderQuestions(questions: QuestionsResult): string {
  const { people, kills, astray, repeated, askedSeconds, answeredSeconds, memory } = questions;
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  return [
    `${people} runs stood with a question each after ${askedSeconds.toFixed(1)} s. Their end users answered in random order, by three processes at two instances, of which each was killed once (${kills} kills); the last run had ended ${answeredSeconds.toFixed(1)} s after the first answer. Without their own answer: ${astray}. Effects begun again because their instance was killed: ${repeated}; each is there once.`,
    `An instance that has just started takes ${megabytes(memory.none)} over an empty database, ${megabytes(memory.all)} while ${people} wait.`,
  ].join("\n\n");
}

function renderEvaluations(rows: [string, EvaluationTimes][]): string {
  return renderTable(
    ["", "evaluations", "p50 ms", "p99 ms", "longest ms"],
    rows.map(([name, { evaluations, p50Ms, p99Ms, maxMs }]) => [
      name,
      String(evaluations),
      ...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(4)),
    ]),
  );
}

function renderWakeUps(
  { count, perSecond, afterAcceptance, afterSending }: WakeUps,
  { wakeUpPairs }: Plan,
): string {
  const ms = ({ p50Ms, p99Ms }: Times): string[] => [p50Ms.toFixed(2), p99Ms.toFixed(2)];
  const table = renderTable(
    ["until the waiting client has its answer", "p50 ms", "p99 ms"],
    [
      ["from the answer to the one who decided", ...ms(afterAcceptance)],
      ["from the sending of the decision", ...ms(afterSending)],
    ],
  );
  return `${table}\n\n${count} decisions by ${wakeUpPairs} pairs of clients, ${perSecond.toFixed(0)} a second. A time under zero: the waiting client was told first.`;
}

function renderControl({ count, pause, cancel }: ControlTimes): string {
  const row = (name: string, { p50Ms, p99Ms }: Times): string[] => [name, p50Ms.toFixed(1), p99Ms.toFixed(1)];
  const table = renderTable(
    ["from the press until who watches is told", "p50 ms", "p99 ms"],
    [row("pause", pause), row("cancel", cancel)],
  );
  return `${table}\n\n${count} runs that waited for a person.`;
}

function renderAudit({ lag, verification, entriesWithout }: AuditResult): string {
  const { entries, bytes, seconds, entriesPerSecond } = verification;
  return [
    `From the commit of an event to the commit of its place in the log: p50 ${lag.p50Ms.toFixed(0)} ms, p99 ${lag.p99Ms.toFixed(0)} ms, at most ${lag.maxMs.toFixed(0)} ms, over ${lag.events} events under full load. The log of the service without one has ${entriesWithout} entries.`,
    `\`holdpoint audit verify\` of an export with ${entries} entries (${(bytes / 1e6).toFixed(0)} MB): ${seconds.toFixed(2)} s with the start of the process, ${entriesPerSecond.toFixed(0)} entries a second.`,
  ].join("\n\n");
}

function renderStarts({ first, again }: StartTimes): string {
  const row = (what: string, times: readonly number[]): string[] => [
    what,
    median(times).toFixed(2),
    Math.min(...times).toFixed(2),
    Math.max(...times).toFixed(2),
  ];
  return renderTable(
    ["seconds", "median", "least", "most"],
    [row("empty folder", first), row("existing folder", again)],
  );
}

function renderFirstCalls(calls: readonly FirstHeldCall[]): string {
  const steps = Object.keys(calls[0]?.steps ?? {});
  const times = (step: string): number[] => calls.map((call) => call.steps[step] ?? 0);
  return renderTable(
    ["seconds, median", ...steps, "in all"],
    [
      [
        `${calls.length} rounds`,
        ...steps.map((step) => median(times(step)).toFixed(1)),
        median(calls.map((call) => call.seconds)).toFixed(1),
      ],
    ],
  );
}

function renderCircumstances({ startedAt, machine, plan, cycle }: Result): string {
  const memory = `${Math.round(machine.memoryBytes / 2 ** 30)} GB`;
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  const versions = [
    `Node ${machine.node}`,
    ...(cycle === undefined ? [] : [`PostgreSQL ${cycle.postgres}`]),
    ...packages,
  ];
  return [
    `${startedAt}, commit ${machine.commit}, \`npm run bench\` (${plan.name}: ${plan.rounds} × ${plan.measureMs / 1_000} s a cell, medians).`,
    `${machine.cores} × ${machine.cpu}, ${memory}, ${machine.system}; load before: ${machine.loadBefore.toFixed(1)}.`,
    `${versions.join(", ")}. Load generator, servers and database share the machine.`,
  ].join("\n");
}

/** Statements rarer than one in a hundred cycles are the service's own, not the cycle's. */
function renderRoundTrips(name: string, { cycles, statements }: CountedCycles): string {
  const frequent = statements.filter(({ calls }) => calls >= cycles / 100);
  const total = frequent.reduce((sum, { calls }) => sum + calls, 0) / cycles;
  const each = frequent.map(({ text, calls }) => `${(calls / cycles).toFixed(2)} × \`${shorten(text)}\``);
  return `SQL round trips a cycle, ${name}: ${total.toFixed(2)} (${each.join("; ")}).`;
}

function renderStored({ bytesPerHold, stored }: CycleResult): string {
  return `Holdpoint stored ${bytesPerHold.toFixed(0)} bytes a hold, with its decision, events, indexes and dead rows; ${stored.holds} holds were made, ${stored.decided} decided, ${stored.events} events logged.`;
}

function shorten(statement: string): string {
  const line = statement.replace(/\s+/g, " ").trim();
  return line.length <= 70 ? line : `${line.slice(0, 69)}…`;
}
