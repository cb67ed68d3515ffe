import { z } from "zod";
import { afterEach, describe, expect, test } from "vitest";
import type { ConfirmationOption } from "../../src/agents/confirmation.ts";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { defineTool, type DefinedTool, type ToolOptions } from "../../src/agents/tool.ts";
import { createSweeper } from "../../src/holds/sweeper.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import pino from "pino";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";

const input = z.object({ amount: z.number(), to: z.string().default("shop") });
type Args = z.output<typeof input>;

/** Pays the number in the message. */
const pay: Script = ({ text, results }) =>
  results.length === 0
    ? { toolCalls: [{ name: "pay", arguments: { amount: Number(text) } }] }
    : { text: results.map(({ problem, result }) => problem ?? JSON.stringify(result)).join(" ") };

describeEachStore("who must confirm", (store) => {
  let fixture: RunFixture;
  let paid: Args[];
  afterEach(() => fixture.stop());

  function payTool(options: Partial<ToolOptions<typeof input>>): DefinedTool {
    return defineTool({
      name: "pay",
      description: "Pays.",
      input,
      execute(args) {
        paid.push(args);
        return { paid: args.amount };
      },
      ...options,
    });
  }

  async function begin(options: Partial<ToolOptions<typeof input>>): Promise<void> {
    paid = [];
    fixture = await createRunFixture(store(), { tools: [payTool(options)], script: pay });
    await fixture.startWorker();
  }

  async function isHeld(amount: number): Promise<boolean> {
    const id = await fixture.start(String(amount));
    const run = await fixture.until(id, ({ status }) => status === "completed" || status === "holding");
    return run.status === "holding";
  }

  test("false proceeds and true waits, whatever the tool is", async () => {
    await begin({ requiresConfirmation: false, reversibility: "irreversible" });
    expect(await isHeld(1)).toBe(false);
    await fixture.stop();
    await begin({ requiresConfirmation: true, reversibility: "reversible" });
    expect(await isHeld(1)).toBe(true);
  });

  test("a threshold holds from there on (R252)", async () => {
    await begin({ requiresConfirmation: { threshold: 100 } });
    expect([await isHeld(99.5), await isHeld(100), await isHeld(101)]).toEqual([false, true, true]);
    await fixture.stop();
    await begin({ requiresConfirmation: { threshold: 100, of: "amount", comparator: "gt" } });
    expect([await isHeld(100), await isHeld(101)]).toEqual([false, true]);
  });

  test("a role in any case must decide (R251)", async () => {
    await begin({ requiresConfirmation: "MANAGER" });
    const run = await fixture.holding(await fixture.start("1"));
    expect(run.holds[0]?.route).toEqual({ role: "manager" });
  });

  test("a function decides by the arguments; one that fails or answers nonsense holds (I10, defect 4)", async () => {
    await begin({ requiresConfirmation: ({ amount }) => (amount > 1_000 ? "manager" : amount > 10) });
    expect([await isHeld(5), await isHeld(11)]).toEqual([false, true]);
    expect((await fixture.holding(await fixture.start("2000"))).holds[0]?.route).toEqual({ role: "manager" });
    await fixture.stop();
    const broken = [() => Promise.reject(new Error("no rules today")), () => "maybe" as const] as unknown[];
    for (const requiresConfirmation of broken as ConfirmationOption<Args>[]) {
      await begin({ requiresConfirmation, reversibility: "reversible" });
      const run = await fixture.holding(await fixture.start("1"));
      expect(run.holds[0]?.reasons.at(-1)?.rule).toBe("fail_closed");
      expect(paid).toEqual([]);
      await fixture.stop();
    }
    await begin({});
  });

  test("a value that fails holds, whatever its threshold would have let through (I10)", async () => {
    const value = (): number => {
      throw new Error("no rate today");
    };
    await begin({ value, requiresConfirmation: false, reversibility: "reversible" });
    const run = await fixture.holding(await fixture.start("1"));
    expect(run.holds[0]?.reasons.at(-1)).toMatchObject({ rule: "fail_closed" });
    expect(run.holds[0]?.reasons.at(-1)?.text).toContain("no rate today");
    expect(paid).toEqual([]);
  });

  test('requiresConfirmation with timeoutAction "DENY": silence is a no (R253)', async () => {
    await begin({ requiresConfirmation: true, timeoutAction: "DENY" });
    expect((await fixture.holding(await fixture.start("5"))).holds[0]?.onTimeout).toBe("reject");
    expect(() => payTool({ timeoutAction: "DENY", onTimeout: "hold" })).toThrow(/Leave one of them out/);
  });

  test("one approval is good for one call: the same call later asks again (defects 1 and 9)", async () => {
    await begin({ requiresConfirmation: true });
    const first = await fixture.start("5");
    await fixture.approve(await fixture.holding(first));
    await fixture.ended(first);
    const second = await fixture.holding(await fixture.start("5"));
    expect(paid).toHaveLength(1);
    expect(second.toolCalls[0]?.status).toBe("gated");
  });

  test("nobody answers: the call does not run, and the model is told what silence meant (R64)", async () => {
    for (const [onTimeout, told] of [
      ["reject", "take it as rejected"],
      ["skip", "go on without it"],
    ] as const) {
      await begin({ requiresConfirmation: true, timeoutSeconds: 60, onTimeout });
      const id = await fixture.start("5");
      await fixture.holding(id);
      await store().advance(61_000);
      const sweeper = createSweeper({
        database: store().database,
        wakeups: fixture.wakeups,
        logger: pino({ enabled: false }),
      });
      await sweeper.sweep();
      expect((await fixture.ended(id)).output).toContain(told);
      expect(paid).toEqual([]);
      await fixture.stop();
    }
    await begin({});
  });

  describe("what was approved is what runs (I8)", () => {
    test("a tool that changed after the approval is asked about again, and the first approval is void", async () => {
      await begin({ requiresConfirmation: true });
      const id = await fixture.start("5");
      const held = await fixture.holding(id);
      await fixture.stop();
      const restarted = await createRunFixture(
        store(),
        { tools: [payTool({ requiresConfirmation: true, version: "2" })], script: pay },
        {},
        fixture.organisation,
      );
      fixture = restarted;
      await fixture.approve(held);
      await fixture.startWorker();
      const again = await fixture.until(id, ({ holds }) => holds.length === 2);
      expect(paid).toEqual([]);
      expect(again.holds[0]).toMatchObject({ status: "approved", fulfilment: "failed" });
      expect(again.holds[1]).toMatchObject({
        status: "pending",
        action: { arguments: { amount: 5, to: "shop" } },
      });
      expect(again.holds[1]?.action?.hash).not.toBe(again.holds[0]?.action?.hash);
      await fixture.approve(again);
      expect((await fixture.ended(id)).output).toBe('{"paid":5}');
      expect(paid).toHaveLength(1);
    });

    test("arguments that a reviewer made need the right that those arguments need (defect 33)", async () => {
      await begin({ requiresConfirmation: ({ amount }) => (amount > 1_000 ? "manager" : true) });
      const id = await fixture.start("5");
      const held = await fixture.holding(id);
      await fixture.decide(held.holds[0]?.id ?? "", {
        verdict: "modify",
        actionHash: held.holds[0]?.action?.hash,
        modifications: { amount: 5_000 },
      });
      const again = await fixture.until(id, ({ holds }) => holds.length === 2);
      expect(paid).toEqual([]);
      expect(again.holds[1]).toMatchObject({
        route: { role: "manager" },
        action: { arguments: { amount: 5_000 } },
      });
      await fixture.approve(again);
      await fixture.ended(id);
      expect(paid).toEqual([{ amount: 5_000, to: "shop" }]);
    });

    test("an agent that is gone runs nothing, and nobody waits for it", async () => {
      await begin({ requiresConfirmation: true });
      const id = await fixture.start("5");
      const held = await fixture.holding(id);
      await fixture.stop();
      fixture = await createRunFixture(store(), { id: "another", script: pay }, {}, fixture.organisation);
      await fixture.approve(held);
      await fixture.startWorker();
      expect(await fixture.ended(id)).toMatchObject({
        status: "failed",
        error: { code: "no_agent" },
        toolCalls: [{ status: "failed" }],
        holds: [{ status: "approved", fulfilment: "failed" }],
      });
      expect(paid).toEqual([]);
    });
  });
});
