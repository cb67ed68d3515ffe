import { describe, expect, test, vi } from "vitest";
import {
  GlaipClient,
  HitlHandler,
  type HitlHandlerOptions,
  type HitlResponse,
  type HitlSurroundings,
} from "../src/glaip/index.ts";
import type { Terminal } from "../src/terminal/terminal.ts";
import { ScriptedServer, sendJson, type Answer } from "./scripted-server.ts";

const NOW = Date.parse("2026-08-01T12:00:00Z");

/** A clock whose waits end when the test says so; those between repetitions end at once. */
class FakeClock {
  readonly repetitions: number[] = [];
  readonly budgets: number[] = [];
  #ring: (() => void)[] = [];

  delay(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal === undefined) {
      this.repetitions.push(ms);
      return Promise.resolve();
    }
    this.budgets.push(ms);
    return new Promise((resolve, reject) => {
      this.#ring.push(resolve);
      signal.addEventListener("abort", () => reject(new Error("over")), { once: true });
    });
  }

  ring(): void {
    for (const resolve of this.#ring.splice(0)) resolve();
  }
}

/** A person who types these words. */
function typing(...words: string[]): HitlSurroundings["findTerminal"] {
  const said: Terminal = {
    say: () => {},
    choose: (_question, offered) =>
      Promise.resolve(offered.find((word) => word === words[0]) ?? offered[0]) as never,
    ask: () => Promise.resolve(words[1] ?? ""),
  };
  return () => (talk) => talk(said);
}

function pause(id = "req_1", hitl: object = {}): object {
  return {
    status: "success",
    task_state: "working",
    content: "Awaiting human approval",
    metadata: {
      kind: "agent_thinking_step",
      hitl: {
        required: true,
        decision: "pending",
        request_id: id,
        timeout_at: "2026-08-01T12:01:00+00:00",
        timeout_seconds: 180,
        ...hitl,
      },
      tool_info: {
        id: "call_1",
        name: "delete_records",
        args: { count: 50 },
        output: null,
        execution_time: null,
      },
    },
  };
}

async function start(
  answers: Answer[],
  options: Partial<HitlHandlerOptions> = {},
  world: Partial<HitlSurroundings> = {},
) {
  let count = 0;
  const server = await ScriptedServer.start((request, response) =>
    answers[Math.min(count++, answers.length - 1)]?.(request, response),
  );
  const clock = new FakeClock();
  const logged: string[] = [];
  const alarms: [string, string][] = [];
  const handler = new HitlHandler(
    {
      client: new GlaipClient({ url: server.url, apiKey: "hpo_x" }),
      log: (level, message) => logged.push(`${level}: ${message}`),
      onUnrecoverableError: (id, error) => alarms.push([id, error.message]),
      autoApprove: false,
      ...options,
    },
    {
      now: () => NOW,
      delay: (ms, signal) => clock.delay(ms, signal),
      findTerminal: () => undefined,
      ...world,
    },
  );
  const bodies = () => server.received.map(({ body }) => body);
  return {
    server,
    clock,
    logged,
    alarms,
    handler,
    bodies,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
const ok: Answer = (_request, response) =>
  sendJson(response, 200, { status: "ok", message: "Request req_1 approved" });
const status =
  (code: number): Answer =>
  (_request, response) =>
    sendJson(response, code, { error: "x", message: `It is ${code}.` });
const broken: Answer = (_request, response) => void response.destroy();
const approve = (): HitlResponse => ({ decision: "approved" });

describe("who decides", () => {
  const callback = vi.fn(approve);
  test.each<[string, Partial<HitlHandlerOptions>, HitlSurroundings["findTerminal"] | undefined, object]>([
    [
      "auto-approve before terminal and callback",
      { autoApprove: true, interactive: true, callback },
      typing("reject"),
      { decision: "approved", operator_input: "auto-approved" },
    ],
    [
      "the terminal before the callback",
      { interactive: true, callback },
      typing("skip", "later"),
      { decision: "skipped", operator_input: "later" },
    ],
    [
      "the callback where no terminal is",
      { interactive: true, callback: () => ({ decision: "rejected", operator_input: "no" }) },
      undefined,
      { decision: "rejected", operator_input: "no" },
    ],
    [
      "nobody: a no",
      { interactive: true },
      undefined,
      { decision: "rejected", operator_input: "No approval handler configured" },
    ],
  ])("%s", async (_name, options, findTerminal, expected) => {
    await using run = await start([ok], options, findTerminal && { findTerminal });
    run.handler.take(pause(), "run_1");
    expect(await run.handler.waitForPendingDecisions()).toBe(true);
    expect(run.bodies()).toEqual([{ request_id: "req_1", run_id: "run_1", ...expected }]);
    expect(callback).not.toHaveBeenCalled();
  });

  test.each(["GLAIP_HITL_AUTO_APPROVE", "HOLDPOINT_AUTO_APPROVE"])(
    "%s counts, an option overrides it",
    async (name) => {
      vi.stubEnv(name, "TRUE");
      await using run = await start([ok], { autoApprove: undefined });
      run.handler.take(pause());
      await run.handler.waitForPendingDecisions();
      await using strict = await start([ok], { autoApprove: false });
      strict.handler.take(pause());
      await strict.handler.waitForPendingDecisions();
      vi.unstubAllEnvs();
      expect(run.bodies()).toMatchObject([{ decision: "approved" }]);
      expect(strict.bodies()).toMatchObject([{ decision: "rejected" }]);
    },
  );
});

describe("the error table", () => {
  test.each<[string, HitlHandlerOptions["callback"], string, RegExp]>([
    [
      "throws",
      () => Promise.reject(new Error("y".repeat(200))),
      `Callback error: ${"y".repeat(100)}`,
      /error: .*failed/,
    ],
    [
      "throws at once",
      () => {
        throw new Error("no");
      },
      "Callback error: no",
      /error: .*failed/,
    ],
    ["answers nothing", (() => undefined) as never, "Callback returned invalid response type", /no decision/],
    [
      "answers another word",
      (() => ({ decision: "yes" })) as never,
      "Callback returned invalid response type",
      /no decision/,
    ],
    [
      "answers pending",
      (() => ({ decision: "pending" })) as never,
      "Callback returned invalid response type",
      /no decision/,
    ],
  ])("a callback that %s rejects, and is logged", async (_name, callback, input, log) => {
    await using run = await start([ok], { callback });
    run.handler.take(pause());
    await run.handler.waitForPendingDecisions();
    expect(run.bodies()).toEqual([{ request_id: "req_1", decision: "rejected", operator_input: input }]);
    expect(run.logged.join("\n")).toMatch(log);
    expect(run.alarms).toEqual([]);
  });

  test("a callback that takes longer than its share rejects, is told, and its later word counts for nothing", async () => {
    let signal: AbortSignal | undefined;
    const late = Promise.withResolvers<HitlResponse>();
    await using run = await start([ok], {
      callback: (_request, given) => {
        signal = given;
        return late.promise;
      },
    });
    run.handler.take(pause());
    await vi.waitFor(() => expect(run.clock.budgets).toEqual([48_000]));
    run.clock.ring();
    await run.handler.waitForPendingDecisions();
    expect(signal?.aborted).toBe(true);
    late.resolve({ decision: "approved" });
    expect(run.bodies()).toEqual([
      { request_id: "req_1", decision: "rejected", operator_input: "Callback timeout" },
    ]);
  });

  test.each<[string, Answer]>([
    ["a network error", broken],
    ["500", status(500)],
    ["502", status(502)],
    ["503", status(503)],
    ["504", status(504)],
  ])("%s: again after 1, 2, 3 s, with the same idempotency key", async (_name, failure) => {
    await using run = await start([failure, failure, failure, ok], { callback: approve });
    run.handler.take(pause());
    await run.handler.waitForPendingDecisions();
    expect(run.clock.repetitions).toEqual([1_000, 2_000, 3_000]);
    expect(run.server.received).toHaveLength(4);
    expect(new Set(run.server.received.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    expect(run.alarms).toEqual([]);
  });

  test.each<[string, Answer]>([
    ["the network", broken],
    ["500", status(500)],
  ])("%s, four times: the alarm, once", async (_name, failure) => {
    await using run = await start([failure], { callback: approve });
    run.handler.take(pause());
    await run.handler.waitForPendingDecisions();
    expect(run.server.received).toHaveLength(4);
    expect(run.alarms).toEqual([["req_1", expect.any(String)]]);
    expect(run.logged.join("\n")).toMatch(/could not be delivered/);
  });

  test("a callback and then its rejection that fail: the alarm; an alarm that fails is logged", async () => {
    await using run = await start([status(503)], {
      callback: () => Promise.reject(new Error("no")),
      maxRetries: 0,
      onUnrecoverableError: () => {
        throw new Error("pager is off");
      },
    });
    run.handler.take(pause());
    await run.handler.waitForPendingDecisions();
    expect(run.server.received).toHaveLength(1);
    expect(run.logged.join("\n")).toMatch(/onUnrecoverableError failed on req_1: pager is off/);
  });

  test.each([404, 409])("%i is resolved: no repetition, no alarm", async (code) => {
    await using run = await start([status(code)], { callback: approve });
    run.handler.take(pause());
    await run.handler.waitForPendingDecisions();
    expect([run.server.received.length, run.clock.repetitions, run.alarms]).toEqual([1, [], []]);
    expect(run.logged.join("\n")).toMatch(new RegExp(`info: req_1 is resolved already: It is ${code}`));
  });

  test.each([400, 401, 403, 422, 429])("%i fails at once, is logged, and raises the alarm", async (code) => {
    await using run = await start([status(code)], { callback: approve });
    run.handler.take(pause());
    await run.handler.waitForPendingDecisions();
    expect([run.server.received.length, run.clock.repetitions]).toEqual([1, []]);
    expect(run.alarms).toEqual([["req_1", `It is ${code}.`]]);
  });

  test.each([
    "no json at all",
    42,
    { metadata: { hitl: "soon" } },
    { metadata: { hitl: { required: true } } },
    { metadata: { hitl: { required: true, decision: "pending" }, tool_info: { name: "x" } } },
    { metadata: { hitl: { required: true, decision: "pending", request_id: "req_9" } } },
  ])("a malformed event %j is logged, and those after it count", async (chunk) => {
    await using run = await start([ok], { callback: approve });
    run.handler.take(chunk);
    run.handler.take(pause());
    await run.handler.waitForPendingDecisions();
    expect(run.logged[0]).toMatch(/error: A malformed HITL event was skipped/);
    expect(run.bodies()).toEqual([{ request_id: "req_1", decision: "approved" }]);
  });
});

describe("beside the stream", () => {
  test("several at once, none waits for another, and one that is resolved elsewhere is let go", async () => {
    const answers = new Map<string, PromiseWithResolvers<HitlResponse>>();
    const over: string[] = [];
    await using run = await start([ok], {
      callback: ({ request_id }, signal) => {
        signal.addEventListener("abort", () => over.push(request_id));
        const answer = Promise.withResolvers<HitlResponse>();
        answers.set(request_id, answer);
        return answer.promise;
      },
    });
    for (const id of ["req_1", "req_2", "req_3", "req_1"]) run.handler.take(pause(id));
    await vi.waitFor(() => expect([...answers.keys()]).toEqual(["req_1", "req_2", "req_3"]));
    expect(run.handler.pending).toBe(3);
    answers.get("req_2")?.resolve({ decision: "approved" });
    run.handler.take(pause("req_3", { decision: "timeout_skip" }));
    await vi.waitFor(() => expect(run.handler.pending).toBe(1));
    expect(over).toEqual(["req_3"]);
    expect(run.bodies()).toEqual([{ request_id: "req_2", decision: "approved" }]);
    const waiting = run.handler.waitForPendingDecisions(30);
    await vi.waitFor(() => expect(run.clock.budgets.at(-1)).toBe(30_000));
    run.clock.ring();
    expect(await waiting).toBe(false);
  });

  test("a run is followed to its end, whatever the callbacks do", async () => {
    const chunks = [
      `data: ${JSON.stringify(pause())}\n\n`,
      `data: {half\n\n`,
      `data: ${JSON.stringify(pause("req_1", { decision: "approved" }))}\n\n`,
      `data: ${JSON.stringify({ content: "50 deleted.", metadata: { kind: "final_response" } })}\n\n`,
    ];
    await using run = await start(
      [
        (_request, response) => {
          response.writeHead(200, { "content-type": "text/event-stream", "x-run-id": "run_1" });
          response.end(chunks.join(""));
        },
        ok,
      ],
      { callback: approve },
    );
    const client = new GlaipClient({ url: run.server.url, apiKey: "hpo_x" });
    const kinds: unknown[] = [];
    const answer = await client.agents.run("data_manager", "Delete 50", {
      hitlHandler: run.handler,
      onChunk: ({ metadata }) => kinds.push(metadata?.["kind"]),
    });
    expect(answer).toEqual({ runId: "run_1", content: "50 deleted.", kind: "final_response" });
    expect(kinds).toEqual(["agent_thinking_step", "agent_thinking_step", "final_response"]);
    expect(run.logged.join("\n")).toMatch(/malformed/);
  });
});

test("a stream that breaks off is said to be one, and what was asked is decided all the same", async () => {
  await using run = await start(
    [
      (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(`data: ${JSON.stringify(pause())}\n\n`, () => response.destroy());
      },
      ok,
    ],
    { callback: approve },
  );
  const client = new GlaipClient({ url: run.server.url, apiKey: "hpo_x" });
  const following = client.agents.run("data_manager", "Delete 50", { hitlHandler: run.handler });
  await expect(following).rejects.toMatchObject({ code: "unreachable", message: /broke off/ });
  await run.handler.waitForPendingDecisions();
  expect(run.bodies().at(-1)).toEqual({ request_id: "req_1", decision: "approved" });
});
