import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

describeEachStore("a held run", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  beforeEach(async () => {
    tools = createTestTools();
    fixture = await createRunFixture(store(), { tools: tools.tools, script: obey });
    await fixture.startWorker();
  });
  afterEach(() => fixture.stop());

  test("nothing gated runs before a person has decided, and then exactly what was shown", async () => {
    const id = await fixture.start("delete 50");
    const held = await fixture.holding(id);
    expect(tools.done).toEqual([]);
    expect(held.holds[0]?.action).toMatchObject({
      name: "delete",
      arguments: { table: "users", count: 50, reason: "none" },
    });
    await fixture.approve(held);
    const run = await fixture.ended(id);
    expect(run).toMatchObject({
      status: "completed",
      output: 'delete: {"deleted":50}',
      endReason: "end_turn",
    });
    expect(tools.done).toEqual([{ name: "delete", arguments: held.holds[0]?.action?.arguments, attempt: 1 }]);
    expect(run.holds[0]).toMatchObject({
      status: "approved",
      fulfilment: "executed",
      execution: { result: { deleted: 50 } },
    });
    expect(await fixture.eventTypes(id)).toEqual([
      "run.started",
      "run.step",
      "hold.created",
      "run.holding",
      "hold.decided",
      "run.resumed",
      "action.executing",
      "action.executed",
      "run.step",
      "run.completed",
    ]);
  });

  test("modified executes exactly the modified arguments, as numbers, and the model learns of it (defect 33)", async () => {
    const id = await fixture.start("delete 50");
    const held = await fixture.holding(id);
    const hold = held.holds[0];
    await fixture.decide(hold?.id ?? "", {
      verdict: "modify",
      actionHash: hold?.action?.hash,
      modifications: { count: 10 },
    });
    const run = await fixture.ended(id);
    expect(tools.done).toEqual([
      { name: "delete", arguments: { table: "users", count: 10, reason: "none" }, attempt: 1 },
    ]);
    expect(run.toolCalls[0]).toMatchObject({ status: "succeeded", result: { deleted: 10 } });
    expect(JSON.stringify(run.messages.at(-2))).toContain("A reviewer changed the arguments");
  });

  test("a rejected call never runs, and the model is told why (defect 7)", async () => {
    const id = await fixture.start("delete 50");
    const held = await fixture.holding(id);
    await fixture.decide(held.holds[0]?.id ?? "", { verdict: "reject", comment: "They are customers." });
    const run = await fixture.ended(id);
    expect(tools.done).toEqual([]);
    expect(run.output).toBe("Action 'delete' was rejected by reviewer. Reason: They are customers.");
    expect(run.toolCalls[0]).toMatchObject({ status: "rejected", error: { code: "rejected" } });
  });

  test("a skipped call is told as skipped", async () => {
    const id = await fixture.start("delete 50");
    await fixture.decide((await fixture.holding(id)).holds[0]?.id ?? "", { verdict: "skip" });
    expect((await fixture.ended(id)).output).toContain("was skipped by reviewer");
  });

  test("pauses follow one another in one run (R235)", async () => {
    const id = await fixture.start("count users then delete 5 then send bob");
    await fixture.approve(await fixture.holding(id));
    await fixture.approve(
      await fixture.until(id, ({ status, holds }) => status === "holding" && holds.length === 2),
    );
    expect((await fixture.ended(id)).output).toBe(
      'count: {"count":300}\ndelete: {"deleted":5}\nsend: "sent"',
    );
    expect(tools.done.map(({ name }) => name)).toEqual(["count", "delete", "send"]);
  });

  describe("several calls in one turn", () => {
    test("those that need nobody run at once; the rest waits one by one and goes on as a whole (defects 8, 11, 13, 14)", async () => {
      const id = await fixture.start("delete 1; count users; send bob; delete 2");
      const held = await fixture.holding(id, 3);
      expect(tools.done.map(({ name }) => name)).toEqual(["count"]);
      const [first, second, third] = held.holds;
      await fixture.decide(third?.id ?? "", { verdict: "approve", actionHash: third?.action?.hash });
      await fixture.decide(first?.id ?? "", { verdict: "reject", comment: "no" });
      // One is open still: nothing that is gated has run.
      expect(tools.done).toHaveLength(1);
      await fixture.decide(second?.id ?? "", { verdict: "approve", actionHash: second?.action?.hash });
      const run = await fixture.ended(id);
      expect(tools.done.map(({ name }) => name)).toEqual(["count", "send", "delete"]);
      const told = run.messages.find(({ role }) => role === "tool")?.["content"] as {
        toolCallId: string;
        output: unknown;
      }[];
      const called = run.messages.find(({ role }) => role === "assistant")?.["content"] as {
        type: string;
        toolCallId: string;
      }[];
      expect(told.map(({ toolCallId }) => toolCallId)).toEqual(
        called.filter(({ type }) => type === "tool-call").map(({ toolCallId }) => toolCallId),
      );
      expect(told.map(({ output }) => output)).toEqual([
        { type: "execution-denied", reason: "Action 'delete' was rejected by reviewer. Reason: no" },
        { type: "json", value: { count: 300 } },
        { type: "text", value: "sent" },
        { type: "json", value: { deleted: 2 } },
      ]);
      expect(run.messages.filter(({ role }) => role === "tool")).toHaveLength(1);
    });
  });
});
