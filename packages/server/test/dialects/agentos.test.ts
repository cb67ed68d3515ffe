import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { canonicalJson, type Hold, type JsonObject } from "@holdpoint/protocol";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listen } from "../../src/http/listen.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { startModelServer } from "../runs/model-server.ts";
import { playStory } from "./http-story.ts";
import type { Variables } from "./http-pattern.ts";
import { createStage, stageConfig } from "./stage-config.ts";

const stories = globSync(join(import.meta.dirname, "fixtures/agentos/*.http"));
const byNumber = (path: string): number => Number(/^\d+/.exec(basename(path))?.[0]);
stories.sort((a, b) => byNumber(a) - byNumber(b));

describeEachStore("AgentOS over raw HTTP", (store) => {
  const stage = createStage();
  let service: TestService;
  let keys: Variables;
  beforeAll(async () => {
    const streamLimits = { perCredential: 3 };
    service = await startTestService(store(), { config: stageConfig(stage), streamLimits });
    const { adminKey } = await seedOrganisation(store().database);
    keys = { operatorKey: service.adminKey, agentKey: service.agentKey, strangersKey: adminKey };
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    stage.deeds.length = 0;
  });

  test.each(stories.map((path) => [basename(path, ".http"), path] as const))("%s", async (_, path) => {
    await playStory(path, {
      send: (request) => service.service.app.request(request),
      variables: keys,
      actions: {
        "nothing was done": () => expect(stage.deeds).toEqual([]),
        "five users were deleted, once": () => expect(stage.deeds).toEqual(["delete 5 users"]),
        "the deadline passes": () => store().advance(301_000),
        "the tool is released": () => stage.release(),
      },
    });
    expect(service.service.streams.count).toBe(0);
  });

  const form = (fields: Record<string, string>, key = service.adminKey) =>
    service.service.app.request("http://localhost:7777/agents/data_manager/runs", {
      method: "POST",
      headers: { host: "localhost:7777", authorization: `Bearer ${key}` },
      body: new URLSearchParams(fields),
    });

  test("who goes away stops the stream and not the run; a place is given back at once", async () => {
    const [first, second, third] = [
      await form({ message: "wait" }),
      await form({ message: "wait" }),
      await form({ message: "wait" }),
    ];
    const reader = first.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toMatch(/^event: RunStarted\n/);
    const full = await form({ message: "wait" });
    expect([full.status, full.headers.get("retry-after")]).toEqual([429, "10"]);
    expect(await full.json()).toMatchObject({ detail: expect.stringContaining("3 streams") });
    await reader?.cancel();
    await expect.poll(() => service.service.streams.count).toBe(2);
    const waiting = form({ message: "wait", stream: "false" });
    await expect.poll(() => service.service.streams.count).toBe(3);
    stage.release();
    // A tool that starts after the release waits for the next.
    const releasing = setInterval(() => stage.release(), 20);
    const [told, spoken, answered] = await Promise.all([second.text(), third.text(), waiting]);
    clearInterval(releasing);
    for (const text of [told, spoken]) expect(text).toContain("event: RunCompleted");
    expect(await answered.json()).toMatchObject({ status: "COMPLETED" });
    expect(service.service.streams.count).toBe(0);
    const { body } = await service.call("GET", "/agents/data_manager/runs?limit=4");
    expect(body.map(({ status }: { status: string }) => status)).toEqual(Array(4).fill("COMPLETED"));
  });

  test("nothing short of one clear decision on each call, as it is stored, decides anything (I1, R231, R264)", async () => {
    const started = await form({ message: "delete 5 users, notify 7", stream: "false", session_id: "s-any" });
    const run = (await started.json()) as {
      run_id: string;
      awaiting_confirmation: { tool_call_id: string }[];
    };
    const path = `/agents/data_manager/runs/${run.run_id}`;
    const [first = "", second = ""] = run.awaiting_confirmation.map(({ tool_call_id }) => tool_call_id);
    const stored = { table_name: "users", count: 5 };
    const item = (id: string, name: string, args: object) =>
      fc.record(
        {
          tool_call_id: fc.constantFrom(id, id, id, "call_other", "", 7),
          tool_name: fc.constantFrom(name, name, null, "query_users", 7),
          tool_args: fc.constantFrom(
            args,
            args,
            null,
            {},
            { ...args, count: "5" },
            { ...args, more: 1 },
            "5",
            [args],
          ),
          confirmed: fc.constantFrom(true, true, false, null, "true", 1, {}),
          confirmation_note: fc.constantFrom(null, "Fine.", 7, "\u0000"),
        },
        { requiredKeys: [] },
      );
    const whole = fc.tuple(
      item(first, "delete_records", stored),
      item(second, "send_notification", { user_id: 7, message: "Hello." }),
    );
    type Item = Record<string, unknown>;
    const isClear = (given: Item, id: string, name: string, args: object): boolean =>
      given["tool_call_id"] === id &&
      typeof given["confirmed"] === "boolean" &&
      [undefined, null, name].includes(given["tool_name"] as null) &&
      (given["tool_args"] == null ||
        canonicalJson(given["tool_args"] as JsonObject) === canonicalJson(args as JsonObject)) &&
      [undefined, null, "Fine."].includes(given["confirmation_note"] as null);
    const isDecision = (items: readonly Item[]): boolean =>
      items.length === 2 &&
      isClear(items[0] ?? {}, first, "delete_records", stored) &&
      isClear(items[1] ?? {}, second, "send_notification", { user_id: 7, message: "Hello." });
    const refused = fc
      .oneof(
        whole,
        whole.map(([one]) => [one]),
        whole.map(([one, two]) => [one, two, one]),
        fc.anything().map((any) => [any as Item]),
      )
      .filter((items) => !isDecision(items))
      .map((items) => JSON.stringify(items) ?? "")
      .filter((text) => text !== "");
    const asked = fc.oneof({ weight: 9, arbitrary: refused }, { weight: 1, arbitrary: fc.string() });
    await fc.assert(
      fc.asyncProperty(asked, async (tools) => {
        const answer = await service.service.app.request(`http://localhost:7777${path}/continue`, {
          method: "POST",
          headers: { host: "localhost:7777", authorization: `Bearer ${service.adminKey}` },
          body: new URLSearchParams({ tools, session_id: "s-any", stream: "false" }),
        });
        expect([400, 409, 422]).toContain(answer.status);
      }),
      { numRuns: 300 },
    );
    expect((await service.call("GET", path)).body).toMatchObject({ status: "PAUSED" });
    const holds = (await service.call("GET", `/v1/holds?runId=${run.run_id}`)).body.data;
    expect(holds.map((hold: Hold) => [hold.status, hold.version])).toEqual([
      ["pending", 1],
      ["pending", 1],
    ]);
    expect(stage.deeds).toEqual([]);
  });

  test("what somebody else has refused is not passed over, key or no key (R231)", async () => {
    const started = await form({ message: "delete 5 users, notify 7", stream: "false", session_id: "s-no" });
    const run = (await started.json()) as {
      run_id: string;
      awaiting_confirmation: { tool_call_id: string }[];
    };
    const holds = (await service.call("GET", `/v1/holds?runId=${run.run_id}`)).body.data as Hold[];
    const deletion = holds.find(({ action }) => action?.name === "delete_records");
    await service.call("POST", `/v1/holds/${deletion?.id}/decisions`, { body: { verdict: "reject" } });
    const tools = run.awaiting_confirmation.map(({ tool_call_id }) => ({ tool_call_id, confirmed: true }));
    for (const key of [undefined, "continue-no"]) {
      const answer = await service.service.app.request(
        `http://localhost:7777/agents/data_manager/runs/${run.run_id}/continue`,
        {
          method: "POST",
          headers: {
            host: "localhost:7777",
            authorization: `Bearer ${service.adminKey}`,
            ...(key !== undefined && { "idempotency-key": key }),
          },
          body: new URLSearchParams({ tools: JSON.stringify(tools), session_id: "s-no", stream: "false" }),
        },
      );
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        409,
        "already_decided",
      ]);
    }
    expect(stage.deeds).toEqual([]);
  });

  test("over a real connection too: what a client that hangs up leaves open is closed", async () => {
    const listening = await listen({ fetch: service.service.app.fetch, host: "127.0.0.1", port: 0 });
    try {
      const hangingUp = new AbortController();
      const send = (stream: string) =>
        fetch(`http://localhost:${listening.port}/agents/data_manager/runs`, {
          method: "POST",
          headers: { authorization: `Bearer ${service.adminKey}`, host: "localhost:7777" },
          body: new URLSearchParams({ message: "wait", stream }),
          signal: hangingUp.signal,
        });
      const streaming = await send("true");
      const answering = send("false").catch((error: Error) => error.name);
      await expect.poll(() => service.service.streams.count).toBe(2);
      hangingUp.abort();
      await expect(streaming.text()).rejects.toThrow("aborted");
      expect(await answering).toBe("AbortError");
      await expect.poll(() => service.service.streams.count).toBe(0);
    } finally {
      stage.release();
      await listening.close();
    }
  });

  test("U+0000 is refused in every field of a form, also in those that nobody reads", async () => {
    for (const field of ["message", "user_id", "unknown", "with\0in its name"]) {
      const answer = await form({ message: "count", stream: "false", [field]: "a\0b" });
      expect([field, answer.status, await answer.json()]).toMatchObject([
        field,
        422,
        { code: "invalid_request" },
      ]);
    }
  });

  test("a form of more than 1 MiB is refused before it is read", async () => {
    const answer = await form({ message: "x".repeat(1_100_000) });
    expect([answer.status, await answer.json()]).toMatchObject([413, { code: "body_too_large" }]);
  });
});

describeEachStore("AgentOS with a model that speaks", (store) => {
  test("what it says comes while it speaks, once; and a run can be cancelled meanwhile", async () => {
    const hungUp = Promise.withResolvers<void>();
    const model = await startModelServer([
      { silentAfter: "I think, and then I ", hungUp: () => hungUp.resolve() },
    ]);
    const service = await startTestService(store(), {
      config: stageConfig(createStage()),
      environment: { HOLDPOINT_MODEL_URL: model.url },
    });
    try {
      await playStory(join(import.meta.dirname, "fixtures/agentos-model/while-it-speaks.http"), {
        send: (request) => service.service.app.request(request),
        variables: { operatorKey: service.adminKey },
      });
      await hungUp.promise;
    } finally {
      await service.stop();
      await model.close();
    }
  });
});
