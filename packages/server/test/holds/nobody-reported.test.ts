import { createId } from "@holdpoint/protocol";
import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSweeper, type Sweeper } from "../../src/holds/sweeper.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

describeEachStore("an execution that nobody reports on", (store) => {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService(store());
  });
  afterEach(async () => {
    await store().setClock(null);
    await service.stop();
  });

  test("is unknown once its claim and ten minutes more are over, and a late report still counts (I2)", async () => {
    const claimed = await claim();
    const reported = await claim();
    await report(reported, 200);
    const sweeper = newSweeper();
    await store().advance(14 * 60_000);
    await sweeper.loseClaims();
    expect(await fulfilment(claimed)).toBe("executing");
    await store().advance(60_000);
    // The service's own sweeper may be at it too: what counts is what became of it, and how often.
    await sweeper.loseClaims();
    await sweeper.loseClaims();
    expect([await fulfilment(claimed), await fulfilment(reported)]).toEqual(["unknown", "executed"]);
    expect([await timesUnknown(claimed), await timesUnknown(reported)]).toEqual([1, 0]);
    // The right to execute is used up: what may have happened is not done again.
    expect(
      await service.call("POST", `/v1/holds/${claimed}/claim-execution`, { key: service.agentKey, body: {} }),
    ).toMatchObject({ status: 409, body: { code: "already_redeemed" } });
    await report(claimed, 200);
    expect(await fulfilment(claimed)).toBe("executed");
  });

  test("several sweepers call each unknown once, and more than one batch is gone through", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) ids.push(await claim());
    await store().advance(16 * 60_000);
    const lost = (await store().database.call("lose_claims_v1", null, 600, [
      createId("evt"),
      createId("evt"),
    ])) as {
      lost: unknown[];
    };
    expect(lost.lost.length).toBeLessThanOrEqual(2);
    await Promise.all([newSweeper(), newSweeper()].map((sweeper) => sweeper.loseClaims()));
    await newSweeper().loseClaims();
    for (const id of ids) expect([await fulfilment(id), await timesUnknown(id)]).toEqual(["unknown", 1]);
  });

  async function claim(): Promise<string> {
    const { body: hold } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { kind: "approval", action: { name: "refund", arguments: { eur: 3 } } },
    });
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    const claimed = await service.call("POST", `/v1/holds/${hold.id}/claim-execution`, {
      key: service.agentKey,
      body: {},
    });
    expect(claimed.status).toBe(200);
    return hold.id as string;
  }

  async function report(id: string, status: number): Promise<void> {
    const answer = await service.call("POST", `/v1/holds/${id}/execution`, {
      key: service.agentKey,
      body: { status: "succeeded" },
    });
    expect(answer.status).toBe(status);
  }

  async function fulfilment(id: string): Promise<string> {
    return (await service.call("GET", `/v1/holds/${id}`)).body.fulfilment;
  }

  async function timesUnknown(id: string): Promise<number> {
    const { body } = await service.call("GET", `/v1/audit/entries?holdId=${id}`);
    return JSON.stringify(body).split('"action.unknown"').length - 1;
  }

  function newSweeper(): Sweeper {
    const wakeups = {
      publish: () => undefined,
      subscribe: () => () => undefined,
      close: () => Promise.resolve(),
    };
    return createSweeper({ database: store().database, wakeups, logger: pino({ level: "silent" }) });
  }
});
