import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type CallAnswer, type TestService } from "../../src/testing/test-service.ts";
import { amorceCalls, amorceWorld, type Carried } from "./amorce-world.ts";

/** What `confirm` means, and who may stop it (I1, R113, R117, R133). */
describeEachStore("a confirmed transaction", (store) => {
  let service: TestService;
  let agentKey: string;
  const carried: Carried[] = [];
  beforeAll(async () => {
    service = await startTestService(store(), { config: amorceWorld(carried) });
    const { body } = await service.call("POST", "/v1/api-keys", {
      body: { name: "sarah", kind: "agent", agentId: "sarah" },
    });
    agentKey = body.key;
  });
  beforeEach(() => void carried.splice(0));
  afterAll(() => service.stop());

  const { transact, ask, submit, approved, newTransaction } = amorceCalls(
    () => service,
    () => agentKey,
  );
  const holdOf = async (id: string): Promise<CallAnswer["body"]> =>
    (await service.call("GET", `/v1/holds/${id}`)).body;

  test("a confirmation of what was asked about waits for the yes, whatever the policy lets proceed (R117)", async () => {
    const transaction_id = newTransaction();
    const id = await ask(transaction_id, { service_id: "weather", city: "Paris" });
    const confirm = () => transact("weather", { intent: "confirm", city: "Paris" }, { transaction_id });
    expect((await confirm()).status).toBe(403);
    expect((await transact("weather", { intent: ["confirm"] }, { transaction_id })).status).toBe(400);
    expect((await transact("weather", { intent: "look" }, { transaction_id })).status).toBe(200);
    await submit(id);
    expect((await confirm()).status).toBe(200);
    expect((await holdOf(id)).fulfilment).toBe("executed");
  });

  test("a bare confirmation carries out what was approved, as its reviewer left it, once (R117, I1)", async () => {
    const { transaction_id } = await approved({
      service_id: "restaurant",
      guests: 4,
      eur: 150,
      time: "19:00",
    });
    const first = await transact("restaurant", { intent: "confirm" }, { transaction_id });
    expect(first.body).toMatchObject({ status: "success", result: { booked: true } });
    expect(carried).toMatchObject([{ payload: { guests: 4, eur: 150 }, intent: "confirm" }]);
    expect((await transact("restaurant", { intent: "confirm" }, { transaction_id })).body).toEqual(
      first.body,
    );
    expect(carried).toHaveLength(1);
    // Nothing was approved, or for another service: nothing is meant.
    const open = newTransaction();
    await ask(open, { service_id: "restaurant", guests: 4, eur: 150 });
    expect((await transact("restaurant", { intent: "confirm" }, { transaction_id: open })).status).toBe(403);
    expect((await transact("vault", { intent: "confirm" }, { transaction_id })).status).toBe(403);
    const inner = await approved({ service_id: "vault", payload: { box: 3 }, note: "as agreed" });
    await transact("vault", { intent: "confirm" }, { transaction_id: inner.transaction_id });
    expect(carried.slice(1)).toMatchObject([{ serviceId: "vault", payload: { box: 3 } }]);
  });

  test("nothing is carried out for an agent that an operator has paused, until that is lifted", async () => {
    const { transaction_id } = await approved({ service_id: "vault", box: 5 });
    const order = (path: string) => service.call("POST", path, { body: {} });
    for (const [path, lift] of [
      ["/v1/agents/sarah/pause", "/v1/agents/sarah/resume"],
      ["/v1/runs/pause", "/v1/runs/resume"],
    ] as const) {
      expect((await order(path)).status).toBe(200);
      const stopped = await transact("vault", { box: 5 }, { transaction_id });
      expect([stopped.status, stopped.body.code]).toEqual([409, "CONFLICT"]);
      expect((await transact("weather", { city: "Rome" })).status).toBe(409);
      expect((await order(lift)).status).toBe(200);
    }
    expect(carried).toEqual([]);
    expect((await transact("vault", { box: 5 }, { transaction_id })).body).toMatchObject({
      status: "success",
    });
  });
});
