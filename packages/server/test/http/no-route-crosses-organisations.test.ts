import { afterAll, beforeAll, expect, test } from "vitest";
import { refundConfig } from "../../src/testing/refund-config.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

/** I7, generated from the OpenAPI document: a route that is added is tested. */
describeEachStore("no route crosses an organisation", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config: refundConfig() });
  });
  afterAll(() => service.stop());

  test("ids of one organisation are unknown in every other, whatever is asked of them", async () => {
    const stranger = await seedOrganisation(store().database);
    const { body: hold } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: {
        action: { name: "refund", arguments: { order: 1, eur: 2 } },
        sessionId: "s-1",
        endUserId: "u-1",
      },
    });
    const { body: run } = await service.call("POST", "/v1/agents/billing/runs", { body: { input: "hello" } });
    const { body: key } = await service.call("POST", "/v1/api-keys", {
      body: { name: "mine", kind: "agent" },
    });
    const { body: added } = await service.call("POST", "/v1/members", {
      body: { name: "Eve", email: "eve@example.com", role: "reviewer" },
    });
    const { body: grant } = await service.call("POST", "/v1/grants", {
      body: { tool: "look_up", expiresInSeconds: 3_600 },
    });
    const rule = { id: "looks", tools: ["look_up"], effect: { level: "auto_proceed", sample: 1 } };
    await service.call("PUT", "/v1/policies", { body: { document: { rules: [rule] } } });
    await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "look_up", arguments: { order: 1 } } },
    });
    const [sample] = (await service.call("GET", "/v1/samples")).body.data;
    const ids = {
      grants: grant.id,
      samples: sample.id,
      holds: hold.id,
      runs: run.id,
      "api-keys": key.id,
      members: added.member.id,
      sessions: "s-1",
    } as Record<string, string>;
    const bodies: Record<string, object> = {
      decisions: { verdict: "approve", actionHash: hold.action.hash },
      execution: { status: "succeeded" },
      review: { verdict: "correct" },
      kill: { reason: "none of theirs" },
      messages: { text: "none of theirs" },
      result: { result: 1, reason: "none of theirs" },
      withdraw: { reason: "none of theirs" },
      amend: { arguments: {}, reason: "none of theirs" },
      fork: { fromStep: 1 },
      end: { status: "completed" },
    };
    const { paths } = (await service.call("GET", "/openapi.json")).body as {
      paths: Record<string, Record<string, unknown>>;
    };
    let tried = 0;
    for (const [path, methods] of Object.entries(paths)) {
      const kind = /^\/v1\/([a-z-]+)\/\{id\}/.exec(path)?.[1];
      // Agents and tools come from the config file, which is everybody's. End users' ids are the app's own in each organisation, and
      // members are nobody to their questions: test/end-users/one-end-user-never-sees-another.test.ts.
      if (kind === undefined || ["agents", "tools", "end-users", "questions"].includes(kind)) continue;
      for (const method of Object.keys(methods)) {
        const answer = await service.call(method.toUpperCase(), path.replace("{id}", ids[kind] ?? "none"), {
          key: stranger.adminKey,
          ...(method === "post" ? { body: bodies[path.split("/").at(-1) ?? ""] ?? {} } : {}),
        });
        expect([method, path, answer.status]).toEqual([method, path, 404]);
        tried++;
      }
    }
    expect(tried).toBeGreaterThanOrEqual(11);
    await service.call("POST", "/v1/tools/look_up/hold", { body: { reason: "ours alone" } });
    // Lists and reports are empty of it, and a session of the other organisation is a new one here.
    for (const list of [
      "/v1/holds",
      "/v1/runs",
      "/v1/sessions",
      "/v1/audit",
      "/v1/grants",
      "/v1/samples",
      "/v1/standing-orders",
      "/v1/audit?sessionId=s-1",
      `/v1/audit?holdId=${hold.id}`,
    ]) {
      expect([list, (await service.call("GET", list, { key: stranger.adminKey })).body.data]).toEqual([
        list,
        [],
      ]);
    }
    for (const list of ["/v1/api-keys", "/v1/members"]) {
      const seen = JSON.stringify((await service.call("GET", list, { key: stranger.adminKey })).body);
      expect(seen).not.toContain(key.id);
      expect(seen).not.toContain("eve@example.com");
    }
    const elsewhere = await service.call("POST", "/v1/holds", {
      key: stranger.agentKey,
      body: { action: { name: "x" }, sessionId: "s-1", endUserId: "u-2" },
    });
    expect(elsewhere.status).toBe(201);
    const free = await service.call("POST", "/v1/holds", {
      key: stranger.agentKey,
      body: { action: { name: "look_up", arguments: { order: 1 } } },
    });
    expect(free.body.reasons.map(({ rule }: { rule: string }) => rule)).not.toContain("kill_switch");
  });

  test("the tables themselves show nothing to a session that has set no organisation", async () => {
    for (const table of [
      "holds",
      "runs",
      "events",
      "decisions",
      "messages",
      "tool_calls",
      "members",
      "api_keys",
    ]) {
      expect(await store().database.query(`select * from holdpoint.${table}`)).toEqual([]);
    }
  });

  test("the log is append-only for the service (I5)", async () => {
    for (const statement of [
      "update holdpoint.events set type = 'x'",
      "delete from holdpoint.events",
      "update holdpoint.decisions set comment = ''",
      "delete from holdpoint.claims",
      "truncate holdpoint.events",
    ]) {
      await expect(store().database.query(statement)).rejects.toThrow(/permission denied/);
    }
  });
});
