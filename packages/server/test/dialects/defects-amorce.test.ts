import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type CallAnswer, type TestService } from "../../src/testing/test-service.ts";
import { amorceWorld, type Carried } from "./amorce-world.ts";

/** Defects of systems like this one (defects.md), over the Amorce dialect. */
describeEachStore("defects, over the Amorce dialect", (store) => {
  let service: TestService;
  const carried: Carried[] = [];
  let count = 0;
  beforeAll(async () => {
    service = await startTestService(store(), { config: amorceWorld(carried) });
  });
  beforeEach(() => void carried.splice(0));
  afterAll(() => service.stop());

  const ask = async (details: object, more: object = {}): Promise<{ id: string; transaction_id: string }> => {
    const transaction_id = `tx-${++count}`;
    const { body } = await service.call("POST", "/api/v1/approvals", {
      key: service.agentKey,
      body: { transaction_id, summary: "Please", details, ...more },
    });
    return { id: body.approval_id, transaction_id };
  };
  const submit = (id: string, more: object = {}): Promise<CallAnswer> =>
    service.call("POST", `/api/v1/approvals/${id}/submit`, {
      body: { decision: "approve", approved_by: "user@example.com", ...more },
    });
  const transact = (serviceId: string, payload: object, transaction_id: string): Promise<CallAnswer> =>
    service.call("POST", "/api/v1/a2a/transact", {
      key: service.agentKey,
      body: { service_id: serviceId, payload, transaction_id },
    });

  test("2: neither a service nor a payload that the client sends is carried out under another's approval", async () => {
    const { id, transaction_id } = await ask({ service_id: "vault", box: 1 });
    await submit(id);
    expect((await transact("shop", { box: 1 }, transaction_id)).status).toBe(403);
    expect((await transact("vault", { box: 2 }, transaction_id)).status).toBe(403);
    expect(carried).toEqual([]);
  });

  test("3: of several approvals of one transaction, one left undecided is neither a no nor a yes", async () => {
    const { id, transaction_id } = await ask({ service_id: "vault", box: 1 });
    const second = await service.call("POST", "/api/v1/approvals", {
      key: service.agentKey,
      body: { transaction_id, summary: "Please", details: { service_id: "vault", box: 2 } },
    });
    await submit(id);
    expect((await transact("vault", { box: 2 }, transaction_id)).body.details.approvals).toMatchObject([
      { id: second.body.approval_id, status: "pending", why: "It is pending." },
      { id, status: "approved" },
    ]);
    expect((await transact("vault", { box: 1 }, transaction_id)).status).toBe(200);
    const left = await service.call("GET", `/api/v1/approvals/${second.body.approval_id}`);
    expect([left.body.status, left.body.decision]).toEqual(["pending", null]);
    expect((await submit(second.body.approval_id)).status).toBe(200);
    expect((await transact("vault", { box: 2 }, transaction_id)).status).toBe(200);
  });

  test("28: a second decision is told that it came too late, the same one as well", async () => {
    const { id } = await ask({ service_id: "vault", box: 1 });
    const answers = await Promise.all([submit(id), submit(id), submit(id, { decision: "reject" })]);
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([
      200, 409, 409,
    ]);
    for (const { body } of answers.filter(({ status }) => status === 409))
      expect(body).toMatchObject({ code: "CONFLICT", details: { reason: "already_decided" } });
  });

  test("33: numbers of an alternative stay numbers, and one that names another service opens nothing there", async () => {
    const alternatives = [{ box: 2 }, { service_id: "shop", box: 3 }];
    const edited = await ask({ service_id: "vault", box: 1 }, { alternatives });
    await submit(edited.id, { selected_alternative: { box: 2 } });
    expect((await transact("vault", { box: "2" }, edited.transaction_id)).status).toBe(403);
    expect((await transact("vault", { box: 2 }, edited.transaction_id)).status).toBe(200);
    expect(carried.map(({ payload }) => payload)).toEqual([{ box: 2 }]);
    const renamed = await ask({ service_id: "vault", box: 1 }, { alternatives });
    await submit(renamed.id, { selected_alternative: { service_id: "shop", box: 3 } });
    // The first use of the shop asks for a manager, and this was asked of reviewers.
    const elsewhere = await transact("shop", { box: 3 }, renamed.transaction_id);
    expect([elsewhere.status, elsewhere.body.details.approvals[0].why]).toEqual([
      403,
      expect.stringContaining("manager"),
    ]);
    expect((await transact("vault", { box: 1 }, renamed.transaction_id)).status).toBe(403);
  });
});
