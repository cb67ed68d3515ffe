import { CYCLE_SUBJECTS, type CycleResult } from "../rows/cycle.ts";
import { readGoals } from "./goals.ts";
import { isBusy } from "./machine.ts";
import { renderBound, renderValue } from "./render-tables.ts";
import type { Result } from "./result.ts";
import { summarize } from "./summary.ts";

const BEGIN = "<!-- written by npm run bench -->";
const END = "<!-- end of what npm run bench writes -->";

/** The result in a few sentences, for the README: what was measured, and every goal that was missed. */
export function renderSummaryText(result: Result): string {
  const readings = readGoals(result);
  const missed = readings.filter(({ isMet }) => !isMet);
  const list = missed.map(
    ({ row, what, measured, unit, bound, goal }) =>
      `- ${row}: ${what}: ${renderValue(measured, unit)}, wanted ${renderBound(bound)} ${renderValue(goal, unit)}`,
  );
  const met = `Of ${readings.length} goals ${readings.length - missed.length} are met.`;
  return [
    ...(result.cycle === undefined ? [] : [renderCycles(result, result.cycle)]),
    ...(isBusy(result.machine)
      ? ["Other programs worked on the machine during this run, so the ratios tell more than the rates."]
      : []),
    missed.length === 0 ? met : `${met} Missed:`,
    ...(missed.length === 0 ? [] : [list.join("\n")]),
  ].join("\n\n");
}

/** Puts a text where the last one stands, between two comments. Throws when a page has no such place. */
export function replaceWritten(page: string, text: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to < from) throw new Error("The page has no place for what the benchmark writes.");
  return `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`;
}

function renderCycles({ plan, machine, startedAt }: Result, { cells }: CycleResult): string {
  const clients = plan.clients.at(-1) ?? 1;
  const summaries = summarize(cells).filter((summary) => summary.clients === clients);
  const rate = (subject: string): string =>
    Math.round(summaries.find((summary) => summary.subject === subject)?.cyclesPerSecond ?? 0).toLocaleString(
      "en",
    );
  const { bare, product, dbos, langgraph } = CYCLE_SUBJECTS;
  return `Approvals a second, ${clients} clients, on the ${machine.cores} cores that generator, servers and database share, ${startedAt.slice(0, 10)}: Holdpoint ${rate(product)}, a bare server ${rate(bare)}, DBOS ${rate(dbos)}, LangGraph.js ${rate(langgraph)}.`;
}
