import { describe, expect, test } from "vitest";
import { classify, type ActionFacts } from "./classify.ts";

const tool = (facts: Partial<ActionFacts> = {}) => classify({ name: "my_tool", arguments: {}, ...facts });

describe("requiresConfirmation decides if present", () => {
  test("true holds even what is reversible", () => {
    expect(tool({ requiresConfirmation: true, reversibility: "reversible" })).toMatchObject({
      held: true,
      level: "mandatory_review",
      tier: "sync_gate",
      impact: "low",
    });
  });

  test("false proceeds, even what is irreversible", () => {
    expect(tool({ requiresConfirmation: false, reversibility: "irreversible" })).toMatchObject({
      held: false,
      tier: "automated",
    });
    expect(tool({ name: "send_email", requiresConfirmation: false })).toMatchObject({ held: false });
  });

  test("a role holds and says who (R251)", () => {
    expect(tool({ requiresConfirmation: { role: "MANAGER" } })).toMatchObject({
      held: true,
      role: "manager",
    });
  });
});

describe("a threshold (R252), exactly at 100", () => {
  const at = (comparator: "gte" | "gt", count: unknown) =>
    tool({ requiresConfirmation: { threshold: 100, of: "count", comparator }, arguments: { count } as never })
      .held;

  test.each([
    [99, false, false],
    [100, true, false],
    [101, true, true],
    ["101", true, true], // cannot be compared: held
    [null, true, true],
    [undefined, true, true],
    [NaN, true, true],
  ])("%s: gte %s, gt %s", (count, gte, gt) => {
    expect(at("gte", count)).toBe(gte);
    expect(at("gt", count)).toBe(gt);
  });

  test("of a nested argument, and of one whose name has a dot", () => {
    const confirmation = { threshold: 100, of: "total.eur", comparator: "gte" } as const;
    expect(tool({ requiresConfirmation: confirmation, arguments: { total: { eur: 5 } } }).held).toBe(false);
    expect(tool({ requiresConfirmation: confirmation, arguments: { "total.eur": 500 } }).held).toBe(true);
    expect(tool({ requiresConfirmation: confirmation, arguments: { total: "5" } }).held).toBe(true);
  });

  test("without of, the action's value counts; a missing one is held", () => {
    const confirmation = { threshold: 100, comparator: "gte" } as const;
    expect(tool({ requiresConfirmation: confirmation, value: 99 }).held).toBe(false);
    expect(tool({ requiresConfirmation: confirmation, value: 100 }).held).toBe(true);
    expect(tool({ requiresConfirmation: confirmation }).held).toBe(true);
  });

  test("says what was compared", () => {
    const { reasons } = tool({
      requiresConfirmation: { threshold: 100, of: "count", comparator: "gte" },
      arguments: { count: 250 },
    });
    expect(reasons).toEqual([{ rule: "threshold", text: "count is 250, at least 100." }]);
  });
});

describe("else reversibility, declared or known by name", () => {
  test.each<[Partial<ActionFacts>, boolean, string]>([
    [{ reversibility: "reversible" }, false, "automated"],
    [{ reversibility: "partially_reversible" }, false, "automated"],
    [{ reversibility: "partially_reversible", value: 101 }, true, "async_review"],
    [{ reversibility: "irreversible" }, true, "sync_gate"],
    [{ name: "create_draft" }, false, "automated"],
    [{ name: "charge_card", value: 250 }, true, "async_review"],
    [{ name: "send_email" }, true, "sync_gate"],
    [{ name: "modify_config" }, true, "sync_gate"], // reversible, and gated by name
    [{ name: "modify_config", reversibility: "reversible" }, false, "automated"], // declared: the name counts no more
    [{ name: "publish_content" }, true, "sync_gate"],
  ])("%j: held %s, %s", (facts, held, tier) => expect(tool(facts)).toMatchObject({ held, tier }));
});

test("with neither, it is irreversible, held, and said to be undeclared (R55)", () => {
  expect(tool()).toEqual({
    reversibility: "irreversible",
    impact: "high",
    level: "mandatory_review",
    tier: "sync_gate",
    held: true,
    role: null,
    isUndeclared: true,
    reasons: [{ rule: "undeclared", text: "my_tool is not declared, so it counts as irreversible." }],
  });
  expect(tool({ name: "constructor" })).toMatchObject({ held: true, isUndeclared: true });
});

test("a declared impact stays; else it follows from class and value", () => {
  expect(tool({ impact: "low" }).impact).toBe("low");
  expect(tool({ reversibility: "partially_reversible", value: 50 }).impact).toBe("medium");
  expect(tool({ reversibility: "partially_reversible", value: 500 }).impact).toBe("high");
});
