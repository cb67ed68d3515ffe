import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { untilSigned } from "../audit/audit-fixture.ts";
import { ask, boundDevice, makeLink, seedOther, tokenOf } from "./end-user-fixture.ts";

describeEachStore("what the app knows of a person", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store());
  });
  afterAll(() => service.stop());

  const put = (id: string, body: object, key?: string) =>
    service.call("PUT", `/v1/end-users/${id}`, { body, ...(key !== undefined && { key }) });

  test("is set member by member: what is left out stays, null takes it away (R29)", async () => {
    await put("eva", {
      name: "Eva Lind",
      email: "eva@example.com",
      phone: "+47 123 45 678",
      additionalData: { plan: "pro" },
      preferences: { language: "nb" },
    });
    const changed = await put("eva", { phone: null, preferences: { language: "en" } });
    expect(changed.status).toBe(200);
    const shown = (await service.call("GET", "/v1/end-users/eva")).body;
    expect(shown).toEqual({
      id: "eva",
      name: "Eva Lind",
      email: "eva@example.com",
      phone: null,
      additionalData: { plan: "pro" },
      preferences: { language: "en" },
      openQuestions: 0,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    for (const body of [{ name: "" }, { email: "no address" }, { nickname: "E" }, { name: "a\u0000b" }])
      expect((await put("eva", body)).status).toBe(422);
    expect((await put("x".repeat(201), {})).status).toBe(422);
    expect((await service.call("GET", "/v1/end-users/nobody")).status).toBe(404);
    const other = await seedOther(store());
    expect((await service.call("GET", "/v1/end-users/eva", { key: other.adminKey })).status).toBe(404);
    await put("eva", { name: "Another Eva" }, other.adminKey);
    expect((await service.call("GET", "/v1/end-users/eva")).body.name).toBe("Eva Lind");
  });

  test("whoever is named first is there, and is found; open questions are counted", async () => {
    for (let n = 0; n < 5; n++) await ask(service, `list-${n}`);
    await ask(service, "list-3");
    await ask(service, "list-4", { timeoutSeconds: 86_400 });
    const answered = await ask(service, "list-0");
    await service.call("POST", `/v1/questions/${answered}/decline`, {
      key: await tokenOf(service, "list-0"),
      body: {},
    });
    const seen: [string, number][] = [];
    let cursor: string | null = null;
    do {
      const { body } = await service.call(
        "GET",
        `/v1/end-users?q=LIST-&limit=2${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(
        ...body.data.map((one: { id: string; openQuestions: number }) => [one.id, one.openQuestions]),
      );
      cursor = body.nextCursor as string | null;
    } while (cursor !== null);
    expect(seen).toEqual([
      ["list-0", 1],
      ["list-1", 1],
      ["list-2", 1],
      ["list-3", 2],
      ["list-4", 2],
    ]);
    await put("quiet", { name: "50% Quiet_One", email: "quiet@example.com" });
    const find = async (query: string) =>
      (await service.call("GET", `/v1/end-users?${query}`)).body.data.map((one: { id: string }) => one.id);
    expect(await find("q=QUIET@example")).toEqual(["quiet"]);
    expect(await find("q=0%25%20q")).toEqual(["quiet"]);
    expect(await find("q=zz%25")).toEqual([]);
    expect(await find("open=false&q=quiet")).toEqual(["quiet"]);
    expect(await find("open=true&q=quiet")).toEqual([]);
  });

  test("who may: members read, operators do, machines by their scope, and no agent's key speaks for a person (I9)", async () => {
    const other = await seedOther(store());
    const key = async (scopes: string[]) =>
      (await service.call("POST", "/v1/api-keys", { body: { name: "k", kind: "agent", scopes } })).body
        .key as string;
    const reads = await key(["end_users:read"]);
    const writes = await key(["end_users:write"]);
    const speaks = await key(["end_users:tokens"]);
    const doors = [
      ["GET", "/v1/end-users", undefined],
      ["PUT", "/v1/end-users/may", {}],
      ["POST", "/v1/end-users/may/tokens", {}],
      ["POST", "/v1/end-users/may/links", {}],
      ["GET", "/v1/end-users/may/links", undefined],
    ] as const;
    const statuses = async (credential: string) => {
      const all = [];
      for (const [method, path, body] of doors)
        all.push((await service.call(method, path, { key: credential, body })).status);
      return all;
    };
    expect(await statuses(service.adminKey)).toEqual([200, 200, 201, 201, 200]);
    expect(await statuses(service.agentKey)).toEqual([403, 403, 403, 403, 403]);
    expect(await statuses(reads)).toEqual([200, 403, 403, 403, 403]);
    expect(await statuses(writes)).toEqual([403, 200, 403, 403, 403]);
    expect(await statuses(speaks)).toEqual([403, 403, 201, 201, 200]);
    // A reviewer sees whose questions there are, and cannot answer in their name.
    expect(await statuses(other.reviewerKey)).toEqual([200, 403, 403, 403, 403]);
    const made = await service.call("POST", "/v1/api-keys", { body: { name: "default", kind: "agent" } });
    expect(made.body.scopes.filter((scope: string) => scope.startsWith("end_users"))).toEqual([]);
    const relay = await service.call("POST", "/v1/api-keys", {
      body: { name: "relay", kind: "relay", scopes: ["end_users:tokens"] },
    });
    expect(relay.status).toBe(422);
  });

  test("goes when it is erased: data, links, devices and tokens, and the log says by whom, not of whom", async () => {
    await put("gone", { name: "Gunn Onestad", email: "gunn@example.com", additionalData: { ssn: "17" } });
    const device = await boundDevice(service, "gone");
    const { link } = await makeLink(service, "gone");
    const token = await tokenOf(service, "gone");
    const orgId = service.service.firstAdmin?.orgId ?? "";
    await untilSigned(store().database, orgId);
    const erased = await service.call("POST", "/v1/audit/erasures", { body: { endUserId: "gone" } });
    expect(erased.body.entries).toBe(3);
    expect((await device.call("GET", "/v1/questions")).status).toBe(401);
    expect((await service.call("GET", "/v1/questions", { key: token })).status).toBe(401);
    expect((await device.call("GET", `/v1/questions/open/${link}`)).status).toBe(404);
    expect((await service.call("GET", "/v1/end-users/gone")).body).toMatchObject({
      name: null,
      email: null,
      phone: null,
      additionalData: {},
      preferences: {},
    });
    const log = JSON.stringify(
      await store().database.call("read_events_v1", orgId, "0", "", null, null, 1_000),
    );
    for (const text of ["Gunn", "gunn@", '"gone"']) expect(log).not.toContain(text);
    await untilSigned(store().database, orgId);
    const again = await service.call("POST", "/v1/audit/erasures", { body: { endUserId: "gone" } });
    expect(again.body).toEqual({ entries: 0, eventIds: [] });
  });
});
