import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig, type DefinedConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { obey } from "../runs/test-tools.ts";
import { playStory } from "./http-story.ts";

const FIXTURES = new URL("fixtures/glaip/", import.meta.url);

/** `count` runs by itself; `delete` needs a person; `slow` too, for a minute, and silence skips it. */
function configure(done: string[]): DefinedConfig {
  const table = z.string();
  const tools = [
    defineTool({
      name: "count",
      description: "Counts.",
      input: z.object({ table }),
      reversibility: "reversible",
      execute(args) {
        done.push(`count ${args.table}`);
        return { count: 300 };
      },
    }),
    defineTool({
      name: "delete",
      description: "Deletes.",
      input: z.object({ table, count: z.number().int() }),
      reversibility: "irreversible",
      requiresConfirmation: true,
      execute({ count }) {
        done.push(`delete ${count}`);
        return { deleted: count };
      },
    }),
    defineTool({
      name: "slow",
      description: "Takes its time.",
      input: z.object({}),
      requiresConfirmation: true,
      timeoutSeconds: 60,
      onTimeout: "skip",
      execute: () => void done.push("slow"),
    }),
  ];
  const twoPeople = { level: "mandatory_review", quorum: { required: 2, refusals: 1 } } as const;
  return defineConfig({
    policy: { rules: [{ id: "many", tools: ["delete"], when: "arguments.count > 100", effect: twoPeople }] },
    agents: [
      defineAgent({
        id: "keeper",
        name: "Keeper",
        model: "openai/none",
        tools,
        maxSteps: 4,
        script(turn) {
          if (turn.text === "break") throw new Error("The model is out of order.");
          return obey(turn);
        },
      }),
    ],
  });
}

// I1, I8, I9: whatever a client of this protocol sends, what runs is what was shown, and who asks never decides.
describeEachStore("GLAIP over raw HTTP", (store) => {
  let service: TestService;
  const done: string[] = [];
  let strangerKey: string;
  beforeAll(async () => {
    service = await startTestService(store(), { config: configure(done) });
    ({ adminKey: strangerKey } = await seedOrganisation(store().database));
  });
  afterAll(() => service.stop());
  beforeEach(() => void done.splice(0));
  afterEach(() => store().setClock(null));

  const play = (name: string) =>
    playStory(new URL(`${name}.http`, FIXTURES).pathname, {
      send: (request) => service.service.app.fetch(request),
      variables: { operatorKey: service.adminKey, agentKey: service.agentKey, strangerKey },
      actions: { "let a minute pass": () => store().advance(61_000) },
    });

  test("made, run, approved, audited, taken away", async () => {
    await play("approved");
    expect(done).toEqual(["count users"]);
  });

  test("rejected, skipped, expired: three pauses in one run, and nothing ran", async () => {
    await play("rejected-skipped-expired");
    expect(done).toEqual([]);
  });

  test("several tools at once, and every way in which a run ends", async () => {
    await play("several-at-once");
    expect(done.filter((one) => one.startsWith("delete"))).toEqual(["delete 4"]);
  });

  test("changed before it was approved: the stream says so, and what runs", async () => {
    await play("changed");
    expect(done).toEqual(["delete 2"]);
  });

  test("what is refused, in the protocol's words", async () => {
    await play("refusals");
    expect(done).toEqual(["delete 1"]);
  });

  test("the ends of time and names that are too long are no defects of the server", async () => {
    const periods = [
      ["start_date=0000-01-01", "end_date=9999-12-31"],
      ["start_date=0001-01-01T00:00:00%2B14:00", "end_date=9999-12-31T23:59:59-12:00"],
    ];
    for (const period of periods) {
      const { status } = await service.call("GET", `/agents/hitl/audit?${period.join("&")}`);
      expect([period, status]).toEqual([period, 200]);
    }
    const name = "x".repeat(100);
    const long = await service.call("POST", "/agents/", {
      body: { name: "Long", agent_config: { lm_provider: name, lm_name: name } },
    });
    expect([long.status, long.body.error]).toEqual([422, "validation_error"]);
  });

  test.each([true, false])(
    "settings of a tool that the agent has not are refused: the tool that was meant would go ungated (hitl_enabled %s)",
    async (isOn) => {
      const { status, body } = await service.call("POST", "/agents/", {
        body: {
          name: "Misspelt",
          tools: ["count"],
          agent_config: { hitl_enabled: isOn },
          tool_configs: { cuont: { hitl: { timeout_seconds: 60 } } },
        },
      });
      expect([status, body.error]).toEqual([422, "validation_error"]);
      expect(JSON.stringify(body)).toContain("cuont");
    },
  );
});
