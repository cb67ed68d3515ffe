// The benchmark runs, and what it says agrees with itself. Never a bound on time: other tests run beside it.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CountedStatement } from "./measurement/observed-postgres.ts";
import { QUICK_PLAN } from "./plan.ts";
import { renderCyclesPlot } from "./report/cycles-plot.ts";
import { readGoals } from "./report/goals.ts";
import { renderReport } from "./report/render-report.ts";
import { renderGoals } from "./report/render-tables.ts";
import type { Result } from "./report/result.ts";
import { renderSummaryText } from "./report/summary-text.ts";
import { summarize } from "./report/summary.ts";
import { AGENT_SUBJECTS } from "./rows/agent-cycle.ts";
import { AUDIT_SUBJECTS } from "./rows/audit.ts";
import { CYCLE_SUBJECTS, type CycleResult } from "./rows/cycle.ts";
import { EMBEDDED_SUBJECTS } from "./rows/embedded-cycle.ts";

const out = mkdtempSync(join(tmpdir(), "holdpoint-bench-results-"));
let result: Result;
let cycle: CycleResult;
let printed: string;

beforeAll(async () => {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [main, "--quick", "--out", out]);
  printed = stdout;
  const file = readdirSync(out).find((name) => name.endsWith(".json")) ?? "";
  result = JSON.parse(readFileSync(join(out, file), "utf8")) as Result;
  cycle = result.cycle!;
}, 180_000);

afterAll(() => rmSync(out, { recursive: true, force: true }));

test("every subject is measured at every width in every round", () => {
  const expected = QUICK_PLAN.clients.flatMap((clients) =>
    Object.values(CYCLE_SUBJECTS).map((subject) => ({ subject, clients, round: 1 })),
  );
  expect(cycle.cells.map(({ subject, clients, round }) => ({ subject, clients, round }))).toEqual(expected);
  expect(result.embeddedCycle!.cells.map(({ subject }) => subject)).toEqual(Object.values(EMBEDDED_SUBJECTS));
});

test("the figures of a cell agree with one another", () => {
  const measured = [cycle, result.agentCycle!, result.embeddedCycle!, result.audit!];
  for (const cell of measured.flatMap(({ cells }) => cells)) {
    expect(cell.cycles).toBeGreaterThan(0);
    expect(cell.cyclesPerSecond).toBeCloseTo(cell.cycles / cell.seconds, 6);
    expect(cell.p50Ms).toBeGreaterThan(0);
    expect(cell.p99Ms).toBeGreaterThanOrEqual(cell.p50Ms);
    // Half of the cycles took p50 or longer, and every client made its cycles one after the other.
    expect((cell.cycles / 2) * cell.p50Ms).toBeLessThanOrEqual(cell.clients * cell.seconds * 1_000 * 1.01);
  }
});

test("every cycle that was counted is a hold in the database, decided, with two events", () => {
  const { made, holds, decided, events } = cycle.stored;
  expect({ holds, decided, events }).toEqual({ holds: made, decided: made, events: 2 * made });
  expect(cycle.bytesPerHold).toBeGreaterThan(500);
});

test("creating and deciding are one round trip each, in the bare server and in Holdpoint", () => {
  const callsOf = (statements: CountedStatement[], text: string): number | undefined =>
    statements.find((statement) => statement.text.includes(text))?.calls;
  const { bare, product } = cycle.roundTrips;
  expect(bare.cycles).toBe(QUICK_PLAN.countedCycles);
  expect(callsOf(bare.statements, "insert into holds")).toBe(bare.cycles);
  expect(callsOf(bare.statements, "update holds")).toBe(bare.cycles);
  expect(product.cycles).toBe(QUICK_PLAN.countedCycles);
  expect(callsOf(product.statements, "create_hold_v1")).toBe(product.cycles);
  expect(callsOf(product.statements, "decide_v1")).toBe(product.cycles);
});

test.runIf(process.platform === "linux")("CPU is read of every process that has a part", () => {
  const processesOf = (subject: string): string[] => {
    const { cpuMs } = cycle.cells.find((cell) => cell.subject === subject)!;
    return Object.entries(cpuMs).flatMap(([name, ms]) => (ms === undefined ? [] : [name]));
  };
  expect(processesOf(CYCLE_SUBJECTS.product)).toEqual(["server", "database", "generator"]);
  expect(processesOf(CYCLE_SUBJECTS.statements)).toEqual(["database", "generator"]);
  expect(processesOf(CYCLE_SUBJECTS.langgraph)).toEqual(["server", "database"]);
  // A single cell may be shorter than the kernel's tick.
  for (const name of ["server", "database", "generator"] as const) {
    expect(Math.max(...cycle.cells.map(({ cpuMs }) => cpuMs[name] ?? 0))).toBeGreaterThan(0);
  }
});

test("the report is what was measured: printed, written, and with every goal", () => {
  const report = renderReport(result);
  expect(printed.trim()).toBe(report.trim());
  expect(readFileSync(join(out, "latest.md"), "utf8")).toBe(report);
  const goals = readGoals(result);
  const rows = goals.map(({ row }) => row);
  expect(rows.join(" ")).toBe("P1 P1 P1 P1 P2 P2 P3 P6 P7 P8 P8 P8 P9 P9 P12 P13 P14 P14 P16 P16");
  for (const { what, measured, bound, goal, isMet } of goals) {
    expect(report).toContain(what);
    expect(measured).toBeGreaterThan(-Infinity);
    expect(isMet).toBe(bound === "least" ? measured >= goal : measured <= goal);
  }
});

test("who waits at another instance is told, and no sooner than the decision was sent", () => {
  const { count, afterAcceptance, afterSending } = result.wakeUps!;
  expect(count).toBeGreaterThan(0);
  expect(afterSending.p50Ms).toBeGreaterThan(0);
  expect(afterSending.p50Ms).toBeGreaterThanOrEqual(afterAcceptance.p50Ms);
});

test("an agent's cycle is measured in Holdpoint and in LangGraph.js", () => {
  const subjects = result.agentCycle!.cells.map(({ subject }) => subject);
  expect(subjects).toEqual(Object.values(AGENT_SUBJECTS));
});

test("the audit log is written by the one and not by the other, and its export is verified whole", () => {
  const { cells, cycles, entriesWithout, lag, verification } = result.audit!;
  expect(cells.map(({ subject }) => subject)).toEqual(Object.values(AUDIT_SUBJECTS));
  expect(entriesWithout).toBe(0);
  expect(lag.events).toBe(2 * (cycles[AUDIT_SUBJECTS.product] ?? 0));
  expect(lag.p50Ms).toBeGreaterThan(0);
  expect(verification.entries).toBe(QUICK_PLAN.verifiedEntries);
});

test("a service is started on an empty folder, and again on what is in it then", () => {
  const { first, again } = result.starts!;
  expect([first.length, again.length]).toEqual([QUICK_PLAN.starts, QUICK_PLAN.starts]);
});

test("a policy is asked one action at a time", () => {
  for (const { evaluations, p50Ms, p99Ms, maxMs } of [result.automaticGate!, result.policy!.indexed]) {
    expect(evaluations).toBeGreaterThan(0);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
    expect(maxMs).toBeGreaterThanOrEqual(p99Ms);
  }
  expect(result.policy!.rules).toBe(1_000);
});

test("who watches a run at another instance is told that it was paused and cancelled", () => {
  const { count, pause, cancel } = result.control!;
  expect(count).toBeGreaterThan(0);
  for (const { p50Ms, p99Ms } of [pause, cancel]) {
    expect(p50Ms).toBeGreaterThan(0);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
  }
});

test("everybody who was asked has their own answer, though the service was killed twice", () => {
  const { people, kills, astray } = result.questions!;
  expect({ people, kills, astray }).toEqual({ people: QUICK_PLAN.people, kills: 2, astray: 0 });
});

test("the picture shows the rates of the report", () => {
  const picture = readFileSync(join(out, "cycles.svg"), "utf8");
  const widest = summarize(cycle.cells).filter(({ clients }) => clients === QUICK_PLAN.clients.at(-1));
  for (const subject of ["bare", "product", "dbos", "langgraph"] as const) {
    const rate = widest.find((summary) => summary.subject === CYCLE_SUBJECTS[subject])!.cyclesPerSecond;
    expect(picture).toContain(`>${Math.round(rate).toLocaleString("en")}</text>`);
  }
});

test("what the README and the page about performance say is the last whole run", () => {
  const folder = fileURLToPath(new URL("results/", import.meta.url));
  const newest =
    readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .sort()
      .at(-1) ?? "";
  const kept = JSON.parse(readFileSync(join(folder, newest), "utf8")) as Result;
  const page = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
  expect(readFileSync(join(folder, "latest.md"), "utf8")).toBe(renderReport(kept));
  expect(page("README.md")).toContain(renderSummaryText(kept));
  expect(page("docs/explanation/performance.md")).toContain(renderGoals(kept));
  expect(page("docs/images/cycles.svg")).toBe(renderCyclesPlot(kept, kept.cycle!));
});
