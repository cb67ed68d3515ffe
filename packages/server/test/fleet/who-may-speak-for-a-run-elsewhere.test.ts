// A run that another process works on is spoken for by its own agent's key, or by operators; each other is refused.
import { afterAll, beforeAll, expect, test } from "vitest";
import { endExternalRun, heartbeat } from "../../src/fleet/external-runs.ts";
import { seedOrganisation, type SeededOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

describeEachStore("a run that lives elsewhere", (store) => {
  let service: TestService;
  let people: SeededOrganisation;
  beforeAll(async () => {
    service = await startTestService(store());
    people = await seedOrganisation(store().database);
  });
  afterAll(() => service?.stop());

  test("is spoken for by no reviewer, though a reviewer may read it", async () => {
    const registered = await service.call("POST", "/v1/runs", {
      key: people.adminKey,
      body: { agentId: "scraper", input: "Read", external: true },
    });
    expect(registered.status).toBe(201);
    const runId: string = registered.body.id;
    const { database } = store();
    const deps = { database, wakeups: service.service.wakeups };
    const credentialHash = people.reviewerHash;
    const signal = AbortSignal.timeout(5_000);
    await expect(
      heartbeat(deps, { credentialHash, runId, body: { isInterruptPoint: true, waitSeconds: 0 }, signal }),
    ).rejects.toMatchObject({
      code: "not_allowed",
    });
    const body = { status: "completed", output: "mine" } as const;
    await expect(endExternalRun(deps, { credentialHash, runId, body, key: undefined })).rejects.toMatchObject(
      { code: "not_allowed" },
    );
    const { body: run } = await service.call("GET", `/v1/runs/${runId}`, { key: people.reviewerKey });
    expect(run).toMatchObject({ status: "running", output: null });
  });
});
