import { canonicalJson, sha256Of } from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashCredential } from "../../src/identity/credential.ts";
import { controlRun } from "../../src/runs/control-run.ts";
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

  async function newRun(sessionId?: string): Promise<string> {
    const body = { agentId: "elsewhere", input: "work", external: true, sessionId };
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

  test("to cancel a session stands for the runs that it has ended, and for none that was made since", async () => {
    const path = "/v1/sessions/talk/cancel";
    const [older, newer] = [await newRun("talk"), await newRun("talk")];
    const cancel = (body: object) => post(path, body, "cancel-talk");
    const first = await cancel({ reason: "enough" });
    expect(first.body.runs).toMatchObject([
      { id: newer, status: "cancelled" },
      { id: older, status: "cancelled" },
    ]);
    const later = await newRun("talk");
    expect(await cancel({ reason: "enough" })).toMatchObject({ status: 200, body: first.body });
    expect((await service.call("GET", `/v1/runs/${later}`)).body).toMatchObject({ status: "running" });
    expect(await cancel({ reason: "more than enough" })).toMatchObject({
      status: 422,
      body: { code: "idempotency_mismatch" },
    });
    expect(await post(path, { reason: "enough" }, "cancel-again")).toMatchObject({
      status: 200,
      body: { runs: [{ id: later }] },
    });
  });

  test("to cancel a session that was left half done ends the rest of it", async () => {
    const [older, newer] = [await newRun("half"), await newRun("half")];
    const path = "/v1/sessions/half/cancel";
    // As an instance leaves it that died after the first of them.
    await controlRun(
      { database: store().database, wakeups: { publish: () => undefined } },
      {
        credentialHash: hashCredential(service.adminKey),
        runId: newer,
        action: "cancel",
        reason: "enough",
        key: `cancel-half ${sha256Of(canonicalJson({ path, reason: "enough" }))}`,
      },
    );
    expect((await post(path, { reason: "enough" }, "cancel-half")).body.runs).toMatchObject([
      { id: newer, status: "cancelled" },
      { id: older, status: "cancelled" },
    ]);
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
