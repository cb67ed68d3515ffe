import { addSeconds } from "@holdpoint/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type CallAnswer, type TestService } from "../../src/testing/test-service.ts";
import { outcomeOf, seedRoutes, type Routes } from "../holds/route-fixture.ts";

const START = "2026-08-03T08:00:00Z";
const DAY = 86_400;

describeEachStore("standing in for somebody", (store) => {
  let service: TestService;
  let routes: Routes;
  beforeAll(async () => {
    service = await startTestService(store());
  });
  beforeEach(async () => {
    await store().setClock(START);
    routes = await seedRoutes(store().database);
  });
  afterAll(() => service.stop());

  const give = (from: string, body: object): Promise<CallAnswer> =>
    service.call("POST", "/v1/delegations", { key: routes.person(from).key, body });
  const until = (seconds: number): string => addSeconds(START, seconds);

  test("from its start to its end, by the database's clock: what the one may decide, the other may", async () => {
    const { rita, mara } = { rita: routes.person("rita"), mara: routes.person("mara") };
    const given = await give("mara", {
      to: rita.email.toUpperCase(),
      startsAt: until(DAY),
      endsAt: until(2 * DAY),
    });
    expect([given.status, given.body]).toEqual([
      201,
      expect.objectContaining({
        from: { id: mara.id, name: "mara" },
        to: { id: rita.id, name: "rita" },
        isActive: false,
      }),
    ]);
    const decided = async (seconds: number): Promise<string> => {
      await store().setClock(until(seconds));
      return outcomeOf(routes.decide(await routes.ask({ route: { role: "manager" } }), rita.keyHash));
    };
    expect(await decided(DAY - 5)).toBe("not_allowed");
    expect(await decided(DAY)).toBe("approved");
    expect(await decided(2 * DAY - 5)).toBe("approved");
    expect(await decided(2 * DAY)).toBe("not_allowed");
    const over = await service.call("GET", "/v1/delegations", { key: rita.key });
    expect(over.body.data).toEqual([]);
    const all = await service.call("GET", "/v1/delegations?ended=true", { key: rita.key });
    expect(all.body.data).toMatchObject([{ id: given.body.id, isActive: false, revokedAt: null }]);
  });

  test("never without an end, for themselves, for ever, or into the past", async () => {
    const to = routes.person("rita").id;
    for (const body of [
      { to },
      { to, endsAt: until(-60) },
      { to, endsAt: until(367 * DAY) },
      { to, startsAt: until(120), endsAt: until(60) },
      { to: routes.person("mara").id, endsAt: until(60) },
      { to, endsAt: "tomorrow" },
    ])
      expect([body, (await give("mara", body)).status]).toEqual([body, 422]);
    expect((await give("mara", { to: "nobody@example.com", endsAt: until(60) })).status).toBe(404);
  });

  test("another's right is an admin's to give and to end; a machine gives nothing", async () => {
    const body = { from: routes.person("mara").id, to: routes.person("rita").id, endsAt: until(DAY) };
    expect((await give("rita", body)).status).toBe(403);
    expect((await service.call("POST", "/v1/delegations", { key: routes.org.agentKey, body })).status).toBe(
      403,
    );
    const { body: given } = await give("ann", body);
    const end = (name: string) =>
      service.call("DELETE", `/v1/delegations/${given.id}`, { key: routes.person(name).key });
    expect((await end("ole")).status).toBe(403);
    expect((await end("rita")).body).toMatchObject({ isActive: false, revokedAt: expect.any(String) });
    expect((await end("ann")).status).toBe(200); // twice is once
    const log = await service.call("GET", "/v1/audit/entries?limit=50", { key: routes.person("ann").key });
    const told = log.body.data.map((entry: { event: { type: string; actor: { name: string } } }) => [
      entry.event.type,
      entry.event.actor.name,
    ]);
    expect(told).toEqual([
      ["delegation.revoked", "rita"],
      ["delegation.created", "ann"],
    ]);
  });

  test("the same request again is the same delegation", async () => {
    const body = { to: routes.person("rita").id, endsAt: until(DAY) };
    const headers = { "idempotency-key": `again-${store().kind}` };
    const post = () =>
      service.call("POST", "/v1/delegations", { key: routes.person("mara").key, body, headers });
    const [one, other] = [await post(), await post()];
    expect([one.status, other.body.id]).toEqual([201, one.body.id]);
    const otherBody = { ...body, endsAt: until(2 * DAY) };
    const mismatch = await service.call("POST", "/v1/delegations", {
      key: routes.person("mara").key,
      body: otherBody,
      headers,
    });
    expect(mismatch.body.code).toBe("idempotency_mismatch");
  });

  test("moves the policy's revision, so that nothing evaluated before decides", async () => {
    await routes.policy({ groups: {} });
    const ask = () => routes.ask();
    const before = await ask();
    const { database } = store();
    const revision = async () =>
      database.transaction(async (tx) => {
        await tx.query("select set_config('hp.org_id', $1, true)", [routes.org.orgId]);
        return (await tx.query<{ revision: string }>("select revision from holdpoint.policies"))[0]?.revision;
      });
    const first = await revision();
    const { body } = await give("mara", { to: routes.person("rita").id, endsAt: until(DAY) });
    const second = await revision();
    await service.call("DELETE", `/v1/delegations/${body.id}`, { key: routes.person("mara").key });
    expect([Number(second), Number(await revision())]).toEqual([Number(first) + 1, Number(first) + 2]);
    expect(before).not.toBe(await ask());
  });

  test("who is on call, until when, and who is next", async () => {
    await routes.policy({
      rotations: {
        night: {
          people: ["ada@example.com", "rob@example.com"],
          timeZone: "Europe/Berlin",
          startsOn: "2026-07-27",
        },
      },
    });
    const { status, body } = await service.call("GET", "/v1/rotations", { key: routes.person("vic").key });
    expect([status, body.data]).toEqual([
      200,
      [
        {
          name: "night",
          timeZone: "Europe/Berlin",
          onCall: "rob@example.com",
          until: "2026-08-10T07:00:00.000000Z",
          next: "ada@example.com",
        },
      ],
    ]);
    expect((await service.call("GET", "/v1/rotations", { key: routes.org.agentKey })).status).toBe(403);
  });

  test("not now is the deputy's own; their list has what they stand in for", async () => {
    const rita = routes.person("rita");
    const list = async () =>
      (await service.call("GET", "/v1/holds?status=pending&assignee=me", { key: rita.key })).body.data.map(
        (hold: { id: string }) => hold.id,
      );
    const id = await routes.ask({ route: { role: "manager" } });
    expect(await list()).not.toContain(id);
    await give("mara", { to: rita.id, endsAt: until(DAY) });
    expect(await list()).toContain(id);
    await service.call("POST", `/v1/holds/${id}/defer`, { key: rita.key, body: {} });
    expect(await list()).not.toContain(id);
  });
});
