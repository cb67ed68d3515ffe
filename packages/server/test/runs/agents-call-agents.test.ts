import type { Run, RunControlled } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { agentTool, type AgentToolOptions } from "../../src/agents/agent-tool.ts";
import { defineAgent, type DefinedAgent } from "../../src/agents/agent.ts";
import { defineTool } from "../../src/agents/tool.ts";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { controlRun, type ControlRunRequest } from "../../src/runs/control-run.ts";
import { sweepNestedRuns } from "../../src/runs/nested-runs.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, dieAt, type FixtureAgent, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

/** What is left of the task goes to the next agent; tools of the inner ones are told apart by nothing. */
const passOn: Script = ({ text, results }) => {
  if (results.length > 0)
    return {
      text: results
        .map(({ result, problem }) => problem ?? (typeof result === "string" ? result : ""))
        .join("\n"),
    };
  const [name = "", ...rest] = text.split(": ");
  return {
    text: `I ask ${name}.`,
    toolCalls: name.split("+").map((each) => ({ name: each, arguments: { input: rest.join(": ") } })),
  };
};

function agentOf(tools: TestTools, more: Partial<FixtureAgent> = {}): DefinedAgent {
  return defineAgent({
    id: "refunds",
    name: "Refunds",
    model: "openai/none",
    tools: tools.tools,
    script: obey,
    ...more,
  });
}

describeEachStore("an agent that calls an agent", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  afterEach(() => fixture.stop());

  async function arrange(
    more: { inner?: Partial<FixtureAgent>; outer?: Partial<FixtureAgent>; tool?: AgentToolOptions } = {},
  ): Promise<void> {
    tools = createTestTools();
    const inner = agentTool(agentOf(tools, more.inner), more.tool);
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

  test("agents may not call each other for ever", async () => {
    tools = createTestTools();
    let agent = agentOf(tools, { id: "agent_0", name: "Agent 0" });
    for (let depth = 1; depth <= 6; depth++)
      agent = agentOf(tools, {
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
    const middle = agentOf(tools, {
      id: "middle",
      name: "Middle",
      tools: [agentTool(agentOf(tools))],
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

  test("a worker that dies at any commit between the two: another goes on, one inner run, nothing twice (I2)", async () => {
    for (const point of [
      "before:call-agent",
      "after:call-agent",
      "after:hold",
      "before:finish",
      "after:finish",
      "before:resume",
      "after:start",
      "executed",
    ]) {
      for (const occurrence of [1, 2, 3]) {
        await arrange();
        const faults = dieAt(point, occurrence);
        const mortal = await fixture.startWorker({ faults, leaseSeconds: 0.3 });
        const runId = await fixture.start("refunds: delete 5");
        const decided = fixture.holding(runId).then((held) => fixture.approve(held));
        const ended = decided.then(() => fixture.ended(runId));
        const isDead = await Promise.race([faults.died.then(() => true), ended.then(() => false)]);
        await mortal.stop();
        if (isDead) await fixture.startWorker();
        await Promise.race([settleUnknown(runId), ended]);
        const run = await ended;
        expect({ point, occurrence, done: names(), output: run.output, status: run.status }).toEqual({
          point,
          occurrence,
          done: ["delete"],
          output: 'delete: {"deleted":5}',
          status: "completed",
        });
        expect(await countRuns()).toBe(2);
        await fixture.stop();
      }
    }
  }, 120_000);

  /** Says the truth about a `delete` of which a dead worker told nothing. */
  async function settleUnknown(runId: string): Promise<void> {
    const run = await fixture.until(
      runId,
      ({ holds, status }) =>
        status === "completed" ||
        holds.some((hold) => hold.kind === "escalation" && hold.status === "pending"),
    );
    const hold = run.holds.find(({ kind, status }) => kind === "escalation" && status === "pending");
    if (hold === undefined) return;
    const answer = names().includes("delete")
      ? { executed: "succeeded", result: { deleted: 5 } }
      : { executed: "retry" };
    await fixture.decide(hold.id, { verdict: "answer", answer });
  }

  async function countRuns(): Promise<number> {
    return store().database.transaction(async (tx) => {
      await tx.query("select set_config('hp.org_id', $1, true)", [fixture.organisation.orgId]);
      const rows = await tx.query<{ id: string }>("select id from holdpoint.runs where org_id = $1", [
        fixture.organisation.orgId,
      ]);
      return rows.length;
    });
  }

  test("what crashes leave between the two is found: callers that nobody woke, runs whose caller is over", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    await fixture.holding(runId);
    const inner = await childOf(runId);
    const deps = { database: store().database, wakeups: fixture.wakeups };
    // As if the process had died after the first of the two.
    await store().database.callIdempotent("control_run_v1", {
      credentialHash: fixture.organisation.adminHash,
      runId,
      action: "kill",
      reason: "by test",
      eventId: "evt_00000000000000000000000000",
      holdEventIds: ["evt_00000000000000000000000001", "evt_00000000000000000000000002"],
      callEventIds: ["evt_00000000000000000000000003", "evt_00000000000000000000000004"],
    });
    expect(await read(inner)).toMatchObject({ status: "holding" });
    expect(await sweepNestedRuns(deps)).toBe(1);
    expect(await read(inner)).toMatchObject({ status: "cancelled", endReason: "killed" });
    expect(await sweepNestedRuns(deps)).toBe(0);
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
