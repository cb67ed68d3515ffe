import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refundConfig } from "../../src/testing/refund-config.ts";
import { openTestStore, type OpenTestStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

const REQUESTS = 10_000;

/** Half right on purpose: what is wholly random never gets past the router. */
describe("10,000 requests of nonsense bring no 5xx", () => {
  let store: OpenTestStore;
  let service: TestService;
  let holdId: string;
  let hash: string;
  beforeAll(async () => {
    store = await openTestStore("postgres");
    service = await startTestService(store, { config: refundConfig() });
    const { body } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "refund", arguments: { order: 1, eur: 2 } } },
    });
    holdId = body.id;
    hash = body.action.hash;
  });
  afterAll(async () => {
    await service.stop();
    await store.close();
  });

  const nasty = fc.constantFrom(
    "",
    "\u0000",
    "\ud800",
    "__proto__",
    "'; drop table holds; --",
    "%00",
    "../../etc",
    "💥".repeat(50),
    "x".repeat(5_000),
    "NaN",
    "-1",
    "1e999",
  );
  const leaf = fc.oneof(nasty, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.string());
  const json = fc.oneof(
    { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
    { weight: 1, arbitrary: fc.array(leaf) },
  );
  const members = [
    "kind",
    "action",
    "question",
    "title",
    "verdict",
    "actionHash",
    "modifications",
    "arguments",
    "answer",
    "comment",
    "input",
    "sessionId",
    "endUserId",
    "runId",
    "timeoutSeconds",
    "onTimeout",
    "tier",
    "route",
    "metadata",
    "evidence",
    "status",
    "result",
    "name",
    "role",
    "email",
    "scopes",
    "reason",
    "details",
    "value",
  ] as const;
  const plausible: Record<string, fc.Arbitrary<unknown>> = {
    kind: fc.constantFrom("approval", "clarification", "authorization", "escalation", "operator", "agent"),
    action: fc.oneof(
      fc.record({
        name: fc.constantFrom("refund", "look_up", "other"),
        arguments: fc.dictionary(fc.constantFrom("order", "eur", "x"), leaf),
      }),
      json,
    ),
    verdict: fc.constantFrom("approve", "modify", "reject", "skip", "answer"),
    actionHash: fc.constantFrom("sha256:0", `sha256:${"a".repeat(64)}`, "HASH"),
    question: fc.oneof(
      fc.record({
        type: fc.constantFrom("input", "choice", "value", "verification", "custom", "action"),
        schema: json,
        options: json,
        value: json,
      }),
      json,
    ),
    timeoutSeconds: fc.oneof(fc.integer(), fc.constant(1e12)),
    evidence: fc.array(
      fc.record({
        type: fc.constantFrom("text", "link", "diff"),
        title: fc.string(),
        text: fc.string(),
        url: nasty,
      }),
    ),
  };
  const body = fc
    .uniqueArray(fc.constantFrom(...members), { maxLength: 6 })
    .chain((names) =>
      fc.record(
        Object.fromEntries(
          names.map((name) => [
            name,
            fc.oneof({ weight: 3, arbitrary: plausible[name] ?? leaf }, { weight: 1, arbitrary: json }),
          ]),
        ),
      ),
    );
  // Right but for one member, or right: what gets past the schemas.
  const nearlyRight = fc
    .oneof(
      fc.record({
        action: fc.record({
          name: fc.constantFrom("refund", "look_up", "launch"),
          arguments: fc.record(
            { order: fc.integer(), eur: fc.oneof(fc.integer({ min: 1, max: 99 }), leaf), note: nasty },
            { requiredKeys: [] },
          ),
        }),
      }),
      fc.record(
        {
          verdict: fc.constantFrom("approve", "modify", "skip"),
          actionHash: fc.constantFrom("HASH", "sha256:0"),
          modifications: fc.record({ eur: leaf }),
        },
        { requiredKeys: ["verdict"] },
      ),
      fc.record({
        kind: fc.constant("clarification"),
        question: fc.record({ type: fc.constantFrom("input", "verification"), schema: json }),
      }),
      fc.record({ input: fc.string({ minLength: 1 }) }),
      fc.record({ name: fc.string({ minLength: 1 }), kind: fc.constantFrom("agent", "operator") }),
    )
    .chain((right) =>
      fc.oneof(
        fc.constant(right as object),
        fc.tuple(fc.constantFrom(...members), leaf).map(([name, value]) => ({ ...right, [name]: value })),
      ),
    );
  const segment = fc.oneof(
    fc.constantFrom("HOLD", "hold_unknown", "billing", "run_x", "%E0%A4%A", "a%2Fb"),
    nasty.map(encodeURIComponentSafely),
  );
  const path = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom(
        "/v1/holds",
        "/v1/holds/HOLD/decisions",
        "/v1/agents/billing/runs",
        "/v1/api-keys",
      ),
    },
    fc.constantFrom(
      "/v1/holds",
      "/v1/runs",
      "/v1/agents",
      "/v1/api-keys",
      "/v1/members",
      "/v1/audit",
      "/ready",
      "/v1/events/x",
      "/",
      "/sign-in",
    ),
    segment.map((id) => `/v1/holds/${id}`),
    fc
      .tuple(segment, fc.constantFrom("decisions", "cancel", "claim-execution", "execution", "nothing"))
      .map(([id, verb]) => `/v1/holds/${id}/${verb}`),
    segment.map((id) => `/v1/agents/${id}/runs`),
    segment.map((id) => `/v1/runs/${id}`),
    fc
      .tuple(segment, segment, fc.constantFrom("messages", "fork", "result", "withdraw", "amend"))
      .map(([id, call, verb]) =>
        verb === "messages" || verb === "fork"
          ? `/v1/runs/${id}/${verb}`
          : `/v1/runs/${id}/calls/${call}/${verb}`,
      ),
    segment.map((token) => `/sign-in/${token}`),
  );
  const query = fc.oneof(
    { weight: 3, arbitrary: fc.constant("") },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom("limit", "cursor", "status", "q", "sort", "format", "runId", "x"), nasty)
        .map(([name, value]) => `?${name}=${encodeURIComponentSafely(value)}`),
    },
  );
  const request = fc.record({
    method: fc.constantFrom("GET", "POST", "POST", "POST", "DELETE", "PUT"),
    path,
    query,
    body: fc.oneof(
      { weight: 4, arbitrary: body.map((value) => JSON.stringify(value)) },
      { weight: 6, arbitrary: nearlyRight.map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: json.map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: fc.string() },
    ),
    key: fc.constantFrom("admin", "agent", "admin", "agent", "none", "wrong"),
    idempotencyKey: fc.option(fc.constantFrom("k1", "k2", "a b", "\u00ff"), { nil: undefined }),
    type: fc.constantFrom(
      "application/json",
      "application/json",
      "text/plain",
      "application/json; charset=latin1",
    ),
  });

  // Of what is drawn above, one in thousands decides; these race over what is decided, claimed and reported.
  const aimed = fc
    .tuple(
      fc.constantFrom<[string, object]>(
        ["decisions", { verdict: "approve", actionHash: "HASH" }],
        ["decisions", { verdict: "skip" }],
        ["cancel", {}],
        ["defer", {}],
        ["claim-execution", {}],
        ["execution", { status: "succeeded" }],
        ["execution", { status: "failed", error: "no" }],
      ),
      fc.record({
        method: fc.constant("POST"),
        query: fc.constant(""),
        key: fc.constantFrom("admin", "agent"),
        idempotencyKey: fc.option(fc.constantFrom("k1", "k2", "k3"), { nil: undefined }),
        type: fc.constant("application/json"),
      }),
    )
    .map(([[verb, fitting], rest]) => ({
      ...rest,
      path: `/v1/holds/HOLD/${verb}`,
      body: JSON.stringify(fitting),
    }));

  test(`${REQUESTS} requests`, { timeout: 240_000 }, async () => {
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 19, arbitrary: request }, { weight: 1, arbitrary: aimed }),
        async (sent) => {
          const keys = {
            admin: service.adminKey,
            agent: service.agentKey,
            none: null,
            wrong: "hpo_wrong",
          } as const;
          const answer = await service.call(sent.method, sent.path.replace("HOLD", holdId) + sent.query, {
            key: keys[sent.key],
            ...(sent.method === "GET" ? {} : { body: sent.body.replace('"HASH"', `"${hash}"`) }),
            headers: {
              ...(sent.method === "GET" ? {} : { "content-type": sent.type }),
              ...(sent.idempotencyKey === undefined ? {} : { "idempotency-key": sent.idempotencyKey }),
            },
          });
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          if (answer.status >= 500) throw new Error(JSON.stringify({ sent, body: answer.body }));
          if (answer.status >= 400 && sent.path.startsWith("/v1")) {
            expect(answer.headers.get("content-type")).toBe("application/problem+json");
            expect(answer.body).toMatchObject({
              status: answer.status,
              code: expect.any(String),
              detail: expect.any(String),
              requestId: answer.headers.get("x-request-id"),
            });
          }
        },
      ),
      { numRuns: REQUESTS, seed: 20_261_121 },
    );
    // The fuzz reaches what it is meant to reach.
    for (const status of [200, 201, 400, 401, 403, 404, 409, 422])
      expect([...statuses.keys()]).toContain(status);
  });
});

function encodeURIComponentSafely(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : "%ED%A0%80";
}
