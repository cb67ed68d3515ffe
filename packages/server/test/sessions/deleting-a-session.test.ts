import { createId } from "@holdpoint/protocol";
import pg from "pg";
import pino from "pino";
import { z } from "zod";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { deleteSession } from "../../src/sessions/delete-session.ts";
import { createSessionKeeper } from "../../src/sessions/session-keeper.ts";
import { hashOf } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { exportLines, untilSigned, verifyLines } from "../audit/audit-fixture.ts";
import { obey } from "../runs/test-tools.ts";
import { tablesWith } from "./every-table.ts";

/** In whatever a person has said or was asked, and in the session's own name. */
const SECRET = "Kaethe-4711";

let begun = Promise.withResolvers<void>();
let goOn = Promise.withResolvers<void>();
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
  defineTool({
    name: "work",
    description: "Works until it may end.",
    input: z.object({}),
    reversibility: "reversible",
    async execute() {
      begun.resolve();
      await goOn.promise;
      return "worked";
    },
  }),
  defineTool({
    name: "slow",
    description: "Waits.",
    input: z.object({}),
    requiresConfirmation: true,
    execute: () => "done",
  }),
];

describeEachStore("a session is deleted", (store) => {
  let service: TestService;
  let orgId: string;
  beforeAll(async () => {
    begun = Promise.withResolvers<void>();
    goOn = Promise.withResolvers<void>();
    service = await startTestService(store(), {
      config: defineConfig({
        agents: [defineAgent({ id: "tester", name: "Tester", model: "openai/none", tools, script: obey })],
      }),
      sampling: { draw: () => true },
    });
    orgId = service.service.firstAdmin?.orgId ?? "";
  });
  afterAll(() => service.stop());

  const wait = async (runId: string) =>
    (await service.call("GET", `/v1/runs/${runId}/wait?timeoutSeconds=20`)).body;
  const start = async (input: string, sessionId: string, endUserId = "someone") =>
    (
      await service.call("POST", "/v1/agents/tester/runs", {
        body: { input, sessionId, endUserId, metadata: { about: sessionId } },
      })
    ).body;
  async function decide(
    run: { holds: { id: string; status: string; kind: string; action: { hash: string } | null }[] },
    comment: string,
  ) {
    const hold = run.holds.find(({ status }) => status === "pending");
    if (hold === undefined) throw new Error("nothing is open");
    const verdict =
      hold.kind === "approval"
        ? { verdict: "approve", actionHash: hold.action?.hash, comment }
        : { verdict: "answer", answer: "kind", comment };
    expect((await service.call("POST", `/v1/holds/${hold.id}/decisions`, { body: verdict })).status).toBe(
      200,
    );
    return wait(run.holds.length > 0 ? (run as unknown as { id: string }).id : "");
  }

  /** A conversation of two runs, with a hold of an agent elsewhere. */
  async function story(sessionId: string, secret: string): Promise<string[]> {
    const first = await start(`count ${secret}; send ${secret}`, sessionId);
    let run = await wait(first.id);
    for (let n = 0; run.status === "holding" && n < 5; n++) run = await decide(run, `fine for ${secret}`);
    expect(run).toMatchObject({ status: "completed" });
    const second = await start(`count ${secret}`, sessionId);
    await wait(second.id);
    const at = `/v1/sessions/${encodeURIComponent(sessionId)}`;
    await service.call("POST", `${at}/pause`, { body: { reason: `${secret} asked for it` } });
    const third = await start(`count ${secret}`, sessionId);
    const told = await service.call("POST", `/v1/runs/${third.id}/messages`, {
      body: { text: `mind ${secret}` },
    });
    expect(told.status).toBeLessThan(300);
    await service.call("POST", `${at}/resume`, { body: { reason: `${secret} again` } });
    await wait(third.id);
    const fork = await service.call("POST", `/v1/runs/${second.id}/fork`, {
      body: { fromStep: 1, message: `greet ${secret}`, reason: secret },
    });
    expect(fork.status).toBe(201);
    await wait(fork.body.id);
    const { body: hold } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "payout", arguments: { to: secret } }, endUserId: "someone", sessionId },
    });
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "reject", comment: secret },
    });
    return [first.id, second.id, hold.id];
  }

  const remove = (sessionId: string, key?: string) =>
    service.call("DELETE", `/v1/sessions/${encodeURIComponent(sessionId)}`, key === undefined ? {} : { key });

  test("nothing personal of it is left in any table, and the log still verifies (I5)", async () => {
    const [runId, , holdId] = await story(`s/${SECRET}`, SECRET);
    await story("another", "Klaus");
    await untilSigned(store().database, orgId);
    expect(await tablesWith(store(), SECRET)).toEqual(
      expect.arrayContaining([
        "decisions",
        "events",
        "holds",
        "messages",
        "once_results",
        "runs",
        "samples",
        "sessions",
      ]),
    );
    const before = await exportLines(store().database, orgId);
    const deleted = await remove(`s/${SECRET}`);
    expect(deleted).toMatchObject({ status: 200, body: { id: `s/${SECRET}`, runs: 4, holds: 3 } });
    expect(await tablesWith(store(), SECRET)).toEqual([]);
    for (const path of [
      `/v1/runs/${runId}`,
      `/v1/holds/${holdId}`,
      `/v1/sessions/${encodeURIComponent(`s/${SECRET}`)}`,
    ])
      expect((await service.call("GET", path)).status).toBe(404);

    await untilSigned(store().database, orgId);
    const after = await exportLines(store().database, orgId);
    expect(after.join("\n")).not.toContain(SECRET);
    expect(after.join("\n")).toContain("Klaus");
    const entries: Record<string, unknown>[] = [];
    const verified = await verifyLines(after, {
      checkpoints: [JSON.parse(before[0]!).checkpoint],
      onEntry: (_index, { event }) => entries.push(event),
    });
    expect(verified).toMatchObject({ erasedEntries: deleted.body.entries, checkpointsElsewhere: 1 });
    expect(entries.at(-1)).toMatchObject({
      type: "session.deleted",
      actor: { kind: "member" },
      data: { runs: 4, holds: 3, entries: deleted.body.entries },
    });
    expect((await service.call("GET", "/v1/audit/check")).body.findings).toEqual([]);
    expect((await remove(`s/${SECRET}`)).status).toBe(404);
    // The name is free again, and the new conversation knows nothing of the old one.
    const again = await wait((await start("count users", `s/${SECRET}`)).id);
    expect(again).toMatchObject({ status: "completed" });
    expect(
      (await service.call("GET", `/v1/sessions/${encodeURIComponent(`s/${SECRET}`)}`)).body,
    ).toMatchObject({ runCount: 1 });
  });

  test("nor of what an agent elsewhere has asked and done in it, though its requests did not name the session", async () => {
    const secret = "Frieda-4714";
    const elsewhere = (path: string, body: object, headers: Record<string, string> = {}) =>
      service.call("POST", path, { key: service.agentKey, body, headers });
    const { body: run } = await elsewhere("/v1/runs", {
      agentId: "scraper",
      input: `find ${secret}`,
      external: true,
      sessionId: "elsewhere",
    });
    await elsewhere(`/v1/runs/${run.id}/heartbeat`, { text: `reads about ${secret}`, steps: 1 });
    const action = { name: "note", arguments: { about: secret } };
    const proceeded = await elsewhere(
      "/v1/holds",
      { runId: run.id, action: { ...action, reversibility: "reversible" } },
      { "idempotency-key": `note-${secret}` },
    );
    expect(proceeded.body).toMatchObject({ outcome: "auto_proceeded" });
    const { body: hold } = await elsewhere("/v1/holds", { runId: run.id, action });
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "reject", comment: secret },
    });
    await elsewhere(`/v1/runs/${run.id}/end`, { status: "completed", output: `found ${secret}` });
    await untilSigned(store().database, orgId);
    const deleted = await remove("elsewhere");
    expect(deleted).toMatchObject({ status: 200, body: { runs: 1, holds: 1 } });
    expect(await tablesWith(store(), secret)).toEqual([]);
    expect((await service.call("GET", "/v1/audit/check")).body.findings).toEqual([]);
  });

  test("not while a run of it is not over, nor while somebody is asked; nothing is erased then", async () => {
    const run = await wait((await start("slow", "busy")).id);
    const refused = await remove("busy");
    expect([refused.status, refused.body.code, refused.body.runId]).toEqual([409, "session_busy", run.id]);
    await service.call("POST", `/v1/runs/${run.id}/cancel`, { body: {} });
    const { body: hold } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "payout", arguments: {} }, runId: run.id },
    });
    const asked = await remove("busy");
    expect([asked.status, asked.body.code, asked.body.holdId]).toEqual([409, "session_busy", hold.id]);
    expect((await service.call("GET", "/v1/sessions/busy")).body).toMatchObject({ runCount: 1 });
    await service.call("POST", `/v1/holds/${hold.id}/cancel`, { body: {} });
    await untilSigned(store().database, orgId);
    expect((await remove("busy")).body).toMatchObject({ runs: 1, holds: 2 });
  });

  test("not while a call executes over which its run was cancelled: its end is recorded first (I5)", async () => {
    const { id } = await start("work", "late");
    await begun.promise;
    await service.call("POST", `/v1/runs/${id}/cancel`, { body: {} });
    const refused = await remove("late");
    goOn.resolve();
    expect([refused.status, refused.body.code, refused.body.runId]).toEqual([409, "session_busy", id]);
    await expect
      .poll(async () => (await service.call("GET", `/v1/runs/${id}`)).body.toolCalls[0].status)
      .toBe("succeeded");
    await untilSigned(store().database, orgId);
    expect((await remove("late")).status).toBe(200);
  });

  test("what is made in it in that moment keeps it: nothing is erased", async () => {
    if (store().kind === "embedded") return;
    await wait((await start("count users", "now")).id);
    await untilSigned(store().database, orgId);
    const maker = new pg.Client(store().url);
    await maker.connect();
    await maker.query("begin");
    const runId = createId("run");
    const run = { id: runId, agent_id: "elsewhere", input: "x", max_steps: 0, heartbeat_seconds: 30 };
    const command = {
      credentialHash: hashOf(service.adminKey),
      run: { ...run, session_id: "now", end_user_id: "someone" },
      eventId: createId("evt"),
    };
    await maker.query("select holdpoint.create_run_v1($1)", [JSON.stringify(command)]);
    const removed = remove("now");
    const waits = async (): Promise<void> => {
      while ((await maker.query("select from pg_locks where not granted")).rowCount === 0);
    };
    await Promise.race([removed, waits()]);
    await maker.query("commit");
    await maker.end();
    expect(await removed).toMatchObject({ status: 409, body: { code: "session_busy", runId } });
    await service.call("POST", `/v1/runs/${runId}/cancel`, { body: {} });
    await untilSigned(store().database, orgId);
    expect((await remove("now")).body).toMatchObject({ runs: 2 });
  });

  test("its time is over, but it was used since that was found: it stays", async () => {
    await wait((await start("count users", "used")).id);
    await expect(
      deleteSession(store().database, { retentionOrgId: orgId, unusedDays: 30 }, "used"),
    ).rejects.toMatchObject({ code: "session_busy" });
    expect((await service.call("GET", "/v1/sessions/used")).status).toBe(200);
  });

  test("only by an admin, and only of the own organisation", async () => {
    await wait((await start("count users", "kept")).id);
    expect((await remove("kept", service.agentKey)).status).toBe(403);
    expect((await service.call("DELETE", "/v1/sessions/kept", { key: null })).status).toBe(401);
    expect((await remove("nobody's")).status).toBe(404);
    expect((await service.call("GET", "/v1/sessions/kept")).status).toBe(200);
  });

  test("a deletion that was interrupted is finished by the sweeper; meanwhile the session takes nothing", async () => {
    await story("half", "Half-4712");
    await untilSigned(store().database, orgId);
    const { database } = store();
    expect(
      await database.call("begin_session_deletion_v1", { retentionOrgId: orgId, sessionId: "half" }),
    ).toMatchObject({ code: "ok" });
    expect((await service.call("GET", "/v1/sessions/half")).status).toBe(404);
    const refused = await service.call("POST", "/v1/agents/tester/runs", {
      body: { input: "count users", sessionId: "half", endUserId: "someone" },
    });
    expect(refused.status).toBe(404);
    const keeper = createSessionKeeper({
      database,
      wakeups: service.service.wakeups,
      logger: pino({ level: "silent" }),
      sessionsDays: undefined,
    });
    expect(await keeper.deleteDue()).toBe(0);
    await store().advance(61_000);
    expect(await keeper.deleteDue()).toBe(1);
    await store().setClock(null);
    expect(await tablesWith(store(), "Half-4712")).toEqual([]);
  });

  test("retention: what was not used for so long is deleted, what still waits or was used since is not", async () => {
    await story("old", "Old-4713");
    const waiting = await wait((await start("slow", "waits")).id);
    await untilSigned(store().database, orgId);
    await store().advance(31 * 86_400_000);
    await wait((await start("count users", "young")).id);
    const { database } = store();
    const keeper = createSessionKeeper({
      database,
      wakeups: service.service.wakeups,
      logger: pino({ level: "silent" }),
      sessionsDays: 30,
    });
    for (let n = 0; n < 5 && (await keeper.deleteDue()) > 0; n++);
    await store().setClock(null);
    expect(await tablesWith(store(), "Old-4713")).toEqual([]);
    expect((await service.call("GET", "/v1/sessions/old")).status).toBe(404);
    expect((await service.call("GET", "/v1/sessions/young")).status).toBe(200);
    expect((await service.call("GET", `/v1/runs/${waiting.id}`)).status).toBe(200);
    await untilSigned(database, orgId);
    const lines = await exportLines(database, orgId);
    expect(lines.some((line) => line.includes('"session.deleted"') && line.includes('"retention"'))).toBe(
      true,
    );
    await verifyLines(lines);
  });
});
