import type { Measured } from "../measurement/measure-all.ts";
import type { Plan } from "../plan.ts";
import type { CycleResult } from "../rows/cycle.ts";
import type { Machine } from "./machine.ts";

/** Everything that one run measured, as it is written to results/. */
export interface Result {
  /** RFC 3339. */
  startedAt: string;
  plan: Plan;
  machine: Machine;
  /** P1; absent when only P7 was asked for. */
  cycle?: CycleResult | undefined;
  /** P7; absent when only P1 was asked for. */
  embeddedCycle?: Measured | undefined;
}
