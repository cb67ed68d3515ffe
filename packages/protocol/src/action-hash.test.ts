import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actionHash, type ActionIdentity } from "./action-hash.ts";
import { isSha256 } from "./sha256.ts";

const action: ActionIdentity = {
  orgId: "org_1",
  tool: "delete_records",
  toolHash: `sha256:${"0".repeat(64)}`,
  arguments: { table_name: "users", count: 50 },
  agentId: "data_manager",
  runId: "run_1",
  toolCallId: "call_1",
};

test("is the SHA-256 of the canonical JSON, which anyone can recompute", () => {
  const text =
    `{"agentId":"data_manager","arguments":{"count":50,"table_name":"users"},"orgId":"org_1","runId":"run_1",` +
    `"tool":"delete_records","toolCallId":"call_1","toolHash":"sha256:${"0".repeat(64)}"}`;
  expect(actionHash(action)).toBe(`sha256:${createHash("sha256").update(text).digest("hex")}`);
  expect(isSha256(actionHash(action))).toBe(true);
});

test("absent counts as null", () => {
  expect(actionHash({ orgId: "o", tool: "t" })).toBe(
    actionHash({
      orgId: "o",
      tool: "t",
      toolHash: null,
      arguments: null,
      agentId: null,
      runId: null,
      toolCallId: null,
    }),
  );
});

describe("any change of any member changes the hash (I8)", () => {
  const members = ["orgId", "tool", "toolHash", "agentId", "runId", "toolCallId"] as const;
  test.each(members)("%s", (member) => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(text !== action[member]);
        expect(actionHash({ ...action, [member]: text })).not.toBe(actionHash(action));
      }),
    );
  });

  test("arguments", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const [left, right] = [JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other))];
        const isSame = isDeepStrictEqual(left, right);
        expect(
          actionHash({ ...action, arguments: left }) === actionHash({ ...action, arguments: right }),
        ).toBe(isSame);
      }),
    );
  });

  test("a value that moves from one member to another", () => {
    expect(actionHash({ orgId: "o", tool: "t", agentId: "x" })).not.toBe(
      actionHash({ orgId: "o", tool: "t", runId: "x" }),
    );
  });

  test("50 and '50' are not the same", () => {
    expect(actionHash({ ...action, arguments: { count: 50 } })).not.toBe(
      actionHash({ ...action, arguments: { count: "50" } }),
    );
  });
});
