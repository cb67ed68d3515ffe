import type { DecisionInput, Run } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import type { ConfidenceOptions } from "../../src/confidence/options.ts";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { describeEachStore, type TestStore } from "../../src/testing/stores.ts";
import { createRunFixture, dieAt, type RunFixture } from "../runs/run-fixture.ts";

/** Says what it is told to say; when a reviewer sends its answer back, what the reviewer says. */
const echo: Script = ({ text }) => ({ text: text.split("\n\n").at(-1) ?? "" });
const UNSURE = "I am not sure, but it might be 42.";
const SURE = "It is 42, as table 3 of the report says.";

describeEachStore("a final answer", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  async function start(input: string, confidence: ConfidenceOptions = {}): Promise<string> {
    fixture = await createRunFixture(store(), { script: echo, confidence });
    await fixture.startWorker();
    return fixture.start(input);
  }

  async function decide(run: Run, input: DecisionInput): Promise<void> {
    await fixture.decide(run.holds.find(({ status }) => status === "pending")?.id ?? "", input);
  }

  test("that is sure goes out at once, with its confidence (R68)", async () => {
    const id = await start(SURE);
    const run = await fixture.ended(id);
    expect(run).toMatchObject({ status: "completed", output: SURE, endReason: "end_turn", confidence: 0.9 });
    expect(run.steps).toMatchObject([{ confidence: 0.9, holdId: null }]);
    expect(run.holds).toEqual([]);
    const [completed] = await eventData(store(), fixture, id, "run.completed");
    expect(completed).toMatchObject({
      confidence: 0.9,
      threshold: 0.65,
      estimatedBy: "model",
      problem: null,
    });
  });

  test("below the threshold waits for a person, with task, result, confidence and reason (R74)", async () => {
    const id = await start(UNSURE);
    const run = await fixture.holding(id);
    expect(run).toMatchObject({ output: null, confidence: 0.3 });
    expect(run.holds).toMatchObject([
      {
        kind: "escalation",
        title: "Is the answer of Tester good enough?",
        tier: "escalation",
        question: { type: "escalation", task: UNSURE, result: UNSURE, confidence: 0.3, threshold: 0.65 },
        reasons: [{ rule: "confidence", text: "Confidence 0.30 below threshold 0.65" }],
        allowedVerdicts: ["approve", "modify", "reject", "answer"],
      },
    ]);
    expect(run.steps).toMatchObject([{ confidence: 0.3, holdId: run.holds[0]?.id }]);
    const [created] = await eventData(store(), fixture, id, "hold.created");
    expect(created).toMatchObject({ question: { confidence: 0.3, threshold: 0.65 } });
  });

  test("that is accepted completes the run as it is", async () => {
    const id = await start(UNSURE);
    await decide(await fixture.holding(id), { verdict: "approve" });
    expect(await fixture.ended(id)).toMatchObject({
      status: "completed",
      output: UNSURE,
      endReason: "result_accepted",
      confidence: 0.3,
    });
  });

  test("that is edited completes the run with the edited result, and says so", async () => {
    const id = await start(UNSURE);
    await decide(await fixture.holding(id), { verdict: "modify", modifications: { result: "It is 41." } });
    const run = await fixture.ended(id);
    expect(run).toMatchObject({ status: "completed", output: "It is 41.", endReason: "result_edited" });
    expect(run.messages.at(-1)).toEqual({ role: "assistant", content: "It is 41." });
  });

  test("that is sent back is given again, with the guidance in the model's ears, and judged again", async () => {
    const id = await start(UNSURE);
    await decide(await fixture.holding(id), { verdict: "answer", answer: { guidance: SURE } });
    const run = await fixture.ended(id);
    expect(run).toMatchObject({ status: "completed", output: SURE, endReason: "end_turn", confidence: 0.9 });
    expect(run.steps.map(({ confidence }) => confidence)).toEqual([0.3, 0.9]);
    expect(run.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
    expect(run.messages[2]?.["content"]).toContain("A reviewer read your answer");
  });

  test("is sent back three times at most; then a person accepts, edits or rejects", async () => {
    const id = await start(UNSURE);
    for (let sent = 0; sent < 3; sent += 1)
      await decide(await fixture.holding(id), { verdict: "answer", answer: { guidance: UNSURE } });
    const run = await fixture.until(id, ({ status, holds }) => status === "holding" && holds.length === 4);
    expect(run.holds.at(-1)?.allowedVerdicts).toEqual(["approve", "modify", "reject"]);
    const again: DecisionInput = { verdict: "answer", answer: { guidance: "Once more." } };
    await expect(decide(run, again)).rejects.toMatchObject({ code: "verdict_not_allowed" });
    await decide(run, { verdict: "approve" });
    expect(await fixture.ended(id)).toMatchObject({ status: "completed", output: UNSURE });
  });

  test("is sent back also where the run has used up its steps", async () => {
    fixture = await createRunFixture(store(), { script: echo, confidence: {}, maxSteps: 1 });
    await fixture.startWorker();
    const id = await fixture.start(UNSURE);
    await decide(await fixture.holding(id), { verdict: "answer", answer: { guidance: SURE } });
    expect(await fixture.ended(id)).toMatchObject({ status: "completed", output: SURE });
  });

  test("that is rejected never goes out: the run fails with the reviewer's words", async () => {
    const id = await start(UNSURE);
    await decide(await fixture.holding(id), { verdict: "reject", comment: "Wrong table." });
    expect(await fixture.ended(id)).toMatchObject({
      status: "failed",
      output: null,
      endReason: "result_rejected",
      error: { code: "result_rejected", comment: "Wrong table." },
    });
  });

  test("that nobody decides on in time never goes out", async () => {
    const id = await start(UNSURE, { timeoutSeconds: 60 });
    await fixture.holding(id);
    await store().advance(61_000);
    await store().database.call("expire_due_v1", [eventId("1")]);
    fixture.wakeups.publish(["advance"]);
    expect(await fixture.ended(id)).toMatchObject({ status: "failed", error: { code: "result_expired" } });
  });

  test("with onTimeout hold goes on waiting", async () => {
    const id = await start(UNSURE, { timeoutSeconds: 60, onTimeout: "hold" });
    await fixture.holding(id);
    await store().advance(61_000);
    await store().database.call("expire_due_v1", [eventId("2")]);
    const run = await fixture.holding(id);
    await decide(run, { verdict: "approve" });
    expect((await fixture.ended(id)).status).toBe("completed");
  });

  test("is judged by what is at stake (R73)", async () => {
    const oneHedge = "It is probably 42.";
    expect((await endedRun(oneHedge, { stake: "low" })).status).toBe("completed");
    await fixture.stop();
    const id = await start(SURE, { threshold: 0.91 });
    expect((await fixture.holding(id)).holds[0]?.reasons[0]?.text).toBe(
      "Confidence 0.90 below threshold 0.91",
    );
  });

  async function endedRun(input: string, confidence: ConfidenceOptions): Promise<Run> {
    const id = await start(input, confidence);
    return fixture.ended(id);
  }

  test("with a confidence that is exactly the threshold goes out (strict)", async () => {
    const run = await endedRun(SURE, { threshold: 0.65, estimate: () => 0.65 });
    expect(run).toMatchObject({ status: "completed", confidence: 0.65 });
  });

  test("of which the own function knows nothing counts as 0.5, and the reason says so", async () => {
    const id = await start(SURE, {
      estimate: () => {
        throw new Error("the index is away");
      },
    });
    const run = await fixture.holding(id);
    expect(run.confidence).toBe(0.5);
    expect(run.holds[0]?.reasons.map(({ text }) => text)).toEqual([
      "Confidence 0.50 below threshold 0.65",
      "The confidence could not be estimated: the function failed: the index is away; it counts as 0.5",
    ]);
  });

  test("that speaks of a triggering entity, or reaches a value, waits however sure it is (R75)", async () => {
    const amount = (result: string): number | undefined => Number(/\d+/.exec(result)?.[0] ?? Number.NaN);
    const id = await start("Pay 100 EUR to DE89370400440532013000.", {
      triggers: {
        entities: [{ name: "a bank account", pattern: /\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b/ }],
        value: { of: amount, threshold: 100 },
      },
    });
    expect((await fixture.holding(id)).holds[0]?.reasons).toEqual([
      { rule: "trigger", text: "The result contains a bank account" },
      { rule: "trigger", text: "Value 100 reaches 100" },
    ]);
  });

  test("whose worker dies at any commit boundary is estimated once for each commit that counts, and decided once", async () => {
    const points = await listPoints(store());
    expect(points.length).toBeGreaterThanOrEqual(10);
    for (const point of points) {
      let estimates = 0;
      const estimate = (): number => {
        estimates += 1;
        return 0.2;
      };
      fixture = await createRunFixture(store(), { script: echo, confidence: { estimate } });
      const faults = dieAt(point);
      const mortal = await fixture.startWorker({ faults, leaseSeconds: 0.3 });
      const id = await fixture.start(SURE);
      const story = playStory(fixture, id);
      await faults.died;
      await mortal.stop();
      await fixture.startWorker();
      const run = await story;
      const types = await fixture.eventTypes(id);
      const count = (type: string): number => types.filter((seen) => seen === type).length;
      expect({
        point,
        status: run.status,
        output: run.output,
        estimates,
        created: count("hold.created"),
        completed: count("run.completed"),
        steps: run.steps.length,
        roles: run.messages.map((message) => message["role"] as string).join(),
      }).toEqual({
        point,
        status: "completed",
        output: UNSURE,
        // Only where it died with the estimate in hand and nothing committed is it made again.
        estimates: point === "before:escalate" ? 3 : 2,
        created: 2,
        completed: 1,
        steps: 2,
        roles: "user,assistant,user,assistant",
      });
      await fixture.stop();
    }
  }, 120_000);
});

/** Sent back once, then accepted. */
async function playStory(fixture: RunFixture, id: string): Promise<Run> {
  const first = await fixture.holding(id);
  await fixture.decide(first.holds[0]?.id ?? "", { verdict: "answer", answer: { guidance: UNSURE } });
  const second = await fixture.until(id, ({ status, holds }) => status === "holding" && holds.length === 2);
  await fixture.decide(second.holds[1]?.id ?? "", { verdict: "approve" });
  return fixture.ended(id);
}

async function listPoints(store: TestStore): Promise<string[]> {
  const points = new Set<string>();
  const fixture = await createRunFixture(store, { script: echo, confidence: { estimate: () => 0.2 } });
  await fixture.startWorker({ faults: { hit: (point) => void points.add(point) } });
  await playStory(fixture, await fixture.start(SURE));
  await fixture.stop();
  return [...points];
}

async function eventData(
  store: TestStore,
  fixture: RunFixture,
  runId: string,
  type: string,
): Promise<object[]> {
  const rows = await store.database.transaction(async (tx) => {
    await tx.query("select set_config('hp.org_id', $1, true)", [fixture.organisation.orgId]);
    return tx.query<{ data: object }>("select data from holdpoint.events where run_id = $1 and type = $2", [
      runId,
      type,
    ]);
  });
  return rows.map(({ data }) => data);
}

function eventId(digit: string): string {
  return `evt_${digit.repeat(20)}${Date.now().toString(32).slice(-6)}`;
}
