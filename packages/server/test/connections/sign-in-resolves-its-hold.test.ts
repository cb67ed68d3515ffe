import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startConnections, type ConnectionFixture } from "./connection-fixture.ts";
import { TestBrowser } from "./test-browser.ts";

describeEachStore("a sign-in at a real provider", (store) => {
  let at: ConnectionFixture;
  beforeAll(async () => {
    at = await startConnections(store());
  });
  afterAll(() => at.stop());

  test("asked, begun, consented: it resolves that hold, and the token is good at the provider (R18 to R20, R25)", async () => {
    const hold = await at.ask("alice");
    expect(hold).toMatchObject({
      kind: "authorization",
      status: "pending",
      endUserId: "alice",
      allowedVerdicts: ["reject"],
      question: {
        type: "authorization",
        provider: "calendar",
        label: "Calendar <b>",
        scopes: ["calendar:read"],
      },
    });
    const browser = new TestBrowser();
    const url = await at.offer({ holdId: hold.id });
    expect(url).toMatch(new RegExp(`^${at.origin}/v1/oauth/begin/[\\w-]{43}$`));
    const { response, next } = await browser.follow(url, (to) => to.startsWith(at.provider.issuer));

    // R21; and nothing readable of whom or what in it (R22 as decided).
    const asked = new URL(next ?? "").searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      redirect_uri: `${at.origin}/v1/oauth/calendar/callback`,
      client_id: "holdpoint",
      scope: "openid offline_access email calendar:read",
      access_type: "offline",
      response_type: "code",
      prompt: "consent",
      code_challenge_method: "S256",
    });
    expect(asked.get("state")).toMatch(/^[\w-]{43}$/);
    expect(next).not.toMatch(/alice|org_|hold_/);
    expect(response.headers.get("set-cookie")).toMatch(/HttpOnly; SameSite=Lax/);

    const { response: page } = await browser.follow(next ?? "");
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).toContain("Connected");
    expect(text).toContain("Calendar &#60;b&#62;");
    expect(text).toContain("alice@example.com");
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(text).not.toContain("<script");
    // Loaded again, by the same browser: told as what it is.
    const again = await browser.get(page.url);
    expect([again.status, await again.text()]).toEqual([409, expect.stringContaining("already finished")]);

    const { body: decided } = await at.call("GET", `/v1/holds/${hold.id}`);
    expect(decided).toMatchObject({
      status: "answered",
      outcome: { verdict: "answer", by: { id: "alice", via: "oauth", verifiedBy: "app" } },
      decisions: [{ verdict: "answer", by: { id: "alice", via: "oauth" } }],
    });
    const fresh = await at.connections.fresh({
      orgId: at.orgId,
      endUserId: "alice",
      provider: "calendar",
      scopes: ["calendar:read"],
    });
    expect(fresh).toMatchObject({ type: "ready", account: "alice@example.com" });
    expect(fresh.type === "ready" && (await at.provider.knows(fresh.accessToken))).toBe(true);

    const events = (await at.events()).filter(({ end_user_id }) => end_user_id === "alice");
    expect(events.map(({ type, actor_kind, data }) => [type, actor_kind, data.message ?? null])).toEqual([
      ["hold.created", "agent", "Authorization needs to be completed."],
      ["connection.created", "end_user", null],
      ["hold.decided", "end_user", "Authorization completed; the agent can resume."],
    ]);
  });

  test("exactly the covered holds of that end user, at that provider", async () => {
    const [narrow, same, wide, others, elsewhere] = [
      await at.ask("bert"),
      await at.ask("bert"),
      await at.ask("bert", ["calendar:read", "calendar:write"]),
      await at.ask("carla"),
      await at.ask("bert", ["calendar:read"], "other"),
    ];
    await new TestBrowser().follow(await at.offer({ holdId: narrow.id }));
    const look = async (hold: { id: string }) => (await at.call("GET", `/v1/holds/${hold.id}`)).body;
    expect(await look(narrow)).toMatchObject({
      status: "answered",
      outcome: { by: { id: "bert", via: "oauth" } },
    });
    expect(await look(same)).toMatchObject({
      status: "answered",
      outcome: { by: { id: "system", via: "readiness" } },
    });
    for (const open of [wide, others, elsewhere])
      expect(await look(open)).toMatchObject({ status: "pending" });
  });

  test("several of them while one is being decided: nobody waits in a circle", async () => {
    if (store().kind === "embedded") return; // one connection waits for nobody
    const first = await at.ask("dina");
    const second = await at.ask("dina");
    const isLocked = Promise.withResolvers<void>();
    // As a decision does whose hold calls of several runs wait for.
    const deciding = store().database.transaction(async (tx) => {
      await tx.query("select set_config('hp.org_id', $1, true)", [first.orgId]);
      await tx.query("select id from holdpoint.holds where id = $1 for update", [second.id]);
      isLocked.resolve();
      const waiting = "select pid from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid))";
      await expect.poll(() => tx.query(waiting), { timeout: 5_000 }).toHaveLength(1);
      await tx.query("select pg_advisory_xact_lock(7238116254001)");
    });
    await isLocked.promise;
    const signedIn = new TestBrowser().follow(await at.offer({ holdId: first.id }));
    const [decided] = await Promise.allSettled([deciding, signedIn]);
    expect(decided).toMatchObject({ status: "fulfilled" });
    for (const { id } of [first, second])
      expect((await at.call("GET", `/v1/holds/${id}`)).body).toMatchObject({ status: "answered" });
  });

  test("wider scopes extend the one connection; what it had is kept", async () => {
    at.provider.person = { account: "dora", allows: true };
    await at.connect("dora", ["calendar:read"]);
    const need = { orgId: at.orgId, endUserId: "dora", provider: "calendar", scopes: ["calendar:write"] };
    expect(await at.connections.fresh(need)).toMatchObject({
      type: "needed",
      // Nothing of what every sign-in asks for (openid, offline_access, email): it was not named at first either.
      question: { scopes: ["calendar:read", "calendar:write"] },
    });
    await at.connect("dora", ["calendar:write"]);
    expect(
      await at.connections.fresh({ ...need, scopes: ["calendar:read", "calendar:write"] }),
    ).toMatchObject({ type: "ready" });
    const { body } = await at.call("GET", "/v1/connections?endUserId=dora");
    expect(body.data).toHaveLength(1);
    expect(body.data[0]).toMatchObject({ status: "active", account: "dora@example.com" });
    const types = (await at.events())
      .filter(({ end_user_id }) => end_user_id === "dora")
      .map(({ type }) => type);
    expect(types).toEqual(["connection.created", "connection.extended"]);
  });

  test("what a connection covers already is created and resolved at once, by readiness", async () => {
    await at.connect("emil");
    expect(await at.ask("emil")).toMatchObject({
      status: "answered",
      outcome: { verdict: "answer", by: { id: "system", name: "readiness", via: "readiness" } },
    });
    expect(await at.ask("emil", ["calendar:write"])).toMatchObject({ status: "pending" });
  });

  test("less allowed than asked: connected, the hold stays, and the page says what lacks", async () => {
    at.provider.person = { account: "fred", allows: true, scopes: ["openid", "offline_access", "email"] };
    const hold = await at.ask("fred");
    const { response } = await new TestBrowser().follow(await at.offer({ holdId: hold.id }));
    at.provider.person = { account: "alice", allows: true };
    expect(await response.text()).toMatch(/not for everything[\s\S]*calendar:read/);
    expect((await at.call("GET", `/v1/holds/${hold.id}`)).body.status).toBe("pending");
  });

  test("a refusal rejects the hold as said by its end user", async () => {
    const hold = await at.ask("gina");
    at.provider.person = { account: "gina", allows: false };
    const { response } = await new TestBrowser().follow(await at.offer({ holdId: hold.id }));
    at.provider.person = { account: "alice", allows: true };
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("You said no");
    expect((await at.call("GET", `/v1/holds/${hold.id}`)).body).toMatchObject({
      status: "rejected",
      outcome: { verdict: "reject", comment: "Refused at Calendar <b>.", by: { id: "gina", via: "oauth" } },
    });
    expect((await at.call("GET", "/v1/connections?endUserId=gina")).body.data).toEqual([]);
  });

  test("what has to be known is asked for: provider, scopes, purpose, end user (R17)", async () => {
    const full = {
      kind: "authorization",
      provider: "calendar",
      scopes: ["calendar:read"],
      purpose: "To look.",
      endUserId: "hans",
    };
    for (const lacking of ["provider", "scopes", "purpose", "endUserId"]) {
      const body = Object.fromEntries(Object.entries(full).filter(([name]) => name !== lacking));
      const answer = await at.call("POST", "/v1/holds", { body });
      expect([lacking, answer.status, answer.body.errors[0].path]).toEqual([lacking, 422, lacking]);
    }
    // Two in one text would be asked of the provider as two, and never be covered.
    for (const scope of ["calendar:read mail:send", "a\nb", 'a"b']) {
      const body = { ...full, scopes: [scope] };
      const held = await at.call("POST", "/v1/holds", { body });
      expect([held.status, held.body.errors[0].path]).toEqual([422, "scopes.0"]);
      const { endUserId, provider, scopes } = body;
      const offered = await at.call("POST", "/v1/connections/authorize", {
        body: { endUserId, provider, scopes },
      });
      expect(offered.status).toBe(422);
    }
    const wrong = await at.call("POST", "/v1/holds", { body: { ...full, provider: "calender" } });
    expect(wrong.status).toBe(422);
    expect(wrong.body.detail).toContain('Did you mean "calendar"?');
    expect(
      (
        await at.call("POST", "/v1/connections/authorize", {
          body: { endUserId: "hans", provider: "calender" },
        })
      ).body.detail,
    ).toContain("Did you mean");
    expect(
      (await at.call("POST", "/v1/holds/nothing/decisions", { body: { verdict: "answer", answer: true } }))
        .status,
    ).toBe(404);
    const hold = await at.ask("hans");
    const answered = await at.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "answer", answer: true },
    });
    expect(answered.body.code).toBe("verdict_not_allowed");
  });
});

describeEachStore("the other callback path", (store) => {
  test("a provider where it is registered is asked with it, and leads there (R24)", async () => {
    const at = await startConnections(store(), { callbackPath: "/api/v0/oauth/{provider}/" });
    try {
      const page = await at.connect("ida");
      expect(page.text).toContain("Connected");
    } finally {
      await at.stop();
    }
  });
});
