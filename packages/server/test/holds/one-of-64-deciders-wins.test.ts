import type { Hold } from "@holdpoint/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen, type Listening } from "../../src/http/listen.ts";
import { openTestStore, type OpenTestStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

const CLIENTS = 64;
const ROUNDS = 200;

/** I3 under load: over real HTTP, on a real PostgreSQL. */
describe("64 clients decide one hold at once", () => {
  let store: OpenTestStore;
  let service: TestService;
  let server: Listening;
  beforeAll(async () => {
    store = await openTestStore("postgres");
    service = await startTestService(store);
    server = await listen({ fetch: service.service.app.fetch, host: "127.0.0.1", port: 0 });
  });
  afterAll(async () => {
    await server.close(0);
    await service.stop();
    await store.close();
  });

  const post = async (path: string, key: string, body: object) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", host: "localhost:7777" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Hold };
  };

  test(`exactly one wins, and each other is told who; ${ROUNDS} times`, { timeout: 240_000 }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { body: hold } = await post("/v1/holds", service.agentKey, {
        action: { name: "launch", arguments: { round } },
      });
      const answers = await Promise.all(
        Array.from({ length: CLIENTS }, (_, client) =>
          post(
            `/v1/holds/${hold.id}/decisions`,
            service.adminKey,
            client % 2 === 0
              ? { verdict: "approve", actionHash: hold.action?.hash }
              : { verdict: "reject", comment: `client ${client}` },
          ),
        ),
      );
      const winners = answers.filter(({ status }) => status === 200);
      expect(winners).toHaveLength(1);
      const winner = winners[0]?.body;
      for (const loser of answers.filter(({ status }) => status !== 200)) {
        expect(loser).toMatchObject({
          status: 409,
          body: {
            code: "already_decided",
            winner: {
              status: winner?.status,
              by: winner?.outcome?.by,
              decidedAt: winner?.decidedAt,
              comment: winner?.outcome?.comment,
            },
          },
        });
      }
    }
    const { rows } = await countDecisions(store);
    expect(rows).toBe(ROUNDS);
  });
});

/** One decision and one event for each hold, however many tried (I5). */
async function countDecisions(store: OpenTestStore): Promise<{ rows: number }> {
  return store.database.ownerSession(async (owner) => {
    await owner.query("begin");
    await owner.query("set local role hp_definer");
    const { rows } = await owner.query<{ decisions: number; events: number }>(
      "select (select count(*)::int from holdpoint.decisions) decisions, (select count(*)::int from holdpoint.events where type = 'hold.decided') events",
    );
    await owner.query("commit");
    expect(rows[0]?.events).toBe(rows[0]?.decisions);
    return { rows: rows[0]?.decisions ?? -1 };
  });
}
