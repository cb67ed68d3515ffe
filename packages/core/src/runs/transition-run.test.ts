import { RUN_STATUSES, isTerminalRun } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { transitionRun, type RunInput, type RunState } from "./transition-run.ts";

function run(status: RunState["status"], changes: Partial<RunState> = {}): RunState {
  return { id: "run_1", status, pauseRequested: false, openHolds: 0, version: 1, ...changes };
}

/** Gives the commands one after the other; each must be legal. */
function after(start: RunState, ...commands: RunInput[]): RunState {
  return commands.reduce((state, command) => {
    const result = transitionRun(state, command);
    if ("code" in result) throw new Error(JSON.stringify(result));
    return result.next;
  }, start);
}

const running = run("running");

describe("pause", () => {
  test("lets the step in flight end, then takes effect at the interrupt point", () => {
    const requested = transitionRun(running, { type: "pause", isStepInFlight: true });
    expect(requested).toMatchObject({ next: { status: "running", pauseRequested: true }, effects: [] });
    expect(
      after(running, { type: "pause", isStepInFlight: true }, { type: "pause", isStepInFlight: false }),
    ).toMatchObject({
      status: "paused",
      pauseRequested: false,
    });
  });

  test("takes effect where the step ends in a hold", () => {
    const result = transitionRun({ ...running, pauseRequested: true }, { type: "hold", openHolds: 2 });
    expect(result).toMatchObject({
      next: { status: "paused", pauseRequested: false, openHolds: 2 },
      effects: [{ event: "run.holding" }, { event: "run.paused" }],
    });
  });

  test("is forgotten where the step ends the run", () => {
    expect(
      after({ ...running, pauseRequested: true }, { type: "complete", endReason: "end_turn" }),
    ).toMatchObject({
      status: "completed",
      pauseRequested: false,
    });
  });

  test("of a queued run is kept until its first interrupt point", () => {
    const paused = after(run("queued"), { type: "pause", isStepInFlight: false });
    expect(paused).toMatchObject({ status: "queued", pauseRequested: true });
    expect(after(paused, { type: "start" })).toMatchObject({ status: "running", pauseRequested: true });
  });

  test("twice is once", () => {
    expect(transitionRun(run("paused"), { type: "pause", isStepInFlight: false })).toEqual({
      next: run("paused"),
      effects: [],
    });
    const requested = { ...running, pauseRequested: true };
    expect(transitionRun(requested, { type: "pause", isStepInFlight: true })).toEqual({
      next: requested,
      effects: [],
    });
  });
});

describe("resume", () => {
  test("goes back to where the run was: running, or holding while holds are open", () => {
    expect(transitionRun(run("paused"), { type: "resume" })).toMatchObject({
      next: { status: "running" },
      effects: [{ event: "run.resumed" }, { type: "advanceRun", runId: "run_1" }],
    });
    expect(transitionRun(run("paused", { openHolds: 1 }), { type: "resume" })).toMatchObject({
      next: { status: "holding" },
      effects: [{ event: "run.resumed" }],
    });
  });

  test("takes back a pause that has not taken effect", () => {
    expect(after({ ...running, pauseRequested: true }, { type: "resume" })).toMatchObject({
      status: "running",
      pauseRequested: false,
    });
  });

  test("of what is not paused is a conflict", () => {
    expect(transitionRun(running, { type: "resume" })).toEqual({
      code: "conflict",
      status: "running",
      command: "resume",
    });
  });
});

test("holds are continued as a whole: not before the last is decided (I11, defect 11)", () => {
  const holding = after(running, { type: "hold", openHolds: 2 });
  expect(transitionRun(holding, { type: "release" })).toEqual({ code: "holds_open", openHolds: 2 });
  expect(after({ ...holding, openHolds: 0 }, { type: "release" })).toMatchObject({ status: "running" });
});

describe("cancel", () => {
  test.each(["queued", "running", "holding", "paused"] as const)(
    "of a %s run closes its holds and calls; it beats pause",
    (status) => {
      expect(
        transitionRun(run(status, { pauseRequested: true, openHolds: 1 }), { type: "cancel" }),
      ).toMatchObject({
        next: { status: "cancelled", pauseRequested: false, openHolds: 0 },
        effects: [{ event: "run.cancelled" }, { type: "closeHolds" }, { type: "cancelToolCalls" }],
      });
    },
  );

  test("twice is once", () => {
    expect(transitionRun(run("cancelled"), { type: "cancel" })).toEqual({
      next: run("cancelled"),
      effects: [],
    });
  });
});

test("every command to an ended run is told that it ended", () => {
  for (const status of RUN_STATUSES.filter(isTerminalRun)) {
    for (const type of ["start", "release", "resume", "fail"] as const) {
      expect(transitionRun(run(status), { type })).toEqual({ code: "run_ended", status });
    }
    expect(transitionRun(run(status), { type: "pause", isStepInFlight: false })).toEqual({
      code: "run_ended",
      status,
    });
  }
  expect(transitionRun(run("completed"), { type: "cancel" })).toEqual({
    code: "run_ended",
    status: "completed",
  });
});
