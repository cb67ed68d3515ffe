import { afterAll, beforeAll, expect, test } from "vitest";
import { hashCredential } from "../../src/identity/credential.ts";
import { ensureFirstAdmin } from "../../src/identity/first-admin.ts";
import { Secret } from "../../src/identity/secret.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { openIdentity, SECRET, whoIs, type Fixture } from "./identity-fixture.ts";

describeEachStore("the first start", (store) => {
  let fixture: Fixture;
  let starts: Awaited<ReturnType<typeof ensureFirstAdmin>>[];
  beforeAll(async () => {
    const { database } = store();
    // Eight instances that start together on an empty database.
    starts = await Promise.all(
      Array.from({ length: 8 }, () =>
        ensureFirstAdmin(database, SECRET, { organisation: "Example", name: "Ada" }),
      ),
    );
    fixture = await openIdentity(database);
  });
  afterAll(() => fixture.identity.close());

  function start(environmentKey?: string, secret = SECRET): ReturnType<typeof ensureFirstAdmin> {
    return ensureFirstAdmin(store().database, secret, { environmentKey });
  }

  async function countRows(): Promise<unknown> {
    return store().database.ownerSession(async (owner) => {
      await owner.query("set role hp_definer");
      const { rows } = await owner.query(
        `select (select count(*) from holdpoint.organisations)::int as organisations,
          (select count(*) from holdpoint.members)::int as members, (select count(*) from auth."user")::int as users,
          (select count(*) from holdpoint.api_keys where source in ('local', 'example'))::int as keys`,
      );
      await owner.query("reset role");
      return rows[0];
    });
  }

  test("makes one organisation, one admin and their keys, once", async () => {
    expect(starts.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(starts.map(({ admin }) => admin.id)).size).toBe(1);
    expect(new Set(starts.map(({ localKey }) => localKey)).size).toBe(1);
    expect(starts[0]).toMatchObject({
      admin: { email: "admin@localhost", name: "Ada", role: "admin" },
      localKey: expect.stringMatching(/^hpo_[\w-]{43}$/),
      exampleKey: expect.stringMatching(/^hpa_[\w-]{43}$/),
      warnings: [],
    });
    expect(fixture.first).toEqual({ ...starts[0], isNew: false });
    expect(await countRows()).toEqual({ organisations: 1, members: 1, users: 1, keys: 2 });
  });

  test("gives an operator key that is the admin and an agent key that is not", async () => {
    expect(await whoIs(fixture, { "x-api-key": fixture.first.localKey })).toMatchObject({
      kind: "operator",
      member_id: fixture.first.admin.id,
      role: "admin",
    });
    expect(await whoIs(fixture, { "x-api-key": fixture.first.exampleKey })).toMatchObject({
      kind: "agent",
      member_id: null,
      role: null,
    });
  });

  test("makes another local key when somebody revoked the one that was", async () => {
    const { data } = await fixture.identity.keys.listKeys(fixture.adminHash, { limit: 200 });
    const example = data.find(({ name }) => name === "examples");
    await fixture.identity.keys.revokeKey(fixture.adminHash, example?.id ?? "");
    const { exampleKey } = await start();
    expect(exampleKey).not.toBe(fixture.first.exampleKey);
    expect((await start()).exampleKey).toBe(exampleKey);
    expect(await whoIs(fixture, { "x-api-key": fixture.first.exampleKey })).toBeNull();
    expect(await whoIs(fixture, { "x-api-key": exampleKey })).not.toBeNull();
  });

  test("replaces the keys that were made from another secret", async () => {
    const other = await start(undefined, new Secret("another secret, just as long as the one"));
    expect(await whoIs(fixture, { "x-api-key": fixture.first.localKey })).toBeNull();
    expect(await whoIs(fixture, { "x-api-key": other.localKey })).not.toBeNull();
    await start();
    expect(await whoIs(fixture, { "x-api-key": fixture.first.localKey })).not.toBeNull();
    expect(await whoIs(fixture, { "x-api-key": other.localKey })).toBeNull();
  });

  test("takes HOLDPOINT_API_KEY as the admin's operator key, and another one in its place", async () => {
    const one = "sixteen letters!";
    const two = "another key of the environment";
    expect((await start(one)).warnings).toEqual([]);
    expect((await start(one)).warnings).toEqual([]);
    expect(await whoIs(fixture, { authorization: `Bearer ${one}` })).toMatchObject({
      kind: "operator",
      member_id: fixture.first.admin.id,
    });
    await start(two);
    expect(await whoIs(fixture, { authorization: `Bearer ${one}` })).toBeNull();
    expect(await whoIs(fixture, { authorization: `Bearer ${two}` })).not.toBeNull();
    await start(one);
    expect(await whoIs(fixture, { authorization: `bearer  ${one}` })).not.toBeNull();
    // Without one nothing changes: another process on this database may be the one that has it.
    await start();
    expect(await whoIs(fixture, { authorization: `Bearer ${one}` })).not.toBeNull();
  });

  test("keeps a HOLDPOINT_API_KEY revoked that somebody revoked, and says so", async () => {
    const key = "a key that will be leaked";
    await start(key);
    const { data } = await fixture.identity.keys.listKeys(fixture.adminHash, { limit: 200 });
    const row = data.find(({ name, revokedAt }) => name === "HOLDPOINT_API_KEY" && revokedAt === null);
    await fixture.identity.keys.revokeKey(fixture.adminHash, row?.id ?? "");
    expect((await start(key)).warnings).toEqual([expect.stringContaining("was revoked")]);
    expect(await whoIs(fixture, { "x-api-key": key })).toBeNull();
  });

  test("makes no operator of an agent key that stands in the environment", async () => {
    const { key } = await fixture.identity.keys.createKey(fixture.adminHash, { name: "mine", kind: "agent" });
    expect((await start(key)).warnings).toEqual([expect.stringContaining("stays that")]);
    expect(await whoIs(fixture, { "x-api-key": key })).toMatchObject({ kind: "agent", role: null });
  });

  test.for([
    ["too short", "15 letters here", /15 characters; it needs at least 16/],
    ["not ASCII", "schlüsselschlüssel", /printable ASCII/],
    ["with a line break", "sixteen letters!\nand", /printable ASCII/],
  ] as const)("refuses a HOLDPOINT_API_KEY that is %s", async ([, key, message]) => {
    await expect(start(key)).rejects.toMatchObject({
      code: "invalid_configuration",
      message: expect.stringMatching(message),
    });
    expect(await whoIs(fixture, { "x-api-key": hashCredential(key) })).toBeNull();
  });
});
