// Orders over many are for operators and admins alone, given or lifted.
import { afterAll, beforeAll, expect, test } from "vitest";
import { AgentDirectory } from "../../src/agents/agent-directory.ts";
import { Registry } from "../../src/agents/registry.ts";
import { giveOrder, listOrders, type OrderRequest } from "../../src/fleet/standing-orders.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "../runs/run-fixture.ts";
import { createTestTools, obey } from "../runs/test-tools.ts";

describeEachStore("an order", (store) => {
  let fixture: RunFixture;
  beforeAll(async () => {
    fixture = await createRunFixture(store(), { tools: createTestTools().tools, script: obey });
  });
  afterAll(() => fixture.stop());

  const orders: Pick<OrderRequest, "kind" | "scope" | "subject">[] = [
    { kind: "pause", scope: "all", subject: "" },
    { kind: "pause", scope: "agent", subject: "tester" },
    { kind: "hold", scope: "agent", subject: "tester" },
    { kind: "hold", scope: "tool", subject: "delete" },
  ];

  async function tried(credentialHash: string, isLifted: boolean): Promise<string[]> {
    const { database } = store();
    const registry = new Registry({ agents: [] });
    const agents = new AgentDirectory(database, registry);
    const codes: string[] = [];
    for (const order of orders) {
      const request = { ...order, credentialHash, isLifted, reason: "to see", key: undefined };
      const deps = { database, registry, agents, wakeups: fixture.wakeups };
      codes.push(
        await giveOrder(deps, request).then(
          () => "ok",
          (error: { code: string }) => error.code,
        ),
      );
    }
    return codes;
  }

  test("is given and lifted by no reviewer and by nobody unknown, and by an admin", async () => {
    const { adminHash, reviewerHash } = fixture.organisation;
    const each = (code: string) => orders.map(() => code);
    expect(await tried("0".repeat(64), false)).toEqual(each("unauthorized"));
    expect(await tried(reviewerHash, false)).toEqual(each("not_allowed"));
    expect(await listOrders(store().database, adminHash)).toMatchObject({ orders: [] });
    expect(await tried(adminHash, false)).toEqual(each("ok"));
    expect(await tried(reviewerHash, true)).toEqual(each("not_allowed"));
    expect((await listOrders(store().database, adminHash)).orders).toHaveLength(orders.length);
    expect(await tried(adminHash, true)).toEqual(each("ok"));
  });
});
