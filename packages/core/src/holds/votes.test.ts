import { actionHash, STRENGTHS, type Route } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { EXPIRES_AT, NOW, REVIEWER, sampleAction, sampleHold, sampleHoldOf } from "../../test/sample-hold.ts";
import type { DecideCommand, HoldTransition } from "./hold-command.ts";
import type { Decider, HoldState } from "./hold-state.ts";
import { transitionHold } from "./transition-hold.ts";

const action = sampleAction();
const two = { quorum: { required: 2, refusals: 2 } };
const member = (name: string, changes: Partial<Decider> = {}): Decider => ({
  ...REVIEWER,
  id: `mem_${name}`,
  memberId: `mem_${name}`,
  email: `${name}@example.com`,
  name,
  ...changes,
});
const [ada, rob, mia] = [member("ada"), member("rob"), member("mia", { role: "manager" })];

function decide(hold: HoldState, by: Decider, command: Partial<DecideCommand> = {}, now = NOW) {
  return transitionHold(
    hold,
    { type: "decide", verdict: "approve", by, actionHash: action.hash, ...command },
    now,
    (_schema, value) => ({ value }),
  );
}
function vote(hold: HoldState, by: Decider, command: Partial<DecideCommand> = {}): HoldTransition {
  const result = decide(hold, by, command);
  if ("code" in result) throw new Error(`refused: ${JSON.stringify(result)}`);
  return result;
}

describe("a vote that decides nothing", () => {
  test("leaves the hold pending, with one event and nothing executed (I5)", () => {
    const { next, effects } = vote(sampleHold(two), ada, { comment: "fine" });
    expect(next).toMatchObject({
      status: "pending",
      outcome: null,
      decidedAt: null,
      fulfilment: "none",
      version: 2,
    });
    expect(next.votes).toMatchObject([
      { by: { id: "mem_ada" }, verdict: "approve", actionHash: action.hash, comment: "fine" },
    ]);
    expect(effects).toEqual([
      expect.objectContaining({ type: "record", event: "hold.voted", rationale: "fine" }),
      { type: "notify", holdId: "hold_1", about: "voted" },
    ]);
  });

  test("the one that is enough ends it, and says who was counted", () => {
    const first = vote(sampleHold(two), ada).next;
    const { next, effects, witnesses } = vote(first, rob);
    expect(next).toMatchObject({
      status: "approved",
      fulfilment: "waiting",
      version: 3,
      outcome: { by: { id: "mem_rob" } },
    });
    expect(effects[0]).toMatchObject({ event: "hold.decided", decision: "approved" });
    expect(witnesses?.map(({ by }) => by)).toEqual(["mem_ada", "mem_rob"]);
    expect(decide(next, mia)).toMatchObject({ code: "already_decided", winner: { by: { id: "mem_rob" } } }); // I3
  });

  test("one human is one vote, by key and by session (I9, defect 27)", () => {
    const byKey = { ...ada, id: "key_1", kind: "operator_key" as const, verifiedBy: "operator_key" };
    const { next } = vote(vote(sampleHold(two), ada).next, byKey);
    expect(next).toMatchObject({ status: "pending" });
    expect(next.votes).toHaveLength(1);
  });
});

test("yes is for bytes: another change is another vote, the same change counts with it", () => {
  const ten = { verdict: "modify", modifications: { count: 10 } } as const;
  const hold = vote(vote(sampleHold(two), ada).next, rob, ten).next;
  expect(hold.status).toBe("pending");
  const { next } = vote(hold, mia, { verdict: "modify", arguments: { count: 10, table_name: "users" } });
  expect(next).toMatchObject({ status: "modified", outcome: { arguments: { count: 10 } } });
  expect(next.outcome?.actionHash).toBe(
    actionHash({
      orgId: "org_1",
      tool: "delete_records",
      toolHash: null,
      arguments: { table_name: "users", count: 10 },
      agentId: "data_manager",
      runId: "run_1",
      toolCallId: "call_1",
    }),
  );
});

test("noes end it at their own limit; skipped only where nobody said reject", () => {
  const quorum = { required: 3, refusals: 2 };
  const no = (verdict: "reject" | "skip") => ({ verdict, actionHash: undefined });
  const rejected = vote(vote(sampleHold({ quorum }), ada, no("reject")).next, rob, no("skip"));
  expect(rejected.next).toMatchObject({ status: "rejected", fulfilment: "none" });
  expect(vote(vote(sampleHold({ quorum }), ada, no("skip")).next, rob, no("skip")).next.status).toBe(
    "skipped",
  );
  const changedMind = vote(vote(sampleHold({ quorum }), ada, no("reject")).next, ada);
  expect(vote(changedMind.next, rob, no("reject")).next.status).toBe("pending");
});

test("a question asked of two is answered when both say the same", () => {
  const hold = sampleHoldOf("clarification", two);
  const answer = (value: boolean) => ({ verdict: "answer", answer: value, actionHash: undefined }) as const;
  const once = vote(hold, ada, answer(true)).next;
  expect(vote(once, rob, answer(false)).next.status).toBe("pending");
  expect(vote(once, rob, answer(true)).next).toMatchObject({ status: "answered", outcome: { answer: true } });
});

describe("no vote counts after the deadline (I6)", () => {
  test("nor the votes of before, once it ended", () => {
    const once = vote(sampleHold(two), ada).next;
    expect(decide(once, rob, {}, EXPIRES_AT)).toMatchObject({ code: "expired" });
  });

  test("an escalation asks others, and voids what was said before (I8)", () => {
    const once = vote(sampleHold({ ...two, onTimeout: "escalate" }), mia).next;
    const result = decide(once, member("zoe", { role: "manager" }), {}, EXPIRES_AT);
    expect(result).toMatchObject({ next: { status: "pending", votes: [{ by: { id: "mem_zoe" } }] } });
    expect("effects" in result && result.effects.filter(({ type }) => type === "record")).toHaveLength(2);
  });
});

describe("separation of duties (I9)", () => {
  const asked = { requester: { id: "mem_ada", kind: "member" as const, memberId: "mem_ada" } };
  const route: Route = { anyOf: [{ user: "mem_ada" }, { role: "manager" }] };

  test("the requester of a composed route does not vote, nor whoever stands in for them", () => {
    const deputy = member("rob", {
      role: "viewer",
      standsInFor: [
        { memberId: "mem_ada", email: "ada@example.com", role: "reviewer", delegationId: "dlg_1" },
      ],
    });
    const hold = sampleHold({ ...asked, route });
    expect(decide(hold, ada)).toMatchObject({ code: "not_allowed", why: "requester" });
    expect(decide(hold, deputy)).toMatchObject({ code: "not_allowed", why: "requester" });
    expect(decide(hold, mia)).toMatchObject({ next: { status: "approved" } });
    expect(decide(sampleHold({ route }), deputy)).toMatchObject({ next: { status: "approved" } });
  });

  test("the starter neither, where the route keeps them apart", () => {
    const hold = sampleHold({ starterId: "mem_mia", separation: "starter", route });
    expect(decide(hold, mia)).toMatchObject({ code: "not_allowed", why: "starter" });
  });
});

describe("strength", () => {
  const at = (seconds: number) =>
    new Date(Date.parse("2026-08-01T12:04:59.999Z") - seconds * 1_000).toISOString();
  const fresh = { ...rob, signedInAt: at(299) };
  const stale = { ...rob, signedInAt: at(301) };
  const key = { ...rob, kind: "operator_key" as const, signedInAt: null };

  test.each([
    ["L0", [true, true, true]],
    ["L1", [true, true, true]],
    ["L2", [true, false, false]],
    ["L3", [false, false, false]],
  ] as const)("%s: signed in just now, signed in before, key: %j", (strength, allowed) => {
    expect([fresh, stale, key].map((by) => "next" in decide(sampleHold({ strength }), by))).toEqual(allowed);
    expect(STRENGTHS).toContain(strength);
  });

  test("is asked of a refusal too, and told", () =>
    expect(decide(sampleHold({ strength: "L2" }), key, { verdict: "reject", actionHash: undefined })).toEqual(
      {
        code: "not_strong_enough",
        needs: "L2",
        has: "L1",
      },
    ));
});
