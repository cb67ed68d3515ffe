import { FULFILMENT_COMMANDS, type Verdict } from "@holdpoint/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  transitionFulfilment,
  transitionHold,
  transitionToolCall,
  type HoldState,
  type ToolCallInput,
  type ToolCallState,
} from "../src/index.ts";
import { anyToolCallInput } from "./any-command.ts";
import { anySchema, NOW, REVIEWER, sampleAction, sampleHold, SYSTEM } from "./sample-hold.ts";

const proposed: ToolCallState = {
  id: "call_1",
  status: "proposed",
  actionHash: "a",
  approvedHash: null,
  holdId: null,
  attempt: 0,
  isIdempotent: false,
};

test("no sequence of commands starts a gated call without an approval of the same bytes (I1)", () => {
  fc.assert(
    fc.property(fc.array(anyToolCallInput, { maxLength: 40 }), (commands) => {
      let call = proposed;
      // Kept apart from the state machine's own book: the last approval since the last gate.
      let gate: { holdId: string; approved: string | null } | null = null;
      for (const command of commands) {
        const result = transitionToolCall(call, command);
        if ("code" in result) continue;
        if (command.type === "gate") gate = { holdId: command.holdId, approved: null };
        if (command.type === "approve" && gate?.holdId === command.holdId) gate.approved = command.actionHash;
        if (command.type === "start") {
          expect(gate === null ? command.isAutomatic && call.actionHash : gate.approved).toBe(
            command.actionHash,
          );
        }
        call = result.next;
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a call starts once; again only from a suspension, or after a loss that was cleared up (I2)", () => {
  fc.assert(
    fc.property(fc.array(anyToolCallInput, { maxLength: 40 }), (commands) => {
      let call = proposed;
      const starts: ToolCallInput["type"][] = [];
      for (const command of commands) {
        const result = transitionToolCall(call, command);
        if ("code" in result) continue;
        if (result.next.status === "executing") starts.push(command.type);
        call = result.next;
      }
      expect(starts.filter((type) => type === "start").length).toBeLessThanOrEqual(1);
      expect(starts.every((type) => ["start", "resume", "retry"].includes(type))).toBe(true);
      expect(call.attempt).toBe(starts.length);
    }),
    { numRuns: 1_000 },
  );
});

const verdict = fc.constantFrom<Verdict>("approve", "modify", "reject", "skip", "answer");
const hashes = [sampleAction().hash, sampleAction({ table_name: "users", count: 10 }).hash, "sha256:other"];
const step = fc.oneof(
  fc.record({
    kind: fc.constant("decide" as const),
    verdict,
    count: fc.constantFrom(10, 50),
    actionHash: fc.constantFrom(...hashes),
  }),
  fc.record({ kind: fc.constant("cancel" as const) }),
  fc.record({
    kind: fc.constant("fulfil" as const),
    type: fc.constantFrom(...FULFILMENT_COMMANDS.filter((command) => command !== "release")),
    actionHash: fc.constantFrom(...hashes),
  }),
);

test("a hold hands out its action once, and only what a person saw or wrote", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let hold: HoldState = sampleHold();
      let starts = 0;
      let retries = 0;
      for (const each of steps) {
        if (each.kind !== "fulfil") {
          const command =
            each.kind === "cancel"
              ? ({ type: "cancel", by: SYSTEM } as const)
              : ({
                  type: "decide",
                  verdict: each.verdict,
                  by: REVIEWER,
                  actionHash: each.actionHash,
                  ...(each.verdict === "modify" ? { modifications: { count: each.count } } : {}),
                } as const);
          const result = transitionHold(hold, command, NOW, anySchema);
          if (!("code" in result)) hold = result.next;
          continue;
        }
        const claim = { orgId: "org_1", runId: "run_1", actionHash: each.actionHash };
        const result = transitionFulfilment(
          hold,
          each.type === "start" ? { type: each.type, ...claim } : { type: each.type },
        );
        if ("code" in result) continue;
        if (each.type === "retry") retries += 1;
        if (each.type === "start") {
          starts += 1;
          const released = hold.status === "modified" ? 10 : 50;
          expect(["approved", "modified"]).toContain(hold.status);
          expect(each.actionHash).toBe(sampleAction({ table_name: "users", count: released }).hash);
        }
        hold = result.next;
      }
      expect(starts).toBeLessThanOrEqual(1 + retries);
    }),
    { numRuns: 2_000 },
  );
});
