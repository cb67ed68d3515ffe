import type { Plan } from "../plan.ts";

/** What every row is measured with. */
export interface RowOptions {
  plan: Plan;
  log: (line: string) => void;
  /** Options of Node for Holdpoint's process. */
  productNodeOptions: readonly string[];
}
