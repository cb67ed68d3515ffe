import type { RunControlled } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import { controlRun, type ControlRunRequest } from "../../src/runs/control-run.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type FixtureAgent, type RunFixture } from "../runs/run-fixture.ts";
import { answer, askingTool, callTools, question } from "./asking-fixture.ts";

describeEachStore("an operator takes a run in hand that asks", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  async function begin(options: FixtureAgent): Promise<void> {
    fixture = await createRunFixture(store(), { script: callTools, ...options });
    await fixture.startWorker();
  }
  const control = (runId: string, action: ControlRunRequest["action"]): Promise<RunControlled> =>
    controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action, reason: "by test" },
    );
  const confirmed = { reversibility: "irreversible", requiresConfirmation: true } as const;
  const book = askingTool("book", ({ ask }) => ask.verify("sure"), confirmed);

  async function askedAfterApproval(): Promise<string> {
    await begin({ tools: [book] });
    const id = await fixture.start("book");
    await fixture.approve(await fixture.holding(id));
    await fixture.until(
      id,
      ({ toolCalls, status }) => status === "holding" && toolCalls[0]?.status === "suspended",
    );
    return id;
  }

  test.each(["cancel", "kill"] as const)(
    "%s: of an approved call that waits nobody expects an execution any more",
    async (action) => {
      const id = await askedAfterApproval();
      const { report } = await control(id, action);
      expect(report).toMatchObject({ notCompleted: [{ name: "book", status: "cancelled" }], unknown: [] });
      const run = await fixture.until(id, () => true);
      expect(run.holds.find(({ kind }) => kind === "approval")).toMatchObject({
        fulfilment: "failed",
        execution: { error: { code: "AgentCancelled" } },
      });
      expect(run.holds.find(({ kind }) => kind === "clarification")).toMatchObject({ status: "cancelled" });
    },
  );

  test("cancelled in the moment in which a call asks: the call has its end, and asks nobody", async () => {
    const begun = Promise.withResolvers<void>();
    const asks = Promise.withResolvers<void>();
    const slow = askingTool(
      "slow",
      async ({ ask }) => {
        begun.resolve();
        await asks.promise;
        return ask.verify("sure");
      },
      confirmed,
    );
    await begin({ tools: [slow] });
    const id = await fixture.start("slow");
    await fixture.approve(await fixture.holding(id));
    await begun.promise;
    await control(id, "cancel");
    asks.resolve();
    const run = await fixture.until(id, ({ toolCalls }) => toolCalls[0]?.status !== "executing");
    expect(run).toMatchObject({
      status: "cancelled",
      toolCalls: [{ status: "failed", error: { code: "AgentCancelled" } }],
    });
    expect(run.holds).toMatchObject([{ kind: "approval", fulfilment: "failed" }]);
    expect((await fixture.eventTypes(id)).filter((type) => type === "action.failed")).toHaveLength(1);
  });

  test("paused while it asks: an answer is kept, and it goes on with that when it is resumed", async () => {
    const id = await askedAfterApproval();
    await control(id, "pause");
    const paused = await fixture.until(id, ({ status }) => status === "paused");
    await answer(fixture, question(paused), true);
    expect(await fixture.until(id, () => true)).toMatchObject({
      status: "paused",
      toolCalls: [{ status: "suspended", attempt: 1 }],
    });
    expect(await control(id, "resume")).toMatchObject({ status: "running" });
    expect(await fixture.ended(id)).toMatchObject({ status: "completed", output: "book: true" });
  });
});
