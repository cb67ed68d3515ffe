import { CYCLE_SUBJECTS } from "../rows/cycle.ts";
import { EMBEDDED_SUBJECTS } from "../rows/embedded-cycle.ts";
import type { Result } from "./result.ts";
import { shareOf, summarize } from "./summary.ts";

/** A goal of the design's performance table and what was measured of it. */
export interface GoalReading {
  row: "P1" | "P7";
  what: string;
  /** A share: 0.6 is 60 %. */
  measured: number;
  goal: number;
  isMet: boolean;
}

/** Under this share of the bare server the design of the hot path is wrong, whatever the goal for later is. */
const FLOOR = 0.4;
const CYCLE_GOAL = 0.6;
const EMBEDDED_GOAL = 0.4;

/** The goals that this run can tell of. They count in a full run on a machine that does nothing else. */
export function readGoals({ cycle, embeddedCycle, plan }: Result): GoalReading[] {
  const readings: GoalReading[] = [];
  const add = (row: GoalReading["row"], what: string, measured: number, goal: number): void => {
    readings.push({ row, what, measured, goal, isMet: measured >= goal });
  };
  if (cycle !== undefined) {
    const clients = plan.clients.at(-1) ?? 1;
    const share = shareOf(summarize(cycle.cells), clients, CYCLE_SUBJECTS.product, CYCLE_SUBJECTS.bare);
    add("P1", `share of the bare server, ${clients} clients`, share, CYCLE_GOAL);
    add("P1", "the same: the least that the hot path's design must reach", share, FLOOR);
  }
  if (embeddedCycle !== undefined) {
    const clients = plan.embeddedClients;
    const summaries = summarize(embeddedCycle.cells);
    const share = shareOf(summaries, clients, EMBEDDED_SUBJECTS.product, EMBEDDED_SUBJECTS.statements);
    add("P7", `share of PGlite's own rate for the same SQL, ${clients} clients`, share, EMBEDDED_GOAL);
  }
  return readings;
}
