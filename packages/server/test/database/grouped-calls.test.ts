import { createHash } from "node:crypto";
import { beforeAll, afterAll, expect, test } from "vitest";
import { createId } from "@holdpoint/protocol";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

describeEachStore("calls that come while others are under way", (store) => {
  let service: TestService;
  let orgId: string;
  beforeAll(async () => {
    service = await startTestService(store());
    orgId = (await create(0)).body.orgId;
  });
  afterAll(() => service.stop());

  interface Answer {
    status: number;
    body: { id: string; orgId: string; title: string; status: string; action: { hash: string } };
  }
  const create = (number: number, headers = {}) =>
    service.call("POST", "/v1/holds", {
      key: service.agentKey,
      headers,
      body: { kind: "approval", title: `number ${number}`, action: { name: "send", arguments: { number } } },
    }) as unknown as Promise<Answer>;
  const decide = ({ id, action }: Answer["body"]) =>
    service.call("POST", `/v1/holds/${id}/decisions`, {
      key: service.adminKey,
      body: { verdict: "approve", actionHash: action.hash },
    }) as unknown as Promise<Answer>;
  const numbers = Array.from({ length: 24 }, (_, number) => number);

  async function transactionsOf(type: string, ids: readonly string[]): Promise<number> {
    const rows = await store().database.transaction(async (tx) => {
      await tx.query("select set_config('hp.org_id', $1, true)", [orgId]);
      return tx.query<{ count: number }>(
        "select count(distinct xid)::int as count from holdpoint.events where type = $1 and hold_id = any ($2)",
        [type, ids],
      );
    });
    return rows[0]?.count ?? 0;
  }

  test("go together, and each has its own answer", async () => {
    const created = await Promise.all(numbers.map((number) => create(number)));
    expect(created.map(({ status, body }) => [status, body.title])).toEqual(
      numbers.map((number) => [201, `number ${number}`]),
    );
    const decided = await Promise.all(created.map(({ body }) => decide(body)));
    expect(decided.map(({ body }) => [body.id, body.status])).toEqual(
      created.map(({ body }) => [body.id, "approved"]),
    );
    const ids = created.map(({ body }) => body.id);
    expect(await transactionsOf("hold.created", ids)).toBeLessThan(numbers.length);
    expect(await transactionsOf("hold.decided", ids)).toBeLessThan(numbers.length);
  });

  test("the same hold, many times in one group, is decided once", async () => {
    const { body } = await create(0);
    const statuses = (await Promise.all(numbers.map(() => decide(body)))).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...numbers.slice(1).map(() => 409)]);
  });

  test("the same key, many times in one group, is one hold", async () => {
    const answers = await Promise.all(numbers.map(() => create(7, { "idempotency-key": "the-same" })));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
  });

  test("the failure of one is that of nobody else", async () => {
    const { database } = store();
    const held = await Promise.all(numbers.map((number) => create(number)));
    const answers = await Promise.allSettled(
      held.map(({ body }, index) =>
        database.callGrouped(
          "decide_v1",
          {
            credentialHash: createHash("sha256").update(service.adminKey).digest("hex"),
            holdId: body.id,
            verdict: "approve",
            actionHash: body.action.hash,
            via: "api",
            // The database refuses the text of the tenth.
            comment: index === 9 ? "\u0000" : null,
            decisionId: createId("dec"),
            eventId: createId("evt"),
            timeoutEventId: createId("evt"),
          },
          body.id,
        ),
      ),
    );
    const codes = answers.map((answer) =>
      answer.status === "fulfilled" ? (answer.value as { code: string }).code : "failed",
    );
    expect(codes).toEqual(numbers.map((number) => (number === 9 ? "failed" : "ok")));
  });
});
