/*
 * Breaks, if it is wrong: I2 (what a deleted run had begun is not done again by what goes on from it), I5 (an end that is not
 * recorded yet keeps the run), I11 (a run in flight sees the same past in each turn).
 */
import { createId, type Run } from "@holdpoint/protocol";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { deleteRun } from "../../src/runs/delete-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { answer, question } from "../clarifications/asking-fixture.ts";
import { createGate, type Gate } from "./gate.ts";
import { refundsAgent } from "./nested-agents.ts";
import { createRunFixture, type FixtureAgent, type RunFixture } from "./run-fixture.ts";
import { steering, type Steering } from "./steering.ts";
import { createTestTools, obey } from "./test-tools.ts";

describeEachStore("what keeps a run from being deleted", (store) => {
  let fixture: RunFixture;
  let steer: Steering;
  let gate: Gate;
  let reserved: number;

  beforeEach(async () => {
    const { tools } = createTestTools();
    gate = createGate(false);
    reserved = 0;
    const book = defineTool({
      name: "book",
      description: "Reserves, then asks.",
      input: z.object({}),
      reversibility: "reversible",
      async execute(_args, { once, ask }) {
        const number = await once("reserve", () => (reserved += 1));
        return { number, seat: await ask.choice("seat", ["aisle", "window"]) };
      },
    });
    const inner = refundsAgent({ done: [], tools: [...tools, gate.tool] }, { id: "inner" });
    const agent: FixtureAgent = {
      tools: [...tools, book, gate.tool, agentTool(inner)],
      script: (said) =>
        said.text.startsWith("inner: ") && said.results.length === 0
          ? { text: "", toolCalls: [{ name: "inner", arguments: { input: said.text.slice(7) } }] }
          : obey(said),
    };
    fixture = await createRunFixture(store(), agent);
    steer = steering(store(), fixture, agent);
    await fixture.startWorker();
  });
  afterEach(() => fixture.stop());

  const remove = (runId: string, credentialHash = fixture.organisation.adminHash) =>
    deleteRun({ database: store().database, wakeups: fixture.wakeups }, { credentialHash, runId });
  const cancel = (runId: string) =>
    controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action: "cancel", reason: "by test" },
    );
  const read = (runId: string): Promise<Run> =>
    getRun(store().database, fixture.organisation.adminHash, runId);
  const busy = (runId: string) => ({ code: "run_busy", status: 409, details: { runId } });
  const over = async (input: string, more = {}) => fixture.ended(await fixture.start(input, more));

  /** What an agent elsewhere asks, naming the run. */
  function asked(runId: string): { holdId: string; command: object } {
    const { adminHash, orgId } = fixture.organisation;
    const holdId = createId("hold");
    const hold = {
      id: holdId,
      run_id: runId,
      kind: "clarification",
      title: "?",
      question: {},
      verdicts: ["answer"],
    };
    const columns = {
      tier: "sync_gate",
      route: {},
      reasons: [],
      on_timeout: "reject",
      separation: "requester",
    };
    const ranks = {
      policy_version: 0,
      quorum_required: 1,
      quorum_refusals: 1,
      strength: 1,
      channels: [],
      may_grant: false,
    };
    const command = {
      credentialHash: adminHash,
      orgId,
      hold: { ...hold, ...columns, ...ranks },
      eventId: createId("evt"),
    };
    return { holdId, command };
  }

  test("that it is not over: it holds, or is queued", async () => {
    const runId = await fixture.start("delete 5");
    const held = await fixture.holding(runId);
    await expect(remove(runId)).rejects.toMatchObject(busy(runId));
    await expect(remove(runId)).rejects.toThrow(/is holding: wait for its end, or cancel it/);
    expect(await read(runId)).toMatchObject({ status: "holding", holds: held.holds });
    await cancel(runId);
    for (const hash of [fixture.organisation.reviewerHash, fixture.organisation.agentHash])
      await expect(remove(runId, hash)).rejects.toMatchObject({ code: "not_allowed" });
    expect(await remove(runId)).toEqual({ id: runId, runs: 1, holds: 1 });
  });

  test("a call that executes, over which it was cancelled; also of a run that it called", async () => {
    const runId = await fixture.start("inner: work");
    await gate.begun;
    await cancel(runId);
    const { childRunId } = (await read(runId)).toolCalls[0] ?? {};
    await fixture.until(childRunId ?? "", ({ status }) => status === "cancelled");
    await expect(remove(runId)).rejects.toMatchObject(busy(childRunId ?? ""));
    await expect(remove(runId)).rejects.toThrow(/while a call of it executes: wait until that has reported/);
    gate.letGo();
    await fixture.until(childRunId ?? "", ({ toolCalls }) => toolCalls[0]?.status === "succeeded");
    expect(await remove(runId)).toMatchObject({ runs: 2 });
  });

  test("that somebody is asked: an agent elsewhere still asks for it", async () => {
    const { id } = await over("count users");
    const { holdId, command } = asked(id);
    expect(await store().database.call("create_hold_v1", command)).toMatchObject({ code: "ok" });
    await expect(remove(id)).rejects.toMatchObject({ code: "run_busy", details: { holdId } });
    await expect(remove(id)).rejects.toThrow(`Hold ${holdId} of run ${id} is open: decide or cancel it.`);
  });

  test("that another run called it: it goes with the outermost", async () => {
    const outer = await over("inner: count users");
    const childId = outer.toolCalls[0]?.childRunId ?? "";
    await expect(remove(childId)).rejects.toMatchObject({ code: "conflict", details: { runId: outer.id } });
    expect(await remove(outer.id)).toMatchObject({ runs: 2 });
    await expect(read(childId)).rejects.toMatchObject({ code: "not_found" });
  });

  test("a run that goes on from it; once that is over it stays readable, and nothing goes on from that (I2)", async () => {
    const runId = await fixture.start("book");
    await fixture.holding(runId);
    await cancel(runId);
    const { id } = await steer.fork(runId, { fromStep: 1 });
    const held = await fixture.holding(id);
    await expect(remove(runId)).rejects.toMatchObject(busy(id));
    await answer(fixture, question(held), "window");
    const fork = await fixture.ended(id);
    expect(fork.toolCalls).toMatchObject([{ result: { number: 1, seat: "window" } }]);
    await remove(runId);
    expect(await read(id)).toEqual(fork);
    expect(fork.forkedFrom).toEqual({ runId, step: 1 });
    await expect(steer.fork(id, { fromStep: 1 })).rejects.toMatchObject({
      code: "conflict",
      details: { runId },
    });
    expect(reserved).toBe(1);
    expect(await remove(id)).toMatchObject({ runs: 1 });
  });

  test("a fork of a fork knows what the first executed: the first is kept as long as that goes on", async () => {
    const first = await over("count users then put a");
    const second = await fixture.ended(
      (await steer.fork(first.id, { fromStep: 1, message: "count users" })).id,
    );
    const third = await steer.fork(second.id, { fromStep: 1, message: "put a then delete 5" });
    const held = await fixture.holding(third.id);
    for (const id of [first.id, second.id]) await expect(remove(id)).rejects.toMatchObject(busy(third.id));
    await fixture.approve(held);
    const over3 = await fixture.ended(third.id);
    await remove(second.id);
    await remove(first.id);
    expect(await read(third.id)).toEqual(over3);
  });

  test("a run of its conversation that is not over, which remembers it, or will", async () => {
    const first = await over("count users", { sessionId: "talk" });
    const runId = await fixture.start("delete 5", { sessionId: "talk" });
    const held = await fixture.holding(runId);
    const queued = await fixture.start("count orders", { sessionId: "talk" });
    await expect(remove(first.id)).rejects.toMatchObject(busy(runId));
    await fixture.approve(held);
    await fixture.ended(runId);
    await fixture.ended(queued);
    expect(await remove(first.id)).toMatchObject({ runs: 1 });
  });

  test("what is made of it in that moment keeps it, or finds that it is gone", async () => {
    if (store().kind === "embedded") return;
    const other = new pg.Client(store().url);
    await other.connect();
    /** Both at once: what the other has done in its transaction is not to be seen until the second waits for it. */
    async function during<Answer>(
      name: string,
      command: object,
      second: () => Promise<Answer>,
    ): Promise<unknown> {
      await other.query("begin");
      const { rows } = await other.query(`select holdpoint.${name}($1) as answer`, [JSON.stringify(command)]);
      expect(rows[0]?.answer).toMatchObject({ code: "ok" });
      const answered = second().catch((error: unknown) => error);
      const isWaiting = async (): Promise<void> => {
        while ((await other.query("select from pg_locks where not granted")).rowCount === 0);
      };
      await Promise.race([answered, isWaiting()]);
      await other.query("commit");
      return answered;
    }
    const credentialHash = fixture.organisation.adminHash;
    const { id } = await over("count users");
    const fork = createId("run");
    const agents = { tester: { model: "none", max_steps: 5 } };
    const forking = {
      credentialHash,
      runId: id,
      fromStep: 1,
      run: { id: fork },
      eventId: createId("evt"),
      agents,
    };
    expect(await during("fork_run_v1", forking, () => remove(id))).toMatchObject(busy(fork));
    fixture.wakeups.publish(["advance"]);
    await fixture.ended(fork);
    const { holdId, command } = asked(id);
    const kept = await during("create_hold_v1", command, () => remove(id));
    expect(kept).toMatchObject({ code: "run_busy", details: { holdId } });

    const deletion = (runId: string) => ({ credentialHash, runId, eventId: createId("evt") });
    const late = await during("delete_run_v1", deletion(fork), () => steer.fork(fork, { fromStep: 1 }));
    expect(late).toMatchObject({ code: "not_found" });
    const { id: third } = await over("count users");
    const { database } = store();
    const refused = during("delete_run_v1", deletion(third), () =>
      database.call("create_hold_v1", asked(third).command),
    );
    expect(await refused).toMatchObject({ code: "run_not_found" });
    await other.end();
  });
});
