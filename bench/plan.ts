/** How long and how wide everything is measured. */
export interface Plan {
  name: "full" | "quick";
  /** Concurrent clients of P1. The goal counts at the last. */
  clients: readonly number[];
  /** Concurrent clients of P7. */
  embeddedClients: number;
  /** Every cell is measured this often, all subjects in turn; medians count. */
  rounds: number;
  warmUpMs: number;
  measureMs: number;
  /** An end for a cell on a machine faster than any known. */
  maxCycles: number;
  /** Cycles of one client over which round trips are counted. */
  countedCycles: number;
}

export const FULL_PLAN: Plan = {
  name: "full",
  clients: [1, 8, 32],
  embeddedClients: 8,
  rounds: 3,
  warmUpMs: 1_500,
  measureMs: 6_000,
  maxCycles: 500_000,
  countedCycles: 300,
};

/** Shows that the benchmark works; its figures mean little. */
export const QUICK_PLAN: Plan = {
  ...FULL_PLAN,
  name: "quick",
  clients: [1, 8],
  rounds: 1,
  warmUpMs: 200,
  measureMs: 1_000,
  countedCycles: 50,
};
