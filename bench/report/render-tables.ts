import { readGoals, type Bound, type GoalReading, type Unit } from "./goals.ts";
import { renderTable } from "./markdown-table.ts";
import type { Result } from "./result.ts";
import { shareOf, type Summary } from "./summary.ts";

/** Every goal that was measured, and whether it is met. */
export function renderGoals(result: Result): string {
  return renderTable(["goal", "measured", "wanted", ""], readGoals(result).map(renderGoal));
}

function renderGoal({ row, what, unit, measured, bound, goal, isMet }: GoalReading): string[] {
  const miss = bound === "least" ? "below" : "above";
  return [
    `${row}: ${what}`,
    renderValue(measured, unit),
    `${renderBound(bound)} ${renderValue(goal, unit)}`,
    isMet ? "ok" : miss,
  ];
}

/** As a sign. */
export function renderBound(bound: Bound): string {
  return bound === "least" ? "≥" : "≤";
}

/** A value with its unit. */
export function renderValue(value: number, unit: Unit): string {
  switch (unit) {
    case "share":
      return percent(value);
    case "multiple":
      return `${value.toFixed(1)}x`;
    case "ms":
    case "s":
      return `${value.toFixed(value < 0.1 ? 3 : 1)} ${unit}`;
    case "people":
      return String(value);
    case "kB":
      return `${value.toFixed(1)} kB`;
    case "entries/s":
      return `${Math.round(value).toLocaleString("en")}/s`;
    default:
      throw new TypeError(`No such unit: ${String(unit satisfies never)}`);
  }
}

/** Cycles per second and their times, each beside the reference. */
export function renderRates(summaries: readonly Summary[], reference: string): string {
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

/** CPU of every process for a cycle, at one width. */
export function renderCosts(summaries: readonly Summary[], clients: number): string {
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

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
