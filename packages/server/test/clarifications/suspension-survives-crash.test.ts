import { isTerminalRun, type Run } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import type { DefinedTool } from "../../src/agents/tool.ts";
import { describeEachStore, type TestStore } from "../../src/testing/stores.ts";
import { createRunFixture, dieAt, type RunFixture } from "../runs/run-fixture.ts";
import { answer, askingTool, callTools, question } from "./asking-fixture.ts";

const STORY = "book; pay; put";
const SHORT_LEASE_SECONDS = 0.3;
/** Where a suspension and the start after it can break off; every other boundary is in resume-after-crash. */
const POINTS = /:(suspend|start|once|finish|hold|resume|lose|settle)$|^executed$/;

interface Story {
  tools: DefinedTool[];
  /** What was really done, in order. */
  done: string[];
}

function createStory(): Story {
  const done: string[] = [];
  return {
    done,
    tools: [
      // Does something first, keeps it, then asks.
      askingTool("book", async ({ ask, once }) => {
        const { number } = await once("reserve", () => {
          done.push("reserve");
          return { number: 7 };
        });
        const seat = await ask.choice("seat", ["aisle", "window"]);
        done.push("book");
        return { number, seat };
      }),
      // Needs an approval, and asks before its first effect.
      askingTool(
        "pay",
        async ({ ask }) => {
          const isSure = await ask.verify("sure");
          done.push("pay");
          return { isSure };
        },
        { reversibility: "irreversible", requiresConfirmation: true },
      ),
      askingTool(
        "put",
        async ({ ask }) => {
          const where = await ask.input("where", { type: "string" });
          if (!done.includes("put")) done.push("put");
          return { where };
        },
        { idempotent: true },
      ),
    ],
  };
}

const ANSWERS: Record<string, unknown> = { choice: "window", verification: true, input: "here" };

/** Answers, approves, and tells the truth about what a dead worker left unknown. */
async function drive(fixture: RunFixture, runId: string, { done }: Story): Promise<Run> {
  for (;;) {
    const run = await fixture.until(
      runId,
      ({ status, holds }) => isTerminalRun(status) || holds.some((hold) => hold.status === "pending"),
    );
    if (isTerminalRun(run.status)) return run;
    const hold = run.holds.find(({ status }) => status === "pending");
    if (hold?.kind === "approval")
      await fixture.decide(hold.id, { verdict: "approve", actionHash: hold.action?.hash });
    else if (hold?.kind === "clarification")
      await answer(fixture, hold, ANSWERS[String(hold.question?.["type"])]);
    else if (hold !== undefined) {
      const { tool } = (hold.question ?? {})["data"] as { tool: string };
      await answer(
        fixture,
        hold,
        done.includes(tool) ? { executed: "succeeded", result: RESULTS[tool] } : { executed: "retry" },
      );
    }
  }
}

const RESULTS: Record<string, object> = {
  book: { number: 7, seat: "window" },
  pay: { isSure: true },
  put: { where: "here" },
};

async function listPoints(store: TestStore): Promise<{ point: string; occurrence: number }[]> {
  const points: { point: string; occurrence: number }[] = [];
  const story = createStory();
  const fixture = await createRunFixture(store, { tools: story.tools, script: callTools });
  await fixture.startWorker({
    faults: {
      hit(point) {
        if (!POINTS.test(point)) return;
        points.push({ point, occurrence: points.filter((reached) => reached.point === point).length + 1 });
      },
    },
  });
  await drive(fixture, await fixture.start(STORY), story);
  await fixture.stop();
  return points;
}

describeEachStore("a worker that dies around a question", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  test("at every commit boundary: another goes on, nothing is done twice, every answer arrives (I1, I2, defect 17)", async () => {
    const points = await listPoints(store());
    expect(points.length).toBeGreaterThanOrEqual(25);
    let deaths = 0;
    for (const { point, occurrence } of points) {
      const story = createStory();
      fixture = await createRunFixture(store(), { tools: story.tools, script: callTools });
      const faults = dieAt(point, occurrence);
      const mortal = await fixture.startWorker({ faults, leaseSeconds: SHORT_LEASE_SECONDS });
      const id = await fixture.start(STORY);
      const driven = drive(fixture, id, story);
      const isDead = await Promise.race([faults.died.then(() => true), driven.then(() => false)]);
      await mortal.stop();
      if (isDead) {
        deaths += 1;
        await fixture.startWorker();
      }
      const run = await driven;
      const died = isDead ? `at ${point} #${occurrence}` : "not";
      const timesDone = Object.fromEntries(
        ["reserve", "book", "pay", "put"].map((what) => [
          what,
          story.done.filter((it) => it === what).length,
        ]),
      );
      expect({
        died,
        status: run.status,
        timesDone,
        calls: run.toolCalls.map(({ status, result }) => [status, result]),
        approvals: run.holds.filter(({ kind }) => kind === "approval").map(({ fulfilment }) => fulfilment),
        roles: run.messages.map(({ role }) => role),
        open: run.holds.filter(({ status }) => status === "pending").length,
      }).toEqual({
        died,
        status: "completed",
        // Whether work was done that was not kept yet, nobody can know.
        timesDone: { reserve: point === "before:once" ? 2 : 1, book: 1, pay: 1, put: 1 },
        calls: ["book", "pay", "put"].map((name) => ["succeeded", RESULTS[name]]),
        approvals: ["executed"],
        roles: ["user", "assistant", "tool", "assistant"],
        open: 0,
      });
      await fixture.stop();
    }
    expect(deaths).toBeGreaterThanOrEqual(25);
  }, 120_000);

  test("an answer that comes while every worker is dead is there for the next (defect 17)", async () => {
    const story = createStory();
    fixture = await createRunFixture(store(), { tools: story.tools, script: callTools });
    const first = await fixture.startWorker();
    const id = await fixture.start("book");
    const asked = question(await fixture.holding(id));
    await first.stop();
    await answer(fixture, asked, "aisle");
    const other = await createRunFixture(
      store(),
      { tools: createStory().tools, script: callTools },
      {},
      fixture.organisation,
    );
    await other.startWorker();
    expect(await other.ended(id)).toMatchObject({ output: 'book: {"number":7,"seat":"aisle"}' });
    await other.stop();
  });

  test("the resume fails to start, again and again: the answer is kept, and arrives in the end (defect 17)", async () => {
    const story = createStory();
    fixture = await createRunFixture(store(), { tools: story.tools, script: callTools });
    const asking = await fixture.startWorker();
    const id = await fixture.start("book");
    const asked = question(await fixture.holding(id));
    await asking.stop();
    await answer(fixture, asked, "window");
    for (const point of ["before:resume", "before:start", "after:start"]) {
      const faults = dieAt(point);
      const mortal = await fixture.startWorker({ faults, leaseSeconds: SHORT_LEASE_SECONDS });
      await faults.died;
      await mortal.stop();
    }
    await fixture.startWorker();
    // The last one died after the start: whether it was executed a person says, and then it goes on with its answer.
    const { holds } = await fixture.holding(id);
    const lost = holds.find(({ kind }) => kind === "escalation");
    await fixture.decide(lost?.id ?? "", { verdict: "answer", answer: { executed: "retry" } });
    expect(await fixture.ended(id)).toMatchObject({ output: 'book: {"number":7,"seat":"window"}' });
    expect(story.done).toEqual(["reserve", "book"]);
  });

  test("an attempt that woke up after it was given up asks nothing more (fencing)", async () => {
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let starts = 0;
    const slow = askingTool(
      "slow",
      async ({ ask }) => {
        starts += 1;
        if (starts === 1) {
          begun.resolve();
          await release.promise;
          return ask.verify("from the dead");
        }
        return "done";
      },
      { idempotent: true },
    );
    fixture = await createRunFixture(store(), { tools: [slow], script: callTools });
    const frozen = await fixture.startWorker({ leaseSeconds: SHORT_LEASE_SECONDS, pollMs: 10_000 });
    const id = await fixture.start("slow");
    await begun.promise;
    await frozen.stop();
    await fixture.startWorker();
    const run = await fixture.ended(id);
    release.resolve();
    expect(run.output).toBe('slow: "done"');
    expect((await fixture.until(id, () => true)).holds).toEqual([]);
  });
});
