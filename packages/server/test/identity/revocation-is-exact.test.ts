import { beforeAll, expect, test } from "vitest";
import { hashCredential, hashSessionToken } from "../../src/identity/credential.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import {
  addPerson,
  get,
  openIdentity,
  operatorKeyOf,
  post,
  signIn,
  whoIs,
  type Fixture,
} from "./identity-fixture.ts";

const SESSION_MS = 7 * 24 * 3_600_000;

describeEachStore("what is revoked works no more at the next request", (store) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await openIdentity(store().database);
  });

  test("a revoked key", async () => {
    const { id, key } = await fixture.identity.keys.createKey(fixture.adminHash, {
      name: "ci",
      kind: "agent",
    });
    const asKey = { authorization: `Bearer ${key}` };
    expect(await whoIs(fixture, asKey)).toMatchObject({ kind: "agent" });
    const revoked = await fixture.identity.keys.revokeKey(fixture.adminHash, id);
    expect(await whoIs(fixture, asKey)).toBeNull();
    expect(await fixture.identity.keys.revokeKey(fixture.adminHash, id)).toEqual(revoked);
  });

  test("an expired key", async () => {
    const { key } = await fixture.identity.keys.createKey(fixture.adminHash, {
      name: "short",
      kind: "agent",
      expiresInDays: 1,
    });
    await store().advance(86_400_000);
    expect(await whoIs(fixture, { "x-api-key": key })).toBeNull();
    await store().setClock(null);
    expect(await whoIs(fixture, { "x-api-key": key })).toMatchObject({ kind: "agent" });
  });

  test("an expired session", async () => {
    const cookie = await signIn(fixture.identity, (await addPerson(fixture, "reviewer")).url);
    await store().advance(SESSION_MS);
    expect(await whoIs(fixture, { cookie })).toBeNull();
    await store().setClock(null);
    expect(await whoIs(fixture, { cookie })).toMatchObject({ role: "reviewer" });
  });

  test("a session that was signed out of", async () => {
    const cookie = await signIn(fixture.identity, (await addPerson(fixture, "reviewer")).url);
    await expect(
      fixture.identity.signIn.answerSignOut(post("/sign-out", { cookie, origin: "https://evil.example" })),
    ).rejects.toMatchObject({ status: 403 });
    expect(await whoIs(fixture, { cookie })).not.toBeNull();
    const response = await fixture.identity.signIn.answerSignOut(post("/sign-out", { cookie }));
    expect(response.status).toBe(303);
    expect(response.headers.get("set-cookie")).toContain("Max-Age=0");
    expect(await whoIs(fixture, { cookie })).toBeNull();
  });

  test("sessions that better-auth revoked, one and all", async () => {
    const { member, url } = await addPerson(fixture, "reviewer");
    const cookies = [await signIn(fixture.identity, url)];
    for (let more = 0; more < 2; more++) {
      const link = await fixture.identity.links.createSignInLink(fixture.adminHash, member.id);
      cookies.push(await signIn(fixture.identity, link.url));
    }
    const [first, second, third] = cookies as [string, string, string];
    const listed = (await (
      await fixture.identity.auth.answer(get("/api/auth/list-sessions", { cookie: first }))
    ).json()) as { token: string }[];
    expect(listed).toHaveLength(3);
    const tokenOfSecond = listed.find(({ token }) => decodeURIComponent(second).includes(token))?.token;
    await fixture.identity.auth.answer(
      post("/api/auth/revoke-session", { cookie: first }, JSON.stringify({ token: tokenOfSecond })),
    );
    expect(await whoIs(fixture, { cookie: second })).toBeNull();
    expect(await whoIs(fixture, { cookie: third })).not.toBeNull();
    await fixture.identity.auth.answer(post("/api/auth/revoke-sessions", { cookie: first }));
    expect(await whoIs(fixture, { cookie: first })).toBeNull();
    expect(await whoIs(fixture, { cookie: third })).toBeNull();
  });

  test("everything of a removed member, and nothing of it comes back with them", async () => {
    const { identity, adminHash } = fixture;
    const { member, url } = await addPerson(fixture, "admin");
    const cookie = await signIn(identity, url);
    const { key } = await operatorKeyOf(fixture, cookie);
    const unused = await identity.links.createSignInLink(adminHash, member.id);
    expect(await whoIs(fixture, { "x-api-key": key })).toMatchObject({ member_id: member.id });

    await identity.members.removeMember(adminHash, member.id);
    expect(await whoIs(fixture, { cookie })).toBeNull();
    expect(await whoIs(fixture, { "x-api-key": key })).toBeNull();
    expect((await identity.signIn.answerSignIn(post(new URL(unused.url).pathname))).status).toBe(404);
    const { data } = await identity.members.listMembers(adminHash, { limit: 200 });
    expect(data.map(({ id }) => id)).not.toContain(member.id);
    await expect(identity.links.createSignInLink(adminHash, member.id)).rejects.toMatchObject({
      code: "not_found",
    });
    await identity.members.removeMember(adminHash, member.id);

    const back = await identity.members.addMember(adminHash, {
      email: member.email,
      name: "Again",
      role: "reviewer",
    });
    expect(back.member).toMatchObject({ id: member.id, role: "reviewer", name: "Again" });
    expect(await whoIs(fixture, { cookie })).toBeNull();
    expect(await whoIs(fixture, { "x-api-key": key })).toBeNull();
    const again = await signIn(identity, back.signInLink.url);
    expect(await whoIs(fixture, { cookie: again })).toMatchObject({ member_id: member.id, role: "reviewer" });
  });

  test("the last admin stays, also when admins remove each other at the same time", async () => {
    const { identity, adminHash, first } = fixture;
    const other = await addPerson(fixture, "admin");
    const { key } = await operatorKeyOf(fixture, await signIn(identity, other.url));
    const outcomes = await Promise.allSettled([
      identity.members.removeMember(adminHash, other.member.id),
      identity.members.removeMember(hashCredential(key), first.admin.id),
    ]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    // Who is left may remove everybody but themselves; then the next start brings nobody in by itself.
    const winner = outcomes[0].status === "fulfilled" ? adminHash : hashCredential(key);
    const left = outcomes[0].status === "fulfilled" ? first.admin.id : other.member.id;
    await expect(identity.members.removeMember(winner, left)).rejects.toMatchObject({
      code: "conflict",
      status: 409,
    });
    expect((await identity.ensureFirstAdmin()).admin.id).toBe(left);
  });
});

describeEachStore("what a thief of the database holds is no credential", (store) => {
  test("neither tokens of sessions nor hashes of anything", async () => {
    const fixture = await openIdentity(store().database);
    const cookie = await signIn(fixture.identity, (await addPerson(fixture, "admin")).url);
    const [row] = await store().database.query<{ token: string }>('select "token" from auth."session"');
    const token = row!.token;
    const [, value] = cookie.split("=") as [string, string];
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { "x-api-key": token },
      { "x-api-key": `session:${token}` },
      { "x-api-key": hashSessionToken(token) },
      { "x-api-key": hashCredential(fixture.first.localKey) },
      { authorization: `Bearer ${value}` },
      { cookie: `holdpoint_session=${token}` },
      { cookie: `holdpoint_session=${token}.` },
      { cookie: `holdpoint_session=${token}.${"A".repeat(43)}=` },
      { cookie: `holdpoint_session=${value.replace(/^./, (first) => (first === "x" ? "y" : "x"))}` },
      { cookie: `holdpoint_session=%E0%A4%A` },
      { cookie: `__Host-${cookie}` },
    ]) {
      const who = await whoIs(fixture, headers);
      expect({ headers, who }).toEqual({ headers, who: null });
    }
    // A cookie of the same name that another port set comes first and does no harm.
    expect(await whoIs(fixture, { cookie: `holdpoint_session=planted; ${cookie}` })).not.toBeNull();
    await fixture.identity.close();
  });
});
