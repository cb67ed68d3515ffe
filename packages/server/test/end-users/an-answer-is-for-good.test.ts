import { addSeconds } from "@holdpoint/core";
import { createId } from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashEndUserToken } from "../../src/end-users/end-user-credential.ts";
import { createSweeper } from "../../src/holds/sweeper.ts";
import { silentLogger } from "../../src/testing/silent-logger.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type CallAnswer, type TestService } from "../../src/testing/test-service.ts";
import { ask, boundDevice, eventsOf, newDevice, tokenOf } from "./end-user-fixture.ts";

describeEachStore("an end user's answer", (store) => {
  let service: TestService;
  let token: string;
  let orgId: string;
  beforeAll(async () => {
    service = await startTestService(store());
    token = await tokenOf(service, "ulf");
    orgId = service.service.firstAdmin?.orgId ?? "";
  });
  afterAll(async () => {
    await store().setClock(null);
    await service.stop();
  });

  const answer = (id: string, value: unknown, key = token): Promise<CallAnswer> =>
    service.call("POST", `/v1/questions/${id}/answer`, { key, body: { answer: value } });

  test("that does not fit is refused with where, as a member's is, and the question stays", async () => {
    const schema = {
      type: "object",
      properties: { city: { type: "string", minLength: 2 }, nights: { type: "integer" } },
      required: ["city"],
    };
    const id = await ask(service, "ulf", { question: { type: "input", schema } });
    const wrong = await answer(id, { city: "x", nights: 1.5 });
    expect([wrong.status, wrong.body.code]).toEqual([422, "invalid_answer"]);
    expect(wrong.body.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      "answer.city",
      "answer.nights",
    ]);
    const member = await service.call("POST", `/v1/holds/${id}/decisions`, {
      body: { verdict: "answer", answer: { city: "x", nights: 1.5 } },
    });
    expect(member.body.errors).toEqual(wrong.body.errors);
    expect((await service.call("GET", `/v1/questions/${id}`, { key: token })).body.status).toBe("pending");
    expect((await answer(id, { city: "Oslo" })).body).toMatchObject({
      status: "answered",
      answer: { city: "Oslo" },
    });
    const choice = await ask(service, "ulf");
    expect((await answer(choice, "boat")).status).toBe(422);
    expect((await answer(choice, "work")).status).toBe(200);
  });

  test("is recorded with who, how verified and who vouched, and is one event (I5)", async () => {
    await service.call("PUT", "/v1/end-users/ulf", { body: { name: "Ulf Berg" } });
    const byToken = await ask(service, "ulf");
    await answer(byToken, "work");
    const byPage = await ask(service, "ulf");
    const device = await boundDevice(service, "ulf");
    const declined = await device.call("POST", `/v1/questions/${byPage}/decline`, {
      body: { comment: "None of them" },
    });
    expect(declined.body).toMatchObject({ status: "rejected", answer: null });
    const holds = await Promise.all(
      [byToken, byPage].map(async (id) => (await service.call("GET", `/v1/holds/${id}`)).body),
    );
    expect(holds[0].outcome.by).toEqual({
      id: "ulf",
      name: "Ulf Berg",
      via: "token",
      verifiedBy: "end_user_token",
    });
    expect(holds[1].outcome).toMatchObject({
      comment: "None of them",
      by: { via: "page", verifiedBy: "end_user_link" },
    });
    expect(holds[1].decisions).toHaveLength(1);
    expect(await eventsOf(store(), orgId, byPage)).toEqual(["hold.created", "hold.decided"]);
    const [event] = (await service.call("GET", `/v1/audit/entries?limit=1`)).body.data;
    expect(event.event).toMatchObject({
      type: "hold.decided",
      actor: { kind: "end_user", id: "ulf", name: "Ulf Berg" },
      endUserId: "ulf",
      decision: "rejected",
      rationale: "None of them",
    });
    expect(event.event.data.vouchedBy).toMatch(/^mem_/);
  });

  test("is for the database to refuse too: a sign-in that is said, a verdict the hold does not take, more strength", async () => {
    const { database } = store();
    const say = async (holdId: string, verdict: string): Promise<string> => {
      const said = await database.call("answer_question_v1", {
        credentialHash: hashEndUserToken(token),
        holdId,
        verdict,
        answer: "work",
        decisionId: createId("dec"),
        eventId: createId("evt"),
        timeoutEventId: createId("evt"),
      });
      return (said as { code: string }).code;
    };
    const set = (id: string, columns: string): Promise<unknown> =>
      database.ownerSession((owner) =>
        owner.query(`update holdpoint.holds set ${columns} where org_id = $1 and id = $2`, [orgId, id]),
      );
    const signIn = await ask(service, "ulf");
    await set(signIn, "kind = 'authorization', verdicts = '{answer,reject}'");
    expect(await say(signIn, "answer")).toBe("verdict_not_allowed");
    const narrow = await ask(service, "ulf");
    await set(narrow, "verdicts = '{answer}'");
    expect(await say(narrow, "reject")).toBe("verdict_not_allowed");
    expect(await say(narrow, "approve")).toBe("verdict_not_allowed");
    const strong = await ask(service, "ulf");
    await set(strong, "strength = 2");
    expect(await say(strong, "answer")).toBe("not_strong_enough");
    for (const id of [signIn, narrow, strong])
      expect((await service.call("GET", `/v1/holds/${id}`)).body.status).toBe("pending");
  });

  test("comes once: of 16 at the same time one wins, each other is told when and nobody's name (I3)", async () => {
    const id = await ask(service, "ulf");
    const device = await boundDevice(service, "ulf");
    const all = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        n % 2 === 0
          ? answer(id, n % 4 === 0 ? "work" : "home")
          : device.call("POST", `/v1/questions/${id}/decline`, { body: {} }),
      ),
    );
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    const lost = all.filter(({ status }) => status === 409);
    expect(lost).toHaveLength(15);
    for (const { body } of lost) {
      expect(body.code).toBe("already_decided");
      expect(body.winner).toMatchObject({ by: "you" });
      expect(body.winner.decidedAt).toMatch(/^20/);
    }
    expect(await eventsOf(store(), orgId, id)).toEqual(["hold.created", "hold.decided"]);

    const other = await ask(service, "ulf");
    await service.call("POST", `/v1/holds/${other}/decisions`, {
      body: { verdict: "answer", answer: "home" },
    });
    const late = await answer(other, "work");
    expect([late.status, late.body.winner.by]).toEqual([409, "somebody else"]);
    const { name } = (await service.call("GET", "/v1/me")).body.member ?? {};
    const text = JSON.stringify(late.body);
    expect(text).not.toMatch(/mem_|operator/);
    if (typeof name === "string") expect(text).not.toContain(name);
    const withdrawn = await ask(service, "ulf");
    await service.call("POST", `/v1/holds/${withdrawn}/cancel`, { body: {} });
    expect((await answer(withdrawn, "work")).body.winner).toMatchObject({
      status: "cancelled",
      by: "the agent",
    });
  });

  test("after the deadline is 410 before any sweeper has been there, and reads say so (I6)", async () => {
    const id = await ask(service, "ulf", { timeoutSeconds: 60 });
    await store().advance(61_000);
    const key = await tokenOf(service, "ulf");
    expect((await service.call("GET", `/v1/questions/${id}`, { key })).body.status).toBe("expired");
    const listed = (await service.call("GET", "/v1/questions?status=open", { key })).body.data;
    expect(listed.map((one: { id: string }) => one.id)).not.toContain(id);
    const late = await answer(id, "work", key);
    expect([late.status, late.body.code]).toEqual([410, "expired"]);
    expect(await eventsOf(store(), orgId, id)).toEqual(["hold.created", "hold.expired"]);
    const kept = await ask(service, "ulf", { timeoutSeconds: 60, onTimeout: "hold" });
    await store().advance(61_000);
    const again = await tokenOf(service, "ulf");
    expect((await answer(kept, "work", again)).body.status).toBe("answered");
    // Both in one transaction, so in either order.
    expect((await eventsOf(store(), orgId, kept)).toSorted()).toEqual([
      "hold.created",
      "hold.decided",
      "hold.kept",
    ]);
    await store().setClock(null);
  });

  test("is reminded of every so often while it is missing, and never after", async () => {
    const start = "2027-03-01T09:00:00Z";
    await store().setClock(start);
    const id = await ask(service, "rem", { remindEverySeconds: 3_600, timeoutSeconds: 604_800 });
    const sweeper = createSweeper({
      database: store().database,
      wakeups: service.service.wakeups,
      logger: silentLogger as never,
    });
    for (const hours of [1, 2, 3]) {
      await store().setClock(addSeconds(start, hours * 3_600 + 5));
      await sweeper.takeSteps();
    }
    const reminded = (await eventsOf(store(), orgId, id)).filter((type) => type === "hold.reminded");
    expect(reminded.length).toBeGreaterThanOrEqual(2);
    await answer(id, "home", await tokenOf(service, "rem"));
    await store().setClock(addSeconds(start, 9 * 3_600));
    await sweeper.takeSteps();
    expect((await eventsOf(store(), orgId, id)).at(-1)).toBe("hold.decided");
    const approval = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "launch" }, remindEverySeconds: 3_600 },
    });
    expect(approval.status).toBe(422);
    await store().setClock(null);
  });

  test("GET, HEAD and OPTIONS decide nothing, whatever they carry", async () => {
    const id = await ask(service, "ulf");
    const device = await boundDevice(service, "ulf");
    let tried = 0;
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      for (let n = 0; n < 100; n++) {
        const path = ["answer", "decline", "authorize", ""][n % 4] ?? "";
        const query = ["?answer=work", "?code=1&press=1", "?_method=POST", ""][n % 3] ?? "";
        const headers = n % 5 === 0 ? { "x-http-method-override": "POST" } : {};
        const at = `/v1/questions/${id}${path === "" ? "" : `/${path}`}${query}`;
        const { status } =
          n % 2 === 0
            ? await device.call(method, at, { headers })
            : await service.call(method, at, { key: token, headers });
        expect(status).toBeLessThan(500);
        tried++;
      }
    }
    expect(tried).toBe(300);
    expect((await service.call("GET", `/v1/questions/${id}`, { key: token })).body.status).toBe("pending");
    expect(await eventsOf(store(), orgId, id)).toEqual(["hold.created"]);
  });

  test("pages of other origins may use a token, and no cookie", async () => {
    const id = await ask(service, "ulf");
    const origin = "https://app.example.com";
    const preflight = await service.call("OPTIONS", `/v1/questions/${id}/answer`, {
      key: null,
      headers: { origin, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
    expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
    const read = await service.call("GET", `/v1/questions/${id}`, { key: token, headers: { origin } });
    expect([read.status, read.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
    const refused = await service.call("POST", `/v1/questions/${id}/answer`, {
      key: token,
      headers: { origin },
      body: { answer: "boat" },
    });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([422, "*"]);
    // Nowhere else.
    for (const path of ["/v1/holds", "/v1/end-users/ulf"]) {
      const elsewhere = await service.call("OPTIONS", path, {
        key: null,
        headers: { origin, "access-control-request-method": "GET" },
      });
      expect(elsewhere.headers.get("access-control-allow-origin")).toBeNull();
    }
    const nobody = await newDevice(service).call("GET", "/v1/questions", { headers: { origin } });
    expect(nobody.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("a list gives open ones first, page by page, and each once", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) ids.push(await ask(service, "many"));
    const key = await tokenOf(service, "many");
    for (const id of [ids[1], ids[5], ids[6]]) await answer(id ?? "", "work", key);
    const [a, b, c, d, e, f, g] = ids;
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? "?limit=2" : `?limit=2&cursor=${cursor}`;
      const page: CallAnswer = await service.call("GET", `/v1/questions${query}`, { key });
      seen.push(...page.body.data.map((one: { id: string }) => one.id));
      cursor = page.body.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual([e, d, c, a, g, f, b]);
    const decided = (await service.call("GET", "/v1/questions?status=decided", { key })).body.data;
    expect(decided.map((one: { id: string }) => one.id)).toEqual([g, f, b]);
    expect((await service.call("GET", "/v1/questions?limit=101", { key })).status).toBe(422);
    expect((await service.call("GET", "/v1/questions?cursor=x", { key })).status).toBe(422);
  });

  test("a token counts for its time only", async () => {
    const made = await service.call("POST", "/v1/end-users/ulf/tokens", { body: { expiresInSeconds: 60 } });
    const key = made.body.token as string;
    expect(key).toMatch(/^hpu_[\w-]{43}$/);
    expect((await service.call("GET", "/v1/questions", { key })).status).toBe(200);
    await store().advance(61_000);
    expect((await service.call("GET", "/v1/questions", { key })).status).toBe(401);
    await store().setClock(null);
    for (const expiresInSeconds of [59, 3_601]) {
      const refused = await service.call("POST", "/v1/end-users/ulf/tokens", { body: { expiresInSeconds } });
      expect(refused.status).toBe(422);
    }
  });
});
