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

  test("who asks in a session does not decide it; who asked by an operator key may, and it shows (I9)", async () => {
    const action = { name: "refund", arguments: { order: 17, eur: 240 } };
    const ask = async (name: string) =>
      (await service.call("POST", "/v1/holds", { ...principals.get(name)!, body: { action } })).body;
    const approve = (name: string, hold: { id: string; action: { hash: string } }) =>
      service.call("POST", `/v1/holds/${hold.id}/decisions`, {
        ...principals.get(name)!,
        body: { verdict: "approve", actionHash: hold.action.hash },
      });
    const ofManager = await ask("session of manager");
    const own = await approve("session of manager", ofManager);
    expect([own.status, own.body.needs]).toEqual([403, "another person"]);
    const other = await approve("session of admin", ofManager);
    expect([other.status, other.body.outcome.selfDecided]).toEqual([200, false]);
    const byKey = await approve("operator key", await ask("operator key"));
    expect([byKey.status, byKey.body.outcome.selfDecided]).toEqual([200, true]);
  });

  test.each(["strict", "starter"])(
    "separation %s keeps the asker or starter from deciding (I9)",
    async (separation) => {
      const hold = await newHold();
      const { rowCount } = await store().database.ownerSession((owner) =>
        owner.query(
          `update holdpoint.holds h set separation = $2::text, requester_member_id = case $2::text when 'strict' then m.id end,
           starter_member_id = m.id, requester_kind = case $2::text when 'strict' then 'operator_key' else 'agent' end
         from holdpoint.members m where h.id = $1 and m.name = 'manager'`,
          [hold.id, separation],
        ),
      );
      expect(rowCount).toBe(1);
      const decide = (name: string) =>
        service.call("POST", `/v1/holds/${hold.id}/decisions`, {
          ...principals.get(name)!,
          body: { verdict: "reject" },
        });
      const own = await decide("session of manager");
      expect([own.status, own.body.needs]).toEqual([403, "another person"]);
      expect((await decide("session of reviewer")).status).toBe(200);
    },
  );

  test("another member's Idempotency-Key of the same decision is not one's own", async () => {
    const hold = await newHold();
    const decide = (name: string) => {
      const { key, headers } = principals.get(name)!;
      return service.call("POST", `/v1/holds/${hold.id}/decisions`, {
        key,
        headers: { ...headers, "idempotency-key": "the-same" },
        body: { verdict: "reject" },
      });
    };
    expect((await decide("session of reviewer")).status).toBe(200);
    expect((await decide("session of reviewer")).status).toBe(200);
    const other = await decide("session of manager");
    expect([other.status, other.body.code]).toEqual([422, "idempotency_mismatch"]);
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

  test("what no scope of a machine gives is said as the role that it takes", async () => {
    const principal = principals.get("agent key");
    const answer = await service.call("POST", "/v1/demo/reset", { ...principal, body: {} });
    expect([answer.status, answer.body.detail]).toEqual([403, "This needs the role admin."]);
  });
});
