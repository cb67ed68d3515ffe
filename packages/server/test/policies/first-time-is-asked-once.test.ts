import { afterAll, beforeAll, expect, test } from "vitest";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { KnownCounterparties } from "../../src/policies/known-counterparties.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { propose, testConfig, testTool } from "./policy-fixture.ts";

/** Calls `mail` with what it is told, once. */
const script: Script = ({ text, results }) =>
  results.length === 0 ? { toolCalls: [{ name: "mail", arguments: { to: text } }] } : { text: "Done." };

const config = testConfig(
  [
    testTool({ name: "mail", reversibility: "reversible", counterparty: "to" }),
    testTool({
      name: "fax",
      reversibility: "reversible",
      counterparty: "to",
      execute: () => {
        throw new Error("no line");
      },
    }),
  ],
  {
    script,
    policy: {
      rules: [
        {
          id: "new-people",
          tools: ["mail", "fax"],
          when: "firstTime",
          effect: { level: "mandatory_review" },
        },
      ],
    },
  },
);

/** R106: known is with whom an action of that tool has succeeded before. */
describeEachStore("first time", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config });
  });
  afterAll(() => service.stop());

  async function mail(to: string, name = "mail") {
    return (await propose(service, name, { arguments: { to } })).body;
  }
  // oxlint-disable-next-line typescript/no-explicit-any -- a test names the members it expects
  async function approveAndReport(hold: any, status: "succeeded" | "failed"): Promise<void> {
    const answers = [
      await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
        body: { verdict: "approve", actionHash: hold.action.hash },
      }),
      await service.call("POST", `/v1/holds/${hold.id}/claim-execution`, { key: service.agentKey, body: {} }),
      await service.call("POST", `/v1/holds/${hold.id}/execution`, {
        key: service.agentKey,
        body: { status },
      }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
  }

  test("is over when an agent elsewhere reports a success, for that tool and that counterparty", async () => {
    const held = await mail("ann");
    expect(held).toMatchObject({ status: "pending", rule: "new-people" });
    await approveAndReport(held, "succeeded");
    expect((await mail("ann")).outcome).toBe("auto_proceeded");
    expect((await mail("bob")).status).toBe("pending");
    expect((await mail("ann", "fax")).status).toBe("pending");
  });

  test("is not over after a failure", async () => {
    await approveAndReport(await mail("carl"), "failed");
    expect((await mail("carl")).status).toBe("pending");
  });

  test("is over when a call of a run has succeeded", async () => {
    const { body: run } = await service.call("POST", "/v1/agents/tester/runs", { body: { input: "dora" } });
    const read = async () => (await service.call("GET", `/v1/runs/${run.id}`)).body;
    await expect.poll(async () => (await read()).status, { timeout: 10_000 }).toBe("holding");
    const [hold] = (await read()).holds;
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    await expect.poll(async () => (await read()).status, { timeout: 10_000 }).toBe("completed");
    expect((await mail("dora")).outcome).toBe("auto_proceeded");
  });

  test("who is known is remembered, who is new is asked for every time", async () => {
    const asked: string[] = [];
    const known = new Set(["ann"]);
    const counterparties = new KnownCounterparties(
      {
        call: (name, ...[, , to]) => {
          asked.push(`${name} ${String(to)}`);
          return Promise.resolve(!known.has(String(to)));
        },
      },
      2,
    );
    const isFirst = (to: string) => counterparties.isFirstTime("org_1", "mail", to);
    expect([await isFirst("ann"), await isFirst("ann"), await isFirst("bob"), await isFirst("bob")]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(asked).toEqual(["is_first_time_v1 ann", "is_first_time_v1 bob", "is_first_time_v1 bob"]);
    for (const name of ["c", "d", "e"]) known.add(name);
    for (const name of ["c", "d", "e", "c"]) await isFirst(name);
    expect(asked.slice(3)).toEqual(["c", "d", "e", "c"].map((name) => `is_first_time_v1 ${name}`));
    // Longer than what is kept: nobody with a name cut short is taken for somebody else.
    expect(await isFirst("x".repeat(501))).toBe(true);
    expect(asked).toHaveLength(7);
  });
});
