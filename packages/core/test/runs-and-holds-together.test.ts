import { isTerminalHold, isTerminalRun, isTerminalToolCall, type HoldStatus } from "@holdpoint/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { HoldState } from "../src/index.ts";
import { CALL_NEEDS, RunWorld, type PlannedCall } from "./run-world.ts";
import { REVIEWER } from "./sample-hold.ts";

/** What was seen of the world so far: whatever ended stays as it ended. */
interface Seen {
  outcomes: Map<string, HoldState>;
  ends: Map<string, string>;
  decidedLate: string[];
}

type Command = fc.Command<Seen, RunWorld>;

const plan: fc.Arbitrary<PlannedCall> = fc.record({
  needs: fc.constantFrom(...CALL_NEEDS),
  isIdempotent: fc.boolean(),
});
const turns = fc.array(fc.array(plan, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
const which = fc.nat({ max: 20 });
const said = fc.constantFrom(
  { verdict: "approve" as const },
  { verdict: "answer" as const, answer: true },
  { verdict: "approve" as const },
  { verdict: "modify" as const, modifications: { count: 10 } },
  { verdict: "reject" as const },
  { verdict: "skip" as const },
  { verdict: "answer" as const, answer: true },
  { verdict: "answer" as const, answer: { executed: "retry" } },
  { verdict: "answer" as const, answer: { executed: "succeeded" } },
);

/** How much more often something is tried than the rest. */
const CHANCES = [1, 2, 3];
const decision = fc.tuple(which, said, fc.nat({ max: 9 })).map(([n, say, luck]) => {
  const isOther = luck === 0;
  return command(`decide ${n} ${JSON.stringify(say)}${isOther ? " of something else" : ""}`, (world, seen) =>
    onHold(world, n, (hold) => {
      const actionHash = isOther ? "sha256:other" : hold.action?.hash;
      const isDecided = world.command(hold.id, { type: "decide", by: REVIEWER, actionHash, ...say });
      if (isDecided && hold.expiresAt !== null && hold.onTimeout !== "hold" && world.now >= hold.expiresAt)
        seen.decidedLate.push(hold.id);
    }),
  );
});

const commands: fc.Arbitrary<Command>[] = [
  turns.map((planned) => command("new message", (world) => world.runs.size < 3 && world.newRun(planned))),
  ...CHANCES.map(() =>
    which.map((n) => command(`step ${n}`, (world) => onRun(world, n, (id) => world.step(id)))),
  ),
  which.map((n) =>
    command(`steps ${n}`, (world) =>
      onRun(world, n, (id) => {
        for (let i = 0; i < 6; i++) world.step(id);
      }),
    ),
  ),
  ...CHANCES.map(() => decision),
  which.map((n) =>
    command(`pause ${n}`, (world) =>
      onRun(world, n, (id) => {
        const isStepInFlight = world.callsOf(id).some(({ state }) => state.status === "executing");
        world.control(id, { type: "pause", isStepInFlight });
      }),
    ),
  ),
  which.map((n) =>
    command(`resume ${n}`, (world) => onRun(world, n, (id) => void world.control(id, { type: "resume" }))),
  ),
  // One of the two, and rarely: runs shall get old enough to see something.
  which.map((n) =>
    command(`cancel or kill ${n}`, (world) =>
      onRun(world, n, (id) => {
        if (n === 18) world.control(id, { type: "cancel" });
        if (n === 19) world.kill(id);
      }),
    ),
  ),
  which.map((n) => command(`crash ${n}`, (world) => onRun(world, n, (id) => world.crash(id)))),
  fc.tuple(which, fc.boolean()).map(([n, isOk]) =>
    command(`report ${n}`, (world) => {
      const call = [...world.calls.keys()][n % Math.max(1, world.calls.size)];
      if (call !== undefined) world.report(call, isOk);
    }),
  ),
  fc
    .constantFrom(1, 100, 299, 301)
    .map((seconds) => command(`${seconds} s pass`, (world) => world.pass(seconds))),
  which.map((n) =>
    command(`sweep ${n}`, (world) =>
      onHold(world, n, (hold) => void world.command(hold.id, { type: "timeout" })),
    ),
  ),
];

test("runs and holds together, in any order: nothing unapproved, nothing twice, one outcome, one event, no late decision, results by the turn (I1 to I3, I5, I6, I11)", () => {
  let ended = 0;
  let started = 0;
  let lost = 0;
  fc.assert(
    fc.property(turns, fc.commands(commands, { maxCommands: 80, size: "max" }), (planned, sequence) => {
      const world = new RunWorld();
      world.newRun(planned);
      fc.modelRun(
        () => ({
          model: {
            outcomes: new Map<string, HoldState>(),
            ends: new Map<string, string>(),
            decidedLate: [] as string[],
          },
          real: world,
        }),
        sequence,
      );
      ended += [...world.runs.values()].filter(({ state }) => isTerminalRun(state.status)).length;
      started += [...world.calls.values()].flatMap(({ starts }) => starts).length;
      lost += world.log.filter(({ event }) => event === "action.unknown").length;
    }),
    { numRuns: 10_000 },
  );
  // It has seen what it is about.
  expect({ ended: ended > 1_000, started: started > 5_000, lost: lost > 200 }).toEqual({
    ended: true,
    started: true,
    lost: true,
  });
}, 300_000);

function command(name: string, act: (world: RunWorld, seen: Seen) => unknown): Command {
  return {
    check: () => true,
    run(seen, world) {
      act(world, seen);
      expectSound(world, seen);
    },
    toString: () => name,
  };
}

function onRun(world: RunWorld, n: number, act: (id: string) => void): void {
  const going = [...world.runs.values()].filter(({ state }) => !isTerminalRun(state.status));
  const some = n % 5 === 0 || going.length === 0 ? [...world.runs.values()] : going;
  const id = some[n % some.length]?.state.id;
  if (id !== undefined) act(id);
}

function onHold(world: RunWorld, n: number, act: (hold: HoldState) => void): void {
  const holds = [...world.holds.values()];
  const open = holds.filter(({ status }) => status === "pending");
  // Mostly one that can still be moved.
  const some = n % 5 === 0 || open.length === 0 ? holds : open;
  const hold = some[n % Math.max(1, some.length)];
  if (hold !== undefined) act(hold);
}

const RELEASED: ReadonlySet<HoldStatus> = new Set(["approved", "modified"]);

/** Throws by itself rather than by `expect`, which costs too much 400,000 times. */
function expectSound(world: RunWorld, seen: Seen): void {
  for (const call of world.calls.values()) {
    const {
      starts,
      plan: { needs },
      state,
    } = call;
    for (const { hash, because, approvedBy } of starts) {
      if (needs !== "approval") continue;
      // I1: released by a person before it started, for these bytes.
      check(approvedBy !== null && RELEASED.has(approvedBy.status), "I1: started unapproved", call);
      check(approvedBy?.outcome?.actionHash === hash, `I1: other bytes (${because})`, call);
    }
    // I2: by its claim once; again only after a question of its own, or because somebody said so, or it may be repeated.
    check(starts.filter(({ because }) => because === "claim").length <= 1, "I2: started twice", call);
    check(
      state.isIdempotent || !starts.some(({ because }) => because === "idempotent"),
      "I2: repeated",
      call,
    );
    const run = world.runs.get(call.runId);
    if (run !== undefined && isTerminalRun(run.state.status))
      check(
        isTerminalToolCall(state.status) || state.status === "executing" || state.status === "unknown",
        "left open",
        call,
      );
  }
  for (const hold of world.holds.values()) {
    const before = seen.outcomes.get(hold.id);
    if (before !== undefined) check(before === hold, "I3: a second outcome", hold);
    if (isTerminalHold(hold.status)) seen.outcomes.set(hold.id, hold);
    const run = world.runs.get(hold.runId ?? "");
    if (run !== undefined && isTerminalRun(run.state.status))
      check(isTerminalHold(hold.status), "left open", hold);
    // I5: one event a transition.
    const records = world.log.filter(({ subject }) => subject === hold.id).length;
    check(records === hold.version, "I5: events of a hold", hold);
  }
  check(seen.decidedLate.length === 0, "I6: decided late", seen.decidedLate);
  for (const { state, told } of world.runs.values()) {
    const before = seen.ends.get(state.id);
    if (before !== undefined) check(before === state.status, "a second end", state);
    if (isTerminalRun(state.status)) seen.ends.set(state.id, state.status);
    const ends = world.log.filter(
      ({ subject, event }) => subject === state.id && /completed|failed|cancelled/.test(event),
    );
    check(ends.length === (isTerminalRun(state.status) ? 1 : 0), "I5: ends of a run", state);
    // I11: the model hears of a turn as a whole, with what became of each call.
    for (const { statuses } of told)
      check(
        statuses.every((status) => isTerminalToolCall(status as "failed")),
        "I11: told too early",
        told,
      );
  }
}

function check(isSo: boolean, what: string, subject: unknown): void {
  if (!isSo) throw new Error(`${what}: ${JSON.stringify(subject)}`);
}
