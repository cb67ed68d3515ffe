/*
 * Breaks, if it is wrong: nothing locks (a run that an order has paused goes on when it is lifted, wherever the run came from),
 * and what an order holds back does not go on one agent further down.
 */
import { createId, type Run } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { applyOrder } from "../../src/fleet/standing-orders.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { Halts } from "./halts.ts";
import { passOn, refundsAgent } from "./nested-agents.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, type TestTools } from "./test-tools.ts";

describeEachStore("an order over a run", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  afterEach(() => fixture.stop());

  async function arrange(): Promise<void> {
    tools = createTestTools();
    fixture = await createRunFixture(store(), { tools: [agentTool(refundsAgent(tools))], script: passOn });
  }
  const read = (runId: string): Promise<Run> =>
    getRun(store().database, fixture.organisation.adminHash, runId);
  const childOf = async (runId: string): Promise<string> =>
    (await fixture.until(runId, ({ toolCalls }) => toolCalls[0]?.childRunId != null)).toolCalls[0]
      ?.childRunId ?? "";
  const isPaused = ({ status }: Run): boolean => status === "paused";
  const names = (): string[] => tools.done.map(({ name }) => name);

  async function order(isLifted: boolean, scope: "agent" | "all" = "agent", subject = "tester") {
    const { database } = store();
    const answer = await database.callIdempotent("give_order_v1", {
      credentialHash: fixture.organisation.adminHash,
      kind: "pause",
      scope,
      subject: scope === "all" ? "" : subject,
      isLifted,
      key: createId("evt"),
      eventId: createId("evt"),
    });
    expect(answer).toMatchObject({ code: "ok" });
    const { orgId } = fixture.organisation;
    await applyOrder(
      { database, wakeups: fixture.wakeups },
      { orgId, scope, subject: scope === "all" ? "" : subject },
    );
  }

  test("of an agent pauses what that has called too, and lifted lets both go on", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    const held = await fixture.holding(runId);
    const inner = await childOf(runId);
    await order(false);
    expect([(await read(runId)).status, (await read(inner)).status]).toEqual(["paused", "paused"]);
    await fixture.approve(held);
    // What stands over the agent below is another order: that one is lifted, and this one stands.
    await order(false, "agent", "refunds");
    await order(true, "agent", "refunds");
    expect((await read(inner)).status).toBe("paused");
    expect(names()).toEqual([]);
    await order(true);
    await fixture.ended(runId);
    expect(names()).toEqual(["delete"]);
  });

  test("given in the moment in which it calls, and lifted: what was called goes on too", async () => {
    await arrange();
    const halts = new Halts();
    await fixture.startWorker({ faults: halts });
    const halt = halts.stopAt(undefined, { point: "before:call-agent", occurrence: 1 });
    const runId = await fixture.start("refunds: count users");
    await halt.reached;
    await order(false);
    halt.letGo();
    const inner = await childOf(runId);
    await fixture.until(inner, isPaused);
    await fixture.until(runId, isPaused);
    await order(true);
    await fixture.ended(runId);
    expect(names()).toEqual(["count"]);
  });

  test("that was asked for and not carried out when its worker died: who pauses it by hand then, pauses it alone", async () => {
    await arrange();
    const halts = new Halts();
    await fixture.startWorker({ faults: halts });
    const halt = halts.stopAt(undefined, { point: "before:start", occurrence: 1 });
    const runId = await fixture.start("refunds: count users");
    await halt.reached;
    await order(false);
    expect(await read(runId)).toMatchObject({ status: "running", pauseRequested: true });
    await store().database.ownerSession((owner) =>
      owner.query("update holdpoint.runs set lease_until = '-infinity' where id = $1", [runId]),
    );
    const control = (action: "pause" | "resume") =>
      controlRun(
        { database: store().database, wakeups: fixture.wakeups },
        { credentialHash: fixture.organisation.adminHash, runId, action, reason: "by test" },
      );
    await control("pause");
    halt.letGo();
    expect(await read(runId)).toMatchObject({ status: "paused", pauseRequested: false });
    await order(true);
    expect((await read(runId)).status).toBe("paused");
    await control("resume");
    await fixture.ended(runId);
    expect(names()).toEqual(["count"]);
  });
});
