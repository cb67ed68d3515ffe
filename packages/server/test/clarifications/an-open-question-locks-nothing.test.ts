import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { tokenOf } from "../end-users/end-user-fixture.ts";
import { callTools } from "./asking-fixture.ts";

/**
 * Defect 21, over HTTP: a message sent while something is pending killed the turn, and ending a pending question locked the
 * conversation for ever. Runs cannot be cancelled over HTTP yet; their questions can.
 */
describeEachStore("an open question", (store) => {
  let service: TestService;
  const booked: string[] = [];
  beforeAll(async () => {
    const book = (name: string) =>
      defineTool({
        name,
        description: "Books a seat.",
        input: z.object({}),
        reversibility: "reversible",
        async execute(_args, { ask, runId }) {
          const seat = await ask.choice("seat", ["aisle", "window"], { timeoutSeconds: 60 });
          booked.push(`${runId} ${name} ${seat}`);
          return { seat };
        },
      });
    const agent = defineAgent({
      id: "travel",
      name: "Travel",
      model: "openai/none",
      tools: [book("book"), book("pay")],
      script: (turn) => (turn.text === "hello" ? { text: "Hello." } : callTools(turn)),
    });
    service = await startTestService(store(), { config: defineConfig({ agents: [agent] }) });
  });
  afterAll(() => service.stop());
  afterEach(() => store().setClock(null));

  const start = async (input: string, sessionId: string): Promise<string> => {
    const body = { input, sessionId, endUserId: "ada" };
    const started = await service.call("POST", "/v1/agents/travel/runs", { body });
    expect(started.status).toBe(201);
    return started.body.id;
  };
  const settled = async (id: string) =>
    (await service.call("GET", `/v1/runs/${id}/wait?timeoutSeconds=20`)).body;
  const asked = async (id: string) => {
    const run = await settled(id);
    expect(run.status).toBe("holding");
    return run.holds.filter(({ status }: { status: string }) => status === "pending");
  };
  const answer = (holdId: string, seat: string) =>
    service.call("POST", `/v1/holds/${holdId}/decisions`, { body: { verdict: "answer", answer: seat } });
  /** The conversation goes on: a message to it is answered. */
  const says = async (sessionId: string): Promise<string> =>
    (await settled(await start("hello", sessionId))).output;

  test("a message sent while it is open waits, kills no turn, and is answered after it; the answer still arrives", async () => {
    const id = await start("book", "beside");
    const [hold] = await asked(id);
    const beside = await start("hello", "beside");
    expect((await settled(id)).status).toBe("holding");
    expect((await service.call("GET", `/v1/runs/${beside}`)).body).toMatchObject({
      status: "queued",
      waitsFor: id,
    });
    expect((await answer(hold.id, "aisle")).status).toBe(200);
    expect(await settled(id)).toMatchObject({ status: "completed", output: 'book: {"seat":"aisle"}' });
    expect((await settled(beside)).output).toBe("Hello.");
    expect(await says("beside")).toBe("Hello.");
    expect(booked.filter((line) => line.startsWith(id))).toEqual([`${id} book aisle`]);
  });

  const ENDINGS: [string, (holdId: string) => Promise<unknown>, RegExp, number][] = [
    [
      "withdrawn",
      (holdId) => service.call("POST", `/v1/holds/${holdId}/cancel`, { body: { reason: "Not needed" } }),
      /withdrawn/,
      409,
    ],
    [
      "rejected by a member",
      (holdId) =>
        service.call("POST", `/v1/holds/${holdId}/decisions`, {
          body: { verdict: "reject", comment: "No seats" },
        }),
      /No seats/,
      409,
    ],
    [
      "declined by the end user",
      async (holdId) =>
        service.call("POST", `/v1/questions/${holdId}/decline`, {
          key: await tokenOf(service, "ada"),
          body: { comment: "I walk" },
        }),
      /declined.*I walk/,
      409,
    ],
    ["expired", () => store().advance(61_000), /in time/, 410],
  ];
  describe.each(ENDINGS)("that is %s", (how, end, told, lateStatus) => {
    test("ends the call, told as what it is; the run and the conversation go on", async () => {
      const sessionId = `one ${how}`;
      const id = await start("book then pay", sessionId);
      const [hold] = await asked(id);
      await end(hold.id);
      const [next] = await asked(id);
      expect(next.toolCallId).not.toBe(hold.toolCallId);
      const late = await answer(hold.id, "aisle");
      expect(late.status).toBe(lateStatus);
      await answer(next.id, "window");
      const run = await settled(id);
      expect(run.status).toBe("completed");
      expect(run.toolCalls.map(({ status }: { status: string }) => status)).toEqual(["failed", "succeeded"]);
      expect(run.output).toMatch(told);
      expect(run.output).toContain('pay: {"seat":"window"}');
      expect(await says(sessionId)).toBe("Hello.");
      expect(booked.filter((line) => line.startsWith(id))).toEqual([`${id} pay window`]);
    });

    test("leaves the one beside it as it is", async () => {
      const id = await start("book; pay", `two ${how}`);
      const holds = await asked(id);
      expect(holds).toHaveLength(2);
      const [ended, answered] = holds;
      // What expires takes both, so the other is answered first there.
      if (how === "expired") await answer(answered.id, "aisle");
      await end(ended.id);
      if (how !== "expired") {
        expect((await service.call("GET", `/v1/holds/${answered.id}`)).body.status).toBe("pending");
        await answer(answered.id, "aisle");
      }
      await expect
        .poll(async () => (await service.call("GET", `/v1/runs/${id}`)).body.status, { timeout: 20_000 })
        .toBe("completed");
      const run = await settled(id);
      expect(run.output).toMatch(told);
      expect(run.output).toContain('{"seat":"aisle"}');
    });
  });
});
