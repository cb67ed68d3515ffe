import type { Hold, JsonObject } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import type { RaisedAsk } from "../../src/clarifications/ask-session.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { failRun, type RunWork } from "../../src/runs/run-work.ts";
import { suspendCall } from "../../src/runs/suspend-call.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "../runs/run-fixture.ts";
import { askingTool, callTools, workOn } from "./asking-fixture.ts";

/** As `context.connection` asks: joins what covers the scopes, and widens what does not. */
function needOf(scopes: string[], provider = "acme"): RaisedAsk {
  const question = { type: "authorization", provider, label: provider, scopes, purpose: "To look." };
  return {
    name: { key: `$connection:${provider}`, occurrence: 1 },
    questionHash: scopes.join(" "),
    openHoldId: null,
    ask: {
      kind: "authorization",
      question,
      share(open: JsonObject) {
        const asked = open["scopes"] as string[];
        if (scopes.every((scope) => asked.includes(scope))) return "join";
        return { question: { ...question, scopes: [...new Set([...asked, ...scopes])].toSorted() } };
      },
    },
  };
}

describeEachStore("calls that need one sign-in", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  const connect = askingTool("connect", ({ attempt }) => `went on in attempt ${attempt}`);

  /** Runs whose call is executing, in the hands of a worker that does nothing any more; the test asks in its place. */
  async function executing(count: number, endUserId = "ada"): Promise<{ runId: string; work: RunWork }[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index++) ids.push(await fixture.start("connect", { endUserId }));
    const begun = new Map(ids.map((runId) => [runId, Promise.withResolvers<void>()]));
    const mortal = await fixture.startWorker({
      faults: {
        hit(point, runId) {
          if (point !== "after:start" || !begun.has(runId)) return undefined;
          begun.get(runId)?.resolve();
          return Promise.withResolvers<void>().promise; // never settles
        },
      },
      leaseSeconds: 0.5,
    });
    await Promise.all([...begun.values()].map(({ promise }) => promise));
    await mortal.stop();
    return Promise.all(ids.map(async (runId) => ({ runId, work: await workOn(store(), fixture, runId) })));
  }

  async function ask({ work }: { work: RunWork }, ...raised: RaisedAsk[]): Promise<void> {
    const { run, calls } = await work.journal.load();
    const [call] = calls;
    if (call === undefined) throw new Error("There is no call.");
    await suspendCall(work, {
      run,
      call,
      attempt: 1,
      actionHash: call.action_hash ?? "",
      raised,
      result: undefined,
    });
  }

  async function open(runId: string): Promise<Hold[]> {
    const run = await fixture.until(runId, () => true);
    return run.holds.filter(({ kind, status }) => kind === "authorization" && status === "pending");
  }

  async function begin(): Promise<void> {
    fixture = await createRunFixture(store(), { tools: [connect], script: callTools });
  }

  async function refuse(hold: Hold | undefined): Promise<void> {
    await fixture.decide(hold?.id ?? "", { verdict: "reject" });
  }

  test("of two runs, is asked once; both go on when it is settled (R29, defect 30)", async () => {
    await begin();
    const [first, second] = await executing(2);
    if (first === undefined || second === undefined) throw new Error("no runs");
    await ask(first, needOf(["read", "write"]));
    await ask(second, needOf(["read"]));
    const [hold, ...others] = await open(second.runId);
    expect(others).toEqual([]);
    expect(hold?.runId).toBe(first.runId);
    await fixture.startWorker();
    await fixture.holding(second.runId);
    await refuse(hold);
    for (const { runId } of [first, second])
      expect(await fixture.ended(runId)).toMatchObject({ output: 'connect: "went on in attempt 2"' });
  });

  test("with wider scopes supersedes the open one, and takes over who waits for that", async () => {
    await begin();
    const [first, second] = await executing(2);
    if (first === undefined || second === undefined) throw new Error("no runs");
    await ask(first, needOf(["read"]));
    const [narrow] = await open(first.runId);
    await ask(second, needOf(["write"]));
    const [wide, ...others] = await open(first.runId);
    expect(others).toEqual([]);
    expect(wide).toMatchObject({ runId: second.runId, question: { scopes: ["read", "write"] } });
    const before = (await fixture.until(first.runId, () => true)).holds.find(({ id }) => id === narrow?.id);
    expect(before).toMatchObject({
      status: "cancelled",
      outcome: { comment: "superseded" },
      metadata: { replacedBy: wide?.id },
    });
    await fixture.startWorker();
    await fixture.holding(first.runId);
    await refuse(wide);
    for (const { runId } of [first, second])
      expect(await fixture.ended(runId)).toMatchObject({ output: 'connect: "went on in attempt 2"' });
  });

  test("several needs of one call are one prompt, the widest", async () => {
    await begin();
    const [only] = await executing(1);
    if (only === undefined) throw new Error("no run");
    const second = needOf(["write"]);
    await ask(only, needOf(["read"]), { ...second, name: { ...second.name, occurrence: 2 } });
    expect(await open(only.runId)).toMatchObject([{ question: { scopes: ["read", "write"] } }]);
  });

  test("of many runs at once make one hold, whoever was first (defect 30)", async () => {
    await begin();
    const runs = await executing(12);
    await Promise.all(
      runs.map((run, index) => ask(run, needOf(index % 3 === 0 ? ["read", "write"] : ["read"]))),
    );
    const holds = await Promise.all(runs.map(({ runId }) => open(runId)));
    expect(new Set(holds.map((list) => list.map(({ id }) => id).join())).size).toBe(1);
    expect(holds[0]).toHaveLength(1);
    await fixture.startWorker();
    await refuse(holds[0]?.[0]);
    for (const { runId } of runs) expect((await fixture.ended(runId)).status).toBe("completed");
  });

  test("at another provider is another, and each goes on by its own", async () => {
    await begin();
    const [first, second] = await executing(2);
    if (first === undefined || second === undefined) throw new Error("no runs");
    await ask(first, needOf(["read"]));
    await ask(second, needOf(["read"], "globex"));
    const [[acmes], [globexes]] = [await open(first.runId), await open(second.runId)];
    expect(acmes?.question).toMatchObject({ provider: "acme" });
    expect(globexes?.question).toMatchObject({ provider: "globex" });
    await fixture.startWorker();
    await fixture.holding(first.runId);
    await refuse(acmes);
    expect(await fixture.ended(first.runId)).toMatchObject({ output: 'connect: "went on in attempt 2"' });
    expect((await open(second.runId)).map(({ id }) => id)).toEqual([globexes?.id]);
    await refuse(globexes);
    expect(await fixture.ended(second.runId)).toMatchObject({ output: 'connect: "went on in attempt 2"' });
  });

  test("of another end user is another", async () => {
    await begin();
    const [first] = await executing(1, "ada");
    if (first === undefined) throw new Error("no run");
    await ask(first, needOf(["read"]));
    await fixture.stop();
    fixture = await createRunFixture(
      store(),
      { tools: [connect], script: callTools },
      {},
      fixture.organisation,
    );
    const [second] = await executing(1, "bob");
    if (second === undefined) throw new Error("no run");
    await ask(second, needOf(["read"]));
    const [[adas], [bobs]] = [await open(first.runId), await open(second.runId)];
    expect(adas?.endUserId).toBe("ada");
    expect(bobs?.endUserId).toBe("bob");
    expect(adas?.id).not.toBe(bobs?.id);
  });

  test("nobody who joins in the moment of the answer is left waiting (defects 17 and 19)", async () => {
    await begin();
    const runs = await executing(10);
    const [first, ...others] = runs;
    if (first === undefined) throw new Error("no runs");
    await ask(first, needOf(["read"]));
    const [hold] = await open(first.runId);
    await Promise.all([refuse(hold), ...others.map((run) => ask(run, needOf(["read"])))]);
    await fixture.startWorker();
    // Who came after the answer has made another hold, and waits for that.
    const late = [
      ...new Set((await Promise.all(others.map(({ runId }) => open(runId)))).flat().map(({ id }) => id)),
    ];
    expect(late.length).toBeLessThanOrEqual(1);
    for (const id of late) await fixture.decide(id, { verdict: "reject" });
    for (const { runId } of runs) expect((await fixture.ended(runId)).status).toBe("completed");
  });

  test("stays open for the others when the run that asked first fails", async () => {
    await begin();
    const [first, second] = await executing(2);
    if (first === undefined || second === undefined) throw new Error("no runs");
    await ask(first, needOf(["read"]));
    await ask(second, needOf(["read"]));
    await failRun(first.work, await first.work.journal.load(), { code: "internal", message: "It broke." });
    const failed = await fixture.until(first.runId, () => true);
    expect(failed).toMatchObject({ status: "failed", toolCalls: [{ status: "cancelled" }] });
    const [hold] = await open(second.runId);
    expect(hold).toMatchObject({ status: "pending", runId: second.runId });
    await failRun(second.work, await second.work.journal.load(), {
      code: "internal",
      message: "It broke too.",
    });
    expect(await fixture.until(second.runId, () => true)).toMatchObject({
      status: "failed",
      holds: [{ status: "cancelled", outcome: { comment: "It broke too." } }],
    });
  });

  test("of which one run is cancelled: it waits for other decisions before it locks itself, not in a circle", async () => {
    await begin();
    if (store().kind === "embedded") return; // one connection waits for nobody
    const [first, second] = await executing(2);
    if (first === undefined || second === undefined) throw new Error("no runs");
    await ask(first, needOf(["read"]));
    await ask(second, needOf(["read"]));
    await failRun(second.work, await second.work.journal.load(), { code: "internal", message: "It broke." });
    const { database } = store();
    const { orgId, adminHash } = fixture.organisation;
    const isLocked = Promise.withResolvers<void>();
    // As a decision does whose hold calls of several runs wait for.
    const deciding = database.transaction(async (tx) => {
      await tx.query("select set_config('hp.org_id', $1, true)", [orgId]);
      await tx.query("select pg_advisory_xact_lock(7238116254001)");
      isLocked.resolve();
      const waiting =
        "select l.pid from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database() " +
        "where l.locktype = 'advisory' and not l.granted";
      await expect.poll(() => tx.query(waiting)).toHaveLength(1);
      await tx.query("update holdpoint.runs set advance_at = holdpoint.hp_now() where id = $1", [
        first.runId,
      ]);
    });
    await isLocked.promise;
    const cancelling = controlRun(
      { database, wakeups: fixture.wakeups },
      { credentialHash: adminHash, runId: first.runId, action: "cancel", reason: undefined },
    );
    const [decided, cancelled] = await Promise.allSettled([deciding, cancelling]);
    expect([decided, cancelled]).toMatchObject([{ status: "fulfilled" }, { value: { status: "cancelled" } }]);
  });
});
