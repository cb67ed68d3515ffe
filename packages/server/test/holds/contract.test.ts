import { actionHash } from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refundConfig } from "../../src/testing/refund-config.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

/** Each sentence of api.md's contract that is about holds, through the public door. */
describeEachStore("the contract of holds", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config: refundConfig() });
  });
  afterAll(() => service.stop());

  const refund = { name: "refund", arguments: { order: 17, eur: 240 } };
  const create = async (body: object = {}) => {
    const { status, body: hold } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: refund, ...body },
    });
    expect(status).toBe(201);
    return hold;
  };
  const decide = (id: string, body: object, key = service.adminKey) =>
    service.call("POST", `/v1/holds/${id}/decisions`, { key, body });

  test("what is stored, shown and hashed are the arguments after defaults (D15)", async () => {
    const hold = await create();
    expect(hold.action.arguments).toEqual({ order: 17, eur: 240, note: "none" });
    expect(hold.action.hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(hold.id).toMatch(/^hold_[0-9a-z]{26}$/);
    expect(hold).toMatchObject({
      status: "pending",
      kind: "approval",
      tier: "sync_gate",
      onTimeout: "reject",
      fulfilment: "none",
    });
    expect(hold.title).toContain("240");
    const lifetimeMs = Date.parse(hold.expiresAt) - Date.parse(hold.createdAt);
    expect(lifetimeMs).toBe(300_000);
  });

  test("an action that nobody declared is irreversible and held; its hash has no tool hash", async () => {
    const hold = await create({ action: { name: "launch", arguments: { rocket: 1 } } });
    expect(hold.action).toMatchObject({ reversibility: "irreversible", schema: null });
    expect(hold.action.hash).toBe(
      actionHash({
        orgId: hold.orgId,
        tool: "launch",
        toolHash: null,
        arguments: { rocket: 1 },
        agentId: null,
        runId: null,
        toolCallId: null,
      }),
    );
  });

  test("arguments outside the schema are refused before anybody is asked (R234)", async () => {
    const answer = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "refund", arguments: { order: "17", eur: 240 } } },
    });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: "invalid_arguments", errors: [{ path: "arguments.order" }] },
    });
  });

  test("an action that may run by itself proceeds, with a claim, and is recorded", async () => {
    const answer = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "look_up", arguments: { order: 1 } } },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { outcome: "auto_proceeded", reasons: [{ rule: "reversibility" }] },
    });
    expect(answer.body.claim.split(".")).toHaveLength(3);
  });

  test("approve needs the hash of what was shown, and any other hash decides nothing (I8)", async () => {
    const hold = await create();
    expect(await decide(hold.id, { verdict: "approve" })).toMatchObject({
      status: 422,
      body: { errors: [{ path: "actionHash" }] },
    });
    const other = await create({ action: { name: "refund", arguments: { order: 18, eur: 240 } } });
    expect(await decide(hold.id, { verdict: "approve", actionHash: other.action.hash })).toMatchObject({
      status: 409,
      body: { code: "action_changed" },
    });
    expect((await service.call("GET", `/v1/holds/${hold.id}`)).body.status).toBe("pending");
  });

  test("D28, I3: a second decision never succeeds; it is told who won, with what, when", async () => {
    const hold = await create();
    expect(await decide(hold.id, { verdict: "reject", comment: "too much" })).toMatchObject({
      status: 200,
      body: { status: "rejected" },
    });
    const second = await decide(hold.id, { verdict: "approve", actionHash: hold.action.hash });
    expect(second).toMatchObject({
      status: 409,
      body: {
        code: "already_decided",
        winner: { status: "rejected", comment: "too much", by: { name: "Admin" } },
      },
    });
    expect(second.body.winner.decidedAt).toMatch(/Z$/);
  });

  test("a body is read as JSON that was sent as it is, and a refusal says what to send", async () => {
    const send = async (headers: Record<string, string>, body: object = { action: { name: "x" } }) => {
      const answer = await service.call("POST", "/v1/holds", { body, headers });
      return [answer.status, answer.body.detail] as const;
    };
    expect(await send({ "content-encoding": "identity" })).toEqual([201, undefined]);
    expect(await send({ "content-encoding": "gzip" })).toEqual([
      415,
      "Send the body as it is: Content-Encoding gzip is not read here.",
    ]);
    expect((await send({ "content-type": "text/plain" }))[0]).toBe(415);
    expect(await send({}, { action: { name: "x", arguments: [] } })).toEqual([
      422,
      "The body does not fit its schema: action.arguments: must be an object.",
    ]);
  });

  test("D33: edited numbers stay numbers, are checked again, and the edit renames nothing", async () => {
    const hold = await create();
    const modify = (body: object) =>
      decide(hold.id, { verdict: "modify", actionHash: hold.action.hash, ...body });
    expect(await modify({ modifications: { eur: "24" } })).toMatchObject({
      status: 422,
      body: { code: "invalid_arguments", detail: expect.stringMatching(/the hold stays open\.$/) as string },
    });
    expect(await modify({ modifications: { name: "launch" } })).toMatchObject({
      status: 422,
      body: { code: "invalid_arguments" },
    });
    expect(await modify({ modifications: { eur: 1 }, arguments: { eur: 1 } })).toMatchObject({ status: 422 });
    const { body: modified } = await modify({ modifications: { eur: 24 } });
    expect(modified).toMatchObject({
      status: "modified",
      action: { name: "refund", arguments: { eur: 240 } },
      outcome: { verdict: "modify", arguments: { order: 17, eur: 24, note: "none" } },
    });
    expect(modified.action.hash).toBe(hold.action.hash);
    expect(modified.outcome.actionHash).not.toBe(hold.action.hash);
  });

  test("a modification that changes nothing is an approval", async () => {
    const hold = await create();
    const { body } = await decide(hold.id, {
      verdict: "modify",
      actionHash: hold.action.hash,
      modifications: { eur: 240 },
    });
    expect(body).toMatchObject({
      status: "approved",
      outcome: { verdict: "approve", actionHash: hold.action.hash },
    });
  });

  test("an agent key never decides (I9)", async () => {
    const hold = await create();
    expect(
      await decide(hold.id, { verdict: "approve", actionHash: hold.action.hash }, service.agentKey),
    ).toMatchObject({
      status: 403,
      body: { code: "not_allowed", needs: "person", detail: expect.stringContaining("operator's key") },
    });
  });

  test("D5, I6: after the deadline no decision counts, swept or not, and reads say so at once", async () => {
    const hold = await create({ timeoutSeconds: 60 });
    await store().advance(61_000);
    try {
      expect((await service.call("GET", `/v1/holds/${hold.id}`)).body.status).toBe("expired");
      expect(
        (await service.call("GET", "/v1/holds?status=pending&limit=200")).body.data.map(
          ({ id }: { id: string }) => id,
        ),
      ).not.toContain(hold.id);
      expect(await decide(hold.id, { verdict: "approve", actionHash: hold.action.hash })).toMatchObject({
        status: 410,
        body: { code: "expired" },
      });
    } finally {
      await store().setClock(null);
    }
  });

  test("onTimeout approve only for what can be taken back; hold keeps the question open", async () => {
    const refused = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: refund, onTimeout: "approve" },
    });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: "onTimeout" }] } });
    const gated = {
      action: { name: "draft", arguments: {}, reversibility: "reversible" },
      tier: "sync_gate",
      timeoutSeconds: 60,
    };
    const approves = await create({ ...gated, onTimeout: "approve" });
    const keeps = await create({ ...gated, onTimeout: "hold" });
    await store().advance(61_000);
    try {
      const late = await decide(approves.id, { verdict: "reject" });
      expect(late).toMatchObject({
        status: 409,
        body: { winner: { status: "approved", by: { via: "timeout" } } },
      });
      expect(await decide(keeps.id, { verdict: "reject" })).toMatchObject({
        status: 200,
        body: { status: "rejected" },
      });
    } finally {
      await store().setClock(null);
    }
  });

  test("an approval is redeemed once, by the agent that asked, and then reported on (I1, I2)", async () => {
    const hold = await create();
    const claim = (key = service.agentKey, body: object = {}) =>
      service.call("POST", `/v1/holds/${hold.id}/claim-execution`, { key, body });
    expect(await claim()).toMatchObject({ status: 409, body: { code: "not_approved" } });
    await decide(hold.id, { verdict: "modify", actionHash: hold.action.hash, modifications: { eur: 24 } });
    expect(await claim(service.agentKey, { actionHash: hold.action.hash })).toMatchObject({
      status: 409,
      body: { code: "action_changed" },
    });
    expect(await claim(service.adminKey)).toMatchObject({ status: 403 });
    const redeemed = await claim();
    expect(redeemed).toMatchObject({
      status: 200,
      body: { action: { name: "refund", arguments: { order: 17, eur: 24 } } },
    });
    expect(await claim()).toMatchObject({ status: 409, body: { code: "already_redeemed" } });
    const report = (body: object) =>
      service.call("POST", `/v1/holds/${hold.id}/execution`, { key: service.agentKey, body });
    expect(await report({ status: "succeeded", result: { ok: true } })).toMatchObject({
      status: 200,
      body: { fulfilment: "executed" },
    });
    expect(await report({ status: "succeeded", result: { ok: true } })).toMatchObject({ status: 200 });
    expect(await report({ status: "failed" })).toMatchObject({
      status: 409,
      body: { code: "not_executing" },
    });
  });

  test("Idempotency-Key: same key and body, same hold; another body is refused", async () => {
    const post = (body: object) =>
      service.call("POST", "/v1/holds", {
        key: service.agentKey,
        body,
        headers: { "idempotency-key": "order-17" },
      });
    const first = await post({ action: refund });
    const again = await post({ action: refund });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.id).toBe(first.body.id);
    expect(await post({ action: { ...refund, arguments: { order: 18, eur: 1 } } })).toMatchObject({
      status: 422,
      body: { code: "idempotency_mismatch" },
    });
    const approve = () =>
      service.call("POST", `/v1/holds/${first.body.id}/decisions`, {
        body: { verdict: "approve", actionHash: first.body.action.hash },
        headers: { "idempotency-key": "yes-17" },
      });
    expect((await approve()).body.decidedAt).toBe((await approve()).body.decidedAt);
  });

  test("D19: a decision that is made while the waiter reads is not lost; one made before returns at once", async () => {
    const hold = await create();
    const waiting = service.call("GET", `/v1/holds/${hold.id}/wait?timeoutSeconds=20`, {
      key: service.agentKey,
    });
    await decide(hold.id, { verdict: "skip" });
    expect((await waiting).body.status).toBe("skipped");
    expect((await service.call("GET", `/v1/holds/${hold.id}/wait?timeoutSeconds=20`)).body.status).toBe(
      "skipped",
    );
    const open = await create();
    expect((await service.call("GET", `/v1/holds/${open.id}/wait?timeoutSeconds=0`)).body.status).toBe(
      "pending",
    );
  });

  test("questions are answered as they are meant; a wrong answer is refused and the question stays", async () => {
    const ask = async (question: object) =>
      (
        await service.call("POST", "/v1/holds", {
          key: service.agentKey,
          body: { kind: "clarification", question },
        })
      ).body.id as string;
    const answer = (id: string, value: unknown) => decide(id, { verdict: "answer", answer: value });
    const choice = await ask({
      type: "choice",
      options: [
        { value: "a", label: "A" },
        { value: 2, label: "Two" },
      ],
    });
    expect(await answer(choice, "b")).toMatchObject({ status: 422, body: { code: "invalid_answer" } });
    expect(await answer(choice, 2)).toMatchObject({
      status: 200,
      body: { status: "answered", outcome: { answer: 2 } },
    });
    const input = await ask({
      type: "input",
      schema: { type: "object", properties: { age: { type: "integer" } }, required: ["age"] },
    });
    expect(await answer(input, { age: "4" })).toMatchObject({
      status: 422,
      body: { errors: [{ path: "answer.age" }] },
    });
    expect(await answer(input, { age: 4 })).toMatchObject({ status: 200 });
    const verification = await ask({ type: "verification" });
    expect(await answer(verification, "yes")).toMatchObject({ status: 422 });
    expect(await answer(verification, false)).toMatchObject({ status: 200, body: { status: "answered" } });
    expect(await decide(await ask({ type: "verification" }), { verdict: "approve" })).toMatchObject({
      status: 422,
      body: { code: "verdict_not_allowed" },
    });
  });

  test("lists page by cursor and lose nothing; filters and sorts work", async () => {
    const ids: string[] = [];
    for (let order = 0; order < 7; order++)
      ids.push(
        (
          await create({
            action: { name: "paging", arguments: { order } },
            agentId: "pager",
            impact: undefined,
          })
        ).id,
      );
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: { data: { id: string }[]; nextCursor: string | null } = (
        await service.call(
          "GET",
          `/v1/holds?agentId=pager&limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`,
        )
      ).body;
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect(await service.call("GET", "/v1/holds?cursor=nonsense")).toMatchObject({ status: 422 });
    for (const sort of ["expiresAt", "impact"]) {
      const first = (await service.call("GET", `/v1/holds?agentId=pager&limit=4&sort=${sort}`)).body;
      const rest = (
        await service.call("GET", `/v1/holds?agentId=pager&limit=4&sort=${sort}&cursor=${first.nextCursor}`)
      ).body;
      expect([...first.data, ...rest.data].map(({ id }: { id: string }) => id).toSorted()).toEqual(
        ids.toSorted(),
      );
    }
  });

  test("withdrawing: by whoever asked or an operator; deciding afterwards is told so", async () => {
    const hold = await create();
    const cancel = (key: string) =>
      service.call("POST", `/v1/holds/${hold.id}/cancel`, { key, body: { reason: "changed my mind" } });
    expect(await cancel(service.agentKey)).toMatchObject({ status: 200, body: { status: "cancelled" } });
    expect(await cancel(service.adminKey)).toMatchObject({ status: 200 });
    expect(await decide(hold.id, { verdict: "approve", actionHash: hold.action.hash })).toMatchObject({
      status: 409,
      body: { code: "already_decided" },
    });
  });
});
