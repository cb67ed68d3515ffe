import type { JsonObject, ToolCallStatus } from "@holdpoint/protocol";
import { expect, test } from "vitest";
import type { CallRow } from "./run-row.ts";
import { renderHistory, type EarlierRun } from "./session-history.ts";

const user: JsonObject = { role: "user", content: "pay" };
const called: JsonObject = {
  role: "assistant",
  content: [
    { type: "text", text: "I will." },
    { type: "tool-call", toolCallId: "c1", toolName: "pay", input: {} },
  ],
};

function call(status: ToolCallStatus, changes: Partial<CallRow> = {}): CallRow {
  return {
    id: "call_1",
    run_id: "run_1",
    step: 1,
    position: 0,
    provider_call_id: "c1",
    name: "pay",
    arguments: {},
    status,
    hold_id: null,
    action_hash: null,
    tool_hash: null,
    attempt: 0,
    result: null,
    error: null,
    steered: null,
    reused_from: null,
    started_at: null,
    ended_at: null,
    ...changes,
  };
}

function history(run: Partial<EarlierRun>): JsonObject[] {
  const [, ...rest] = renderHistory([
    {
      status: "cancelled",
      output: null,
      error: { code: "AgentCancelled" },
      messages: [user],
      calls: null,
      ...run,
    },
  ]);
  return rest;
}

/** What the model is told of the one call that was left behind. */
function told(left: CallRow, isSettled: boolean, error?: JsonObject): unknown {
  const [, tool] = history({
    messages: [user, called],
    calls: [{ call: left, isSettled, hold: null }],
    ...(error !== undefined && { error }),
  });
  const results = (tool?.["content"] ?? []) as {
    output: { value?: string; reason?: string };
    toolCallId: string;
  }[];
  expect(results.map(({ toolCallId }) => toolCallId)).toEqual(["c1"]);
  return results[0]?.output.value ?? results[0]?.output.reason;
}

test("each call that was left behind has its one result, and none looks done that may not be (I11, defect 12)", () => {
  expect(told(call("cancelled"), true)).toContain("cancelled by operator and not executed");
  expect(told(call("cancelled"), true, { code: "superseded" })).toContain("a newer message took the place");
  expect(told(call("cancelled", { attempt: 1 }), true)).toContain("may have been executed in part");
  for (const status of ["executing", "unknown"] as const)
    expect(told(call(status, { attempt: 1 }), false)).toContain("it may have been executed");
  // Broken off by the cancel: the call has ended, and its outcome is as little known.
  expect(told(call("unknown", { attempt: 1 }), true)).toContain("it may have been executed");
  // Settled after the run that reads this had begun: what it has been told stays.
  expect(told(call("succeeded", { attempt: 1, result: "paid" }), false)).toContain(
    "it may have been executed",
  );
  expect(told(call("succeeded", { attempt: 1, result: "paid" }), true)).toBe("paid");
  expect(told(call("rejected"), true)).toContain("rejected by reviewer");
});

test("a run without an answer ends in a sentence that says so, where the answer would be", () => {
  const [closing] = history({ error: { code: "AgentCancelled", reason: "wrong order" } });
  expect(closing).toEqual({
    role: "assistant",
    content: "(This was cancelled by an operator before an answer was given. Reason: wrong order)",
  });
  expect(history({ status: "failed", error: { code: "model_failed", message: "401: key sk-…" } })).toEqual([
    { role: "assistant", content: "(This ended with an error before an answer was given.)" },
  ]);
  expect(history({ error: { code: "superseded" } })[0]?.["content"]).toContain(
    "a newer message took its place",
  );
});

test("an answer that was held back is not taken for given", () => {
  const answer: JsonObject = { role: "assistant", content: [{ type: "text", text: "You get it all." }] };
  expect(
    history({
      status: "failed",
      error: { code: "result_rejected", comment: "far too much" },
      messages: [user, answer],
    }),
  ).toEqual([
    answer,
    { role: "user", content: "Your answer was held back and never given out. Reason: far too much" },
  ]);
});

test("what completed is told as it is; an answer from elsewhere too", () => {
  const answer: JsonObject = { role: "assistant", content: "done" };
  expect(history({ status: "completed", error: null, messages: [user, answer], output: "done" })).toEqual([
    answer,
  ]);
  expect(history({ status: "completed", error: null, output: "done" })).toEqual([answer]);
  expect(history({ status: "completed", error: null, output: "" })).toEqual([]);
});
