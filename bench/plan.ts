/** How long and how wide everything is measured. */
export interface Plan {
  name: "full" | "quick";
  /** One row after the other; without it all at once, which is quicker and makes the figures worthless. */
  isOneByOne: boolean;
  /** Concurrent clients of P1. The goal counts at the last. */
  clients: readonly number[];
  /** Concurrent clients of P7. */
  embeddedClients: number;
  /** Pairs of clients of P2, of which one waits while the other one decides. */
  wakeUpPairs: number;
  /** Operators of P14, each with a run at a time. */
  operators: number;
  /** Concurrent clients of P3. The goal counts at the last. */
  agentClients: readonly number[];
  /** Rounds of P8, more than elsewhere: a small difference is sought. */
  auditRounds: number;
  /** Entries of the log that P8 verifies. */
  verifiedEntries: number;
  /** How long P12 and P13 evaluate policies, each. */
  policyMs: number;
  /** End users with an open question each, P16. */
  people: number;
  /** Event streams that P6 opens. */
  waiters: number;
  /** How often P9 starts the service. */
  starts: number;
  /** How often P15 goes from an empty folder to a held call; 0 leaves it to test/installed-packages.test.ts, which does it too. */
  firstCalls: number;
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
  isOneByOne: true,
  clients: [1, 8, 32],
  embeddedClients: 8,
  wakeUpPairs: 8,
  operators: 4,
  agentClients: [8, 32],
  auditRounds: 5,
  verifiedEntries: 250_000,
  policyMs: 3_000,
  people: 5_000,
  waiters: 10_000,
  starts: 5,
  firstCalls: 3,
  rounds: 3,
  warmUpMs: 1_500,
  measureMs: 5_000,
  maxCycles: 500_000,
  countedCycles: 300,
};

/** Shows that the benchmark works; its figures mean nothing. */
export const QUICK_PLAN: Plan = {
  ...FULL_PLAN,
  name: "quick",
  isOneByOne: false,
  clients: [4],
  embeddedClients: 4,
  rounds: 1,
  warmUpMs: 20,
  measureMs: 150,
  countedCycles: 20,
  wakeUpPairs: 2,
  operators: 1,
  agentClients: [4],
  auditRounds: 1,
  verifiedEntries: 5_000,
  policyMs: 100,
  people: 12,
  waiters: 100,
  starts: 1,
  firstCalls: 0,
};
