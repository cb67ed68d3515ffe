import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Run } from "@holdpoint/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import type { ToolContext } from "../../src/agents/tool-context.ts";
import { defineTool, type DefinedTool, type ToolOptions } from "../../src/agents/tool.ts";
import { choose } from "../../src/clarifications/returned-question.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { callTools } from "../clarifications/asking-fixture.ts";
import { startConnections, type ConnectionFixture } from "./connection-fixture.ts";
import { TestBrowser } from "./test-browser.ts";

const READ = ["calendar:read"];
const WRITE = ["calendar:write"];
let people = 0;

describeEachStore("runs use their end user's account", (store) => {
  let at: ConnectionFixture;
  let api: Server;
  let apiUrl: string;
  /** What happens between getting a token and using it. */
  let inBetween: () => Promise<void> = async () => undefined;
  const begun: string[] = [];
  let isReady = false;

  function tool(
    name: string,
    execute: (context: ToolContext) => unknown,
    more: Partial<ToolOptions> = {},
  ): DefinedTool {
    return defineTool({
      name,
      description: name,
      input: z.object({}),
      reversibility: "reversible",
      ...more,
      execute: (_args, context) => execute(context),
    });
  }

  async function use(context: ToolContext, scopes: readonly string[], purpose: string): Promise<string> {
    const connection = await context.connection("calendar", scopes, { purpose });
    await inBetween();
    const response = await connection.fetch(apiUrl, { method: "POST", body: "what was sent" });
    return `${response.status} ${await response.text()}`;
  }

  const declared = (scopes: string[], purpose: string) => [{ provider: "calendar", scopes, purpose }];
  const agent = defineAgent({
    id: "tester",
    name: "Tester",
    model: "openai/none",
    script: callTools,
    tools: [
      tool("read", (context) => use(context, READ, "To read.")),
      tool("write", (context) => use(context, WRITE, "To write.")),
      tool("declares_read", (context) => (begun.push("read"), use(context, READ, "")), {
        connections: declared(READ, "To look."),
      }),
      tool("declares_write", (context) => (begun.push("write"), use(context, WRITE, "")), {
        connections: declared(WRITE, "To change."),
      }),
      tool("leak", (context) => context.connection("calendar", READ)),
      tool("nowhere", (context) => context.connection("calender", READ)),
      tool("wait_ready", () => "went", {
        ready: () => isReady || choose("Is the oven hot?", ["yes"]),
      }),
    ],
  });

  beforeAll(async () => {
    at = await startConnections(store(), {}, store().database, [agent]);
    api = createServer((request, response) => {
      const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
      void at.provider.knows(token).then(async (isKnown) => {
        let body = "";
        for await (const chunk of request) body += String(chunk);
        response.writeHead(isKnown ? 200 : 401).end(isKnown ? body : "no");
      });
    }).listen(0, "127.0.0.1");
    await once(api, "listening");
    apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    api.close();
    api.closeAllConnections();
    await at.stop();
  });

  const somebody = () => `person_${people++}`;
  async function start(input: string, endUserId?: string): Promise<string> {
    const body = { input, ...(endUserId !== undefined && { endUserId }) };
    return (await at.call("POST", "/v1/agents/tester/runs", { body })).body.id;
  }
  /** Until a person is waited for, or the end. */
  async function settled(id: string, isSo: (run: Run) => boolean = () => true): Promise<Run> {
    for (;;) {
      const run: Run = (await at.call("GET", `/v1/runs/${id}/wait?timeoutSeconds=5`)).body;
      if (["holding", "completed", "failed"].includes(run.status) && isSo(run)) return run;
    }
  }
  const ended = (id: string) => settled(id, ({ endedAt }) => endedAt !== null);
  const openOf = (run: Run) => run.holds.filter(({ status }) => status === "pending");
  async function openHolds(endUserId: string) {
    const { data } = (await at.call("GET", "/v1/holds?status=pending&limit=200")).body;
    return (data as { id: string; endUserId: string; kind: string }[]).filter(
      (hold) => hold.endUserId === endUserId && hold.kind === "authorization",
    );
  }
  async function consent(holdId: string): Promise<void> {
    await new TestBrowser().follow(await at.offer({ holdId }));
  }

  test("the call waits, the person consents, the run goes on where it was (R17 to R20, R26)", async () => {
    const id = await start("read", somebody());
    const waiting = await settled(id);
    const [hold] = openOf(waiting);
    expect(hold).toMatchObject({
      kind: "authorization",
      question: { provider: "calendar", scopes: READ, purpose: "To read." },
    });
    expect(waiting.toolCalls[0]).toMatchObject({ status: "suspended" });
    await consent(hold?.id ?? "");
    expect(await ended(id)).toMatchObject({ status: "completed", output: 'read: "200 what was sent"' });
    const told = (await at.events())
      .filter(({ hold_id }) => hold_id === hold?.id)
      .map(({ data }) => data.message);
    expect(told.filter((message) => message !== undefined)).toEqual([
      "Authorization needs to be completed.",
      "Authorization completed; the agent can resume.",
    ]);
  });

  test("a refusal is told to the agent as one, and nothing is tried again (R6)", async () => {
    const id = await start("read", somebody());
    const [hold] = openOf(await settled(id));
    at.provider.person.allows = false;
    await consent(hold?.id ?? "");
    at.provider.person.allows = true;
    const run = await ended(id);
    expect(run.output).toMatch(/declined/);
    expect(run.toolCalls).toHaveLength(1);
    expect(run.holds).toHaveLength(1);
  });

  test("needs that tools declare become one prompt before any of them has begun", async () => {
    const id = await start("declares_read; declares_write", somebody());
    const waiting = await settled(id, (run) => run.toolCalls.every(({ status }) => status === "suspended"));
    expect(waiting.holds).toHaveLength(1);
    expect(begun).toEqual([]);
    const [hold] = waiting.holds;
    const question = hold?.question as { scopes: string[]; purpose: string };
    expect(question.scopes.toSorted()).toEqual([...READ, ...WRITE]);
    expect(question.purpose.split("\n").toSorted()).toEqual(["To change.", "To look."]);
    await consent(hold?.id ?? "");
    expect((await ended(id)).toolCalls.map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
    expect(begun.toSorted()).toEqual(["read", "write"]);
  });

  test("defect 30: parallel needs that nobody declared end in one open prompt, wide enough for both", async () => {
    const endUserId = somebody();
    const id = await start("read; write", endUserId);
    await settled(id, (run) => run.toolCalls.every(({ status }) => status === "suspended"));
    const open = await openHolds(endUserId);
    expect(open).toHaveLength(1);
    await consent(open[0]?.id ?? "");
    expect((await ended(id)).output).toBe('read: "200 what was sent"\nwrite: "200 what was sent"');
    const [connection] = (await at.call("GET", `/v1/connections?endUserId=${endUserId}`)).body.data;
    expect(connection.scopes).toEqual(expect.arrayContaining([...READ, ...WRITE]));
  });

  test("defect 30: runs of one person at the same moment share one prompt, and all go on", async () => {
    const endUserId = somebody();
    const ids = await Promise.all(Array.from({ length: 5 }, () => start("read", endUserId)));
    await Promise.all(ids.map((id) => settled(id)));
    const open = await openHolds(endUserId);
    expect(open).toHaveLength(1);
    await consent(open[0]?.id ?? "");
    for (const id of ids) expect((await ended(id)).output).toBe('read: "200 what was sent"');
  });

  test("one of them is deleted: the prompt that it shared stays with the others", async () => {
    const endUserId = somebody();
    const ids = [await start("read", endUserId)];
    const [hold] = openOf(await settled(ids[0] ?? ""));
    ids.push(await start("read", endUserId));
    const joined = await settled(ids[1] ?? "");
    expect(openOf(joined)).toMatchObject([{ id: hold?.id, runId: ids[0] }]);
    expect(await at.call("DELETE", `/v1/runs/${ids[0]}`)).toMatchObject({ status: 409 });
    await consent(hold?.id ?? "");
    for (const id of ids) expect((await ended(id)).status).toBe("completed");
    expect((await at.call("DELETE", `/v1/runs/${ids[0]}`)).body).toMatchObject({ runs: 1, holds: 0 });
    const { holds } = await ended(ids[1] ?? "");
    expect(holds).toMatchObject([{ id: hold?.id, runId: ids[1], status: "answered" }]);
    expect((await at.call("DELETE", `/v1/runs/${ids[1]}`)).body).toMatchObject({ runs: 1, holds: 1 });
  });

  test("a run that joins in the moment of the callback does not wait for ever", async () => {
    for (let round = 0; round < 4; round++) {
      const endUserId = somebody();
      const first = await start("read", endUserId);
      const [hold] = openOf(await settled(first));
      const browser = new TestBrowser();
      const callback = await at.toCallback(await at.offer({ holdId: hold?.id }), browser);
      const [joined] = await Promise.all([
        Promise.all(Array.from({ length: 4 }, () => start("read", endUserId))),
        browser.get(callback),
      ]);
      for (const id of [first, ...joined]) expect((await ended(id)).status).toBe("completed");
      expect(await openHolds(endUserId)).toEqual([]);
    }
  });

  test("wider scopes extend the connection: the union is asked for", async () => {
    const endUserId = somebody();
    await at.connect(endUserId, READ);
    const id = await start("write", endUserId);
    const [hold] = openOf(await settled(id));
    expect(hold?.question).toMatchObject({ scopes: expect.arrayContaining([...READ, ...WRITE]) });
    await consent(hold?.id ?? "");
    expect((await ended(id)).output).toContain("200");
  });

  test("connected another way, the open question resolves by itself", async () => {
    const endUserId = somebody();
    const id = await start("read", endUserId);
    const [hold] = openOf(await settled(id));
    await at.connect(endUserId, READ);
    await ended(id);
    const { outcome } = (await at.call("GET", `/v1/holds/${hold?.id}`)).body;
    expect(outcome.by).toMatchObject({ via: "readiness" });
  });

  describe("a token that ends in the middle", () => {
    test("defect 29: taken back at the provider, consent is asked for again and the run goes on", async () => {
      const endUserId = somebody();
      await at.connect(endUserId, READ);
      inBetween = async () => {
        inBetween = async () => undefined;
        await at.provider.revokeAll();
      };
      const id = await start("read", endUserId);
      const [hold] = openOf(await settled(id));
      expect(hold).toMatchObject({ kind: "authorization" });
      const [expired] = (await at.call("GET", `/v1/connections?endUserId=${endUserId}`)).body.data;
      expect(expired.status).toBe("expired");
      await consent(hold?.id ?? "");
      expect((await ended(id)).output).toBe('read: "200 what was sent"');
    });

    test("only the access token: renewed without asking, and sent again with its body", async () => {
      const endUserId = somebody();
      await at.connect(endUserId, READ);
      inBetween = async () => {
        inBetween = async () => undefined;
        const { accessToken } = (await at.connections.fresh({
          orgId: at.orgId,
          endUserId,
          provider: "calendar",
          scopes: READ,
        })) as { accessToken: string };
        await at.provider.forget(accessToken);
      };
      const run = await ended(await start("read", endUserId));
      expect(run.output).toBe('read: "200 what was sent"');
      expect(run.holds).toEqual([]);
    });
  });

  test("the token is in no result, even of a tool that returns its connection", async () => {
    const endUserId = somebody();
    await at.connect(endUserId, READ);
    const run = await ended(await start("leak", endUserId));
    const texts = JSON.stringify(run) + JSON.stringify(await at.events()) + at.logged.join("");
    for (const secret of at.provider.secrets) expect(texts).not.toContain(secret);
  });

  test("without an end user, and for a provider that there is not, the tool fails and says why", async () => {
    expect((await ended(await start("read"))).output).toContain("the run has no end user");
    expect((await ended(await start("nowhere", somebody()))).output).toContain('Did you mean "calendar"?');
  });

  test("what ready() asks goes away by itself once it is ready", async () => {
    const id = await start("wait_ready", somebody());
    const [hold] = openOf(await settled(id));
    expect(hold).toMatchObject({ kind: "clarification", title: "Is the oven hot?" });
    const due = await store().database.ownerSession(async (owner) => {
      const { rows } = await owner.query<{ seconds: number }>(
        "select extract(epoch from advance_at - holdpoint.hp_now())::float8 as seconds from holdpoint.runs where id = $1",
        [id],
      );
      return rows[0]?.seconds ?? 0;
    });
    expect(due).toBeGreaterThan(5);
    expect(due).toBeLessThanOrEqual(10);
    isReady = true;
    await store().database.ownerSession((owner) =>
      owner.query("update holdpoint.runs set advance_at = holdpoint.hp_now() where id = $1", [id]),
    );
    expect((await ended(id)).output).toBe('wait_ready: "went"');
    const { outcome } = (await at.call("GET", `/v1/holds/${hold?.id}`)).body;
    expect(outcome.by).toMatchObject({ via: "readiness" });
  });
});
