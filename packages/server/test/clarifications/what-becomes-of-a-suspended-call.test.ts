import { STEP_LIMIT_OUTPUT } from "@holdpoint/core";
import { createId, type Hold, type Run } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { failRun } from "../../src/runs/run-work.ts";
import { createSweeper } from "../../src/holds/sweeper.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type FixtureAgent, type RunFixture } from "../runs/run-fixture.ts";
import { silentLogger } from "../../src/testing/silent-logger.ts";
import { answer, askingTool, callTools, question, workOn } from "./asking-fixture.ts";

describeEachStore("a suspended call", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  const book = askingTool("book", ({ ask }) => ask.verify("sure"));

  async function begin(options: FixtureAgent): Promise<void> {
    fixture = await createRunFixture(store(), { script: callTools, ...options });
    await fixture.startWorker();
  }

  /** Waits for its answer, and nobody is at it any more. */
  async function suspended(runId: string): Promise<Run> {
    return fixture.until(
      runId,
      ({ status, toolCalls }) => status === "holding" && toolCalls[0]?.status === "suspended",
    );
  }

  /** As if its time were over. */
  async function sweepOverdue(hold: Hold): Promise<void> {
    const { database } = store();
    await database.transaction(async (tx) => {
      await tx.query("select set_config('hp.org_id', $1, true)", [hold.orgId]);
      await tx.query("update holdpoint.holds set expires_at = created_at where id = $1", [hold.id]);
    });
    await createSweeper({ database, wakeups: fixture.wakeups, logger: silentLogger as never }).sweep();
  }

  test("whose question nobody answers in time goes on and is told so (I6)", async () => {
    await begin({ tools: [askingTool("book", ({ ask }) => ask.verify("sure", { timeoutSeconds: 90 }))] });
    const id = await fixture.start("book");
    const asked = question(await fixture.holding(id));
    expect(Date.parse(asked.expiresAt ?? "") - Date.parse(asked.createdAt)).toBe(90_000);
    await sweepOverdue(asked);
    const run = await fixture.ended(id);
    expect(run.toolCalls).toMatchObject([
      { status: "failed", error: { code: "not_answered", outcome: "expired" } },
    ]);
    expect(run.output).toContain("nobody answered its question in time");
  });

  test("waits on without a deadline where that is wanted, and by default a day", async () => {
    const patient = askingTool("book", ({ ask }) =>
      ask.verify("sure", { timeoutSeconds: 60, onTimeout: "hold" }),
    );
    await begin({ tools: [patient] });
    const id = await fixture.start("book");
    await sweepOverdue(question(await fixture.holding(id)));
    const kept = question(await fixture.holding(id));
    expect(kept).toMatchObject({ status: "pending", expiresAt: null });
    await answer(fixture, kept, true);
    expect((await fixture.ended(id)).output).toBe("book: true");
  });

  test("has a day by default, and no timeout of the run counts meanwhile (defect 23)", async () => {
    await begin({ tools: [book] });
    const asked = question(await fixture.holding(await fixture.start("book")));
    expect(Date.parse(asked.expiresAt ?? "") - Date.parse(asked.createdAt)).toBe(86_400_000);
  });

  test("whose question an operator withdraws goes on and is told so", async () => {
    await begin({ tools: [book] });
    const id = await fixture.start("book");
    const asked = question(await fixture.holding(id));
    await store().database.call("cancel_hold_v1", {
      credentialHash: fixture.organisation.adminHash,
      holdId: asked.id,
      reason: "asked by mistake",
      via: "api",
      eventId: createId("evt"),
      timeoutEventId: createId("evt"),
    });
    const run = await fixture.ended(id);
    expect(run.toolCalls).toMatchObject([{ status: "failed", error: { outcome: "cancelled" } }]);
    expect(run.output).toContain("its question was withdrawn");
  });

  const pay = (version: string) =>
    defineTool({
      name: "pay",
      description: "Pays.",
      input: z.object({ amount: z.number() }),
      reversibility: "irreversible",
      requiresConfirmation: true,
      version,
      async execute({ amount }, { ask }) {
        const account = await ask.choice("account", ["main", "savings"]);
        return { paid: amount, account };
      },
    });

  test("keeps its approval: the arguments that a reviewer made of it run, before and after (I1, I8)", async () => {
    await begin({ tools: [pay("1")] });
    const id = await fixture.start('pay {"amount":50}');
    const approval = (await fixture.holding(id)).holds[0];
    await fixture.decide(approval?.id ?? "", {
      verdict: "modify",
      modifications: { amount: 10 },
      actionHash: approval?.action?.hash,
    });
    const held = await fixture.until(id, ({ toolCalls }) => toolCalls[0]?.status === "suspended");
    expect(held.holds.find(({ kind }) => kind === "approval")).toMatchObject({ fulfilment: "executing" });
    await answer(fixture, question(await fixture.holding(id)), "savings");
    const run = await fixture.ended(id);
    expect(run.toolCalls).toMatchObject([{ result: { paid: 10, account: "savings" }, attempt: 2 }]);
    expect(run.holds.find(({ kind }) => kind === "approval")).toMatchObject({ fulfilment: "executed" });
  });

  test("of a tool that was changed meanwhile is not continued, and that is to be seen (I1, defect 10)", async () => {
    await begin({ tools: [pay("1")] });
    const id = await fixture.start('pay {"amount":50}');
    await fixture.approve(await fixture.holding(id));
    const held = await suspended(id);
    await fixture.stop();
    fixture = await createRunFixture(
      store(),
      { tools: [pay("2")], script: callTools },
      {},
      fixture.organisation,
    );
    await answer(fixture, question(held), "main");
    await fixture.startWorker();
    const run = await fixture.ended(id);
    expect(run.toolCalls).toMatchObject([{ status: "failed", error: { code: "refused" } }]);
    expect(run.output).toContain("was not continued after the answer, because the tool has changed since");
    expect(run.holds.find(({ kind }) => kind === "approval")).toMatchObject({
      status: "approved",
      fulfilment: "failed",
      execution: { error: { code: "refused" } },
    });
  });

  test("of a run that fails leaves no question open and no approval without its end (defect 10)", async () => {
    await begin({ tools: [pay("1"), book] });
    const id = await fixture.start('pay {"amount":50}; book');
    const gated = await fixture.holding(id, 2);
    await fixture.approve({ ...gated, holds: gated.holds.filter(({ kind }) => kind === "approval") });
    await answer(fixture, question(await fixture.holding(id)), true);
    await suspended(id);
    await fixture.stop();
    const work = await workOn(store(), fixture, id);
    await failRun(work, await work.journal.load(), { code: "internal", message: "It broke." });
    const run = await fixture.ended(id);
    expect(run).toMatchObject({ status: "failed", error: { code: "internal" } });
    expect(run.toolCalls).toMatchObject([{ status: "cancelled" }, { status: "succeeded" }]);
    expect(run.holds.filter(({ status }) => status === "pending")).toEqual([]);
    expect(run.holds.find(({ kind }) => kind === "approval")).toMatchObject({
      fulfilment: "failed",
      execution: { error: { code: "internal" } },
    });
  });

  test("is one of its turn: siblings run and wait for themselves, and the turn is told as a whole, in order (I11)", async () => {
    const done: string[] = [];
    await begin({
      tools: [
        book,
        askingTool("count", () => done.push("count")),
        askingTool("send", () => done.push("send"), { requiresConfirmation: true }),
      ],
    });
    const id = await fixture.start("book; send; count");
    const held = await fixture.holding(id, 2);
    expect(held.toolCalls.map(({ status }) => status)).toEqual(["suspended", "gated", "succeeded"]);
    await fixture.approve({ ...held, holds: held.holds.filter(({ kind }) => kind === "approval") });
    const half = await fixture.holding(id);
    // What was approved waits until no sibling is open any more.
    expect(half.toolCalls.map(({ status }) => status)).toEqual(["suspended", "approved", "succeeded"]);
    expect(half.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    await answer(fixture, question(half), true);
    const run = await fixture.ended(id);
    expect(done).toEqual(["count", "send"]);
    const told = run.messages[2] as { content: { toolName: string; toolCallId: string }[] };
    const said = run.messages[1] as { content: { type: string; toolCallId: string }[] };
    expect(told.content.map(({ toolName }) => toolName)).toEqual(["book", "send", "count"]);
    expect(told.content.map(({ toolCallId }) => toolCallId)).toEqual(
      said.content.filter(({ type }) => type === "tool-call").map(({ toolCallId }) => toolCallId),
    );
  });

  test("uses up no step of its run", async () => {
    const draw = askingTool("draw", async ({ ask }) => {
      for (let turn = 0; turn < 3; turn++) await ask.verify("more");
      return "drawn";
    });
    await begin({ tools: [draw], maxSteps: 2 });
    const id = await fixture.start("draw");
    for (let turn = 0; turn < 3; turn++) await answer(fixture, question(await fixture.holding(id)), true);
    const run = await fixture.ended(id);
    expect(run.output).not.toBe(STEP_LIMIT_OUTPUT);
    expect(run.output).toBe('draw: "drawn"');
  });

  test("locks no conversation: a message that comes meanwhile kills nothing, waits, and is answered after it (defect 21)", async () => {
    await begin({ tools: [book, askingTool("count", () => 3)] });
    const sessionId = "talk";
    const first = await fixture.start("book", { sessionId });
    const asked = question(await fixture.holding(first));
    const second = await fixture.start("count", { sessionId });
    await answer(fixture, asked, true);
    const run = await fixture.ended(first);
    expect(await fixture.ended(second)).toMatchObject({ status: "completed", output: "count: 3" });
    expect(run).toMatchObject({ status: "completed", output: "book: true" });
    expect(run.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
  });
});

test("an agent is a tool of another by agentTool only: the config refuses it bare, so no approval can be skipped that way (defect 16)", () => {
  const inner = defineAgent({ id: "inner", name: "Inner", model: "openai/none" });
  expect(() =>
    defineAgent({ id: "outer", name: "Outer", model: "openai/none", tools: [inner as never] }),
  ).toThrow("[0] is not made by defineTool");
});
