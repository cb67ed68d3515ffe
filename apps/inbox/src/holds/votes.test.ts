import type { HoldDetail, Me, Vote } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { agreementWith, approvalsOf, missingAfterMine } from "./votes.ts";

const me = { memberId: "mem_me" } as Me;
const vote = (id: string, verdict: Vote["verdict"], more: Partial<Vote> = {}): Vote => ({
  by: { id, name: id, via: "console", verifiedBy: "session" },
  verdict,
  at: "2026-01-01T00:00:00Z",
  actionHash: verdict === "approve" ? "sha256:a" : null,
  arguments: null,
  comment: null,
  ...more,
});
const hold = (required: number, ...votes: Vote[]) =>
  ({ action: { hash: "sha256:a" }, quorum: { required, refusals: 1, votes } }) as unknown as HoldDetail;

describe("votes are for bytes", () => {
  test.each<[string, HoldDetail, number, number]>([
    ["nobody has voted", hold(2), 0, 1],
    ["one has approved", hold(2, vote("mem_a", "approve")), 1, 0],
    ["a change is for other bytes", hold(2, vote("mem_a", "modify", { actionHash: "sha256:b" })), 0, 1],
    ["a no is none", hold(2, vote("mem_a", "reject")), 0, 1],
    ["my own vote does not count twice", hold(2, vote("mem_me", "approve")), 1, 1],
    ["one is enough", hold(1), 0, 0],
  ])("%s", (_, given, approvals, missing) => {
    expect([approvalsOf(given), missingAfterMine(given, me)]).toEqual([approvals, missing]);
  });

  test("agreeing with somebody's change sends their arguments, bound to the action on the screen", () => {
    const changed = vote("mem_a", "modify", { actionHash: "sha256:b", arguments: { count: 10 } });
    expect(agreementWith(changed, hold(2, changed))).toEqual({
      verdict: "modify",
      actionHash: "sha256:a",
      arguments: { count: 10 },
    });
    const unknown = vote("mem_a", "modify", { actionHash: "sha256:b" });
    expect(agreementWith(unknown, hold(2, unknown))).toBeUndefined();
  });
});
