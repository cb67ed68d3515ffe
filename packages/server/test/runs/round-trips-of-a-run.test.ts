import type { Hold, Run } from "@holdpoint/protocol";
import { z } from "zod";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { midwayTopic } from "../../src/events/wakeups.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { createRunFixture } from "./run-fixture.ts";
import { obey } from "./test-tools.ts";

const send = defineTool({
  name: "send",
  description: "Sends.",
  input: z.object({ to: z.string() }),
  requiresConfirmation: true,
  execute: () => "sent",
});

/** Functions that are called for a run; not how often somebody looks whether it has come to rest. */
const OF_RUNS = /^(create_run|commit|load_run|start_call|finish_call|decide|get_run)/;

describeEachStore("a run with one call that is approved", (store) => {
  const calls: string[] = [];
  let service: TestService;
  beforeAll(async () => {
    const counted = new Proxy(store().database, {
      get(database, member) {
        const value: unknown = Reflect.get(database, member);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (["call", "callIdempotent", "callGrouped"].includes(String(member))) calls.push(String(args[0]));
          return (value as (...all: unknown[]) => unknown).apply(database, args);
        };
      },
    });
    service = await startTestService(
      { ...store(), database: counted },
      {
        config: defineConfig({
          agents: [
            defineAgent({
              id: "tester",
              name: "Tester",
              model: "openai/none",
              tools: [send],
              script: obey,
            }),
          ],
        }),
      },
    );
  });
  afterAll(() => service.stop());

  test("takes so many round trips", async () => {
    const { body: started } = await service.call("POST", "/v1/agents/tester/runs", {
      body: { input: "send ada" },
    });
    const wait = async (): Promise<Run> =>
      (await service.call("GET", `/v1/runs/${started.id}/wait?timeoutSeconds=20`)).body as Run;
    const held = await wait();
    const hold = held.holds[0] as Hold;
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action?.hash },
    });
    expect(await wait()).toMatchObject({ status: "completed" });

    const counts: Record<string, number> = {};
    for (const name of calls.filter((one) => OF_RUNS.test(one))) counts[name] = (counts[name] ?? 0) + 1;
    expect(counts).toEqual({
      create_run_v1: 1,
      // Begun, and the results told; the run as that left it comes with it.
      commit_and_load_run_v1: 2,
      // What the model said, that the run goes on, and its answer.
      commit_run_v1: 3,
      // Taken, taken again after the decision, and after the call.
      load_run_v1: 3,
      decide_v1: 1,
      start_call_v1: 1,
      finish_call_v1: 1,
      get_run_v1: 2,
    });
  });

  test("wakes whoever waits for it when it has come to rest, not at each step", async () => {
    const fixture = await createRunFixture(store(), { tools: [send], script: obey });
    try {
      const runId = await fixture.start("send ada");
      const woken: string[] = [];
      fixture.wakeups.subscribe(`run:${runId}`, () => woken.push("rest"));
      fixture.wakeups.subscribe(midwayTopic(runId), () => woken.push("midway"));
      await fixture.startWorker();
      await fixture.approve(await fixture.holding(runId));
      await fixture.ended(runId);
      expect(woken.join(", ")).toBe(
        [
          // It begins; it holds; it is decided.
          "midway, rest, rest",
          // It goes on; the call starts and has ended; the model is told, and answers.
          "midway, midway, midway, midway, rest",
        ].join(", "),
      );
    } finally {
      await fixture.stop();
    }
  });
});
