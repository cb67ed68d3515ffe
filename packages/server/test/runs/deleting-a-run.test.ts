/*
 * Breaks, if it is wrong: I5 (the log keeps all entries and verifies), I7 (a stranger deletes nothing), I2 (what was begun and
 * forgotten is not done again: what-keeps-a-run.test.ts).
 */
import { createId } from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { hashOf, seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { exportLines, untilSigned, verifyLines } from "../audit/audit-fixture.ts";
import { tablesWith } from "../sessions/every-table.ts";
import { passOn } from "./nested-agents.ts";
import { obey } from "./test-tools.ts";

const tools = [
  defineTool({
    name: "count",
    description: "Counts.",
    input: z.object({ table: z.string() }),
    reversibility: "reversible",
    execute: ({ table }) => ({ counted: table }),
  }),
  defineTool({
    name: "send",
    description: "Sends.",
    input: z.object({ to: z.string() }),
    requiresConfirmation: true,
    async execute({ to }, { ask, once }) {
      await once("letter", () => `letter to ${to}`);
      const tone = await ask.choice(`In which tone to ${to}?`, ["kind", "plain"]);
      return `sent to ${to}, ${JSON.stringify(tone)}`;
    },
  }),
];

/** Tables that may name what was deleted: the log, and how a session finds its part of it. */
const KEPT = ["deleted_runs", "events", "sessions"];

describeEachStore("a run is deleted", (store) => {
  let service: TestService;
  let orgId: string;
  beforeAll(async () => {
    const about = { model: "openai/none", tools, script: obey } as const;
    const inner = defineAgent({ id: "clerk", name: "Clerk", ...about });
    service = await startTestService(store(), {
      config: defineConfig({
        agents: [
          defineAgent({ id: "tester", name: "Tester", ...about }),
          defineAgent({ ...about, id: "head", name: "Head", tools: [agentTool(inner)], script: passOn }),
        ],
      }),
      sampling: { draw: () => true },
    });
    orgId = service.service.firstAdmin?.orgId ?? "";
  });
  afterAll(() => service.stop());

  const read = async (path: string) => (await service.call("GET", path)).body;
  const wait = (runId: string) => read(`/v1/runs/${runId}/wait?timeoutSeconds=20`);
  const remove = (runId: string, key?: string | null) =>
    service.call("DELETE", `/v1/runs/${runId}`, key === undefined ? {} : { key });
  const entriesOf = async (runId: string) => (await read(`/v1/audit/entries?runId=${runId}&limit=200`)).data;

  /** A run that is over, with holds that were decided, a question, a word to the agent. */
  async function over(agent: string, input: string, more: object = {}): Promise<string> {
    const body = { input, metadata: { about: input }, ...more };
    const { id } = (await service.call("POST", `/v1/agents/${agent}/runs`, { body })).body;
    let run = await wait(id);
    for (let n = 0; run.status === "holding" && n < 5; n++) {
      const hold = run.holds.find(({ status }: { status: string }) => status === "pending");
      const comment = `fine: ${input}`;
      await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
        body:
          hold.kind === "approval"
            ? { verdict: "approve", actionHash: hold.action.hash, comment }
            : { verdict: "answer", answer: "kind", comment },
      });
      run = await wait(id);
    }
    expect(run).toMatchObject({ status: "completed" });
    return id;
  }

  test("with everything of it and of the runs that it called; the log keeps its entries, and one more (I5)", async () => {
    const secret = "Kaethe-5711";
    const id = await over("head", `clerk: count ${secret}; send ${secret}`);
    const other = await over("tester", "count Klaus");
    const run = await read(`/v1/runs/${id}`);
    const childId = run.toolCalls[0].childRunId;
    expect(run.holds).toHaveLength(2);
    await untilSigned(store().database, orgId);
    expect(await tablesWith(store(), secret)).toEqual(
      expect.arrayContaining([
        "decisions",
        "events",
        "holds",
        "messages",
        "once_results",
        "runs",
        "samples",
        "steps",
      ]),
    );
    const before = await exportLines(store().database, orgId);
    const entries = await entriesOf(id);

    expect(await remove(id)).toMatchObject({ status: 200, body: { id, runs: 2, holds: 2 } });
    expect(await tablesWith(store(), secret)).toEqual(["events"]);
    expect(await tablesWith(store(), run.toolCalls[0].id)).toEqual(["events"]);
    const paths = [id, childId].flatMap((each) =>
      ["", "/wait", "/events"].map((end) => `/v1/runs/${each}${end}`),
    );
    for (const path of [...paths, ...run.holds.map((hold: { id: string }) => `/v1/holds/${hold.id}`)])
      expect([path, (await service.call("GET", path)).status]).toEqual([path, 404]);
    expect((await remove(id)).status).toBe(404);
    expect((await read("/v1/runs")).data.map((each: { id: string }) => each.id)).toEqual([other]);
    expect((await read("/v1/holds?limit=200")).data).toEqual([]);

    await untilSigned(store().database, orgId);
    const now = await entriesOf(id);
    expect(now.slice(1)).toEqual(entries);
    expect(now[0]).toMatchObject({
      event: { type: "run.deleted", runId: id, actor: { kind: "member" }, data: { runs: 2, holds: 2 } },
    });
    const verified = await verifyLines(await exportLines(store().database, orgId), {
      checkpoints: [JSON.parse(before[0]!).checkpoint],
    });
    expect(verified).toMatchObject({ erasedEntries: 0, checkpointsElsewhere: 1 });
    expect((await read("/v1/audit/check")).findings).toEqual([]);
    expect((await read(`/v1/audit?runId=${id}`)).data.at(-1)).toMatchObject({
      eventType: "run_deleted",
    });
  });

  test("its session stays, and deleting that erases what the log has of the run, also what did not name the session", async () => {
    const secret = "Frieda-5714";
    const elsewhere = (path: string, body: object, headers: Record<string, string> = {}) =>
      service.call("POST", path, { key: service.agentKey, body, headers });
    const session = { sessionId: `s/${secret}`, endUserId: "someone" };
    const about = { agentId: "scraper", input: `find ${secret}`, external: true, ...session };
    const { body: run } = await elsewhere("/v1/runs", about);
    await elsewhere(`/v1/runs/${run.id}/heartbeat`, { text: `reads about ${secret}`, steps: 1 });
    const action = { name: "note", arguments: { about: secret } };
    const free = { runId: run.id, action: { ...action, reversibility: "reversible" } };
    const proceeded = await elsewhere("/v1/holds", free, { "idempotency-key": `note-${secret}` });
    expect(proceeded.body).toMatchObject({ outcome: "auto_proceeded" });
    const { body: hold } = await elsewhere("/v1/holds", { runId: run.id, action });
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "reject", comment: secret },
    });
    await elsewhere(`/v1/runs/${run.id}/end`, { status: "completed", output: `found ${secret}` });
    const second = await over("tester", `count ${secret}`, session);

    expect((await remove(run.id)).body).toMatchObject({ runs: 1, holds: 1 });
    expect((await remove(second)).body).toMatchObject({ runs: 1, holds: 0 });
    expect(await tablesWith(store(), secret)).toEqual(KEPT);
    const at = `/v1/sessions/${encodeURIComponent(session.sessionId)}`;
    expect(await read(at)).toMatchObject({ runCount: 0, runs: [], lastRun: null });
    expect((await service.call("POST", "/v1/holds", { key: service.agentKey, body: free })).status).toBe(404);
    await untilSigned(store().database, orgId);
    expect((await service.call("DELETE", at)).body).toMatchObject({ runs: 0, holds: 0 });
    expect(await tablesWith(store(), secret)).toEqual([]);
    expect(await tablesWith(store(), run.id)).toEqual(["events"]);
    expect((await read("/v1/audit/check")).findings).toEqual([]);
    await untilSigned(store().database, orgId);
    await verifyLines(await exportLines(store().database, orgId));
  });

  test("once, by whoever is first; a repetition after a lost connection is answered as the first was", async () => {
    const id = await over("tester", "count both");
    const both = await Promise.all([remove(id), remove(id)]);
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 404]));
    const another = await over("tester", "count again");
    const command = { credentialHash: hashOf(service.adminKey), runId: another, eventId: createId("evt") };
    const first = await store().database.call("delete_run_v1", command);
    expect(first).toMatchObject({ code: "ok", runs: 1 });
    expect(await store().database.call("delete_run_v1", command)).toEqual(first);
    await untilSigned(store().database, orgId);
    for (const each of [id, another]) {
      const deleted = (await entriesOf(each)).filter(
        ({ event }: { event: { type: string } }) => event.type === "run.deleted",
      );
      expect(deleted).toHaveLength(1);
    }
  });

  test("not while an agent elsewhere has claimed a hold of it and not reported yet", async () => {
    const elsewhere = (path: string, body: object) =>
      service.call("POST", path, { key: service.agentKey, body });
    const about = { agentId: "scraper", input: "find", external: true };
    const { body: run } = await elsewhere("/v1/runs", about);
    const { body: hold } = await elsewhere("/v1/holds", {
      runId: run.id,
      action: { name: "pay", arguments: {} },
    });
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    const claimed = await elsewhere(`/v1/holds/${hold.id}/claim-execution`, { actionHash: hold.action.hash });
    expect(claimed.status).toBe(200);
    await elsewhere(`/v1/runs/${run.id}/end`, { status: "completed", output: "paid" });
    const refused = await remove(run.id);
    expect([refused.status, refused.body.code, refused.body.holdId]).toEqual([409, "run_busy", hold.id]);
    await elsewhere(`/v1/holds/${hold.id}/execution`, { status: "succeeded", result: 1 });
    expect((await remove(run.id)).body).toMatchObject({ runs: 1, holds: 1 });
  });

  test("only by an admin, and only of the own organisation (I7)", async () => {
    const id = await over("tester", "count kept");
    const stranger = await seedOrganisation(store().database);
    expect((await remove(id, service.agentKey)).status).toBe(403);
    expect((await remove(id, null)).status).toBe(401);
    expect((await remove(id, stranger.adminKey)).status).toBe(404);
    expect((await remove(createId("run"))).status).toBe(404);
    expect((await service.call("GET", `/v1/runs/${id}`)).status).toBe(200);
  });
});
