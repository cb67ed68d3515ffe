import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import type { SeededOrganisation } from "../../src/testing/organisation.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { ask, boundDevice, OWN_PAGE, seedOther, tokenOf } from "./end-user-fixture.ts";

/** I7 and more: within an organisation too. Generated from the OpenAPI document: a route that is added is tested. */
describeEachStore("one end user never sees another's", (store) => {
  let service: TestService;
  let other: SeededOrganisation;
  beforeAll(async () => {
    service = await startTestService(store());
    other = await seedOther(store());
  });
  afterAll(() => service.stop());

  /** Every route with every method that the document knows. */
  async function routes(): Promise<[string, string][]> {
    const { paths } = (await service.call("GET", "/openapi.json")).body as {
      paths: Record<string, Record<string, unknown>>;
    };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path]),
    );
  }

  test("an end user's credential opens /v1/questions and nothing else, by whatever header it comes", async () => {
    const id = await ask(service, "mia");
    const token = await tokenOf(service, "mia");
    const { cookie = "" } = await boundDevice(service, "mia");
    const [, secret = ""] = cookie.split("=");
    const disguises: Record<string, Record<string, string>> = {
      token: { authorization: `Bearer ${token}` },
      "token as a key": { "x-api-key": token },
      device: { ...OWN_PAGE, cookie },
      "device as a key": { authorization: `Bearer ${secret}` },
      "device as a session": { ...OWN_PAGE, cookie: `holdpoint_session=${secret}` },
    };
    let tried = 0;
    for (const [method, path] of await routes()) {
      // Whoever has nothing may bring a link's code, and ask how the service is.
      if (path.startsWith("/v1/questions") || path.startsWith("/v1/oauth")) continue;
      const ask = (headers: Record<string, string>) =>
        service.call(method, path.replaceAll(/\{\w+\}/g, id), {
          key: null,
          headers,
          ...(method === "GET" || method === "DELETE" ? {} : { body: {} }),
        });
      // A body is read before anybody is looked up: what a key gets that never was is what they get, too.
      const unknown = await ask({ authorization: "Bearer hpa_nobody" });
      expect([method, path, [400, 401, 415, 422].includes(unknown.status)]).toEqual([method, path, true]);
      for (const [name, headers] of Object.entries(disguises)) {
        const answer = await ask(headers);
        const isRefused = answer.status === 401 || answer.status === unknown.status;
        expect([name, method, path, answer.status, isRefused]).toEqual([
          name,
          method,
          path,
          answer.status,
          true,
        ]);
        if (answer.status === 401) tried++;
      }
    }
    expect(tried).toBeGreaterThan(150);
    expect((await service.call("GET", `/v1/questions/${id}`, { key: token })).body.status).toBe("pending");
  });

  test("keys and sessions of members and machines are nobody at /v1/questions", async () => {
    const id = await ask(service, "mia");
    const made = await service.call("POST", "/v1/api-keys", {
      body: {
        name: "backend",
        kind: "agent",
        scopes: ["end_users:read", "end_users:tokens", "holds:create"],
      },
    });
    const bodies: Record<string, object> = { answer: { answer: "work" }, decline: {}, authorize: {} };
    let tried = 0;
    for (const [method, path] of await routes()) {
      if (!path.startsWith("/v1/questions") || path.includes("{link}")) continue;
      for (const key of [
        service.adminKey,
        service.agentKey,
        made.body.key as string,
        other.adminKey,
        "hpu_x",
      ]) {
        const answer = await service.call(method, path.replace("{id}", id), {
          key,
          body: method === "GET" ? undefined : bodies[path.split("/").at(-1) ?? ""],
        });
        expect([method, path, answer.status]).toEqual([method, path, 401]);
        tried++;
      }
    }
    expect(tried).toBeGreaterThanOrEqual(30);
  });

  test("of one organisation or of two: lists, ids, answers and keys of idempotency are each one's own", async () => {
    const mine = await ask(service, "ann", { title: "Ann's" });
    const theirs = await ask(service, "ben", { title: "Ben's" });
    // The same person's id in another organisation is another person.
    const elsewhere = await ask(service, "ann", { key: other.agentKey, title: "Another Ann's" });
    const ann = await tokenOf(service, "ann");
    const ben = await tokenOf(service, "ben");
    const otherAnn = await tokenOf(service, "ann", other.adminKey);
    for (const [key, own, foreign] of [
      [ann, mine, [theirs, elsewhere]],
      [ben, theirs, [mine, elsewhere]],
      [otherAnn, elsewhere, [mine, theirs]],
    ] as const) {
      const { data } = (await service.call("GET", "/v1/questions", { key })).body;
      expect(data.map((question: { id: string }) => question.id)).toEqual([own]);
      for (const id of foreign) {
        for (const [method, path, body] of [
          ["GET", "", undefined],
          ["POST", "/answer", { answer: "work" }],
          ["POST", "/answer", { answer: "nonsense" }],
          ["POST", "/decline", {}],
          ["POST", "/authorize", {}],
        ] as const) {
          const answer = await service.call(method, `/v1/questions/${id}${path}`, { key, body });
          expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 404, "not_found"]);
        }
      }
    }
    // One key of idempotency for all of them: nobody meets another's.
    const said = (key: string, id: string, answer: string) =>
      service.call("POST", `/v1/questions/${id}/answer`, {
        key,
        body: { answer },
        headers: { "idempotency-key": "the-same" },
      });
    expect((await said(ann, mine, "work")).body.answer).toBe("work");
    expect((await said(ben, theirs, "home")).body.answer).toBe("home");
    expect((await said(otherAnn, elsewhere, "work")).body.answer).toBe("work");
    expect((await said(ann, mine, "work")).status).toBe(200);
    expect((await said(ann, mine, "home")).body.code).toBe("idempotency_mismatch");
    // And a member's is not met either.
    const third = await ask(service, "ben");
    const member = await service.call("POST", `/v1/holds/${third}/decisions`, {
      body: { verdict: "answer", answer: "home" },
      headers: { "idempotency-key": "the-same" },
    });
    expect(member.status).toBe(200);
  });

  test("what is no question is not there: approvals and escalations of theirs stay with the members", async () => {
    const approval = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "launch" }, endUserId: "ann" },
    });
    const escalation = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { kind: "escalation", task: "t", result: 1, confidence: 0.1, endUserId: "ann" },
    });
    const key = await tokenOf(service, "ann");
    const seen = JSON.stringify((await service.call("GET", "/v1/questions", { key })).body);
    for (const { body } of [approval, escalation]) {
      expect(seen).not.toContain(body.id);
      for (const path of ["/answer", "/decline"]) {
        const answer = await service.call("POST", `/v1/questions/${body.id}${path}`, {
          key,
          body: path === "/answer" ? { answer: true } : {},
        });
        expect(answer.status).toBe(404);
      }
      expect((await service.call("GET", `/v1/holds/${body.id}`)).body.status).toBe("pending");
    }
  });

  test("a question shows nothing of the organisation, its policy or its people", async () => {
    const id = await ask(service, "ann", {
      details: { internal: "note" },
      metadata: { margin: 12 },
      sessionId: "s-ann",
      agentId: "elsewhere",
    });
    const key = await tokenOf(service, "ann");
    const { body } = await service.call("GET", `/v1/questions/${id}`, { key });
    expect(Object.keys(body).toSorted()).toEqual([
      "agentId",
      "agentName",
      "answer",
      "createdAt",
      "decidedAt",
      "expiresAt",
      "id",
      "kind",
      "question",
      "status",
      "summary",
      "title",
      "version",
    ]);
    const { orgId } = service.service.firstAdmin ?? { orgId: "" };
    for (const secret of [orgId, "internal", "margin", "reviewer", "requester"])
      expect(JSON.stringify(body)).not.toContain(secret);
  });

  test("a person's id may be any string: nothing in it reaches another's", async () => {
    const ids = ["a%b", "a b", "é/ü", "' or true --", "x".repeat(200), "%", "_"];
    for (const endUserId of ids) await ask(service, endUserId);
    for (const endUserId of ids) {
      const key = await tokenOf(service, endUserId);
      expect((await service.call("GET", "/v1/questions", { key })).body.data).toHaveLength(1);
      const shown = await service.call("GET", `/v1/end-users/${encodeURIComponent(endUserId)}`);
      expect(shown.body).toMatchObject({ id: endUserId, openQuestions: 1 });
    }
  });
});
