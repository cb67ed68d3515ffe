import type { JsonValue } from "@holdpoint/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type CallAnswer, type TestService } from "../../src/testing/test-service.ts";
import { ask, boundDevice, seedOther, tokenOf } from "../end-users/end-user-fixture.ts";
import { anAnswerTo, KINDS_OF_QUESTIONS } from "./kinds-of-questions.ts";

type Door = (method: string, path: string, body?: object) => Promise<CallAnswer>;

/** The same for end users, who have a device that opened their link, or a token from their app. */
describeEachStore("a question to an end user", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store());
  });
  afterAll(() => service.stop());
  afterEach(() => store().setClock(null));

  const byToken =
    (token: string): Door =>
    (method, path, body) =>
      service.call(method, path, { key: token, ...(body === undefined ? {} : { body }) });
  const doorsOf = async (endUserId: string): Promise<Record<"device" | "token", Door>> => {
    const device = await boundDevice(service, endUserId);
    return {
      device: (method, path, body) => device.call(method, path, body === undefined ? {} : { body }),
      token: byToken(await tokenOf(service, endUserId)),
    };
  };
  const answer = (door: Door, id: string, value: JsonValue) =>
    door("POST", `/v1/questions/${id}/answer`, { answer: value });
  const read = async (id: string) => (await service.call("GET", `/v1/holds/${id}`)).body;

  describe.each(["device", "token"] as const)("by %s", (way) => {
    let door: Door;
    beforeEach(async () => {
      door = (await doorsOf("ada"))[way];
    });

    describe.each(KINDS_OF_QUESTIONS)("$name", (kind) => {
      const asked = (more: object = {}) => ask(service, "ada", { question: kind.question, ...more });

      test("right, wrong, double, and what another says of it", async () => {
        const id = await asked();
        for (const [value, path, message] of kind.wrong) {
          const { status, body } = await answer(door, id, value);
          expect({ status, code: body.code, value }).toEqual({ status: 422, code: "invalid_answer", value });
          expect(body.errors[0]).toEqual({ path, message: expect.stringMatching(message) });
        }
        const [bob, other] = [(await doorsOf("bob"))[way], await seedOther(store())];
        for (const value of [anAnswerTo(kind), "nonsense"]) {
          expect(await answer(bob, id, value)).toMatchObject({ status: 404, body: { code: "not_found" } });
          const stranger = byToken(await tokenOf(service, "ada", other.adminKey));
          expect((await answer(stranger, id, value)).status).toBe(404);
          // Keys of members and machines are nothing at this door.
          for (const key of [service.adminKey, service.agentKey])
            expect((await answer(byToken(key), id, value)).status).toBe(401);
        }
        expect(await read(id)).toMatchObject({ status: "pending", decisions: [] });

        for (const value of kind.right) {
          const again = value === kind.right[0] ? id : await asked();
          expect(await answer(door, again, value)).toMatchObject({
            status: 200,
            body: { id: again, status: "answered", answer: value },
          });
          const hold = await read(again);
          expect(hold.outcome).toMatchObject({ verdict: "answer", answer: value, by: { id: "ada" } });
          const second = await answer(door, again, value);
          expect(second).toMatchObject({ status: 409, body: { code: "already_decided" } });
          // A member is too late as well, and is told who was first.
          const late = await service.call("POST", `/v1/holds/${again}/decisions`, {
            body: { verdict: "answer", answer: value },
          });
          expect(late).toMatchObject({ status: 409, body: { winner: { by: { id: "ada" } } } });
        }
      });

      test("late, also what would not fit", async () => {
        const id = await asked({ timeoutSeconds: 60 });
        await store().advance(60_000);
        // What would not fit first: from then on it is stored as expired.
        for (const value of [...kind.wrong.map(([wrong]) => wrong), anAnswerTo(kind)]) {
          expect(await answer(door, id, value)).toMatchObject({ status: 410, body: { code: "expired" } });
        }
        expect((await read(id)).status).toBe("expired");
      });

      test("declined, once", async () => {
        const id = await asked();
        const decline = () => door("POST", `/v1/questions/${id}/decline`, { comment: "Not today." });
        expect(await decline()).toMatchObject({ status: 200, body: { status: "rejected" } });
        expect((await decline()).status).toBe(409);
        expect((await read(id)).outcome).toMatchObject({ verdict: "reject", comment: "Not today." });
      });
    });
  });
});
