import type { PolicyInput } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import type { PolicyFacts } from "../src/policies/evaluation.ts";
import { always, evaluate } from "./sample-policy.ts";

describe("whoever asks may only tighten", () => {
  test("the tier", () => {
    const proceeds = { name: "add_tag" };
    expect(evaluate({}, proceeds, { asked: { tier: "sync_gate" } })).toMatchObject({
      held: true,
      level: "mandatory_review",
      tier: "sync_gate",
      reasons: [{ rule: "asked" }, { rule: "reversibility" }],
    });
    const rule = always({ tier: "escalation" });
    expect(evaluate(rule, {}, { asked: { tier: "async_review" } }).tier).toBe("escalation");
    expect(evaluate({}, {}, { asked: { tier: "automated" } })).toMatchObject({
      held: true,
      tier: "sync_gate",
    });
  });

  test("a stricter tier lets in nobody whom the policy's own keeps out", () => {
    const policy: PolicyInput = {
      rules: [{ id: "r", effect: { tier: "sync_gate" } }],
      tiers: {
        sync_gate: { route: { role: "admin" }, quorum: { required: 2 }, strength: "L2" },
        escalation: { onTimeout: "approve" },
      },
    };
    expect(
      evaluate(policy, { reversibility: "reversible" }, { asked: { tier: "escalation" } }),
    ).toMatchObject({
      tier: "escalation",
      route: { role: "admin" },
      quorum: { required: 2 },
      strength: "L2",
      onTimeout: "reject",
    });
  });

  test("the route", () => {
    const route = (asked: NonNullable<PolicyFacts["asked"]>) =>
      evaluate(always({ route: { role: "manager" } }), {}, { asked }).route;
    expect(route({ route: { role: "admin" } })).toEqual({ role: "admin" });
    expect(route({ route: { role: "reviewer" } })).toEqual({ role: "manager" });
    // Of whom it is not known whether they may decide: asked besides, never instead.
    const bob = { user: "bob@example.com" };
    expect(route({ route: bob })).toEqual({ allOf: [{ role: "manager" }, bob] });
  });

  test("the time: shorter than the policy's, any where the policy says nothing", () => {
    const seconds = (policy: PolicyInput, timeoutSeconds: number) =>
      evaluate(policy, {}, { asked: { timeoutSeconds } }).timeoutSeconds;
    const policy = always({ timeoutSeconds: 600 });
    expect([60, 600, 6_000].map((asked) => seconds(policy, asked))).toEqual([60, 600, 600]);
    expect([60, 6_000, 0, NaN, Infinity].map((asked) => seconds({}, asked))).toEqual([
      60, 6_000, 300, 300, 300,
    ]);
  });

  test("silence brings it before nobody whom the policy keeps out", () => {
    const asked = { onTimeout: "escalate" } as const;
    const rule = (role: "admin" | "reviewer") => always({ tier: "sync_gate", route: { role } });
    expect(evaluate(rule("admin"), {}, { asked })).toMatchObject({
      route: { role: "admin" },
      onTimeout: "reject",
    });
    expect(evaluate(rule("reviewer"), {}, { asked }).onTimeout).toBe("escalate");
    const named = always({ tier: "sync_gate", route: { role: "admin" }, onTimeout: "escalate" });
    expect(evaluate(named, {}, { asked }).onTimeout).toBe("escalate");
  });

  test("silence releases nothing that the policy does not release, and no sooner", () => {
    const asked = { onTimeout: "approve", timeoutSeconds: 1 } as const;
    const reversible = { reversibility: "reversible" } as const;
    const rule = always({ tier: "sync_gate" });
    expect(evaluate(rule, reversible, { asked }).onTimeout).toBe("reject");
    expect(evaluate({}, { ...reversible, requiresConfirmation: true }, { asked }).onTimeout).toBe("reject");
    const own = { asked: { ...asked, tier: "sync_gate" } } as const;
    expect(evaluate({}, reversible, own)).toMatchObject({ onTimeout: "approve", timeoutSeconds: 1 });
    const approving = always({ tier: "sync_gate", onTimeout: "approve", timeoutSeconds: 200 });
    expect(evaluate(approving, reversible, { asked })).toMatchObject({
      onTimeout: "approve",
      timeoutSeconds: 200,
    });
    const rejecting = { asked: { onTimeout: "reject", timeoutSeconds: 1 } } as const;
    expect(evaluate(approving, reversible, rejecting)).toMatchObject({
      onTimeout: "reject",
      timeoutSeconds: 1,
    });
  });

  test("silence never approves what cannot be taken back (R96)", () => {
    for (const reversibility of ["irreversible", "partially_reversible"] as const) {
      const found = evaluate(always({ tier: "sync_gate", onTimeout: "approve" }), { reversibility });
      expect(found.onTimeout).toBe("reject");
      expect(found.reasons.at(-1)?.rule).toBe("on_timeout");
    }
  });
});
