import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type CallAnswer, type TestService } from "../../src/testing/test-service.ts";

describeEachStore("an Idempotency-Key of an operator's order", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store());
  });
  afterAll(() => service?.stop());

  const post = (path: string, body: object, idempotencyKey: string): Promise<CallAnswer> =>
    service.call("POST", path, { body, headers: { "idempotency-key": idempotencyKey } });

  async function newRun(): Promise<string> {
    const body = { agentId: "elsewhere", input: "work", external: true };
    return (await service.call("POST", "/v1/runs", { body })).body.id;
  }

  test.each([
    ["pause", { reason: "look" }, { reason: "look twice" }],
    ["cancel", { reason: "enough" }, {}],
    ["kill", { reason: "enough" }, { reason: "more than enough" }],
  ])("to %s a run stands for that request with that body, and for no other", async (action, body, other) => {
    const path = `/v1/runs/${await newRun()}`;
    expect(await post(`${path}/${action}`, body, `${action}-1`)).toMatchObject({ status: 200 });
    expect(await post(`${path}/${action}`, body, `${action}-1`)).toMatchObject({ status: 200 });
    const mismatch = { status: 422, body: { code: "idempotency_mismatch" } };
    expect(await post(`${path}/${action}`, other, `${action}-1`)).toMatchObject(mismatch);
    expect(await post(`${path}/resume`, body, `${action}-1`)).toMatchObject(mismatch);
  });

  test("to end a run elsewhere stands for that end", async () => {
    const path = `/v1/runs/${await newRun()}/end`;
    expect(await post(path, { status: "completed", output: "a" }, "end-1")).toMatchObject({ status: 200 });
    expect(await post(path, { status: "completed", output: "a" }, "end-1")).toMatchObject({ status: 200 });
    expect(await post(path, { status: "completed", output: "b" }, "end-1")).toMatchObject({
      status: 422,
      body: { code: "idempotency_mismatch" },
    });
  });

  test.each(["/v1/agents/ann/hold", "/v1/agents/ann/pause", "/v1/tools/wipe/hold"])(
    "given at %s stands for that order",
    async (path) => {
      const key = path.replaceAll("/", "-");
      const first = await post(path, { reason: "odd" }, key);
      expect(first.status).toBe(200);
      expect((await post(path, { reason: "odd" }, key)).body).toMatchObject({ reason: "odd" });
      expect(await post(path, { reason: "other" }, key)).toMatchObject({
        status: 422,
        body: { code: "idempotency_mismatch" },
      });
      const lift = path.replace(/hold$/, "release").replace(/pause$/, "resume");
      expect(await post(lift, {}, key)).toMatchObject({ status: 422 });
      expect(await post(lift, {}, `${key}-lift`)).toMatchObject({ status: 200 });
      expect(await post(lift, {}, `${key}-lift`)).toMatchObject({ status: 200 });
    },
  );
});
