import { isTerminalHold, isTerminalRun, isTerminalToolCall, type Run } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { defineTool, type DefinedTool } from "../../src/agents/tool.ts";
import { controlRun, type ControlRunRequest } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore, type TestStore } from "../../src/testing/stores.ts";
import { Halts, type Point } from "./halts.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

/** By itself, after an approval, after an answer, and beside each other. */
const STORY = "count users; delete 5; put x then ask then send bob";

type Control = "pause" | "cancel" | "kill";

/** All of them for a cancel; what a kill does differently shows before commits, a pause takes effect after them. */
const POINTS: Record<Control, RegExp> = { cancel: /./, kill: /^before:|executed/, pause: /^after:|executed/ };

/** Asks whoever looks whether it shall, and then does. */
function createAskingTool({ done }: TestTools): DefinedTool {
  return defineTool({
    name: "ask",
    description: "Asks first.",
    input: z.object({}),
    reversibility: "reversible",
    async execute(_args, { ask, attempt }) {
      const isSure = await ask.verify("sure");
      done.push({ name: "ask", arguments: {}, attempt });
      return { isSure };
    },
  });
}

describeEachStore("an operator takes a run in hand at every commit boundary", (store) => {
  let fixture: RunFixture | undefined;
  afterEach(() => fixture?.stop());

  test.each<Control>(["cancel", "kill", "pause"])(
    "%s: what was told before it counts, nothing starts after it, nothing stays open (I1, I2, I3, I5, I11)",
    async (action) => {
      const points = (await listPoints(store())).filter(({ point }) => POINTS[action].test(point));
      expect(points.length).toBeGreaterThanOrEqual(15);
      const tools = createTestTools();
      const halts = new Halts();
      fixture = await createRunFixture(store(), {
        tools: [...tools.tools, createAskingTool(tools)],
        script: obey,
      });
      // One run at a time: the next one begins when the worker has nothing to do with the last one any more.
      await fixture.startWorker({ faults: halts, concurrency: 1, leaseSeconds: 60, graceMs: 10_000 });
      let reached = 0;
      for (const point of points) {
        tools.done.length = 0;
        const stop = halts.stopAt(undefined, point);
        const runId = await fixture.start(STORY);
        const isGoingOn = { value: true };
        const deciding = decideAll(fixture, runId, () => isGoingOn.value);
        const isReached = await Promise.race([stop.reached.then(() => true), deciding.then(() => false)]);
        const answer = await control(store(), fixture, { runId, action }).catch((error: unknown) => error);
        const before = namesOf(tools);
        isGoingOn.value = false;
        stop.letGo();
        await deciding;
        const where = `${action} at ${point.point} #${point.occurrence}`;
        if (isReached) reached += 1;
        if (action === "pause") {
          await resumeAndFinish(store(), fixture, runId, where);
        } else {
          await expectOver(store(), fixture, { runId, where, tools, before, answer, action });
        }
      }
      // How often a run waits depends on how fast it is decided: the last occurrence of a point may not come.
      expect(reached).toBeGreaterThanOrEqual(points.length - 6);

      async function resumeAndFinish(
        at: TestStore,
        world: RunFixture,
        runId: string,
        where: string,
      ): Promise<void> {
        const paused = await world.until(runId, ({ status }) => status === "paused" || isTerminalRun(status));
        const doneBefore = namesOf(tools);
        if (!isTerminalRun(paused.status)) {
          await expectIdle();
          expect({ where, done: namesOf(tools).filter((name) => name !== "count idle") }).toEqual({
            where,
            done: doneBefore,
          });
          await control(at, requireFixture(), { runId, action: "resume" });
          await decideAll(requireFixture(), runId, () => true);
        }
        const run = await getRun(at.database, world.organisation.adminHash, runId);
        const done = namesOf(tools).filter((name) => name !== "count idle");
        expect({ where, status: run.status, done: done.toSorted() }).toEqual({
          where,
          status: "completed",
          done: ["ask", "count users", "delete", "put", "send"],
        });
        expect({ where, pairs: pairsOf(run) }).toEqual({ where, pairs: pairsOf(run).toSorted() });
      }

      function requireFixture(): RunFixture {
        if (fixture === undefined) throw new TypeError("There is no fixture.");
        return fixture;
      }

      async function expectIdle(): Promise<void> {
        await requireFixture().ended(await requireFixture().start("count idle"));
      }

      async function expectOver(
        at: TestStore,
        world: RunFixture,
        seen: {
          runId: string;
          where: string;
          tools: TestTools;
          before: string[];
          answer: unknown;
          action: Control;
        },
      ): Promise<void> {
        const { runId, where } = seen;
        await expectIdle();
        const run = await getRun(at.database, world.organisation.adminHash, runId);
        const types = await world.eventTypes(runId);
        const count = (type: string): number => types.filter((each) => each === type).length;
        if (run.status === "completed") {
          expect({ where, answer: seen.answer }).toMatchObject({ where, answer: { code: "run_ended" } });
          expect(count("run.completed")).toBe(1);
          return;
        }
        const inFlight = (seen.answer as { report: { unknown: { name: string }[] } }).report.unknown;
        const later = namesOf(tools)
          .filter((name) => name !== "count idle")
          .slice(seen.before.length);
        expect({
          where,
          status: run.status,
          ends: count("run.cancelled") + count("run.killed"),
          goesOn: count("run.completed") + count("run.failed"),
          openHolds: run.holds.filter(({ status }) => !isTerminalHold(status)).length,
          openCalls: run.toolCalls
            .filter(({ status }) => !isTerminalToolCall(status) && status !== "unknown")
            .map(({ name, status }) => `${name} ${status}`),
          promised: run.holds.filter(
            ({ fulfilment }) => fulfilment === "waiting" || fulfilment === "executing",
          ),
          startedLater: later.filter((name) => !inFlight.some((call) => name.startsWith(call.name))),
          untrue: untruths(run, namesOf(tools)),
          holdEvents: count("hold.created") - count("hold.decided") - count("hold.cancelled"),
        }).toEqual({
          where,
          status: "cancelled",
          ends: 1,
          goesOn: 0,
          openHolds: 0,
          openCalls: [],
          promised: [],
          startedLater: [],
          untrue: [],
          holdEvents: 0,
        });
      }
    },
    300_000,
  );
});

/** Every place between two commits over the story, in order. */
async function listPoints(store: TestStore): Promise<Point[]> {
  const points: Point[] = [];
  const tools = createTestTools();
  const fixture = await createRunFixture(store, {
    tools: [...tools.tools, createAskingTool(tools)],
    script: obey,
  });
  await fixture.startWorker({
    faults: {
      hit(point) {
        points.push({ point, occurrence: points.filter((known) => known.point === point).length + 1 });
      },
    },
  });
  await decideAll(fixture, await fixture.start(STORY), () => true);
  await fixture.stop();
  return points;
}

/** Approves and answers whatever is asked, until the run is over or the test wants no more of it. */
async function decideAll(fixture: RunFixture, runId: string, isWanted: () => boolean): Promise<void> {
  for (;;) {
    const run = await fixture.until(
      runId,
      ({ status, holds }) =>
        !isWanted() || isTerminalRun(status) || holds.some((hold) => hold.status === "pending"),
    );
    if (!isWanted() || isTerminalRun(run.status)) return;
    const hold = run.holds.find(({ status }) => status === "pending");
    if (hold === undefined) continue;
    const input =
      hold.kind === "approval"
        ? { verdict: "approve" as const, actionHash: hold.action?.hash }
        : { verdict: "answer" as const, answer: true };
    // It may have been cancelled in this moment.
    await fixture.decide(hold.id, input).catch(() => undefined);
  }
}

function control(
  { database }: TestStore,
  { organisation, wakeups }: RunFixture,
  request: Pick<ControlRunRequest, "runId" | "action">,
): ReturnType<typeof controlRun> {
  return controlRun(
    { database, wakeups },
    { credentialHash: organisation.adminHash, reason: "by test", ...request },
  );
}

function namesOf({ done }: TestTools): string[] {
  return done.map(({ name, arguments: args }) =>
    name === "count" ? `count ${(args as { table: string }).table}` : name,
  );
}

/** Calls that are said to have succeeded and were not done once, or are said not to have run and did. */
function untruths(run: Run, done: readonly string[]): string[] {
  return run.toolCalls
    .filter(({ name, status }) => {
      const times = done.filter((each) => each.startsWith(name) && each !== "count idle").length;
      if (status === "succeeded") return times !== 1;
      return status === "unknown" ? times > 1 : times > 0;
    })
    .map(({ name, status }) => `${name} ${status}`);
}

/** The results in the order of their calls, or this is not it (I11). */
function pairsOf(run: Run): string[] {
  const idsOf = (role: string, type: string): string[] =>
    run.messages
      .filter((message) => message["role"] === role)
      .flatMap(({ content }) =>
        Array.isArray(content) ? (content as { type: string; toolCallId: string }[]) : [],
      )
      .filter((part) => part.type === type)
      .map(({ toolCallId }) => toolCallId);
  expect(idsOf("tool", "tool-result")).toEqual(idsOf("assistant", "tool-call"));
  return run.toolCalls.map(({ id }) => id);
}
