import { beforeAll, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { cookieOf, get, openIdentity, post, signIn, whoIs, type Fixture } from "./identity-fixture.ts";

describeEachStore("a one-time sign-in link", (store) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await openIdentity(store().database);
  });

  async function newLink(): Promise<{ url: string; path: string }> {
    const { url } = await fixture.identity.links.createOwnSignInLink(
      fixture.first.orgId,
      fixture.first.admin.id,
    );
    return { url, path: new URL(url).pathname };
  }

  test("signs its member in by a press, and leads to the console", async () => {
    const { path } = await newLink();
    const page = await fixture.identity.signIn.answerSignIn(get(path));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("admin@localhost");
    const response = await fixture.identity.signIn.answerSignIn(post(path));
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/");
    expect(response.headers.get("set-cookie")).toMatch(
      /^holdpoint_session=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(await whoIs(fixture, { cookie: cookieOf(response) })).toMatchObject({
      kind: "session",
      member_id: fixture.first.admin.id,
      role: "admin",
    });
  });

  test("is used by one of 64 at the same time", async () => {
    const { path } = await newLink();
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => fixture.identity.signIn.answerSignIn(post(path))),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(63);
    expect(answers.filter((answer) => answer.headers.has("set-cookie"))).toHaveLength(1);
  });

  test("is not used by looking at it, by a scanner, or by another site's page", async () => {
    const { url, path } = await newLink();
    const { signIn: pages } = fixture.identity;
    for (let look = 0; look < 3; look++) expect((await pages.answerSignIn(get(path))).status).toBe(200);
    const head = new Request(url, { method: "HEAD", headers: { host: "localhost:7777" } });
    expect((await pages.answerSignIn(head)).status).toBe(200);
    const options = new Request(url, { method: "OPTIONS", headers: { host: "localhost:7777" } });
    await expect(pages.answerSignIn(options)).rejects.toMatchObject({
      code: "method_not_allowed",
      status: 405,
    });
    for (const foreign of [
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { origin: "http://localhost:3000", "sec-fetch-site": "same-site" },
      { origin: "null", "sec-fetch-site": "cross-site" },
    ]) {
      const refused = await pages.answerSignIn(post(path, foreign));
      expect(refused.status).toBe(403);
      expect(refused.headers.has("set-cookie")).toBe(false);
    }
    const silent = new Request(url, { method: "POST", headers: { host: "localhost:7777" } });
    expect((await pages.answerSignIn(silent)).status).toBe(403);
    await expect(signIn(fixture.identity, url)).resolves.toContain("holdpoint_session=");
  });

  test("says how to get another when it was used, has expired, or is none", async () => {
    const { signIn: pages } = fixture.identity;
    const used = await newLink();
    await signIn(fixture.identity, used.url);
    const late = await newLink();
    await store().advance(15 * 60_000);
    try {
      for (const [path, status, words] of [
        [used.path, 409, "already used"],
        [late.path, 410, "has expired"],
        ["/sign-in/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 404, "not a sign-in link"],
      ] as const) {
        for (const request of [get(path), post(path)]) {
          const page = await pages.answerSignIn(request);
          const html = await page.text();
          expect(page.status).toBe(status);
          expect(html).toContain(words);
          expect(html).toContain("npx holdpoint login-link");
          expect(page.headers.has("set-cookie")).toBe(false);
        }
      }
    } finally {
      await store().setClock(null);
    }
  });

  test("runs no script and shows names as text", async () => {
    const { signInLink } = await fixture.identity.members.addMember(fixture.adminHash, {
      email: `"<script>"@example.com`,
      name: `<img src=x onerror=alert(1)> & "Co"`,
      role: "viewer",
    });
    const page = await fixture.identity.signIn.answerSignIn(get(new URL(signInLink.url).pathname));
    const html = await page.text();
    expect(html).not.toMatch(/<script|<img/);
    expect(html).toContain("&#60;img src=x");
    expect(page.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
    );
    expect(page.headers.get("cache-control")).toBe("no-store");
  });

  test("is bound to the host by its cookie where the public address is https", async () => {
    const publicUrl = "https://holdpoint.example.com";
    const https = await openIdentity(store().database, { publicUrl });
    const link = await https.identity.links.createOwnSignInLink(https.first.orgId, https.first.admin.id);
    expect(link.url).toMatch(/^https:\/\/holdpoint\.example\.com\/sign-in\/[\w-]{43}$/);
    const headers = { host: "holdpoint.example.com", origin: publicUrl };
    const response = await https.identity.signIn.answerSignIn(post(new URL(link.url).pathname, headers));
    expect(response.headers.get("set-cookie")).toMatch(
      /^__Host-holdpoint_session=.*; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    const cookie = cookieOf(response);
    expect(await whoIs(https, { cookie })).toMatchObject({ kind: "session" });
    await https.identity.close();
  });
});
