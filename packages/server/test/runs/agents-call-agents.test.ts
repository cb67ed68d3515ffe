import { createId, type Run, type RunControlled } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { agentTool, type AgentToolOptions } from "../../src/agents/agent-tool.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { controlRun, type ControlRunRequest } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { passOn, refundsAgent } from "./nested-agents.ts";
import { createRunFixture, type FixtureAgent, type RunFixture } from "./run-fixture.ts";
import { steering } from "./steering.ts";
import { createTestTools, type TestTools } from "./test-tools.ts";

describeEachStore("an agent that calls an agent", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  afterEach(() => fixture.stop());

  async function arrange(
    more: { inner?: Partial<FixtureAgent>; outer?: Partial<FixtureAgent>; tool?: AgentToolOptions } = {},
  ): Promise<void> {
    tools = createTestTools();
    const inner = agentTool(refundsAgent(tools, more.inner), more.tool);
    fixture = await createRunFixture(store(), { tools: [inner], script: passOn, ...more.outer });
  }
  const control = (
    runId: string,
    action: ControlRunRequest["action"],
    reason = "by test",
  ): Promise<RunControlled> =>
    controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action, reason },
    );
  const read = (runId: string): Promise<Run> =>
    getRun(store().database, fixture.organisation.adminHash, runId);
  const childOf = async (runId: string): Promise<string> =>
    (await fixture.until(runId, ({ toolCalls }) => toolCalls[0]?.childRunId != null)).toolCalls[0]
      ?.childRunId ?? "";
  const names = (): string[] => tools.done.map(({ name }) => name);

  test("its answer is the result of the call", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds: count users");
    const run = await fixture.ended(runId);
    expect(run).toMatchObject({
      status: "completed",
      output: 'count: {"count":300}',
      parentRunId: null,
      path: null,
      toolCalls: [{ name: "refunds", status: "succeeded", result: 'count: {"count":300}', attempt: 2 }],
    });
    expect(await read(await childOf(runId))).toMatchObject({
      status: "completed",
      agentId: "refunds",
      input: "count users",
      parentRunId: runId,
      path: ["Tester", "Refunds"],
    });
    expect(names()).toEqual(["count"]);
    const types = await fixture.eventTypes(runId);
    expect(types).not.toContain("run.holding");
    expect(types.filter((type) => type === "action.executed")).toHaveLength(1);
  });

  test("defect 16: what the inner agent may not do by itself waits for a person, and shows at the outer run with its path", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    const run = await fixture.holding(runId);
    expect(names()).toEqual([]);
    expect(run.holds).toMatchObject([
      { status: "pending", path: ["Tester", "Refunds"], agentId: "refunds", action: { name: "delete" } },
    ]);
    expect(run.holds[0]?.runId).toBe(await childOf(runId));
    await fixture.approve(run);
    expect(await fixture.ended(runId)).toMatchObject({ output: 'delete: {"deleted":5}' });
    expect(names()).toEqual(["delete"]);
    expect(await fixture.eventTypes(runId)).toEqual(
      expect.arrayContaining(["run.holding", "run.resumed", "run.completed"]),
    );
  });

  test("what a person declines there, the inner agent is told, and the outer one gets its answer", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    const { holds } = await fixture.holding(runId);
    await fixture.decide(holds[0]?.id ?? "", { verdict: "reject", comment: "No." });
    expect((await fixture.ended(runId)).output).toContain("was rejected by reviewer. Reason: No.");
    expect(names()).toEqual([]);
  });

  test("the call itself is held where its tool says so, and makes no run before it is approved", async () => {
    await arrange({ tool: { requiresConfirmation: true, name: "ask_refunds" } });
    await fixture.startWorker();
    const runId = await fixture.start("ask_refunds: count users");
    const held = await fixture.holding(runId);
    expect(held.holds).toMatchObject([{ action: { name: "ask_refunds" }, path: null }]);
    expect(held.toolCalls).toMatchObject([{ status: "gated", childRunId: null }]);
    const { id = "", action } = held.holds[0] ?? {};
    await fixture.decide(id, {
      verdict: "modify",
      actionHash: action?.hash,
      modifications: { input: "count orders" },
    });
    const run = await fixture.ended(runId);
    expect(await read(await childOf(runId))).toMatchObject({ input: "count orders" });
    expect(run.holds).toMatchObject([{ fulfilment: "executed" }]);
  });

  test("several at once, each with its own answer, in call order", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds+refunds+refunds: delete 5");
    let held = await fixture.holding(runId, 3);
    for (let left = 3; left > 0; left--) {
      held = await fixture.holding(runId, left);
      await fixture.approve(held);
    }
    const run = await fixture.ended(runId);
    expect(run.toolCalls.map(({ status }) => status)).toEqual(["succeeded", "succeeded", "succeeded"]);
    expect(new Set(run.toolCalls.map(({ childRunId }) => childRunId)).size).toBe(3);
    expect(names()).toEqual(["delete", "delete", "delete"]);
  });

  test("end user, metadata, session and starter are handed on, and hooks are asked before and after", async () => {
    const seen: unknown[] = [];
    await arrange({
      inner: {
        tools: [
          defineTool({
            name: "who",
            description: "Says for whom.",
            input: z.object({}),
            reversibility: "reversible",
            execute: (_args, { endUser, sessionId, agentId }) => {
              seen.push({ endUser: endUser?.id, sessionId, agentId });
              return "done";
            },
          }),
        ],
      },
      outer: {
        beforeToolCall: ({ name }) => void seen.push(`before ${name}`),
        afterToolCall: ({ result }) => void seen.push(`after ${typeof result === "string" ? result : ""}`),
      },
    });
    await fixture.startWorker();
    const runId = await fixture.start("refunds: who", { endUserId: "alice", sessionId: "chat-1" });
    await fixture.ended(runId);
    expect(seen).toEqual([
      "before refunds",
      { endUser: "alice", sessionId: "chat-1", agentId: "refunds" },
      "before refunds",
      'after who: "done"',
    ]);
  });

  test("an inner agent that fails: the outer one is told why, and goes on", async () => {
    await arrange({
      inner: {
        script: () => {
          throw new Error("The model is out.");
        },
      },
    });
    await fixture.startWorker();
    const run = await fixture.ended(await fixture.start("refunds: count users"));
    expect(run.status).toBe("completed");
    expect(run.output).toContain("Agent 'Refunds' failed and gave no answer");
    expect(run.toolCalls).toMatchObject([{ status: "failed" }]);
  });

  test.each(["cancel", "kill"] as const)(
    "%s goes down: nothing of it goes on, whatever it waits for",
    async (action) => {
      await arrange();
      await fixture.startWorker();
      const runId = await fixture.start("refunds: count users then delete 5");
      const held = await fixture.holding(runId);
      const ended = await control(runId, action);
      expect(ended.report).toMatchObject({
        completed: [{ name: "count", path: ["Tester", "Refunds"] }],
        notCompleted: [{ name: "refunds" }, { name: "delete", path: ["Tester", "Refunds"] }],
        unknown: [],
      });
      const inner = await read(await childOf(runId));
      expect(inner).toMatchObject({
        status: "cancelled",
        endReason: action === "kill" ? "killed" : "cancelled",
        error: { code: "AgentCancelled", reason: "by test" },
        holds: [{ status: "cancelled" }],
      });
      await expect(fixture.approve(held)).rejects.toMatchObject({ code: "already_decided" });
      expect(names()).toEqual(["count"]);
    },
  );

  test("an inner run that is cancelled by itself: the outer one is told, and goes on", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    await fixture.holding(runId);
    await control(await childOf(runId), "cancel", "wrong table");
    const run = await fixture.ended(runId);
    expect(run.output).toContain("Agent 'Refunds' was cancelled by operator");
    expect(run.output).toContain("Reason: wrong table");
  });

  test.each(["give", "withdraw"] as const)(
    "a call that a person settles (%s) ends the run that it had called",
    async (how) => {
      await arrange();
      await fixture.startWorker();
      const runId = await fixture.start("refunds: delete 5");
      const [outer, child] = [await fixture.holding(runId), await childOf(runId)];
      const steer = steering(store(), fixture, {});
      const callId = outer.toolCalls[0]?.id ?? "";
      const reason = "Done by hand.";
      const call = await (how === "give"
        ? steer.give(runId, callId, { result: "5 are deleted", reason })
        : steer.withdraw(runId, callId, reason));
      expect(call.status).toBe(how === "give" ? "succeeded" : "cancelled");
      expect(await fixture.ended(child)).toMatchObject({
        status: "cancelled",
        error: { reason },
        holds: [{ status: "cancelled" }],
      });
      const run = await fixture.ended(runId);
      expect(run.output).toContain(how === "give" ? "5 are deleted" : "withdrawn");
      expect(names()).toEqual([]);
    },
  );

  test("pause goes down and resume too: a decision in between starts nothing", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    const held = await fixture.holding(runId);
    await control(runId, "pause");
    const inner = await childOf(runId);
    await fixture.until(inner, ({ status }) => status === "paused");
    await fixture.until(runId, ({ status }) => status === "paused");
    await fixture.approve(held);
    expect(await read(inner)).toMatchObject({ status: "paused" });
    expect(names()).toEqual([]);
    await control(runId, "resume");
    await fixture.ended(runId);
    expect(names()).toEqual(["delete"]);
  });

  test("resumed by an instance that died before it came to what it had called: resumed again, all goes on", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    const held = await fixture.holding(runId);
    await control(runId, "pause");
    const inner = await childOf(runId);
    await fixture.until(inner, ({ status }) => status === "paused");
    const answer = await store().database.callIdempotent("control_run_v1", {
      credentialHash: fixture.organisation.adminHash,
      runId,
      action: "resume",
      key: createId("evt"),
      eventId: createId("evt"),
    });
    expect(answer).toMatchObject({ code: "ok", children: [inner] });
    await fixture.approve(held);
    expect(await read(inner)).toMatchObject({ status: "paused" });
    await control(runId, "resume");
    await fixture.ended(runId);
    expect(names()).toEqual(["delete"]);
    await expect(control(runId, "resume")).rejects.toMatchObject({ code: "run_ended" });
  });

  test("a call below that a person amends still says through whom it asks", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    await fixture.holding(runId);
    const inner = await childOf(runId);
    const callId = (await read(inner)).toolCalls[0]?.id ?? "";
    const steer = steering(store(), fixture, { tools: [agentTool(refundsAgent(tools))], script: passOn });
    await steer.amend(inner, callId, {
      arguments: { table: "users", count: 2, reason: "fewer" },
      reason: "Fewer.",
    });
    const { holds } = await read(inner);
    expect(holds.map(({ status, path }) => [status, path])).toEqual([
      ["cancelled", ["Tester", "Refunds"]],
      ["pending", ["Tester", "Refunds"]],
    ]);
  });

  test("what an order pauses is paused below too, also what is called later", async () => {
    await arrange({ tool: { requiresConfirmation: true } });
    await fixture.startWorker();
    const runId = await fixture.start("refunds: count users");
    await fixture.holding(runId);
    const order = await store().database.callIdempotent("give_order_v1", {
      credentialHash: fixture.organisation.adminHash,
      kind: "pause",
      scope: "agent",
      subject: "refunds",
      reason: "by test",
      key: createId("evt"),
      eventId: createId("evt"),
    });
    expect(order).toMatchObject({ code: "ok" });
    await fixture.approve(await read(runId));
    const inner = await childOf(runId);
    await fixture.until(inner, ({ status }) => status === "paused");
    expect(names()).toEqual([]);
    await control(inner, "resume");
    await fixture.ended(runId);
    expect(names()).toEqual(["count"]);
  });

  test("agents may not call each other for ever", async () => {
    tools = createTestTools();
    let agent = refundsAgent(tools, { id: "agent_0", name: "Agent 0" });
    for (let depth = 1; depth <= 6; depth++)
      agent = refundsAgent(tools, {
        id: `agent_${depth}`,
        name: `Agent ${depth}`,
        tools: [agentTool(agent)],
        script: passOn,
      });
    fixture = await createRunFixture(store(), { tools: [agentTool(agent)], script: passOn });
    await fixture.startWorker();
    const six = await fixture.ended(
      await fixture.start("agent_6: agent_5: agent_4: agent_3: agent_2: agent_1: agent_0: count users"),
    );
    expect(six.output).toContain("Agent 'Agent 1' was not called");
    expect(names()).toEqual([]);
  });

  test("holds three agents down show at the top, and at each between", async () => {
    tools = createTestTools();
    const middle = refundsAgent(tools, {
      id: "middle",
      name: "Middle",
      tools: [agentTool(refundsAgent(tools))],
      script: passOn,
    });
    fixture = await createRunFixture(store(), { tools: [agentTool(middle)], script: passOn });
    await fixture.startWorker();
    const runId = await fixture.start("middle: refunds: delete 5");
    const run = await fixture.holding(runId);
    expect(run.holds).toMatchObject([{ path: ["Tester", "Middle", "Refunds"] }]);
    const between = await read(await childOf(runId));
    expect(between).toMatchObject({ status: "holding", holds: [{ id: run.holds[0]?.id }] });
    await control(runId, "cancel");
    expect((await read(await childOf(between.id))).status).toBe("cancelled");
  });

  test("cancel and decide and the inner run's end at the same moment, 20 times: nobody waits in a circle, nothing is left open", async () => {
    await arrange();
    await fixture.startWorker();
    for (let round = 0; round < 20; round++) {
      const runId = await fixture.start("refunds+refunds: delete 5");
      const held = await fixture.holding(runId, 2);
      await Promise.allSettled([
        fixture.approve(held, 0),
        control(runId, "cancel"),
        fixture.decide(held.holds[1]?.id ?? "", { verdict: "reject" }),
        control(held.holds[1]?.runId ?? "", "cancel"),
      ]);
      const run = await read(runId);
      expect(run.status).toBe("cancelled");
      for (const { childRunId } of run.toolCalls) {
        const inner = await fixture.until(
          childRunId ?? "",
          ({ toolCalls, endedAt }) =>
            endedAt !== null && toolCalls.every(({ status }) => status !== "executing"),
        );
        expect(inner.holds.filter(({ status }) => status === "pending")).toEqual([]);
      }
    }
  });
});
