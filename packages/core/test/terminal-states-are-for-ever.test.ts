import {
  HOLD_KINDS,
  isTerminalHold,
  isTerminalRun,
  isTerminalToolCall,
  ON_TIMEOUT,
  VERDICTS,
  type Route,
} from "@holdpoint/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addSeconds,
  bytesOf,
  effectiveStatus,
  transitionHold,
  transitionRun,
  transitionToolCall,
  type Decider,
  type HoldCommandInput,
  type HoldState,
} from "../src/index.ts";
import { anyToolCallInput, anyRunInput } from "./any-command.ts";
import { anySchema, CREATED_AT, REVIEWER, sampleAction, sampleHoldOf, SYSTEM } from "./sample-hold.ts";

const action = sampleAction();
const deciders: Decider[] = [
  REVIEWER,
  SYSTEM,
  { ...REVIEWER, id: "mem_2", memberId: "mem_2", name: "Second", role: "manager" },
  { ...REVIEWER, id: "mem_3", memberId: "mem_3", role: "viewer" },
  { ...REVIEWER, id: "mem_4", memberId: "mem_4", role: "admin", signedInAt: CREATED_AT },
  { ...REVIEWER, id: "key_2", memberId: "mem_2", role: "manager", kind: "operator_key" },
  { ...SYSTEM, id: "data_manager", kind: "agent_key" },
  { ...SYSTEM, id: "alice", kind: "end_user" },
];

const by = fc.constantFrom(...deciders);
const holdCommand: fc.Arbitrary<HoldCommandInput> = fc.oneof(
  fc.record({
    type: fc.constant("decide" as const),
    verdict: fc.constantFrom(...VERDICTS),
    by,
    actionHash: fc.constantFrom(action.hash, undefined, "sha256:other"),
    modifications: fc.constantFrom(undefined, { count: 10 }, { result: 1 }),
    answer: fc.constantFrom(undefined, true, { guidance: "x" }, { executed: "retry" }),
  }),
  fc.record({ type: fc.constant("cancel" as const), by }),
  fc.constant({ type: "timeout" as const }),
);
const anyHold = fc
  .record({
    kind: fc.constantFrom(...HOLD_KINDS),
    onTimeout: fc.constantFrom(...ON_TIMEOUT),
    isReversible: fc.boolean(),
    isUnknownExecution: fc.boolean(),
    quorum: fc.record({ required: fc.integer({ min: 1, max: 3 }), refusals: fc.integer({ min: 1, max: 2 }) }),
    route: fc.constantFrom<Route>(
      { role: "reviewer" },
      { allOf: [{ role: "reviewer" }, { role: "manager" }] },
      { anyOf: [{ user: "mem_reviewer" }, { after: "2m", to: { role: "manager" } }] },
    ),
    strength: fc.constantFrom("L1" as const, "L2" as const),
  })
  .map(({ kind, isReversible, ...changes }) =>
    sampleHoldOf(kind, {
      ...changes,
      endUserId: "alice",
      ...(kind === "approval" && isReversible
        ? { action: { ...action, reversibility: "reversible" as const } }
        : {}),
    }),
  );
/** Commands, each so many seconds after the one before. */
const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), holdCommand), { maxLength: 12 });

test("a hold has one outcome, for ever (I3)", () => {
  fc.assert(
    fc.property(anyHold, history, (start, commands) => {
      let hold: HoldState = start;
      let now = CREATED_AT;
      for (const [seconds, command] of commands) {
        now = addSeconds(now, seconds);
        const result = transitionHold(hold, command, now, anySchema);
        if (isTerminalHold(hold.status)) expect(result).toHaveProperty("code");
        if ("code" in result) continue;
        const records = result.effects.filter(({ type }) => type === "record").length;
        expect(records).toBeGreaterThan(0);
        expect(result.next.version).toBe(hold.version + records); // one event for each transition (I5)
        expect(result.next.action).toBe(hold.action); // the action never changes (I8)
        // Only people release, and as many different ones as are asked (I9); an answer to one end user needs no vote.
        const released = result.next.status === "approved" || result.next.status === "modified";
        if (released && result.next.outcome?.by.via !== "timeout") {
          const yes = result.next.votes.filter(
            (vote) => bytesOf(vote) === bytesOf(result.next.votes.at(-1) ?? vote),
          );
          expect(new Set(yes.map(({ by }) => by.id)).size).toBeGreaterThanOrEqual(
            Math.max(hold.quorum.required, result.witnesses?.length ?? 99),
          );
        }
        hold = result.next;
      }
    }),
    { numRuns: 500 },
  );
});

test("what a reader is shown never goes back, and time alone never releases what is not reversible (I6)", () => {
  fc.assert(
    fc.property(anyHold, fc.array(fc.integer({ min: 0, max: 3_000 })), (hold, steps) => {
      let now = CREATED_AT;
      let shown = effectiveStatus(hold, now);
      for (const seconds of steps) {
        now = addSeconds(now, seconds);
        const status = effectiveStatus(hold, now);
        if (isTerminalHold(shown)) expect(status).toBe(shown);
        if (status === "approved")
          expect(hold).toMatchObject({ onTimeout: "approve", action: { reversibility: "reversible" } });
        shown = status;
      }
    }),
  );
});

test("no person's decision counts after the deadline (I6)", () => {
  const late = fc.integer({ min: 300, max: 100_000 });
  fc.assert(
    fc.property(anyHold, late, holdCommand, (hold, seconds, command) => {
      fc.pre(command.type === "decide" && hold.onTimeout !== "hold" && hold.onTimeout !== "escalate");
      expect(transitionHold(hold, command, addSeconds(CREATED_AT, seconds), anySchema)).toHaveProperty(
        "code",
      );
    }),
  );
});

test("a run ends once", () => {
  fc.assert(
    fc.property(fc.array(anyRunInput, { maxLength: 30 }), (commands) => {
      let run = {
        id: "run_1",
        status: "queued" as const,
        pauseRequested: false,
        openHolds: 0,
        version: 1,
      } as Parameters<typeof transitionRun>[0];
      for (const command of commands) {
        const result = transitionRun(run, command);
        if (isTerminalRun(run.status) && !("code" in result))
          expect(result).toEqual({ next: run, effects: [] });
        if (!("code" in result)) run = result.next;
        if (run.status === "completed") expect(run.openHolds).toBe(0);
      }
    }),
    { numRuns: 500 },
  );
});

test("a tool call ends once", () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(anyToolCallInput, { maxLength: 30 }), (isIdempotent, commands) => {
      let call = {
        id: "call_1",
        status: "proposed",
        actionHash: "a",
        approvedHash: null,
        holdId: null,
        attempt: 0,
        isIdempotent,
      } as Parameters<typeof transitionToolCall>[0];
      for (const command of commands) {
        const result = transitionToolCall(call, command);
        if (isTerminalToolCall(call.status))
          expect(result).toEqual({ code: "call_ended", status: call.status });
        if (!("code" in result)) call = result.next;
      }
    }),
    { numRuns: 500 },
  );
});
