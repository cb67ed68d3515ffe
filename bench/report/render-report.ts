import { CYCLE_SUBJECTS, type CountedCycles, type CycleResult } from "../rows/cycle.ts";
import { EMBEDDED_SUBJECTS } from "../rows/embedded-cycle.ts";
import { readGoals } from "./goals.ts";
import type { Machine } from "./machine.ts";
import { renderTable } from "./markdown-table.ts";
import type { Result } from "./result.ts";
import { shareOf, summarize, type Summary } from "./summary.ts";

/** The whole report in Markdown, readable in a terminal too. */
export function renderReport(result: Result): string {
  const { cycle, embeddedCycle, plan } = result;
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
  if (embeddedCycle !== undefined) {
    const summaries = summarize(embeddedCycle.cells);
    sections.push(
      "## P7: the same on PGlite, fsync on",
      renderRates(summaries, EMBEDDED_SUBJECTS.statements),
      renderCosts(summaries, plan.embeddedClients),
    );
  }
  return `${sections.join("\n\n")}\n`;
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

function renderGoals(result: Result): string {
  return renderTable(
    ["goal", "measured", "wanted", ""],
    readGoals(result).map(({ row, what, measured, goal, isMet }) => [
      `${row}: ${what}`,
      percent(measured),
      `≥ ${percent(goal)}`,
      isMet ? "ok" : "below",
    ]),
  );
}

function renderRates(summaries: readonly Summary[], reference: string): string {
  return renderTable(
    ["", "clients", "cycles/s", "p50 ms", "p99 ms", `of ${reference}`],
    summaries.map((summary) => [
      summary.subject,
      String(summary.clients),
      summary.cyclesPerSecond.toFixed(0),
      summary.p50Ms.toFixed(2),
      summary.p99Ms.toFixed(2),
      percent(shareOf(summaries, summary.clients, summary.subject, reference)),
    ]),
  );
}

function renderCosts(summaries: readonly Summary[], clients: number): string {
  const ms = (value: number | undefined): string => value?.toFixed(3) ?? "-";
  return renderTable(
    [`CPU ms a cycle, ${clients} clients`, "server", "database", "generator", "log bytes"],
    summaries
      .filter((summary) => summary.clients === clients)
      .map(({ subject, cpuMs, walBytes }) => [
        subject,
        ms(cpuMs.server),
        ms(cpuMs.database),
        ms(cpuMs.generator),
        walBytes?.toFixed(0) ?? "-",
      ]),
  );
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

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function isBusy({ loadBefore, cores }: Machine): boolean {
  return loadBefore > cores / 4;
}
