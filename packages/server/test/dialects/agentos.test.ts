import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, beforeEach, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { playStory } from "./http-story.ts";
import { stageConfig, type Deeds } from "./stage-config.ts";

const stories = globSync(join(import.meta.dirname, "fixtures/agentos/*.http")).toSorted();

describeEachStore("AgentOS over raw HTTP", (store) => {
  const deeds: Deeds = [];
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config: stageConfig(deeds) });
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    deeds.length = 0;
  });

  test.each(stories.map((path) => [basename(path, ".http"), path] as const))("%s", async (_, path) => {
    await playStory(path, {
      send: (request) => service.service.app.request(request),
      variables: { operatorKey: service.adminKey, agentKey: service.agentKey },
      actions: {
        "nothing was done": () => expectDeeds([]),
        "five users were deleted, once": () => expectDeeds(["delete 5 users"]),
        "the deadline passes": () => store().advance(301_000),
      },
    });
  });

  function expectDeeds(expected: Deeds): void {
    if (JSON.stringify(deeds) !== JSON.stringify(expected))
      throw new Error(`The tools did ${JSON.stringify(deeds)}, not ${JSON.stringify(expected)}.`);
  }
});
