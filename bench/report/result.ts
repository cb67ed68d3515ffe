import type { ControlTimes } from "../load/control-generator.ts";
import type { WakeUps } from "../load/wake-up-generator.ts";
import type { Measured } from "../measurement/measure-all.ts";
import type { Plan } from "../plan.ts";
import type { AuditResult } from "../rows/audit.ts";
import type { CycleResult } from "../rows/cycle.ts";
import type { EvaluationTimes, PolicyTimes } from "../rows/policy.ts";
import type { FirstHeldCall } from "../rows/first-held-call.ts";
import type { QuestionsResult } from "../rows/questions.ts";
import type { StartTimes } from "../rows/start.ts";
import type { Waiters } from "../rows/waiters.ts";
import type { Machine } from "./machine.ts";

/** Everything that one run measured, as it is written to results/. A row that was not asked for is absent. */
export interface Result {
  /** RFC 3339. */
  startedAt: string;
  plan: Plan;
  machine: Machine;
  /** P1. */
  cycle?: CycleResult;
  /** P2. */
  wakeUps?: WakeUps;
  /** P3. */
  agentCycle?: Measured;
  /** P6. */
  waiters?: Waiters;
  /** P7. */
  embeddedCycle?: Measured;
  /** P8. */
  audit?: AuditResult;
  /** P9. */
  starts?: StartTimes;
  /** P12. */
  automaticGate?: EvaluationTimes;
  /** P13. */
  policy?: PolicyTimes;
  /** P14. */
  control?: ControlTimes;
  /** P15. */
  firstHeldCalls?: FirstHeldCall[];
  /** P16. */
  questions?: QuestionsResult;
}
