import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refundConfig } from "../../src/testing/refund-config.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

/** An Idempotency-Key gives its own principal its own answer again, and nobody else anything. */
describeEachStore("an idempotency key is its principal's", (store) => {
  let service: TestService;
  let own: string;
  let foreign: string;
  beforeAll(async () => {
    service = await startTestService(store(), { config: refundConfig() });
    const keyOf = async (name: string) =>
      (
        await service.call("POST", "/v1/api-keys", {
          body: { kind: "agent", name, scopes: ["holds:create", "runs:*"] },
        })
      ).body.key as string;
    [own, foreign] = [await keyOf("own"), await keyOf("foreign")];
  });
  afterAll(() => service.stop());

  const post = (path: string, key: string, idempotencyKey: string, body: object) =>
    service.call("POST", path, { key, body, headers: { "idempotency-key": idempotencyKey } });
  const held = { action: { name: "refund", arguments: { order: 1, eur: 2 } } };
  const automatic = { action: { name: "look_up", arguments: { order: 1 } } };

  test.each([
    ["a hold", "/v1/holds", held],
    ["an action that proceeds", "/v1/holds", automatic],
    ["a run", "/v1/agents/billing/runs", { input: "Refund order 1" }],
  ])("%s is not read by repeating another's request", async (what, path, body) => {
    const first = await post(path, own, `key-${what.length}`, body);
    const again = await post(path, own, `key-${what.length}`, body);
    expect([again.status, again.body.id]).toEqual([first.status, first.body.id]);
    const other = await post(path, foreign, `key-${what.length}`, body);
    expect([other.status, other.body.code]).toEqual([422, "idempotency_mismatch"]);
    expect(JSON.stringify(other.body)).not.toContain(String(first.body.id ?? first.body.claim));
  });

  // I2: whoever starts again after a crash must not take an earlier process's right for its own.
  test("an attempt knows its own claim, repeated, from one that was given before", async () => {
    const ask = async (attempt?: string) => {
      const headers = {
        "idempotency-key": "attempted-1",
        ...(attempt && { "x-holdpoint-attempt": attempt }),
      };
      const { body } = await service.call("POST", "/v1/holds", { key: own, body: automatic, headers });
      return body.repeated as boolean;
    };
    const [first, second] = [randomUUID(), randomUUID()];
    expect(await Promise.all([ask(first), ask(first), ask(first)])).toEqual([false, false, false]);
    expect([await ask(second), await ask(), await ask(first), await ask("no uuid")]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test("an attempt of another principal gets nothing by naming it the same", async () => {
    const attempt = { "x-holdpoint-attempt": randomUUID() };
    const ask = (key: string, idempotencyKey: string) =>
      service.call("POST", "/v1/holds", {
        key,
        body: automatic,
        headers: { "idempotency-key": idempotencyKey, ...attempt },
      });
    expect((await ask(own, "attempted-2")).status).toBe(200);
    expect((await ask(foreign, "attempted-3")).body.code).toBe("idempotency_mismatch");
  });

  test("one key is not for what is held and for what proceeds", async () => {
    await post("/v1/holds", own, "both-1", held);
    expect((await post("/v1/holds", own, "both-1", automatic)).status).toBe(422);
    await post("/v1/holds", own, "both-2", automatic);
    expect((await post("/v1/holds", own, "both-2", held)).status).toBe(422);
  });

  test("a claim whose answer was lost is given again for its key, and for no other", async () => {
    const approved = async () => {
      const { body: hold } = await service.call("POST", "/v1/holds", { key: own, body: held });
      await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
        body: { verdict: "approve", actionHash: hold.action.hash },
      });
      return hold;
    };
    const [hold, sibling] = [await approved(), await approved()];
    const claim = (id: string, key: string, body: object = {}) =>
      post(`/v1/holds/${id}/claim-execution`, own, key, body);
    const first = await claim(hold.id, "claim-1");
    const again = await claim(hold.id, "claim-1");
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
    const otherKey = await claim(hold.id, "claim-2");
    expect([otherKey.status, otherKey.body.code]).toEqual([409, "already_redeemed"]);
    const otherBody = await claim(hold.id, "claim-1", { actionHash: hold.action.hash });
    expect([otherBody.status, otherBody.body.code]).toEqual([422, "idempotency_mismatch"]);
    const otherHold = await claim(sibling.id, "claim-1");
    expect([otherHold.status, otherHold.body.code]).toEqual([422, "idempotency_mismatch"]);
    expect((await claim(sibling.id, "claim-3")).status).toBe(200);
  });

  test("withdrawing, putting off and reporting: the same request is answered again, another one is refused", async () => {
    const propose = async () => (await service.call("POST", "/v1/holds", { key: own, body: held })).body;
    const admin = service.adminKey;
    const [hold, sibling] = [await propose(), await propose()];

    const defer = (id: string) => post(`/v1/holds/${id}/defer`, admin, "defer-1", {});
    expect((await defer(hold.id)).status).toBe(200);
    expect((await defer(sibling.id)).body.code).toBe("idempotency_mismatch");

    const cancel = (id: string, reason: string, key = "cancel-1", who = own) =>
      post(`/v1/holds/${id}/cancel`, who, key, { reason });
    expect((await cancel(hold.id, "moot")).body.status).toBe("cancelled");
    expect((await cancel(hold.id, "moot")).body.outcome.comment).toBe("moot");
    expect((await defer(hold.id)).body.status).toBe("cancelled"); // the resource as it is now
    for (const other of [
      await cancel(hold.id, "another reason"),
      await cancel(sibling.id, "moot"),
      await cancel(hold.id, "moot", "cancel-1", admin),
      await cancel(hold.id, "moot", "defer-1", admin),
    ]) {
      expect([other.status, other.body.code]).toEqual([422, "idempotency_mismatch"]);
    }
    expect((await cancel(hold.id, "moot", "a key")).body.code).toBe("invalid_request");

    await service.call("POST", `/v1/holds/${sibling.id}/decisions`, {
      body: { verdict: "approve", actionHash: sibling.action.hash },
    });
    await post(`/v1/holds/${sibling.id}/claim-execution`, own, "claimed-1", {});
    const report = (body: object, key = "report-1") =>
      post(`/v1/holds/${sibling.id}/execution`, own, key, body);
    expect((await report({ status: "failed", error: "no" })).body.fulfilment).toBe("failed");
    expect((await report({ status: "failed", error: "no" })).body.fulfilment).toBe("failed");
    expect((await report({ status: "succeeded" })).body.code).toBe("idempotency_mismatch");
    expect((await report({ status: "succeeded" }, "report-2")).body.code).toBe("not_executing");
    // What was refused made nothing, so its key is free.
    expect((await report({ status: "failed", error: "no" }, "report-2")).status).toBe(200);
  });

  test("a key whose hold was taken at the same moment refuses the other", async () => {
    const holds = await Promise.all(
      Array.from(
        { length: 6 },
        async () => (await service.call("POST", "/v1/holds", { key: own, body: held })).body,
      ),
    );
    const answers = await Promise.all(
      holds.map(({ id }) => post(`/v1/holds/${id}/cancel`, own, "cancel-together", {})),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 422, 422, 422, 422, 422,
    ]);
    const statuses = await Promise.all(
      holds.map(
        async ({ id }) => (await service.call("GET", `/v1/holds/${id}`, { key: own })).body.status as string,
      ),
    );
    expect(statuses.filter((status) => status === "cancelled")).toHaveLength(1);
  });
});
