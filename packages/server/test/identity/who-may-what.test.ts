import { ROLES } from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refundConfig } from "../../src/testing/refund-config.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type CallAnswer, type TestService } from "../../src/testing/test-service.ts";

const OWN_PAGE = { origin: "http://localhost:7777", "sec-fetch-site": "same-origin" };

/** Every kind of principal against what it may do, through the public door (I9). */
describeEachStore("who may what", (store) => {
  let service: TestService;
  const principals = new Map<string, { key: string | null; headers: Record<string, string> }>();
  beforeAll(async () => {
    service = await startTestService(store(), { config: refundConfig() });
    const made = async (path: string, body: object): Promise<CallAnswer["body"]> => {
      const answer = await service.call("POST", path, { body });
      expect(answer.status).toBe(201);
      return answer.body;
    };
    for (const role of ROLES) {
      const { signInLink } = await made("/v1/members", { email: `${role}@example.com`, name: role, role });
      const signedIn = await service.call("POST", new URL(signInLink.url).pathname, {
        key: null,
        headers: OWN_PAGE,
      });
      const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
      principals.set(`session of ${role}`, { key: null, headers: { ...OWN_PAGE, cookie } });
    }
    for (const kind of ["operator", "agent", "relay"]) {
      const { key } = await made("/v1/api-keys", { name: kind, kind });
      principals.set(`${kind} key`, { key, headers: {} });
    }
    const { key } = await made("/v1/api-keys", { name: "reader", kind: "agent", scopes: ["holds:read"] });
    principals.set("agent key that reads", { key, headers: {} });
    principals.set("unknown key", { key: "hpo_of-nobody", headers: {} });
    principals.set("nobody", { key: null, headers: {} });
  });
  afterAll(() => service.stop());

  async function newHold(): Promise<{ id: string; action: { hash: string } }> {
    const action = { name: "refund", arguments: { order: 17, eur: 240 } };
    return (await service.call("POST", "/v1/holds", { key: service.agentKey, body: { action } })).body;
  }

  test("every principal x operation", async () => {
    const table: Record<string, string> = {};
    for (const [name, { key, headers }] of principals) {
      const hold = await newHold();
      const approve = { verdict: "approve", actionHash: hold.action.hash };
      const ask = async (method: string, path: string, body?: object): Promise<number> =>
        (await service.call(method, path, { key, headers, ...(body && { body }) })).status;
      const statuses = [
        await ask("GET", "/v1/holds"),
        await ask("GET", `/v1/holds/${hold.id}`),
        await ask("POST", "/v1/holds", { action: { name: "launch", arguments: {} } }),
        await ask("POST", `/v1/holds/${hold.id}/decisions`, approve),
        await ask("GET", "/v1/api-keys"),
        await ask("POST", "/v1/members", {
          email: `of-${name.replaceAll(" ", "-")}@example.com`,
          name,
          role: "viewer",
        }),
      ];
      table[name] = statuses.join(" ");
    }
    // list holds, read one, create one, approve, list keys, add a member
    expect(table).toEqual({
      "session of viewer": "200 200 403 403 403 403",
      "session of reviewer": "200 200 403 200 403 403",
      "session of manager": "200 200 201 200 403 403",
      "session of operator": "200 200 201 200 403 403",
      "session of admin": "200 200 201 200 200 201",
      "operator key": "200 200 201 200 200 201",
      "agent key": "200 200 201 403 403 403",
      "relay key": "200 200 403 403 403 403",
      "agent key that reads": "200 200 403 403 403 403",
      "unknown key": "401 401 401 401 401 401",
      nobody: "401 401 401 401 401 401",
    });
  });

  test("a session decides from the service's own pages only", async () => {
    const { headers } = principals.get("session of admin")!;
    for (const page of [
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { origin: "http://localhost:3000", "sec-fetch-site": "same-site" },
      { origin: "", "sec-fetch-site": "" },
    ]) {
      const hold = await newHold();
      const answer = await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
        key: null,
        headers: { ...headers, ...page },
        body: { verdict: "approve", actionHash: hold.action.hash },
      });
      expect(answer.status).toBe(403);
      expect((await service.call("GET", `/v1/holds/${hold.id}`)).body.status).toBe("pending");
    }
  });

  test("no name but its own is answered, whatever the path and the credential", async () => {
    for (const path of ["/", "/v1/holds", "/openapi.json", "/sign-in/abc", "/api/auth/get-session"]) {
      const answer = await service.call("GET", path, { headers: { host: "rebound.example:7777" } });
      expect(answer).toMatchObject({ status: 421, body: { code: "wrong_host" } });
    }
  });

  test("looking at a sign-in link, by any method but a press, signs nobody in", async () => {
    const { body: members } = await service.call("GET", "/v1/members");
    const { body: link } = await service.call("POST", `/v1/members/me/sign-in-link`);
    expect(members.data.length).toBeGreaterThan(ROLES.length);
    const path = new URL(link.url).pathname;
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"]) {
      const answer = await service.call(method, path, { key: null });
      expect(answer.headers.has("set-cookie")).toBe(false);
    }
    const page = await service.call("GET", path, { key: null });
    expect(page.headers.get("content-security-policy")).toContain("style-src 'sha256-");
    expect((await service.call("POST", path, { key: null, headers: OWN_PAGE })).status).toBe(303);
  });
});
