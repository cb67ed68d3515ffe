import { describe, expect, test } from "vitest";
import { REVIEWER, sampleHold, sampleHoldOf, SYSTEM } from "../../test/sample-hold.ts";
import type { Decider } from "./hold-state.ts";
import { hasRole, isSelfDecided, refusalToDecide } from "./right.ts";

const agentKey: Decider = { ...SYSTEM, id: "data_manager", kind: "agent_key" };
const operatorKey: Decider = {
  ...REVIEWER,
  id: "key_1",
  kind: "operator_key",
  memberId: "mem_admin",
  role: "admin",
};
const admin: Decider = { ...REVIEWER, id: "mem_admin", memberId: "mem_admin", role: "admin" };
const endUser: Decider = { ...SYSTEM, id: "alice", kind: "end_user" };

describe("roles", () => {
  test.each([
    // needed, who satisfies it
    ["reviewer", ["reviewer", "manager", "operator", "admin"]],
    ["manager", ["manager", "admin"]],
    ["operator", ["operator", "admin"]],
    ["admin", ["admin"]],
    ["treasurer", ["treasurer", "admin"]],
  ])("%s is satisfied by %j", (needed, roles) => {
    const all = ["viewer", "reviewer", "manager", "operator", "admin", "treasurer", null];
    expect(all.filter((role) => hasRole(role, needed))).toEqual(
      all.filter((role) => role !== null && roles.includes(role)),
    );
  });
});

describe("who asks cannot release (I9)", () => {
  test("an agent key never decides, whatever role it claims", () => {
    expect(refusalToDecide(sampleHold(), { ...agentKey, role: "admin" })).toEqual({
      code: "not_allowed",
      why: "agent_key",
    });
  });

  test("an operator key may decide what it asked for, which is recorded", () => {
    const hold = sampleHold({ requester: { id: "key_1", kind: "operator_key", memberId: "mem_admin" } });
    for (const by of [operatorKey, admin]) {
      expect(refusalToDecide(hold, by)).toBeUndefined();
      expect(isSelfDecided(hold, by)).toBe(true);
    }
    expect(isSelfDecided(hold, REVIEWER)).toBe(false);
  });

  test("unless the separation is strict", () => {
    const hold = sampleHold({
      requester: { id: "key_1", kind: "operator_key", memberId: "mem_admin" },
      separation: "strict",
    });
    for (const by of [operatorKey, admin])
      expect(refusalToDecide(hold, by)).toEqual({ code: "not_allowed", why: "requester" });
    expect(refusalToDecide(hold, REVIEWER)).toBeUndefined();
  });

  test("a member who asked in a session may not, not even through a key of theirs", () => {
    const hold = sampleHold({ requester: { id: "mem_admin", kind: "member", memberId: "mem_admin" } });
    for (const by of [operatorKey, admin])
      expect(refusalToDecide(hold, by)).toEqual({ code: "not_allowed", why: "requester" });
  });

  test("whoever started the run may, unless the route says otherwise", () => {
    const hold = sampleHold({ starterId: "mem_reviewer" });
    expect(refusalToDecide(hold, REVIEWER)).toBeUndefined();
    expect(refusalToDecide({ ...hold, separation: "starter" }, REVIEWER)).toEqual({
      code: "not_allowed",
      why: "starter",
    });
  });

  test("two machines without a member are not one human", () => {
    expect(isSelfDecided(sampleHold(), agentKey)).toBe(false);
  });
});

describe("end users and events", () => {
  test("the end user who is asked may answer, nobody else's", () => {
    const hold = sampleHoldOf("clarification", { endUserId: "alice" });
    expect(refusalToDecide(hold, endUser)).toBeUndefined();
    expect(refusalToDecide(hold, { ...endUser, id: "bob" })).toEqual({
      code: "not_allowed",
      why: "end_user",
    });
    expect(refusalToDecide(sampleHoldOf("clarification"), endUser)).toEqual({
      code: "not_allowed",
      why: "end_user",
    });
  });

  test("neither an end user nor an event approves an action", () => {
    const hold = sampleHold({ endUserId: "alice" });
    expect(refusalToDecide(hold, endUser)).toMatchObject({ code: "not_allowed" });
    expect(refusalToDecide(hold, SYSTEM)).toMatchObject({ code: "not_allowed" });
    expect(refusalToDecide(sampleHoldOf("escalation"), SYSTEM)).toMatchObject({ code: "not_allowed" });
  });

  test("an event answers an authorization", () =>
    expect(refusalToDecide(sampleHoldOf("authorization"), SYSTEM)).toBeUndefined());
});

test("a viewer decides nothing", () => {
  expect(refusalToDecide(sampleHold(), { ...REVIEWER, role: "viewer" })).toEqual({
    code: "not_allowed",
    why: "role",
    needsRole: "reviewer",
  });
});
