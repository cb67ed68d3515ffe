/*
 * Holdpoint for tests of your own, in any test runner:
 *
 *   await using holdpoint = await startHoldpoint({ config, humans: [approve({ after: { minutes: 2 } })] });
 *   await holdpoint.client.runs.start("shop_helper", { input: "Refund order 17, 40 euros" });
 *   await holdpoint.clock.advance({ minutes: 2 });
 *   await holdpoint.expectExecuted("refund", { times: 1, with: { order: 17 } });
 */

// The server.
export {
  startHoldpoint,
  type PersonOptions,
  type StartOptions,
  type TestHoldpoint,
} from "./start-holdpoint.ts";

// Scripted people.
export {
  answer,
  approve,
  change,
  neverAnswer,
  reject,
  rejectAbove,
  skip,
  type Human,
  type RejectAboveOptions,
  type Reply,
  type WhenOptions,
} from "./human.ts";

// Time.
export type { Clock } from "./clock.ts";
export type { Duration } from "./duration.ts";

// What was executed.
export type { Execution, Expected } from "./executions.ts";
