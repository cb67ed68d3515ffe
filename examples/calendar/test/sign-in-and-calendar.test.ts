import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCalendarService, type CalendarService } from "../service/calendar-service.ts";
import { startSignInService, type SignInService } from "../sign-in/sign-in-service.ts";

// The example's own two servers by plain HTTP, without Holdpoint: they refuse what a real provider refuses.
const APP = { clientId: "app", clientSecret: "secret-of-the-app" };
const CALENDAR = { clientId: "calendar", clientSecret: "secret-of-the-calendar" };
const REDIRECT = "http://localhost:9/callback";
let signIn: SignInService;
let calendar: CalendarService;

beforeAll(async () => {
  signIn = await startSignInService({
    port: 0,
    app: { ...APP, redirectUris: [REDIRECT] },
    calendar: CALENDAR,
  });
  calendar = await startCalendarService({ port: 0, issuer: signIn.issuer, client: CALENDAR });
});
afterAll(async () => {
  await calendar.close();
  await signIn.close();
});

/** Follows redirects and keeps cookies, as far as the sign-in needs it. */
class SmallBrowser {
  readonly #cookies = new Map<string, string>();

  /** Goes on until a page is shown or the app's address is reached; that address, and the page. */
  async go(address: string, form?: Record<string, string>): Promise<{ url: string; page: string }> {
    let url = address;
    let body = form === undefined ? null : new URLSearchParams(form);
    while (!url.startsWith(REDIRECT)) {
      const response = await fetch(url, {
        redirect: "manual",
        method: body === null ? "GET" : "POST",
        body,
        headers: { cookie: Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join("; ") },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        this.#cookies.set(name, value);
      }
      const location = response.headers.get("location");
      if (location === null) return { url, page: await response.text() };
      url = new URL(location, url).href;
      body = null;
    }
    return { url, page: "" };
  }
}

function authorizeUrl(scope: string, verifier: string, extra: Record<string, string> = {}): string {
  const url = new URL(`${signIn.issuer}/auth`);
  url.search = new URLSearchParams({
    client_id: APP.clientId,
    response_type: "code",
    redirect_uri: REDIRECT,
    scope,
    state: "state",
    prompt: "consent",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...extra,
  }).toString();
  return url.href;
}

interface Tokens {
  access_token: string;
  refresh_token: string;
  scope: string;
}

async function requestTokens(form: Record<string, string>): Promise<{ status: number; body: Tokens }> {
  const response = await post("/token", form);
  return { status: response.status, body: (await response.json()) as Tokens };
}

function post(path: string, form: Record<string, string>, client = APP): Promise<Response> {
  const credentials = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString("base64");
  return fetch(`${signIn.issuer}${path}`, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams(form),
  });
}

async function connect(person: string, scope: string): Promise<Tokens> {
  const browser = new SmallBrowser();
  const verifier = randomBytes(32).toString("base64url");
  const asked = await browser.go(authorizeUrl(scope, verifier));
  expect(asked.page).toContain("Who are you?");
  const consent = await browser.go(asked.url, { person });
  expect(consent.page).toContain("would like to use your calendar");
  const { url } = await browser.go(consent.url, { consent: "yes" });
  const code = new URL(url).searchParams.get("code") ?? "";
  const { body } = await requestTokens({
    grant_type: "authorization_code",
    code,
    redirect_uri: REDIRECT,
    code_verifier: verifier,
  });
  return body;
}

function callCalendar(path: string, token: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${calendar.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
}

describe("the sign-in service", () => {
  test("gives tokens after consent, and each person's token opens that person's calendar", async () => {
    const anna = await connect("anna", "openid offline_access calendar.read");
    const ben = await connect("ben", "openid offline_access calendar.read");
    expect(anna.scope.split(" ").sort()).toEqual(["calendar.read", "offline_access", "openid"]);
    const titles = async (token: string) =>
      (
        (await (await callCalendar("/events?day=monday", token)).json()) as { events: { title: string }[] }
      ).events.map(({ title }) => title);
    expect(await titles(anna.access_token)).toEqual(["Team meeting", "Dentist"]);
    expect(await titles(ben.access_token)).toEqual(["Piano lesson"]);
  });

  test("a refusal comes back as access_denied, with the issuer", async () => {
    const browser = new SmallBrowser();
    const asked = await browser.go(authorizeUrl("openid calendar.read", "v".repeat(43)));
    const consent = await browser.go(asked.url, { person: "anna" });
    const { searchParams } = new URL((await browser.go(consent.url, { consent: "no" })).url);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      error: "access_denied",
      state: "state",
      iss: signIn.issuer,
    });
  });

  test("nothing without PKCE, for another address, or in another browser", async () => {
    const browser = new SmallBrowser();
    const { url } = await browser.go(
      authorizeUrl("openid", "x", { code_challenge: "", code_challenge_method: "" }),
    );
    expect(new URL(url).searchParams.get("error")).toBe("invalid_request");
    const elsewhere = await browser.go(
      authorizeUrl("openid", "x", { redirect_uri: "http://localhost:10/x" }),
    );
    expect(elsewhere.page).toContain("That did not work");
    const asked = await browser.go(authorizeUrl("openid", "v".repeat(43)));
    expect((await new SmallBrowser().go(asked.url)).page).toContain("This page is out of date");
  });

  test("a refresh token is good once; used twice, everything of that consent ends", async () => {
    const first = await connect("anna", "openid offline_access calendar.read");
    const refresh = (token: string) => requestTokens({ grant_type: "refresh_token", refresh_token: token });
    const second = await refresh(first.refresh_token);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.refresh_token);
    expect((await callCalendar("/events?day=monday", second.body.access_token)).status).toBe(200);
    expect((await refresh(first.refresh_token)).status).toBe(400);
    expect((await refresh(second.body.refresh_token)).status).toBe(400);
    expect((await callCalendar("/events?day=monday", second.body.access_token)).status).toBe(401);
  });

  test("revoked, by the app or by the person, is revoked at once", async () => {
    const byApp = await connect("anna", "openid offline_access calendar.read");
    expect((await post("/token/revocation", { token: byApp.refresh_token })).status).toBe(200);
    expect((await callCalendar("/events?day=monday", byApp.access_token)).status).toBe(401);
    const byPerson = await connect("anna", "openid offline_access calendar.read");
    const other = await connect("ben", "openid offline_access calendar.read");
    await signIn.revoke("anna");
    expect((await callCalendar("/events?day=monday", byPerson.access_token)).status).toBe(401);
    expect((await callCalendar("/events?day=monday", other.access_token)).status).toBe(200);
  });
});

describe("the calendar", () => {
  test("asks for the scope that a request needs, and for a token at all", async () => {
    const { access_token } = await connect("anna", "openid calendar.read");
    const written = await callCalendar("/events", access_token, { method: "POST", body: "{}" });
    expect([written.status, written.headers.get("www-authenticate")]).toEqual([
      403,
      'Bearer error="insufficient_scope"',
    ]);
    const nobody = await fetch(`${calendar.url}/events?day=monday`);
    expect([nobody.status, nobody.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ]);
    expect((await callCalendar("/events?day=someday", access_token)).status).toBe(400);
  });

  test("makes one event of a request that is sent twice under one key", async () => {
    const { access_token } = await connect("ben", "openid calendar.read calendar.write");
    const add = async () => {
      const response = await fetch(`${calendar.url}/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${access_token}`, "idempotency-key": "call_1" },
        body: JSON.stringify({ day: "friday", time: "12:30", title: "Lunch" }),
      });
      return (await response.json()) as { id: string };
    };
    expect((await add()).id).toBe((await add()).id);
    expect(calendar.calendar.list("ben", "friday")).toHaveLength(1);
  });
});
