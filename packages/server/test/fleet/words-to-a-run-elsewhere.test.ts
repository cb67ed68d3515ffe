import { afterEach, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { fleetCalls, fleetConfig } from "./fleet-fixture.ts";

describeEachStore("a word to a run that lives elsewhere", (store) => {
  let service: TestService;
  const { post, get } = fleetCalls(() => service);
  beforeEach(async () => {
    service = await startTestService(store(), { config: fleetConfig([]) });
  });
  afterEach(() => service.stop());

  const beat = async (id: string, more: object = {}) =>
    (await post(`/v1/runs/${id}/heartbeat`, more, service.agentKey)).body;

  test("is told at its interrupt points until it says that it has heard it", async () => {
    const { body: run } = await post(
      "/v1/runs",
      { agentId: "scraper", input: "Read all pages", external: true },
      service.agentKey,
    );
    const { body: note } = await post(`/v1/runs/${run.id}/messages`, { text: "Skip the drafts." });
    expect((await beat(run.id, { isInterruptPoint: false })).notes).toEqual([]);
    const told = [{ id: note.id, text: "Skip the drafts." }];
    expect((await beat(run.id, { steps: 4 })).notes).toEqual(told);
    // The answer may have been lost on its way.
    expect((await beat(run.id)).notes).toEqual(told);
    expect((await beat(run.id, { heard: [note.id, "note_nope"] })).notes).toEqual([]);
    expect((await get(`/v1/runs/${run.id}`)).notes).toMatchObject([{ id: note.id, heardStep: 4 }]);
    // Once is enough, also when it is said again.
    await beat(run.id, { heard: [note.id] });
    const { body: second } = await post(`/v1/runs/${run.id}/messages`, { text: "And the archive." });
    expect((await beat(run.id)).notes).toEqual([{ id: second.id, text: "And the archive." }]);
    await post(`/v1/runs/${run.id}/end`, { status: "completed" }, service.agentKey);
    expect((await get(`/v1/runs/${run.id}`)).status).toBe("completed");
    expect(await post(`/v1/runs/${run.id}/fork`, { fromStep: 1 })).toMatchObject({
      status: 409,
      body: { code: "conflict", detail: expect.stringContaining("lives elsewhere") },
    });
  });
});
