import { registerHooks } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SessionCookie } from "../../src/identity/session-cookie.ts";
import { authDatabase } from "../../src/identity/auth-database.ts";
import { authOptions } from "../../src/identity/auth.ts";
import { HostCheck } from "../../src/identity/host-check.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import {
  addPerson,
  cookieOf,
  get,
  openIdentity,
  post,
  PUBLIC_URL,
  SECRET,
  signIn,
  whoIs,
  type Fixture,
} from "./identity-fixture.ts";

const loaded: string[] = [];
registerHooks({
  load(url, context, nextLoad) {
    if (url.includes("/better-auth/")) loaded.push(url);
    return nextLoad(url, context);
  },
});

describeEachStore("better-auth", (store) => {
  let fixture: Fixture;
  const logged: string[] = [];
  const log = (_details: object, message: string): void => void logged.push(message);
  beforeAll(async () => {
    const logger = { info: () => {}, warn: log, error: log };
    fixture = await openIdentity(store().database, { logger });
  });
  afterAll(() => fixture.identity.close());

  test("is not loaded by anything on the way of a request", async () => {
    loaded.length = 0;
    const { identity, adminHash } = fixture;
    const cookie = await signIn(identity, (await addPerson(fixture, "reviewer")).url);
    expect(await whoIs(fixture, { cookie })).toMatchObject({ role: "reviewer" });
    expect(await whoIs(fixture, { "x-api-key": fixture.first.localKey })).toMatchObject({ role: "admin" });
    await identity.keys.createKey(adminHash, { name: "k", kind: "agent" });
    await identity.signIn.answerSignOut(post("/sign-out", { cookie }));
    expect(loaded).toEqual([]);
  });

  test("finds its tables as it would make them", async () => {
    const { getMigrations } = await import("better-auth/db/migration");
    const options = authOptions(
      {
        cookie: new SessionCookie({ secret: SECRET, isHttps: false }),
        hostCheck: new HostCheck({ publicUrl: PUBLIC_URL }),
        publicUrl: PUBLIC_URL,
        logger: { info: log, warn: log, error: log },
      },
      authDatabase(store().database),
    );
    logged.length = 0;
    const plan = await getMigrations(options, { throwOnUnsafe: false });
    expect({
      created: plan.toBeCreated,
      added: plan.toBeAdded,
      indexes: plan.toBeAddedIndexes,
      unsafe: plan.unsafeChanges,
      problems: plan.schemaProblems,
      warnings: logged,
    }).toEqual({ created: [], added: [], indexes: [], unsafe: [], problems: [], warnings: [] });
  });

  test("knows the session that a link started, and its end", async () => {
    const { identity } = fixture;
    const { member, url } = await addPerson(fixture, "reviewer");
    const cookie = await signIn(identity, url);
    const ask = async (): Promise<{ user: { email: string }; session: { expiresAt: string } } | null> =>
      (await (await identity.auth.answer(get("/api/auth/get-session", { cookie }))).json()) as never;
    const session = await ask();
    expect(session).toMatchObject({ user: { email: member.email } });
    expect(Date.parse(session?.session.expiresAt ?? "") - Date.now()).toBeGreaterThan(6 * 86_400_000);
    await store().database.query(
      `update auth."session" set "expiresAt" = now() - interval '1 second' where "userId" =
      (select "id" from auth."user" where "email" = $1)`,
      [member.email],
    );
    expect(await whoIs(fixture, { cookie })).toBeNull();
    expect(await ask()).toBeNull();
  });

  test("renews a session that is in use, and ours with it", async () => {
    const { identity, database } = fixture;
    const { member, url } = await addPerson(fixture, "reviewer");
    const cookie = await signIn(identity, url);
    const { hash } = identity.credentialOf(get("/", { cookie }))!;
    await database.query(
      `update auth."session" set "expiresAt" = now() + interval '1 day' where "userId" =
      (select "id" from auth."user" where "email" = $1)`,
      [member.email],
    );
    const response = await identity.auth.answer(get("/api/auth/get-session", { cookie }));
    expect(cookieOf(response)).toBe(cookie);
    const expiresAt = await database.ownerSession(async (owner) => {
      await owner.query("set role hp_definer");
      const { rows } = await owner.query("select expires_at from holdpoint.member_sessions where hash = $1", [
        hash,
      ]);
      await owner.query("reset role");
      return (rows[0] as { expires_at: string }).expires_at;
    });
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(6 * 86_400_000);
  });

  test("gives a user who is a member nowhere a session without any right", async () => {
    const { database, identity } = fixture;
    await database.query(
      `insert into auth."user" ("id", "name", "email", "emailVerified") values ('stranger', 'S', 'stranger@example.com', true)`,
    );
    await database.query(
      `insert into auth."session" ("id", "token", "userId", "expiresAt", "updatedAt") values ('s', 'token of a stranger',
        'stranger', now() + interval '1 day', now())`,
    );
    const cookie = new SessionCookie({ secret: SECRET, isHttps: false })
      .issue("token of a stranger")
      .split(";")[0]!;
    expect(identity.credentialOf(get("/", { cookie }))).toBeDefined();
    expect(await whoIs(fixture, { cookie })).toBeNull();
  });

  test("offers nothing but sessions", async () => {
    const { identity } = fixture;
    const cookie = await signIn(identity, (await addPerson(fixture, "admin")).url);
    for (const path of [
      "/sign-up/email",
      "/sign-in/email",
      "/sign-in/social",
      "/request-password-reset",
      "/reset-password",
      "/change-email",
      "/update-user",
      "/delete-user",
      "/set-password",
      "/error",
      "/ok",
      "/constructor",
      "/get-session/",
      "//get-session",
      "/../auth/sign-up/email",
      "",
    ]) {
      const request = post(
        `/api/auth${path}`,
        { cookie },
        `{"email":"a@example.com","password":"12345678","name":"a"}`,
      );
      await expect(identity.auth.answer(request)).rejects.toMatchObject({ code: "not_found", status: 404 });
    }
    const users = await store().database.query(`select from auth."user" where "email" = 'a@example.com'`);
    expect(users).toEqual([]);
  });

  test("refuses in the API's words", async () => {
    const { identity } = fixture;
    const cookie = await signIn(identity, (await addPerson(fixture, "reviewer")).url);
    for (const [request, code] of [
      [get("/api/auth/list-sessions"), "unauthorized"],
      [post("/api/auth/get-session"), "method_not_allowed"],
      [get("/api/auth/revoke-sessions", { cookie }), "method_not_allowed"],
      [post("/api/auth/revoke-session", { cookie }, "{not json"), "invalid_json"],
      [post("/api/auth/revoke-session", { cookie }, `{"token": 5}`), "invalid_request"],
      [post("/api/auth/revoke-session", { cookie }, `[]`), "invalid_request"],
      [
        post("/api/auth/revoke-sessions", {
          cookie,
          origin: "https://evil.example",
          "sec-fetch-site": "cross-site",
        }),
        "not_allowed",
      ],
      [get("/api/auth/get-session", { cookie, origin: "https://evil.example" }), "not_allowed"],
    ] as const) {
      await expect(identity.auth.answer(request)).rejects.toMatchObject({ code });
    }
    expect(await whoIs(fixture, { cookie })).not.toBeNull();
  });
});
