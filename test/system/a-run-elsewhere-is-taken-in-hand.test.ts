// An agent in a process of its own, by the client library, against a whole service: paused, resumed, cancelled, lost, found.
import { Holdpoint, RunCancelledError, type ExternalRun } from "@holdpoint/client";
import { isTerminalRun } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../packages/server/src/testing/stores.ts";
import { startTestService, type TestService } from "../../packages/server/src/testing/test-service.ts";

describeEachStore("a run that another process works on", (store) => {
  let service: TestService;
  let agent: Holdpoint;
  let operator: Holdpoint;
  let runs: ExternalRun[];
  let isAway = false;

  const clientWith = (apiKey: string): Holdpoint =>
    new Holdpoint({
      url: "http://localhost:7777",
      apiKey,
      fetch: async (input, init) => {
        if (isAway) throw new TypeError("fetch failed");
        const request = new Request(input, init);
        request.headers.set("host", "localhost:7777");
        return service.service.app.fetch(request);
      },
    });
  beforeEach(async () => {
    isAway = false;
    service = await startTestService(store());
    [agent, operator] = [clientWith(service.agentKey), clientWith(service.adminKey)];
    runs = [];
  });
  afterEach(async () => {
    for (const run of runs) run.close();
    await store().setClock(null);
    for await (const { scope, subject } of operator.orders.list())
      if (scope === "agent") await operator.agents.resume(subject ?? "");
    await service.stop();
  });

  const register = async (more: object = {}): Promise<ExternalRun> => {
    const run = await agent.runs.register({ agentId: "scraper", input: "Read all pages", ...more });
    runs.push(run);
    return run;
  };
  const statusOf = async (run: ExternalRun): Promise<string> => (await operator.runs.get(run.id)).status;

  /** Works page by page until it is done or told to stop. */
  async function work(run: ExternalRun, done: number[], pages: number): Promise<void> {
    try {
      for (let page = 1; page <= pages; page++) {
        await run.interruptPoint({ steps: page - 1, text: `page ${page}` });
        done.push(page);
        if (page === 2) await operator.runs.pause(run.id, { reason: "look" });
      }
      await run.complete(`${done.length} pages`);
    } catch (error) {
      await run.fail(error);
      throw error;
    }
  }

  test("is paused between two steps, goes on where it was, and ends by its own word", async () => {
    const run = await register();
    const done: number[] = [];
    const working = work(run, done, 4);
    await expect.poll(() => statusOf(run), { timeout: 10_000 }).toBe("paused");
    expect(done).toEqual([1, 2]);
    await operator.runs.resume(run.id);
    await working;
    expect(done).toEqual([1, 2, 3, 4]);
    expect(run.latest).toMatchObject({ status: "completed", output: "4 pages" });
    expect(isTerminalRun((await operator.runs.get(run.id)).status)).toBe(true);
  });

  test("is told what an operator says, each word once, and says that it has heard it", async () => {
    const run = await register();
    expect(await run.interruptPoint()).toEqual([]);
    await operator.runs.tell(run.id, "Skip the drafts.");
    await operator.runs.tell(run.id, "And the archive.");
    expect(await run.interruptPoint({ steps: 1 })).toEqual(["Skip the drafts.", "And the archive."]);
    expect(await run.interruptPoint({ steps: 2 })).toEqual([]);
    const { notes } = await operator.runs.get(run.id);
    expect(notes.map(({ heardStep }) => heardStep)).toEqual([2, 2]);
    await run.complete();
  });

  test("cancelled while it waits at an interrupt point: the point throws, the signal fires, and failing changes nothing", async () => {
    const run = await register({ sessionId: "pages" });
    const done: number[] = [];
    const working = work(run, done, 4);
    await expect.poll(() => statusOf(run), { timeout: 10_000 }).toBe("paused");
    const cancelled = await operator.sessions.cancel("pages", { reason: "wrong site" });
    expect(cancelled.runs).toMatchObject([{ id: run.id, status: "cancelled" }]);
    await expect(working).rejects.toThrow("Session pages was cancelled by operator");
    await expect(working).rejects.toBeInstanceOf(RunCancelledError);
    expect(run.signal.aborted).toBe(true);
    expect(run.latest).toMatchObject({ status: "cancelled" });
    await expect(run.interruptPoint()).rejects.toBeInstanceOf(RunCancelledError);
  });

  test("in the middle of a step its heartbeat hears of a cancel, and its signal fires", async () => {
    const run = await register({ heartbeatSeconds: 1 });
    const fired = new Promise((resolve) => {
      run.signal.addEventListener("abort", () => resolve(run.signal.reason));
    });
    await operator.runs.cancel(run.id);
    expect(await fired).toBeInstanceOf(RunCancelledError);
  });

  test("its holds carry its id, and none is granted once it is cancelled", async () => {
    const run = await register();
    const action = { name: "refund", arguments: { order: 1 } };
    const hold = await agent.holds.create({ runId: run.id, action });
    expect(hold).toMatchObject({ status: "pending", runId: run.id, runLostAt: null });
    expect(await statusOf(run)).toBe("holding");
    await operator.runs.cancel(run.id);
    await expect(agent.holds.create({ runId: run.id, action })).rejects.toMatchObject({ code: "run_ended" });
  });

  test("a process that dies is missed; another attaches to the run and it is found", async () => {
    const run = await register({ heartbeatSeconds: 5 });
    run.close(); // nothing is heard of it any more
    await store().advance(16_000);
    await expect
      .poll(async () => (await operator.runs.get(run.id)).external?.lostAt, { timeout: 10_000 })
      .toEqual(expect.any(String));
    const again = await agent.runs.attach(run.id);
    runs.push(again);
    await again.interruptPoint();
    expect(again.latest.external?.lostAt).toBe(null);
    await again.complete();
  });

  test("while the server is away an interrupt point waits, and nothing is done", async () => {
    const run = await register();
    isAway = true;
    let isThrough = false;
    const point = run.interruptPoint().then(() => {
      isThrough = true;
    });
    await expect(operator.runs.get(run.id)).rejects.toMatchObject({ code: "unreachable" });
    expect(isThrough).toBe(false);
    isAway = false;
    await point;
    await run.complete();
  });

  test("an agent under a pause and under a switch: shown, and lifted", async () => {
    await operator.agents.pause("scraper", { reason: "not today" });
    const run = await register();
    const point = run.interruptPoint();
    await expect.poll(() => statusOf(run), { timeout: 10_000 }).toBe("paused");
    expect(await operator.agents.get("scraper")).toMatchObject({
      paused: { reason: "not today" },
      held: null,
    });
    await operator.agents.resume("scraper");
    await point;
    await operator.agents.hold("scraper", "it runs wild");
    await operator.tools.hold("refund", "fraud");
    const standing: unknown[] = [];
    for await (const { scope, subject } of operator.orders.list()) standing.push([scope, subject]);
    expect(standing).toEqual([
      ["tool", "refund"],
      ["agent", "scraper"],
    ]);
    expect(await operator.runs.pauseAll({ reason: "all" })).toMatchObject({ runs: 1, scope: "all" });
    expect(await operator.runs.resumeAll()).toMatchObject({ runs: 1 });
    await operator.tools.release("refund");
    await operator.agents.release("scraper");
    await run.complete();
  });
});
