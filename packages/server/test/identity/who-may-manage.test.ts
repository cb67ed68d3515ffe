import { ROLES, type CreateKey } from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Identity } from "../../src/identity/identity.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { addPerson, openIdentity, post, signIn, type Fixture } from "./identity-fixture.ts";

/** Everything that identity does for a credential; each makes its own objects, so that any order works. */
const OPERATIONS: Record<
  string,
  (identity: Identity, hash: string, of: { keyId: string; memberId: string }) => Promise<unknown>
> = {
  createKey: (identity, hash) => identity.keys.createKey(hash, { name: "k", kind: "agent" }),
  listKeys: (identity, hash) => identity.keys.listKeys(hash, { limit: 10 }),
  revokeKey: (identity, hash, { keyId }) => identity.keys.revokeKey(hash, keyId),
  addMember: (identity, hash) =>
    identity.members.addMember(hash, {
      email: `${crypto.randomUUID()}@example.com`,
      name: "n",
      role: "viewer",
    }),
  listMembers: (identity, hash) => identity.members.listMembers(hash, { limit: 10 }),
  createSignInLink: (identity, hash, { memberId }) => identity.links.createSignInLink(hash, memberId),
  createOwnSignInLink: (identity, hash) => identity.links.createSignInLink(hash, "me"),
  removeMember: (identity, hash, { memberId }) => identity.members.removeMember(hash, memberId),
};

describeEachStore("who may manage keys and people", (store) => {
  let fixture: Fixture;
  const hashes = new Map<string, string>();
  beforeAll(async () => {
    fixture = await openIdentity(store().database);
    const { identity, adminHash } = fixture;
    for (const role of ROLES) {
      const cookie = await signIn(identity, (await addPerson(fixture, role)).url);
      hashes.set(`session of ${role}`, identity.credentialOf(post("/", { cookie }))?.hash ?? "");
    }
    const newKey = async (input: CreateKey): Promise<string> =>
      identity.credentialOf(post("/", { "x-api-key": (await identity.keys.createKey(adminHash, input)).key }))
        ?.hash ?? "";
    hashes.set("operator key of admin", await newKey({ name: "o", kind: "operator" }));
    hashes.set(
      "agent key",
      await newKey({
        name: "a",
        kind: "agent",
        scopes: ["holds:create", "holds:read", "runs:*", "audit:read"],
      }),
    );
    hashes.set("relay key", await newKey({ name: "r", kind: "relay" }));
    hashes.set("operator key of reviewer", (await seedOrganisation(store().database)).reviewerHash);
    hashes.set("nobody", "no such hash");
  });
  afterAll(() => fixture.identity.close());

  test("only an admin: signed in, or by an operator key", async () => {
    const table: Record<string, Record<string, string>> = {};
    for (const [principal, hash] of hashes) {
      const row: Record<string, string> = {};
      for (const [operation, run] of Object.entries(OPERATIONS)) {
        const { id: keyId } = await fixture.identity.keys.createKey(fixture.adminHash, {
          name: "k",
          kind: "agent",
        });
        const { member } = await addPerson(fixture, "viewer");
        row[operation] = await run(fixture.identity, hash, { keyId, memberId: member.id }).then(
          () => "yes",
          (error: { code: string }) => error.code,
        );
      }
      table[principal] = row;
    }
    const all = (word: string): Record<string, string> =>
      Object.fromEntries(Object.keys(OPERATIONS).map((operation) => [operation, word]));
    expect(table).toEqual({
      "session of viewer": all("not_allowed"),
      "session of reviewer": all("not_allowed"),
      "session of manager": all("not_allowed"),
      "session of operator": all("not_allowed"),
      "session of admin": all("yes"),
      "operator key of admin": all("yes"),
      "operator key of reviewer": all("not_allowed"),
      "agent key": all("not_allowed"),
      "relay key": all("not_allowed"),
      nobody: all("unauthorized"),
    });
  });

  test("an admin of another organisation sees and reaches nothing (I7)", async () => {
    const { adminHash } = await seedOrganisation(store().database);
    const { identity } = fixture;
    const { id: keyId } = await identity.keys.createKey(fixture.adminHash, { name: "k", kind: "agent" });
    const { member } = await addPerson(fixture, "viewer");
    await expect(identity.keys.revokeKey(adminHash, keyId)).rejects.toMatchObject({ code: "not_found" });
    await expect(identity.members.removeMember(adminHash, member.id)).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(identity.links.createSignInLink(adminHash, member.id)).rejects.toMatchObject({
      code: "not_found",
    });
    const { data: keys } = await identity.keys.listKeys(adminHash, { limit: 200 });
    expect(keys.map(({ name }) => name).sort()).toEqual(["Ada", "Rob", "agent"]);
    const { data: members } = await identity.members.listMembers(adminHash, { limit: 200 });
    expect(members.map(({ name }) => name).sort()).toEqual(["Ada", "Rob"]);
  });

  test("an operator key is its maker's own, and no key gets a scope that is not its kind's", async () => {
    const { identity, adminHash, first } = fixture;
    expect(await identity.keys.createKey(adminHash, { name: "o", kind: "operator" })).toMatchObject({
      memberId: first.admin.id,
      scopes: [],
    });
    for (const input of [
      { name: "a", kind: "agent", scopes: ["decisions:relay"] },
      { name: "o", kind: "operator", scopes: ["holds:create"] },
      { name: "r", kind: "relay", scopes: ["runs:*"] },
    ] as const satisfies CreateKey[]) {
      await expect(
        identity.keys.createKey(adminHash, { ...input, scopes: [...input.scopes] }),
      ).rejects.toMatchObject({
        code: "invalid_request",
        status: 422,
        details: { errors: [{ path: "scopes" }] },
      });
    }
  });

  test("a repeated request tells the same key and link again, another body does not", async () => {
    const { identity, adminHash } = fixture;
    const same = { key: "retry-1", bodyHash: "a" };
    const [one, two] = await Promise.all([
      identity.keys.createKey(adminHash, { name: "k", kind: "agent" }, same),
      identity.keys.createKey(adminHash, { name: "k", kind: "agent" }, same),
    ]);
    expect(two).toEqual(one);
    const email = "retry@example.com";
    const [ann, again] = await Promise.all([
      identity.members.addMember(adminHash, { email, name: "Ann", role: "viewer" }, same),
      identity.members.addMember(adminHash, { email, name: "Ann", role: "viewer" }, same),
    ]);
    expect(again).toEqual(ann);
    const link = await identity.links.createSignInLink(adminHash, ann.member.id, same);
    expect(await identity.links.createSignInLink(adminHash, ann.member.id, same)).toEqual(link);

    const other = { key: "retry-1", bodyHash: "b" };
    const mismatch = { code: "idempotency_mismatch", status: 422 };
    await expect(
      identity.keys.createKey(adminHash, { name: "l", kind: "agent" }, other),
    ).rejects.toMatchObject(mismatch);
    await expect(identity.links.createSignInLink(adminHash, ann.member.id, other)).rejects.toMatchObject(
      mismatch,
    );
    await expect(
      identity.members.addMember(adminHash, { email: "b@example.com", name: "B", role: "viewer" }, other),
    ).rejects.toMatchObject(mismatch);
    // Another admin with the same idempotency key gets no key of this one's.
    await expect(
      identity.keys.createKey(hashes.get("session of admin")!, { name: "k", kind: "agent" }, same),
    ).rejects.toMatchObject(mismatch);
    await expect(
      identity.members.addMember(adminHash, { email: "RETRY@example.com", name: "X", role: "admin" }),
    ).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(ann.member.id),
    });
  });

  test("lists come in pages that miss and repeat nothing", async () => {
    const { identity, adminHash } = fixture;
    for (const list of [
      (cursor?: string) => identity.keys.listKeys(adminHash, { limit: 3, cursor }),
      (cursor?: string) => identity.members.listMembers(adminHash, { limit: 3, cursor }),
    ]) {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list(cursor);
        ids.push(...page.data.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeGreaterThan(6);
      await expect(list("nonsense")).rejects.toMatchObject({ code: "invalid_request" });
    }
    const { data } = await identity.keys.listKeys(adminHash, { limit: 200 });
    // By the name of a member: an id may have these four letters by chance.
    expect(JSON.stringify(data)).not.toMatch(/[hH]ash"|hp[aor]_/);
  });

  test("when a key was last used is written in batches", async () => {
    const { identity, adminHash } = fixture;
    const key = await identity.keys.createKey(adminHash, { name: "used", kind: "agent" });
    const hash = identity.credentialOf(post("/", { "x-api-key": key.key }))?.hash ?? "";
    identity.lastUse.note(hash);
    identity.lastUse.note("of nobody");
    const lastUsedAt = async (): Promise<string | null | undefined> =>
      (await identity.keys.listKeys(adminHash, { limit: 200 })).data.find(({ id }) => id === key.id)
        ?.lastUsedAt;
    expect(await lastUsedAt()).toBeNull();
    await identity.lastUse.write();
    const written = await lastUsedAt();
    expect(Math.abs(Date.now() - Date.parse(written ?? ""))).toBeLessThan(5_000);
    await identity.lastUse.write();
    expect(await lastUsedAt()).toBe(written);
  });
});
