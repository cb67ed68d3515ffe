import { createId } from "@holdpoint/protocol";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type CallAnswer, type TestService } from "../../src/testing/test-service.ts";
import { amorceCalls, amorceWorld, type Carried } from "./amorce-world.ts";

/** Nothing is carried out that nobody approved, or that was not shown, or twice (I1, I2, I8, R104, R106, R113 to R117, R133). */
describeEachStore("transactions with services", (store) => {
  let service: TestService;
  let agentKey: string;
  const carried: Carried[] = [];
  const gate: { wait?: Promise<unknown> } = {};

  beforeAll(async () => {
    service = await startTestService(store(), { config: amorceWorld(carried, gate) });
    const { body } = await service.call("POST", "/v1/api-keys", {
      body: { name: "sarah", kind: "agent", agentId: "sarah" },
    });
    agentKey = body.key;
  });
  beforeEach(() => {
    carried.splice(0);
    delete gate.wait;
  });
  afterAll(() => service.stop());

  const { transact, ask, submit, approved, newTransaction } = amorceCalls(
    () => service,
    () => agentKey,
  );
  const holdOf = async (id: string): Promise<CallAnswer["body"]> =>
    (await service.call("GET", `/v1/holds/${id}`)).body;
  const eventsOf = async (where: string, value: string): Promise<string[]> =>
    (
      await store().database.ownerSession((owner) =>
        owner.query(`select type from holdpoint.events where ${where} = $1 order by id`, [value]),
      )
    ).rows.map((row: { type: string }) => row.type);
  const putPolicy = async (document: object): Promise<void> => {
    expect((await service.call("PUT", "/v1/policies", { body: { document } })).status).toBeLessThan(300);
  };

  test("of 24 that carry out the same approval at once, one does (I2)", async () => {
    const { id, transaction_id } = await approved({ service_id: "vault", box: 1 });
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => transact("vault", { box: 1 }, { transaction_id })),
    );
    expect(carried).toHaveLength(1);
    for (const { status, body } of answers) {
      if (status === 200) expect(body).toMatchObject({ status: "success", result: { opened: true } });
      else expect([status, body.details.reason]).toEqual([409, "in_progress"]);
    }
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect(await eventsOf("hold_id", id)).toEqual([
      "hold.created",
      "hold.decided",
      "action.executing",
      "action.executed",
    ]);
  });

  test("of several payloads that one approval covers, one is carried out", async () => {
    const { transaction_id } = await approved({ service_id: "vault", box: 1, hall: 2 });
    const payloads = [{ box: 1 }, { hall: 2 }, { box: 1, hall: 2 }];
    const answers = await Promise.all(
      payloads.map((payload) => transact("vault", payload, { transaction_id })),
    );
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([
      200, 403, 403,
    ]);
    expect(carried).toHaveLength(1);
  });

  test("what the details do not show, or show otherwise, is not carried out (I8)", async () => {
    const cases: [details: object, payload: object][] = [
      [{ box: 1 }, { box: 1 }],
      [{ service_id: "shop", box: 1 }, { box: 1 }],
      [{ service_id: "vault", box: 1 }, { box: "1" }],
      [
        { service_id: "vault", box: 1 },
        { box: 1, hall: 2 },
      ],
      [{ service_id: "vault", box: { a: 1 } }, { box: { a: 1, b: 2 } }],
      [{ service_id: "vault", box: 1, payload: { box: 2 } }, { box: 1 }],
      [{ service_id: "vault", payload: { box: 1, careful: true } }, { box: 1 }],
      [
        { service_id: "vault", intent: "look", box: 1 },
        { intent: "empty", box: 1 },
      ],
      [{ service_id: "vault", box: 1, selected_alternative: "B" }, { box: 1 }],
      // What is left out may be what made it harmless.
      [{ service_id: "vault", box: 1, only: "coins" }, { box: 1 }],
    ];
    for (const [details, payload] of cases) {
      const { transaction_id } = await approved(details);
      const { status, body } = await transact("vault", payload, { transaction_id });
      expect([JSON.stringify(details), status, body.requires_hitl]).toEqual([
        JSON.stringify(details),
        403,
        true,
      ]);
    }
    expect(carried).toEqual([]);
    // The same value is the same however it is spelt; context beside the payload is no part of it.
    const { transaction_id } = await approved({
      service_id: "vault",
      note: "for Ben",
      payload: { box: { b: 2, a: 1 } },
    });
    expect(
      (await transact("vault", { intent: "confirm", box: { a: 1, b: 2 } }, { transaction_id })).status,
    ).toBe(200);
  });

  test("an approval is of its transaction and its agent", async () => {
    const { transaction_id } = await approved({ service_id: "vault", box: 1 });
    expect((await transact("vault", { box: 1 }, { transaction_id: newTransaction() })).status).toBe(403);
    const asOther = await service.call("POST", "/v1/a2a/transact", {
      key: service.agentKey,
      body: { service_id: "vault", payload: { box: 1 }, transaction_id, consumer_agent_id: "sarah" },
    });
    expect([asOther.status, asOther.body.details.approvals]).toEqual([403, []]);
    expect(carried).toEqual([]);
  });

  test("another organisation finds neither the approval nor the transaction (I7)", async () => {
    const stranger = await seedOrganisation(store().database);
    const id = await ask(newTransaction(), { service_id: "vault" }, { approval_id: "theirs" });
    for (const name of [id, (await holdOf(await nativeId("theirs"))).id]) {
      const read = await service.call("GET", `/api/v1/approvals/${name}`, { key: stranger.adminKey });
      const decided = await submit(name, {}, stranger.adminKey);
      expect([read.status, decided.status]).toEqual([404, 404]);
      // In the words of what was asked for: these clients know of no holds.
      for (const { body } of [read, decided])
        expect(body).toMatchObject({ error: `There is no approval ${name} here.`, code: "NOT_FOUND" });
    }
    const own = await service.call("POST", "/api/v1/approvals", {
      key: stranger.adminKey,
      body: { approval_id: "theirs", transaction_id: "t", summary: "Mine" },
    });
    expect(own.status).toBe(201);
  });
  const nativeId = async (alias: string): Promise<string> =>
    (await store().database.call("find_hold_by_key_v1", await adminHash(), `amorce ${alias}`)) as string;
  const adminHash = async (): Promise<string> =>
    (
      await store().database.ownerSession((owner) =>
        owner.query(
          "select k.hash from holdpoint.api_keys k join holdpoint.holds h on h.org_id = k.org_id where h.idempotency_key = 'amorce theirs' and k.kind = 'operator' limit 1",
        ),
      )
    ).rows[0].hash;

  test("presets say what needs a person: 100 and above, personal data, a first time (R104, R106)", async () => {
    const statuses = async (serviceId: string, payloads: object[]): Promise<number[]> => {
      const answers: number[] = [];
      for (const payload of payloads) answers.push((await transact(serviceId, payload)).status);
      return answers;
    };
    const dear = [{ eur: 99.99 }, { eur: 100 }, { eur: 1_000 }, { eur: 5, email: "bob@example.com" }];
    expect(await statuses("restaurant", dear)).toEqual([200, 403, 403, 403]);
    expect(await statuses("undeclared", [{}])).toEqual([403]);
    expect(await statuses("weather", [{}])).toEqual([200]);
    const first = await transact("shop", { item: 1 });
    expect(first.body.details.reasons[0]).toMatch(/^Service shop: .* has not succeeded before/);
    const { transaction_id } = await approved({ service_id: "shop", item: 1 });
    expect((await transact("shop", { item: 1 }, { transaction_id })).status).toBe(200);
    expect((await transact("shop", { item: 2 })).status).toBe(200);
  });

  test("what proceeds by itself is recorded, and once for one key (R87)", async () => {
    const key = { "idempotency-key": "weather-today" };
    const first = await transact("restaurant", { eur: 7 }, {}, key);
    expect(first.body).toMatchObject({ status: "success" });
    const second = await transact("restaurant", { eur: 7 }, {}, key);
    expect(second.body).toEqual(first.body);
    const other = await transact("restaurant", { eur: 8 }, {}, key);
    expect([other.status, other.body.code, carried.length]).toEqual([409, "CONFLICT", 1]);
    const types = await eventsOf("data::jsonb ->> 'transactionId'", first.body.transaction_id);
    expect(types).toEqual(["action.executed"]);
  });

  test("a service that fails has failed for good, and says why", async () => {
    const { id, transaction_id } = await approved({ service_id: "vault", fail: true });
    const failed = { transaction_id, status: "failed", result: null, error: "The vault is stuck." };
    for (let time = 1; time <= 2; time++)
      expect((await transact("vault", { fail: true }, { transaction_id })).body).toEqual(failed);
    expect(carried).toHaveLength(1);
    expect(await holdOf(id)).toMatchObject({
      fulfilment: "failed",
      execution: { status: "failed", error: { code: "service_failed", message: "The vault is stuck." } },
    });
  });

  test("one that takes too long has an unknown end, is not begun again, and may still tell it (I2)", async () => {
    const { promise, resolve: open } = Promise.withResolvers<undefined>();
    gate.wait = promise;
    const { id, transaction_id } = await approved({ service_id: "vault", box: 9 });
    const tooLong = await transact("vault", { box: 9 }, { transaction_id });
    expect([tooLong.status, tooLong.body.details.reason]).toEqual([409, "execution_unknown"]);
    expect((await holdOf(id)).fulfilment).toBe("unknown");
    expect((await transact("vault", { box: 9 }, { transaction_id })).status).toBe(409);
    open(undefined);
    await expect.poll(async () => (await transact("vault", { box: 9 }, { transaction_id })).status).toBe(200);
    expect([(await holdOf(id)).fulfilment, carried.length]).toEqual(["executed", 1]);
    expect((await eventsOf("hold_id", id)).slice(2)).toEqual([
      "action.executing",
      "action.unknown",
      "action.executed",
    ]);
  });

  test("while a service carries it out, nobody else says how it ended", async () => {
    const { promise, resolve: open } = Promise.withResolvers<undefined>();
    gate.wait = promise;
    const { id, transaction_id } = await approved({ service_id: "deep_vault", box: 2 });
    const begun = transact("deep_vault", { box: 2 }, { transaction_id });
    await expect.poll(() => carried.length).toBe(1);
    const forged = await service.call("POST", `/v1/holds/${id}/execution`, {
      key: agentKey,
      body: { status: "failed", error: { message: "It never happened." } },
    });
    expect([forged.status, forged.body.code]).toEqual([403, "not_allowed"]);
    open(undefined);
    expect((await begun).body).toMatchObject({ status: "success" });
    expect((await holdOf(id)).fulfilment).toBe("executed");
  });

  test("what a process left behind is unknown once its time is over, at every instance (I2)", async () => {
    const { promise, resolve: open } = Promise.withResolvers<undefined>();
    gate.wait = promise;
    const { id, transaction_id } = await approved({ service_id: "deep_vault", box: 1 });
    const begun = transact("deep_vault", { box: 1 }, { transaction_id });
    await expect.poll(() => carried.length).toBe(1);
    const meanwhile = await transact("deep_vault", { box: 1 }, { transaction_id });
    expect([meanwhile.status, meanwhile.body.details.reason]).toEqual([409, "in_progress"]);
    await store().advance(400_000);
    const later = await transact("deep_vault", { box: 1 }, { transaction_id });
    expect([later.status, later.body.details.reason]).toEqual([409, "execution_unknown"]);
    await Promise.all(
      [1, 2].map(() =>
        store().database.call("lose_executions_v1", false, "amorce.transaction", [
          createId("evt"),
          createId("evt"),
        ]),
      ),
    );
    expect((await holdOf(id)).fulfilment).toBe("unknown");
    open(undefined);
    expect((await begun).body).toMatchObject({ status: "success" });
    expect((await eventsOf("hold_id", id)).slice(2)).toEqual([
      "action.executing",
      "action.unknown",
      "action.executed",
    ]);
    await store().setClock(null);
  });

  test("who approves an alternative approves that, and nothing else", async () => {
    const alternatives = [{ eur: 150, guests: 2 }, "on the terrace"];
    const details = { service_id: "restaurant", eur: 200, guests: 4 };
    const transaction_id = newTransaction();
    const first = await ask(transaction_id, details, { alternatives });
    expect((await submit(first, { selected_alternative: { eur: 1 } })).status).toBe(400);
    expect((await submit(first, { selected_alternative: { guests: 2, eur: 150 } })).body.status).toBe(
      "approved",
    );
    const shown = await service.call("GET", `/api/v1/approvals/${first}`, { key: agentKey });
    expect(shown.body.details).toEqual({ service_id: "restaurant", eur: 150, guests: 2 });
    expect((await transact("restaurant", { eur: 200, guests: 4 }, { transaction_id })).status).toBe(403);
    expect((await transact("restaurant", { eur: 150, guests: 2 }, { transaction_id })).status).toBe(200);
    const second = newTransaction();
    await submit(await ask(second, details, { alternatives }), { selected_alternative: "on the terrace" });
    expect((await transact("restaurant", { eur: 200, guests: 4 }, { transaction_id: second })).status).toBe(
      403,
    );
    expect(carried).toHaveLength(1);
  });

  test("an approval stands for what a person made of it anywhere else: one hold, several doors", async () => {
    const transaction_id = newTransaction();
    const id = await ask(transaction_id, { service_id: "restaurant", eur: 300 });
    const hold = await holdOf(id);
    const decision = { verdict: "modify", actionHash: hold.action.hash, modifications: { eur: 250 } };
    expect((await service.call("POST", `/v1/holds/${id}/decisions`, { body: decision })).status).toBe(200);
    expect((await transact("restaurant", { eur: 300 }, { transaction_id })).status).toBe(403);
    expect((await transact("restaurant", { eur: 250 }, { transaction_id })).status).toBe(200);
    const { body: refund } = await service.call("POST", "/v1/holds", {
      key: agentKey,
      body: { action: { name: "refund", arguments: { eur: 5 } }, summary: "Refund 5" },
    });
    expect((await submit(refund.id)).body).toMatchObject({ approval_id: refund.id, status: "approved" });
    expect((await holdOf(refund.id)).outcome).toMatchObject({
      verdict: "approve",
      by: { claimed: "user@example.com" },
    });
  });

  test("an approval is always held, and has to be enough for what the policy says of the transaction", async () => {
    const overridden = { level: "auto_proceed", overridesDeclaration: true };
    await putPolicy({ rules: [{ id: "lax", tools: ["amorce.transaction"], effect: overridden }] });
    const lax = await ask(newTransaction(), { service_id: "vault", box: 4 }, { timeout_seconds: 120 });
    const { createdAt, expiresAt } = await holdOf(lax);
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(120_000);
    await putPolicy({});
    const { transaction_id } = await approved({ service_id: "vault", box: 5 });
    const quorum = { required: 2, refusals: 1 };
    await putPolicy({
      rules: [{ id: "two", tools: ["amorce.transaction"], effect: { level: "mandatory_review", quorum } }],
    });
    expect((await transact("vault", { box: 5 }, { transaction_id })).status).toBe(403);
    const two = await ask(newTransaction(), { service_id: "vault", box: 6 });
    expect((await submit(two)).body).toEqual({ approval_id: two, status: "pending", approved_at: null });
    const [vote] = (await holdOf(two)).decisions;
    expect([vote.by.claimed, vote.originalText]).toEqual(["user@example.com", null]);
    await putPolicy({});
    expect(carried).toEqual([]);
  });

  test("an approval of one's own is not enough where the policy wants another person for the payload (I9)", async () => {
    const effect = { level: "mandatory_review", separation: "strict" };
    const when = "has(arguments.payload)";
    await putPolicy({ rules: [{ id: "strict", tools: ["amorce.transaction"], when, effect }] });
    const transaction_id = newTransaction();
    const asAdmin = (path: string, body: object) =>
      service.call("POST", path, { body: { transaction_id, ...body } });
    const asked = { summary: "Mine", details: { service_id: "vault", box: 7 } };
    const { body } = await asAdmin("/api/v1/approvals", asked);
    expect((await submit(body.approval_id)).status).toBe(200);
    const done = await asAdmin("/api/v1/a2a/transact", { service_id: "vault", payload: { box: 7 } });
    expect([done.status, carried]).toEqual([403, []]);
    await putPolicy({});
  });

  test("a kill-switch over transactions holds what would proceed", async () => {
    const thrown = await service.call("POST", "/v1/tools/amorce.transaction/hold", {
      body: { reason: "stop" },
    });
    expect(thrown.status).toBeLessThan(300);
    expect((await transact("weather", {})).status).toBe(403);
    await service.call("POST", "/v1/tools/amorce.transaction/release", { body: {} });
    expect((await transact("weather", {})).status).toBe(200);
  });

  test("a key that may only read carries nothing out, nor does one that is revoked", async () => {
    const made = await service.call("POST", "/v1/api-keys", {
      body: { name: "reader", kind: "agent", scopes: ["holds:read"] },
    });
    const read = await service.call("POST", "/v1/a2a/transact", {
      key: made.body.key,
      body: { service_id: "weather", payload: {} },
    });
    expect([read.status, read.body.code]).toEqual([403, "FORBIDDEN"]);
    await service.call("DELETE", `/v1/api-keys/${made.body.id}`);
    const revoked = await service.call("POST", "/v1/a2a/transact", {
      key: made.body.key,
      body: { service_id: "vault", payload: {} },
    });
    expect([revoked.status, revoked.body.code]).toEqual([401, "UNAUTHORIZED"]);
  });
});
