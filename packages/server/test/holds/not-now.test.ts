import { afterAll, beforeAll, expect, test } from "vitest";
import { seedOrganisation, type SeededOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

describeEachStore("not now: a person puts a hold off", (store) => {
  let service: TestService;
  let org: SeededOrganisation;
  beforeAll(async () => {
    service = await startTestService(store());
    org = await seedOrganisation(store().database);
  });
  afterAll(() => service.stop());

  async function ask(more: object = {}): Promise<string> {
    const { body } = await service.call("POST", "/v1/holds", {
      key: org.agentKey,
      body: { action: { name: "refund", arguments: { order: 1 } }, ...more },
    });
    return body.id;
  }

  const idsOf = async (key: string, query: string): Promise<string[]> => {
    const { status, body } = await service.call("GET", `/v1/holds?${query}`, { key });
    expect([status, query]).toEqual([200, query]);
    return body.data.map((hold: { id: string }) => hold.id);
  };

  test("it leaves their list and nobody else's, decides nothing, and comes back", async () => {
    const id = await ask();
    const put = await service.call("POST", `/v1/holds/${id}/defer`, { key: org.reviewerKey, body: {} });
    expect([put.status, put.body.status, put.body.id]).toEqual([200, "pending", id]);
    expect(await idsOf(org.reviewerKey, "status=pending&assignee=me")).not.toContain(id);
    expect(await idsOf(org.reviewerKey, "status=pending&deferred=true")).toEqual([id]);
    expect(await idsOf(org.reviewerKey, "status=pending")).toContain(id);
    expect(await idsOf(org.adminKey, "status=pending&assignee=me")).toContain(id);
    expect(await idsOf(org.adminKey, "status=pending&deferred=true")).toEqual([]);
    const mine = await service.call("GET", `/v1/holds/${id}`, { key: org.reviewerKey });
    expect(mine.body.deferredAt).toMatch(/^\d{4}-.*Z$/);
    expect((await service.call("GET", `/v1/holds/${id}`, { key: org.adminKey })).body.deferredAt).toBeNull();

    // Twice is once.
    await service.call("POST", `/v1/holds/${id}/defer`, { key: org.reviewerKey, body: {} });
    await service.call("DELETE", `/v1/holds/${id}/defer`, { key: org.reviewerKey });
    await service.call("DELETE", `/v1/holds/${id}/defer`, { key: org.reviewerKey });
    expect(await idsOf(org.reviewerKey, "status=pending&assignee=me")).toContain(id);
    expect(await idsOf(org.reviewerKey, "status=pending&deferred=true")).toEqual([]);
    const log = await service.call("GET", `/v1/audit/entries?holdId=${id}`, { key: org.adminKey });
    expect(
      log.body.data.map((entry: { decision: string; event: { type: string; actor: { name: string } } }) => [
        entry.event.type,
        entry.decision,
        entry.event.actor.name,
      ]),
    ).toEqual([
      ["hold.deferred", "taken_up", "Rob"],
      ["hold.deferred", "deferred", "Rob"],
      ["hold.created", null, null],
    ]);
  });

  test("a machine has nothing to put off, and what is over cannot be", async () => {
    const id = await ask();
    const machine = await service.call("POST", `/v1/holds/${id}/defer`, { key: org.agentKey, body: {} });
    expect([machine.status, machine.body.needs]).toEqual([403, "person"]);
    await service.call("POST", `/v1/holds/${id}/decisions`, {
      key: org.reviewerKey,
      body: { verdict: "reject" },
    });
    const late = await service.call("POST", `/v1/holds/${id}/defer`, { key: org.adminKey, body: {} });
    expect([late.status, late.body.code, late.body.winner.by.name]).toEqual([409, "already_decided", "Rob"]);
    const expiring = await ask({ timeoutSeconds: 60 });
    await store().advance(61_000);
    const expired = await service.call("POST", `/v1/holds/${expiring}/defer`, {
      key: org.adminKey,
      body: {},
    });
    expect([expired.status, expired.body.code]).toEqual([410, "expired"]);
    await store().setClock(null);
    expect((await service.call("POST", `/v1/holds/${id}/defer`, { body: { until: 1 } })).status).toBe(422);
  });

  test("assignee me is what this role may decide; ended is all that is over", async () => {
    const forManagers = await ask({ route: { role: "manager" } });
    expect(await idsOf(org.reviewerKey, "status=pending&assignee=me")).not.toContain(forManagers);
    expect(await idsOf(org.adminKey, "status=pending&assignee=me")).toContain(forManagers);
    const ended = await service.call("GET", "/v1/holds?status=ended", { key: org.adminKey });
    const statuses = ended.body.data.map((hold: { status: string }) => hold.status);
    expect(new Set(statuses)).toEqual(new Set(["rejected", "expired"]));
    const cancelled = await ask();
    await service.call("POST", `/v1/holds/${cancelled}/cancel`, { key: org.agentKey, body: {} });
    expect(await idsOf(org.adminKey, "status=ended")).toContain(cancelled);
  });

  test("who am I, for a person and for a machine", async () => {
    const rob = await service.call("GET", "/v1/me", { key: org.reviewerKey });
    expect(rob.body).toMatchObject({ orgId: org.orgId, kind: "operator", name: "Rob", role: "reviewer" });
    const agent = await service.call("GET", "/v1/me", { key: org.agentKey });
    expect(agent.body).toMatchObject({ kind: "agent", memberId: null, role: null });
    expect((await service.call("GET", "/v1/me", { key: null })).status).toBe(401);
  });

  test("pages of the log go from the newest to the oldest, none twice", async () => {
    const all: string[] = [];
    let cursor = "";
    do {
      const { body } = await service.call("GET", `/v1/audit/entries?limit=3${cursor}`, { key: org.adminKey });
      all.push(...body.data.map((entry: { event: { id: string } }) => entry.event.id));
      cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
    } while (cursor !== "");
    const exported = await service.call("GET", "/v1/audit", { key: org.adminKey });
    expect(all).toEqual(
      exported.body.data.map((entry: { event: { id: string } }) => entry.event.id).toReversed(),
    );
    const decisions = await service.call("GET", "/v1/audit/entries?about=action", { key: org.adminKey });
    expect(decisions.body.data).toEqual([]);
    for (const query of ["about=key", "cursor=abc", "limit=0", "holdId="])
      expect((await service.call("GET", `/v1/audit/entries?${query}`, { key: org.adminKey })).status).toBe(
        422,
      );
  });
});
