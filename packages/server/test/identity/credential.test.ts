import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { credentialOf, hashSessionToken } from "../../src/identity/credential.ts";
import { HostCheck } from "../../src/identity/host-check.ts";
import { SessionCookie } from "../../src/identity/session-cookie.ts";
import { PUBLIC_URL, SECRET } from "./identity-fixture.ts";

const cookie = new SessionCookie({ secret: SECRET, isHttps: false });
const hostCheck = new HostCheck({ publicUrl: PUBLIC_URL });
const sessionCookie = cookie.issue("the-token").split(";")[0]!;

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function ask(headers: Record<string, string>, method = "GET"): ReturnType<typeof credentialOf> {
  const request = { method, headers: new Headers({ host: "localhost:7777", ...headers }), url: PUBLIC_URL };
  return credentialOf(request, cookie, hostCheck);
}

test.for([
  [{}, undefined],
  [{ authorization: "Bearer hpa_x" }, { hash: sha256("hpa_x"), via: "key" }],
  [{ authorization: "bearer  hpa_x " }, { hash: sha256("hpa_x"), via: "key" }],
  [{ authorization: "Bearer two words" }, { hash: sha256("two words"), via: "key" }],
  [{ "x-api-key": "hpa_y" }, { hash: sha256("hpa_y"), via: "key" }],
  [
    { authorization: "Bearer hpa_x", "x-api-key": "hpa_y" },
    { hash: sha256("hpa_x"), via: "key" },
  ],
  [
    { authorization: "Bearer hpa_x", cookie: sessionCookie },
    { hash: sha256("hpa_x"), via: "key" },
  ],
  [{ authorization: "Bearer" }, undefined],
  [{ authorization: "Bearer " }, undefined],
  [{ authorization: "Basic aGk6aGk=" }, undefined],
  [{ "x-api-key": " " }, undefined],
  [{ cookie: sessionCookie }, { hash: hashSessionToken("the-token"), via: "session" }],
  [{ cookie: `a=b; ${sessionCookie}; c=d` }, { hash: hashSessionToken("the-token"), via: "session" }],
  [{ cookie: `x${sessionCookie}` }, undefined],
  [{ cookie: "holdpoint_session=" }, undefined],
  [{ cookie: "holdpoint_session" }, undefined],
] as const)("credential %#: %o", ([headers, expected]) => {
  expect(ask(headers)).toEqual(expected);
});

test("a key needs no page of ours, a cookie does", () => {
  const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  expect(ask({ authorization: "Bearer hpa_x", ...foreign }, "POST")).toBeDefined();
  expect(() => ask({ cookie: sessionCookie, ...foreign }, "POST")).toThrow("another site");
  expect(() => ask({ cookie: sessionCookie }, "POST")).toThrow("another site");
  expect(ask({ cookie: sessionCookie, origin: PUBLIC_URL }, "POST")).toBeDefined();
});

test("a cookie signed with another secret is none", async () => {
  const { Secret } = await import("../../src/identity/secret.ts");
  const foreign = new SessionCookie({ secret: new Secret("x".repeat(32)), isHttps: false });
  expect(ask({ cookie: foreign.issue("the-token").split(";")[0]! })).toBeUndefined();
});
