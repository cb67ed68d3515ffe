import fc from "fast-check";
import type { RunInput, ToolCallInput } from "../src/index.ts";

const holdId = fc.constantFrom("hold_1", "hold_2");
const actionHash = fc.constantFrom("a", "b");

export const anyRunInput: fc.Arbitrary<RunInput> = fc.oneof(
  fc.constantFrom(
    { type: "start" as const },
    { type: "release" as const },
    { type: "resume" as const },
    { type: "fail" as const },
    { type: "cancel" as const },
  ),
  fc.record({ type: fc.constant("hold" as const), openHolds: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ type: fc.constant("pause" as const), isStepInFlight: fc.boolean() }),
  fc.record({
    type: fc.constant("complete" as const),
    endReason: fc.constantFrom("end_turn" as const, "step_limit" as const),
  }),
);

export const anyToolCallInput: fc.Arbitrary<ToolCallInput> = fc.oneof(
  fc.record({ type: fc.constantFrom("gate" as const, "approve" as const), holdId, actionHash }),
  fc.record({
    type: fc.constantFrom("reject" as const, "skip" as const, "expire" as const),
    holdId,
  }),
  fc.record({ type: fc.constant("suspend" as const), holdIds: fc.array(holdId, { maxLength: 2 }) }),
  fc.record({ type: fc.constant("resume" as const), openHoldIds: fc.array(holdId, { maxLength: 1 }) }),
  fc.constantFrom(
    { type: "cancel" as const },
    { type: "refuse" as const },
    { type: "succeed" as const },
    { type: "fail" as const },
    { type: "lose" as const },
  ),
  fc.record({ type: fc.constant("start" as const), actionHash, isAutomatic: fc.boolean() }),
  fc.record({
    type: fc.constant("retry" as const),
    because: fc.constantFrom("answered" as const, "idempotent" as const),
  }),
);
