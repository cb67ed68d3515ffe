import type { JsonValue } from "@holdpoint/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type CallAnswer, type TestService } from "../../src/testing/test-service.ts";
import { anAnswerTo, KINDS_OF_QUESTIONS } from "./kinds-of-questions.ts";

/** Each kind with right, wrong, late, double and foreign answers, over HTTP. */
describeEachStore("a question to members", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store());
  });
  afterAll(() => service.stop());
  afterEach(() => store().setClock(null));

  const ask = async (question: object, more: object = {}) => {
    const { status, body } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { kind: "clarification", title: "A question", question, ...more },
    });
    expect(status).toBe(201);
    return body;
  };
  const read = async (id: string) => (await service.call("GET", `/v1/holds/${id}`)).body;
  const decide = (id: string, body: object, key?: string): Promise<CallAnswer> =>
    service.call("POST", `/v1/holds/${id}/decisions`, { body, ...(key === undefined ? {} : { key }) });
  const answer = (id: string, value: JsonValue, key?: string) =>
    decide(id, { verdict: "answer", answer: value }, key);
  const countDecisions = async (id: string): Promise<number> => {
    const { body } = await service.call("GET", `/v1/audit?holdId=${id}`);
    return body.data.filter(({ event }: { event: { type: string } }) => event.type === "hold.decided").length;
  };

  describe.each(KINDS_OF_QUESTIONS)("$name", (kind) => {
    test("right: stored as it was given, once", async () => {
      for (const value of kind.right) {
        const { id } = await ask(kind.question);
        const { status, body } = await answer(id, value);
        expect({ status, body }).toMatchObject({
          status: 200,
          body: { status: "answered", outcome: { verdict: "answer", answer: value } },
        });
        expect((await read(id)).outcome.answer).toEqual(value);
        expect(await countDecisions(id)).toBe(1);
      }
    });

    test("wrong: refused with what is expected, and the question stays", async () => {
      const { id } = await ask(kind.question);
      for (const [value, path, message] of kind.wrong) {
        const { status, body } = await answer(id, value);
        expect({ status, code: body.code, value }).toEqual({ status: 422, code: "invalid_answer", value });
        expect(body.errors[0]).toEqual({ path, message: expect.stringMatching(message) });
        expect(body.detail).toContain("The question stays open.");
        expect(body.detail).not.toContain("  ");
      }
      expect(await read(id)).toMatchObject({ status: "pending", outcome: null, decisions: [] });
      const [right] = kind.right;
      if (right !== undefined) expect((await answer(id, right)).status).toBe(200);
    });

    test("late: expired for everybody, whether or not anybody swept it", async () => {
      const { id } = await ask(kind.question, { timeoutSeconds: 60 });
      await store().advance(60_000);
      // What would not fit first: from then on it is stored as expired.
      for (const value of [...kind.wrong.map(([wrong]) => wrong), anAnswerTo(kind), ...kind.right]) {
        expect(await answer(id, value)).toMatchObject({ status: 410, body: { code: "expired" } });
      }
      expect((await read(id)).status).toBe("expired");
      expect(await countDecisions(id)).toBe(0);
    });

    test("double: the second is told who was first; the same request again gets the same", async () => {
      const [right] = kind.right;
      const { id } = await ask(kind.question);
      const first = right === undefined ? { verdict: "reject" } : { verdict: "answer", answer: right };
      const headers = { "idempotency-key": `answer-${id}` };
      const path = `/v1/holds/${id}/decisions`;
      expect((await service.call("POST", path, { body: first, headers })).status).toBe(200);
      expect((await service.call("POST", path, { body: first, headers })).status).toBe(200);
      for (const second of [anAnswerTo(kind), ...kind.right]) {
        expect(await answer(id, second)).toMatchObject({
          status: 409,
          body: { code: "already_decided", winner: { verdict: first.verdict } },
        });
      }
      expect(await decide(id, { verdict: "reject" })).toMatchObject({ status: 409 });
      expect(await countDecisions(id)).toBe(1);
    });

    test("double, at once: one of ten counts", async () => {
      const [right] = kind.right;
      const { id } = await ask(kind.question);
      const decision = right === undefined ? { verdict: "reject" } : { verdict: "answer", answer: right };
      const all = await Promise.all(Array.from({ length: 10 }, () => decide(id, decision)));
      const statuses = all.map(({ status }) => status).toSorted((left, right) => left - right);
      expect(statuses).toEqual([200, ...Array<number>(9).fill(409)]);
      expect(await countDecisions(id)).toBe(1);
    });

    test("foreign: unknown to another organisation, refused to agents and to nobody; the question stays", async () => {
      const stranger = await seedOrganisation(store().database);
      const { id } = await ask(kind.question);
      const [right] = kind.right;
      const decisions = [
        { verdict: "reject" },
        ...(right === undefined ? [] : [{ verdict: "answer", answer: right }]),
      ];
      for (const decision of decisions) {
        expect(await decide(id, decision, stranger.adminKey)).toMatchObject({
          status: 404,
          body: { code: "not_found" },
        });
        // Whoever asks cannot answer in somebody's name.
        expect((await decide(id, decision, service.agentKey)).status).toBe(403);
        expect((await decide(id, decision, `hpo_${"x".repeat(43)}`)).status).toBe(401);
      }
      expect(await read(id)).toMatchObject({ status: "pending", decisions: [] });
    });

    test("declined: an outcome of its own, with the words for the agent", async () => {
      const { id } = await ask(kind.question);
      expect(await decide(id, { verdict: "reject", comment: "Not today." })).toMatchObject({
        status: 200,
        body: { status: "rejected", outcome: { verdict: "reject", answer: null, comment: "Not today." } },
      });
    });

    test("withdrawn: an answer is too late", async () => {
      const { id } = await ask(kind.question);
      const cancelled = await service.call("POST", `/v1/holds/${id}/cancel`, {
        key: service.agentKey,
        body: {},
      });
      expect(cancelled).toMatchObject({ status: 200, body: { status: "cancelled" } });
      expect(await answer(id, anAnswerTo(kind))).toMatchObject({ status: 409 });
    });
  });
});
